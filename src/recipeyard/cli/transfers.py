"""Bring assets from a workspace into files, and files into a workspace: pull, push, export, import, follow."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from recipeyard import client
from recipeyard.cli import checkout, fetching, places, rows, session
from recipeyard.model import assets
from recipeyard.wire import received

UNTOUCHED = "no_update_or_updated_without_restart"

Force = Annotated[bool, typer.Option("--force", help="Overwrite and remove what was edited here.")]
Over = Annotated[bool, typer.Option("--force", help="Overwrite what others changed on the server.")]
Restart = Annotated[bool, typer.Option("--restart-recipes", help="Let running recipes run what is new.")]
Tags = Annotated[bool, typer.Option("--include-tags", help="Apply the tags that the files carry.")]


def pull(
    asked: session.Session,
    *,
    project: places.Project = None,
    force: Force = False,
    include_data: places.Rows = False,
) -> None:
    """Fetch a project into files, one for each asset.

    What you edited is never overwritten or removed without --force.
    Ends with 2 where you and the server changed the same file.
    """
    held = _held(with_rows=include_data)
    place = places.named(asked, project) if project else places.of(asked, held)
    places.check(held, place, is_named=bool(project))
    with fetching.fetched(asked, place, leaves_package=True, with_rows=include_data) as there:
        done = _pulled(held, place, there, force=force)
    _mark(held, place)
    _show_pull(asked, place, done)


def push(
    asked: session.Session,
    *,
    project: Annotated[
        str | None, typer.Option("--project", metavar="NAME", help="The project; made where it is not there.")
    ] = None,
    force: Over = False,
    restart_recipes: Restart = False,
    include_data: places.Rows = False,
) -> None:
    """Send the directory's asset files to its project.

    It happens whole or not at all. Nothing is deleted on the server.
    Ends with 2 where others changed one of these files there.
    Hidden files, and files that are no assets, stay behind.
    """
    held = _held(with_rows=include_data)
    files = held.files()
    if not files:
        raise session.Advised(f"there are no asset files in {held.root}", "Run `recipeyard pull PROJECT` first.")
    place = places.made(asked, project) if project else places.of(asked, held)
    if not force:
        _stop_where_others_changed(asked, held, place, files)
    asked.say(f"Pushing {len(files)} files to {place}.")
    started = place.yard.import_(
        place.folder_id, client.pack(files), restart_recipes=restart_recipes, include_tags=True
    )
    package = _followed(asked, place.yard, started)
    sent = checkout.see(files.items(), with_rows=include_data)
    held.remember(place.source, sent.over(held.pulled(place.source)))
    _mark(held, place)
    _show_package(asked, package)


def export(
    asked: session.Session,
    *,
    project: places.Project = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", dir_okay=False, help="The file to write.")
    ] = None,
    include_data: places.Rows = False,
) -> None:
    """Keep a project as a package in a zip file."""
    place = places.asked_for(asked, project)
    file = output or Path(f"{assets.slug(place.project)}.zip")
    if not file.parent.is_dir():
        raise session.Advised(f"there is no directory {str(file.parent)!r}", "Make it, or name another with -o.")
    with asked.progress("export") as watch:
        package = place.yard.export_folder(place.folder_id, file, watch, include_data=include_data)
    asked.say(f"Package {package.id} of {place} is in {file}, {file.stat().st_size:,} bytes.")
    asked.answer({"file": str(file), "bytes": file.stat().st_size, "package": _plain(package)})


def import_(
    asked: session.Session,
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The package, a zip.")],
    into: Annotated[str, typer.Option("--into", metavar="PROJECT", help="A project's name or a folder's id.")],
    restart_recipes: Restart = False,
    include_tags: Tags = False,
) -> None:
    """Bring a package into a project, whole or not at all."""
    place = places.named(asked, into)
    started = place.yard.import_(place.folder_id, file, restart_recipes=restart_recipes, include_tags=include_tags)
    _show_package(asked, _followed(asked, place.yard, started))


def follow(
    asked: session.Session, *, package: Annotated[int, typer.Argument(metavar="ID", help="The package's id.")]
) -> None:
    """Follow a package to its end, and show what it did."""
    who = places.login(asked)
    yard = client.Client(who.url, who.token)
    _show_package(asked, _followed(asked, yard, yard.package(package)))


@dataclass(frozen=True, slots=True)
class _Pulled:
    """What a pull did, by path; `edited` was changed here alone, and a conflict on both sides."""

    written: list[str]
    removed: list[str]
    edited: list[str]
    conflicts: list[str]
    files: int


def _held(*, with_rows: bool) -> checkout.Checkout:
    """The checkout that the current directory belongs to, or is to become."""
    return checkout.find(Path.cwd(), with_rows=with_rows) or checkout.Checkout(Path.cwd(), with_rows)


def _mark(held: checkout.Checkout, place: places.Place) -> None:
    """Say what a directory holds, once."""
    if held.marker is None:
        held.mark(checkout.Marker(place.project, place.folder_id, place.login.profile))


def _pulled(held: checkout.Checkout, place: places.Place, there: fetching.Fetched, *, force: bool) -> _Pulled:
    base = held.pulled(place.source)
    here = held.digests(there.digests.keys() | base.bare.keys())
    differences = checkout.compare(here, there.digests, base.digests)
    kept = checkout.kept(differences, here, force=force)
    taken = {each.path for each in differences if each not in kept}
    written = taken & there.digests.keys()
    for path, content in there.files(written.__contains__):
        held.write(path, content)
    for path in taken - written:
        held.remove(path)
    conflicts = [each.path for each in kept if each.side == checkout.BOTH]
    edited = [each.path for each in kept if (each.side, each.change) == (checkout.HERE, "changed")]
    held.remember(place.source, there.seen.sparing(conflicts, base))
    return _Pulled(sorted(written), sorted(taken - written), edited, conflicts, len(there.digests))


def _stop_where_others_changed(
    asked: session.Session, held: checkout.Checkout, place: places.Place, files: Mapping[str, bytes]
) -> None:
    """End with 2 where the server has not, of these files, what was last pulled or pushed here.

    Who never pulled nor pushed here sends what stands in git, say: there is nothing to compare with.
    """
    base = held.pulled(place.source)
    if not base.bare:
        return
    mine = checkout.see(files.items(), with_rows=held.with_rows).digests
    with fetching.fetched(asked, place, leaves_package=False, with_rows=held.with_rows) as there:
        differences = checkout.compare(mine, there.digests, base.digests)
    changed = [each for each in differences if each.path in files and each.side != checkout.HERE]
    changed = [each for each in changed if each.change != "removed" or not _may_be_apart(each.path, files[each.path])]
    if not changed:
        return
    for each in changed:
        asked.say(f"{'conflict' if each.side == checkout.BOTH else each.change:10}{each.path}", "bold red")
    error = f"nothing was pushed: others changed {len(changed)} of these files in {place}"
    advice = "`recipeyard pull` fetches what they did; `recipeyard push --force` overwrites it."
    asked.answer({"error": error, "advice": advice, "changes": [asdict(each) for each in changed]})
    asked.warn(error)
    asked.warn(advice)
    raise typer.Exit(session.DIFFERS)


def _may_be_apart(path: str, content: bytes) -> bool:
    """Whether an asset is the whole workspace's, which an export holds only while a recipe of the project uses it."""
    named = assets.parse_file(assets.split(path)[1])
    is_root = rows.says(content).get("root_folder") is True
    return named is not None and assets.stands_at_root(named.kind, root_folder=is_root)


