"""Recorded exchanges of the toolbox as test/vectors/README.md describes them: reading, choosing, building requests."""

import base64
import hashlib
import json
import pathlib
import re
import urllib.parse

VECTORS = pathlib.Path(__file__).resolve().parents[1] / "vectors"


def read(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def body_bytes(body):
    """What a recorded body stands for; None where nothing was recorded."""
    if body is None:
        return None
    if "text" in body:
        return body["text"].encode("utf-8")
    if "base64" in body:
        return base64.b64decode(body["base64"])
    return _filled(body)


def _filled(body):
    """An omitted body whose middle repeats one byte; the hash proves it."""
    first, last = body["first"].encode(), body["last"].encode()
    missing = body["length"] - len(first) - len(last)
    data = first + first[-1:] * missing + last if missing >= 0 else (first + last)[:body["length"]]
    if hashlib.sha256(data).hexdigest() != body["sha256"]:
        raise ValueError("this omitted body can't be rebuilt")
    return data


def at(value, pointer):
    """The value at a JSON pointer."""
    for part in pointer.split("/")[1:]:
        value = value[int(part)] if isinstance(value, list) else value[part.replace("~1", "/").replace("~0", "~")]
    return value


class Bindings:
    """Ids of earlier answers, for rows whose path or body contains them."""

    def __init__(self):
        self._answers = {}

    def remember(self, row, body):
        try:
            self._answers[row["name"]] = json.loads(body)
        except ValueError:
            pass

    def fill(self, request):
        """The request with `{name}` replaced by what the answers of this run hold."""
        if "bind" not in request:
            return request
        request = dict(request)
        request["path"] = request.get("path_template", request["path"])
        for name, place in request["bind"].items():
            value = str(at(self._answers[place["row"]], place["at"]))
            request["path"] = request["path"].replace("{" + name + "}", urllib.parse.quote(value, safe=""))
            if "text" in (request.get("body") or {}):
                request["body"] = {"text": request["body"]["text"].replace("{" + name + "}", value)}
        return request

    def fill_frames(self, request, frames):
        """The frames of a conversation with the ids of earlier answers in their places."""
        text = json.dumps(frames)
        for recorded, place in request.get("bind_in_frames", {}).items():
            text = text.replace(recorded, str(at(self._answers[place["row"]], place["at"])))
        return json.loads(text)


def header_fields(recorded):
    """Header values as sent; `<20000 times y>` stands for as many letters."""
    for name, value in recorded.items():
        if match := re.fullmatch(r"<(\d+) times (.)>", value):
            value = match[2] * int(match[1])
        yield name, value


_HANDSHAKE = [("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")]


def request_bytes(request, base_path, host, authorization, *, kind="http", omit_host=False):
    """The request as a recorder would send it to a server whose root lies at `base_path`."""
    target = base_path + request["path"]
    if "raw_query" in request:
        target += "?" + request["raw_query"]
    elif "query" in request:
        target += "?" + urllib.parse.urlencode(request["query"], quote_via=urllib.parse.quote)
    body = body_bytes(request.get("body"))
    method = request.get("method", "GET")
    fields = [] if omit_host else [("Host", host)]
    fields += [(name, value) for name, value in header_fields(request.get("headers", {})) if name.lower() != "authorization"]
    fields.append(("Authorization", authorization))
    if kind == "ws":
        changed = request.get("handshake_changed", {})
        fields += [field for field in _HANDSHAKE if field[0] not in changed]
    else:
        fields.append(("Connection", "close"))
    if request.get("chunked"):
        fields.append(("Transfer-Encoding", "chunked"))
        body = _chunks(body)
    elif body is not None or method in ("POST", "PUT", "PATCH"):
        fields.append(("Content-Length", str(len(body or b""))))
    head = f"{method} {target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields) + "\r\n"
    return head.encode("utf-8") + (body or b"")


def _chunks(body):
    half = len(body) // 2
    parts = [part for part in (body[:half], body[half:]) if part]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


_LONG_OPEN_MS = 50


def _was_under_way(row, before):
    return row["at_ms"] < before["at_ms"] < row["at_ms"] + row.get("ms", 0)


def _was_open(socket, row):
    """A deletion is what ended it, so that its end tells nothing."""
    margin = 0 if row.get("request", {}).get("method") == "DELETE" else _LONG_OPEN_MS
    return socket["kind"] == "ws" and socket["at_ms"] <= row["at_ms"] < socket["at_ms"] + socket["ms"] - margin


def groups(rows):
    """Rows that overlapped in time, together; the rest alone. Within a file the row that ended first stands first,
    so a later row that began earlier was under way; and so was a socket that was open for long behind its beginning."""
    result = []
    for row in rows:
        if result and (_was_under_way(row, result[-1][-1]) or _was_open(result[-1][-1], row)):
            result[-1].append(row)
        else:
            result.append([row])
    return [sorted(group, key=lambda row: row["at_ms"]) for group in result]
