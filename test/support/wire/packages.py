"""Packages of other languages, installed once from lock files, below ${XDG_CACHE_HOME:-~/.cache}/daytona-cpp."""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys


def installed(name, source, *files):
    """The folder with what `files` of the folder `source` pin: a virtual environment `venv`, or `node_modules`. Made at first use, whole or not at all."""
    with_pip = files[0].endswith(".lock")
    version = sys.version.split()[0] if with_pip else _output("node", "--version")
    texts = [(source / file).read_bytes() for file in files]
    key = hashlib.sha256(b"\0".join([*texts, version.encode()])).hexdigest()[:16]
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "daytona-cpp"
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"{name}-{key}"
    with open(cache / f"{name}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            print(f"# installing {', '.join(files)} into {folder}", file=sys.stderr, flush=True)
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for file in files:
                shutil.copy(source / file, folder)
            _install_with_pip(folder, files[0]) if with_pip else _install_with_npm(folder)
            (folder / "complete").touch()
    return folder


def _install_with_pip(folder, requirements):
    _run(sys.executable, "-m", "venv", folder / "venv")
    _run(folder / "venv/bin/python", "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", folder / requirements)


def _install_with_npm(folder):
    _run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", folder)


def _run(*command):
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout.decode(errors='replace')}")


def _output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
