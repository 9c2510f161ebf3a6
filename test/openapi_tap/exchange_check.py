"""Judges one HTTP exchange by the OpenAPI files."""

import dataclasses
import json
import urllib.parse

import known_differences as known
import specification

# What every Daytona client says of itself.
_CLIENT_HEADERS = ("X-Daytona-Source", "X-Daytona-SDK-Version", "User-Agent")


@dataclasses.dataclass
class Exchange:
    service: str                        # api, toolbox, or other: a path below neither
    method: str
    path: str                           # raw, below the API base or the sandbox
    query: str                          # raw
    request_head: object
    request_body: object = b""          # None: not kept, because too long or cut off
    response_head: object = None        # None: no complete answer
    response_body: object = b""
    status: int = 0


class Judge:
    def __init__(self, api_file, toolbox_file):
        self._operations = [*specification.read_control_plane(api_file, known.API_MEMBERS, known.ALSO_ANSWERED),
                            *specification.read_toolbox(toolbox_file, known.TOOLBOX_MEMBERS)]

    def judge(self, exchange):
        """(name of the route, list of violations)"""
        path = exchange.path if exchange.path.startswith("/") else "/" + exchange.path
        key = (exchange.service, exchange.method, path)
        if key in known.UNDOCUMENTED_ROUTES:                   # though a parameter of a described one could be it
            return " ".join(key), []
        operation, path_values = specification.find(self._operations, exchange.service, exchange.method, path)
        if operation is None:
            return " ".join(key), [f"route: {' '.join(key)} is not described"]
        violations = _credentials(exchange, operation) + _client_headers(exchange)
        violations += _parameters(exchange, operation, path_values) + _request_body(exchange, operation)
        if exchange.response_head is not None:
            violations += _response(exchange, operation)
        return operation.name, violations


def _credentials(exchange, operation):
    bearer = (exchange.request_head.value("Authorization") or "").startswith("Bearer ")
    if operation.needs_credentials and not bearer and exchange.status != 401:
        return ["request: no bearer token, yet not answered with 401"]
    return []


def _client_headers(exchange):
    return [f"request: header {name} is missing" for name in _CLIENT_HEADERS if not exchange.request_head.value(name)]


def _parameters(exchange, operation, path_values):
    violations = []
    query = {}
    for key, value in urllib.parse.parse_qsl(exchange.query, keep_blank_values=True):
        query.setdefault(key, []).append(value)
    declared = {parameter.name: parameter for parameter in operation.parameters if parameter.location == "query"}
    for name in sorted(set(query) - set(declared)):
        violations.append(f"request: query parameter {name} is not described")
    for parameter in operation.parameters:
        if parameter.location == "header":
            value = exchange.request_head.value(parameter.name)
            values = None if value is None else [value]
        elif parameter.location == "query":
            values = query.get(parameter.name)
        else:
            values = [path_values[parameter.name]]
        if values is not None:
            violations += _parameter_value(parameter, values)
        elif parameter.required:
            violations.append(f"request: {parameter.location} parameter {parameter.name} is missing")
    return violations


def _parameter_value(parameter, texts):
    schema = parameter.schema
    if schema.get("type") == "array":
        value = [_typed(text, schema.get("items", {})) for text in texts]
    elif len(texts) > 1:
        return [f"request: {parameter.location} parameter {parameter.name} is repeated"]
    else:
        value = _typed(texts[0], schema)
    return [f"request: {parameter.location} parameter {parameter.name} {text}" for text in parameter.validator.complaints(value)]


def _typed(text, schema):
    """The value that a text stands for in a path or query; the text itself if it is none of the type."""
    try:
        if schema.get("type") in ("number", "integer"):
            return int(text) if schema["type"] == "integer" or text.lstrip("-").isdigit() else float(text)
        if schema.get("type") == "boolean":
            return {"true": True, "false": False}[text]
    except (ValueError, KeyError):
        pass
    return text


def _request_body(exchange, operation):
    body = exchange.request_body
    if body is None or exchange.method in ("GET", "HEAD"):
        return []
    if not body:
        return ["request: the body is missing"] if operation.body_required else []
    if operation.body is None:
        # A route without a described body, or with a form: `{}` and null are what clients send for nothing.
        is_form = "json" not in (exchange.request_head.value("Content-Type") or "json")
        return [] if is_form or body.strip() in (b"{}", b"null") else ["request: a body where none is described"]
    if "json" not in (exchange.request_head.value("Content-Type") or ""):
        return ["request: a JSON body without a JSON Content-Type"]
    value, problem = _json(body)
    return [f"request body: {problem}"] if problem else [f"request body {text}" for text in operation.body.complaints(value)]


def _response(exchange, operation):
    status = exchange.status
    if status >= 400:
        return _error_response(exchange, operation)
    if status in known.MORE_STATUSES.get(operation.name, ()):
        return []
    if status not in operation.responses:
        return [f"response: status {status} is not described ({sorted(operation.responses)})"]
    validator = operation.responses[status]
    if validator is None or exchange.response_body is None or status == 101:
        return []
    if wanted := known.OTHER_TYPES.get(operation.name):
        return [] if _content_type(exchange) == wanted else [f"response: Content-Type {_content_type(exchange)} instead of {wanted}"]
    value, problem = _json_body(exchange)
    return [f"response: {problem}"] if problem else [f"response body {text}" for text in validator.complaints(value)]


def _error_response(exchange, operation):
    value, problem = _json_body(exchange)
    if problem:
        return [f"response {exchange.status}: {problem}"]
    schema = known.API_ERROR if operation.service == "api" else known.DAEMON_ERROR
    violations = [f"response {exchange.status}{text}" for text in specification.Validator(schema, {}).complaints(value)]
    if isinstance(value, dict) and value.get("statusCode") != exchange.status:
        violations.append(f"response: status {exchange.status}, but statusCode {value.get('statusCode')} in the body")
    if operation.service == "toolbox":
        violations += _daemon_error(exchange, operation, value)
    return violations


def _daemon_error(exchange, operation, value):
    """An error of the daemon itself is described for its route; the proxy's may come anywhere."""
    if isinstance(value, dict) and value.get("source") == "DAYTONA_PROXY":
        return [] if exchange.status in known.PROXY_STATUSES else [f"response: status {exchange.status} of the proxy"]
    declared = [status for status in operation.responses if status >= 400]
    if declared and exchange.status not in (*declared, 500, *known.MORE_STATUSES.get(operation.name, ())):
        return [f"response: status {exchange.status} is not described ({sorted(operation.responses)})"]
    validator = operation.responses.get(exchange.status)
    return [f"response {exchange.status}{text}" for text in validator.complaints(value)] if validator else []


def _content_type(exchange):
    return (exchange.response_head.value("Content-Type") or "").split(";")[0].strip().lower()


def _json_body(exchange):
    content_type = _content_type(exchange)
    if exchange.response_body is None:
        return None, "the body is too long to be looked at"
    if content_type != "application/json":
        return None, f"Content-Type {content_type or 'absent'} where JSON is described"
    return _json(exchange.response_body)


def _json(body):
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_unique), None
    except (UnicodeDecodeError, ValueError) as error:
        return None, f"not JSON: {error}"


def _unique(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError(f"a member occurs twice in {names}")
    return dict(pairs)
