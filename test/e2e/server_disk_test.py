#!/usr/bin/env python3
"""What becomes of a daytona-local, and of what it has acknowledged, when its disk is full, broken, read-only or holds something else.

    server_disk_test.py --daytona-local PROGRAM --daytona-toolbox PROGRAM --broken-disk MODULE
"""

import errno
import os
import subprocess

import server_faults
from server_faults import await_state, preloading, server
from wire.cases import checks_of
from wire.sandbox_calls import create, execute, state


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
        await_state(one, client, fat, 404)
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


def check_disk_fails_while_running():
    """a disk that turns read-only, breaks or fills up under a running server refuses changes, ends nothing, and loses nothing acknowledged"""
    with server() as one:
        order = preloading(one, server_faults.OPTIONS.broken_disk, DAYTONA_TEST_DISK=True)
        client = one.start()
        kept, stopped, doomed = create(client, name="kept", labels={"is": "0"}), create(client, name="stopped"), create(client, name="doomed")
        execute(client, kept, "echo data > file")
        client.call("POST", "/sandbox/stopped/stop")
        await_state(one, client, "stopped", "stopped")
        for turn, (error, status, remedy) in enumerate(((errno.EROFS, 500, "check that it can be written"), (errno.EIO, 500, "its disk is sound"),
                                                         (errno.ENOSPC, 507, "free some space"))):
            order.write_text(str(error))
            for method, path, body in (("POST", "/sandbox", {"name": "more"}), ("POST", "/sandbox/kept/stop", None), ("POST", "/sandbox/stopped/start", None),
                                       ("PUT", "/sandbox/kept/labels", {"labels": {"is": "lost"}})):
                refused = client.call(method, path, body)
                assert refused.status == status and remedy in refused.json()["message"] and str(one.data) in refused.json()["message"], (method, path, refused)
            assert client.call("GET", "/sandbox/more").status == 404
            assert client.call("GET", "/sandbox/kept").json()["labels"] == {"is": str(turn)}
            assert (state(client, kept), state(client, stopped)) == ("started", "stopped")
            assert execute(client, kept, "cat file") == "data\n"
            if error == errno.ENOSPC:
                break                                  # the last one is killed with its disk full
            order.write_text("0")
            assert client.call("PUT", "/sandbox/kept/labels", {"labels": {"is": str(turn + 1)}}).status == 200
            box = create(client, name="more")
            assert client.call("DELETE", f"/sandbox/{box}").status == 200
        removal = client.call("DELETE", "/sandbox/doomed")
        assert removal.status == 500 and "free some space" in removal.json()["message"], removal
        assert not one.kill()
        order.write_text("0")
        client = one.start()
        assert client.call("GET", "/sandbox/kept").json()["labels"] == {"is": "2"}
        for box in (kept, stopped):
            assert state(client, box) == "stopped"
            assert client.call("POST", f"/sandbox/{box}/start").status == 200
        assert execute(client, kept, "cat file") == "data\n"
        assert client.call("DELETE", f"/sandbox/{doomed}").status == 200     # its removal was not acknowledged
        await_state(one, client, doomed, 404)
        assert {path.name for path in (one.data / "sandboxes").iterdir()} == {kept, stopped}
        assert not one.stop()


def turned_read_only(one, folder):
    """A folder becomes read-only under a running server; gives what makes it writable again."""
    if os.geteuid() != 0:
        folder.chmod(0o555)
        return lambda: folder.chmod(0o755)
    inside = ["nsenter", "--mount", f"--target={one.helper()}"]
    subprocess.run([*inside, "mount", "--bind", folder, folder], check=True)
    subprocess.run([*inside, "mount", "-o", "remount,ro,bind", folder], check=True)
    return lambda: subprocess.run([*inside, "umount", folder], check=True)


def check_folder_read_only_while_running():
    """sandboxes' folders that turn read-only under a running server fail what needs them, with the reason, and only that"""
    with server() as one:
        if os.geteuid() == 0:
            one.prefix = ["unshare", "--mount", "--propagation", "private"]
        client = one.start()
        kept, doomed = create(client, name="kept"), create(client, name="doomed")
        writable_again = turned_read_only(one, one.data / "sandboxes")
        refused = client.call("POST", "/sandbox", {"name": "more"})
        said = refused.json()["message"]
        assert refused.status == 400 and ("Read-only file system" in said or "Permission denied" in said) and "sandboxes" in said, refused
        assert state(client, "more") == "error"
        assert execute(client, kept, "echo on") == "on\n"
        removal = client.call("DELETE", f"/sandbox/{doomed}")
        assert state(client, doomed) == 404, removal
        writable_again()
        assert client.call("POST", "/sandbox/more/recover").status == 200
        assert client.call("DELETE", f"/sandbox/{doomed}").status == 200     # the rest of a removal that failed
        assert client.call("DELETE", "/sandbox/more").status == 200
        assert [path.name for path in (one.data / "sandboxes").iterdir()] == [kept]
        assert not one.stop()


def with_damaged_list_of_free_pages(whole):
    """Nobody reads it before a page is needed; then it would be taken out of the midst of what is kept."""
    size, first = int.from_bytes(whole[16:18], "big"), int.from_bytes(whole[32:36], "big")
    assert first > 1, "no page is free"
    return whole[:(first - 1) * size] + b"\xff" * size + whole[first * size:]


def check_corrupted():
    """a damaged state file is refused by name with what to do, and is not touched"""
    with server() as one:
        client = one.start()
        for n in range(2):
            create(client, name=f"box-{n}", labels={"padding": "x" * 5000})
        box = create(client, name="kept")
        removed = create(client, labels={"padding": "x" * 50_000})
        client.call("DELETE", f"/sandbox/{removed}")
        await_state(one, client, removed, 404)
        assert not one.stop()
        file = one.data / "state.db"
        whole = file.read_bytes()
        assert len(whole) >= 8192, len(whole)
        for damaged in (b"\xff" * 100 + whole[100:], whole[:4096] + os.urandom(len(whole) - 4096), whole[:len(whole) // 2 + 13],
                        with_damaged_list_of_free_pages(whole)):
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


if __name__ == "__main__":
    NEED_A_DISK = {check_disk_full, check_read_only}   # only root can mount one
    server_faults.main(__doc__, [check for check in checks_of(globals()) if os.geteuid() == 0 or check not in NEED_A_DISK])
