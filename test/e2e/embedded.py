#!/usr/bin/env python3
"""Runs a doctest program that starts backends of its own, as each user whose isolation mode there is here.

    embedded.py --daytona-toolbox PROGRAM TEST_PROGRAM
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "support")]

from e2e import results_of            # noqa: E402
from wire import backend              # noqa: E402
from wire.cases import Cases          # noqa: E402

_PATIENCE = 300


def run(mode, program, toolbox, cases):
    with tempfile.TemporaryDirectory(prefix="daytona-embedded-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o777)
        temporary = folder / "tmp"
        temporary.mkdir()
        temporary.chmod(0o777)
        program, toolbox = shutil.copy(program, folder), shutil.copy(toolbox, folder)
        environment = {"PATH": os.environ["PATH"], "HOME": name, "TMPDIR": str(temporary), "DAYTONA_TOOLBOX": str(toolbox)}
        environment |= {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
        report = folder / "report.xml"
        command = [*mode.prefix, program, "--reporters=junit", f"--out={report}", "--no-skip=true"]
        wanted = os.environ.get("DAYTONA_TEST_FILTER")
        if wanted:
            command.append(f"--test-case=*{wanted.removeprefix(mode.name + ': ')}*")
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", timeout=_PATIENCE, check=False)
        results = results_of(report)
        if wanted and not results and not done.returncode:
            return                                     # none of its cases is asked for
        for case, complaints in results:
            cases.check(f"{mode.name}: {case}", complaints)
        if not results or (done.returncode and not any(complaints for _, complaints in results)):
            cases.fails(f"{mode.name}: {pathlib.Path(program).name} runs to its end", f"status {done.returncode}: {done.stdout[-500:]}")
        cases.check(f"{mode.name}: no file is left", [f"left: {path}" for path in temporary.rglob("*")][:5])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--daytona-toolbox", required=True)
    parser.add_argument("program")
    options = parser.parse_args()
    cases = Cases()
    for mode in backend.available_modes():
        cases.remark(f"isolation mode: {mode.name}")
        run(mode, options.program, options.daytona_toolbox, cases)
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
