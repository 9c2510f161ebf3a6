#!/usr/bin/env python3
"""What sandboxes are made of: `daytona-local base create`, and `serve --base`.

    base_test.py --daytona-local PROGRAM --daytona-toolbox PROGRAM --tree TREE

TREE is made if it is missing.
"""

import argparse
import contextlib
import fcntl
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "support")]

from wire import backend                                      # noqa: E402
from wire.base_tree import ensure_tree                        # noqa: E402
from wire.cases import checks_of, run_checks                  # noqa: E402
from wire.changes import Changes                              # noqa: E402
from wire.sandbox_calls import await_state, create, execute   # noqa: E402
from wire.server_process import PATIENCE, ServerProcess       # noqa: E402

OPTIONS = None
NO_NETWORK = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-current-user", "--net"]


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory(prefix="daytona-base-") as name:
        os.chmod(name, 0o755)
        yield pathlib.Path(name)


def create_command(path):
    return [os.path.abspath(OPTIONS.daytona_local), "base", "create", str(path)]


def create_tree(path, prefix=(), environment=None):
    return subprocess.run([*prefix, *create_command(path)], env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, errors="replace", timeout=300, check=False)


@contextlib.contextmanager
def server(where, *options, prefix=()):
    mode = backend.available_modes()[0]
    made = ServerProcess(OPTIONS.daytona_local, OPTIONS.daytona_toolbox, where, mode=mode.name, options=options, prefix=[*mode.prefix, *prefix])
    try:
        yield made
    finally:
        made.end()


