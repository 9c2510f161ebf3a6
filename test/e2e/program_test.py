#!/usr/bin/env python3
"""The program daytona-local: where it listens, what it prints, how it ends.

    program_test.py --daytona-local PROGRAM --daytona-toolbox PROGRAM
"""

import pathlib
import re
import signal
import subprocess
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "support")]

import server_faults                                          # noqa: E402
from server_faults import server                              # noqa: E402
from wire.cases import checks_of                              # noqa: E402
from wire.plain_client import ApiClient                       # noqa: E402
from wire.sandbox_calls import create, execute                # noqa: E402
from wire.server_process import PATIENCE                      # noqa: E402


def listening(pid):
    """The addresses at which a process takes TCP connections, as /proc writes them."""
    own = set()
    for link in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        if match := re.match(r"socket:\[(\d+)\]", str(link.readlink())):
            own.add(match[1])
    lines = [line.split() for name in ("tcp", "tcp6") for line in pathlib.Path(f"/proc/{pid}/net/{name}").read_text(encoding="ascii").splitlines()[1:]]
    return {fields[1].split(":")[0] for fields in lines if fields[3] == "0A" and fields[9] in own}


def check_loopback_alone():
    """it listens on 127.0.0.1 alone; --host names another address, one that other machines can reach only with --allow-remote"""
    for options, host, address in (((), "127.0.0.1", "0100007F"), (("--host", "127.0.0.2"), "127.0.0.2", "0200007F")):
        with server(options=options) as one:
            client = one.start()
            assert client.host == host, client.host
            assert listening(one.process.pid) == {address}, listening(one.process.pid)
            assert client.call("GET", "/sandbox?limit=1").status == 200
            assert not one.stop()
    with server(options=("--host", "0.0.0.0")) as one:
        said = one.refusal()
        assert "0.0.0.0" in said and "--allow-remote" in said, said


def check_key():
    """without --api-key it makes a key that can't be guessed, keeps it with the data directory, prints it, and takes no other"""
    keys = []
    for _ in range(2):
        with server(key=None) as one:
            for _ in range(2):
                client = one.start()
                keys.append(client.authorization.removeprefix("Bearer "))
                assert client.call("GET", "/sandbox").status == 200
                assert ApiClient(f"http://{client.host}:{client.port}{client.base}", keys[-1][:-1]).call("GET", "/sandbox").status == 401
                assert not one.stop()
            for file in one.data.rglob("state.db*"):
                assert file.stat().st_mode & 0o077 == 0, f"others may read {file}"
    assert keys[0] == keys[1] and keys[2] == keys[3] and keys[0] != keys[2], keys
    assert all(re.fullmatch(r"dtn_[0-9a-f]{64}", key) for key in keys), keys


def check_refusals_leave_nothing():
    """a start that is refused leaves of its data directory what was there before, and a later one finds nothing in its way"""
    with server() as running:
        client = running.start()
        taken = ("--port", str(client.port))
        for refused, remedy in ((taken, "choose another port"), (("--base", "/none"), "/none")):
            with server(options=refused) as one:
                one.data = one.folder / "some" / "where" / "data"
                assert remedy in one.refusal(), one.said()
                assert not (one.folder / "some").exists(), list(one.folder.rglob("*"))
                one.data.mkdir(parents=True)
                one.data.chmod(0o711)
                assert remedy in one.refusal() and not list(one.data.iterdir()), list(one.data.iterdir())
        with server(options=("--toolbox", "/none")) as one:
            assert "/none" in one.refusal() and not one.data.exists(), one.said()
        with server() as one:
            box = create(one.start())
            assert not one.stop()
            one.options = taken
            kept = sorted(one.data.rglob("*"))
            assert "choose another port" in one.refusal() and sorted(one.data.rglob("*")) == kept, one.said()
            one.options = ()
            assert one.start().call("GET", f"/sandbox/{box}").status == 200
            assert not one.stop()
        assert not running.stop()


def check_signals():
    """SIGINT and SIGTERM end its sandboxes and then itself, with status 0"""
    for number in (signal.SIGINT, signal.SIGTERM):
        with server() as one:
            client = one.start()
            execute(client, create(client), "nohup sleep 1000 >/dev/null 2>&1 &")
            assert not one.stop(number)


def check_what_it_says():
    """--help, --version and a wrong word are answered as by other programs, and start nothing"""
    program = server_faults.OPTIONS.daytona_local
    for words, status, said in ((["--help"], 0, "daytona-local serve"), (["--version"], 0, "daytona-local "), ([], 2, "say what to do"),
                                (["serve", "--colour"], 2, "--colour")):
        done = subprocess.run([program, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert done.returncode == status and said in (done.stdout if status == 0 else done.stderr), done


if __name__ == "__main__":
    server_faults.main(__doc__, checks_of(globals()))
