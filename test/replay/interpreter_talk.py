"""Whether a conversation with the code interpreter is the recorded one: the same text of each output, whatever its frames, the same errors and ends; and
where it is another one on purpose."""

import json

import rows

# Texts of the interpreter that were lost, that a former matplotlib does not say, or that depend on how deep a worker itself is: {row: [event, …]}.
SAID = {
    "interpreter.subprocess output": [{"type": "stdout", "text": "captured\n\nlost\nend\n"}],
    "interpreter.matplotlib": [{"type": "stdout", "text": "end\n"}],
    "interpreter.recursion": [{"type": "error", "name": "RecursionError", "value": "maximum recursion depth exceeded", "traceback":
                               "Traceback (most recent call last):\n  File \"<stdin>\", line 2\n" + 2 * "  File \"<stdin>\", line 1\n"
                               + "RecursionError: maximum recursion depth exceeded\n"}],
}


def adapt(row, wanted, base_path):
    """Changes what is wanted of the few rows that are answered otherwise."""
    _close_without_control(row, wanted)
    events = SAID.get(row["name"])
    if events is None:
        return
    texts = [json.dumps({**dict.fromkeys(("type", "text", "name", "value", "traceback"), ""), **event}) for event in events]
    others = [frame for frame in wanted.frames if not (frame["dir"] == "recv" and frame["type"] == "text") or "control" in frame["data"].get("text", "")]
    wanted.frames = [{"dir": "recv", "ms": 0, "type": "text", "data": {"text": text}} for text in texts] + others


def _close_without_control(row, wanted):
    """`interrupted` is what an SDK takes for a timeout, or for success: a context that is deleted ends its program by the close alone."""
    if row["name"] == "interpreter.context deleted while running":
        wanted.frames = [frame for frame in wanted.frames if "interrupted" not in (frame.get("data") or {}).get("text", "")]
        close = wanted.frames[-1]
        close["reason"] = "worker process ended by signal 15 (Terminated)"


def complaints(wanted, talk):
    """What differs between the recorded frames and what was said."""
    recorded = [json.loads(payload) for payload in _payloads(wanted)]
    said = [json.loads(payload) for kind, payload in talk.frames if kind in ("text", "binary")]
    found = []
    for output in ("stdout", "stderr"):
        old, new = _text_of(recorded, output), _text_of(said, output)
        if old != new:
            found.append(f"{output} {new[:200]!r} instead of {old[:200]!r}")
    others = [[_shortened(event) for event in events if event["type"] not in ("stdout", "stderr")] for events in (recorded, said)]
    if others[0] != others[1]:
        found.append(f"{str(others[1])[:400]} instead of {str(others[0])[:400]}")
    found += [f"{sorted(event)} are not the five members" for event in said if sorted(event) != ["name", "text", "traceback", "type", "value"]]
    pongs = [rows.body_bytes(frame["data"]) for frame in wanted if frame["type"] == "pong"]
    answered = [payload for kind, payload in talk.frames if kind == "pong"]
    if pongs != answered:
        found.append(f"pongs {answered} instead of {pongs}")
    return found + _end_complaints(wanted, talk)


def _shortened(event):
    """How often a line of a traceback is repeated depends on how deep the worker itself is."""
    lines = event["traceback"].split("\n")
    return {**event, "traceback": [line for line, before in zip(lines, [None, *lines]) if line != before]}


def _end_complaints(wanted, talk):
    closes = [frame for frame in wanted if frame["dir"] == "recv" and frame["type"] == "close"]
    old = [(frame.get("code"), frame.get("reason") or "") for frame in closes]
    payloads = [payload for kind, payload in talk.frames if kind == "close"]
    new = [(int.from_bytes(payload[:2], "big") or None, payload[2:].decode()) for payload in payloads]
    return [] if old == new else [f"closed with {new} ({talk.end}) instead of {old}"]


def _payloads(frames):
    return [rows.body_bytes(frame["data"]) for frame in frames if frame["dir"] == "recv" and frame["type"] in ("text", "binary")]


def _text_of(events, output):
    return "".join(event["text"] for event in events if event["type"] == output)
