#!/usr/bin/env python3
"""The official SDKs, pinned and unmodified, as clients of the local backend.

    conformance.py --daytona-local PROGRAM python|typescript
    conformance.py --url http://127.0.0.1:PORT/api python|typescript     a running server (key: DAYTONA_API_KEY)

Every exchange passes the OpenAPI tap. The SDKs are installed once, from lock files, below
${XDG_CACHE_HOME:-~/.cache}/daytona-cpp.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support")]

from wire import backend, tap            # noqa: E402
from wire.cases import Cases             # noqa: E402
from wire.packages import installed      # noqa: E402

_PATIENCE = 240
_LOCKED = {"python": ["requirements.lock"], "typescript": ["package.json", "package-lock.json"]}


def client_command(language, folder):
    if language == "python":
        return [folder / "venv/bin/python", HERE / "python/client.py"]
    return ["node", HERE / "typescript/client.mjs", folder]


def run_client(language, folder, server, url, cases):
    """Runs the client program and takes over its cases."""
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("DAYTONA_", "OTEL_")) and not name.lower().endswith("_proxy")}
    environment = {**keep, "DAYTONA_API_URL": url, "DAYTONA_API_KEY": server.key, "PYTHONPATH": str(HERE.parent / "support"), "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryDirectory() as empty:               # the SDKs look for .env where they run
        done = subprocess.run([str(part) for part in client_command(language, folder)], env=environment, cwd=empty, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=_PATIENCE, check=False)
    prefix, seen, failed = f"{server.mode}: ", 0, 0
    for line in done.stdout.splitlines():
        verdict, _, text = line.partition(": ")
        if verdict in ("pass", "fail"):
            seen += 1
            name, _, why = text.partition(" | ")
            failed += verdict == "fail"
            if cases.wants(prefix + name):
                cases.check(prefix + name, [why] if verdict == "fail" else [])
        else:
            cases.remark(line)
    if not seen or (done.returncode != 0 and not failed):
        cases.fails(prefix + f"the {language} client runs to its end", f"status {done.returncode}: {done.stderr[-500:]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    backend.add_arguments(parser)
    parser.add_argument("language", choices=["python", "typescript"])
    options = parser.parse_args()
    folder = installed(f"conformance-{options.language}", HERE / options.language, *_LOCKED[options.language])
    cases = Cases()
    tap.serve_through(backend.backends(options), cases, lambda server, url: run_client(options.language, folder, server, url, cases))
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
