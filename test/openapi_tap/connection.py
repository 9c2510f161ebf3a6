"""One peer of the tap: reads messages as they come, byte for byte."""

import asyncio

from wire import http_message

_LIMIT = 1 << 20                         # of a head; the toolbox itself refuses more
_PIECE = 64 << 10


class PeerLeft(Exception):
    """The peer closed the connection, or broke it off in the middle of a message."""


class Connection:
    def __init__(self, reader, writer):
        self._reader, self._writer = reader, writer
        self._kept = b""                 # read too early: the beginning of a later message

    async def read_head(self):
        """A head and its bytes; None if the peer closed between messages."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = await self.read_some()
            if not piece:
                if data.strip():
                    raise PeerLeft("the connection ended within a head")
                return None
            data += piece
            if len(data) > _LIMIT:
                raise http_message.MalformedMessage("the head is too long")
        end = data.index(b"\r\n\r\n") + 4
        self._kept = data[end:]
        return http_message.parse_head(data[:end].lstrip(b"\r\n"))

    async def read_some(self, limit=_PIECE):
        if self._kept:
            piece, self._kept = self._kept[:limit], self._kept[limit:]
            return piece
        try:
            return await self._reader.read(limit)
        except OSError:
            return b""

    async def body(self, framing):
        """Yields (bytes as sent, payload in them) until the body ended; PeerLeft if it never does."""
        if framing.kind == "length":
            left = framing.length
            while left:
                piece = await self._some_or_leave(min(left, _PIECE))
                left -= len(piece)
                yield piece, piece
        elif framing.kind == "chunked":
            async for raw, payload in self._chunks():
                yield raw, payload
        elif framing.kind == "close":
            while piece := await self.read_some():
                yield piece, piece

    async def _chunks(self):
        while True:
            line = await self._line()
            size_text = line.split(b";")[0].strip()
            if not size_text or size_text.strip(b"0123456789abcdefABCDEF"):
                raise http_message.MalformedMessage(f"chunk size {line[:40]!r}")
            left = int(size_text, 16)
            yield line, b""
            if left == 0:
                break
            while left:
                piece = await self._some_or_leave(min(left, _PIECE))
                left -= len(piece)
                yield piece, piece
            if (end := await self._line()) != b"\r\n":
                raise http_message.MalformedMessage("a chunk is longer than it says")
            yield end, b""
        while True:
            trailer = await self._line()
            yield trailer, b""
            if trailer == b"\r\n":
                return

    async def _line(self):
        line = b""
        while not line.endswith(b"\r\n"):
            line += await self._some_or_leave(1 if not self._kept else self._kept.find(b"\n") + 1 or len(self._kept))
            if len(line) > _PIECE:
                raise http_message.MalformedMessage("a chunk's head is too long")
        return line

    async def _some_or_leave(self, limit):
        piece = await self.read_some(limit)
        if not piece:
            raise PeerLeft("the connection ended within a body")
        return piece

    async def gone(self):
        """Returns when the peer has closed. Bytes of a next message are kept for it."""
        while True:
            try:
                piece = await self._reader.read(_PIECE)
            except OSError:
                return
            if not piece:
                return
            self._kept += piece
            if len(self._kept) > _LIMIT:
                await asyncio.Future()   # plenty is there: wait to be cancelled rather than read on

    def has_unasked_bytes(self):
        return bool(self._kept)

    def closed(self):
        return self._writer.is_closing() or self._reader.at_eof()

    async def write(self, data):
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as error:
            raise PeerLeft(str(error)) from error

    def close(self):
        self._writer.close()
