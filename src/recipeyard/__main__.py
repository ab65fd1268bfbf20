"""`recipeyard`, and `python -m recipeyard`: people's commands start at once, only the operator's load the server."""

import gc
import os
import sys

from recipeyard.cli import commands

_COMPLETED = ("COMP_WORDS", "_TYPER_COMPLETE_ARGS")
"""Where shells put the line that they want completed."""


def main() -> None:
    """The console script."""
    line = next((os.environ[name].split() for name in _COMPLETED if name in os.environ), sys.argv)
    if commands.NAMES.intersection(line[1:2]):
        commands.app()
        return
    gc.disable()  # what is loaded stays: looking through it for garbage would take a fifth of the time
    from recipeyard import server  # a second of imports, for those who need it

    gc.freeze()
    gc.enable()
    server.main()


if __name__ == "__main__":
    main()
