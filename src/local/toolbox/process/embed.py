"""embed.py INPUT OUTPUT: writes INPUT's text as the C++ definition of daytona::local::toolbox::chart_wrapper."""

import json
import pathlib
import sys

text = pathlib.Path(sys.argv[1]).read_text(encoding="ascii")
lines = "\n".join("    " + json.dumps(line) for line in text.splitlines(keepends=True))
pathlib.Path(sys.argv[2]).write_text(
    '#include "local/toolbox/process/chart_wrapper.hpp"\n\n'
    "namespace daytona::local::toolbox {\n\n"
    f"const std::string_view chart_wrapper =\n{lines};\n\n"
    "}  // namespace daytona::local::toolbox\n",
    encoding="ascii",
)
