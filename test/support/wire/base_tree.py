"""The Debian tree that tests make sandboxes of: made once, at the place that the build names."""

import os
import pathlib
import subprocess
import sys

MORE_PACKAGES = "gdb"                             # for a test of what debuggers may do


def ensure_tree(daytona_local, tree):
    """Two or three minutes the first time, nothing after that."""
    if (pathlib.Path(tree) / "usr").is_dir():     # it is renamed to its name when it is whole
        return
    done = subprocess.run([os.path.abspath(daytona_local), "base", "create", str(tree), f"--include={MORE_PACKAGES}"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    if done.returncode:
        sys.exit(f"no tree to make sandboxes of: {done.stdout[-2000:]}")
