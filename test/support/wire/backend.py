"""A `daytona-local` of its own for a test program, and proof that it leaves nothing behind."""

import argparse
import contextlib
import dataclasses
import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from wire.changes import Changes

_UNPRIVILEGED = 65534                     # nobody
_PATIENCE = 60


@dataclasses.dataclass
class Mode:
    """An isolation mode that this user can have, and how to become the user it is for."""

    name: str
    prefix: list


def available_modes():
    """Root shows the root mode and, through setpriv, the unprivileged one; anyone else the latter."""
    if os.geteuid() != 0:
        return [Mode("userns", [])]
    drop = ["setpriv", f"--reuid={_UNPRIVILEGED}", f"--regid={_UNPRIVILEGED}", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
    return [Mode("shifted", []), Mode("userns", drop)]


def add_arguments(parser: argparse.ArgumentParser):
    parser.add_argument("--daytona-local", metavar="PROGRAM", help="start this program and talk to it")
    parser.add_argument("--daytona-toolbox", metavar="PROGRAM", help="for --daytona-local, if it would not find it by itself")
    parser.add_argument("--mode", help="only this isolation mode (shifted, userns)")
    parser.add_argument("--url", help="talk to this server instead, its API base (key: DAYTONA_API_KEY)")


def backends(options):
    """The servers that the command line names, each to be entered as a context: one a mode, or the given one."""
    if options.url:
        return [Given(options.url, os.environ.get("DAYTONA_API_KEY", "key"))]
    if not options.daytona_local:
        sys.exit("name a server: --daytona-local PROGRAM or --url URL")
    return [Backend(options.daytona_local, mode, options.daytona_toolbox) for mode in available_modes() if options.mode in (None, mode.name)]


class Given:
    """A server that somebody else runs."""

    mode = "given"

    def __init__(self, url, key):
        self.url, self.key = url.rstrip("/"), key

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def stop(self):
        return []

    def changes(self):
        return contextlib.nullcontext(self)

    def await_one(self, seconds):
        """A server elsewhere tells of nothing: another look is always worth while."""
        return seconds > 0


class Backend:
    """`with Backend(...) as backend:` has `url` (API base) and `key`; `stop()` ends it and returns what it left behind."""

    def __init__(self, program, mode, toolbox=None):
        self._program, self._toolbox = os.path.abspath(program), toolbox and os.path.abspath(toolbox)
        self._mode, self.mode = mode, mode.name
        self.key = "key-of-" + mode.name
        self._process = None

    def __enter__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="daytona-wire-"))
        self.directory.chmod(0o755)       # sandboxes' users have to get through
        data, temporary = self.directory / "data", self.directory / "tmp"
        for folder in (data, temporary):
            folder.mkdir()
        program, toolbox = self._program, self._toolbox or os.environ.get("DAYTONA_TOOLBOX")
        if self._mode.prefix:
            for folder in (self.directory, data, temporary):
                os.chown(folder, _UNPRIVILEGED, _UNPRIVILEGED)
            program, toolbox = self._reachable(program), toolbox and self._reachable(toolbox)
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.directory), "TMPDIR": str(temporary)}
        environment |= {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
        environment |= {"DAYTONA_TOOLBOX": toolbox} if toolbox else {}
        self._log = open(self.directory / "log", "w+b")
        self._process = subprocess.Popen(
            [*self._mode.prefix, program, "serve", "--port", "0", "--data-dir", str(data), "--api-key", self.key,
             "--isolation", f"require:{self.mode}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._log, env=environment, cwd=self.directory)
        try:
            self.url = self._read_url()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _reachable(self, program):
        """A copy that another user can run: a build folder in root's home is closed to it."""
        return shutil.copy(program, self.directory)

    def __exit__(self, *_):
        """For tests that end early: nothing may stay, so the hard way. After stop() there is nothing left to do."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._log.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def stop(self):
        """Ends the server as its user would; returns what it did wrong or left, in words."""
        family = _descendants(self._process.pid)
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            return [f"still runs {_PATIENCE} s after SIGTERM"]
        complaints = [] if status == 0 else [f"exit status {status} after SIGTERM: {self.log()[-300:]}"]
        _await_end(family)
        return complaints + self._leftovers(family)

    def changes(self):
        """Of its data directory: every state that is told was written there before."""
        return Changes(self.directory / "data")

    def log(self):
        self._log.flush()
        return (self.directory / "log").read_text(errors="replace")

    def _leftovers(self, family):
        left = [f"process {pid} ({name}) is left" for pid, (started, name) in family.items() if _start_time(pid) == started]
        left += [f"process {pid} still uses the data directory" for pid in _users_of(self.directory) if pid not in family]
        with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
            left += [f"mount is left: {line.split()[4]}" for line in mounts if str(self.directory) in line]
        left += [f"file is left: {path}" for path in sorted((self.directory / "tmp").rglob("*"))[:5]]
        return left

    def sandbox_files(self, ids):
        """What of removed sandboxes still lies in the data directory."""
        return [str(path) for path in (self.directory / "data").rglob("*") if any(id in path.name for id in ids)]

    def _read_url(self):
        output = b""
        end = time.monotonic() + _PATIENCE
        while not (match := re.search(rb"(http://[0-9.]+:\d+\S*)[^\n]*\n", output)):
            ready, _, _ = select.select([self._process.stdout], [], [], max(0, end - time.monotonic()))
            piece = os.read(self._process.stdout.fileno(), 4096) if ready else b""
            if not piece:
                raise RuntimeError(f"{self._program} printed no URL: {output.decode(errors='replace')}{self.log()}")
            output += piece
        return match.group(1).decode().strip("'\"").rstrip("/")


def _descendants(root):
    """{pid: (start time, name)} of `root`'s descendants; a sandbox's processes are among them as long as their PID 1 is."""
    children = {}
    for pid in _all_pids():
        if stat := _stat(pid):
            children.setdefault(int(stat[1]), []).append((pid, stat))
    found, queue = {}, [root]
    while queue:
        for pid, stat in children.get(queue.pop(), []):
            found[pid] = (stat[19], stat[-1])
            queue.append(pid)
    return found


def _await_end(family, patience=5):
    """Gives the kernel the moment it needs to take down what was killed."""
    end = time.monotonic() + patience
    for pid in family:
        try:
            handle = os.pidfd_open(pid)
        except OSError:
            continue
        select.select([handle], [], [], max(0, end - time.monotonic()))
        os.close(handle)


def _users_of(directory):
    """Processes whose mounts, working directory or command line name `directory`: whoever reparented, they show."""
    mark = os.fsencode(str(directory))
    for pid in _all_pids():
        if pid == os.getpid():
            continue
        try:
            texts = [pathlib.Path(f"/proc/{pid}/{name}").read_bytes() for name in ("mountinfo", "cmdline")]
            texts.append(os.fsencode(os.readlink(f"/proc/{pid}/cwd")))
        except OSError:
            continue
        if any(mark in text for text in texts):
            yield pid


def _all_pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _stat(pid):
    """The fields of /proc/PID/stat from the state on, and the name behind them; None if it is gone or a zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError:
        return None
    fields = text[text.rindex(")") + 2:].split()
    return None if fields[0] == "Z" else [*fields, text[text.index("(") + 1:text.rindex(")")]]


def _start_time(pid):
    stat = _stat(pid)
    return stat[19] if stat else None
