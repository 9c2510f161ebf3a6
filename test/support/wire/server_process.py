"""A `daytona-local` on a data directory that outlives it: to be killed, and started again."""

import contextlib
import os
import pathlib
import re
import select
import signal
import subprocess
import tempfile
import time

from wire import backend
from wire.changes import Changes
from wire.plain_client import ApiClient

PATIENCE = 60
_BANNER = re.compile(rb"export DAYTONA_API_URL=(\S+)\nexport DAYTONA_API_KEY=(\S+)\n")


class ServerProcess:
    """`start()` gives a client; the process and everything it started is `family()`. Without a `key` it makes one."""

    def __init__(self, program, toolbox, folder, *, mode="shifted", prefix=(), environment=None, options=(), key="key"):
        self.program, self.toolbox, self.folder = os.path.abspath(program), os.path.abspath(toolbox), pathlib.Path(folder)
        self.mode, self.prefix, self.options, self.key = mode, list(prefix), list(options), key
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder), "DAYTONA_TOOLBOX": self.toolbox, **(environment or {})}
        self.data = self.folder / "data"
        self.process = None

    def spawn(self):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [*self.prefix, self.program, "serve", "--data-dir", str(self.data), "--isolation", f"require:{self.mode}", *self.options,
             *(["--api-key", self.key] if self.key else [])],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, env=self.environment)

    def start(self):
        self.spawn()
        output, end = b"", time.monotonic() + PATIENCE
        while not (match := _BANNER.search(output)):
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))
            piece = os.read(self.process.stdout.fileno(), 4096) if ready else b""
            if not piece:
                raise RuntimeError(f"printed no URL: {output.decode(errors='replace')}{self.said()}")
            output += piece
        return ApiClient(match[1].decode(), match[2].decode())

    def refusal(self):
        """What a start that must fail says; its status is 1."""
        self.spawn()
        status = self.process.wait(PATIENCE)
        self.process.stdout.close()
        return self.said() if status == 1 else f"status {status}"

    def said(self):
        return os.pread(self.log.fileno(), 1 << 20, 0).decode(errors="replace")    # the place to write at is the server's too

    def await_word(self, text):
        """Until its log has this text."""
        with Changes(f"/proc/self/fd/{self.log.fileno()}") as changes:
            changes.await_true(lambda: text in self.said(), PATIENCE, f"the log says '{text}'")

    def changes(self):
        """Of the data directory as the server sees it: every state that is told was written there before."""
        return Changes(f"/proc/{self.process.pid}/root{self.data}")

    def family(self):
        return backend._descendants(self.process.pid)

    def helper(self):
        return next(pid for pid, (_, name) in self.family().items() if name == "daytona-helper")

    def kill(self):
        """As a crash would; returns what was left after a moment."""
        family = self.family()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        backend._await_end(family)
        return [f"process {pid} ({name}) is left" for pid, (started, name) in family.items() if backend._start_time(pid) == started]

    def stop(self, number=signal.SIGTERM):
        family = self.family()
        self.process.send_signal(number)
        status = self.process.wait(PATIENCE)
        self.process.stdout.close()
        backend._await_end(family)
        left = [f"process {pid} ({name}) is left" for pid, (started, name) in family.items() if backend._start_time(pid) == started]
        return left + ([f"exit status {status}: {self.said()[-300:]}"] if status else [])

    def end(self):
        """For tests that end early."""
        if self.process and self.process.poll() is None:
            with contextlib.suppress(StopIteration):
                os.kill(self.helper(), signal.SIGCONT)
            self.process.kill()
            self.process.wait()
