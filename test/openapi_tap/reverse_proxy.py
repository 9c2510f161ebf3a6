"""Stands between clients and a server, hands every byte on as it comes, and keeps a copy of what it has to judge."""

import asyncio
import re
import ssl
import time
import urllib.parse

from connection import Connection, PeerLeft
from exchange_check import Exchange
from wire import http_message

_KEPT = 32 << 20                         # longer bodies are passed on, not judged
_TOOLBOX_URL = re.compile(rb'("(?:toolboxProxyUrl|proxyToolboxUrl)"\s*:\s*")([^"]*)(")')
_PROXY_URL_ANSWER = re.compile(rb'("url"\s*:\s*")([^"]*)(")')


class Upstream:
    """Where the traffic goes. Learns from the answers where toolbox traffic belongs."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.api_base = parts.path.rstrip("/") or "/api"
        self._api = (parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))
        self._toolboxes = {}             # path of a toolbox base → origin

    def learn_toolbox(self, url):
        """Remembers a toolbox base; returns its path."""
        parts = urllib.parse.urlsplit(url)
        self._toolboxes[parts.path.rstrip("/")] = (parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))
        return parts.path.rstrip("/")

    def place(self, path):
        """(origin, service, path below its base) of a raw request path."""
        for base, origin in self._toolboxes.items():
            if path.startswith(base + "/"):
                _, slash, rest = path[len(base) + 1:].partition("/")
                return origin, "toolbox", slash + rest
        path = re.sub("/{2,}", "/", path)                      # a client given a base with a slash at its end sends //
        if path.startswith(self.api_base + "/"):
            return self._api, "api", path[len(self.api_base):]
        return self._api, "other", path


class ReverseProxy:
    """`on_exchange(exchange, complaint, seconds)` is called after each; `complaint` tells of broken messages."""

    def __init__(self, upstream, on_exchange):
        self._upstream, self._on_exchange = upstream, on_exchange
        self.origin = ""

    async def listen(self, port=0):
        server = await asyncio.start_server(self._serve, "127.0.0.1", port, backlog=1024)
        self.origin = "http://127.0.0.1:%d" % server.sockets[0].getsockname()[1]
        return server

    async def _serve(self, reader, writer):
        client, peers = Connection(reader, writer), {}
        try:
            while (head := await client.read_head()) and await self._one(client, peers, head):
                pass
        except (PeerLeft, http_message.MalformedMessage, ConnectionError):
            pass
        finally:
            for connection in (client, *peers.values()):
                connection.close()

    async def _one(self, client, peers, head):
        """One exchange; True if the connection can carry another one."""
        method, target = http_message.request_line(head)
        path, _, query = target.partition("?")
        origin, service, below = self._upstream.place(path)
        exchange = Exchange(service, method, below, query, head, request_body=None)
        begin, complaint = time.monotonic(), None
        run = _Run(self, exchange, client, peers, origin)
        try:
            return await run.go()
        except PeerLeft as error:                              # clients may leave at any time, a server may not
            complaint = f"server: {error}" if run.culprit == "server" else None
            return False
        except http_message.MalformedMessage as error:
            complaint = f"{run.culprit}: {error}"
            return False
        finally:
            self._on_exchange(exchange, complaint, time.monotonic() - begin)

    def rewritten(self, exchange, body):
        """`body` with the toolbox bases in it replaced by ones that lead here."""
        def lead_here(match):
            url = match.group(2).decode()
            if not url.startswith(("http://", "https://")):
                return match.group(0)
            return match.group(1) + (self.origin + self._upstream.learn_toolbox(url)).encode() + match.group(3)
        if exchange.path.endswith("/toolbox-proxy-url"):
            body = _PROXY_URL_ANSWER.sub(lead_here, body)
        return _TOOLBOX_URL.sub(lead_here, body)


class _Run:
    """One exchange on its way."""

    def __init__(self, proxy, exchange, client, peers, origin):
        self._proxy, self._exchange, self._client, self._peers, self._origin = proxy, exchange, client, peers, origin
        self.culprit = "server"
        self._request_sent = False

    async def go(self):
        server = await self._server()
        head = self._exchange.request_head.replaced("Host", f"{self._origin[1]}:{self._origin[2]}")
        await server.write(head.encode())
        asking = asyncio.ensure_future(self._ask(server))
        answering = asyncio.ensure_future(self._answer(server))
        try:
            await asyncio.wait({asking, answering}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                self.culprit = "client"
                asking.result()                                # raises what the client did wrong, if it did
                raise PeerLeft("the client left")
            reusable = answering.result() and self._request_sent
            await _cancelled(asking)
            if self._exchange.status == 101:
                await self._tunnel(server)
            return reusable
        except BaseException:
            server.close()
            raise
        finally:
            await _cancelled(asking)
            await _cancelled(answering)

    async def _server(self):
        known = self._peers.get(self._origin)
        if known and not known.closed():
            if known.has_unasked_bytes():
                raise http_message.MalformedMessage("bytes that belong to no answer")
            return known
        scheme, host, port = self._origin
        try:
            reader, writer = await asyncio.open_connection(host, port, ssl=ssl.create_default_context() if scheme == "https" else None)
        except OSError as error:
            raise PeerLeft(f"cannot connect: {error}") from error
        self._peers[self._origin] = Connection(reader, writer)
        return self._peers[self._origin]

    async def _ask(self, server):
        """Hands the request's body on, then watches whether the client stays for the answer."""
        kept, listening = _Copy(), True
        async for raw, payload in self._client.body(http_message.request_framing(self._exchange.request_head)):
            try:
                listening = listening and await server.write(raw) is None
            except PeerLeft:
                listening = False                              # it may have answered already: that decides
            kept.add(payload)
        self._exchange.request_body = kept.bytes()
        self._request_sent = listening
        await self._client.gone()

    async def _answer(self, server):
        while True:
            head = await server.read_head()
            if head is None:
                raise PeerLeft("closed the connection without an answer")
            status = http_message.status_of(head)
            if status >= 200 or status == 101:
                break
            await self._client.write(head.encode())            # 100 Continue
        self._exchange.status, self._exchange.response_head = status, head
        if status != 101:
            return await self._pass_answer(server, head)
        await self._client.write(head.encode())
        return False

    async def _pass_answer(self, server, head):
        framing = http_message.response_framing(head, self._exchange.method)
        may_name_toolboxes = self._exchange.service == "api" and "json" in (head.value("Content-Type") or "")
        if may_name_toolboxes and framing.kind != "none":
            await self._pass_whole(server, head, framing)
        else:
            await self._pass_stream(server, head, framing)
        keep = framing.kind != "close" and "close" not in head.tokens("Connection")
        if not keep:
            server.close()
            self._peers.pop(self._origin, None)
        return keep and "close" not in self._exchange.request_head.tokens("Connection")

    async def _pass_whole(self, server, head, framing):
        body = b"".join([payload async for _, payload in server.body(framing)])
        self._exchange.response_body = body
        body = self._proxy.rewritten(self._exchange, body)
        head = head.replaced("Transfer-Encoding", None).replaced("Content-Length", str(len(body)))
        await self._client.write(head.encode() + body)

    async def _pass_stream(self, server, head, framing):
        kept = _Copy()
        self._exchange.response_body = None
        await self._client.write(head.encode())
        async for raw, payload in server.body(framing):
            await self._client.write(raw)
            kept.add(payload)
        self._exchange.response_body = kept.bytes()

    async def _tunnel(self, server):
        """After 101 the bytes are no HTTP: they go both ways until one side closes."""
        pumps = [asyncio.ensure_future(_pump(self._client, server)), asyncio.ensure_future(_pump(server, self._client))]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in pumps:
            await _cancelled(pump)
        server.close()


class _Copy:
    """What was passed on, unless it was too much to keep."""

    def __init__(self):
        self._kept = bytearray()

    def add(self, piece):
        if self._kept is not None:
            self._kept += piece
            if len(self._kept) > _KEPT:
                self._kept = None

    def bytes(self):
        return None if self._kept is None else bytes(self._kept)


async def _pump(source, sink):
    try:
        while piece := await source.read_some():
            await sink.write(piece)
    except PeerLeft:
        pass


async def _cancelled(task):
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
