"""Budgets of the style sheet that no linter knows."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
DRAWERS = {"utils", "helpers", "common", "types", "constants", "misc"}


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_is_no_longer_than_it_may_be_and_no_junk_drawer(path: Path) -> None:
    most = 400 if path in SOURCES else 500

    assert len(path.read_text().splitlines()) <= most
    assert path.stem not in DRAWERS


def test_broad_excepts_stand_at_the_edges_alone() -> None:
    broad = [
        path.relative_to(ROOT / "src" / "recipeyard").as_posix()
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception"))
    ]

    assert ["work/engine.py", "work/running/dispatching.py", "work/running/dispatching.py"] == broad


def test_packages_say_nothing_at_import() -> None:
    empty = [path for path in SOURCES if path.name == "__init__.py" and path.parent.name != "recipeyard"]

    assert {""} == {path.read_text() for path in empty}
