"""Where the local backend, reached through its proxy, answers otherwise than the recorded daemon, on purpose; each with its why.

The recorded daemon is the last open one. The backend follows the later interface where that is known, and a proxy stands
in front of it. Nothing here excuses an accident: a rule names the rows it is for, and states the answer it wants instead.
"""

import copy
import dataclasses
import json

import expected
import file_rows
import interpreter_talk
import session_rows
import terminal_rows

# Routes that the toolbox has by now. Rows of other routes wait for the issue that brings them.
ROUTES = {"/process/execute", "/process/code-run", "/version", "/user-home-dir", "/work-dir", "/project-dir"}

# Rows that are not replayed, by the beginning of their names.
LEFT_OUT = {
    "session.no entrypoint": "every sandbox has an entrypoint",
    "interpreter.other workdir": "the recorded server was started in another directory",
    "session.other workdir": "the recorded server was started in another directory",
    "session.get odd id encoded": "an id with a slash can be addressed here",
    "errors.session id with dots get": "an id with a slash can be addressed here",
    "errors.session id with dots delete": "an id with a slash can be addressed here",
    "process.other workdir": "the recorded server was started in another directory",
    "system.other workdir": "the recorded server was started in another directory",
    "system.unknown path /system/metrics": "a route of 0.205 that the recorded daemon lacks",
    "system.later route env": "a route of 0.205 that the recorded daemon lacks",
}

# Rows below these paths are of routes that exist.
PREFIXES = ("/process/session", "/process/pty", "/process/interpreter", "/files")

# Errors that have another status or code since 0.205, or where the recorded daemon's was a fault: {row: (status, code)}.
ERRORS = {
    "session.exec unknown session": (404, "NOT_FOUND"),
    "session.exec async unknown session": (404, "NOT_FOUND"),
    "session.exec sync deleted": (410, "SESSION_ENDED"),
    "session.exec after exit": (410, "SESSION_ENDED"),
    "session.exec async after exit": (410, "SESSION_ENDED"),
    "session.input after end not noticed": (410, "COMMAND_ALREADY_COMPLETED"),
    "session.input after end noticed": (410, "COMMAND_ALREADY_COMPLETED"),
    "errors.session id long": (400, "INVALID_REQUEST_BODY"),
    "errors.session id nul": (400, "INVALID_REQUEST_BODY"),
}

# Where the recorded daemon hung: `exit` in a command.
ANSWERED = {
    "session.exec exit": {"cmdId": "00000000-0000-4000-8000-000000000000", "output": "\x01\x01\x01bye\n", "stdout": "bye\n", "stderr": "", "exitCode": 3},
}

# Programs that need a newer matplotlib than a Debian has, by one that draws the same: {row: (old text, new text)}.
REWRITTEN = {
    "process.code-run.chart box filled": (",tick_labels=['r1','r2'])", "); plt.xticks([1,2],['r1','r2'])"),
}

# What matplotlib chooses by itself and otherwise in another version: {row: JSON pointers}.
CHOSEN_BY_MATPLOTLIB = {
    "process.code-run.chart line log scale": ["x_ticks", "x_tick_labels", "y_ticks", "y_tick_labels"],
    "process.code-run.chart box lines": ["elements/*/label"],
}


@dataclasses.dataclass
class Expectation:
    """The answer wanted of a row."""

    response: dict
    volatile: list
    unordered: list
    body_matters: bool = True
    frames: list | None = None            # of a WebSocket
    end: str | None = None


