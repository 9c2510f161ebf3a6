#!/usr/bin/env python3
"""Replays recorded toolbox exchanges against a sandbox of the local backend and compares the answers.

    toolbox_replay.py --daytona-local PROGRAM AREA...          every isolation mode that this user can have
    toolbox_replay.py --url http://127.0.0.1:PORT/api AREA...  a running server (key: DAYTONA_API_KEY)

An area is a file of test/vectors/toolbox. deviations.py says which rows are left out or answered otherwise, and why.
"""

import argparse
import concurrent.futures
import pathlib
import sys
import time
import urllib.parse

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "support")]

import comparing                                               # noqa: E402
import deviations                                              # noqa: E402
import rows                                                    # noqa: E402
from wire import backend, http_message, plain_client, web_socket  # noqa: E402
from wire.cases import Cases                                   # noqa: E402

# Rows that only wait for so long run beside the others, which don't depend on them.
_LONG_MS = 5000

# Areas in which a row depends on what the rows before it began, and on the time that they had for it since.
_PACED = {"session"}


class Sandbox:
    """A sandbox made for the replay, and where its toolbox is reached."""

    def __init__(self, server):
        self._api = plain_client.ApiClient(server.url, server.key)
        answer = self._api.call("POST", "/sandbox", {})
        if answer.status != 200:
            raise RuntimeError(f"no sandbox: {answer.status} {answer.body!r}")
        sandbox = answer.json()
        self.id = sandbox["id"]
        parts = urllib.parse.urlsplit(sandbox["toolboxProxyUrl"])
        self.host, self.port, self.base_path = parts.hostname, parts.port or 80, f"{parts.path.rstrip('/')}/{self.id}"
        self.authorization = self._api.authorization

    def run(self, command):
        answer = self._api.call("POST", "/process/execute", {"command": command}, base=self.base_path)
        return answer.json()

    def remove(self):
        return self._api.call("DELETE", f"/sandbox/{self.id}").status


def replay_area(area, sandbox, cases, prefix):
    recorded = rows.read(rows.VECTORS / "toolbox" / f"{area}.jsonl")
    chosen = []
    for row in recorded:
        if row["kind"] == "setup":
            chosen.append(row)
        elif reason := deviations.why_left_out(row):
            cases.remark(f"left out: {row['name']}: {reason}")
        elif cases.wants(prefix + row["name"]):
            chosen.append(deviations.rewritten(row))
    while chosen and chosen[-1]["kind"] == "setup":            # prepares rows that are left out
        chosen.pop()
    pace = Pace(area in _PACED)
    _replay(chosen, sandbox, pace, lambda row, found: cases.check(prefix + row["name"], found))


class Pace:
    """Waits between exchanges as the recorder did, where that matters."""

    def __init__(self, matters):
        self.matters, self._last = matters, None

    def before(self, row):
        if self.matters and self._last is not None:
            time.sleep(max(0, row["at_ms"] - self._last) / 1000)
        self._last = row["at_ms"]

    def after(self, group):
        self._last = max(row["at_ms"] + row["ms"] for row in group)


def _replay(chosen, sandbox, pace, report):
    bindings = rows.Bindings()
    long_ms = float("inf") if pace.matters else _LONG_MS
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        long_rows = []
        for group in rows.groups([row for row in chosen if row["kind"] == "setup" or row["ms"] < long_ms]):
            if group[0]["kind"] == "setup":
                _prepare(group[0], sandbox)
                if not long_rows:
                    long_rows = [(row, threads.submit(_exchange, row, sandbox, bindings)) for row in chosen if row.get("ms", 0) >= long_ms]
                continue
            futures = []
            for row in group:
                pace.before(row)
                futures.append(threads.submit(_end, row, _begin(row, sandbox, bindings), sandbox, bindings))
            for row, future in zip(group, futures):
                report(row, future.result())
            pace.after(group)
        for row, future in long_rows:
            report(row, future.result())


def _prepare(row, sandbox):
    result = sandbox.run(row["command"])
    if result.get("exitCode") != row.get("exit_code", 0):
        raise RuntimeError(f"{row['name']}: {result}")


def _exchange(row, sandbox, bindings):
    return _end(row, _begin(row, sandbox, bindings), sandbox, bindings)


def _begin(row, sandbox, bindings):
    """Sends a row's request, so that the next one of its group goes out while this one is under way."""
    connection = plain_client.connect(sandbox.host, sandbox.port)
    plain_client.send(connection, rows.request_bytes(
        bindings.fill(row["request"]), sandbox.base_path, f"{sandbox.host}:{sandbox.port}", sandbox.authorization,
        kind=row["kind"], omit_host=row["name"].endswith("http without host")))
    return connection


def _end(row, connection, sandbox, bindings):
    """Receives the answer; returns what is wrong with it."""
    wanted = deviations.expectation(row, sandbox.base_path)
    with connection:
        try:
            if row["kind"] == "ws" and wanted.frames is not None:
                return _converse(wanted, connection)
            answer = plain_client.receive(connection, row["request"].get("method", "GET"))
        except (plain_client.NoAnswer, http_message.MalformedMessage, ValueError, OSError) as error:
            return [str(error)]
    bindings.remember(row, answer.body)
    return comparing.complaints(wanted.response, wanted.volatile, wanted.unordered, answer, body_matters=wanted.body_matters)


def _converse(wanted, connection):
    """Holds the recorded conversation. One that the recorder left is left once all that it had heard was said."""
    answer, rest = plain_client.receive_with_rest(connection, "GET")
    if answer.status != 101:
        return [f"status {answer.status} instead of 101, body {answer.body[:200]!r}"]
    sends = [(frame["ms"] / 1000, frame["type"], rows.body_bytes(frame["data"])) for frame in wanted.frames if frame["dir"] == "send"]
    heard = sum(len(rows.body_bytes(frame["data"])) for frame in wanted.frames if frame["dir"] == "recv" and frame["type"] in ("text", "binary"))
    is_left = wanted.end == "limit"
    talk = web_socket.converse(connection, rest, sends, enough=(lambda payload: len(payload) >= heard) if is_left else None)
    return comparing.socket_complaints(wanted.frames, talk)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    backend.add_arguments(parser)
    parser.add_argument("areas", nargs="+", metavar="AREA")
    options = parser.parse_args()
    cases = Cases()
    for server in backend.backends(options):
        prefix = f"{server.mode}: "
        with server:
            sandbox = Sandbox(server)
            try:
                for area in options.areas:
                    replay_area(area, sandbox, cases, prefix)
            finally:
                sandbox.remove()
            if cases.wants(prefix + "nothing is left"):
                cases.check(prefix + "nothing is left after the replay", server.stop())
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
