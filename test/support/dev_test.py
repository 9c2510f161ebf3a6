"""./dev setup on releases that are not here: the programs that it asks (dpkg-query, apt-cache, id, sudo, apt-get) are stand-ins."""

import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent)]

from wire.cases import Cases          # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
NEEDS = "g++ (>= 4:12)\nlibboost-dev (>= 1.81) | libboost1.81-dev\npkgconf | pkg-config\n"
HAS_ALL = "g++ 4:12.2.0-3\nlibboost1.81-dev 1.81.0-5\npkgconf 1.8.1-1\n"
BOOKWORM = {"g++": "4:12.2.0-3", "libboost-dev": "1.74.0.3", "libboost1.81-dev": "1.81.0-5", "pkgconf": "1.8.1-1"}
TRIXIE = {"g++": "4:14.2.0-1", "libboost-dev": "1.83.0.2", "pkgconf": "1.8.1-4"}

DPKG_QUERY = """#!/bin/sh
while read -r name version; do printf '%s\\t%s\\tinstalled\\t\\n' "$name" "$version"; done <"$STAND_INS/installed"
"""
APT_CACHE = """#!/bin/sh
version=$(sed -n "s/^$2 //p" "$STAND_INS/offered")
[ -z "$version" ] || printf '%s:\\n  Candidate: %s\\n' "$2" "$version"
"""
DPKG = """#!/bin/sh
case $1 in
--audit) cat "$STAND_INS/half-done" ;;
--configure) echo "dpkg $*" >>"$STAND_INS/asked"; : >"$STAND_INS/half-done" ;;
*) exec /usr/bin/dpkg "$@" ;;
esac
"""
APT_GET = """#!/bin/sh
[ ! -s "$STAND_INS/half-done" ] || { echo "E: dpkg was interrupted" >&2; exit 100; }
echo "$*" >>"$STAND_INS/asked"
case "$*" in *" install "*) echo "Need to get 5 MB of archives."; cp "$STAND_INS/installed-after" "$STAND_INS/installed" ;; esac
"""


class machine:
    """A copy of ./dev in a folder of its own, on a machine that is made of stand-ins."""

    def __init__(self, folder, installed, offered, user):
        self.folder = pathlib.Path(folder)
        (self.folder / "tools").mkdir()
        shutil.copy(ROOT / "dev", self.folder)
        shutil.copytree(ROOT / "tools/dev", self.folder / "tools/dev")
        (self.folder / "tools/dev/packages").write_text(NEEDS)
        (self.folder / "tools/dev/npm-packages").write_text("")
        stand_ins = {"dpkg": DPKG, "dpkg-query": DPKG_QUERY, "apt-cache": APT_CACHE, "apt-get": APT_GET, "id": f"#!/bin/sh\necho {user}\n", "sudo": "#!/bin/sh\nexit 1\n"}
        for name, text in stand_ins.items():
            path = self.folder / "bin" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            path.chmod(0o755)
        self.write("installed", installed)
        self.write("installed-after", HAS_ALL)
        self.write("offered", "".join(f"{name} {version}\n" for name, version in offered.items()))
        self.write("asked", "")
        self.write("half-done", "")

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def dev(self, *words):
        environment = {"PATH": f"{self.folder}/bin:/usr/bin:/bin", "STAND_INS": str(self.folder), "HOME": str(self.folder)}
        return subprocess.run([self.folder / "dev", *words], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def asked(self):
        return (self.folder / "asked").read_text()


def quiet_when_nothing_is_missing(place):
    result = machine(place, HAS_ALL, BOOKWORM, 0).dev("setup")
    return [] if result.returncode == 0 and result.stdout + result.stderr == "" else [f"{result}"]


def installs_what_is_missing(place, offered, expected):
    here = machine(place, "g++ 4:12.2.0-3\n", offered, 0)
    first, second = here.dev("setup"), here.dev("setup")
    complaints = [f"{result}" for result in (first, second) if result.returncode != 0]
    if not here.asked().rstrip().endswith(f"install --yes --no-install-recommends {expected}"):
        complaints.append(f"asked for: {here.asked()}")
    if "need to get 5 MB" not in first.stdout:
        complaints.append(f"no progress in: {first.stdout}")
    return complaints if second.stdout == "" else [*complaints, f"not quiet the second time: {second.stdout}"]


def goes_on_after_an_interruption(place):
    here = machine(place, "", TRIXIE, 0)
    here.write("half-done", "The following packages have been unpacked but not yet configured.\n")
    result = here.dev("setup")
    good = result.returncode == 0 and here.asked().startswith("dpkg --configure --pending\n")
    return [] if good else [f"{result}, asked: {here.asked()}"]


def says_the_line(place):
    here = machine(place, "", TRIXIE, 1000)
    result = here.dev("build")
    expected = "apt-get update && apt-get install --yes --no-install-recommends g++ libboost-dev pkgconf\n"
    good = result.returncode != 0 and result.stderr.endswith(expected) and here.asked() == ""
    return [] if good else [f"{result}, asked: {here.asked()}"]


def names_what_no_release_has(place):
    result = machine(place, "", {"g++": "4:11.0"}, 0).dev("setup")
    return [] if result.returncode != 0 and "no package for 'g++ (>= 4:12)'" in result.stderr else [f"{result}"]


def lists_its_verbs(place):
    here = machine(place, HAS_ALL, BOOKWORM, 0)
    known = [line.split(")")[0] for line in (ROOT / "dev").read_text().split("case $verb in")[1].splitlines() if ") " in line]
    listed = here.dev("help").stdout
    complaints = [f"help does not list {verb}" for verb in known if verb.isalpha() and f"./dev {verb}" not in listed]
    wrong = here.dev("tset")
    return complaints if wrong.returncode != 0 and "there is no verb 'tset'" in wrong.stderr else [*complaints, f"{wrong}"]


CASES = {
    "setup says nothing when nothing is missing": quiet_when_nothing_is_missing,
    "setup installs what is missing by the names of Debian 12": lambda place: installs_what_is_missing(place, BOOKWORM, "libboost1.81-dev pkgconf"),
    "setup installs what is missing by the names of Debian 13": lambda place: installs_what_is_missing(place, TRIXIE, "libboost-dev pkgconf"),
    "setup goes on after an interrupted installation": goes_on_after_an_interruption,
    "without root or sudo every verb says the exact line to run": says_the_line,
    "a need that the release can't meet is named": names_what_no_release_has,
    "help lists every verb, and an unknown one fails": lists_its_verbs,
}


def main():
    cases = Cases()
    for name, case in CASES.items():
        if cases.wants(name):
            with tempfile.TemporaryDirectory() as place:
                cases.check(name, case(place))
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
