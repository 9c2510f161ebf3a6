"""Where the wire is known to differ from the OpenAPI files (they describe 0.205). Each entry says why it stands."""

# Control plane: members of 0.226 that the files lack. `required` ones must be in every answer.
API_MEMBERS = {
    # The Python client of 0.226 refuses an answer without `kvm`; the queue members are shown to users.
    "Sandbox": {
        "kvm": {"type": "boolean", "required": True},
        "queueTimeout": {"type": ["integer", "null"]},
        "queueTimedOutAt": {"type": "string"},
    },
    "SandboxListItem": {
        "queueTimeout": {"type": ["integer", "null"]},
        "queueTimedOutAt": {"type": "string"},
    },
    "CreateSandbox": {
        "queueTimeout": {"type": "integer", "minimum": 1},
        "kvm": {"type": "boolean"},
    },
    # SSH host keys, so that a client can verify the host.
    "DaytonaConfiguration": {
        "sshGatewayHost": {"type": "string"},
        "sshGatewayPort": {"type": "integer"},
        "sshGatewayHostKeys": {"type": "array", "items": {"type": "string"}},
        "sshGatewayHostKeyFingerprints": {"type": "array", "items": {"type": "string"}},
    },
    # Python's get_metrics fails without a provider.
    "OidcConfig": {
        "provider": {"type": "string", "required": True},
        "authApiHostname": {"type": "string"},
        "cli": {"type": "object"},
    },
}

# Toolbox: typing of the last open daemon that clients must not meet again.
TOOLBOX_MEMBERS = {
    "ChartElement": {
        # Declared as text; the extractor measures a number, and clients accept both.
        "value": {"type": ["string", "number"]},
        # Sub-charts of a composite chart are charts: their elements, ticks and scales were lost in the typed model.
        "elements": {"type": ["array", "null"]},
        "x_ticks": {"type": "array"}, "x_tick_labels": {"type": "array", "items": {"type": "string"}}, "x_scale": {"type": "string"},
        "y_ticks": {"type": "array"}, "y_tick_labels": {"type": "array", "items": {"type": "string"}}, "y_scale": {"type": "string"},
        # Dates and categories are texts.
        "points": {"type": "array", "items": {"type": "array", "items": {"type": ["number", "string", "null"]}}},
    },
    "Chart": {
        # A figure without axes has no list.
        "elements": {"anyOf": [{"type": "null"}, {"type": "array", "items": {"$ref": "#/definitions/ChartElement"}}]},
        # Ticks of a date axis are ISO texts.
        "x_ticks": {"type": "array", "items": {"type": ["number", "string"]}},
        "y_ticks": {"type": "array", "items": {"type": ["number", "string"]}},
    },
    # What is not known yet is null.
    "SessionExecuteResponse": {"exitCode": {"type": ["integer", "null"]}, "output": {"type": ["string", "null"]},
                               "stdout": {"type": ["string", "null"]}, "stderr": {"type": ["string", "null"]}},
    # A server that splits the streams sends them beside `result`.
    "ExecuteResponse": {"stdout": {"type": "string"}, "stderr": {"type": "string"}},
    "CodeRunArtifacts": {"stdout": {"type": "string"}, "stderr": {"type": "string"}},
}

# Answers that are not described for their route: {route: statuses}.
MORE_STATUSES = {
    # Logs are also sent over a WebSocket, to who asks for one.
    "toolbox GET /process/session/{sessionId}/command/{commandId}/logs": {101},
    "toolbox GET /process/session/entrypoint/logs": {101},
    # SESSION_ENDED: the session's shell is gone. Clients have a class for it.
    "toolbox POST /process/session/{sessionId}/exec": {410},
}

# Answers of another type than the JSON that is described for them: {route: type}. Their bodies are not judged.
OTHER_TYPES = {
    # Files, each a part of a form.
    "toolbox POST /files/bulk-download": "multipart/form-data",
}

# Routes that exist on the wire and not in the files: (service, method, path) → why. Their bodies are not judged.
UNDOCUMENTED_ROUTES = {
    ("api", "GET", "/socket.io/"): "event channel",
    ("api", "POST", "/socket.io/"): "event channel",
    ("toolbox", "GET", "/project-dir"): "legacy alias of /user-home-dir",
    ("toolbox", "GET", "/process/pty/create-connect"): "attaches in one request; all official clients use it",
    ("toolbox", "POST", "/files/upload"): "upload of the last open daemon",
}

# Answers that may also be another schema: {(method, template): schema}.
ALSO_ANSWERED = {
    # A superset of the documented `{labels}`, which is all that clients read.
    ("PUT", "/sandbox/{sandboxIdOrName}/labels"): "Sandbox",
}

# Statuses that the proxy in front of every toolbox route may answer: credentials, unknown or stopped sandbox, lost runner.
PROXY_STATUSES = {400, 401, 403, 404, 429, 500, 502, 503, 504}

# Errors are documented only here and there; these schemas are what every one of them must be.
API_ERROR = {
    "type": "object",
    "required": ["path", "timestamp", "statusCode", "error", "message"],
    "properties": {
        "path": {"type": "string"}, "timestamp": {"type": "string", "format": "date-time"}, "statusCode": {"type": "integer"},
        "error": {"type": "string"}, "message": {"type": "string"},
        "source": {"type": "string"}, "code": {"type": "string"}, "method": {"type": "string"},
    },
    "additionalProperties": False,
}
DAEMON_ERROR = {
    "type": "object",
    "required": ["message", "path", "statusCode", "timestamp", "source", "code"],
    "properties": {
        "path": {"type": "string"}, "timestamp": {"type": "string", "format": "date-time"}, "statusCode": {"type": "integer"},
        "message": {"type": "string"}, "error": {"type": "string"}, "method": {"type": "string"},
        "source": {"enum": ["DAYTONA_DAEMON", "DAYTONA_PROXY", "DAYTONA_API"]}, "code": {"type": "string", "pattern": "^[A-Z0-9_]+$"},
    },
    "additionalProperties": False,
}
