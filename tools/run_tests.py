"""Runs the tests that Meson knows in a build folder, and counts test cases. Those with `is_parallel: false` run alone, after the others.

Two kinds of programs are understood: doctest's (Meson protocol `exitcode`), which get the filter as `--test-case`, and those that print
`ok NAME`, `not ok NAME: why` or `ok NAME # SKIP why` for each case (protocol `tap`), which find it in DAYTONA_TEST_FILTER.
"""

import argparse
import concurrent.futures
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

DOCTEST_SUMMARY = re.compile(r"^\[doctest\] test cases:\s*\d+ \|\s*(\d+) passed \|\s*(\d+) failed \|\s*(\d+) skipped", re.M)
TAP_LINE = re.compile(r"^(ok|not ok)\b(?P<rest>.*)$", re.M)


@dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def count_doctest(output, filtered):
    """With a filter doctest counts as skipped what the filter left out: then skipping is off, and the number says nothing."""
    total = Count()
    for passed, failed, skipped in DOCTEST_SUMMARY.findall(output):
        total += Count(int(passed), int(failed), 0 if filtered else int(skipped))
    return total


def count_tap(output):
    total = Count()
    for match in TAP_LINE.finditer(output):
        if match[1] == "not ok":
            total.failed += 1
        elif re.search(r"#\s*skip", match["rest"], re.I):
            total.skipped += 1
        else:
            total.passed += 1
    return total


def command_of(test, pattern):
    if test["protocol"] == "tap":
        return test["cmd"]
    escaped = pattern.replace("\\", "\\\\").replace(",", "\\,")
    filters = [f"--test-case=*{escaped}*", "--no-skip=true"] if pattern else []
    return [*test["cmd"], "--no-colors=true", *filters]


running = set()  # to be ended if this program is interrupted


def end_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    running.discard(process)


def run(test, folder, pattern, patience):
    """Runs one program, like Meson in the build folder, in a process group of its own; returns its count, its output, and why it failed apart from its cases."""
    environment = {**os.environ, **test["env"], "DAYTONA_TEST_FILTER": pattern}
    process = subprocess.Popen(command_of(test, pattern), cwd=test["workdir"] or folder, env=environment, start_new_session=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    running.add(process)
    limit = test["timeout"] * patience if test["timeout"] > 0 else None
    try:
        output, _ = process.communicate(timeout=limit)
        fault = f"exit status {process.returncode}" if process.returncode else ""
    except subprocess.TimeoutExpired:
        end_group(process)
        output, _ = process.communicate()
        fault = f"did not end within {limit:.0f} s"
    finally:
        end_group(process)

    text = output.decode(errors="replace")
    count = count_tap(text) if test["protocol"] == "tap" else count_doctest(text, bool(pattern))
    if count == Count() and not fault and not pattern:
        fault = "reported no test case"
    if fault and not count.failed:
        count.failed = 1
    return count, text, fault


def modes_of(output):
    """What a program says of how it ran sandboxes: "# isolation mode: shifted"."""
    modes = dict.fromkeys(line.removeprefix("# isolation mode: ") for line in output.splitlines() if line.startswith("# isolation mode: "))
    return [f"({', '.join(modes)})"] if modes else []


def tests_of(folder):
    listing = subprocess.run(["meson", "introspect", "--tests", folder], check=True, capture_output=True)
    return json.loads(listing.stdout)


def suites_of(test):
    return {suite.rsplit(":", 1)[-1] for suite in test["suite"]}


def chosen_tests(folders, suites):
    """Pairs of a test and its name with the suite. The longest first, so that none is left over when the others are done."""
    tests = [(test, folder) for folder in folders for test in tests_of(folder)]
    chosen = [({**test, "folder": folder}, f"{suite}/{test['name']}") for suite in suites for test, folder in tests if suite in suites_of(test)]
    return sorted(chosen, key=lambda each: -each[0]["timeout"])


def run_all(chosen, jobs, pattern, patience):
    """Yields name, count, output, fault and seconds of each as it ends."""
    def timed(test, name):
        started = time.monotonic()
        result = run(test, test["folder"], pattern, patience)
        return name, *result, time.monotonic() - started

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        try:
            together = [pool.submit(timed, test, name) for test, name in chosen if test["is_parallel"]]
            for each in concurrent.futures.as_completed(together):
                yield each.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(running):
                end_group(process)
            raise
    for test, name in chosen:
        if not test["is_parallel"]:
            yield timed(test, name)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--filter", default="", help="run the cases whose name contains this")
    parser.add_argument("--jobs", type=int, default=1, help="how many programs may run at the same time")
    parser.add_argument("--patience", type=float, default=1, help="multiplies the time limits")
    parser.add_argument("--other", action="append", default=[], metavar="FOLDER", help="a build folder with more tests")
    parser.add_argument("folder")
    parser.add_argument("suites", nargs="+")
    arguments = parser.parse_args()

    total = Count()
    chosen = chosen_tests([arguments.folder, *arguments.other], arguments.suites)
    for name, count, output, fault, took in run_all(chosen, arguments.jobs, arguments.filter, arguments.patience):
        total += count
        if count.failed or count.skipped:
            print(output.rstrip())
        if count != Count():
            print(f"{name:<36} {count}, {took:.1f} s{': ' + fault if fault else ''}", *modes_of(output), flush=True)
    print(total)
    if arguments.filter and total == Count():
        sys.exit(f"no test case matches '{arguments.filter}'")
    sys.exit(1 if total.failed or total.skipped or not total.passed else 0)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
