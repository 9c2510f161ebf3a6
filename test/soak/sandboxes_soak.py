#!/usr/bin/env python3
"""A thousand sandboxes, made, used and removed by one server, leave it and the machine as they were.

    sandboxes_soak.py --daytona-local PROGRAM --daytona-toolbox PROGRAM

DAYTONA_SOAK_SANDBOXES (1000) sets their number in the strongest isolation mode and in `none`; in each of the others it is a fifth. Each leaves a process behind that
has left its group. In `none`, where no namespace takes it along, it is looked for among all processes of the machine.
"""

import argparse
import os
import pathlib
import re
import sys
import tempfile
import threading
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "support")]

from wire import backend                          # noqa: E402
from wire.cases import Cases                      # noqa: E402
from wire.server_process import PATIENCE, ServerProcess     # noqa: E402

_AT_ONCE = 8
_WARM_UP = 300                                    # what an allocator and a database keep for good is there after these
_ALLOWED_GROWTH = 256                             # KiB
_DAEMON = "setsid -f sleep 600 </dev/null >/dev/null 2>&1"


def figures(one):
    """What a leak would show in: of the server and its host-helper, and of the machine."""
    end = time.monotonic() + PATIENCE
    with one.changes() as changes:
        while any(one.data.glob("removed-*")) and changes.await_one(end - time.monotonic()):   # deleted in the background
            pass
    found = {}
    for name, pid in (("server", one.process.pid), ("helper", one.helper())):
        status = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
        # Pages of files count as shared as long as another process has them mapped, too: those say nothing.
        found[f"{name} anonymous KiB"] = int(re.search(r"Anonymous:\s+(\d+)", status)[1])
        found[f"{name} descriptors"] = len(os.listdir(f"/proc/{pid}/fd"))
        found[f"{name} mounts"] = len(pathlib.Path(f"/proc/{pid}/mountinfo").read_text(encoding="utf-8").splitlines())
        found[f"{name} threads"] = len(os.listdir(f"/proc/{pid}/task"))
    found["processes"] = len(one.family())
    found["processes in its folder"] = len(list(backend._users_of(one.folder)))      # whosever child they have become
    found["machine mounts"] = len(pathlib.Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines())
    files = [path for path in one.data.rglob("*") if not path.name.startswith("state.db")]
    found["files"] = len(files)
    found["state KiB"] = sum(path.stat().st_size for path in one.data.glob("state.db*")) // 1024
    return found


def use(client, name):
    made = client.call("POST", "/sandbox", {"name": name})
    if made.status != 200:
        return f"create: {made}"
    box = made.json()["id"]
    done = client.call("POST", f"/toolbox/{box}/process/execute", {"command": f"echo {name} | tee file; {_DAEMON}"}, base="")
    removed = client.call("DELETE", f"/sandbox/{box}")
    if done.status != 200 or done.json()["result"] != f"{name}\n":
        return f"exec: {done}"
    return "" if removed.status == 200 else f"remove: {removed}"


def use_many(client, count, prefix):
    """What went wrong, in words."""
    wrong, numbers, lock = [], iter(range(count)), threading.Lock()

    def work():
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            if complaint := use(client, f"{prefix}-{number}"):
                wrong.append(complaint)

    threads = [threading.Thread(target=work) for _ in range(_AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def run(mode, count, options, cases):
    with tempfile.TemporaryDirectory(prefix="daytona-soak-") as folder:
        os.chmod(folder, 0o755)
        if mode.prefix:
            os.chown(folder, backend._UNPRIVILEGED, backend._UNPRIVILEGED)
        one = ServerProcess(options.daytona_local, options.daytona_toolbox, folder, mode=mode.name, prefix=mode.prefix)
        try:
            client = one.start()
            wrong = use_many(client, _WARM_UP, "warm")
            before, begun = figures(one), time.monotonic()
            wrong += use_many(client, count, "box")
            took, after = time.monotonic() - begun, figures(one)
            cases.remark(f"{mode.name}: {count} sandboxes in {took:.1f} s; before {before}; after {after}")
            cases.check(f"{mode.name}: {count} sandboxes are made, used and removed", wrong[:3])
            grown = [f"{name}: {before[name]} -> {after[name]}" for name in before if after[name] - before[name] > (_ALLOWED_GROWTH if "KiB" in name else 0)]
            cases.check(f"{mode.name}: memory, descriptors, mounts, processes, threads and files are as before", grown)
            cases.check(f"{mode.name}: nothing is left", one.stop())
        finally:
            one.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    backend.add_arguments(parser)
    options = parser.parse_args()
    cases = Cases()
    count = int(os.environ.get("DAYTONA_SOAK_SANDBOXES", "1000"))
    strongest, *others = backend.available_modes()
    run(strongest, count, options, cases)
    for mode in others:
        run(mode, count // 5, options, cases)
    run(backend.Mode("none", []), count, options, cases)
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
