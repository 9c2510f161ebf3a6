#!/usr/bin/env python3
"""What becomes of a daytona-local, and of what it has acknowledged, when it is killed, has a rival or no descriptors, and its clock is wrong.

    server_faults_test.py --daytona-local PROGRAM --daytona-toolbox PROGRAM --clock-shift MODULE
"""

import contextlib
import os
import select
import signal
import socket
import threading
import time

import server_faults
from server_faults import await_state, begin, in_background, preloading, server
from wire.cases import checks_of
from wire.sandbox_calls import create, execute, state
from wire import backend
from wire.plain_client import NoAnswer
from wire.server_process import PATIENCE, ServerProcess


KEPT = ("started", "stopped", "starting", "stopping", "error")   # the states whose sandboxes are there after a kill


def check_kill_in_every_state():
    """kill -9 in every state of a sandbox loses nothing acknowledged and leaves nothing behind"""
    with server() as one:
        client = one.start()
        boxes = {name: create(client, name=name) for name in (*KEPT, "destroying", "destroyed")}
        for name, box in boxes.items():
            execute(client, box, f"echo {name} > file")
        for name in ("stopped", "starting", "error"):
            client.call("POST", f"/sandbox/{name}/stop")
            await_state(one, client, name, "stopped")
        client.call("DELETE", "/sandbox/destroyed")
        layers = one.data / "sandboxes" / boxes["error"]
        layers.rename(one.data / "aside")
        layers.write_text("no folder")
        refused = client.call("POST", "/sandbox/error/start")
        assert refused.status == 400 and state(client, "error") == "error", refused
        os.kill(one.helper(), signal.SIGSTOP)          # from here on every walk stays where it is
        pending = [in_background(client.call, "POST", "/sandbox", {"name": "creating"}),
                   in_background(client.call, "POST", "/sandbox/starting/start"),
                   in_background(client.call, "DELETE", "/sandbox/destroying")]
        assert client.call("POST", "/sandbox/stopping/stop").status == 200
        for name in ("creating", "starting", "stopping"):
            await_state(one, client, name, name)
        await_state(one, client, boxes["destroying"], "destroying")
        helper = one.helper()
        family = one.family()
        one.process.kill()
        one.process.wait()
        os.kill(helper, signal.SIGCONT)
        for thread in pending:
            thread.join(PATIENCE)

        layers.unlink()
        (one.data / "aside").rename(layers)
        client = one.start()                           # at once: what the killed one ran is waited for
        left = [f"{pid} {name}" for pid, (started, name) in family.items() if backend._start_time(pid) == started]
        assert not left, left
        for name in KEPT:
            assert state(client, name) == "stopped", (name, state(client, name))
            assert client.call("POST", f"/sandbox/{name}/start").status == 200
            assert execute(client, boxes[name], "cat file") == f"{name}\n"
        assert state(client, boxes["destroying"]) == state(client, boxes["destroyed"]) == 404
        created = client.call("GET", "/sandbox/creating").json()
        known = {*(boxes[name] for name in KEPT), created["id"]}
        assert {path.name for path in (one.data / "sandboxes").iterdir()} <= known
        assert not one.stop()


def check_kill_in_a_storm():
    """kill -9 at any moment of a storm of calls loses nothing acknowledged"""
    with server() as one:
        alive, gone, lock, done = {}, set(), threading.Lock(), threading.Semaphore(0)

        def live(client, name):
            with contextlib.suppress(NoAnswer, OSError, AssertionError):
                for turn in range(100):
                    box = create(client, name=f"{name}-{turn}")
                    done.release()
                    with lock:
                        alive[box] = None
                    if turn % 2:
                        with lock:
                            alive.pop(box)             # whether it is there is open until the answer
                        if client.call("DELETE", f"/sandbox/{box}").status == 200:
                            gone.add(box)
                    elif execute(client, box, f"echo {box} > file; sync file; echo ok") == "ok\n":
                        alive[box] = f"{box}\n"

        for moment in (0, 1, 4, 13):                   # so many creations after the beginning, in the middle of others
            client = one.start()
            threads = [in_background(live, client, f"{moment}-{n}") for n in range(4)]
            for _ in range(moment):
                assert done.acquire(timeout=PATIENCE)
            left = one.kill()
            assert not left, (moment, left)
            while done.acquire(blocking=False):
                pass
            for thread in threads:
                thread.join(PATIENCE)
        client = one.start()
        assert alive
        for box, text in alive.items():
            assert state(client, box) == "stopped", (box, state(client, box))
            assert client.call("POST", f"/sandbox/{box}/start").status == 200
            assert text is None or execute(client, box, "cat file") == text
        for box in gone:
            assert state(client, box) == 404
        listed = {item["id"] for item in client.call("GET", "/sandbox?limit=200").json()["items"]}
        assert {path.name for path in (one.data / "sandboxes").iterdir()} <= listed
        for box in listed:
            client.call("DELETE", f"/sandbox/{box}")
        assert not one.stop()
        assert not list((one.data / "sandboxes").iterdir())


