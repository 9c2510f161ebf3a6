"""O3: what the library runs before main() of a program that links it: nothing but what Asio's headers bring into each unit.

initialisers_test.py ARCHIVE: of the library's objects, as the compiler of Linux writes them (ELF).
"""

import re
import subprocess
import sys

CASES = ("O3: nothing of the library's own is made before main()", "the objects are understood: Asio's initialisers are seen")
# Asio's error categories, per-thread stacks, ids of services, and OpenSSL's setting up: functions and objects of its headers, with what ends them.
OF_ASIO = re.compile(r"(guard variable for )?boost::asio::")
# The ids of the services that the library adds to an io_context: addresses without a value, whose end does nothing.
OWN_IDS = {"daytona::net::timers::id", "daytona::net::(anonymous namespace)::pool_closer::id", "daytona::net::(anonymous namespace)::context_watch::id"}
REGISTRATION = {"__cxa_atexit", "__dso_handle"}
BEFORE_MAIN = re.compile(r"\.rela\.(text\.startup|init_array|preinit_array|ctors)")
RELOCATION = re.compile(r"^[0-9a-f]{8,}\s+[0-9a-f]+\s+(R_\w+)\s+[0-9a-f]+\s+(.*) ([+-]) ([0-9a-f]+)$")
SYMBOL = re.compile(r"^\s*\d+:\s+([0-9a-f]+)\s+\d+\s+OBJECT\s+LOCAL\s+DEFAULT\s+(\d+)\s+(.*)$")
SECTION = re.compile(r"^\s*\[\s*(\d+)\]\s+(\S+)")


def read(archive, *what):
    return subprocess.run(["readelf", "--wide", "--demangle", *what, archive], check=True, capture_output=True, text=True).stdout


def members(text):
    """Pairs of a member's name and what was told of it."""
    parts = re.split(r"^File: (.*)$", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def local_objects(archive):
    """Member → (section, offset) → name: local objects are referred to by their place."""
    sections = {name: dict(match.groups() for match in map(SECTION.match, text.splitlines()) if match) for name, text in members(read(archive, "--sections")).items()}
    found = {}
    for name, text in members(read(archive, "--symbols")).items():
        matches = filter(None, map(SYMBOL.match, text.splitlines()))
        found[name] = {(sections[name].get(match[2], ""), int(match[1], 16)): match[3] for match in matches}
    return found


def touched(archive):
    """Pairs of a member and the name of something that it refers to before main()."""
    objects = local_objects(archive)
    for member, text in members(read(archive, "--relocs")).items():
        section = ""
        for line in text.splitlines():
            if header := re.match(r"Relocation section '(.*?)'", line):
                section = header[1]
            elif (match := RELOCATION.match(line)) and BEFORE_MAIN.match(section):
                kind, name, sign, offset = match.groups()
                if name == ".text.startup":
                    continue                            # the function whose own references are looked at
                if name.startswith("."):
                    place = int(sign + offset, 16) + (4 if "PC32" in kind else 0)
                    name = objects[member].get((name, place), f"{name}+{place}")
                yield member, name


def main():
    archive = sys.argv[1]
    all_touched = list(touched(archive))
    foreign = sorted({f"{name} ({member})" for member, name in all_touched if not OF_ASIO.match(name) and name not in OWN_IDS | REGISTRATION})
    seen = sum(bool(OF_ASIO.match(name)) for _, name in all_touched)
    for name, fault in zip(CASES, (", ".join(foreign), "" if seen else f"none of {len(all_touched)}")):
        print(f"not ok {name}: {fault}" if fault else f"ok {name}")
    return 1 if foreign or not seen else 0


if __name__ == "__main__":
    sys.exit(main())
