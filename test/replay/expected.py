"""What a row is expected to be answered by, in parts that several deviations share."""

import json


def error_envelope(row, status, code):
    return {"statusCode": status, "message": "*", "code": code, "timestamp": "2026-11-23T04:16:50.730Z",
            "path": row["request"]["path"], "method": row["request"].get("method", "GET")}


def free(wanted, *pointers):
    kinds = {"/timestamp": "rfc3339"}
    wanted.volatile = [mark for mark in wanted.volatile if mark.get("at") not in pointers]
    wanted.volatile += [{"at": pointer, "kind": kinds.get(pointer, "text")} for pointer in pointers]


def json_of(wanted):
    try:
        return json.loads((wanted.response.get("body") or {}).get("text", ""))
    except ValueError:
        return None


def put(wanted, value):
    wanted.response["body"] = {"text": json.dumps(value)}
