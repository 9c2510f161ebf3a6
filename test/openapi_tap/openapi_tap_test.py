#!/usr/bin/env python3
"""Self-test of the OpenAPI tap: planted violations are found, and correct exchanges are not blamed."""

import asyncio
import json
import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "support")]

from exchange_check import Exchange, Judge        # noqa: E402
from reverse_proxy import ReverseProxy, Upstream  # noqa: E402
from wire import http_message                     # noqa: E402
from wire.cases import checks_of, run_checks      # noqa: E402

OPENAPI = pathlib.Path(__file__).resolve().parents[1] / "openapi"
JUDGE = Judge(OPENAPI / "api.json", OPENAPI / "toolbox.json")
ID = "5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59"
SANDBOX = {
    "id": ID, "organizationId": "o", "name": "n", "user": "daytona", "env": {}, "labels": {}, "public": False,
    "networkBlockAll": False, "kvm": False, "target": "us", "cpu": 1, "gpu": 0, "memory": 1, "disk": 3, "state": "started",
    "queueTimeout": None, "toolboxProxyUrl": "http://127.0.0.1:1/toolbox",
}
CLIENT = {"Authorization": "Bearer k", "X-Daytona-Source": "sdk-cpp", "X-Daytona-SDK-Version": "0.226.1", "User-Agent": "sdk-cpp/1"}
ERROR = {"path": "/api/sandbox/x", "timestamp": "2026-03-04T05:06:07.008Z", "statusCode": 404, "error": "Not Found", "message": "no"}
TIMED_OUT = {"statusCode": 408, "message": "request timeout: command execution timeout", "code": "PROCESS_EXECUTION_TIMEOUT",
             "source": "DAYTONA_DAEMON", "timestamp": "2026-03-04T05:06:07Z", "path": "/process/execute", "method": "POST"}


def without(value, *names):
    return {key: item for key, item in value.items() if key not in names}


def violations(service, request, answer, *, status=200, body=b"", headers=None, content_type="application/json"):
    """What the judge says about `METHOD path?query`, answered by `answer` (JSON value, or bytes)."""
    method, _, target = request.partition(" ")
    path, _, query = target.partition("?")
    fields = [*(CLIENT if headers is None else headers).items()]
    if isinstance(body, (dict, list)):
        body = json.dumps(body).encode()
        fields.append(("Content-Type", "application/json"))
    answer = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return JUDGE.judge(Exchange(
        service, method, path, query, http_message.Head("", fields), body,
        http_message.Head(f"HTTP/1.1 {status} x", [("Content-Type", content_type)] if answer else []), answer, status))[1]


def expect(found, *wanted):
    assert len(found) == len(wanted) and all(text in line for text, line in zip(wanted, found)), f"found {found}, wanted {wanted}"


def check_get_sandbox():
    """a correct answer is not blamed"""
    expect(violations("api", f"GET /sandbox/{ID}", SANDBOX))


def check_missing_member():
    """a required member that is missing is found, also one of a later generation"""
    expect(violations("api", f"GET /sandbox/{ID}", without(SANDBOX, "name")), "'name' is a required property")
    expect(violations("api", f"GET /sandbox/{ID}", without(SANDBOX, "kvm")), "'kvm' is a required property")


def check_wrong_type():
    """a member of the wrong type, an unknown enum value and an unasked null are found"""
    expect(violations("api", f"GET /sandbox/{ID}", {**SANDBOX, "cpu": "1"}), "/cpu")
    expect(violations("api", f"GET /sandbox/{ID}", {**SANDBOX, "state": "running"}), "/state")
    expect(violations("api", f"GET /sandbox/{ID}", {**SANDBOX, "snapshot": None}), "/snapshot")


def check_misspelt_member():
    """a member that the description doesn't know is found, in answers and in requests"""
    expect(violations("api", f"GET /sandbox/{ID}", {**SANDBOX, "autoStopIntervall": 1}), "autoStopIntervall")
    expect(violations("api", "POST /sandbox", SANDBOX, body={"envVars": {}}), "request body /")


def check_list_items():
    """items of a list are judged one by one"""
    items = [without(SANDBOX, "env", "kvm"), without(SANDBOX, "env", "kvm", "target")]
    expect(violations("api", "GET /sandbox?limit=5&labels=%7B%7D", {"items": items, "nextCursor": None}), "/items/1")


