"""Each public header compiles alone, twice, and all of them after macros that other headers are known to define.

headers_test.py INCLUDE_FOLDER COMPILER…

What it compiles lies in headers_test/ of the folder that it runs in, under names that stay, so that the compiler cache knows it.
"""

import concurrent.futures
import hashlib
import os
import subprocess
import sys
from pathlib import Path

# ERROR … OPTIONAL: windows.h. None … False: X.h. signals … foreach: Qt. unix, linux: GCC with -std=gnu++20.
HOSTILE_WORDS = """ERROR DELETE GetObject GetMessage SendMessage CreateFile DeleteFile interface near far small IN OUT OPTIONAL NO_ERROR TRUE FALSE
None Bool Always Success Status True False signals slots emit foreach unix linux""".split()
# min, max: windows.h. check, verify, require: AssertMacros.h. major, minor: sys/sysmacros.h.
HOSTILE_FUNCTIONS = "min max check verify require major minor".split()
FLAGS = ["-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wno-sign-conversion", "-Werror"]

# What a public header may include of others has to be there before the macros: they are aimed at our text alone.
FOREIGN = """#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <array>
#include <chrono>
#include <compare>
#include <concepts>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>
"""


def alone(header):
    return f'#include "{header}"\n#include "{header}"\n'


def hostile(headers):
    words = "".join(f"#undef {name}\n#define {name} hostile macro\n" for name in HOSTILE_WORDS)
    functions = "".join(f"#undef {name}\n#define {name}(...) hostile macro\n" for name in HOSTILE_FUNCTIONS)
    return FOREIGN + words + functions + "".join(f'#include "{header}"\n' for header in headers)


def missing_in_umbrella(include, headers):
    text = (Path(include) / "daytona/daytona.hpp").read_text()
    return [header for header in headers if header.count("/") == 1 and header != "daytona/daytona.hpp" and f'"{header}"' not in text]


def complaints(compiler, include, text):
    """What the compiler says of a text that it refuses, a line each."""
    source = Path("headers_test") / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.cpp"
    source.parent.mkdir(exist_ok=True)
    source.write_text(text)
    result = subprocess.run([*compiler, *FLAGS, "-I", include, "-c", source, "-o", source.with_suffix(".o")], capture_output=True, text=True)
    return [] if result.returncode == 0 else result.stderr.strip().splitlines() or ["the compiler failed"]


def first_error(lines):
    return next((line for line in lines if "error: " in line), lines[0]) if lines else ""


def faults_of(headers, lines):
    """What of it is about each header; if none is named, all of it is about all."""
    about = {header: [line for line in lines if f"/{header}:" in line] for header in headers}
    named = any(about.values())
    return {header: first_error(about[header] if named else lines) for header in headers}


def main():
    include, *compiler = sys.argv[1:]
    pattern = os.environ.get("DAYTONA_TEST_FILTER", "")
    headers = sorted(str(path.relative_to(include)) for path in Path(include).rglob("*.hpp"))
    missing = missing_in_umbrella(include, headers)
    results = {"the umbrella has every header": f"not {' '.join(missing)}" if missing else ""}

    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("DEV_JOBS") or os.cpu_count())) as pool:
        together = pool.submit(complaints, compiler, include, hostile(headers))
        for header, lines in zip(headers, pool.map(lambda header: complaints(compiler, include, alone(header)), headers)):
            results[f"{header} compiles alone"] = first_error(lines)
        for header, fault in faults_of(headers, together.result()).items():
            results[f"{header} withstands hostile macros"] = fault

    results = {name: fault for name, fault in results.items() if pattern in name}
    for name, fault in results.items():
        print(f"not ok {name}: {fault}" if fault else f"ok {name}")
    sys.exit(1 if any(results.values()) else 0)


main()
