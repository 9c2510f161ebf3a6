"""What the tests of a server's faults are made of: a daytona-local that is killed, starved and misled, and calls of its API."""

import argparse
import contextlib
import os
import pathlib
import shutil
import sys
import tempfile
import threading

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "support")]

from wire import backend, sandbox_calls                # noqa: E402
from wire.cases import run_checks                      # noqa: E402
from wire.plain_client import NoAnswer                 # noqa: E402
from wire.sandbox_calls import execute                 # noqa: E402
from wire.server_process import PATIENCE, ServerProcess  # noqa: E402

OPTIONS = argparse.Namespace()


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


def await_state(one, client, box, wanted):
    sandbox_calls.await_state(one, client, box, lambda state: state == wanted, PATIENCE)


def begin(client, box, command):
    """Begins a command; what is given back waits for its output."""
    output = []
    execute(client, box, "mkfifo begun")
    thread = in_background(lambda: output.append(execute(client, box, f"echo > begun; {command}")))
    execute(client, box, "cat begun; rm begun")

    def end():
        thread.join(PATIENCE)
        return output[0] if output else "nothing"
    return end


def in_background(call, *arguments):
    """Begins a call that may get no answer."""
    def run():
        with contextlib.suppress(NoAnswer, OSError):
            call(*arguments)
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def preloading(one, module, **environment):
    """Lets the server load a module of the tests, and gives the file that tells that what to do."""
    order = one.folder / "order"
    order.write_text("0")
    order.chmod(0o644)
    one.environment |= {"LD_PRELOAD": str(shutil.copy(module, one.folder))} | {name: str(order) for name in environment}
    return order


def main(description, checks):
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    backend.add_arguments(parser)
    parser.add_argument("--clock-shift", metavar="MODULE", help="for the tests of a wrong clock")
    parser.add_argument("--broken-disk", metavar="MODULE", help="for the tests of a broken disk")
    parser.parse_args(namespace=OPTIONS)
    sys.exit(run_checks(checks))
