"""clang-tidy over our own translation units, two at a time; a unit that passed is checked again only when something it is made of changed.

`tidy.py BUILD_FOLDER [FILE…]`. What passed is remembered below $XDG_CACHE_HOME/daytona-cpp/tidy, under a hash of the checks, the compile
command, and the text of the unit and of every header of this repository that it reaches.
"""

import concurrent.futures
import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OWN = ("src/", "samples/", "bench/", "test/")
ASKED_FOR = ("test/",)  # doctest's headers take longer than all checks: only when named
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)
TOOL = "clang-tidy-19"


def units(folder):
    """Own units as path → compile command; one command a file is enough."""
    found = {}
    for entry in json.loads((folder / "compile_commands.json").read_text()):
        path = Path(os.path.normpath(Path(entry["directory"]) / entry["file"]))
        if path.is_relative_to(ROOT) and str(path.relative_to(ROOT)).startswith(OWN):
            found.setdefault(path, entry["command"])
    return found


def reached(path, seen):
    """The unit and every file of this repository that it includes, however deep."""
    if path in seen:
        return
    seen.add(path)
    for spelled in INCLUDE.findall(path.read_text(errors="replace")):
        for base in (path.parent, ROOT / "src", ROOT / "include", ROOT / "test", ROOT / "test/support"):
            candidate = Path(os.path.normpath(base / spelled))
            if candidate.is_file() and candidate.is_relative_to(ROOT):
                reached(candidate, seen)
                break


@functools.cache
def version():
    return subprocess.run([TOOL, "--version"], capture_output=True).stdout


def key_of(path, command):
    digest = hashlib.sha256()
    seen = set()
    reached(path, seen)
    checks = [folder / ".clang-tidy" for folder in path.parents if folder.is_relative_to(ROOT)]
    for part in (version(), *(file.read_bytes() for file in checks if file.is_file()), command.replace(str(ROOT), "").encode()):
        digest.update(part)
    for file in sorted(seen):
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def check(folder, path, mark):
    """Runs clang-tidy; returns its findings, None for a clean unit."""
    result = subprocess.run([TOOL, "--quiet", "-p", folder, path], capture_output=True, text=True)
    if result.returncode == 0:
        mark.touch()
        return None
    return result.stdout.strip() or result.stderr.strip()


def is_chosen(path, wanted):
    return path in wanted if wanted else not str(path.relative_to(ROOT)).startswith(ASKED_FOR)


def main():
    if not shutil.which(TOOL):
        sys.exit(f"tidy: {TOOL} is not installed: ./dev setup")
    folder = Path(sys.argv[1])
    wanted = {Path(name).resolve() for name in sys.argv[2:]}
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "daytona-cpp" / "tidy"
    cache.mkdir(parents=True, exist_ok=True)

    chosen = {path: command for path, command in units(folder).items() if is_chosen(path, wanted)}
    todo = [(path, cache / key_of(path, command)) for path, command in chosen.items()]
    todo = [(path, mark) for path, mark in todo if not mark.exists()]
    started, bad = time.monotonic(), 0
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("DEV_JOBS") or os.cpu_count())) as pool:
        running = {pool.submit(check, folder, path, mark): path for path, mark in todo}
        for number, done in enumerate(concurrent.futures.as_completed(running), 1):
            print(f"[{number}/{len(todo)}] {running[done].relative_to(ROOT)}", flush=True)
            if findings := done.result():
                bad += 1
                print(findings, flush=True)
    print(f"tidy: {len(chosen)} units, {len(todo)} checked in {time.monotonic() - started:.0f} s, {bad} with findings")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
