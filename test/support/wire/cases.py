"""One line a test case, in the form that `./dev test` and Meson count (TAP). DAYTONA_TEST_FILTER chooses cases by a part of their name."""

import os
import sys
import threading
import traceback


class Cases:
    """Prints `ok N NAME` or `not ok N NAME: why` for each case, and remembers whether one failed."""

    def __init__(self, output=None):
        self._output = output or sys.stdout
        self.total = 0
        self.failed = 0
        self._lock = threading.Lock()     # cases of several threads

    @staticmethod
    def wants(name):
        return os.environ.get("DAYTONA_TEST_FILTER", "") in name

    def passes(self, name):
        self._line("ok", name)

    def fails(self, name, why):
        self._line("not ok", f"{name}: {why}")

    def check(self, name, complaints):
        """A case that passes if `complaints` (a list of texts) is empty."""
        if complaints:
            self.fails(name, "; ".join(complaints))
        else:
            self.passes(name)

    def remark(self, text):
        with self._lock:
            print(f"# {_one_line(text)}", file=self._output, flush=True)

    def finish(self):
        """Prints the plan; returns the exit status. A run without a case has shown nothing, so it fails."""
        print(f"1..{self.total}", file=self._output, flush=True)
        nothing_shown = not self.total and not os.environ.get("DAYTONA_TEST_FILTER")
        return 1 if self.failed or nothing_shown else 0

    def _line(self, verdict, text):
        with self._lock:
            self.total += 1
            self.failed += verdict != "ok"
            print(f"{verdict} {self.total} {_one_line(text)}", file=self._output, flush=True)


def _one_line(text, limit=600):
    text = " ".join(str(text).replace("#", "№").split())      # a `#` would begin a TAP directive
    return text if len(text) <= limit else text[:limit] + " …"


def run_checks(functions):
    """Runs self-test functions; the docstring of each, a sentence, names the case. Returns the exit status."""
    cases = Cases()
    for function in functions:
        name = " ".join(function.__doc__.split()).rstrip(".")
        if not cases.wants(name):
            continue
        try:
            function()
        except Exception as error:                             # a failed check, like any other surprise, fails its case only
            where = traceback.extract_tb(error.__traceback__)[-1]
            cases.fails(name, f"{type(error).__name__}: {error} ({where.name}:{where.lineno})")
        else:
            cases.passes(name)
    return cases.finish()


def checks_of(namespace):
    """The functions of a module whose names begin with `check_`, in the order they stand."""
    return [value for name, value in namespace.items() if name.startswith("check_") and callable(value)]
