"""Every member that surface.tsv lists for the parts that exist is offered by the public headers, under its name, and used by a test.

surface_test.py INCLUDE_FOLDER COMPILER…
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

PARTS = ["foundation", "files"]
# What these parts still lack: whole types, and members.
LATER_TYPES = {"upload_options", "upload_progress", "download_options", "download_progress", "file_upload", "file_download_request", "file_download_response", "file_download_error_details"}
LATER = {("file_system", f"{verb}_{what}") for verb in ("download", "upload") for what in ("file", "files", "file_stream", "directory")}
LATER |= {("file_system", member) for member in ("read_text", "write_text", "watch")}

FLAGS = ["-std=c++20", "-fsyntax-only", "-fmax-errors=0", "-w"]
ENUMS = {"code_language", "chart_type"}
# An overloaded member is named by one of its forms.
OVERLOADS = {
    ("client", "create"): "boost::asio::awaitable<sandbox> (client::*)(create_options) const",
    ("process", "exec"): "boost::asio::awaitable<execute_response> (process::*)(std::string_view, exec_options) const",
}
# Each kind of chart has elements of its own type.
ELSEWHERE = {("chart", "elements"): "line_chart::elements"}
OF_NAMESPACE = {"enums", "charts", "errors"}
FUNCTIONS = {"is_transient", "is_retryable"}
TESTS = ("unit", "component", "e2e")
PROLOGUE = """#include <daytona/daytona.hpp>
using namespace daytona;
template <class Member> void offered(Member) {}
auto body = [](sandbox) -> boost::asio::awaitable<void> { co_return; };
void surface() {
"""


def statement(kind, member):
    if kind in ENUMS:
        return f"(void){kind}::{member};"
    if kind == "error codes":
        return f"(void)errc::{member};"
    if kind == "free functions":
        return f"(void)sizeof({member}(std::declval<client&>(), create_from_snapshot_params(), body));" if member == "with_sandbox" else f"(void)&{member};"
    if kind in OF_NAMESPACE:
        return f"offered(&{member});" if member in FUNCTIONS else f"(void)sizeof({member});"
    if (kind, member) in OVERLOADS:
        return f"offered(static_cast<{OVERLOADS[kind, member]}>(&{kind}::{member}));"
    if (kind, member) in ELSEWHERE:
        return f"offered(&{ELSEWHERE[kind, member]});"
    return f"offered(&{kind}::{member});"


def unused(wanted):
    """Members that no test names. Names that several types have are found if one of them is used: more would take a compiler."""
    tests = Path(__file__).resolve().parents[1]
    text = "\n".join(path.read_text() for suite in TESTS for path in sorted((tests / suite).rglob("*.[ch]pp")))
    named, used = set(re.findall(r"\w+", text)), set(re.findall(r"(?:\.|->|::)(\w+)", text))
    return [(kind, member) for kind, member in wanted if member not in (named if kind in OF_NAMESPACE | {"free functions"} else used)]


def main():
    include, *compiler = sys.argv[1:]
    compiler = [word for word in compiler if "ccache" not in word]
    rows = [line.split("\t") for line in Path(__file__).with_name("surface.tsv").read_text().splitlines() if not line.startswith("#")]
    wanted = [(kind, member) for kind, member, part in rows
              if part in PARTS and kind not in LATER_TYPES and (kind, member) not in LATER]
    first = PROLOGUE.count("\n") + 1
    text = PROLOGUE + "".join(f"  {statement(kind, member)}\n" for kind, member in wanted) + "}\n"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "surface.cpp"
        source.write_text(text)
        done = subprocess.run([*compiler, *FLAGS, "-I", include, str(source)], capture_output=True, text=True)
    bad = {}
    for line, why in re.findall(r"surface\.cpp:(\d+):\d+: error: (.*)", done.stderr):
        bad.setdefault(int(line) - first, why)
    if done.returncode != 0 and not bad:
        print(f"not ok surface: {done.stderr.splitlines()[:3]}")
        return 1
    for kind, member in unused(wanted):
        bad.setdefault(wanted.index((kind, member)), "no test uses it")
    for index, (kind, member) in enumerate(wanted):
        print(f"not ok surface {kind} {member}: {bad[index]}" if index in bad else f"ok surface {kind} {member}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
