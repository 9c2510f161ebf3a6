"""The Debian tree that tests make sandboxes of: made once, at the place that the build names.

base_tree.py DAYTONA_LOCAL TREE: makes it, before a test asks for it.
"""

import contextlib
import fcntl
import os
import pathlib
import subprocess
import sys

MORE_PACKAGES = "gdb"                             # for a test of what debuggers may do


def command_for(daytona_local, tree):
    return [os.path.abspath(daytona_local), "base", "create", os.path.abspath(tree), f"--include={MORE_PACKAGES}"]


def is_made(tree):
    return (pathlib.Path(tree) / "usr").is_dir()  # it is renamed to its name when it is whole


@contextlib.contextmanager
def locked(tree):
    with open(f"{tree}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


def ensure_tree(daytona_local, tree):
    """Two or three minutes the first time, nothing after that. Who comes while it is being made waits."""
    with locked(tree):
        if is_made(tree):
            return
        done = subprocess.run(command_for(daytona_local, tree), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", check=False)
        if done.returncode:
            sys.exit(f"no tree to make sandboxes of: {done.stdout[-2000:]}")


def become_maker(daytona_local, tree):
    """The program takes this one's place, so that a signal to it ends the making, and holds the lock."""
    with locked(tree) as lock:
        if not is_made(tree):
            os.set_inheritable(lock.fileno(), True)
            command = command_for(daytona_local, tree)
            os.execv(command[0], command)


if __name__ == "__main__":
    become_maker(*sys.argv[1:])
