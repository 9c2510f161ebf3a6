#!/usr/bin/env python3
"""Sends the recorded requests of the official SDKs to the control plane of the local backend and judges its answers.

    control_replay.py --daytona-local PROGRAM AREA...
    control_replay.py --url http://127.0.0.1:PORT/api AREA...     a running server (key: DAYTONA_API_KEY)

The recorded answers are those of a fake, so they say nothing. What counts: the backend answers each request of a route that
exists, with success unless it refuses the feature on purpose (control_cases.py), and the SDKs accept the answer (tolerance.tsv).
"""

import argparse
import json
import pathlib
import sys
import urllib.parse

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "support")]

import control_cases                                           # noqa: E402
import rows                                                    # noqa: E402
import tolerance                                               # noqa: E402
from wire import backend, http_message, plain_client           # noqa: E402
from wire.cases import Cases                                   # noqa: E402
from wire.sandbox_calls import await_state                     # noqa: E402

_CONTROL = rows.VECTORS / "control"
_PATIENCE = 30
_ENVELOPE = {"path": str, "timestamp": str, "statusCode": int, "error": str, "message": str}
_OBJECTS = {"create": "Sandbox (get)", "get": "Sandbox (get)", "delete": "Sandbox (get)", "start": "Sandbox (get)", "stop": "Sandbox (get)",
            "config": "DaytonaConfiguration (get_metrics)"}


