"""with_sandbox takes closures that are safe with this compiler, and refuses the others with a word on what to do.

closures_test.py INCLUDE_FOLDER COMPILER…
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = """#include <daytona/with_sandbox.hpp>
#include <string>
boost::asio::awaitable<void> use(daytona::client client, std::string text) {{
  daytona::create_from_snapshot_params params;
  auto named = [text](daytona::sandbox) -> boost::asio::awaitable<void> {{ co_return; }};
  static_cast<void>(named);
  co_await daytona::with_sandbox(client, params, {closure});
}}
"""
TEMPORARY = "[{captures}](daytona::sandbox) -> boost::asio::awaitable<void> {{ co_return; }}"
SAFE = {
    "a closure with a name": "named",
    "a temporary without captures": TEMPORARY.format(captures=""),
    "a temporary that captures references": TEMPORARY.format(captures="&text"),
}
UNSAFE = {
    "a temporary that captures a string": TEMPORARY.format(captures="text"),
    "a closure moved from its name": "std::move(named)",
}
REMEDY = "give the closure a name first"


def errors_of(compiler, include, closure):
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "program.cpp"
        source.write_text(PROGRAM.format(closure=closure))
        command = [*compiler, "-std=c++20", "-fsyntax-only", "-I", include, source]
        result = subprocess.run(command, capture_output=True, text=True)
    return result.stderr if result.returncode else ""


def is_affected(compiler):
    macros = subprocess.run([*compiler, "-dM", "-E", "-x", "c++", "/dev/null"], capture_output=True, text=True, check=True).stdout
    version = int(re.search(r"#define __GNUC__ (\d+)", macros).group(1))
    return "__clang__" not in macros and version < 14


def main():
    include, *compiler = sys.argv[1:]
    refuses = is_affected(compiler)
    failed = False
    for name, closure in (SAFE | UNSAFE).items():
        errors = errors_of(compiler, include, closure)
        wanted = REMEDY if refuses and name in UNSAFE else ""
        good = wanted in errors if wanted else not errors
        failed = failed or not good
        print(f"{'ok' if good else 'not ok'} with_sandbox {'refuses' if wanted else 'takes'} {name}", flush=True)
    sys.exit(1 if failed else 0)


main()
