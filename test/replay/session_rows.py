"""Sessions: where their output keeps all its bytes, their lists have another order, and the entrypoint is another program than in the recorded daemon, on purpose."""

import expected

# The members of answers that keep all bytes of the output, where the recorded daemon added a line break or dropped NUL.
KEPT_BYTES = {
    "session.exec no newline": {"output": "\x01\x01\x01tail", "stdout": "tail"},
    "session.exec nul bytes": {"output": "\x01\x01\x01a\0b\n", "stdout": "a\0b\n"},
    "session.exec large": {"cmdId": "00000000-0000-4000-8000-000000000000", "output": "\x01\x01\x01" + 100000 * "x", "stdout": 100000 * "x",
                           "stderr": "", "exitCode": 0},
    # A marker that two frames cut in the midst was let through.
    "session.combined ws ends inside marker": {"frames": 1019 * b"a" + b"\nsecond\nthird\n"},
    # Its close overtook the data.
    "session.ws logs snapshot": {"frames": b"".join(b"\x01\x01\x01o%d\n\x02\x02\x02e%d\n" % (n, n) for n in (1, 2, 3))},
    "session.ws logs partial line": {"frames": b"\x01\x01\x01prompt\n\x01\x01\x01end"},
}


def adapt(row, wanted, base_path):
    for rule in (_kept_bytes, _session_list, _entrypoint):
        rule(row, wanted, base_path)


def _kept_bytes(row, wanted, base_path):
    """Output keeps its bytes (lessons 0.6)."""
    kept = KEPT_BYTES.get(row["name"], {})
    if "frames" in kept:
        said = {"dir": "recv", "ms": 0, "type": "binary", "data": {"text": kept["frames"].decode()}}
        wanted.frames = [said, *(frame for frame in wanted.frames if frame["type"] != "binary")]
    elif kept:
        expected.put(wanted, {**(expected.json_of(wanted) or {}), **kept})


def _session_list(row, wanted, base_path):
    """Neither sessions nor their commands have an order."""
    if row["request"]["path"] == "/process/session" and row["request"].get("method") == "GET":
        wanted.volatile = [{"at": "/*/commands/*/id", "kind": "uuid"}]
        wanted.unordered += ["/*/commands", "/"]


def _entrypoint(row, wanted, base_path):
    """The default snapshot's entrypoint is another program, one that is silent."""
    if not row["name"].startswith(("session.entrypoint", "session.ws entrypoint")) or wanted.response["status"] not in (101, 200):
        return
    for frame in wanted.frames or []:
        if frame["type"] == "binary":
            frame["data"] = {"text": ""}
    value = expected.json_of(wanted)
    if value is None:
        wanted.response["body"] = {"text": ""}
    elif "output" in value:
        expected.put(wanted, {"output": "", "stdout": "", "stderr": ""})
    else:
        (value["commands"][0] if "commands" in value else value)["command"] = "'sleep' 'infinity'"
        expected.put(wanted, value)
