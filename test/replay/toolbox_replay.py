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
import interpreter_talk                                        # noqa: E402
import rows                                                    # noqa: E402
import terminal_rows                                           # noqa: E402
from wire import backend, http_message, plain_client, web_socket  # noqa: E402
from wire.cases import Cases                                   # noqa: E402

# Rows that only wait for so long run beside the others, which don't depend on them.
_LONG_MS = 5000

# Areas in which a row depends on what the rows before it began: none is asked out of turn, and one that the recorder had waited for is asked until it holds.
_IN_TURN = {"interpreter", "pty", "session"}
_WAITED_MS, _PATIENCE = 100, 10

# An area that finds what another one left comes behind it, in the same sandbox.
_BEHIND = {"errors": "session"}


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
        self.mode = server.mode
        self.authorization = self._api.authorization
        self.typed = set()                                     # lines, into terminals

    def run(self, command):
        answer = self._api.call("POST", "/process/execute", {"command": command}, base=self.base_path)
        return answer.json()

    def commands(self, session_path):
        return self._api.call("GET", session_path, base=self.base_path).json().get("commands")

    def remove(self):
        return self._api.call("DELETE", f"/sandbox/{self.id}").status


def replay_area(area, sandbox, cases, prefix):
    recorded = rows.read(rows.VECTORS / "toolbox" / f"{area}.jsonl")
    chosen = []
    for row in recorded:
        if row["kind"] == "setup":
            chosen.append(row)
        elif reason := deviations.why_left_out(row, sandbox.mode):
            cases.remark(f"left out: {row['name']}: {reason}")
        elif cases.wants(prefix + row["name"]):
            chosen.append(deviations.rewritten(row))
    while chosen and chosen[-1]["kind"] == "setup":            # prepares rows that are left out
        chosen.pop()
    in_turn = area in _IN_TURN
    waited = _waited_for(recorded) if in_turn and area != "pty" else set()
    sandbox.typed |= terminal_rows.typed_lines(recorded)
    _replay(chosen, sandbox, in_turn, waited, lambda row, found: cases.check(prefix + row["name"], found))


def _waited_for(recorded):
    """The names of rows that profit from time which the recorder let pass since something was begun."""
    found, end, waits = set(), 0, False
    for row in recorded:
        if row["kind"] == "setup":
            end = row["at_ms"]
            continue
        waits = row["at_ms"] - end >= _WAITED_MS or (waits and not row["request"]["path"].endswith("/exec"))
        if waits:
            found.add(row["name"])
        end = max(end, row["at_ms"] + row["ms"])
    return found


def _replay(chosen, sandbox, in_turn, waited, report):
    bindings = rows.Bindings()
    long_ms = float("inf") if in_turn else _LONG_MS
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        long_rows = []
        for group in rows.groups([row for row in chosen if row["kind"] == "setup" or row["ms"] < long_ms]):
            if group[0]["kind"] == "setup":
                _prepare(group[0], sandbox)
                if not long_rows:
                    long_rows = [(row, threads.submit(_exchange, row, sandbox, bindings)) for row in chosen if row.get("ms", 0) >= long_ms]
                continue
            under_way = []
            for row in group:
                for other, _, talk in under_way if in_turn else []:
                    _await_progress(other, talk, row, sandbox)
                talk = web_socket.Conversation()
                connection = _begin(row, sandbox, bindings)
                under_way.append((row, threads.submit(_end, row, connection, sandbox, bindings, talk), talk))
            for row, future, _ in under_way:
                found, end = future.result(), time.monotonic() + _PATIENCE
                while found and row["name"] in waited and time.monotonic() < end:
                    found = _exchange(row, sandbox, bindings)
                report(row, found)
        for row, future in long_rows:
            report(row, future.result())


def _await_progress(row, talk, later, sandbox):
    """Waits until `row`, which is under way, is as far as it was when `later` was recorded."""
    end = time.monotonic() + _PATIENCE
    if row["kind"] == "ws":
        heard = 1 if terminal_rows.is_one(row) else _heard(frame for frame in row["frames"] if row["at_ms"] + frame["ms"] < later["at_ms"])
        talk.await_payload(heard, _PATIENCE)
        talk.await_sent(sum(frame["dir"] == "send" and row["at_ms"] + frame["ms"] < later["at_ms"] for frame in row["frames"]), _PATIENCE)
    elif row["request"]["path"].endswith("/exec"):
        while not sandbox.commands(row["request"]["path"].removesuffix("/exec")) and time.monotonic() < end:
            pass


