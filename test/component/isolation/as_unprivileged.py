"""as_unprivileged.py PROGRAM TOOLBOX [ARGUMENT...]: runs PROGRAM as a user without privileges, who need not be able to read the build folder, nor to get
to the tree in DAYTONA_TEST_BASE."""

import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

NOBODY = 65534


def main() -> int:
    program, toolbox = (pathlib.Path(argument) for argument in sys.argv[1:3])
    with tempfile.TemporaryDirectory(prefix="daytona-unprivileged-") as folder:
        for each in (program, toolbox):
            shutil.copy(each, folder)
        temporary = pathlib.Path(folder, "tmp")
        temporary.mkdir()
        if os.geteuid() == 0:
            os.chmod(folder, 0o755)
            os.chown(temporary, NOBODY, NOBODY)
        environment = {
            **os.environ,
            "HOME": str(temporary),
            "TMPDIR": str(temporary),
            "DAYTONA_TOOLBOX": str(pathlib.Path(folder, toolbox.name)),
        }
        command = [str(pathlib.Path(folder, program.name)), *sys.argv[3:]]
        if os.geteuid() == 0:
            command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]
            if tree := os.environ.get("DAYTONA_TEST_BASE"):
                seen = pathlib.Path(folder, "base")
                seen.mkdir()
                environment["DAYTONA_TEST_BASE"] = str(seen)
                mount = f"mount --bind {shlex.quote(tree)} {seen} && exec \"$@\""
                command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", mount, "sh", *command]
        return subprocess.run(command, env=environment, cwd=temporary, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
