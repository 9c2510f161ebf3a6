"""Recorded conversations with terminals: what of them has to be the same, and where the local backend answers otherwise, on purpose.

The shell of the recorded machine had another prompt, and a shell echoes what is typed when it comes to it: lines that programs put out are compared,
and each control message, pong and goodbye.
"""

import json
import re
import struct

import expected
import rows

LEFT_OUT = {
    "pty.create-connect": "creates and connects here, since 0.205",
    "pty.handshake no upgrade": "the proxy passes on no Connection without an Upgrade: it looks like a request that asks for neither",
    "pty.slow consumer": "who reads slowly makes the terminal wait here",
    "pty.other workdir": "the recorded server was started in another directory",
}
# Sizes that are not stored, and later rows that would see them.
_STATUS = {"pty.resize one value": 400}
_LINES = {"pty.exit token offered": ["40 120"]}
# A shell that a signal ended.
_ENDS = {"pty.shell killed": {"exitCode": 137, "exitReason": "SIGKILL"}, "pty.shell hangup": {"exitCode": 129, "exitReason": "signal 1"}}
# Who offers the token is told of the end by a message, too.
_TOLD_OF_END = {"pty.exit token offered": {"type": "control", "status": "exited", "exitCode": 0}}

_SLOWNESS = 2     # the recorder waited for a shell of a machine that did nothing else
_SEQUENCES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\x07|\x08")
_PROMPT = re.compile(rb"^(?:[\w-]+@[\w-]+:[^$#\n]*|bash-[\d.]+)?[$#] ", re.M)
_OF_THE_SHELL = {"exit", "logout", "^C", ""}


def is_one(row):
    return row["request"]["path"].startswith("/process/pty")


def rewritten(row):
    """The row that deletes the terminal of another one begins before that has ended; by the clock of the recorder, hardly."""
    return {**row, "ms": row["ms"] + 1000} if row["name"] == "pty.killed by delete" else row


def expect(row, wanted, base_path):
    """Errors are in the envelope of others."""
    if not is_one(row) or wanted.frames is not None:
        return
    status = _STATUS.get(row["name"], wanted.response["status"])
    if status >= 400 and (row["name"] in _STATUS or '{"error"' in (wanted.response.get("body") or {}).get("text", "")):
        wanted.response = {"status": status, "headers": {"Content-Type": "application/json"}}
        wanted.response["body"] = {"text": json.dumps(expected.error_envelope(row, status, "*"))}
        expected.free(wanted, "/message", "/timestamp", "/code")


def sends(frames):
    """(seconds, type, payload) of what the recorder sent."""
    return [(_SLOWNESS * frame["ms"] / 1000, frame["type"], _sent(frame)) for frame in frames if frame["dir"] == "send"]


def _sent(frame):
    if frame["type"] == "close":
        return struct.pack(">H", frame["code"]) + frame.get("reason", "").encode()
    return rows.body_bytes(frame["data"])


def typed_lines(recorded):
    """Every line that was typed in any row: a terminal echoes those of all its clients, sometimes twice."""
    typed = set()
    for row in recorded:
        for frame in row.get("frames", []):
            if frame["dir"] == "send" and frame["type"] in ("text", "binary"):
                typed.update(rows.body_bytes(frame["data"]).decode(errors="replace").split("\n"))
    return typed


def is_told(row, typed):
    """Whether all has come of a conversation that the recorder left."""
    wanted = _lines(_output(row["frames"]), typed)
    return lambda payload: wanted[-1].encode() in payload and _lines(payload, typed)[-len(wanted):] == wanted


def complaints(row, talk, typed):
    """What differs between the recorded conversation and one that was held."""
    got = [(kind, payload) for kind, payload in talk.frames]
    found = _difference("control messages", _controls(row), [json.loads(payload) for kind, payload in got if kind == "text"])
    lines = _LINES.get(row["name"], _lines(_output(row["frames"]), typed))
    found += _difference("lines", lines, _lines(b"".join(payload for kind, payload in got if kind == "binary"), typed))
    pongs = [rows.body_bytes(frame["data"]) for frame in row["frames"] if frame["type"] == "pong"]
    found += _difference("pongs", pongs, [payload for kind, payload in got if kind == "pong"])
    if row["end"] == "recorder left":
        return found
    closes = [(int.from_bytes(payload[:2], "big"), _reason(payload[2:].decode())) for kind, payload in got if kind == "close"]
    return found + _difference("close", _closes(row), closes)


def _controls(row):
    told = [json.loads(frame["data"]["text"]) for frame in row["frames"] if frame["dir"] == "recv" and frame["type"] == "text"]
    return told + [_TOLD_OF_END[row["name"]]] if row["name"] in _TOLD_OF_END else told


def _closes(row):
    ends = [(frame.get("code"), _reason(frame.get("reason") or "")) for frame in row["frames"] if frame["dir"] == "recv" and frame["type"] == "close"]
    return [(code, _ENDS.get(row["name"], reason)) for code, reason in ends]


def _reason(text):
    return json.loads(text) if text else None


def _output(frames):
    return b"".join(rows.body_bytes(frame["data"]) for frame in frames if frame["dir"] == "recv" and frame["type"] == "binary" and _is_known(frame["data"]))


def _is_known(data):
    return "sha256" in data or not data.get("omitted")


def _lines(output, typed):
    """Those of programs: without prompts, what is for the terminal alone, and what was typed."""
    plain = _SEQUENCES.sub(b"", output).replace(b"\r", b"\n")
    lines = (line.decode(errors="replace") for line in _PROMPT.sub(b"", plain).split(b"\n"))
    return [line for line in lines if line not in typed and line not in _OF_THE_SHELL]


def _difference(what, wanted, got):
    return [] if wanted == got else [f"{what} {str(got)[:300]} instead of {str(wanted)[:300]}"]
