"""embed.py INPUT OUTPUT HEADER NAME: writes INPUT's text as the C++ definition of daytona::local::toolbox::NAME, which HEADER declares."""

import json
import pathlib
import sys

source, target, header, name = sys.argv[1:]
text = pathlib.Path(source).read_text(encoding="ascii")
lines = "\n".join("    " + json.dumps(line) for line in text.splitlines(keepends=True))
pathlib.Path(target).write_text(
    f'#include "{header}"\n\n'
    "namespace daytona::local::toolbox {\n\n"
    f"const std::string_view {name} =\n{lines};\n\n"
    "}  // namespace daytona::local::toolbox\n",
    encoding="ascii",
)
