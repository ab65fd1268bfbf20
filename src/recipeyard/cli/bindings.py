"""A workspace's own answers to what packages name, set once and used by every import: bind."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from recipeyard import client
from recipeyard.cli import gates, overview, places, session, values
from recipeyard.model import assets
from recipeyard.wire import received_bindings

app = typer.Typer(
    cls=overview.Group, help="Say what names in packages mean in this workspace.", invoke_without_command=True
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="What packages call it.")]
Remove = Annotated[bool, typer.Option("--remove", help="Bind it no more.")]


@app.callback()
@session.shared
def bind(
    asked: session.Session,
    *,
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", exists=True, dir_okay=False, help="Set all of them to a file's: JSON."),
    ] = None,
) -> None:
    """Show what names in packages mean in this workspace; or say it, once.

    Every later import uses it, and a plan shows where.
    `recipeyard bind --json` writes what --file reads.
    """
    if context.invoked_subcommand:
        return
    yard = places.yard(asked)
    if file:
        yard.set_bindings(_sent(gates.read(file)))
    _show(asked, yard)


@session.command(app, "connection")
def connection(
    asked: session.Session,
    *,
    name: Name,
    to: Annotated[
        str | None, typer.Option("--to", metavar="CONNECTION", help="One of this workspace: id or name.")
    ] = None,
    app_name: Annotated[str | None, typer.Option("--app", metavar="APP", help="Only where it is for that app.")] = None,
    remove: Remove = False,
) -> None:
    """Say which connection of this workspace a package's connection is."""
    yard = places.yard(asked)
    here = None if remove else _connection(yard, to)
    _bind(asked, yard, (assets.CONNECTION, name, app_name), here)


@session.command(app, "asset")
def asset(
    asked: session.Session,
    *,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Such as lookup_table, topic, custom_adapter.")],
    name: Name,
    to: Annotated[int | None, typer.Option("--to", metavar="ID", help="The id of the one here.")] = None,
    remove: Remove = False,
) -> None:
    """Say which asset of this workspace a package's is, of any kind."""
    if to is None and not remove:
        raise session.Advised("to which one?", "Say its id: --to ID.")
    _bind(asked, places.yard(asked), (kind, name, None), None if remove else to)


@session.command(app, "property")
def property_(
    asked: session.Session,
    *,
    name: Name,
    value: Annotated[str | None, typer.Argument(metavar="VALUE", help="What it holds here.")] = None,
    project: Annotated[
        str | None, typer.Option("--project", metavar="NAME", help="Of a project; else of the workspace.")
    ] = None,
    remove: Remove = False,
) -> None:
    """Say which value a property has in this workspace."""
    if value is None and not remove:
        raise session.Advised("which value?", "Say it after the property's name.")
    yard = places.yard(asked)
    held = yard.bindings()
    scope = next((each for each in held.properties if each.project == project), None)
    known = scope or received_bindings.Properties(project)
    kept = {each: text for each, text in known.values.items() if each != name}
    changed = msgspec.structs.replace(known, values=kept if value is None or remove else kept | {name: value})
    others = [each for each in held.properties if each.project != project]
    yard.set_bindings(msgspec.structs.replace(held, properties=(*others, changed)))
    _show(asked, yard)


@session.command(app, "rows")
def rows(
    asked: session.Session,
    *,
    table: Annotated[str, typer.Argument(metavar="TABLE", help="What packages call the table.")],
    policy: Annotated[
        str | None, typer.Option("--policy", metavar="WHAT", help="insert, update, mirror or ignore.")
    ] = None,
    key: Annotated[
        list[str] | None, typer.Option("--key", metavar="COLUMN", help="What tells a row from others; repeatable.")
    ] = None,
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help="lookup_table or workato_db_table.")
    ] = assets.LOOKUP_TABLE,
) -> None:
    """Say what becomes of a table's rows when a package brings some.

    insert adds rows of new keys, update gives known keys what arrives too,
    mirror makes the rows those that arrive, ignore touches none.
    Without a policy nothing is said of them any more.
    """
    yard = places.yard(asked)
    held = yard.bindings()
    others = [each for each in held.rows if (each.kind, each.name) != (kind, table)]
    said = [received_bindings.Rows(kind, table, policy, tuple(key or ()))] if policy else []
    yard.set_bindings(msgspec.structs.replace(held, rows=(*others, *said)))
    _show(asked, yard)


def _bind(asked: session.Session, yard: client.Client, question: tuple[str, str, str | None], here: int | None) -> None:
    """Let what packages call this be that asset, or nothing in particular; (kind, name, app)."""
    kind, name, provider = question
    held = yard.bindings()
    others = [each for each in held.references if (each.kind, each.name, each.provider) != question]
    said = [] if here is None else [received_bindings.Reference(kind, name, here, provider)]
    yard.set_bindings(msgspec.structs.replace(held, references=(*others, *said)))
    _show(asked, yard)


def _connection(yard: client.Client, wanted: str | None) -> int:
    """The connection of that id or name. Raises `session.Advised` where it is not one."""
    known = yard.connections()
    found = [each for each in known if wanted in {str(each.id), each.name}]
    if len(found) == 1:
        return found[0].id
    names = ", ".join(f"{each.name} ({each.id})" for each in sorted(known, key=lambda each: each.name)) or "none"
    what = f"{len(found)} connections are {wanted!r}" if wanted else "to which connection?"
    raise session.Advised(what, f"Say one with --to; those here: {names}.")


def _sent(wanted: dict[str, object]) -> dict[str, object]:
    """What can be set of what is shown."""
    return {name: value for name, value in wanted.items() if name not in {"set_by", "created_at"}}


def _show(asked: session.Session, yard: client.Client) -> None:
    held = yard.bindings()
    for line in _lines(held) if held.references or held.properties or held.rows else [_NOTHING]:
        asked.show(Text(values.plain(line)))
    asked.relay(yard, "bindings")


_NOTHING = "Nothing is bound. `recipeyard bind connection NAME --to CONNECTION` says what a name means here."


def _lines(held: received_bindings.Bindings) -> Iterator[str]:
    for each in held.references:
        app_name = f" of {each.provider}" if each.provider else ""
        folder = f" in {each.folder or 'the root'}" if each.folder is not None else ""
        yield f"{assets.spoken(each.kind)} {each.name!r}{app_name}{folder} → id {each.target_id}"
    yield from _of_properties(held.properties)
    for rule in held.rows:
        key = f", by {', '.join(rule.key)}" if rule.key else ""
        yield f"rows of {assets.spoken(rule.kind)} {rule.name!r}: {rule.policy}{key}"


def _of_properties(found: Iterable[received_bindings.Properties]) -> Iterator[str]:
    for scope in found:
        of = f" of {scope.project!r}" if scope.project else ""
        yield from (f"property {name!r}{of} = {value}" for name, value in scope.values.items())
        yield from (f"property {name!r}{of} is called {here!r} here" for name, here in scope.names.items())
