"""tools/lint.py finds what it is there for: each case plants one offence in a small repository."""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BASE = {
    "src/model/a.hpp": "#pragma once\n",
    "src/protocol/b.hpp": '#include "model/a.hpp"\n',
    "src/net/c.hpp": '#include "protocol/b.hpp"\n',
    "src/client/d.hpp": '#include "net/c.hpp"\n',
    "src/local/control/e.hpp": '#include "net/c.hpp"\n',
    "include/daytona/f.hpp": "#include <boost/asio/awaitable.hpp>\n",
    "samples/g.cpp": "int main() {}\n",
    "samples/quickstart.cpp": "int main() {}\n",
    "test/snippets/examples.cpp": "  // snippet: call\n  auto a = make();\n  co_await call(a);\n  use(a);\n  // end\n  // snippet: short\n  co_await call();\n  // end\n",
    "test/unit/h.cpp": 'TEST_CASE("T1: it is "\n          "as promised") {}\n',
}

EXAMPLE = "  /// Example (`call`):\n  ///\n  ///     auto a = make();\n  ///     co_await call(a);\n  ///     use(a);\n"
CONTRACT = "  /// **Errors**: a. **Cancellation**: a. **Timeout**: a. **Retry**: a. **Lifetimes**: a. **Thread safety**: a. Endpoint: a\n"
CALL = "  boost::asio::awaitable<void> call() const;\n"


def header(comment, member=CALL, of_class=""):
    return f"namespace detail {{\nclass core;\n}}\n\n{of_class}class DAYTONA_API thing {{\n public:\n{comment}{member}}};\n"