def check_helper_killed():
    """a host-helper that is killed takes its sandboxes along, the API says so, and the next server finds them"""
    with server() as one:
        client = one.start()
        box = create(client)
        os.kill(one.helper(), signal.SIGKILL)
        await_state(one, client, box, "stopped")
        refused = client.call("POST", f"/sandbox/{box}/start")
        assert refused.status == 400 and "start the server again" in refused.json()["message"], refused
        assert not one.stop()
        client = one.start()
        assert client.call("POST", f"/sandbox/{box}/start").status == 200
        assert not one.stop()


def check_out_of_descriptors():
    """a server without descriptors says so or lets wait, ends no sandbox, and goes on when there are some again"""
    with server(prefix=["prlimit", "--nofile=80:80"]) as one:
        client = one.start()
        kept = create(client, name="kept")
        with contextlib.ExitStack() as idle:
            for _ in range(200):                       # each makes room for the next
                idle.enter_context(socket.create_connection((client.host, client.port), timeout=PATIENCE))
            assert execute(client, kept, "echo on") == "on\n"
        boxes, refused = [], None
        while not refused:
            answer = client.call("POST", "/sandbox", {"name": f"box-{len(boxes)}"})
            assert len(boxes) < 80, "no limit in sight"
            if answer.status == 200:
                boxes.append(answer.json()["id"])
            else:
                refused = answer
        assert refused.status == 503 and refused.json()["code"] == "OUT_OF_DESCRIPTORS" and "ulimit -n" in refused.json()["message"], refused
        assert client.call("GET", f"/sandbox/box-{len(boxes)}").status == 404
        assert state(client, kept) == "started"
        assert client.call("DELETE", f"/sandbox/{boxes.pop()}").status == 200
        assert client.call("DELETE", f"/sandbox/{boxes.pop()}").status == 200
        assert execute(client, create(client, name="again"), "echo on") == "on\n"
        assert not one.stop()


def check_two_servers():
    """a second server on a data directory is refused at once, naming the first, which goes on"""
    with server() as one:
        client = one.start()
        second = ServerProcess(one.program, one.toolbox, one.folder, mode=one.mode, prefix=one.prefix)
        begun = time.monotonic()
        try:
            said = second.refusal()
        finally:
            second.end()                               # one that was not refused serves
        assert f"another local backend uses it (process {one.process.pid})" in said, said
        assert time.monotonic() - begun < 5
        assert execute(client, create(client), "echo on") == "on\n"
        assert not one.stop()


def check_race_for_a_directory():
    """of servers that begin at once on one data directory exactly one serves, and the others name it"""
    with server() as one:
        others = [ServerProcess(one.program, one.toolbox, one.folder, mode=one.mode, prefix=one.prefix) for _ in range(4)]
        racing = [one, *others]
        try:
            for each in racing:
                each.spawn()
            status = {each: None for each in racing}
            while sum(code is None for code in status.values()) > 1:
                handles = {os.pidfd_open(each.process.pid): each for each, code in status.items() if code is None}
                ready = select.select(list(handles), [], [], PATIENCE)[0]
                assert ready, "more than one serves"
                for handle in ready:
                    status[handles[handle]] = handles[handle].process.wait()
                for handle in handles:
                    os.close(handle)
            winner = next(each for each, code in status.items() if code is None)
            for each, code in status.items():
                if each is not winner:
                    assert code == 1 and f"another local backend uses it (process {winner.process.pid})" in each.said(), each.said()
            assert not winner.stop()
        finally:
            for each in others:
                each.end()


def check_clock_jumps():
    """a wall clock that jumps by years, back and forth, changes no sandbox's state and breaks no call"""
    with server() as one:
        clock = preloading(one, server_faults.OPTIONS.clock_shift, DAYTONA_TEST_CLOCK=True)
        client = one.start()
        boxes = []
        for shift in (0, 315_360_000, -315_360_000, 0):
            clock.write_text(str(shift))
            boxes.append(create(client))
            year = int(client.call("GET", f"/sandbox/{boxes[-1]}").json()["createdAt"][:4])
            assert abs(year - time.gmtime(time.time() + shift).tm_year) <= 1, year
            for box in boxes:
                assert execute(client, box, "echo on") == "on\n"
                assert state(client, box) == "started"
            execute(client, boxes[0], "mkfifo gate")
            running = begin(client, boxes[0], "cat gate")
            clock.write_text(str(-shift))              # it jumps again before the command ends
            execute(client, boxes[0], "echo through > gate; rm gate")
            assert running() == "through\n"
        pages, cursor = [], ""
        while len(pages) < 10:
            page = client.call("GET", f"/sandbox?limit=1&sort=createdAt&cursor={cursor}").json()
            pages += [item["id"] for item in page["items"]]
            cursor = page["nextCursor"]
            if not cursor:
                break
        assert sorted(pages) == sorted(boxes)
        for box in boxes:
            assert client.call("POST", f"/sandbox/{box}/stop").status == 200
            await_state(one, client, box, "stopped")
            assert client.call("DELETE", f"/sandbox/{box}").status == 200
        assert not one.stop()


if __name__ == "__main__":
    server_faults.main(__doc__, checks_of(globals()))
