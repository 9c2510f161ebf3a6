#!/usr/bin/env python3
"""Self-test of the replay: it accepts what the rules allow and finds what they don't."""

import copy
import hashlib
import json
import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "support")]

import comparing                                  # noqa: E402
import deviations                                 # noqa: E402
import interpreter_talk                           # noqa: E402
import labelled_log                               # noqa: E402
import rows                                       # noqa: E402
from wire import web_socket                       # noqa: E402
from wire.cases import checks_of, run_checks      # noqa: E402
from wire.plain_client import Answer              # noqa: E402

JSON = {"content-type": "application/json"}


def complaints(text, got, volatile=(), unordered=(), status=200):
    recorded = {"status": status, "headers": {"Content-Type": "application/json"}, "body": {"text": text}}
    return comparing.complaints(recorded, list(volatile), list(unordered), Answer(200, JSON, got.encode()))


def check_equal_json():
    """JSON is compared as JSON: escapes, blanks and member order don't matter"""
    assert not complaints('{"a":"<é","b":[1,2]}', '{ "b": [1, 2], "a": "\\u003c\\u00e9" }')


def check_differences():
    """a missing member, an extra one, another value, another length and another type are found"""
    for got in ('{"a":1}', '{"a":1,"b":[1],"c":0}', '{"a":2,"b":[1]}', '{"a":1,"b":[]}', '{"a":true,"b":[1]}', '{"a":"1","b":[1]}', "[1", ""):
        assert complaints('{"a":1,"b":[1]}', got), got
    assert not complaints("[1.4000000000000001,1]", "[1.4,1.0]") and complaints("[1.4]", "[1.41]") and complaints("[1]", "[true]")


def check_status():
    """another status is found"""
    assert "status 200 instead of 400" in complaints("{}", "{}", status=400)[0]


def check_content_type():
    """another content type is found, another parameter of it is not"""
    recorded = {"status": 200, "headers": {"Content-Type": "application/json; charset=utf-8"}, "body": {"text": "{}"}}
    assert not comparing.complaints(recorded, [], [], Answer(200, JSON, b"{}"))
    assert comparing.complaints(recorded, [], [], Answer(200, {"content-type": "text/plain"}, b"{}"))


def check_volatile():
    """a volatile value may differ, but not in its type"""
    mark = [{"at": "/id", "kind": "uuid"}]
    old = '{"id":"5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59"}'
    assert not complaints(old, '{"id":"00000000-0000-4000-8000-000000000000"}', mark)
    assert complaints(old, '{"id":"main"}', mark) and complaints(old, '{"id":7}', mark) and complaints(old, "{}", mark)


def check_volatile_parts():
    """only the named part of a text is volatile, and `*` names every element"""
    mark = [{"at": "/*/text", "kind": "contains pid", "pattern": "pid \\d+"}]
    assert not complaints('[{"text":"pid 1 ok"},{"text":"pid 2 ok"}]', '[{"text":"pid 34 ok"},{"text":"pid 5 ok"}]', mark)
    assert complaints('[{"text":"pid 1 ok"}]', '[{"text":"pid 1 failed"}]', mark)


def check_interpreter_lines():
    """an interpreter's own stack frames and version may differ, the user's message may not"""
    mark = [{"at": "/r", "kind": "contains interpreter version"}]
    assert not complaints('{"r":"Error: bad\\n    at f (x:1)\\n\\nNode.js v20.1.0\\n"}', '{"r":"Error: bad\\n    at g (y:2)\\nNode.js v18.2.0\\n"}', mark)
    assert complaints('{"r":"Error: bad\\n    at f (x:1)\\n"}', '{"r":"Error: worse\\n    at f (x:1)\\n"}', mark)


def check_unordered():
    """arrays without an order are compared as sets with repetitions"""
    assert not complaints('{"l":[{"n":1},{"n":2}]}', '{"l":[{"n":2},{"n":1}]}', unordered=["/l"])
    assert not complaints("[1,2]", "[2,1]", unordered=["/"])
    assert complaints('{"l":[1,2]}', '{"l":[2,1]}') and complaints('{"l":[1,1,2]}', '{"l":[1,2,2]}', unordered=["/l"])


def check_bytes():
    """other bodies are compared as bytes, volatile patterns aside"""
    recorded = {"status": 200, "headers": {}, "body": {"text": "at 12:30\nok\n"}}
    mark = [{"pattern": "\\d\\d:\\d\\d", "kind": "time"}]
    assert not comparing.complaints(recorded, mark, [], Answer(200, {}, b"at 08:00\nok\n"))
    assert comparing.complaints(recorded, mark, [], Answer(200, {}, b"at 08:00\nok"))


