"""A small program finds, links and runs the library in each way that the README names.

consumer_test.py SOURCE_ROOT BUILD_FOLDER OPTION… COMPILER…, the options being Meson's of that build. What it builds lies beside the build folder, so
that the compiler cache knows the files.
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
OPTIONS = [word for word in sys.argv[3:] if word.startswith("-D")]
UNITY = [option for option in OPTIONS if option.startswith("-Dunity")]
COMPILER = [word for word in sys.argv[3:] if not word.startswith("-")]
LIBRARIES_ONLY = ["-Dtests=false", "-Dsamples=false", "-Dbench=false"]
PROGRAMS = {"main.cpp": HERE / "program/main.cpp", "hello.cpp": ROOT / "test/snippets/first_program.cpp"}
ENVIRONMENT = {**os.environ, "CCACHE_BASEDIR": str(ROOT), "CCACHE_NOHASHDIR": "1"}
ENVIRONMENT.pop("DAYTONA_TOOLBOX", None)


class Failure(Exception):
    pass


def attempt(*command, cwd=None, **variables):
    return subprocess.run([str(part) for part in command], cwd=cwd, env={**ENVIRONMENT, **variables}, capture_output=True, text=True)


def run(*command, cwd=None, **variables):
    result = attempt(*command, cwd=cwd, **variables)
    if result.returncode != 0:
        tail = (result.stdout + result.stderr).strip().splitlines()[-12:]
        raise Failure(f"{' '.join(str(part) for part in command)}: status {result.returncode}: " + " | ".join(tail))
    return result.stdout


def fresh(name):
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def jobs():
    return f"-j{os.environ.get('DEV_JOBS') or os.cpu_count()}"


@functools.cache
def install(kind):
    """Builds the libraries beside the build folder, installs them, and returns the prefix; once for all cases. The build folder is gone then:
    what is found is what is installed."""
    build = Path(f"{WORK}-{kind}")
    shutil.rmtree(build, ignore_errors=True)
    prefix = fresh(f"prefix-{kind}")
    run("meson", "setup", build, ROOT, "--werror", f"-Ddefault_library={kind}", f"--prefix={prefix}", "--libdir=lib", "-Dlocal=enabled", *LIBRARIES_ONLY, *OPTIONS)
    run("ninja", "-C", build, jobs())
    run("meson", "install", "-C", build, "--no-rebuild")
    shutil.rmtree(build)
    return prefix


def expect_to_run(program, words, **variables):
    output = run(program, **variables)
    if words not in output:
        raise Failure(f"{program} did not say '{words}' but: {output[-500:]}")


def expect_both_to_run(folder, **variables):
    expect_to_run(folder / "consumer", "as expected", **variables)
    expect_to_run(folder / "hello", "exit code 0:\ndaytona\n", **variables)


def by_pkg_config(kind):
    prefix, folder = install(kind), fresh(f"pkg-config-{kind}")
    static = ["--static"] if kind == "static" else []
    for program, module in {"main.cpp": "daytona", "hello.cpp": "daytona-local"}.items():
        flags = run("pkg-config", "--cflags", "--libs", *static, module, PKG_CONFIG_PATH=str(prefix / "lib/pkgconfig")).split()
        output = folder / ("consumer" if module == "daytona" else "hello")
        run(*COMPILER, "-std=c++20", PROGRAMS[program], "-o", output, *flags)
    expect_both_to_run(folder, LD_LIBRARY_PATH=str(prefix / "lib"))


def copy_programs(folder, build_file):
    shutil.copy(HERE / build_file, folder)
    for name, source in PROGRAMS.items():
        shutil.copy(source, folder / name)


@functools.cache
def build_by_cmake(kind):
    prefix, folder = install(kind), fresh(f"cmake-{kind}")
    copy_programs(folder, "cmake/CMakeLists.txt")
    compiler = [f"-DCMAKE_CXX_COMPILER={shutil.which(COMPILER[-1])}", *(["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"] if len(COMPILER) > 1 else [])]
    run("cmake", "-S", folder, "-B", folder / "build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}", *compiler)
    run("cmake", "--build", folder / "build", jobs())
    return folder / "build"


def without_toolbox(kind):
    """The installed program is the one that is used: without it the library says where it looked."""
    prefix, folder = install(kind), build_by_cmake(kind)
    toolbox = prefix / "libexec/daytona/daytona-toolbox"
    toolbox.rename(toolbox.with_suffix(".away"))
    try:
        result = attempt(folder / "hello")
    finally:
        toolbox.with_suffix(".away").rename(toolbox)
    if result.returncode == 0 or f"daytona-toolbox was not found at {toolbox}" not in result.stderr:
        raise Failure(f"status {result.returncode}, said: {result.stderr[-500:]}")


def by_meson(kind, build_file="meson/meson.build", programs=("consumer", "hello"), options=()):
    """As a subproject: the folder subprojects/daytona is this repository. All of it is compiled anew (its files have other names from here),
    so without optimisation, and what the programs need only: the toolbox is the one that was installed. Each kind has the same folder, and so the
    same names of files: the compiler cache knows those of the kind before."""
    folder = fresh("meson")
    copy_programs(folder, build_file)
    (folder / "subprojects").mkdir()
    (folder / "subprojects/daytona").symlink_to(ROOT)
    run("meson", "setup", folder / "build", folder, "--force-fallback-for=daytona", f"-Ddefault_library={kind}", "--buildtype=plain", *UNITY, *options)
    run("ninja", "-C", folder / "build", jobs(), *programs)
    return folder / "build"


def expect_meson_programs_to_run(kind):
    toolbox = install(kind) / "libexec/daytona/daytona-toolbox"
    expect_both_to_run(by_meson(kind), DAYTONA_TOOLBOX=str(toolbox))


def client_only():
    folder = by_meson("static", "meson_client_only/meson.build", ["consumer"], ["-Ddaytona:local=disabled"])
    expect_to_run(folder / "consumer", "as expected")


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
    objects = ["src/libdaytona_objects.a.p/protocol_timestamps.cpp.o", "test/libdoctest_main.a.p/doctest_main.cpp.o"]
    run("ninja", "-C", build, jobs(), *objects)
    reached = run("ninja", "-C", build, "-t", "deps", *objects)
    for name in ("fmt", "doctest"):
        if f"subprojects/{name}-" not in reached or f"/usr/include/{name}/" in reached:
            raise Failure(f"the headers of {name} that were compiled are not those of the wrap")


def cases():
    yield "fmt and doctest come from their wraps when asked", by_fallback
    for kind in ("static", "shared"):
        yield f"{kind}: the libraries and the toolbox install", lambda kind=kind: install(kind)
        yield f"{kind}: found by pkg-config, SDK and embedded backend", lambda kind=kind: by_pkg_config(kind)
        yield f"{kind}: found by CMake, SDK and embedded backend", lambda kind=kind: expect_both_to_run(build_by_cmake(kind))
        yield f"{kind}: the installed toolbox is the one that runs", lambda kind=kind: without_toolbox(kind)
        yield f"{kind}: a Meson subproject, SDK and embedded backend", lambda kind=kind: expect_meson_programs_to_run(kind)
    yield "a Meson subproject without the backend", client_only


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
