"""Runs a fuzz target for a few seconds, from its corpus on.

fuzz_test.py TARGET CORPUS
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SECONDS = 2


def main():
    target, corpus = (Path(argument).resolve() for argument in sys.argv[1:])
    name = f"{target.name} holds what it promises, whatever the bytes"
    if os.environ.get("DAYTONA_TEST_FILTER", "") not in name:
        return 0
    seeds = [path for path in corpus.iterdir() if path.is_file()] if corpus.is_dir() else []
    if not seeds:
        print(f"not ok {name}: its corpus is empty: {corpus}")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        command = [target, folder, corpus, f"-max_total_time={SECONDS}", "-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1",
                   f"-artifact_prefix={folder}/found-"]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
        found = [path.read_bytes() for path in Path(folder).glob("found-*")]
    runs = re.search(r"number_of_executed_units: (\d+)", done.stderr)
    if done.returncode or not runs or int(runs[1]) <= len(seeds):
        print("\n".join(done.stderr.splitlines()[-40:]))
        print(f"not ok {name}: {', '.join(map(repr, found)) or 'it did not run'}")
        return 1
    print(f"ok {name} ({runs[1]} inputs)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
