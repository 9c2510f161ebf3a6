"""A client that sends the bytes it is given and reads one answer, strictly."""

import dataclasses
import json
import socket
import urllib.parse

from wire import http_message

_PATIENCE = 90


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict                         # lower-case names
    body: bytes

    def json(self):
        return json.loads(self.body)


class NoAnswer(Exception):
    pass


def connect(host, port):
    return socket.create_connection((host, port), timeout=_PATIENCE)


def send(connection, data):
    """Sends even to a peer that refuses to read on: its answer tells why."""
    try:
        connection.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        pass


def receive(connection, method):
    """The final answer to a request of `method`. Bytes behind it are an error."""
    answer, rest = receive_with_rest(connection, method)
    if rest:
        raise http_message.MalformedMessage(f"bytes after the answer: {rest[:40]!r}")
    return answer


def receive_with_rest(connection, method):
    """The final answer, and the bytes behind it: a protocol to which it switched may begin in the same packet."""
    data = b""
    while True:
        while b"\r\n\r\n" not in data:
            data += _more(connection, "the answer's head")
        end = data.index(b"\r\n\r\n") + 4
        head, data = http_message.parse_head(data[:end]), data[end:]
        status = http_message.status_of(head)
        if status >= 200 or status == 101:
            break
    body, rest = _body(connection, http_message.response_framing(head, method), data)
    return Answer(status, {name.lower(): value for name, value in head.fields}, body), rest


def _more(connection, what):
    try:
        piece = connection.recv(1 << 16)
    except socket.timeout as error:
        raise NoAnswer(f"no answer within {_PATIENCE} s") from error
    except ConnectionResetError as error:
        raise NoAnswer(f"the connection was reset within {what}") from error
    if not piece:
        raise NoAnswer(f"the connection ended within {what}")
    return piece


def _body(connection, framing, data):
    if framing.kind == "none":
        return b"", data
    if framing.kind == "length":
        while len(data) < framing.length:
            data += _more(connection, "the body")
        return data[:framing.length], data[framing.length:]
    if framing.kind == "close":
        while piece := connection.recv(1 << 16):
            data += piece
        return data, b""
    body = b""
    while True:
        line, data = _line(connection, data)
        size = int(line.split(b";")[0], 16)
        while len(data) < size + 2:
            data += _more(connection, "a chunk")
        if data[size:size + 2] != b"\r\n":
            raise http_message.MalformedMessage("a chunk is longer than it says")
        body, data = body + data[:size], data[size + 2:]
        if size == 0:
            return body, data


def _line(connection, data):
    while b"\r\n" not in data:
        data += _more(connection, "a chunk's head")
    line, _, rest = data.partition(b"\r\n")
    return line, rest


class ApiClient:
    """Calls of the control plane and of one sandbox's toolbox, with the headers of a client."""

    def __init__(self, url, key):
        parts = urllib.parse.urlsplit(url)
        self.host, self.port, self.base = parts.hostname, parts.port or 80, parts.path.rstrip("/")
        self.authorization = f"Bearer {key}"

    def raw(self, data, method):
        with connect(self.host, self.port) as connection:
            send(connection, data)
            return receive(connection, method)

    def call(self, method, path, value=None, *, base=None):
        """`path` is encoded, with its query; `value` goes as JSON."""
        body = b"" if value is None else json.dumps(value).encode()
        fields = [f"Host: {self.host}:{self.port}", f"Authorization: {self.authorization}", "Connection: close", f"Content-Length: {len(body)}",
                  "X-Daytona-Source: sdk-cpp", "X-Daytona-SDK-Version: 0.226.1", "User-Agent: sdk-cpp/test"]
        if value is not None:
            fields.append("Content-Type: application/json")
        head = f"{method} {self.base if base is None else base}{path} HTTP/1.1\r\n" + "".join(field + "\r\n" for field in fields) + "\r\n"
        return self.raw(head.encode() + body, method)