def check_parameters():
    """query and path parameters are judged: unknown, out of range, not of the enum, mistyped"""
    page = {"items": [], "nextCursor": None}
    expect(violations("api", "GET /sandbox?colour=red", page), "colour is not described")
    expect(violations("api", "GET /sandbox?limit=0", page), "limit")
    expect(violations("api", "GET /sandbox?states=started&states=running", page), "states /1")
    expect(violations("api", "GET /sandbox?limit=1&limit=2", page), "repeated")
    expect(violations("api", f"POST /sandbox/{ID}/autostop/soon", SANDBOX), "interval")


def check_status():
    """a status that is not described is found"""
    expect(violations("api", "POST /sandbox", SANDBOX, status=201, body={}), "status 201")


def check_labels_superset():
    """an answer known to be a superset is accepted"""
    expect(violations("api", f"PUT /sandbox/{ID}/labels", SANDBOX, body={"labels": {}}))
    expect(violations("api", f"PUT /sandbox/{ID}/labels", {"label": {}}, body={"labels": {}}), "response body")


def check_errors():
    """errors need the envelope, with the status of the answer"""
    expect(violations("api", "GET /sandbox/x", ERROR, status=404))
    expect(violations("api", "GET /sandbox/x", ERROR, status=409), "statusCode 404")
    expect(violations("api", "GET /sandbox/x", without(ERROR, "message"), status=404), "'message'")
    expect(violations("api", "GET /sandbox/x", b"", status=404), "Content-Type absent")
    expect(violations("api", "GET /sandbox/x", b"<html>", status=502, content_type="text/html"), "text/html")


def check_daemon_errors():
    """errors of the toolbox carry source and code, and a status that is described for the route or is the proxy's"""
    run = {"command": "sleep 9", "timeout": 1}
    not_found = {**TIMED_OUT, "statusCode": 404, "code": "NOT_FOUND"}
    expect(violations("toolbox", "POST /process/execute", TIMED_OUT, status=408, body=run))
    expect(violations("toolbox", "POST /process/execute", without(TIMED_OUT, "source"), status=408, body=run), "'source'")
    expect(violations("toolbox", "POST /process/execute", {**TIMED_OUT, "code": "TOO_LATE"}, status=408, body=run), "TOO_LATE")
    expect(violations("toolbox", "POST /process/execute", not_found, status=404, body=run), "status 404 is not described")
    expect(violations("toolbox", "POST /process/execute", {**not_found, "source": "DAYTONA_PROXY"}, status=404, body=run))


def check_toolbox_request():
    """a toolbox request body is judged"""
    expect(violations("toolbox", "POST /process/execute", {"exitCode": 0, "result": ""}, body={"command": "ls", "timeout": 1.5}), "/timeout")
    expect(violations("toolbox", "POST /process/execute", {"exitCode": 0, "result": ""}), "the body is missing")
    expect(violations("toolbox", "POST /process/code-run", {"exitCode": "0", "result": ""}, body={"code": "1", "language": "python"}), "/exitCode")


def check_unknown_routes():
    """unknown routes and methods are found, known undocumented ones are not blamed"""
    expect(violations("api", "GET /sandboxes", {}), "route")
    expect(violations("toolbox", "GET /process/execute", {}), "route")
    expect(violations("other", "GET /", b"<html>"), "route")
    expect(violations("toolbox", "GET /project-dir", {"dir": "/"}))
    expect(violations("toolbox", "GET /process/pty/create-connect?id=a&cols=80&rows=24", {"unjudged": True}))


def check_headers():
    """requests without credentials or without the headers of a client are found"""
    expect(violations("api", f"GET /sandbox/{ID}", SANDBOX, headers=without(CLIENT, "Authorization")), "no bearer token")
    expect(violations("api", f"GET /sandbox/{ID}", {**ERROR, "statusCode": 401}, status=401, headers=without(CLIENT, "Authorization")))
    expect(violations("api", f"GET /sandbox/{ID}", SANDBOX, headers=without(CLIENT, "X-Daytona-SDK-Version")), "X-Daytona-SDK-Version")


