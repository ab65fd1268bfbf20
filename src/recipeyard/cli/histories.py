"""Who changed what, and what is not as it was deployed: history, drift."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from recipeyard.cli import changes, places, plan_pages, session, values
from recipeyard.wire import received_histories

_DRIFT = {
    "drifted": ("~", "yellow", "changed here"),
    "deleted": ("-", "red", "deleted here"),
    "never_deployed": ("+", "green", "never deployed by a package"),
}


def history(
    asked: session.Session,
    *,
    project: places.Project = None,
    asset: Annotated[int | None, typer.Option("--asset", metavar="ID", help="Of one asset, with what changed.")] = None,
    last: Annotated[int, typer.Option("--last", metavar="COUNT", min=1, max=100, help="How many events.")] = 20,
) -> None:
    """Show who did what to a project, newest first.

    Imports and rollbacks, and versions that were made by hand.
    """
    if asset is not None:
        yard = places.yard(asked)
        told = yard.asset_history(asset, last)
        asked.say(values.plain(f"{plan_pages.spoken(told.type)} {told.name!r} ({told.asset_id})"), "bold")
        for event in told.items:
            _show(asked, _asset_lines(event, plan_pages.width(asked.width)))
        asked.relay(yard, f"assets/{asset}/history", per_page=last)
        return
    place = places.asked_for(asked, project)
    done = place.yard.folder_history(place.folder_id, last)
    _show(asked, (_folder_line(event) for event in done.items))
    if not done.items:
        asked.say(f"{place}: nothing has happened yet.")
    asked.relay(place.yard, f"folders/{place.folder_id}/history", per_page=last)


def drift(asked: session.Session, *, project: places.Project = None) -> None:
    """Show what of a project is not as packages deployed it, and who changed it.

    Ends with 2 where anything is not.
    """
    place = places.asked_for(asked, project)
    found = place.yard.drift(place.folder_id)
    for item in found.items:
        _show(asked, _drift_lines(item, plan_pages.width(asked.width)))
    counts = Counter(_DRIFT.get(item.status, ("", "", item.status))[2] for item in found.items)
    told = "".join(f"{count:,} {what}, " for what, count in counts.items())
    asked.say(f"{place}: {told}{found.in_sync:,} as deployed.", "bold")
    asked.relay(place.yard, f"folders/{place.folder_id}/drift")
    if found.items:
        raise typer.Exit(session.DIFFERS)


def _show(asked: session.Session, lines: Iterator[Text]) -> None:
    for line in lines:
        asked.show(line)


def _folder_line(event: received_histories.FolderEvent) -> Text:
    line = Text().append(f"{values.moment(event.at)}  ", "dim")
    if event.kind != "package":
        name = f"{plan_pages.spoken(event.asset.type)} {event.asset.name!r}, " if event.asset else ""
        said = f": {event.comment}" if event.comment else ""
        line.append(f"{'by hand':13}", "yellow")
        return line.append(values.plain(f"{event.by}  {name}version {event.version_no}{said}"))
    has_failed = event.status not in {"completed", "in_progress"}
    line.append(f"{f'{event.operation} {event.package_id}':13}", "red" if has_failed else "cyan")
    back = f"of package {event.rolls_back_id}, " if event.rolls_back_id is not None else ""
    counts = msgspec.to_builtins(event.counts) if event.counts else {}
    told = ", ".join(f"{count:,} {action}" for action, count in counts.items() if count)
    line.append(values.plain(f"{event.by}  {back}{told or 'nothing changed' if not has_failed else event.status}"))
    return line.append(f"  plan {event.plan_id}" if event.plan_id is not None else "", "dim")


def _asset_lines(event: received_histories.AssetEvent, width: int) -> Iterator[Text]:
    line = Text().append(f"{values.moment(event.at)}  ", "dim")
    line.append(f"{f'version {event.version_no}' if event.version_no else '':12}", "cyan")
    how = f" by {event.operation or 'package'} {event.package_id}" if event.package_id is not None else ""
    said = f": {event.comment}" if event.comment else ""
    line.append(values.plain(f"{event.action}{how}, {event.by}{said}"))
    marks = [word for word, is_so in (("current", event.current), ("runs", event.running)) if is_so]
    yield line.append(f"  {', '.join(marks)}" if marks else "", "green")
    if event.diff:
        yield from changes.difference(event.diff, width)


def _drift_lines(item: received_histories.DriftItem, width: int) -> Iterator[Text]:
    mark, style, what = _DRIFT.get(item.status, ("?", "bold", item.status))
    head = Text().append(f"{mark} {values.cut(item.name, width // 2)}", style)
    yield head.append(f"  {values.cut(item.path, width - head.cell_len - 2)}", "dim")
    who = f" by {item.changed_by}" if item.changed_by else ""
    when = f", {values.moment(item.changed_at)}" if item.changed_at else ""
    number = f" (version {item.version_no})" if item.version_no is not None else ""
    since = f"; package {item.package_id} deployed it, {values.moment(item.deployed_at)}" if item.deployed_at else ""
    yield Text(f"      {values.cut(f'{what}{who}{when}{number}{since}', width - 6)}", style)
    if item.diff:
        yield from changes.difference(item.diff, width)
