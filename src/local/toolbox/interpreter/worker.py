"""The Python side of a context of the code interpreter: runs one program after the other, with the same globals.

Descriptor 0 is a packet socket to the toolbox. From there come JSON lines, cut into packets: {"code": text, "envs": {name: text}}. Each packet back
begins with a letter: `o`, `e` text that the program printed and wrote to stderr; `s` asks for what is in the pipes 1 and 2 to be taken before what
follows, and is answered with a full stop and a line break; `x` a part of the exception that ended it, as JSON; `k` an interrupt was noticed; and at the end `d` done, `i` interrupted, `q` done and gone.
"""

import sys

_own_path = sys.path.pop(0)  # a json.py of the user's is none of ours

import _thread
import builtins
import fcntl
import io
import json
import os
import signal
import time
import types

sys.path.insert(0, _own_path)

_PIECE = 16384  # fits into the socket as a whole or not at all
_LONGEST_TEXT = 200000
_LINE = 1024
_FIONREAD = 0x541B
_SECOND_INTERRUPT = 0.7


class _Guard:
    """While the main thread is inside, an interrupt waits: what is sent is sent once, as a whole."""

    def __init__(self, channel):
        self._channel = channel
        self.depth = 1
        self.came = False
        self.noticed = None
        self.main = _thread.get_ident()
        self.lock = _thread.RLock()
        self.pipes = (1, 2)
        os.register_at_fork(after_in_child=self._be_a_child)

    def _be_a_child(self):
        self.lock._at_fork_reinit()
        self.pipes = ()

    def begin(self):
        self.came, self.noticed = False, None
        self.depth = 0

    def on_interrupt(self, number, frame):
        """An interrupt that meets a system call on the way in does not end it, so the toolbox repeats it until it was noticed."""
        now = time.monotonic()
        again = self.noticed is not None and now - self.noticed < _SECOND_INTERRUPT
        self._channel.send(b"k")
        if again:
            return
        self.noticed = now
        if self.depth:
            self.came = True
        else:
            raise KeyboardInterrupt

    def __enter__(self):
        if _thread.get_ident() == self.main:
            self.depth += 1
        self.lock.acquire()

    def __exit__(self, *failure):
        self.lock.release()
        if _thread.get_ident() != self.main:
            return
        self.depth -= 1
        if self.came and not self.depth:
            self.came = False
            raise KeyboardInterrupt


class _Channel:
    """The socket to the toolbox, out of reach of what the program starts, which finds an input that stays empty."""

    def __init__(self):
        self._socket = os.dup(0)
        empty, self._keeps_empty_open = os.pipe()
        os.dup2(empty, 0)
        os.close(empty)

    def read_line(self):
        parts = []
        while True:
            part = os.read(self._socket, 1 << 16)
            if not part:
                os._exit(0)
            parts.append(part)
            if part == b".\n":
                parts.pop()
            elif part.endswith(b"\n"):
                return b"".join(parts)

    def ask(self, kind):
        """Waits for the answer. A former answer may lie there, if the wait for it was cut short."""
        self.send(kind)
        os.read(self._socket, 64)

    def send(self, kind, payload=b""):
        for start in range(0, len(payload) or 1, _PIECE):
            os.write(self._socket, kind + payload[start:start + _PIECE])


class _Bytes(io.RawIOBase):
    """What `sys.stdout.buffer` is."""

    def __init__(self, text):
        self._text = text

    def writable(self):
        return True

    def fileno(self):
        return self._text.fileno()

    def write(self, data):
        with memoryview(data) as view:
            return self._text.write_bytes(view.tobytes())