def _heard(frames):
    """Bytes of a conversation's messages that came."""
    return sum(len(rows.body_bytes(frame["data"])) for frame in frames if frame["dir"] == "recv" and frame["type"] in ("text", "binary"))


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


def _end(row, connection, sandbox, bindings, talk=None):
    """Receives the answer; returns what is wrong with it."""
    wanted = deviations.expectation({**row, "request": bindings.fill(row["request"])}, sandbox.base_path)
    with connection:
        try:
            if row["kind"] == "ws" and wanted.frames is not None:
                held = talk or web_socket.Conversation()
                if terminal_rows.is_one(row):
                    return _converse_with_terminal(row, connection, held, sandbox.typed)
                wanted.frames = bindings.fill_frames(row["request"], wanted.frames)
                return _converse(row, wanted, connection, held)
            answer = plain_client.receive(connection, row["request"].get("method", "GET"))
        except (plain_client.NoAnswer, http_message.MalformedMessage, ValueError, OSError) as error:
            return [str(error)]
    bindings.remember(row, answer.body)
    return comparing.complaints(wanted.response, wanted.volatile, wanted.unordered, answer, body_matters=wanted.body_matters)


def _converse(row, wanted, connection, talk):
    """Holds the recorded conversation. One that the recorder left is left once all that it had heard was said."""
    answer, rest = plain_client.receive_with_rest(connection, "GET")
    if answer.status != 101:
        return [f"status {answer.status} instead of 101, body {answer.body[:200]!r}"]
    sends = [(frame["ms"] / 1000, frame["type"], _payload(frame)) for frame in wanted.frames if frame["dir"] == "send"]
    heard = _heard(wanted.frames)
    is_left = wanted.end == "limit"
    web_socket.converse(talk, connection, rest, sends, enough=(lambda payload: len(payload) >= heard) if is_left else None)
    compare = interpreter_talk.complaints if row["request"]["path"].startswith("/process/interpreter") else comparing.socket_complaints
    return compare(wanted.frames, talk)


def _payload(frame):
    return frame["code"].to_bytes(2, "big") if frame["type"] == "close" else rows.body_bytes(frame["data"])


def _converse_with_terminal(row, connection, talk, typed):
    answer, rest = plain_client.receive_with_rest(connection, "GET")
    if answer.status != 101:
        return [f"status {answer.status} instead of 101, body {answer.body[:200]!r}"]
    enough = terminal_rows.is_told(row, typed) if row["end"] == "recorder left" else None
    web_socket.converse(talk, connection, rest, terminal_rows.sends(row["frames"]), enough=enough)
    return terminal_rows.complaints(row, talk, typed)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    backend.add_arguments(parser)
    parser.add_argument("areas", nargs="+", metavar="AREA")
    options = parser.parse_args()
    cases = Cases()
    servers = backend.backends(options)
    with concurrent.futures.ThreadPoolExecutor(len(servers)) as threads:       # what they do is to wait, most of the time
        for done in [threads.submit(_replay_on, server, options.areas, cases) for server in servers]:
            done.result()
    return cases.finish()


def _replay_on(server, areas, cases):
    """Each area in a sandbox of its own, or behind another, all at once."""
    prefix = f"{server.mode}: "
    chains = {area: [area] for area in areas if _BEHIND.get(area) not in areas}
    for area in set(areas) - set(chains):
        chains[_BEHIND[area]].append(area)
    with server:
        with concurrent.futures.ThreadPoolExecutor(len(chains)) as threads:
            for done in [threads.submit(_replay_in_sandbox, server, chain, cases, prefix) for chain in chains.values()]:
                done.result()
        if cases.wants(prefix + "nothing is left"):
            cases.check(prefix + "nothing is left after the replay", server.stop())


def _replay_in_sandbox(server, areas, cases, prefix):
    sandbox = Sandbox(server)
    try:
        for area in areas:
            replay_area(area, sandbox, cases, prefix)
    finally:
        sandbox.remove()


if __name__ == "__main__":
    sys.exit(main())