class Session:
    """One recorded client's run: its sandbox ids stand for real sandboxes made here."""

    def __init__(self, server, headers, table):
        self._server = server
        self._api = plain_client.ApiClient(server.url, server.key)
        self._headers, self._table = headers, table
        self._real = {}                   # recorded id or name → real id
        self._made = []

    def replay(self, row):
        """What is wrong with the answers to a row's requests; None if no request is of a route that exists."""
        found, sent, last = [], 0, None
        for exchange in row["exchanges"]:
            request = control_cases.request_of(exchange)
            if request is None or request.recorded == last:    # a poll is asked once
                continue
            last, sent = request.recorded, sent + 1
            try:
                found += [f"{request.recorded['method']} {request.path}: {text}" for text in self._one(request, exchange.get("response") or {})]
            except (plain_client.NoAnswer, http_message.MalformedMessage, OSError) as error:
                found.append(f"{request.recorded['method']} {request.path}: {error}")
        return found if sent else None

    def close(self):
        for id in self._made:
            self._settle(id)
            self._api.call("DELETE", f"/sandbox/{id}")

    def _one(self, request, recorded):
        status, words = self._wanted(request, recorded)
        if request.id is not None and status < 400:
            self._prepare(request)
        answer = self._send(request)
        if request.route == "create" and answer.status == 200:
            self._remember(answer.json(), recorded)
        if request.route == "delete" and answer.status == 200:
            self._real.pop(urllib.parse.unquote(request.id), None)
        return self._judge(request, answer, status, words)

    def _wanted(self, request, recorded):
        """Status and words of the answer wanted."""
        body = rows.body_bytes(request.recorded.get("body"))
        if request.route == "create":
            return control_cases.wanted_create(json.loads(body))
        if request.route == "list":
            return control_cases.wanted_list(urllib.parse.parse_qs(request.recorded.get("raw_query", "")))
        if request.route == "last-activity":
            return 201, []
        unknown = request.id is not None and urllib.parse.unquote(request.id) not in self._real
        if recorded.get("status") == 404 and unknown and request.route != "execute":
            return 404, []
        return 200, []

    def _prepare(self, request):
        """Makes the sandbox that a recorded id stands for, in a state in which the request has to succeed."""
        name = urllib.parse.unquote(request.id)
        if name not in self._real:
            answer = self._api.call("POST", "/sandbox", {"labels": {"stands-for": name}})
            if answer.status != 200:
                raise RuntimeError(f"no sandbox: {answer.status} {answer.body!r}")
            self._real[name] = answer.json()["id"]
            self._made.append(self._real[name])
        if request.route in ("start", "stop", "delete", "execute", "directory"):
            self._settle(self._real[name])
        if request.route in ("stop", "execute", "directory"):
            self._api.call("POST", f"/sandbox/{self._real[name]}/start")

    def _settle(self, id):
        """Waits until an earlier stop or start has come to its end: a change under way refuses the next one."""
        await_state(self._server, self._api, id, lambda state: state not in ("starting", "stopping", "creating"), _PATIENCE)

    def _remember(self, sandbox, recorded):
        self._made.append(sandbox["id"])
        try:
            fake = json.loads(recorded["body"]["text"])
        except (KeyError, ValueError):
            return
        for key in ("id", "name"):
            if isinstance(fake.get(key), str):
                self._real[fake[key]] = sandbox["id"]

    def _send(self, request):
        recorded = dict(request.recorded)
        path = request.path
        if request.id is not None:
            real = self._real.get(urllib.parse.unquote(request.id))
            path = path.replace(f"/{request.id}", f"/{real}", 1) if real else path
        recorded["path"] = path
        if request.route == "create":
            self._free_name(recorded)
        if "cursor=" in recorded.get("raw_query", ""):
            recorded["raw_query"] = self._with_own_cursor(recorded["raw_query"])
        recorded["headers"] = dict(self._headers[recorded["headers"]])
        base = "" if request.route in ("execute", "directory") else self._api.base
        # `/api//sandbox`, of a client that was given a base with a slash at its end
        base += "/" if request.recorded["path"].startswith("/api//") else ""
        data = rows.request_bytes(recorded, base, f"{self._api.host}:{self._api.port}", self._api.authorization)
        return self._api.raw(data, recorded["method"])

    def _free_name(self, recorded):
        """The fake allows a name twice; here the first sandbox has to go."""
        name = json.loads(rows.body_bytes(recorded["body"])).get("name")
        if name:
            self._api.call("DELETE", "/sandbox/" + urllib.parse.quote(name, safe=""))
            self._real.pop(name, None)

    def _with_own_cursor(self, query):
        """Cursors are opaque: the recorded one stands for one of ours, taken from a first page."""
        pairs = [pair for pair in urllib.parse.parse_qsl(query, keep_blank_values=True) if pair[0] not in ("cursor", "limit")]
        for name in ("first", "second"):
            self._prepare(control_cases.Request("get", name, "", {}))
        page = self._api.call("GET", "/sandbox?" + urllib.parse.urlencode([*pairs, ("limit", "1")])).json()
        if page.get("nextCursor"):
            pairs.append(("cursor", page["nextCursor"]))
        return urllib.parse.urlencode([*pairs, ("limit", "2")])

    def _judge(self, request, answer, status, words):
        if answer.status != status:
            return [f"{answer.status} instead of {status}: {answer.body[:300]!r}"]
        if answer.headers.get("content-type", "").split(";")[0] != "application/json" and answer.body:
            return [f"Content-Type {answer.headers.get('content-type')}"]
        if status == 201:
            return [f"a body where none is: {answer.body[:60]!r}"] if answer.body else []
        try:
            value = tolerance.parse(answer.body)
        except ValueError:
            return [f"not JSON: {answer.body[:100]!r}"]
        return self._envelope(value, status, words) if status >= 400 else self._accepted(request.route, value)

    @staticmethod
    def _envelope(value, status, words):
        found = [f"{name} of the error is {value.get(name)!r}" for name, kind in _ENVELOPE.items() if not isinstance(value.get(name), kind)]
        if value.get("statusCode") != status:
            found.append(f"statusCode {value.get('statusCode')} in an answer {status}")
        if words and not any(word in str(value.get("message")) for word in words):
            found.append(f"the message names none of {words}: {value.get('message')}")
        return found

    def _accepted(self, route, value):
        if route in _OBJECTS:
            return self._table.complaints(_OBJECTS[route], value)
        if route == "list":
            if not isinstance(value, dict) or not isinstance(value.get("items"), list) or not isinstance(value.get("nextCursor", 0), (str, type(None))):
                return [f"no page: {json.dumps(value)[:100]}"]
            return [text for item in value["items"] for text in self._table.complaints("SandboxListItem (list)", item)]
        if route == "snapshots":
            items = value.get("items") or []
            return self._table.complaints("PaginatedSnapshots", value) + [text for item in items for text in self._table.complaints("SnapshotDto (get)", item)]
        member, kind = {"labels": ("labels", dict), "toolbox-proxy-url": ("url", str), "execute": ("result", str), "directory": ("dir", str)}[route]
        return [] if isinstance(value.get(member), kind) else [f"{member} is {value.get(member)!r}"]


def replay_area(area, server, cases):
    with open(_CONTROL / "headers.json", encoding="utf-8") as file:
        headers = json.load(file)
    table = tolerance.Table(_CONTROL / "tolerance.tsv")
    by_client = {}
    for row in rows.read(_CONTROL / f"{area}.jsonl"):
        by_client.setdefault(row["sdk"], []).append(row)
    for client, recorded in by_client.items():
        session = Session(server, headers, table)
        for row in recorded:
            name = f"{row['name']} ({client})"
            found = session.replay(row)
            if found is not None and cases.wants(name):
                cases.check(name, found)
        session.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    backend.add_arguments(parser)
    parser.add_argument("areas", nargs="+", metavar="AREA")
    options = parser.parse_args()
    cases = Cases()
    with backend.backends(options)[0] as server:               # the control plane is the same in every isolation mode
        for area in options.areas:
            replay_area(area, server, cases)
        if cases.wants("nothing is left after the replay"):
            cases.check("nothing is left after the replay", server.stop())
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
