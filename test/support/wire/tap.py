"""The OpenAPI tap as a process before a server."""

import json
import pathlib
import signal
import subprocess
import sys
import tempfile

_PROGRAM = pathlib.Path(__file__).resolve().parents[2] / "openapi_tap/openapi_tap.py"


class Tap:
    """Clients use `url` instead of the server's; `end()` tells what was wrong with what passed."""

    def __init__(self, upstream):
        self._report = tempfile.NamedTemporaryFile(suffix=".jsonl")
        self._process = subprocess.Popen([sys.executable, _PROGRAM, "--upstream", upstream, "--report", self._report.name],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = self._process.stdout.readline().strip()

    def end(self):
        """What it found, each violation once, with the number of its occurrences."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)
        self._process.stdin.close()
        self._process.stdout.close()
        with self._report as file:
            exchanges = [json.loads(line) for line in file]
        found = {}
        for exchange in exchanges:
            for violation in exchange["violations"]:
                text = f"{exchange['route']}: {violation}"
                found[text] = found.get(text, 0) + 1
        complaints = [f"{text} ({count} times)" for text, count in sorted(found.items())]
        return complaints if exchanges else ["no exchange passed the tap"]


def serve_through(servers, cases, use):
    """Calls `use(server, url)` for each server, with the URL of a tap before it; then the tap's findings and what the server left are cases."""
    for server in servers:
        with server:
            cases.remark(f"isolation mode: {server.mode}")
            tap = Tap(server.url)
            try:
                use(server, tap.url)
            finally:
                violations = tap.end()
            for name, complaints in (("every exchange is as the OpenAPI files say", violations), ("nothing is left", server.stop())):
                if cases.wants(f"{server.mode}: {name}"):
                    cases.check(f"{server.mode}: {name}", complaints)
