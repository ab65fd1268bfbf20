"""List, start and stop recipes."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from recipeyard import client
from recipeyard.cli import checkout, overview, places, session
from recipeyard.model import errors
from recipeyard.wire import received

app = typer.Typer(cls=overview.Group, help="List, start and stop recipes.")

Recipes = Annotated[list[str] | None, typer.Argument(help="Recipes, by id or name.", metavar="RECIPE")]
All = Annotated[bool, typer.Option("--all", help="Every recipe of the project.")]
OfProject = Annotated[str | None, typer.Option("--project", metavar="NAME", help="A project's name or a folder's id.")]


@dataclass(frozen=True, slots=True)
class Scope:
    """A client, and the recipes that are spoken of. `is_project` says whether they are one project's."""

    yard: client.Client
    recipes: list[received.Recipe]
    is_project: bool


@session.command(app, "list")
def list_(asked: session.Session, *, project: OfProject = None) -> None:
    """List the project's recipes, or all of the workspace."""
    found = scope_of(asked, project).recipes
    table = Table("id", "state", "name", "version", box=None, header_style="bold", pad_edge=False)
    for each in found:
        state = "[green]running[/]" if each.running else "stopped"
        table.add_row(str(each.id), state, Text(each.name), str(each.version_no or ""))
    asked.show(table if found else Text("There are no recipes."))
    asked.answer({"recipes": msgspec.to_builtins(found)})


@session.command(app, "start")
def start(asked: session.Session, *, recipes: Recipes = None, every: All = False, project: OfProject = None) -> None:
    """Start recipes.

    One that can't run says why, step by step; then this ends with 1.
    """
    scope = scope_of(asked, project)
    _each(asked, _chosen(scope, recipes or [], every=every), scope.yard.start, "started")


@session.command(app, "stop")
def stop(asked: session.Session, *, recipes: Recipes = None, every: All = False, project: OfProject = None) -> None:
    """Stop recipes."""
    scope = scope_of(asked, project)
    _each(asked, _chosen(scope, recipes or [], every=every), scope.yard.stop, "stopped")


def scope_of(asked: session.Session, project: str | None) -> Scope:
    """The project that is named, else the directory's, else the whole workspace."""
    held = checkout.find(Path.cwd())
    if project or held:
        place = places.named(asked, project) if project else places.of(asked, places.here())
        return Scope(place.yard, place.yard.recipes(place.folder_id), is_project=True)
    login = asked.login()
    yard = client.Client(login.url, login.token)
    return Scope(yard, yard.recipes(), is_project=False)


def _chosen(scope: Scope, wanted: list[str], *, every: bool) -> list[received.Recipe]:
    if every == bool(wanted):
        raise session.Advised("name recipes, or say --all", "`recipeyard recipes list` shows them.")
    if every and not scope.is_project:
        raise session.Advised("--all of which project?", "Say `--project NAME`, or run it in a project's directory.")
    return scope.recipes if every else [one_of(scope, each) for each in wanted]


def one_of(scope: Scope, wanted: str) -> received.Recipe:
    """The recipe of that id or name. Raises `session.Advised` where there are none or several."""
    alike = [each for each in scope.recipes if each.name.casefold() == wanted.casefold()]
    found = (
        [each for each in scope.recipes if str(each.id) == wanted]
        or [each for each in alike if each.name == wanted]
        or alike
    )
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(str(each.id) for each in found)
        raise session.Advised(f"{len(found)} recipes are named {wanted!r}", f"Say which by id: {ids}.")
    raise session.Advised(f"there is no recipe {wanted!r}", "`recipeyard recipes list` shows those there are.")


def _each(asked: session.Session, chosen: list[received.Recipe], deed: Callable[[int], None], done: str) -> None:
    """Do it to each, and tell of each; ends with 1 where one refused."""
    results: list[dict[str, Any]] = []
    for recipe in chosen:
        result: dict[str, Any] = {"id": recipe.id, "name": recipe.name}
        try:
            deed(recipe.id)
        except (errors.Invalid, errors.Refused, errors.Unprocessable, client.NotStarted) as e:
            problems = e.problems if isinstance(e, client.NotStarted) else ()
            results.append(result | {"result": "refused", "error": str(e), "problems": [asdict(p) for p in problems]})
            asked.say(f"refused   {recipe.name}", "red")
            for line in str(e).splitlines():
                asked.say(f"          {line}")
        else:
            results.append(result | {"result": done})
            asked.say(f"{done:10}{recipe.name}", "green")
    asked.answer({"recipes": results})
    if any(each["result"] == "refused" for each in results):
        raise typer.Exit(session.FAILED)
