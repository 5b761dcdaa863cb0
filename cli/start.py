"""The console script: keeps out of the process what a library loads for itself alone, then runs the commands."""

import importlib
import sys


def main() -> None:
    """`autonomy`."""
    # httpx loads a command line of its own, with rich, pygments and click, and does without when it cannot.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # None is what refuses an import
    importlib.import_module("cli.app").main()
