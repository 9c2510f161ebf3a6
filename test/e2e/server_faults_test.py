#!/usr/bin/env python3
"""What becomes of a daytona-local, and of what it has acknowledged, when it is killed, its disk is full or broken, and its clock wrong.

    server_faults_test.py --daytona-local PROGRAM --daytona-toolbox PROGRAM [--clock-shift MODULE]
"""

import argparse
import contextlib
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import threading
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "support")]

from wire import backend                               # noqa: E402
from wire.cases import checks_of, run_checks           # noqa: E402
from wire.plain_client import NoAnswer                 # noqa: E402
from wire.server_process import PATIENCE, ServerProcess  # noqa: E402

OPTIONS = None


@contextlib.contextmanager
def server(**more):
    """Of the strongest mode that this user can have."""
    mode = backend.available_modes()[0]
    with tempfile.TemporaryDirectory(prefix="daytona-faults-") as folder:
        os.chmod(folder, 0o755)
        made = ServerProcess(OPTIONS.daytona_local, OPTIONS.daytona_toolbox, folder, mode=mode.name, prefix=[*mode.prefix, *more.pop("prefix", [])], **more)
        try:
            yield made
        finally:
            made.end()


def create(client, **body):
    answer = client.call("POST", "/sandbox", body)
    assert answer.status == 200, answer
    return answer.json()["id"]


def state(client, box):
    answer = client.call("GET", f"/sandbox/{box}")
    return answer.json()["state"] if answer.status == 200 else answer.status


def execute(client, box, command):
    answer = client.call("POST", f"/toolbox/{box}/process/execute", {"command": command, "timeout": 30}, base="")
    assert answer.status == 200, answer
    return answer.json()["result"]


def await_state(client, box, wanted):
    end = time.monotonic() + PATIENCE
    while state(client, box) != wanted:
        assert time.monotonic() < end, f"{box} is {state(client, box)}, not {wanted}"
        time.sleep(0.01)                               # nothing tells of a change of state but asking


def in_background(call, *arguments):
    """Begins a call that may get no answer."""
    def run():
        with contextlib.suppress(NoAnswer, OSError):
            call(*arguments)
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def check_kill_in_every_state():
    """kill -9 in every state of a sandbox loses nothing acknowledged and leaves nothing behind"""
    with server() as one:
        client = one.start()
        boxes = {name: create(client, name=name) for name in ("started", "stopped", "starting", "stopping", "destroying", "destroyed")}
        for name, box in boxes.items():
            execute(client, box, f"echo {name} > file")
        for name in ("stopped", "starting"):
            client.call("POST", f"/sandbox/{name}/stop")
            await_state(client, name, "stopped")
        client.call("DELETE", "/sandbox/destroyed")
        os.kill(one.helper(), signal.SIGSTOP)          # from here on every walk stays where it is
        pending = [in_background(client.call, "POST", "/sandbox", {"name": "creating"}),
                   in_background(client.call, "POST", "/sandbox/starting/start"),
                   in_background(client.call, "DELETE", "/sandbox/destroying")]
        assert client.call("POST", "/sandbox/stopping/stop").status == 200
        for name in ("creating", "starting", "stopping"):
            await_state(client, name, name)
        await_state(client, boxes["destroying"], "destroying")
        helper = one.helper()
        family = one.family()
        one.process.kill()
        one.process.wait()
        os.kill(helper, signal.SIGCONT)
        for thread in pending:
            thread.join(PATIENCE)

        client = one.start()                           # at once: what the killed one ran is waited for
        left = [f"{pid} {name}" for pid, (started, name) in family.items() if backend._start_time(pid) == started]
        assert not left, left
        for name in ("started", "stopped", "starting", "stopping"):
            assert state(client, name) == "stopped", (name, state(client, name))
            assert client.call("POST", f"/sandbox/{name}/start").status == 200
            assert execute(client, boxes[name], "cat file") == f"{name}\n"
        assert state(client, boxes["destroying"]) == state(client, boxes["destroyed"]) == 404
        created = client.call("GET", "/sandbox/creating").json()
        known = {*(boxes[name] for name in ("started", "stopped", "starting", "stopping")), created["id"]}
        assert {path.name for path in (one.data / "sandboxes").iterdir()} <= known
        assert not one.stop()


def check_kill_in_a_storm():
    """kill -9 at any moment of a storm of calls loses nothing acknowledged"""
    with server() as one:
        alive, gone, lock = {}, set(), threading.Lock()

        def live(client, name):
            with contextlib.suppress(NoAnswer, OSError, AssertionError):
                for turn in range(100):
                    box = create(client, name=f"{name}-{turn}")
                    with lock:
                        alive[box] = None
                    if turn % 2:
                        with lock:
                            alive.pop(box)             # whether it is there is open until the answer
                        if client.call("DELETE", f"/sandbox/{box}").status == 200:
                            gone.add(box)
                    elif execute(client, box, f"echo {box} > file; sync file; echo ok") == "ok\n":
                        alive[box] = f"{box}\n"

        for delay in (0.02, 0.1, 0.3):
            client = one.start()
            threads = [in_background(live, client, f"{delay}-{n}") for n in range(4)]
            time.sleep(delay)                          # the moment is what is tested
            assert not one.kill()
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
        await_state(client, box, "stopped")
        refused = client.call("POST", f"/sandbox/{box}/start")
        assert refused.status == 400 and "start the server again" in refused.json()["message"], refused
        assert not one.stop()
        client = one.start()
        assert client.call("POST", f"/sandbox/{box}/start").status == 200
        assert not one.stop()


