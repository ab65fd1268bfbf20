"""Run the test cases of a project's files, offline: test. No server is asked."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from recipeyard.cli import checkout, session, values

if TYPE_CHECKING:
    from recipeyard.runtime.cases import projects

_NO_CASES = "Pull a project that has some, or write one: `*.test_case.json` (docs/package-format.md)."
_DIRECTORY = typer.Argument(metavar="DIR", exists=True, file_okay=False, help="A project's files; else those here.")


def run(asked: session.Session, *, directory: Annotated[Path | None, _DIRECTORY] = None) -> None:
    """Run the test cases of a project's files, offline.

    Shows what differs, at which step, and which steps no case reached.
    Ends with 1 where a case fails.
    """
    from recipeyard.runtime import installed  # connectors take a while to load, for those who need them
    from recipeyard.runtime.cases import projects

    held = checkout.Checkout(directory, with_rows=True) if directory else checkout.find(Path.cwd(), with_rows=True)
    held = held or checkout.Checkout(Path.cwd(), with_rows=True)
    told = list(projects.Project(held.files(), installed.installed()).run())
    if not told:
        raise session.Advised(f"there are no test cases in {held.root}", _NO_CASES)
    for each in told:
        for line in _lines(each):
            asked.show(line)
    covered = _coverage(told)
    for recipe, (steps, missed) in covered.items():
        asked.say(_covered(recipe, steps, missed), "dim")
    failed = sum(not each.report.passed for each in told)
    asked.say(_summary(len(told), failed), "bold red" if failed else "bold green")
    asked.answer(_object(told, covered))
    if failed:
        raise typer.Exit(session.FAILED)


def _lines(told: "projects.Told") -> Iterator[Text]:
    name = values.plain(f"{told.name}  ({told.path})")
    yield Text(f"  ok      {name}" if told.report.passed else f"  FAILED  {name}", "" if told.report.passed else "red")
    yield from (Text(f"          {values.plain(each.message)}") for each in told.report.findings)


def _coverage(told: Sequence["projects.Told"]) -> dict[str, tuple[int, list[int]]]:
    """By recipe: how many actions it has, and the numbers of those that no case reached."""
    found: dict[str, tuple[int, list[int]]] = {}
    for each in sorted(told, key=lambda one: one.recipe):
        if each.report.steps:
            _, before = found.get(each.recipe, (0, list(each.report.steps)))
            found[each.recipe] = len(each.report.steps), [step for step in before if step not in each.report.ran]
    return found


def _covered(recipe: str, steps: int, missed: Sequence[int]) -> str:
    named = f"; never steps {', '.join(map(str, missed))}" if missed else ""
    return values.plain(f"{recipe}: {steps - len(missed)} of {values.counted(steps, 'action')} ran{named}")


def _summary(cases: int, failed: int) -> str:
    counted = values.counted(cases, "test case")
    return f"{failed} of {counted} failed." if failed else f"{counted} passed."


def _object(told: Sequence["projects.Told"], covered: dict[str, tuple[int, list[int]]]) -> dict[str, Any]:
    return {
        "passed": all(each.report.passed for each in told),
        "results": [
            {
                "path": each.path,
                "name": each.name,
                "recipe": each.recipe,
                "status": "succeeded" if each.report.passed else "failed",
                "differences": [
                    {"step": d.step, "path": d.path, "expected": d.expected, "found": d.found, "message": d.message}
                    for d in each.report.findings
                ],
            }
            for each in told
        ],
        "coverage": [
            {"recipe": recipe, "steps": steps, "covered": steps - len(missed), "missed_steps": missed}
            for recipe, (steps, missed) in covered.items()
        ],
    }
