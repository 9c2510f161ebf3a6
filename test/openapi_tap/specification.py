"""The OpenAPI files as a list of operations with ready validators: OpenAPI 3.0 (control plane), Swagger 2.0 (toolbox)."""

import dataclasses
import json
import re
import urllib.parse

import jsonschema

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_formats = jsonschema.FormatChecker(formats=())


@_formats.checks("date-time")
def _is_timestamp(value):
    return not isinstance(value, str) or _RFC3339.fullmatch(value) is not None


@dataclasses.dataclass
class Parameter:
    name: str
    location: str                    # path, query or header
    required: bool
    schema: dict                     # as described: says how its text is to be read
    validator: object


@dataclasses.dataclass
class Operation:
    service: str                     # api or toolbox
    method: str
    template: str
    parameters: list
    body: object                     # validator of a JSON request body, None without one
    body_required: bool
    responses: dict                  # status → validator of a JSON body, None for an empty or other one
    needs_credentials: bool

    @property
    def name(self):
        return f"{self.service} {self.method} {self.template}"


class Validator:
    """Says in one line each what is wrong with a JSON value."""

    def __init__(self, schema, components):
        self._schema = jsonschema.Draft4Validator({"allOf": [schema], **components}, format_checker=_formats)

    def complaints(self, value):
        errors = sorted(self._schema.iter_errors(value), key=lambda error: [str(part) for part in error.absolute_path])
        return [f"/{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in errors]


def read_control_plane(path, added_members, also_answered):
    """The operations of an OpenAPI 3.0 file."""
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    schemas = _extended(document["components"]["schemas"], added_members)
    components = {"components": {"schemas": _all_closed(schemas)}}
    for template, method, entry in _entries(document):
        body = entry.get("requestBody", {})
        yield Operation(
            "api", method, template,
            [_parameter(p, p.get("schema", {}), components) for p in entry.get("parameters", [])],
            _validator(_json_content(body), components), body.get("required", False),
            {int(status): _validator(_answer(_json_content(answer), also_answered.get((method, template))), components)
             for status, answer in entry["responses"].items() if status.isdigit()},
            bool(entry.get("security")))


def read_toolbox(path, added_members):
    """The operations of a Swagger 2.0 file. Every one wants credentials, for it is reached through the proxy."""
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    components = {"definitions": _all_closed(_extended(document["definitions"], added_members))}
    for template, method, entry in _entries(document):
        parameters = entry.get("parameters", [])
        body = next((p for p in parameters if p["in"] == "body"), {})
        yield Operation(
            "toolbox", method, template,
            [_parameter(p, {key: p[key] for key in ("type", "items", "enum", "minimum", "maximum") if key in p}, components)
             for p in parameters if p["in"] in ("path", "query", "header")],
            _validator(body.get("schema"), components), body.get("required", False),
            {int(status): _validator(answer.get("schema"), components) for status, answer in entry["responses"].items() if status.isdigit()},
            True)


def find(operations, service, method, path):
    """The operation for a raw path, with its decoded path parameters; the template with the most literal segments wins.

    Segments are compared before they are decoded: `a%2Fb` is one segment."""
    segments = path.split("/")
    best, best_rank, values = None, None, {}
    for operation in operations:
        if operation.service != service or operation.method != method:
            continue
        parts = operation.template.split("/")
        if len(parts) != len(segments):
            continue
        found = {}
        for part, segment in zip(parts, segments):
            if part.startswith("{") and segment:
                found[part[1:-1]] = urllib.parse.unquote(segment)
            elif part != segment:
                break
        else:
            if best is None or len(found) < best_rank:
                best, best_rank, values = operation, len(found), found
    return best, values


def _entries(document):
    for template, item in document["paths"].items():
        for method, entry in item.items():
            if method in ("get", "put", "post", "delete", "patch", "head", "options"):
                yield template, method.upper(), entry


def _parameter(entry, schema, components):
    return Parameter(entry["name"], entry["in"], entry.get("required", False), schema, Validator(_closed(schema), components))


def _json_content(holder):
    return holder.get("content", {}).get("application/json", {}).get("schema")


def _answer(documented, also):
    return {"anyOf": [documented, {"$ref": f"#/components/schemas/{also}"}]} if also and documented else documented


def _validator(schema, components):
    if not schema or schema.get("type") == "file":
        return None
    return Validator(_closed(schema), components)


def _extended(schemas, added_members):
    """The schemas with the members of later generations; `required` names those that must be there."""
    schemas = json.loads(json.dumps(schemas))
    for name, members in added_members.items():
        if name not in schemas:
            continue
        for member, schema in members.items():
            schema = dict(schema)
            if schema.pop("required", False):
                schemas[name].setdefault("required", []).append(member)
            schemas[name]["properties"][member] = schema
    return schemas


def _closed(schema):
    """JSON Schema of an OpenAPI schema: `nullable` spelled out, and no member that the description doesn't know,
    since a misspelt optional member would else pass for an absent one."""
    result = {key: value for key, value in schema.items() if key not in ("nullable", "example", "default", "discriminator")}
    if result.get("type") == "file":
        del result["type"]
    if "properties" in result:
        result["properties"] = _all_closed(result["properties"])
        result.setdefault("additionalProperties", False)
    for key in ("items", "additionalProperties"):
        if isinstance(result.get(key), dict):
            result[key] = _closed(result[key])
    for key in ("allOf", "anyOf", "oneOf"):
        if key in result:
            result[key] = [_closed(part) for part in result[key]]
    return {"anyOf": [result, {"type": "null"}]} if schema.get("nullable") else result


def _all_closed(schemas):
    return {name: _closed(schema) for name, schema in schemas.items()}