def begin_and_wait_for_packages(path):
    unfinished = pathlib.Path(f"{path}.unfinished")
    with Changes(unfinished.parent) as changes:
        process = subprocess.Popen(create_command(path), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        changes.await_true(unfinished.exists, PATIENCE, "a tree is begun")
    with Changes(unfinished) as changes:
        changes.await_true((unfinished / "tree").exists, PATIENCE, "packages are unpacked")
    return process


def await_unlocked(folder):
    """Whoever works in it has it locked, up to the last process that was started for it."""
    def late(*_):
        raise TimeoutError(f"{folder} is still locked after {PATIENCE} s")
    signal.signal(signal.SIGALRM, late)
    signal.alarm(PATIENCE)
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
    finally:
        signal.alarm(0)
        os.close(lock)


def check_there_already():
    """base create finds the tree that is there, at once"""
    begun = time.monotonic()
    done = create_tree(OPTIONS.tree)
    assert done.returncode == 0 and "is ready" in done.stdout and f"--base={OPTIONS.tree}" in done.stdout, done
    assert time.monotonic() - begun < 10


def check_without_network():
    """base create without a way to the packages fails, says what to look at, and leaves nothing"""
    with folder() as where:
        done = create_tree(where / "tree", prefix=NO_NETWORK)
        assert done.returncode == 1 and "`apt-get update` must work on this machine" in done.stderr, done
        assert not list(where.iterdir()), list(where.iterdir())


def user_of_its_own(where):
    """A home that nobody else can enter, and a command's prefix to become its user, who has subordinate ids. Nobody but the command knows of that user."""
    home, ids = where / "home", 65533
    home.mkdir(mode=0o700)
    os.chown(home, ids, ids)
    more = {"passwd": f"tester:x:{ids}:{ids}::{home}:/bin/sh\n", "group": f"tester:x:{ids}:\n", "subuid": "tester:1879048192:65536\n", "subgid": "tester:1879048192:65536\n"}
    for name, line in more.items():
        (where / name).write_bytes(pathlib.Path("/etc", name).read_bytes() + line.encode())
    mounts = "; ".join(f"mount --bind {where}/{name} /etc/{name}" for name in more)
    enter = ["unshare", "--mount", "--propagation", "private", "sh", "-ec", f'{mounts}; exec "$@"', "sh"]
    return home, [*enter, "setpriv", f"--reuid={ids}", f"--regid={ids}", "--clear-groups"]


def check_without_root():
    """base create without root gets as far as the network: what it says there is for the user's own ids, and no folder of the user's is closed to it"""
    if os.geteuid() != 0:
        return                                    # it takes root to make a user with subordinate ids
    with folder() as where:
        home, become = user_of_its_own(where)
        program = shutil.copy(OPTIONS.daytona_local, where)
        done = subprocess.run([*NO_NETWORK, *become, program, "base", "create"], env={"PATH": os.environ["PATH"], "HOME": str(home)}, cwd=home,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", timeout=300, check=False)
        assert done.returncode == 1 and "apt-get update" in done.stderr.split("base create:")[0], done
        assert "command failed" not in done.stderr, done
        assert not [each for each in home.rglob("*") if not each.is_dir()], list(home.rglob("*"))


def check_interrupted():
    """an interrupted base create leaves neither file nor process"""
    with folder() as where:
        process = begin_and_wait_for_packages(where / "tree")
        family = backend._descendants(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 130, process.returncode
        backend._await_end(family)
        left = [name for pid, (started, name) in family.items() if backend._start_time(pid) == started]
        assert not left, left
        assert not list(where.iterdir()), list(where.iterdir())


def check_killed():
    """what a base create that was killed has left goes with the next one, and two at once are refused"""
    with folder() as where:
        process = begin_and_wait_for_packages(where / "tree")
        second = create_tree(where / "tree")
        assert second.returncode == 1 and "another one makes" in second.stderr, second
        group = next(iter(backend._descendants(process.pid)))
        process.kill()
        process.wait()
        os.killpg(group, signal.SIGKILL)
        await_unlocked(where / "tree.unfinished")
        assert "another one makes" not in create_tree(where / "tree", prefix=NO_NETWORK).stderr
        assert not list(where.iterdir()), list(where.iterdir())


def check_bad_places():
    """base create refuses places that are no place for a tree, and says why"""
    with folder() as where:
        (where / "full").mkdir()
        (where / "full" / "file").write_text("mine")
        for path, why in ((where / "full", "no Debian tree"), ("tree", "must be an absolute path"), (where / "full" / "file" / "tree", "cannot make")):
            done = create_tree(path)
            assert done.returncode == 2 and why in done.stderr, done
        assert (where / "full" / "file").read_text() == "mine"


def check_without_tool():
    """base create without mmdebstrap names the line to run"""
    with folder() as where:
        done = create_tree(where / "tree", environment={"PATH": "/nowhere"})
        assert done.returncode == 1 and "apt-get install --yes mmdebstrap" in done.stderr, done
        assert not list(where.iterdir()), list(where.iterdir())


def check_refused_bases():
    """serve refuses a base that is missing, relative, no Debian tree or the machine itself, and says what to do"""
    with folder() as where:
        (where / "empty").mkdir()
        for base, why in ((where / "none", "it does not exist; make one with: daytona-local base create"), ("tree", "neither 'host' nor an absolute path"),
                          (where / "empty", "no Debian tree: usr/lib/os-release"), ("/", "say 'host'")):
            with server(where, f"--base={base}") as one:
                said = one.refusal()
                assert why in said and str(base) in said, said


def check_tree_is_shown_and_used():
    """a server on a tree says so in its banner, in /config and in status, and its sandboxes are made of the tree"""
    with folder() as where, server(where, f"--base={OPTIONS.tree}") as one:
        client = one.start()
        base = client.call("GET", "/config").json()["base"]
        assert base.startswith(str(OPTIONS.tree)) and "Debian" in base, base
        tree_packages = (pathlib.Path(OPTIONS.tree) / "var/lib/dpkg/status").read_text(encoding="utf-8").count("\nStatus: install ok installed")
        assert execute(client, create(client), "dpkg -l | grep -c ^ii") == f"{tree_packages}\n"
        status = subprocess.run([*one.prefix, one.program, "status", f"--base={OPTIONS.tree}"], env=one.environment, stdout=subprocess.PIPE, text=True, timeout=60, check=True)
        assert base in status.stdout, status.stdout
        assert not one.stop()


def check_other_base():
    """a sandbox does not start on another base than it was made of, says which one to serve, and starts there"""
    with folder() as where:
        with server(where) as one:
            box = create(one.start(), name="box")
            assert not one.stop()
        with server(where, f"--base={OPTIONS.tree}") as one:
            refused = one.start().call("POST", f"/sandbox/{box}/start")
            assert refused.status == 400 and "--base=host" in refused.json()["message"], refused
            assert not one.stop()
        with server(where) as one:
            client = one.start()
            assert client.call("POST", f"/sandbox/{box}/start").status == 200
            assert execute(client, box, "echo up") == "up\n"
            assert not one.stop()


def with_opt_of_its_own(where):
    """A command's prefix: /opt is a folder of the test's, so that the machine's programs can be changed for one server alone."""
    (where / "opt").mkdir(mode=0o755)
    (where / "opt").chmod(0o755)
    enter = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--user", "--map-current-user"]
    return [*enter, "--propagation", "private", "sh", "-c", f'mount --bind {where}/opt /opt && exec "$@"', "sh"]


def change_programs(where):
    (where / "opt" / "new-tool").write_text("x")


def check_changed_machine():
    """a change of the machine's programs under a running sandbox is said in its errorReason, in /config and in the log, until it is started anew"""
    with folder() as where, server(where, prefix=with_opt_of_its_own(where)) as one:
        client = one.start()
        box = create(client)
        reason = lambda: client.call("GET", f"/sandbox/{box}").json().get("errorReason")   # noqa: E731
        assert not reason(), reason()
        change_programs(where)
        one.await_word("programs changed under 1 running")
        assert reason()
        assert client.call("GET", f"/sandbox/{box}").json()["state"] == "started"
        assert "under 1 running sandboxes" in client.call("GET", "/config").json()["base"]
        assert client.call("POST", f"/sandbox/{box}/stop?force=true").status == 200
        await_state(one, client, box, lambda state: state == "stopped", PATIENCE)
        assert client.call("POST", f"/sandbox/{box}/start").status == 200
        assert not reason(), reason()
        assert execute(client, box, "ls /opt") == "new-tool\n"
        assert not one.stop()


def check_tree_is_immune():
    """a change of the machine's programs is no change for sandboxes of a tree"""
    with folder() as where, server(where, f"--base={OPTIONS.tree}", prefix=with_opt_of_its_own(where)) as one:
        client = one.start()
        box = create(client)
        change_programs(where)
        assert execute(client, box, "ls -A /opt") == ""
        assert not client.call("GET", f"/sandbox/{box}").json().get("errorReason")
        assert "changed" not in client.call("GET", "/config").json()["base"]
        assert not one.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    backend.add_arguments(parser)
    parser.add_argument("--tree", required=True)
    OPTIONS = parser.parse_args()
    ensure_tree(OPTIONS.daytona_local, OPTIONS.tree)
    sys.exit(run_checks(checks_of(globals())))
