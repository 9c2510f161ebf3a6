"""A small program finds, links and runs the library in each way that the README names.

consumer_test.py SOURCE_ROOT BUILD_FOLDER COMPILER…. What it builds lies beside the build folder, so that the compiler cache knows the files.
"""

import functools
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = Path(sys.argv[1])
WORK = Path(sys.argv[2] + "-consumer")
COMPILER = sys.argv[3:]
LIBRARY_ONLY = ["-Dtests=false", "-Dsamples=false", "-Dbench=false", "-Dlocal=disabled"]
ENVIRONMENT = {**os.environ, "CCACHE_BASEDIR": str(ROOT), "CCACHE_NOHASHDIR": "1"}


class Failure(Exception):
    pass


def run(*command, cwd=None, **variables):
    result = subprocess.run([str(part) for part in command], cwd=cwd, env={**ENVIRONMENT, **variables}, capture_output=True, text=True)
    if result.returncode != 0:
        tail = (result.stdout + result.stderr).strip().splitlines()[-12:]
        raise Failure(f"{' '.join(str(part) for part in command)}: status {result.returncode}: " + " | ".join(tail))
    return result.stdout


def fresh(name):
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@functools.cache
def install(kind):
    """Builds the library beside the build folder, installs it, and returns the prefix; once for all cases."""
    build = Path(f"{WORK}-{kind}")
    shutil.rmtree(build, ignore_errors=True)
    prefix = fresh(f"prefix-{kind}")
    run("meson", "setup", build, ROOT, "--werror", f"-Ddefault_library={kind}", f"--prefix={prefix}", "--libdir=lib", *LIBRARY_ONLY)
    run("ninja", "-C", build, "-j2")
    run("meson", "install", "-C", build, "--no-rebuild")
    shutil.rmtree(build)
    return prefix


def expect_to_run(program, **variables):
    if "as expected" not in run(program, **variables):
        raise Failure(f"{program} did not say what it should")


def by_pkg_config(kind):
    prefix, folder = install(kind), fresh(f"pkg-config-{kind}")
    static = ["--static"] if kind == "static" else []
    flags = run("pkg-config", "--cflags", "--libs", *static, "daytona", PKG_CONFIG_PATH=str(prefix / "lib/pkgconfig")).split()
    run(*COMPILER, "-std=c++20", HERE / "program/main.cpp", "-o", folder / "consumer", *flags)
    expect_to_run(folder / "consumer", LD_LIBRARY_PATH=str(prefix / "lib"))


def by_cmake(kind):
    prefix, folder = install(kind), fresh(f"cmake-{kind}")
    shutil.copy(HERE / "cmake/CMakeLists.txt", folder)
    shutil.copy(HERE / "program/main.cpp", folder)
    run("cmake", "-S", folder, "-B", folder / "build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", folder / "build")
    expect_to_run(folder / "build/consumer")


def by_meson(kind):
    """As a subproject: the folder subprojects/daytona is this repository."""
    folder = fresh(f"meson-{kind}")
    shutil.copy(HERE / "meson/meson.build", folder)
    shutil.copy(HERE / "program/main.cpp", folder)
    (folder / "subprojects").mkdir()
    (folder / "subprojects/daytona").symlink_to(ROOT)
    run("meson", "setup", folder / "build", folder, "--force-fallback-for=daytona", f"-Ddefault_library={kind}", "-Ddaytona:local=disabled")
    run("ninja", "-C", folder / "build", "-j2")
    expect_to_run(folder / "build/consumer")


def pack(archive, top, *contents):
    """contents: pairs of what is there and its name in the archive."""
    with tarfile.open(archive, "w:gz") as tar:
        for path, name in contents:
            tar.add(path, f"{top}/{name}")


def by_fallback():
    """Without the packages of fmt and doctest: the wraps, from a package cache that is made of what Debian has of the same projects.

    Debian's files are those of other archives than upstream's, so the hash is put right in this copy of the wraps, and only in it.
    """
    folder = fresh("fallback")
    for path in ROOT.iterdir():
        if path.name != "subprojects" and not path.name.startswith((".", "build")):
            (folder / path.name).symlink_to(path)
    shutil.copytree(ROOT / "subprojects", folder / "subprojects", ignore=shutil.ignore_patterns("packagecache", "fmt-*", "doctest-*"))
    cache = folder / "subprojects/packagecache"
    cache.mkdir()
    for name, contents in {"fmt": ("/usr/include/fmt", "include/fmt"), "doctest": ("/usr/include/doctest/doctest.h", "doctest/doctest.h")}.items():
        wrap = folder / f"subprojects/{name}.wrap"
        keys = dict(line.split(" = ") for line in wrap.read_text().splitlines() if " = " in line)
        pack(cache / keys["source_filename"], keys["directory"], contents)
        digest = hashlib.sha256((cache / keys["source_filename"]).read_bytes()).hexdigest()
        wrap.write_text(wrap.read_text().replace(keys["source_hash"], digest))
    build = folder / "build"
    run("meson", "setup", build, folder, "--wrap-mode=forcefallback", "-Dsamples=false", "-Dbench=false", "-Dlocal=disabled")
    objects = run("ninja", "-C", build, "-t", "targets", "all").split()
    objects = [name.rstrip(":") for name in objects if "daytona_objects.a.p/model_" in name and name.endswith(".o:")]
    if not objects:
        raise Failure("found no object of src/model to build")
    run("ninja", "-C", build, "-j2", "test/libdoctest_main.a", *objects)


def cases():
    yield "fmt and doctest come from their wraps when asked", by_fallback
    for kind in ("static", "shared"):
        yield f"{kind}: the library installs", lambda kind=kind: install(kind)
        yield f"{kind}: found by pkg-config", lambda kind=kind: by_pkg_config(kind)
        yield f"{kind}: found by CMake", lambda kind=kind: by_cmake(kind)
        yield f"{kind}: a Meson subproject", lambda kind=kind: by_meson(kind)


def main():
    failed = False
    pattern = os.environ.get("DAYTONA_TEST_FILTER", "")
    for name, case in cases():
        if pattern not in name:
            continue
        try:
            case()
            print(f"ok {name}", flush=True)
        except Failure as failure:
            failed = True
            print(f"not ok {name}: {failure}", flush=True)
    if not failed:
        shutil.rmtree(WORK, ignore_errors=True)
    sys.exit(1 if failed else 0)


main()
