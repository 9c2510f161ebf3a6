"""HTTP/1.1 messages as bytes: heads, and how long a body is. No I/O, and strict, for it judges both peers."""

import dataclasses


class MalformedMessage(Exception):
    pass


@dataclasses.dataclass
class Head:
    """A start line and header fields, as sent (latin-1), with their order and spelling."""

    start_line: str
    fields: list

    def values(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def value(self, name):
        """The field's value, several of one name joined as RFC 9110 says; None if absent."""
        values = self.values(name)
        return ", ".join(values) if values else None

    def tokens(self, name):
        return [token.strip().lower() for token in (self.value(name) or "").split(",") if token.strip()]

    def replaced(self, name, value):
        """A copy with one field `name`, in the first one's place; without it if `value` is None."""
        fields, done = [], value is None
        for key, old in self.fields:
            if key.lower() != name.lower():
                fields.append((key, old))
            elif not done:
                fields.append((key, value))
                done = True
        return Head(self.start_line, fields if done else fields + [(name, value)])

    def encode(self):
        lines = [self.start_line] + [f"{key}: {value}" for key, value in self.fields]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def parse_head(data):
    """`data` is everything up to and with the empty line."""
    text = data.decode("latin-1")
    if not text.endswith("\r\n\r\n"):
        raise MalformedMessage("the head does not end with an empty line")
    start_line, *lines = text[:-4].split("\r\n")
    fields = []
    for line in lines:
        key, colon, value = line.partition(":")
        if not colon or not key or key != key.strip():
            raise MalformedMessage(f"bad header line {line!r}")
        fields.append((key, value.strip(" \t")))
    return Head(start_line, fields)


def request_line(head):
    """(method, target) of a request head."""
    parts = head.start_line.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise MalformedMessage(f"bad request line {head.start_line!r}")
    return parts[0], parts[1]


def status_of(head):
    version, _, rest = head.start_line.partition(" ")
    if not version.startswith("HTTP/1.") or len(rest) < 3 or not rest[:3].isdigit():
        raise MalformedMessage(f"bad status line {head.start_line!r}")
    return int(rest[:3])


@dataclasses.dataclass(frozen=True)
class Framing:
    """How a body ends: `kind` is none, length, chunked or close."""

    kind: str
    length: int = 0


def request_framing(head):
    return _declared_framing(head) or Framing("none")


def response_framing(head, method):
    status = status_of(head)
    if method == "HEAD" or status in (101, 204, 304) or 100 <= status < 200:
        return Framing("none")
    return _declared_framing(head) or Framing("close")


def _declared_framing(head):
    coding, lengths = head.tokens("Transfer-Encoding"), head.tokens("Content-Length")
    if coding and lengths:
        raise MalformedMessage("both Transfer-Encoding and Content-Length")
    if coding:
        if coding != ["chunked"]:
            raise MalformedMessage(f"transfer coding {coding}")
        return Framing("chunked")
    if not lengths:
        return None
    if len(set(lengths)) != 1 or not lengths[0].isdigit():
        raise MalformedMessage(f"Content-Length {lengths}")
    return Framing("length", int(lengths[0]))
