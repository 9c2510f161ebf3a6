"""Checks of the repository that no compiler makes. Prints `file:line: what is wrong`; exit status 1 if there was anything.

`lint.py [--root FOLDER]`; the checks read the files that git tracks or would track.
"""

import argparse
import functools
import os
import re
import subprocess
import sys
from pathlib import Path

from doc_comments import check_doc_comments

MAX_LINES = 300
MAX_SAMPLE_LINES = 80
CODE = {".cpp", ".hpp", ".py", ".sh"}

# conventions: which layers a layer may include
LAYERS = {
    "model": {"model"},
    "protocol": {"model", "protocol"},
    "net": {"model", "protocol", "net"},
    "client": {"model", "protocol", "net", "client"},
    "local": {"model", "protocol", "net", "local"},
}
PURE = {"model", "protocol"}
IO_HEADER = re.compile(r"^(boost/asio(\.hpp|/(?!buffer\.hpp|error\.hpp))|boost/beast/(core/(tcp|basic)_stream|ssl|websocket)|openssl/ssl\.h|sys/(socket|epoll)\.h|netdb\.h)")
PUBLIC_FORBIDDEN = re.compile(r"^(boost/(beast|json|url)|openssl/|nlohmann/|sqlite3)")
PUBLIC_ASIO = {"boost/asio/awaitable.hpp", "boost/asio/any_io_executor.hpp"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
URL = re.compile(r"\b(?:https?|ftp|git|ssh)://([A-Za-z0-9.-]+\.[A-Za-z]{2,})")
# Everything that code and documents may point at. Hosts of package registries and of our own machines are not among them.
HOSTS = re.compile(
    r"(^|\.)(daytona\.io|daytona\.works|github\.com|githubusercontent\.com|boost\.org|apache\.org|rfc-editor\.org|w3\.org|ietf\.org|mesonbuild\.com"
    r"|editorconfig\.org|keepachangelog\.com|semver\.org|json-schema\.org|example(\.(com|org|net))?|test|invalid|localhost)$")
OWN_FOLDER = re.escape(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MACHINE_PATH = re.compile(r"(?<![\w./-])(" + OWN_FOLDER + r"/|/work(?=/)|/home/(?!daytona\b|user\b|\.|\$|<)[a-z]|/root/\.|/Users/)")
NAMED_TEST = re.compile(r'`"([^`]+)"`')
TEST_CODE = {".cpp", ".hpp", ".py", ".mjs"}
SLEEP = {".cpp": re.compile(r"\b(usleep|nanosleep)\(|this_thread::sleep"), ".py": re.compile(r"\btime\.sleep\(")}
RECORDED = re.compile(r"^test/(vectors|openapi|fuzz/corpus)/|^LICENSE$|lock(\.json|file)?$")


def files_of(root):
    listing = subprocess.run(["git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard", "-z"], check=True, capture_output=True)
    names = [name for name in listing.stdout.decode().split("\0") if name]
    return [name for name in names if (root / name).is_file() and not (root / name).is_symlink()]


def includes(lines):
    for number, line in enumerate(lines, 1):
        if match := INCLUDE.match(line):
            yield number, match[1], match[2]


def layer_of(name, root, spelled):
    """The layer of src/ that `spelled`, included by file `name`, lies in; None if it lies elsewhere."""
    for place in (root / "src" / spelled, (root / name).parent / spelled):
        if place.is_file():
            parts = place.resolve().relative_to(root.resolve()).parts
            return parts[1] if parts[0] == "src" else None
    return None


def check_layers(root, name, lines):
    parts = Path(name).parts
    if parts[0] != "src" or len(parts) < 3:
        return
    own = parts[1]
    for number, _, spelled in includes(lines):
        other = layer_of(name, root, spelled)
        if other and other not in LAYERS.get(own, ()):
            yield number, f"layer {own} must not include layer {other} ({spelled})"
        if own in PURE and IO_HEADER.match(spelled):
            yield number, f"layer {own} is pure and must not include {spelled}"


def check_public_headers(root, name, lines):
    if not name.startswith("include/"):
        return
    for number, quote, spelled in includes(lines):
        foreign = PUBLIC_FORBIDDEN.match(spelled) or (spelled.startswith("boost/asio") and spelled not in PUBLIC_ASIO)
        if foreign or layer_of(name, root, spelled):
            yield number, f"a public header must not include {spelled}"
        if quote == '"' and not spelled.startswith("daytona/"):
            yield number, f'public headers include each other as "daytona/…", not {spelled}'


def check_length(_, name, lines):
    if Path(name).suffix not in CODE and name != "dev":
        return
    limit = MAX_SAMPLE_LINES if name.startswith("samples/") else MAX_LINES
    if len(lines) > limit:
        yield limit + 1, f"{len(lines)} lines; {limit} at most: split it by subject"


def check_banned_words(_, name, lines):
    for number, line in enumerate(lines, 1):
        if name.startswith(("src/", "include/")) and "awaitable_operators" in line:
            yield number, "awaitable_operators hides failures and costs time: parallel_group, or an awaitable of your own"
        if name.startswith("test/") and (sleep := SLEEP.get(Path(name).suffix)) and sleep.search(line):
            yield number, "a test does not sleep: wait for what is to happen"
        if name.startswith("include/") and re.search(r"\bstd::regex\b|\busing namespace\b", line):
            yield number, "no using namespace and no std::regex in a public header"


def check_references(_, name, lines):
    if RECORDED.search(name):
        return
    for number, line in enumerate(lines, 1):
        for match in URL.finditer(line):
            if not HOSTS.search(match[1]):
                yield number, f"host {match[1]} is not one that this repository points at (tools/lint.py, HOSTS)"
        if name != "tools/lint.py" and MACHINE_PATH.search(line):
            yield number, "path of one particular machine"


def check_text(_, name, lines):
    if RECORDED.search(name):
        return
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield number, "white space at the end of the line"
        if "\t" in line and Path(name).suffix in CODE | {".build"}:
            yield number, "tab"


@functools.cache
def text_of_tests(root):
    """All sources of tests as one text, in which C++ strings that go on in the next line are whole."""
    sources = (root / name for name in files_of(root) if name.startswith("test/") and Path(name).suffix in TEST_CODE)
    return re.sub(r'"\s*\n\s*"', "", "\n".join(source.read_text(errors="replace") for source in sources))


def check_named_tests(root, name, lines):
    """Documents name tests as `"the test's name"`."""
    if not name.startswith("docs/"):
        return
    for number, line in enumerate(lines, 1):
        for test in NAMED_TEST.findall(line):
            if test not in text_of_tests(root):
                yield number, f'there is no test "{test}"'


CHECKS = [check_named_tests, check_layers, check_public_headers, check_doc_comments, check_length, check_banned_words, check_references, check_text]


def findings(root):
    for name in files_of(root):
        data = (root / name).read_bytes()
        if b"\0" in data:
            continue
        lines = data.decode(errors="replace").splitlines()
        if data and not data.endswith(b"\n") and not RECORDED.search(name):
            yield f"{name}:{len(lines)}: no newline at the end of the file"
        for check in CHECKS:
            for number, what in check(root, name, lines):
                yield f"{name}:{number}: {what}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    found = list(findings(parser.parse_args().root))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
