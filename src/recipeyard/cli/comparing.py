"""Tell files here from what the server would export now: status and diff. Neither leaves a trace on the server."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import msgspec
import typer
from rich.text import Text

from recipeyard.cli import checkout, fetching, places, session

_STYLES = {"added": "green", "changed": "yellow", "removed": "red"}
_SIDES = {
    checkout.HERE: "Here alone; `recipeyard push` sends it:",
    checkout.THERE: "On the server alone; `recipeyard pull` fetches it:",
    checkout.BOTH: "On both sides, or never pulled here; `recipeyard diff` shows it:",
}
_REMOVED_HERE = "  (stays on the server: a push deletes nothing)"
_LINES = {"+++": "bold", "---": "bold", "@@ ": "cyan", "+": "green", "-": "red"}


@dataclass(frozen=True, slots=True)
class _Found:
    """What differs, and the server's files at those paths."""

    place: places.Place
    held: checkout.Checkout
    differences: list[checkout.Difference]
    theirs: dict[str, bytes]


def status(asked: session.Session, *, include_data: places.Rows = False) -> None:
    """Show which files differ from what the server has. Ends with 2 where any does."""
    found = _found(asked, with_rows=include_data)
    for side, heading in _SIDES.items():
        changes = [each for each in found.differences if each.side == side]
        if changes:
            asked.say(heading, "bold")
        for each in changes:
            note = _REMOVED_HERE if (each.change, side) == ("removed", checkout.HERE) else ""
            asked.say(f"  {each.change:9}{each.path}{note}", _STYLES[each.change])
    _end(asked, found, [])


def diff(asked: session.Session, *, include_data: places.Rows = False) -> None:
    """Show line by line how files here differ from what the server has.

    Ends with 2 where any does.
    """
    found = _found(asked, with_rows=include_data)
    texts = [list(_lines(each.path, found.theirs.get(each.path), found.held)) for each in found.differences]
    for lines in texts:
        for line in lines:
            asked.show(Text(line, _style(line)))
    _end(asked, found, ["\n".join(lines) for lines in texts])


def _found(asked: session.Session, *, with_rows: bool) -> _Found:
    held = places.here(with_rows=with_rows)
    place = places.of(asked, held)
    with fetching.fetched(asked, place, leaves_package=False, with_rows=with_rows) as there:
        base = held.pulled(place.source).digests
        here = held.digests(there.digests.keys() | base.keys())
        differences = checkout.compare(here, there.digests, base)
        paths = {each.path for each in differences}
        return _Found(place, held, differences, dict(there.files(paths.__contains__)))


def _end(asked: session.Session, found: _Found, texts: Sequence[str]) -> None:
    changes = [asdict(each) for each in found.differences]
    for change, text in zip(changes, texts, strict=False):
        change["diff"] = text
    place = found.place
    asked.answer({"project": place.project, "folder_id": place.folder_id, "same": not changes, "changes": changes})
    if changes:
        raise typer.Exit(session.DIFFERS)
    asked.say(f"{place}: nothing differs.")


def _lines(path: str, theirs: bytes | None, held: checkout.Checkout) -> Iterator[str]:
    """A unified diff from the server's file to the one here, without line ends."""
    mine = held.read(path)
    before, after = f"server/{path}" if theirs is not None else "/dev/null", f"here/{path}" if mine else "/dev/null"
    try:
        texts = (_text(path, theirs), _text(path, mine))
    except UnicodeDecodeError:
        yield f"Binary files {before} and {after} differ"
        return
    lines = list(difflib.unified_diff(*texts, before, after, lineterm=""))
    yield from lines or [f"--- {before}", f"+++ {after}", "@@ only the layout differs @@"]


def _text(path: str, content: bytes | None) -> list[str]:
    """A file's lines; JSON is laid out, so that what differs is content."""
    if content is not None and path.endswith(".json"):
        try:
            content = msgspec.json.format(content, indent=2)
        except msgspec.DecodeError:
            return content.decode().splitlines()
    return (content or b"").decode().splitlines()


def _style(line: str) -> str:
    return next((style for start, style in _LINES.items() if line.startswith(start)), "")
