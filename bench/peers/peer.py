"""One HTTP client of another language: `peer.py undici|fetch|axios|aiohttp URL IN_FLIGHT`.

Reads how many calls to make, a line each; after them it writes the CPU seconds that its process has used so far. What it needs is installed
once, from the lock files beside it.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent / "test/support")]

from wire.packages import installed  # noqa: E402


def main():
    name, *rest = sys.argv[1:]
    if name == "aiohttp":
        python = installed("bench-python", HERE, "requirements.lock") / "venv/bin/python"
        os.execv(python, [python, HERE / "aiohttp_peer.py", *rest])
    folder = installed("bench-node", HERE, "package.json", "package-lock.json")
    os.execvp("node", ["node", HERE / "node_peer.mjs", folder, name, *rest])


if __name__ == "__main__":
    main()
