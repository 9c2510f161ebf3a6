"""Every public operation that suspends is among those that are disturbed at every step (test/component/*operations.cpp), each overload of it.

operations_test.py INCLUDE_FOLDER OPERATIONS_CPP...
"""

import re
import sys
from collections import Counter
from pathlib import Path

SUSPENDING = re.compile(r"boost::asio::awaitable<.*?>\s+(\w+)\(", re.S)
CLASS = re.compile(r"^(?:class|struct) (?:DAYTONA_API )?(\w+)[^;{]*\{(.*?)^\};", re.S | re.M)
COMMENT = re.compile(r"//.*")
LISTED = re.compile(r'^\s*\{"([\w:]+)[^"]*"', re.M)
# A template, whose result the headers do not spell.
TEMPLATES = {"with_sandbox": 1}
# Calls of the caller's own code, which ask a server for nothing.
CALLBACKS = {"output_handler"}


def offered(folder):
    """Name of each public operation → number of its overloads. The local backend is another library, with tests of its own."""
    found = Counter(TEMPLATES)
    for header in sorted(Path(folder).glob("daytona/*.hpp")):
        for name, body in CLASS.findall(COMMENT.sub("", header.read_text())):
            if name in CALLBACKS:
                continue
            public = body.split("private:")[0]
            found.update(f"{name}::{member}" for member in SUSPENDING.findall(public))
    return found


def main():
    include, *operations = sys.argv[1:]
    listed = Counter(name for path in operations for name in LISTED.findall(Path(path).read_text()))
    wanted = offered(include)
    missing = [f"{name} ({listed[name]} of {count})" for name, count in wanted.items() if listed[name] < count]
    unknown = [name for name in listed if name not in wanted]
    for what, names in (("every operation is disturbed", missing), ("every disturbed operation exists", unknown)):
        print(f"not ok {what}: not {', '.join(names)}" if names else f"ok {what}")
    if len(wanted) < 10:
        print(f"not ok the headers are understood: they offer only {len(wanted)} operations")
    return 1 if missing or unknown or len(wanted) < 10 else 0


sys.exit(main())