def _followed(asked: session.Session, yard: client.Client, package: received.Package) -> received.Package:
    try:
        with asked.progress(package.operation_type) as watch:
            return yard.follow(package, watch)
    except KeyboardInterrupt as e:
        message = f"stopped following package {package.id}; the server goes on with it"
        raise session.Advised(message, f"`recipeyard follow {package.id}` takes it up again.") from e
    except client.Unreachable as e:
        raise session.Advised(str(e), f"`recipeyard follow {package.id}` tells how it ended.") from e


def _show_pull(asked: session.Session, place: places.Place, done: _Pulled) -> None:
    for word, style, paths in [
        ("written", "green", done.written),
        ("removed", "red", done.removed),
        ("kept", "yellow", done.edited),
        ("conflict", "bold red", done.conflicts),
    ]:
        for path in paths:
            asked.say(f"{word:10}{path}", style)
    changed = len(done.written) + len(done.removed)
    asked.say(f"{place}: {changed} of {done.files} files changed." if changed else f"{place}: already up to date.")
    asked.answer({"project": place.project, "folder_id": place.folder_id} | asdict(done))
    if done.conflicts:
        asked.warn("Changed on both sides, or never pulled here: yours were kept. `recipeyard diff` shows them.")
        asked.warn("Push yours once they are right, or take the server's with `recipeyard pull --force`.")
        raise typer.Exit(session.DIFFERS)


def _show_package(asked: session.Session, package: received.Package) -> None:
    done = package.assets or ()
    for each in done:
        if each.action != "unchanged":
            step = f"version {each.version_before} → {each.version_after}" if each.version_before else ""
            asked.say(f"{each.action:10}{each.zip_name}  {step}".rstrip(), "green")
    names = {each.id: each.name for each in done}
    for status in package.recipe_status:
        if status.import_result != UNTOUCHED:
            asked.say(f"{status.import_result:10}{names.get(status.id, f'recipe {status.id}')}")
    for warning in package.warnings:
        asked.warn(f"warning: {warning}")
    counts = ", ".join(f"{count} {action}" for action, count in sorted(Counter(each.action for each in done).items()))
    asked.say(f"Package {package.id} is completed{': ' + counts if counts else ''}.")
    asked.answer(_plain(package))


def _plain(package: received.Package) -> dict[str, Any]:
    """A package without its link, which opens the archive for whoever reads it in a log."""
    return {name: value for name, value in msgspec.to_builtins(package).items() if name != "download_url"}
