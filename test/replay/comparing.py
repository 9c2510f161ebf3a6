"""Whether an answer is the recorded one, after the rules of test/vectors/README.md, "Comparing"."""

import hashlib
import json
import math
import re

import labelled_log
import rows
from wire.plain_client import Answer

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")

# The type that a volatile value keeps, by kind; other kinds keep the JSON type of the recorded value.
_KINDS = {
    "uuid": lambda value: isinstance(value, str) and _UUID.fullmatch(value),
    "rfc3339": lambda value: isinstance(value, str) and _RFC3339.fullmatch(value),
    "pid": lambda value: isinstance(value, int) and value > 0,
    "git-hash": lambda value: isinstance(value, str) and re.fullmatch("[0-9a-f]{40}", value),
    "image/png;base64": lambda value: isinstance(value, str) and value.startswith("iVBORw0KGgo"),
    "image/jpeg;base64": lambda value: isinstance(value, str) and value.startswith("/9j/"),
}
# Texts of interpreters that differ with their version and place: stack frames inside them, and their names.
_INTERPRETER_LINES = re.compile(r"^(    at .*|Node\.js v.*|.*/node_modules/ts-node/.*|\s*)$")


def complaints(recorded, volatile, unordered, answer: Answer, *, body_matters=True):
    """What differs between a recorded response and an answer, in words."""
    found = []
    if answer.status != recorded["status"]:
        found.append(f"status {answer.status} instead of {recorded['status']}, body {answer.body[:200]!r}")
    found += _header_complaints(recorded, volatile, answer)
    if body_matters and recorded.get("body") is not None and not found:
        found += _body_complaints(recorded["body"], volatile, unordered, answer.body)
    return found


def _header_complaints(recorded, volatile, answer):
    """Content type and redirect target; lengths and connections are each server's own, as are ids and dates."""
    found = []
    free = {mark["header"].lower() for mark in volatile if "header" in mark}
    headers = {name.lower(): value for name, value in recorded.get("headers", {}).items()}
    for name in ("content-type", "location"):
        wanted, got = headers.get(name), answer.headers.get(name)
        if name not in free and _media_type(wanted) != _media_type(got):
            found.append(f"{name} {got!r} instead of {wanted!r}")
    return found


def _media_type(value):
    return value and value.split(";")[0].strip()


def _body_complaints(recorded, volatile, unordered, body):
    if recorded.get("omitted"):
        return _omitted_complaints(recorded, body)
    wanted = rows.body_bytes(recorded)
    try:
        wanted = json.loads(wanted)
    except ValueError:
        return _text_complaints(wanted, volatile, body)
    try:
        got = json.loads(body)
    except ValueError:
        return [f"not JSON: {body[:200]!r}"]
    found = [text for mark in volatile if "at" in mark for text in blank(wanted, got, mark)]
    if isinstance(wanted, dict) and isinstance(got, dict):
        labelled_log.make_comparable(wanted, got)
    for pointer in unordered:
        wanted, got = _sorted_at(wanted, pointer), _sorted_at(got, pointer)
    return found + differences(wanted, got)


def socket_complaints(wanted, talk):
    """What differs between a recorded conversation over a socket, and one that was held."""
    found = []
    data = b"".join(rows.body_bytes(frame["data"]) for frame in wanted if frame["dir"] == "recv" and frame["type"] in ("text", "binary"))
    if not labelled_log.are_equal(data, talk.payload()):
        found.append(f"{talk.payload()[:200]!r} instead of {data[:200]!r}")
    pongs = [rows.body_bytes(frame["data"]) for frame in wanted if frame["type"] == "pong"]
    answered = [payload for kind, payload in talk.frames if kind == "pong"]
    if pongs != answered:
        found.append(f"pongs {answered} instead of {pongs}")
    codes = [frame.get("code") for frame in wanted if frame["dir"] == "recv" and frame["type"] == "close"]
    if codes != ([talk.close_code()] if talk.end == "close" else []):
        found.append(f"closed with {talk.close_code()} ({talk.end}) instead of {codes}")
    return found


def _omitted_complaints(recorded, body):
    if len(body) == recorded["length"] and hashlib.sha256(body).hexdigest() == recorded["sha256"]:
        return []
    return [f"{len(body)} bytes, beginning {body[:60]!r}, instead of {recorded['length']}, beginning {recorded['first'][:60]!r}"]


