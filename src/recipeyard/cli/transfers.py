"""Bring assets from a workspace into files, and packages into a workspace: pull, export, import, follow."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from recipeyard.cli import arriving, checkout, fetching, following, places, session
from recipeyard.model import assets

Force = Annotated[bool, typer.Option("--force", help="Overwrite and remove what was edited here.")]


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
    held = places.checkout_here(with_rows=include_data)
    place = places.named(asked, project) if project else places.of(asked, held)
    places.check(held, place, is_named=bool(project))
    with fetching.fetched(asked, place, leaves_package=True, with_rows=include_data) as there:
        done = _pulled(held, place, there, force=force)
    places.mark(held, place)
    _show_pull(asked, place, done)


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
    asked.answer({"file": str(file), "bytes": file.stat().st_size, "package": following.plain(package)})


def import_(
    asked: session.Session,
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The package, a zip.")],
    into: Annotated[str, typer.Option("--into", metavar="PROJECT", help="A project's name or a folder's id.")],
    include_tags: arriving.Tags = False,
    arrival: arriving.Entry = arriving.UNASKED,
) -> None:
    """Bring a package into a project, whole or not at all."""
    place = places.named(asked, into)
    started = place.yard.import_(place.folder_id, file, **arrival.options(include_tags=include_tags))
    following.show(asked, following.followed(asked, place.yard, started))


def cancel(
    asked: session.Session, *, package: Annotated[int, typer.Argument(metavar="ID", help="The package's id.")]
) -> None:
    """End a package before anything comes of it.

    Once it is being applied it is too late; `recipeyard rollback` is not.
    """
    ended = places.yard(asked).cancel(package)
    asked.say(f"Package {ended.id} is cancelled; nothing of it happened.")
    asked.answer(following.plain(ended))


def follow(
    asked: session.Session, *, package: Annotated[int, typer.Argument(metavar="ID", help="The package's id.")]
) -> None:
    """Follow a package to its end, and show what it did."""
    yard = places.yard(asked)
    following.show(asked, following.followed(asked, yard, yard.package(package)))


@dataclass(frozen=True, slots=True)
class _Pulled:
    """What a pull did, by path; `edited` was changed here alone, and a conflict on both sides."""

    written: list[str]
    removed: list[str]
    edited: list[str]
    conflicts: list[str]
    files: int


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
