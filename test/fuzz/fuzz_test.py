"""Runs a fuzz target over its corpus and a number of inputs made from it, always the same ones. Of the target `planted` it is expected that its defect is found.

fuzz_test.py TARGET CORPUS
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = 10_000  # about a second
RUNS_TO_PLANTED_DEFECT = 1_000_000


def run_target(target, corpus, runs):
    """Returns how it ended, what it printed and the inputs that it reported."""
    with tempfile.TemporaryDirectory() as folder:
        grown = Path(folder) / "corpus"
        grown.mkdir()
        command = [target, grown, corpus, f"-runs={runs}", "-seed=1", "-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1",
                   f"-artifact_prefix={folder}/found-"]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
        return done.returncode, done.stderr, [path.read_bytes() for path in Path(folder).glob("found-*")]


def check_planted(target, corpus):
    status, output, found = run_target(target, corpus, RUNS_TO_PLANTED_DEFECT)
    is_reported = status != 0 and "heap-buffer-overflow" in output and any(each.startswith(b"bug") for each in found)
    return "" if is_reported else "its defect was not reported", output


def check_promises(target, corpus, seeds):
    status, output, found = run_target(target, corpus, RUNS)
    runs = re.search(r"number_of_executed_units: (\d+)", output)
    if status or not runs or int(runs[1]) <= seeds:
        return ", ".join(map(repr, found)) or "it did not run", output
    return "", output


def main():
    target, corpus = (Path(argument).resolve() for argument in sys.argv[1:])
    is_planted = target.name == "planted"
    name = "a defect that was planted is found and reported" if is_planted else f"{target.name} holds what it promises, whatever the bytes"
    if os.environ.get("DAYTONA_TEST_FILTER", "") not in name:
        return 0
    seeds = len([path for path in corpus.iterdir() if path.is_file()]) if corpus.is_dir() else 0
    if not seeds:
        print(f"not ok {name}: its corpus is empty: {corpus}")
        return 1
    failure, output = check_planted(target, corpus) if is_planted else check_promises(target, corpus, seeds)
    if failure:
        print("\n".join(output.splitlines()[-40:]))
        print(f"not ok {name}: {failure}")
        return 1
    print(f"ok {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