def why_left_out(row, mode="shifted"):
    """The reason not to replay a row in an isolation mode; None for one that must hold."""
    if mode == "userns" and file_rows.is_about_others(row):
        return "one user alone is inside, to whom all belongs"
    if row.get("defect") and row["name"] not in ANSWERED:
        return "a fault of the recorded daemon"
    if "port" in row.get("request", {}):
        return "another port than the toolbox's"
    for beginning, reason in (LEFT_OUT | terminal_rows.LEFT_OUT | file_rows.LEFT_OUT).items():
        if row["name"].startswith(beginning):
            return reason
    path = row["request"]["path"]
    if path.startswith(PREFIXES):
        return None
    if row["kind"] == "ws" and row.get("end") != "refused":
        return "WebSocket: a later issue"
    if (path.rstrip("/") if path != "/" else path) in ROUTES or _is_no_route(row) or _failed_in_http(row):
        return None
    return "a route of a later issue"


def _is_no_route(row):
    """Answered as a path or method that nobody serves, and HEAD of one that exists."""
    response = row["response"]
    text = (response.get("body") or {}).get("text")
    return response["status"] == 404 and (text == "404 page not found" or row["request"].get("method") == "HEAD")


def _failed_in_http(row):
    """Refused before any route was looked at."""
    response = row["response"]
    text = (response.get("body") or {}).get("text", "")
    return response["status"] in (400, 431) and text.startswith(f"{response['status']} ")


def rewritten(row):
    """The row with what has to be asked otherwise, or is answered at all."""
    row = file_rows.rewritten(row)
    if row["name"] in ANSWERED:
        body = {"text": json.dumps(ANSWERED[row["name"]])}
        return {**row, "response": {"status": 200, "headers": {"Content-Type": "application/json"}, "body": body}}
    if row["name"] not in REWRITTEN:
        return terminal_rows.rewritten(row)
    old, new = REWRITTEN[row["name"]]
    body = row["request"]["body"]["text"]
    if body.count(old) != 1:
        raise ValueError(f"{row['name']} does not contain {old}")
    return {**row, "request": {**row["request"], "body": {"text": body.replace(old, new)}}}


def expectation(row, base_path):
    """The recorded answer of a row, changed by every rule that is for it."""
    wanted = Expectation(copy.deepcopy(row["response"]), list(row.get("volatile", [])), list(row.get("unordered", [])))
    if row["kind"] == "ws" and row["end"] != "refused":
        wanted.frames, wanted.end = copy.deepcopy(row["frames"]), row["end"]
    for rule in (interpreter_talk.adapt, _after_exit, terminal_rows.expect, _session_error, session_rows.adapt, _request_id, _http_layer, _redirect, _version, _empty_error, file_rows.adapt, _envelope, _timeout_code, _library_messages, _start_failure, _job_message,
                 _traceback_marks, _drawing, _input_echo):
        rule(row, wanted, base_path)
    return wanted


def _after_exit(row, wanted, base_path):
    """A session ends in a bounded way (lessons P2), and what comes after sees the exit code."""
    if row["name"] in ANSWERED:
        wanted.volatile.append({"at": "/cmdId", "kind": "uuid"})
    if row["name"] == "session.get after exit":
        value = expected.json_of(wanted)
        value["commands"][0]["exitCode"] = 3
        expected.put(wanted, value)


def _session_error(row, wanted, base_path):
    """Errors that were not in the envelope of others, or lacked their code."""
    errors = ERRORS | file_rows.ERRORS
    if row["name"] in errors:
        status, code = errors[row["name"]]
        wanted.response = {"status": status, "headers": {"Content-Type": "application/json"}}
        wanted.volatile = [mark for mark in wanted.volatile if mark.get("at") in ("/path", None)]
        expected.put(wanted, expected.error_envelope(row, status, code))
        expected.free(wanted, "/message", "/timestamp")


def _request_id(row, wanted, base_path):
    """Not compared at all (README, Comparing 4)."""
    wanted.volatile = [mark for mark in wanted.volatile if mark.get("header") != "X-Request-Id"]


def _http_layer(row, wanted, base_path):
    """The control plane's HTTP server meets these requests first, and answers in its own error shape."""
    if _failed_in_http(row):
        wanted.response["headers"] = {"Content-Type": "application/json"}
        wanted.body_matters = False


