"""Every kind of defect that this library is to be free of has a test whose name begins with its identifier.

The identifiers: S streams, R connections and retries, T time and cancellation, E errors, L lifecycle, K resources, C configuration and TLS, O hooks, P commands
and terminals, I the interpreter, F files. A test may begin with several: "T3, K2: …". What later parts bring is added here with them.

identifiers_test.py TEST_FOLDER
"""

import re
import sys
from pathlib import Path

WANTED = {
    "S": [*range(1, 20)],
    "R": [1, 2, *range(4, 14)],
    "T": [*range(1, 12)],
    "E": [1, 2, 3, 4, 5],
    "L": [1, 2, 3, 4, 5],
    "K": [1, 2, 3, 4],
    "C": [1, 2, 3, 4, 5],
    "O": [1, 2, 3],
    "P": [*range(1, 11)],
    "I": [1, 2, 3],
    "F": [13],
}
NAME = re.compile(r'TEST_CASE\(\s*"((?:[^"\\]|\\.)*)"')
IDENTIFIERS = re.compile(r"^([A-Z]\d+(?:, [A-Z]\d+)*): ")


def named(folder):
    for path in sorted(Path(folder).rglob("*.cpp")):
        for name in NAME.findall(path.read_text()):
            if match := IDENTIFIERS.match(name):
                yield from match[1].split(", ")


def main():
    have = set(named(sys.argv[1]))
    wanted = [f"{letter}{number}" for letter, numbers in WANTED.items() for number in numbers]
    missing = [identifier for identifier in wanted if identifier not in have]
    for identifier in wanted:
        print(f"not ok {identifier} has a test of its name: none begins with it" if identifier in missing else f"ok {identifier} has a test of its name")
    return 1 if missing else 0


sys.exit(main())
