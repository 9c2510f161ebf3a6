"""The Debian tree that tests make sandboxes of: made once, at the place that the build names."""

import fcntl
import os
import pathlib
import subprocess
import sys

MORE_PACKAGES = "gdb"                             # for a test of what debuggers may do


def ensure_tree(daytona_local, tree):
    """Two or three minutes the first time, nothing after that. Who comes while it is being made waits."""
    with open(f"{tree}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (pathlib.Path(tree) / "usr").is_dir():    # it is renamed to its name when it is whole
            make_tree(daytona_local, tree)


def make_tree(daytona_local, tree):
    done = subprocess.run([os.path.abspath(daytona_local), "base", "create", str(tree), f"--include={MORE_PACKAGES}"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    if done.returncode:
        sys.exit(f"no tree to make sandboxes of: {done.stdout[-2000:]}")