def _redirect(row, wanted, base_path):
    """The proxy puts the prefix that it took away before the target. The HTML beside it is for nobody, nor is the type of an empty body."""
    location = wanted.response["headers"].get("Location")
    if location:
        if not row["response"]["body"].get("text"):
            wanted.volatile = [*wanted.volatile, {"header": "Content-Type", "kind": "of nothing"}]
        wanted.response["headers"] = {**wanted.response["headers"], "Location": base_path + location}
        wanted.body_matters = False


def _version(row, wanted, base_path):
    """Each server has its own version."""
    if isinstance(value := expected.json_of(wanted), dict) and "version" in value:
        wanted.volatile.append({"at": "/version", "kind": "version"})


def _empty_error(row, wanted, base_path):
    """Errors with an empty body became envelopes."""
    status = wanted.response["status"]
    if status >= 400 and row["response"].get("body") == {"text": ""}:
        wanted.response["headers"] = {"Content-Type": "application/json"}
        expected.put(wanted, expected.error_envelope(row, status, "*"))
        wanted.volatile.append({"at": "/code", "kind": "code"})
        expected.free(wanted, "/message", "/timestamp")


def _envelope(row, wanted, base_path):
    """Errors say who speaks since 0.205."""
    value = expected.json_of(wanted)
    if wanted.response["status"] >= 400 and isinstance(value, dict) and "statusCode" in value:
        expected.put(wanted, {**value, "source": "DAYTONA_DAEMON"})


def _timeout_code(row, wanted, base_path):
    """0.205 has a code of its own for a command that outlived its time."""
    value = expected.json_of(wanted)
    if wanted.response["status"] == 408:
        expected.put(wanted, {**value, "code": "PROCESS_EXECUTION_TIMEOUT"})


def _library_messages(row, wanted, base_path):
    """Texts that quote the recorded daemon's libraries are informative (README, Comparing 5)."""
    value = expected.json_of(wanted)
    if wanted.response["status"] >= 400 and isinstance(value, dict) and "message" in value:
        expected.free(wanted, "/message")


def _start_failure(row, wanted, base_path):
    """`fork/exec /usr/bin/bash: …` quotes the recorded daemon's runtime; what must hold is -1 and the system's reason."""
    value = expected.json_of(wanted)
    if isinstance(value, dict) and str(value.get("result", "")).startswith("fork/exec "):
        wanted.volatile.append({"at": "/result", "kind": "contains a runtime's wording", "pattern": "^.*: "})


def _job_message(row, wanted, base_path):
    """The shell's message about a killed pipeline has a pid in every line; only the first one is marked."""
    if any(mark["kind"] == "contains pid-message" for mark in wanted.volatile):
        wanted.volatile.append({"at": "/result", "kind": "contains pids", "pattern": r"(?m)^ +\d+ "})


def _traceback_marks(row, wanted, base_path):
    """How far a traceback's marks under a line are indented depends on the version of Python."""
    value = expected.json_of(wanted)
    if isinstance(value, dict) and "Traceback (most recent call last)" in str(value.get("result", "")):
        wanted.volatile.append({"at": "/result", "kind": "contains marks", "pattern": r"(?m)^ +~*\^+~*$"})


def _drawing(row, wanted, base_path):
    """The recorded machine had a newer matplotlib than Debian's."""
    wanted.volatile += [{"at": f"/artifacts/charts/0/{pointer}", "kind": "chosen by matplotlib"} for pointer in CHOSEN_BY_MATPLOTLIB.get(row["name"], [])]


def _input_echo(row, wanted, base_path):
    """Input that comes in two pieces is echoed by one, and answered by the command: which line comes first is chance."""
    if row["name"] == "session.input logs":
        wanted.volatile += [{"at": pointer, "kind": "contains lines of several writers"} for pointer in ("/output", "/stdout")]
