"""Keeps the code in README.md equal to the compiled files that it comes from.

A block after `<!-- code: FILE NAME -->` is the text of FILE between `snippet: NAME` and `end`, each a comment line of its own.
`readme.py` writes the blocks anew; `readme.py --check` tells which differ.
"""

import re
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(?P<marker><!-- code: (?P<file>\S+) (?P<name>\S+) -->\n```\w*\n)(?P<code>.*?)(?P<end>^```$)", re.M | re.S)


def snippet(file, name):
    pattern = rf"^[ \t]*(?://|#) snippet: {re.escape(name)}\n(.*?)^[ \t]*(?://|#) end$"
    found = re.search(pattern, (ROOT / file).read_text(), re.M | re.S)
    if not found:
        sys.exit(f"{file} has no snippet '{name}'")
    return textwrap.dedent(found[1])


def main():
    document = ROOT / "README.md"
    text = document.read_text()
    stale = [match for match in BLOCK.finditer(text) if match["code"] != snippet(match["file"], match["name"])]
    if "--check" not in sys.argv:
        document.write_text(BLOCK.sub(lambda match: match["marker"] + snippet(match["file"], match["name"]) + match["end"], text))
        return
    for match in stale:
        line = text.count("\n", 0, match.start()) + 1
        print(f"README.md:{line}: differs from {match['file']}, snippet {match['name']}: run tools/readme.py")
    unmarked = len(re.findall(r"^```(?:cpp|cmake|meson)$", text, re.M)) - len(BLOCK.findall(text))
    if unmarked:
        print(f"README.md:1: {unmarked} code blocks without a `<!-- code: … -->` line")
    sys.exit(1 if stale or unmarked else 0)


if __name__ == "__main__":
    main()