def check_omitted():
    """a long body is known by its length and hash, and rebuilt where one letter repeats"""
    body = {"omitted": True, "length": 12, "sha256": hashlib.sha256(b"abbbbbbbbbbc").hexdigest(), "first": "abb", "last": "bc"}
    assert rows.body_bytes(body) == b"abbbbbbbbbbc"
    recorded = {"status": 200, "headers": {}, "body": body}
    assert not comparing.complaints(recorded, [], [], Answer(200, {}, b"abbbbbbbbbbc"))
    assert comparing.complaints(recorded, [], [], Answer(200, {}, b"abbbbbbbbbcc"))


def check_bindings():
    """ids of earlier answers are filled into path and body"""
    bindings = rows.Bindings()
    bindings.remember({"name": "s.exec"}, b'{"cmdId":"a/b"}')
    request = {"path": "/x/old", "path_template": "/x/{c}", "bind": {"c": {"row": "s.exec", "at": "/cmdId"}}, "body": {"text": '"{c}"'}}
    filled = bindings.fill(request)
    assert filled["path"] == "/x/a%2Fb" and filled["body"]["text"] == '"a/b"'


def check_request_bytes():
    """requests go out as recorded: raw query, chunks, long headers, our credentials instead of theirs"""
    request = {"method": "POST", "path": "/a%2Fb", "raw_query": "q=%zz&x;y", "chunked": True, "body": {"text": "abcd"},
               "headers": {"X-Big": "<3 times y>", "Authorization": "Bearer wrong"}}
    sent = rows.request_bytes(request, "/toolbox/1", "h:1", "Bearer k")
    assert sent.startswith(b"POST /toolbox/1/a%2Fb?q=%zz&x;y HTTP/1.1\r\nHost: h:1\r\nX-Big: yyy\r\nAuthorization: Bearer k\r\n"), sent
    assert sent.endswith(b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n"), sent


def check_groups():
    """rows that overlapped go out together, the one that began first first"""
    slow, fast = ({"name": name, "kind": "http", "at_ms": at, "ms": ms} for name, at, ms in (("slow", 100, 600), ("fast", 200, 7)))
    later = {"name": "later", "kind": "http", "at_ms": 701, "ms": 1}
    assert [[row["name"] for row in group] for group in rows.groups([fast, slow, later])] == [["slow", "fast"], ["later"]]
    open_long = {"name": "socket", "kind": "ws", "at_ms": 0, "ms": 900}
    assert [[row["name"] for row in group] for group in rows.groups([open_long, later])] == [["socket", "later"]]


def row_of(status, text, content_type="application/json", path="/process/execute", method="POST"):
    return {"name": "x.y", "kind": "http", "request": {"method": method, "path": path},
            "response": {"status": status, "headers": {"Content-Type": content_type}, "body": {"text": text}}}


ENVELOPE = ('{"statusCode":408,"message":"request timeout: x","code":"REQUEST_TIMEOUT","timestamp":"2026-11-23T04:16:51.7Z",'
            '"path":"/process/execute","method":"POST"}')


def judged(row, status, text, content_type="application/json"):
    wanted = deviations.expectation(copy.deepcopy(row), "/toolbox/1")
    return comparing.complaints(wanted.response, wanted.volatile, wanted.unordered,
                                Answer(status, {"content-type": content_type}, text.encode()), body_matters=wanted.body_matters)


def check_later_errors():
    """errors are wanted in the later shape: with a source, and the later code of a timeout"""
    row = row_of(408, ENVELOPE)
    later = ENVELOPE.replace("REQUEST_TIMEOUT", "PROCESS_EXECUTION_TIMEOUT").replace("{", '{"source":"DAYTONA_DAEMON",', 1)
    assert not judged(row, 408, later.replace("request timeout: x", "in other words"))
    assert judged(row, 408, ENVELOPE) and judged(row, 408, later.replace("DAEMON", "API")) and judged(row, 408, later.replace('"POST"', '"GET"'))


def check_empty_errors():
    """an empty error of the recorded daemon is wanted as an envelope of the same status"""
    row = row_of(404, "", path="/files/info", method="GET")
    row["response"]["headers"] = {"Content-Length": "0"}
    envelope = '{"statusCode":404,"message":"m","code":"FILE_NOT_FOUND","timestamp":"2026-11-23T04:16:51Z","path":"/files/info","method":"GET","source":"DAYTONA_DAEMON"}'
    assert not judged(row, 404, envelope)
    assert judged(row, 404, "") and judged(row, 404, envelope.replace("404", "400"))


def check_choice():
    """defects, other ports and routes to come are left out; what nobody serves is not"""
    assert deviations.why_left_out({**row_of(200, "{}"), "defect": "x"})
    assert deviations.why_left_out({**row_of(200, "{}"), "request": {"path": "/version", "port": 33333}})
    assert deviations.why_left_out(row_of(200, "{}", path="/git/status"))
    assert not deviations.why_left_out(row_of(404, "404 page not found", "text/plain", "/nope"))
    assert not deviations.why_left_out(row_of(301, "", path="/version/"))


def check_labelled_logs():
    """of a log with markers only the order of the two outputs may differ, of one without that of its lines"""
    old, new = "\x01\x01\x01a\n\x02\x02\x02e\n\x01\x01\x01b\n", "\x02\x02\x02e\n\x01\x01\x01a\n\x01\x01\x01b\n"
    assert not complaints(json.dumps({"output": old}), json.dumps({"output": new}))
    assert complaints(json.dumps({"output": old}), json.dumps({"output": new.replace("b", "c")}))
    assert complaints(json.dumps({"output": old}), json.dumps({"output": "a\ne\nb\n"}))
    assert labelled_log.are_equal(b"a\nb\n", b"b\na\n") and not labelled_log.are_equal(b"a\nb\n", b"a\nb")


def conversation(payloads, code=1000):
    talk = web_socket.Conversation()
    talk.frames, talk.end = [("binary", payload) for payload in payloads] + [("close", code.to_bytes(2, "big"))], "close"
    return talk


def check_sockets():
    """of a WebSocket count what was said, not how it was cut, the pongs, and the close code"""
    wanted = [{"dir": "recv", "type": "binary", "data": {"text": "ab"}}, {"dir": "recv", "type": "close", "code": 1000}]
    assert not comparing.socket_complaints(wanted, conversation([b"a", b"b"]))
    assert comparing.socket_complaints(wanted, conversation([b"a"])) and comparing.socket_complaints(wanted, conversation([b"ab"], 1011))
    pong = {"dir": "recv", "type": "pong", "data": {"text": "hi"}}
    assert comparing.socket_complaints([pong, *wanted], conversation([b"ab"]))


def check_interpreter():
    """of the interpreter count the text of each output, the other events in their order, and how the socket was closed"""
    def event(kind, **members):
        return json.dumps({**dict.fromkeys(("type", "text", "name", "value", "traceback"), ""), "type": kind, **members}).encode()
    done = event("control", text="completed")
    recorded = [event("stdout", text="ab"), event("stderr", text="e"), event("error", name="E", traceback="t\nr\nr\n"), done]
    wanted = [{"dir": "recv", "type": "text", "data": {"text": each.decode()}} for each in recorded] + [{"dir": "recv", "type": "close", "code": 1000, "reason": ""}]
    said = [event("stderr", text="e"), event("stdout", text="a"), event("stdout", text="b"), event("error", name="E", traceback="t\nr\nr\nr\n"), done]
    assert not interpreter_talk.complaints(wanted, conversation(said))
    assert interpreter_talk.complaints(wanted, conversation(said, 1001)) and interpreter_talk.complaints(wanted, conversation(said[1:]))
    assert interpreter_talk.complaints(wanted, conversation([*said[:4], done, done])) and interpreter_talk.complaints(wanted, conversation(said[:3] + said[4:]))
    assert interpreter_talk.complaints(wanted, conversation([*said, b'{"type":"stdout","text":""}'.replace(b"}", b',"name":"","value":""}')]))


def check_bound_frames():
    """ids of earlier answers are filled into what is said over a socket"""
    bindings = rows.Bindings()
    bindings.remember({"name": "c"}, b'{"id":"new"}')
    frames = [{"dir": "send", "data": {"text": '{"contextId":"old"}'}}, {"dir": "recv", "type": "close", "reason": "context not found: old"}]
    filled = bindings.fill_frames({"bind_in_frames": {"old": {"row": "c", "at": "/id"}}}, frames)
    assert filled[0]["data"]["text"] == '{"contextId":"new"}' and filled[1]["reason"].endswith("new"), filled
    assert bindings.fill_frames({}, frames) == frames


def check_frames():
    """frames are taken apart however they are cut"""
    data = b"\x82\x02ab" + b"\x82\x7e\x01\x00" + 256 * b"x" + b"\x88\x02\x03\xe8"
    reader, found = web_socket.Frames(), []
    for index in range(len(data)):
        found += reader.feed(data[index:index + 1])
    assert found == [("binary", b"ab"), ("binary", 256 * b"x"), ("close", b"\x03\xe8")]


if __name__ == "__main__":
    sys.exit(run_checks(checks_of(globals())))
