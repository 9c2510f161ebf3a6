"""What the official SDKs make of an answer, looked up in the recorded table of changed answers (test/vectors/control/tolerance.tsv)."""

import json
import re

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


class Table:
    """(object, member) → {change: verdict of each SDK}; a verdict that begins with `ok` accepts the change."""

    def __init__(self, path):
        self.members = {}
        with open(path, encoding="utf-8") as file:
            columns = next(file).rstrip("\n").split("\t")[3:]
            for line in file:
                name, member, change, *verdicts = line.rstrip("\n").split("\t")
                self.members.setdefault(name, {}).setdefault(member, {})[change] = dict(zip(columns, verdicts))

    def complaints(self, name, value):
        """What an SDK would refuse in `value`, an object called `name` in the table."""
        if not isinstance(value, dict):
            return [f"{json.dumps(value)[:60]} is no object"]
        found = []
        for member, changes in self.members[name].items():
            if member.startswith("("):
                continue
            change = _change(changes, *_member(value, member))
            if change is None:
                continue
            verdicts = changes.get(change)
            if verdicts is None:
                found.append(f"{member}: {change}")
            else:
                found += [f"{member} ({change}): {sdk}: {verdict[:120]}" for sdk, verdict in verdicts.items() if _refuses(verdict)]
        return found


def _refuses(verdict):
    return not verdict.startswith(("ok", "not run"))


def parse(body):
    """JSON in which 1.0 stays apart from 1: the SDKs tell them apart."""
    return json.loads(body, parse_float=_Fraction)


class _Fraction(float):
    def __new__(cls, text):
        number = float.__new__(cls, text)
        number.text = text
        return number


def _member(value, path):
    """(present, value) of a member, also a nested one like `oidc.issuer`."""
    for part in path.split("."):
        if not isinstance(value, dict) or part not in value:
            return False, None
        value = value[part]
    return True, value


def _change(changes, present, value):
    """Which of the recorded changes a member shows; None if it is as it should be, other words for one nobody tried."""
    if not present:
        return "remove"
    if value is None:
        return "null"
    kind = _kind(changes)
    if kind == "number" and isinstance(value, _Fraction):
        return "number 1.0" if value.is_integer() else "number 1.5"
    fits = {
        "number": isinstance(value, int) and not isinstance(value, bool),
        "object": isinstance(value, dict),
        "array": isinstance(value, list),
        "boolean": isinstance(value, bool),
        "timestamp": isinstance(value, str) and _RFC3339.fullmatch(value) is not None,
        "text": isinstance(value, str),
        "any": True,
    }[kind]
    return None if fits else f"{json.dumps(value)[:60]} is no {kind}"


def _kind(changes):
    """The type of a member, seen from the changes that were tried on it."""
    def refused(change):
        return change in changes and any(_refuses(verdict) for verdict in changes[change].values())
    if "number 1.0" in changes:
        return "number"
    if "array" in changes:
        return "array" if "object" in changes else "object"
    if refused("text"):
        return "boolean" if refused("number 1") else "timestamp"
    return "text" if "number 1" in changes else "any"