def on_tmpfs(folder, size):
    """A command's prefix: a mount namespace of its own, with a small disk for the data directory."""
    script = f'mkdir -p {folder}/data && mount -t tmpfs -o size={size},mode=711 tmpfs {folder}/data && exec "$@"'
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh"]


def check_disk_full():
    """on a full disk nothing acknowledged is lost, the errors say what to do, and removing a sandbox is the way out"""
    with server() as one:
        one.prefix = on_tmpfs(one.folder, "24m")
        client = one.start()
        kept, fat = create(client, name="kept"), create(client, name="fat")
        execute(client, kept, "echo data > file")
        filled = execute(client, fat, "dd if=/dev/zero of=big bs=64k 2>&1; dd if=/dev/zero of=rest bs=1 2>&1")
        assert "No space left" in filled, filled
        refusals = [client.call("POST", "/sandbox", {"name": f"more-{n}"}) for n in range(20)]
        said = {(answer.status, answer.json().get("message", "")) for answer in refusals if answer.status != 200}
        assert said and all("No space left" in text or "free some space" in text or "disk" in text for _, text in said), said
        assert execute(client, kept, "cat file") == "data\n"
        assert client.call("GET", "/sandbox/kept").status == 200
        assert client.call("DELETE", "/sandbox/fat").status == 200
        await_state(client, fat, 404)
        assert execute(client, create(client, name="new"), "echo new") == "new\n"
        assert execute(client, kept, "cat file") == "data\n"
        assert not one.stop()


def check_read_only():
    """a data directory that can't be written is refused with what to do"""
    with server() as one:
        one.prefix = on_tmpfs(one.folder, "64m")
        one.prefix[-2] = one.prefix[-2].replace("exec", f"mount -o remount,ro {one.data} && exec")
        said = one.refusal()
        assert "Read-only file system" in said and "name another one" in said, said


def check_corrupted():
    """a damaged state file is refused by name with what to do, and is not touched"""
    with server() as one:
        client = one.start()
        for n in range(2):
            create(client, name=f"box-{n}", labels={"padding": "x" * 5000})
        box = create(client, name="kept")
        assert not one.stop()
        file = one.data / "state.db"
        whole = file.read_bytes()
        assert len(whole) >= 8192, len(whole)
        for damaged in (b"\xff" * 100 + whole[100:], whole[:4096] + os.urandom(len(whole) - 4096), whole[:len(whole) // 2 + 13]):
            file.write_bytes(damaged)
            said = one.refusal()
            assert str(file) in said and "damaged" in said and "sandboxes" in said, said
            assert file.read_bytes() == damaged
        file.write_bytes(whole)                        # "put a copy of it back"
        client = one.start()
        assert client.call("POST", f"/sandbox/{box}/start").status == 200
        assert not one.stop()
        file.unlink()                                  # "or move it away"
        client = one.start()
        assert client.call("GET", "/sandbox/kept").status == 404
        assert (one.data / "sandboxes" / box).exists()
        assert not one.stop()


def check_two_servers():
    """a second server on a data directory is refused at once, naming the first, which goes on"""
    with server() as one:
        client = one.start()
        second = ServerProcess(one.program, one.toolbox, one.folder, mode=one.mode, prefix=one.prefix)
        begun = time.monotonic()
        said = second.refusal()
        assert f"another local backend uses it (process {one.process.pid})" in said, said
        assert time.monotonic() - begun < 5
        assert execute(client, create(client), "echo on") == "on\n"
        assert not one.stop()


def check_clock_jumps():
    """a wall clock that jumps by years, back and forth, changes no sandbox's state and breaks no call"""
    with server() as one:
        clock = one.folder / "clock"
        clock.write_text("0")
        clock.chmod(0o644)
        module = shutil.copy(OPTIONS.clock_shift, one.folder)
        one.environment |= {"LD_PRELOAD": str(module), "DAYTONA_TEST_CLOCK": str(clock)}
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
            await_state(client, box, "stopped")
            assert client.call("DELETE", f"/sandbox/{box}").status == 200
        assert not one.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    backend.add_arguments(parser)
    parser.add_argument("--clock-shift")
    OPTIONS = parser.parse_args()
    NEED_A_DISK = {check_disk_full, check_read_only}   # only root can mount one
    sys.exit(run_checks([check for check in checks_of(globals()) if os.geteuid() == 0 or check not in NEED_A_DISK]))
