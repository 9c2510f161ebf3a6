"""on_tree.py DAYTONA_LOCAL TREE COMMAND…: runs COMMAND with sandboxes made of the Debian tree TREE, which is made if it is missing."""

import os
import pathlib
import subprocess
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[2] / "support")]

from wire.base_tree import ensure_tree            # noqa: E402


def main() -> int:
    daytona_local, tree, *command = sys.argv[1:]
    ensure_tree(daytona_local, tree)
    return subprocess.run(command, env={**os.environ, "DAYTONA_TEST_BASE": tree}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
