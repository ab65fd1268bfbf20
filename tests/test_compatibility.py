"""What the page on compatibility says is shown by tests: those tests are there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "compatibility.md").read_text()


def functions(path: Path) -> set[str]:
    """The names of a module's functions."""
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


def test_every_test_that_the_page_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)

    missing = [
        f"{file}::{name}"
        for file, name in named
        if not (ROOT / file).exists() or (name and name not in functions(ROOT / file))
    ]

    assert len(named) > 30
    assert [] == missing


def test_every_test_of_clients_and_years_stands_on_the_page() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    for file in ("official_cli", "official_cli_tools", "other_clients", "package_years"):
        path = f"tests/test_{file}.py"
        tests = {name for name in functions(ROOT / path) if name.startswith("test_")}

        assert set() == tests - {name for at, name in named if at == path}
