#!/usr/bin/env python3
"""A loopback proxy that judges every exchange by the OpenAPI files.

    openapi_tap.py --upstream http://127.0.0.1:PORT[/api] --report FILE

Prints its own URL, of the same form as the upstream's, as its first line. Toolbox bases in answers are changed so that
toolbox traffic passes here too. Ends on SIGTERM, SIGINT or the end of its standard input, with status 1 if an exchange
violated the description (known_differences.py says where the wire is known to differ). The report has a line of JSON
for each exchange: route, status, milliseconds, violations.
"""

import argparse
import asyncio
import json
import pathlib
import signal
import sys
import urllib.parse

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "support")]

from exchange_check import Judge          # noqa: E402
from reverse_proxy import ReverseProxy, Upstream  # noqa: E402

_OPENAPI = pathlib.Path(__file__).resolve().parents[1] / "openapi"


class Report:
    def __init__(self, judge, file):
        self._judge, self._file = judge, file
        self.exchanges = self.violations = 0

    def add(self, exchange, complaint, seconds):
        route, violations = self._judge.judge(exchange)
        if complaint:
            violations = [complaint, *violations]
        self.exchanges += 1
        self.violations += len(violations)
        line = {"route": route, "path": exchange.path, "status": exchange.status, "ms": round(seconds * 1000, 1), "violations": violations}
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        for violation in violations:
            print(f"openapi_tap: {route}: {violation}", file=sys.stderr, flush=True)


async def run(upstream_url, report):
    proxy = ReverseProxy(Upstream(upstream_url), report.add)
    server = await proxy.listen()
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    _watch_standard_input(loop, end)
    print(proxy.origin + urllib.parse.urlsplit(upstream_url).path, flush=True)
    await end.wait()
    server.close()


def _watch_standard_input(loop, end):
    """A terminal or a closed standard input is no sign of a parent that left."""
    def readable():
        if not sys.stdin.buffer.raw.read(4096):
            loop.remove_reader(sys.stdin)
            end.set()
    if sys.stdin and not sys.stdin.closed and not sys.stdin.isatty():
        try:
            loop.add_reader(sys.stdin, readable)
        except (OSError, ValueError):     # a plain file, /dev/null: epoll takes none
            pass


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--upstream", required=True)
    arguments.add_argument("--report", required=True)
    options = arguments.parse_args()
    with open(options.report, "w", encoding="utf-8") as file:
        report = Report(Judge(_OPENAPI / "api.json", _OPENAPI / "toolbox.json"), file)
        asyncio.run(run(options.upstream, report))
    print(f"openapi_tap: {report.exchanges} exchanges, {report.violations} violations", file=sys.stderr)
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
