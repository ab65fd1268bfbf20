"""`recipeyard`, and `python -m recipeyard`: people's commands start at once, only the operator's load the server."""

import sys

from recipeyard.cli import commands


def main() -> None:
    """The console script."""
    if sys.argv[1:2] and sys.argv[1] in commands.NAMES:
        commands.app()
        return
    from recipeyard import server  # a second of imports, for those who need it

    server.main()


if __name__ == "__main__":
    main()