class _Text(io.TextIOBase):
    """An output of the program. A line leaves at its end, or when it is long."""

    def __init__(self, descriptor, kind, guard, channel):
        self._descriptor, self._guard, self._channel = descriptor, guard, channel
        self._kind = kind
        self._pending = ""
        self._count = bytearray(4)
        self.other = None
        self.buffer = _Bytes(self)

    encoding, errors = "utf-8", "surrogatepass"
    name = property(lambda self: "<stdout>" if self._descriptor == 1 else "<stderr>")

    def writable(self):
        return True

    def fileno(self):
        return self._descriptor

    def reconfigure(self, **options):
        pass

    def close(self):
        self.flush()

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError("write() argument must be str, not " + type(text).__name__)
        with self._guard:
            self._let_other_go_first()
            self._pending += text
            if len(self._pending) >= _LINE or "\n" in text:
                self._send()
        return len(text)

    def write_bytes(self, data):
        with self._guard:
            self._let_other_go_first()
            self._send()
            self._send_bytes(data)
        return len(data)

    def flush(self):
        with self._guard:
            self._send()

    def _send(self):
        text, self._pending = self._pending, ""
        self._send_bytes(text.encode("utf-8", "surrogatepass"))

    def _let_other_go_first(self):
        if self.other._pending:
            self.other._send()

    def _send_bytes(self, data):
        if data:
            if self._others_wrote():
                self._channel.ask(b"s")
            self._channel.send(self._kind, data)

    def _others_wrote(self):
        """Whether there is something in the pipes, which children and libraries write to, and who prints can ask: another thread, or a forked child, could
        take what is meant for the main thread."""
        if _thread.get_ident() != self._guard.main:
            return False
        for descriptor in self._guard.pipes:
            try:
                fcntl.ioctl(descriptor, _FIONREAD, self._count)
            except OSError:
                continue
            if any(self._count):
                return True
        return False


class _Program:
    """What runs the programs, in one module `__main__`."""

    def __init__(self, guard, channel):
        self._guard, self._channel = guard, channel
        self._module = types.ModuleType("__main__")
        self._module.__dict__.update(__builtins__=builtins, __loader__=None, __spec__=None)
        sys.modules["__main__"] = self._module
        self._outputs = [_Text(1, b"o", guard, channel), _Text(2, b"e", guard, channel)]
        self._outputs[0].other, self._outputs[1].other = self._outputs[1], self._outputs[0]
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__ = self._outputs

    def run(self, request):
        """How it ended: the letter for the toolbox."""
        former = {name: os.environ.get(name) for name in request["envs"]}
        process = os.getpid()
        try:
            os.environ.update(request["envs"])
            ended = self._run_code(request["code"])
        except KeyboardInterrupt:  # behind the program's end
            self._guard.depth = 1
            ended = b"i"
        for stream in [sys.stdout, sys.stderr, *self._outputs]:
            try:
                stream.flush()
            except Exception:
                pass
        if os.getpid() != process:
            os._exit(0)  # a child that the program left to itself
        for name, value in former.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        _flush_libraries()
        return b"q" if ended == b"d" and getattr(sys.stdin, "closed", False) else ended

    def _run_code(self, code):
        try:
            try:
                program = compile(code, "<string>", "exec", dont_inherit=True)
                self._guard.begin()
                exec(program, self._module.__dict__)
            finally:
                self._guard.depth = 1
        except SystemExit:
            pass
        except KeyboardInterrupt:
            return b"i"
        except BaseException as failure:
            self._tell(failure)
        return b"d"

    def _tell(self, failure):
        for stream in self._outputs:
            stream.flush()
        name = type(failure).__name__
        try:
            value = str(failure)
        except BaseException:
            value = "<unprintable " + name + " object>"
        value = value[:_LONGEST_TEXT]
        lines = []
        step = failure.__traceback__
        while step is not None:
            if step.tb_frame.f_code.co_filename == "<string>":
                lines.append('  File "<stdin>", line %d\n' % step.tb_lineno)
            step = step.tb_next
        if lines:
            lines.insert(0, "Traceback (most recent call last):\n")
        told = {"name": name, "value": value, "traceback": "".join(lines) + name + ": " + value + "\n"}
        self._channel.send(b"x", json.dumps(told, ensure_ascii=False).encode("utf-8", "replace"))


def _flush_libraries():
    """What C code printed lies in a buffer of its own. Who has not loaded ctypes can't have called any by it."""
    if "ctypes" in sys.modules:
        try:
            sys.modules["ctypes"].CDLL(None).fflush(None)
        except Exception:
            pass


def _main():
    channel = _Channel()
    guard = _Guard(channel)
    signal.signal(signal.SIGINT, guard.on_interrupt)
    sys.argv = ["/tmp/daytona_repl_worker.py"]  # as Daytona's, for who looks
    program = _Program(guard, channel)
    while True:
        ended = program.run(json.loads(channel.read_line()))
        channel.send(ended)
        if ended == b"q":
            os._exit(0)


_main()
