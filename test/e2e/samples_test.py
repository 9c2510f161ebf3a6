#!/usr/bin/env python3
"""Runs the samples, the README's program and the examples of the public headers on the embedded local backend, looks at what they print, and that they leave nothing behind.

    samples_test.py --daytona-local PROGRAM SAMPLE_PROGRAM…
"""

import argparse
import fcntl
import os
import pathlib
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
import urllib.request

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "support")]

from wire import backend              # noqa: E402
from wire.cases import Cases          # noqa: E402
from wire.plain_client import ApiClient  # noqa: E402

_PATIENCE = 120
# An account that nobody has, at a port that nobody listens on: who talks to it fails.
_ACCOUNT = {"DAYTONA_API_URL": "http://127.0.0.1:1/api", "DAYTONA_API_KEY": "of-an-account"}


def environment(folder, account=None):
    return {**{name: value for name, value in os.environ.items() if not name.startswith("DAYTONA_")}, **(account or _ACCOUNT), "TMPDIR": folder}


def start(program, arguments, folder):
    return subprocess.Popen([program, *arguments], env=environment(folder), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def run(program, arguments, folder):
    process = start(program, arguments, folder)
    try:
        output, _ = process.communicate(timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
        return "", [f"still running after {_PATIENCE} s: {output[-500:]}"]
    return output, [] if process.returncode == 0 else [f"exit status {process.returncode}: {output[-800:]}"]


def expect(output, *patterns):
    return [f"'{pattern}' is not in: {output[-800:]}" for pattern in patterns if not re.search(pattern, output)]


def quickstart(program, folder):
    output, complaints = run(program, [], folder)
    return complaints or expect(output, r"isolation: \S+", r"ms  create    sandbox [0-9a-f-]{36} is started\n", r"ms  exec      I am daytona in /home/daytona, one of \d+ processes\n",
                               r"ms  code_run  Python 3\S+ adds up to 5050\n", r"ms  exec      exit code 2 is a result, not an exception: ls: .*/nowhere", r"ms  remove    nothing is left of it\n")


def remote(program, folder):
    """The account in the environment is used with --remote, and only then: the other cases have it as well."""
    output, complaints = run(program, ["--remote"], folder)
    return ["it ran without the account"] if not complaints else expect(output, r"Failed to create sandbox: .*127\.0\.0\.1:1")


def first_program(program, folder):
    output, complaints = run(program, [], folder)
    return complaints or expect(output, r"exit code 0:\ndaytona\n/home/daytona\n")


def examples(program, folder):
    output, complaints = run(program, [], folder)
    return complaints or expect(output, r"example create:\n", r"example code_run:\n42\n", r"example wait_session_command:\ncompiling\ndone\nended with 0\n", r"example exec_stream:\n(.*\n)+3\n",
                               r"example command_send_input:\nhello world\n", r"example command_wait:\nended with 3\n", r"\n5\d examples ran\n")


def many_sandboxes(program, folder):
    output, complaints = run(program, ["20"], folder)
    return complaints or expect(output, r"20 of 20 done, 0 failed", r"20 sandboxes in [0-9.]+ s from one thread", r"create, exec, remove\s+[0-9.]+")


def charts(program, folder):
    output, complaints = run(program, [folder], folder)
    complaints = complaints or expect(output, r"Powers \(line\)", r"squares: \(0, 0\) \(1, 1\) \(2, 4\) \(3, 9\)", r"Sales \(bar\)", r"Feb: 15", r"Shares \(pie\)", r"a: 180 degrees")
    pictures = sorted(pathlib.Path(folder).glob("daytona-chart-*.png"))
    for picture in pictures:
        if not picture.read_bytes().startswith(b"\x89PNG\r\n"):
            complaints.append(f"{picture.name} is no PNG file")
        picture.unlink()
    return complaints if len(pictures) == 3 else [*complaints, f"{len(pictures)} pictures instead of 3"]


class OwnTerminal:
    """A terminal with a program in it, as its user has it."""

    def __init__(self, command, variables, rows, cols):
        self.master, slave = os.openpty()
        self.resize(rows, cols)
        self.modes = termios.tcgetattr(self.master)
        self.seen = ""
        self.process = subprocess.Popen(["setsid", "--ctty", "--wait", *command], env=variables, stdin=slave, stdout=slave, stderr=slave)
        self.slave = slave                                    # held, so that its modes can be looked at afterwards

    def resize(self, rows, cols):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def type(self, text):
        os.write(self.master, text.encode())

    def until(self, pattern):
        """Reads until it was put out; the match."""
        end = time.monotonic() + _PATIENCE
        while not (found := re.search(pattern, self.seen)):
            if not select.select([self.master], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError(f"'{pattern}' is not in: {self.seen[-800:]}")
            self.seen += os.read(self.master, 65536).decode(errors="replace")
        return found

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)


def interactive_shell(program, folder):
    own = OwnTerminal([program], environment(folder), 31, 97)
    try:
        own.until(r"local backend at")
        own.type("stty size; id -un; echo $((6*7))-there\n")
        own.until(r"31 97\r\ndaytona\r\n42-there\r\n")
        is_raw = not termios.tcgetattr(own.master)[3] & (termios.ICANON | termios.ECHO | termios.ISIG)
        own.resize(40, 120)
        own.type("until [ \"$(stty size)\" = '40 120' ]; do :; done; sh -c 'echo $((6*7))-resized; exec sleep 1000'\n")
        own.until(r"42-resized\r\n")
        own.type("\x03")                                       # ends sleep, and not the program
        own.type("echo $((6*7))-alive; exit 5\n")
        own.until(r"42-alive\r\n")
        own.until(r"the shell has ended with exit code 5")
        status = own.process.wait(timeout=_PATIENCE)
        complaints = [] if status == 5 else [f"exit status {status}"]
        if not is_raw:
            complaints.append("keys did not go through as they were")
        if termios.tcgetattr(own.master) != own.modes:
            complaints.append("the terminal was left as it was not found")
        return complaints
    except (TimeoutError, subprocess.TimeoutExpired) as error:
        return [str(error)]
    finally:
        own.close()


MIDDLES = {"agent_loop": r"\nstep  2:", "follow_logs": r"compiling 2", "interpreter": r"measured 1", "interactive_shell": r"\$ "}


def interrupted(program, middle, folder, options):
    """Ctrl-C in the middle, or where that goes to the sandbox the end of its terminal's owner: no sandbox stays on a server that is not the sample's."""
    with backend.backends(options)[0] as server:
        own = OwnTerminal([program, "--remote"], environment(folder, {"DAYTONA_API_URL": server.url, "DAYTONA_API_KEY": server.key}), 24, 80)
        try:
            own.until(middle)
            if "interactive_shell" in program:
                own.process.send_signal(signal.SIGTERM)
            else:
                own.type("\x03")
                own.until(r"\^C\r\n")                            # where the next prompt begins on a line of its own
            status = own.process.wait(timeout=_PATIENCE)
            complaints = [] if status == 130 else [f"exit status {status}"]
            if termios.tcgetattr(own.master) != own.modes:
                complaints.append("the terminal was left as it was not found")
        except (TimeoutError, subprocess.TimeoutExpired) as error:
            complaints = [str(error)]
        finally:
            own.close()
        left = ApiClient(server.url, server.key).call("GET", "/sandbox?limit=10").json()["items"]
        return complaints + [f"sandbox {box['id']} is left, {box['state']}" for box in left] + server.stop()


def without_terminal(program, folder):
    """Where there is none, it says so."""
    output, complaints = run("setsid", ["--wait", program], folder)
    return expect(output, r"interactive_shell needs a terminal") if complaints else ["it ran"]


def agent_loop(program, folder):
    output, complaints = run(program, [], folder)
    return complaints or expect(output, r"\nstep  1:   1 after \d+\.\d ms, +\d+ requests, +\d+ results, +\d+ bytes on the terminal\n",
                               r"\nstep 10: 100 after \d+\.\d ms, +[1-9]\d+ requests, +[1-9]\d* results, +[1-9]\d+ bytes", r"\nall three have ended, the last step stands on the terminal\n")


def interpreter(program, folder):
    output, complaints = run(program, [], folder)
    return complaints or expect(output, r"\nmeasured 0\nmeasured 1\nmeasured 4\nmeasured 9\nsum 14\n", r"\none more is no number\nTraceback \(most recent call last\):\n  File \"<stdin>\", line 4\nTypeError: ",
                               r"\nmeasured 0\n.*interrupted: it outlived its timeout", r"\nkept \d+ values\n")


def follow_logs(program, folder):
    output, complaints = run(program, [], folder)
    expected = {"build": [*[f"compiling {n}" for n in range(1, 6)], "unused variable", "ended with 0"],
                "test": [*[f"passed {n}" for n in range(1, 5)], "failed 5", "ended with 1"],
                "serve": ["listening", *[f"GET /{n}" for n in range(1, 4)], "ended with 0"]}
    lines = [line.split(None, 1) for line in output.splitlines()[1:]]
    for name, wanted in expected.items():
        got = [line[1] for line in lines if line[0] == name]
        if got != wanted:
            complaints.append(f"{name}: {got} instead of {wanted}")
    order = [line[0] for line in lines]
    return complaints if order != sorted(order, key=order.index) else [*complaints, f"one behind the other: {order}"]


REFUSALS = {
    "charts": ("/nowhere", r"/nowhere/daytona-chart-1\.png: No such file"),
    "many_sandboxes": ("-1", r"'-1' is no number from 0 to 10000"),
    "async_server": ("99999999", r"'99999999' is no number from 0 to 65535"),
}


def refused(program, argument, reason, folder):
    output, complaints = run(program, [argument], folder)
    return expect(output, reason) if complaints else ["it ran"]


def async_server(program, folder):
    process = start(program, [], folder)
    try:
        lines = []
        while not lines or "post python code to" not in lines[-1]:
            lines.append(process.stdout.readline())
            if not lines[-1]:
                return ["ended early: " + "".join(lines)]
        url = re.search(r"http://\S+", lines[-1])[0]
        with urllib.request.urlopen(urllib.request.Request(url, data=b"print(6*7)"), timeout=_PATIENCE) as answer:
            complaints = [] if answer.read() == b"42\n" and answer.headers["X-Exit-Code"] == "0" else ["a wrong answer"]
        host, port = re.search(r"http://([^:/]+):(\d+)", url).groups()
        with socket.create_connection((host, int(port))):  # a browser that keeps its connection must not hold up the end
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=_PATIENCE)
        return complaints if process.returncode == 130 else [*complaints, f"exit status {process.returncode} after Ctrl-C"]
    except subprocess.TimeoutExpired:
        return [f"still running {_PATIENCE} s after Ctrl-C"]
    finally:
        process.kill()
        process.wait()


def left_behind(folder):
    """Files, and processes that were started with this folder as TMPDIR."""
    found = [f"left behind: {path}" for path in pathlib.Path(folder).iterdir()]
    mark = f"TMPDIR={folder}".encode()
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found.append(f"left behind: process {process.name} {(process / 'comm').read_text().strip()}")
        except OSError:
            continue
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    backend.add_arguments(parser)
    parser.add_argument("programs", nargs="+")
    options = parser.parse_args()
    cases = Cases()
    for program in options.programs:
        name = pathlib.Path(program).name
        if not cases.wants(name):
            continue
        with tempfile.TemporaryDirectory() as folder:
            complaints = globals()[name](program, folder)
            cases.check(f"{name} does what it says, not on the account in the environment, and leaves nothing behind", complaints + left_behind(folder))
            if name in REFUSALS:
                cases.check(f"{name} says why it can't do what its argument asks for", refused(program, *REFUSALS[name], folder))
            if name in MIDDLES:
                cases.check(f"{name} that is interrupted leaves no sandbox, and its terminal as it was", interrupted(program, MIDDLES[name], folder, options))
            if name == "interactive_shell":
                cases.check(f"{name} says that it needs a terminal where there is none", without_terminal(program, folder))
            if name == "quickstart":
                cases.check(f"{name} --remote uses the account in the environment", remote(program, folder))
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