# name of the case, file, its text, what must be reported (None: nothing)
CASES = [
    ("a repository in order passes", "src/net/x.cpp", '#include "model/a.hpp"\n', None),
    ("model does not include protocol", "src/model/x.cpp", '#include "protocol/b.hpp"\n', "layer model must not include layer protocol"),
    ("protocol does not include net", "src/protocol/x.cpp", '#include "net/c.hpp"\n', "layer protocol must not include layer net"),
    ("net does not include client", "src/net/x.cpp", '#include "client/d.hpp"\n', "layer net must not include layer client"),
    ("local does not include client", "src/local/control/x.cpp", '#include "client/d.hpp"\n', "layer local must not include layer client"),
    ("a path that climbs is followed", "src/model/x.cpp", '#include "../client/d.hpp"\n', "layer model must not include layer client"),
    ("client does not include local", "src/client/x.cpp", '#include "local/control/e.hpp"\n', "layer client must not include layer local"),
    ("protocol includes no socket", "src/protocol/x.cpp", "#include <boost/asio/ip/tcp.hpp>\n", "is pure"),
    ("protocol may include buffers", "src/protocol/x.cpp", "#include <boost/asio/buffer.hpp>\n", None),
    ("a public header includes no Beast", "include/daytona/x.hpp", "#include <boost/beast/http.hpp>\n", "a public header must not include"),
    ("a public header includes no other Asio", "include/daytona/x.hpp", "#include <boost/asio/ip/tcp.hpp>\n", "a public header must not include"),
    ("a public header includes nothing of src", "include/daytona/x.hpp", '#include "model/a.hpp"\n', "a public header must not include"),
    ("a file of 301 lines is too long", "src/net/x.cpp", "int i;\n" * 301, "301 lines; 300 at most"),
    ("a sample of 81 lines is too long", "samples/x.cpp", "int i;\n" * 81, "81 lines; 80 at most"),
    ("awaitable_operators are banned", "src/net/x.cpp", "using namespace awaitable_operators;\n", "awaitable_operators"),
    ("a test in C++ does not sleep", "test/unit/x.cpp", "std::this_thread::sleep_for(20ms);\n", "a test does not sleep"),
    ("a test in Python does not sleep", "test/e2e/x.py", "time." + "sleep(0.02)\n", "a test does not sleep"),
    ("other code may", "bench/x.cpp", "std::this_thread::sleep_for(20ms);\n", None),
    ("an unknown host is noticed", "docs/x.md", "see https://packages." + "somewhere.net/x\n", "host packages.somewhere.net"),
    ("a known host is not", "docs/x.md", "see https://www.daytona.io/docs\n", None),
    ("a path of one machine is noticed", "docs/x.md", "in " + "/wo" + "rk/thing\n", "path of one particular machine"),
    ("a document may name a test", "docs/x.md", 'shown by `"T1: it is as promised"`\n', None),
    ("a test that a document names and nobody wrote is noticed", "docs/x.md", 'shown by `"T1: it is so"`\n', 'no test "T1: it is so"'),
    ("white space at the end is noticed", "docs/x.md", "text \n", "white space"),
    ("a missing last newline is noticed", "docs/x.md", "text", "no newline"),
    ("a member that suspends has its contract and its example", "include/daytona/x.hpp", header(CONTRACT + EXAMPLE), None),
    *[(f"one without {name} is noticed", "include/daytona/x.hpp", header(CONTRACT.replace(name, "Other") + EXAMPLE), f"call suspends, and its comment has no heading {name}")
      for name in ("Errors", "Cancellation", "Timeout", "Retry", "Lifetimes", "Thread safety", "Endpoint")],
    *[(f"{name} may stand at the class", "include/daytona/x.hpp", header(CONTRACT.replace(name, "Other") + EXAMPLE, of_class=f"/// **{name}**: a\n"), None)
      for name in ("Lifetimes", "Thread safety")],
    ("Errors may not", "include/daytona/x.hpp", header(CONTRACT.replace("Errors", "Other") + EXAMPLE, of_class="/// **Errors**: a\n"), "no heading Errors"),
    ("a comment that a blank line cuts off is none of the member's", "include/daytona/x.hpp", header(CONTRACT + EXAMPLE + "\n"), "no heading Errors"),
    ("overloads share a comment", "include/daytona/x.hpp", header(CONTRACT + EXAMPLE, CALL + CALL), None),
    ("the local backend has no endpoint", "include/daytona/local/x.hpp", header(CONTRACT.replace("Endpoint", "Other") + EXAMPLE), None),
    ("private members need no contract", "include/daytona/x.hpp", header("", " private:\n" + CALL), None),
    ("a function that suspends is asked for all of it too", "include/daytona/x.hpp", "/// a\ntemplate <class T>\nauto call(T with) {}\n", "call suspends, and its comment has no heading"),
    ("but for what is not for users", "include/daytona/x.hpp", "namespace detail {\n\nauto call() {\n  a;\n}\n\nauto other() {}\n\n}  // namespace detail\n", None),
    ("a member that suspends and shows no example is noticed", "include/daytona/x.hpp", header(CONTRACT), "call suspends, and its comment has no example"),
    ("an example that differs from its snippet is noticed", "include/daytona/x.hpp", header(CONTRACT + EXAMPLE.replace("use(a)", "use(b)")), "x.hpp:8: the example differs from test/snippets/examples.cpp, snippet call"),
    ("an example of no snippet is noticed", "include/daytona/x.hpp", header(CONTRACT + EXAMPLE.replace("`call`", "`fall`")), "no file of test/snippets has a snippet 'fall'"),
    ("an example of a line is noticed", "include/daytona/x.hpp", header(CONTRACT + "  /// Example (`short`):\n  ///\n  ///     co_await call();\n"), "3 to 6 lines, this one 1"),
    ("a header may name a sample", "include/daytona/x.hpp", "/// Sample: samples/quickstart.cpp\n", None),
    ("a sample that nobody wrote is noticed", "include/daytona/x.hpp", "/// Sample: samples/slowstart.cpp\n", "there is no samples/slowstart.cpp"),
]


def report_of(file, text):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in {**BASE, file: text}.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        subprocess.run(["git", "init", "--quiet", folder], check=True)
        lint = subprocess.run([sys.executable, ROOT / "tools" / "lint.py", "--root", folder], capture_output=True, text=True)
        return lint.stdout + lint.stderr


def main():
    failed = False
    for name, file, text, expected in CASES:
        report = report_of(file, text)
        good = file in report and expected in report if expected else report == ""
        failed = failed or not good
        print(f"ok lint: {name}" if good else f"not ok lint: {name}: reported {report!r}")
    sys.exit(1 if failed else 0)


main()