def check_json():
    """an answer that is not JSON, or names a member twice, is found"""
    expect(violations("api", f"GET /sandbox/{ID}", json.dumps(SANDBOX).encode()[:-1]), "not JSON")
    expect(violations("api", "GET /sandbox", b'{"items":[],"items":[],"nextCursor":null}'), "twice")


# --- the proxy itself, over loopback ---------------------------------------------------------------------------------

async def through_tap(answer, request, end_client=False):
    """Sends `request` through a tap to a server that answers every connection with `answer`.
    Returns what the server saw, what the client got, and the report."""
    seen, judged, done = [], [], asyncio.Event()

    async def serve(reader, writer):
        data = await reader.read(1 << 16)
        seen.append(data)
        if answer is None:
            seen.append(await reader.read(1 << 16))            # returns when the tap closes
            done.set()
        else:
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    proxy = ReverseProxy(Upstream("http://127.0.0.1:%d/api" % server.sockets[0].getsockname()[1]), lambda *entry: judged.append(entry))
    tap = await proxy.listen()
    reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.origin.rpartition(":")[2]))
    writer.write(request)
    if end_client:
        while not seen:
            await asyncio.sleep(0)
        writer.close()
        await asyncio.wait_for(done.wait(), 10)
        got = b""
    else:
        got = await asyncio.wait_for(reader.read(-1), 10)
        writer.close()
    for listening in (server, tap):
        listening.close()
    return seen, got, judged, proxy.origin


def request(target, head="", body=b""):
    return f"POST {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{head}\r\n".encode() + body


def check_rewriting():
    """a toolbox base in an answer leads to the tap, and the length follows"""
    body = json.dumps(SANDBOX).encode()
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    seen, got, judged, origin = asyncio.run(through_tap(answer, request("/api/sandbox", "Content-Length: 2\r\n", b"{}")))
    head, _, sent = got.partition(b"\r\n\r\n")
    assert json.loads(sent)["toolboxProxyUrl"] == origin + "/toolbox", sent
    assert b"Content-Length: %d" % len(sent) in head, head
    assert judged[0][0].request_body == b"{}" and judged[0][0].response_body == body and judged[0][1] is None


def check_chunked():
    """chunked bodies pass both ways byte for byte, and are judged without their chunks"""
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"
    seen, got, judged, _ = asyncio.run(through_tap(answer, request("/api/x", "Transfer-Encoding: chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n")))
    assert got == answer, got
    assert judged[0][0].request_body == b"{}" and judged[0][0].response_body == b"abcd"


def check_broken_answers():
    """an answer that is cut off, contradicts itself or never comes is a violation of the server"""
    for answer, wanted in ((b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "within a body"),
                           (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "both"),
                           (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "Content-Length"),
                           (b"HTTP/1.1 20x\r\n\r\n", "bad status line"),
                           (b"", "without an answer")):
        _, _, judged, _ = asyncio.run(through_tap(answer, request("/api/x", "Content-Length: 0\r\n")))
        assert judged[0][1].startswith("server:") and wanted in judged[0][1], (answer, judged[0][1])


def check_client_leaves():
    """a client that leaves ends the server's connection and is not blamed"""
    _, _, judged, _ = asyncio.run(through_tap(None, request("/api/x", "Content-Length: 0\r\n"), end_client=True))
    assert not judged or judged[0][1] is None, judged


def check_upgrade():
    """after 101 bytes go both ways"""
    answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x02hi"
    seen, got, judged, _ = asyncio.run(through_tap(answer, request("/api/x", "Upgrade: websocket\r\n", b"\x81\x00")))
    assert got == answer and judged[0][0].status == 101, (got, judged)
    assert b"".join(seen).endswith(b"\x81\x00") or len(seen) == 1, seen


def check_other_types():
    """an answer that is a form by its nature has that type, and no other"""
    ask = ("toolbox", "POST /files/bulk-download", b"--x--")
    paths = {"paths": ["a"]}
    assert not violations(*ask, body=paths, content_type="multipart/form-data; boundary=x")
    assert violations(*ask, body=paths, content_type="application/octet-stream")


if __name__ == "__main__":
    sys.exit(run_checks(checks_of(globals())))