def _text_complaints(wanted, volatile, body):
    for mark in volatile:
        if "pattern" in mark and "at" not in mark:
            wanted, body = (re.sub(mark["pattern"].encode(), b"*", text) for text in (wanted, body))
    return [] if wanted == body else [f"body {body[:200]!r} instead of {wanted[:200]!r}"]


def blank(wanted, got, mark):
    """Makes a volatile value equal on both sides, in place; complains if it lost its type."""
    found = []
    for holder, key, path in _places(wanted, mark["at"]):
        try:
            other = got
            for part in path[:-1]:
                other = other[part]
            found += _blank_one(holder, other, key, mark)
        except (KeyError, IndexError, TypeError):
            continue                                           # differences() will say that it is missing
    return found


def _blank_one(wanted, got, key, mark):
    kind, old, new = mark["kind"], wanted[key], got[key]
    if kind.startswith("contains "):
        if not isinstance(new, str):
            return []
        if "pattern" in mark:
            wanted[key], got[key] = (re.sub(mark["pattern"], "*", text) for text in (old, new))
        elif kind == "contains interpreter version":
            wanted[key], got[key] = _own_lines(old), _own_lines(new)
        elif kind == "contains lines of several writers":
            wanted[key], got[key] = sorted(old.split("\n")), sorted(new.split("\n"))
        else:
            wanted[key] = got[key] = "*"
        return []
    keeps_type = _KINDS.get(kind, lambda value: type(value) is type(old) or {type(value), type(old)} == {int, float})
    wanted[key] = got[key] = "*"
    return [] if keeps_type(new) else [f"{mark['at']}: {json.dumps(new)[:80]} is no {kind}"]


def _own_lines(text):
    return "\n".join(line for line in text.split("\n") if not _INTERPRETER_LINES.match(line))


def _places(value, pointer):
    """(container, key, path) of each value that a pointer with `*` names. The whole document has no container."""
    found = [(value, [])]
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    for index, part in enumerate(parts):
        last, deeper = index == len(parts) - 1, []
        for holder, path in found:
            for key in _keys(holder, part):
                deeper.append((holder, key, path + [key]) if last else (holder[key], path + [key]))
        found = deeper
    return found if parts else []


def _keys(holder, part):
    if isinstance(holder, list):
        return range(len(holder)) if part == "*" else [int(part)] if part.isdigit() and int(part) < len(holder) else []
    if isinstance(holder, dict):
        return list(holder) if part == "*" else [part] if part in holder else []
    return []


def _sorted_at(value, pointer):
    def order(item):
        return json.dumps(item, sort_keys=True)
    if pointer in ("", "/"):
        return sorted(value, key=order) if isinstance(value, list) else value
    for holder, key, _ in _places(value, pointer):
        if isinstance(holder[key], list):
            holder[key] = sorted(holder[key], key=order)
    return value


def differences(wanted, got, path=""):
    """Each difference between two JSON values, with its pointer. 1 and 1.0 are equal, true and 1 are not; fractions to 12 digits."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        found = [f"{path}/{key} is missing" for key in wanted.keys() - got.keys()]
        found += [f"{path}/{key} is too much: {json.dumps(got[key])[:80]}" for key in got.keys() - wanted.keys()]
        for key in wanted.keys() & got.keys():
            found += differences(wanted[key], got[key], f"{path}/{key}")
        return sorted(found)
    if isinstance(wanted, list) and isinstance(got, list):
        found = [] if len(wanted) == len(got) else [f"{path}: {len(got)} elements instead of {len(wanted)}"]
        for index, pair in enumerate(zip(wanted, got)):
            found += differences(*pair, f"{path}/{index}")
        return found
    if _equal(wanted, got):
        return []
    return [f"{path or '/'}: {json.dumps(got, ensure_ascii=False)[:200]} instead of {json.dumps(wanted, ensure_ascii=False)[:200]}"]


def _equal(wanted, got):
    if isinstance(wanted, bool) or isinstance(got, bool):
        return wanted is got
    if isinstance(wanted, (int, float)) and isinstance(got, (int, float)):
        return math.isclose(wanted, got, rel_tol=1e-12)
    return wanted == got
