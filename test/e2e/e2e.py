#!/usr/bin/env python3
"""Runs a doctest program against real servers: the local backend in every isolation mode that this user can have.

    e2e.py --daytona-local PROGRAM TEST_PROGRAM          the local backend
    DAYTONA_API_URL=… DAYTONA_API_KEY=… e2e.py TEST_PROGRAM        any Daytona

The program finds the server in DAYTONA_API_URL and DAYTONA_API_KEY, and the mode in DAYTONA_E2E_MODE. Every exchange passes
the OpenAPI tap, and the backend must leave nothing behind.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "support")]

from wire import backend, tap         # noqa: E402
from wire.cases import Cases          # noqa: E402

_PATIENCE = 600


def run_program(program, server, url, cases):
    """Runs the test program and takes over its cases."""
    keep = {name: value for name, value in os.environ.items() if not name.startswith("DAYTONA_API")}
    environment = {**keep, "DAYTONA_API_URL": url, "DAYTONA_API_KEY": server.key, "DAYTONA_E2E_MODE": server.mode}
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.xml"
        command = [program, "--reporters=junit", f"--out={report}", "--no-skip=true"]
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace", timeout=_PATIENCE, check=False)
        results = results_of(report)
    for name, complaints in results:
        if cases.wants(f"{server.mode}: {name}"):
            cases.check(f"{server.mode}: {name}", complaints)
    if not results or (done.returncode and not any(complaints for _, complaints in results)):
        cases.fails(f"{server.mode}: {pathlib.Path(program).name} runs to its end", f"status {done.returncode}: {done.stdout[-500:]}")


def results_of(report):
    """(name, complaints) of each case that the program reported."""
    try:
        tree = xml.etree.ElementTree.parse(report)
    except (OSError, xml.etree.ElementTree.ParseError):
        return []
    return [(case.get("name"), [f"{part.get('message')} {part.text or ''}" for part in case if part.tag in ("failure", "error")])
            for case in tree.iter("testcase")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    backend.add_arguments(parser)
    parser.add_argument("program")
    options = parser.parse_args()
    options.url = options.url or os.environ.get("DAYTONA_API_URL")
    cases = Cases()
    tap.serve_through(backend.backends(options), cases, lambda server, url: run_program(options.program, server, url, cases))
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
