"""Where files are answered for otherwise than by the recorded daemon, on purpose: as its successor does, or as an upload that is all or nothing has it."""

import base64
import json

import expected
import rows

LEFT_OUT = {
    "files.list depth ignored": "a parameter of 0.205 that the recorded daemon lacks",
    "files.upload-v2 v2": "a route of 0.205 that the recorded daemon lacks",
    "files.bulk-upload truncated file": "a cut upload leaves nothing",
    "files.move directory into itself result": "the folder is still there",
    "files.raw bytes in the path download": "a path is bytes here",
    "files.other workdir": "the recorded server was started in another directory",
}

# Errors in another shape, or with another code since 0.205: {row: (status, code)}.
ERRORS = {
    "files.download unreadable": (403, "FILE_ACCESS_DENIED"),
    "files.bulk-download empty list": (400, "BAD_REQUEST"),
    "files.bulk-download no paths": (400, "BAD_REQUEST"),
    "files.bulk-download bad json": (400, "BAD_REQUEST"),
    "files.bulk-download wrong type": (400, "BAD_REQUEST"),
    "files.bulk-download no body": (400, "BAD_REQUEST"),
    "errors.bulk-download malformed": (400, "BAD_REQUEST"),
    "errors.bulk-download no body": (400, "BAD_REQUEST"),
    "errors.bulk-download array": (400, "BAD_REQUEST"),
    "errors.bulk-download null": (400, "BAD_REQUEST"),
}

# The user of the recorded daemon, and that of a sandbox.
USERS = {"1001": "1000"}
# The devices of a sandbox are the machine's, whose root is nobody inside.
OTHER_OWNERS = {"files.list devices": "65534"}
# Files of the machine.
OTHER_SIZES = {"files.info other owner", "errors.path traversal relative"}
_BODY_OF_OTHERS = "errors.path traversal"

# Rows that find what one about files of another user made.
_BEHIND_OTHERS = {"files.list", "files.delete trailing slash route", "errors.repeated key"}

# What the upload that is cut left in its folder.
_LEFT_BY_CUT_UPLOAD = "cut"


_TIMESTAMP = {"pattern": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", "kind": "rfc3339"}


def is_about_others(row):
    """Whether the row is about files of another user. In `userns` there is one inside, to whom all belongs."""
    request = row["request"]
    asked = json.dumps(request.get("query") or {}) + (rows.body_bytes(request.get("body")) or b"").decode("utf-8", "replace")
    of_system = any(name in asked for name in ("/root", "/etc/", '"owner": "root"')) or asked in ('{"path": "/"}', '{"path": "/tmp"}')
    return row["name"] in _BEHIND_OTHERS or (request["path"].startswith("/files") and of_system)


def rewritten(row):
    """The user of the recorded daemon has another number than that of a sandbox."""
    query = row["request"].get("query") or {}
    if query.get("owner") not in USERS:
        return row
    return {**row, "request": {**row["request"], "query": {**query, "owner": USERS[query["owner"]]}}}


def adapt(row, wanted, base_path):
    if not row["request"]["path"].startswith("/files"):
        return
    _details(row, wanted)
    _error_parts(wanted)
    wanted.body_matters = wanted.body_matters and row["name"] != _BODY_OF_OTHERS
    if row["name"].startswith("files.move unremovable"):
        wanted.volatile.append({"at": "/error", "kind": "text"})


def _details(row, wanted):
    """The details of a file have its whole path since 0.205."""
    value = expected.json_of(wanted)
    all_details = value if isinstance(value, list) else [value]
    if not all(isinstance(each, dict) and "permissions" in each for each in all_details):
        return
    for each in all_details:
        each["path"] = "/"
        for who in ("owner", "group"):
            each[who] = OTHER_OWNERS.get(row["name"], USERS.get(each[who], each[who]))
    if row["name"] in OTHER_SIZES:
        wanted.volatile.append({"at": "/size", "kind": "number"})
    if isinstance(value, list):
        value[:] = [each for each in value if each["name"] != _LEFT_BY_CUT_UPLOAD]
    expected.put(wanted, value)
    wanted.volatile.append({"at": "/*/path" if isinstance(value, list) else "/path", "kind": "text"})


def _error_parts(wanted):
    """Errors say who speaks since 0.205, also where they are parts of a form."""
    body = rows.body_bytes(wanted.response.get("body") or None) or b""
    if b"DAYTONA-FILE-BOUNDARY" in body:
        said = body.replace(b'"method":"POST"}', b'"method":"POST","source":"DAYTONA_DAEMON"}')
        wanted.response["body"] = {"base64": base64.b64encode(said).decode()}
        wanted.volatile.append(_TIMESTAMP)
