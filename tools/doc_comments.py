"""Keeps the comments of the public headers whole: a member that suspends says all that its caller has to know, and shows it by an example.

An example is `/// Example (`NAME`):` and, indented, what stands between `// snippet: NAME` and `// end` in a file of test/snippets. A member that only
repeats another still has its own. `doc_comments.py` writes the examples anew; lint.py tells what differs or is missing (`check_doc_comments`).
"""

import functools
import re
import textwrap
from pathlib import Path

HEADINGS = {name: re.compile(rf"\*\*{name}\*\*") for name in ("Errors", "Cancellation", "Timeout", "Retry", "Lifetimes", "Thread safety")}
HEADINGS["Endpoint"] = re.compile(r"\bEndpoints?: ")
# What may be the same for all members of a class, and then stands in its comment.
OF_CLASS = {"Lifetimes", "Thread safety", "Endpoint"}
EXAMPLE_LINES = range(3, 7)

CLASS = re.compile(r"(?:class|struct) .*\{$")
FREE = re.compile(r"(?:DAYTONA_API )?(?:boost::asio::awaitable<.+>|auto) (\w+)\(")
MEMBER = re.compile(r"  (?:static )?boost::asio::awaitable<.+> (?!operator\b)(\w+)\(")
EXAMPLE = re.compile(r"^(?P<indent> *)/// Example \(`(?P<name>\w+)`\):\n(?P<code>(?: *///(?:     .*)?\n)*)", re.M)
REGION = re.compile(r"^[ \t]*// snippet: (\w+)\n(.*?)^[ \t]*// end$", re.M | re.S)
SAMPLE = re.compile(r"\bsamples/\w+\.cpp\b")


@functools.cache
def regions(root):
    """Name of each region in test/snippets → its file and its text."""
    found = {}
    for path in sorted((root / "test" / "snippets").glob("*.cpp")):
        for name, code in REGION.findall(path.read_text()):
            found[name] = (path.relative_to(root), textwrap.dedent(code))
    return found


def as_comment(code, indent):
    return f"{indent}///\n" + "".join(f"{indent}///     {line}\n" for line in code.splitlines())


def without_details(lines):
    """The lines, those of namespace detail empty: the comments there are for who works on the library."""
    is_hidden = False
    for before, line in zip(["", *lines], lines):
        is_hidden = is_hidden or line == "namespace detail {"
        yield "" if is_hidden else line
        # clang-format names the end of a namespace, but for one of a single line
        if line == "}  // namespace detail" or (line == "}" and before[:1].strip()):
            is_hidden = False


def suspending(lines):
    """Line, name, comment and class's comment of each public member and function that suspends. Overloads in a row share the comment above them."""
    comment, of_class, is_public, in_comment = "", "", True, False
    for number, line in enumerate(without_details(lines), 1):
        text = line.strip()
        if text.startswith("///") and not text.startswith("///<"):
            comment = f"{comment if in_comment else ''}{text}\n"
            in_comment = True
            continue
        in_comment = False
        if not text:
            comment = ""
        elif CLASS.match(line):
            of_class, is_public = comment, line.startswith("struct")
        elif text in ("public:", "private:"):
            is_public = text == "public:"
        elif free := FREE.match(line):
            yield number, free[1], comment, ""
        elif is_public and (member := MEMBER.match(line)):
            yield number, member[1], comment, of_class


def missing_in(comment, of_class, is_local):
    for name, heading in HEADINGS.items():
        if heading.search(comment) or (name in OF_CLASS and heading.search(of_class)):
            continue
        if not (name == "Endpoint" and is_local):
            yield f"heading {name}" + (", nor has its class" if name in OF_CLASS else "")
    if not EXAMPLE.search(comment):
        yield "example from test/snippets"


def check_doc_comments(root, name, lines):
    if not name.startswith("include/"):
        return
    for number, member, comment, of_class in suspending(lines):
        for what in missing_in(comment, of_class, "/local/" in name):
            yield number, f"{member} suspends, and its comment has no {what}"
    text = "\n".join(lines) + "\n"
    for example in EXAMPLE.finditer(text):
        number = text.count("\n", 0, example.start()) + 1
        where, code = regions(root).get(example["name"], (None, ""))
        if where is None:
            yield number, f"no file of test/snippets has a snippet '{example['name']}'"
        elif example["code"] != as_comment(code, example["indent"]):
            yield number, f"the example differs from {where}, snippet {example['name']}: run tools/doc_comments.py"
        elif len(code.splitlines()) not in EXAMPLE_LINES:
            yield number, f"an example has {EXAMPLE_LINES[0]} to {EXAMPLE_LINES[-1]} lines, this one {len(code.splitlines())}"
    for number, line in enumerate(lines, 1):
        for sample in SAMPLE.findall(line):
            if not (root / sample).is_file():
                yield number, f"there is no {sample}"


def write_examples(root):
    for path in sorted((root / "include").rglob("*.hpp")):
        text = path.read_text()

        def anew(example):
            _, code = regions(root).get(example["name"], (None, None))
            if code is None:
                return example[0]
            return f"{example['indent']}/// Example (`{example['name']}`):\n{as_comment(code, example['indent'])}"

        renewed = EXAMPLE.sub(anew, text)
        if renewed != text:
            path.write_text(renewed)


if __name__ == "__main__":
    write_examples(Path(__file__).resolve().parent.parent)
