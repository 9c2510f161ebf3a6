"""A WebSocket client (RFC 6455) that shows each frame as it came."""

import os
import socket
import struct
import threading
import time

from wire.plain_client import NoAnswer

_NAMES = {0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}
_OPCODES = {name: code for code, name in _NAMES.items()}


def masked_frame(kind, payload):
    """A whole frame as a client sends it."""
    head = bytes([0x80 | _OPCODES[kind]])
    if len(payload) < 126:
        head += bytes([0x80 | len(payload)])
    elif len(payload) < 1 << 16:
        head += b"\xfe" + struct.pack(">H", len(payload))
    else:
        head += b"\xff" + struct.pack(">Q", len(payload))
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


class Frames:
    """Takes the bytes behind a handshake apart."""

    def __init__(self):
        self._data = b""

    def feed(self, data):
        """The (type, payload) of each frame that is complete now."""
        self._data += data
        found = []
        while (frame := self._first()) is not None:
            found.append(frame)
        return found

    def _first(self):
        if len(self._data) < 2:
            return None
        if self._data[1] & 0x80 or self._data[0] & 0x70:
            raise ValueError("a frame of a server is neither masked nor of an extension")
        size, begin = self._data[1] & 0x7F, 2
        if size >= 126:
            begin = 4 if size == 126 else 10
            if len(self._data) < begin:
                return None
            size = int.from_bytes(self._data[2:begin], "big")
        if len(self._data) < begin + size:
            return None
        frame = _NAMES.get(self._data[0] & 0x0F, "unknown"), self._data[begin:begin + size]
        self._data = self._data[begin + size:]
        return frame


class Conversation:
    """What came over a socket whose handshake was answered, and how it ended: `close`, `limit`, or what else."""

    def __init__(self):
        self.sent = 0
        self.frames = []                  # (type, payload)
        self.end = None
        self._changed = threading.Condition()

    def add(self, frames):
        with self._changed:
            self.frames += frames
            self._changed.notify_all()

    def has_sent(self):
        with self._changed:
            self.sent += 1
            self._changed.notify_all()

    def await_sent(self, count, patience):
        """Waits, on another thread, until so many frames were sent."""
        with self._changed:
            return self._changed.wait_for(lambda: self.sent >= count, patience)

    def await_payload(self, size, patience):
        """Waits, on another thread, until so many bytes of messages have come."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.payload()) >= size, patience)

    def payload(self):
        return b"".join(payload for kind, payload in self.frames if kind in ("text", "binary", "continuation"))

    def close_code(self):
        closes = [payload for kind, payload in self.frames if kind == "close"]
        return int.from_bytes(closes[0][:2], "big") if closes and len(closes[0]) >= 2 else None


def converse(talk, connection, rest, sends, *, enough=None, patience=90):
    """Holds a conversation, which `talk` then shows: sends `sends` ((seconds, type, payload), each at its time) and reads to the end, or until `enough(payload)`. `rest` came behind the handshake."""
    reader = Frames()
    stop = threading.Event()
    sender = threading.Thread(target=_send_in_time, args=(connection, sends, stop, talk))
    sender.start()
    end = time.monotonic() + patience
    try:
        data = rest
        while True:
            talk.add(reader.feed(data))
            if any(kind == "close" for kind, _ in talk.frames):
                talk.end = "close"
                break
            if enough is not None and enough(talk.payload()):
                talk.end = "limit"
                break
            connection.settimeout(max(0.01, end - time.monotonic()))
            data = _read(connection, patience)
            if not data:
                talk.end = "tcp closed without close frame"
                break
    finally:
        stop.set()
        sender.join()
    if talk.end == "close":
        connection.sendall(masked_frame("close", b"\x03\xe8"))


def _read(connection, patience):
    try:
        return connection.recv(1 << 16)
    except socket.timeout as error:
        raise NoAnswer(f"no end of the WebSocket within {patience} s") from error
    except ConnectionResetError as error:
        raise NoAnswer("the WebSocket was reset") from error


def _send_in_time(connection, sends, stop, talk):
    begin = time.monotonic()
    for when, kind, payload in sends:
        if stop.wait(max(0, begin + when - time.monotonic())):
            return
        connection.sendall(masked_frame(kind, payload))
        talk.has_sent()
