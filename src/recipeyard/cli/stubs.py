"""Stubs of a workspace, and what they answer for."""

from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from recipeyard import client
from recipeyard.cli import overview, places, session

app = typer.Typer(cls=overview.Group, help="Show what stubs answer for; `bind` says it.", invoke_without_command=True)

_NO_STUBS = "Stubs arrive in packages: push a project with a `*.stub.json`."


@app.callback()
@session.shared
def stubs(asked: session.Session, *, context: typer.Context) -> None:
    """Show what stubs answer for; `bind` says it."""
    if context.invoked_subcommand:
        return
    yard = places.yard(asked)
    found = yard.ask("GET", "stubs")["items"]
    names = {each.id: each.name for each in yard.connections()} if found else {}
    table = Table("id", "stub", "provider", "answers for", box=None, header_style="bold", pad_edge=False)
    for each in found:
        table.add_row(str(each["id"]), Text(each["name"]), Text(each["provider"]), Text(_bound(each, names)))
    asked.show(table if found else Text(f"There are no stubs. {_NO_STUBS}"))
    asked.answer({"stubs": found})


@session.command(app, "bind")
def bind(
    asked: session.Session,
    *,
    stub: Annotated[str, typer.Argument(metavar="STUB", help="The stub, by id or name.")],
    connection: Annotated[
        list[str] | None, typer.Option("--connection", metavar="NAME", help="By id or name; repeatable.")
    ] = None,
    without_connection: Annotated[
        bool, typer.Option("--without-connection", help="Steps of its provider that have none.")
    ] = False,
) -> None:
    """Say all that a stub answers for; with no option it answers for nothing.

    Recipes start with a connection that is bound, wherever its app is.
    """
    yard = places.yard(asked)
    found = _one(stub, {each["id"]: each["name"] for each in yard.ask("GET", "stubs")["items"]}, "stub")
    here = {each.id: each.name for each in yard.connections()} if connection else {}
    wanted = [_one(each, here, "connection") for each in connection or []]
    body = {"connection_ids": wanted, "without_connection": without_connection}
    made = _set(yard, found, body)
    asked.say(f"Stub {made['name']!r} answers for {_bound(made, here)}.")
    asked.answer(made)


def _set(yard: client.Client, stub_id: int, body: dict[str, Any]) -> Any:
    return yard.ask("PUT", f"stubs/{stub_id}/bindings", json=body)


def _bound(stub: Any, names: dict[int, str]) -> str:
    told = [names.get(each, str(each)) for each in stub["connection_ids"]]
    told += [f"{stub['provider']} without a connection"] if stub["without_connection"] else []
    return ", ".join(told) or "nothing"


def _one(wanted: str, known: dict[int, str], what: str) -> int:
    """The id of what is named. Raises `session.Advised` where nothing or several are."""
    found = [key for key, name in known.items() if name == wanted] or [key for key in known if str(key) == wanted]
    if len(found) != 1:
        those = ", ".join(sorted(known.values())) or "none"
        raise session.Advised(f"there is no one {what} {wanted!r}; there are: {those}", "Name it by its id.")
    return found[0]
