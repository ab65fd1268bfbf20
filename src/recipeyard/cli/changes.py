"""One change of a plan, drawn for people: what would happen to an asset, and line by line what would differ in it."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from recipeyard.cli import values
from recipeyard.wire import received_plans

STYLES = {
    "create": ("+", "green"),
    "update": ("~", "yellow"),
    "rename": ("»", "cyan"),
    "delete": ("-", "red"),
    "conflict": ("!", "bold magenta"),
}
_MARKS = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow"), "moved": ("»", "cyan")}
_UNKNOWN = ("?", "bold")
_DECIDED = {
    "incoming": "what arrives takes its place",
    "target": "what is here stays, what arrives is left out",
    "merge": "both changes are kept, step by step",
}
_REFUSED = "refused; --on-conflict decides: incoming, target or merge"
_ROWS = 5
"""How many rows of each change are drawn."""
_FIELDS = 12
"""How many fields are drawn of one step or document."""


@dataclass(frozen=True, slots=True)
class Told:
    """What notices tell of an asset: who changed it here; `is_refused` says that this stands in the way."""

    sentences: tuple[str, ...] = ()
    is_refused: bool = False


def draw(change: received_plans.Change, told: Told, width: int) -> Iterator[Text]:
    """An asset's lines, at most so wide."""
    mark, style = STYLES.get(change.action, _UNKNOWN)
    name = f"{change.previous_name} → {change.name}" if change.previous_name else change.name
    head = Text().append(f"  {mark} {values.cut(name, width // 2)}", style)
    head.append(f"  {values.cut(change.path, width - head.cell_len - 14)}", "dim")
    if change.restarts:
        head.append("  restarts", "cyan")
    yield head
    for line in _about(change, told):
        yield from (Text(f"      {part}", style) for part in textwrap.wrap(values.plain(line), width - 6))
    if change.diff:
        yield from difference(change.diff, width)


def _about(change: received_plans.Change, told: Told) -> Iterator[str]:
    """Where it stood, who changed it here, what decides, and who uses what would go."""
    if change.previous_path and change.previous_path != change.path:
        yield f"was {change.previous_path}"
    yield from told.sentences
    if change.resolution:
        decided = _REFUSED if told.is_refused else _DECIDED.get(change.resolution, "decides")
        yield f"{change.resolution}: {decided}"
    if change.used_by:
        yield f"used by {', '.join(change.used_by)}"


def difference(diff: received_plans.Diff, width: int) -> Iterator[Text]:
    """What differs in an asset, line by line."""
    if diff.cosmetic:
        count = len(diff.fields) + sum(max(len(step.fields), 1) for step in diff.steps)
        yield _dim(f"only its looks: {values.counted(count, 'detail')}" if count else "only its layout")
        return
    yield from _fields(diff.fields, diff.more_fields, 6, width)
    for step in diff.steps:
        if not step.cosmetic:
            yield from _step(step, width)
    steps = sum(step.cosmetic for step in diff.steps)
    if diff.more_steps:
        yield _dim(f"… and {values.counted(diff.more_steps, 'more step')}")
    if steps:
        yield _dim(f"only their looks: {values.counted(steps, 'step')}")
    if diff.rows:
        yield from _rows(diff.rows, width)
    yield from _beside(diff, width)


def _step(step: received_plans.Step, width: int) -> Iterator[Text]:
    mark, style = _MARKS.get(step.change, _UNKNOWN)
    line = Text().append(f"      {mark} {_place(step)}", style)
    line.append(f"  {values.cut(_deed(step), width - line.cell_len - 2)}", "" if step.change == "changed" else style)
    yield line
    yield from _fields(step.fields, step.more_fields, 10, width)


def _place(step: received_plans.Step) -> str:
    """Where a step stands, and where it stood."""
    place = "trigger" if step.keyword == "trigger" else f"step {step.number}"
    is_elsewhere = step.change == "moved" and step.number_before not in (None, step.number)
    return f"{place} (was step {step.number_before})" if is_elsewhere else place


def _deed(step: received_plans.Step) -> str:
    """What a step does: its app and action, or the word that steers the flow."""
    action = f"{step.provider}: {step.name or ''}".rstrip(": ") if step.provider else ""
    return (action or step.keyword or "a step").replace("_", " ")


def _fields(fields: Sequence[received_plans.Field], more: int, indent: int, width: int) -> Iterator[Text]:
    """The fields that mean something, the first of them; one dim line for those that are looks alone."""
    meant = [field for field in fields if not field.cosmetic]
    for field in meant[:_FIELDS]:
        yield _field(field, indent, width)
    rest = len(meant[_FIELDS:]) + more
    if rest:
        yield _dim(f"… and {values.counted(rest, 'more field')}", indent)
    looks = len(fields) - len(meant)
    if looks:
        yield _dim(f"only its looks: {values.counted(looks, 'field')}", indent)


def _field(field: received_plans.Field, indent: int, width: int) -> Text:
    mark, style = _MARKS.get(field.change, _UNKNOWN)
    line = Text(" " * indent)
    line.append(f"{mark} ", style)
    line.append(f"{values.cut(field.path, width // 2 - indent)}: ")
    room = width - line.cell_len
    if field.path.startswith("values.") and (field.before, field.after) == (None, None):
        return line.append("a value that is not shown", "dim")
    if field.change == "added":
        return line.append(values.cut(values.spelled(field.after), room), "green")
    if field.change == "removed":
        return line.append(values.cut(values.spelled(field.before), room), "red")
    before, after = values.turn(field.before, field.after, room)
    return line.append(before, "red").append(" → ").append(after, "green")


def _rows(rows: received_plans.Rows, width: int) -> Iterator[Text]:
    """How many rows differ, then the first of each change."""
    counts = {
        "added": len(rows.added) + rows.more_added,
        "changed": len(rows.changed) + rows.more_changed,
        "removed": len(rows.removed) + rows.more_removed,
    }
    yield Text(f"      rows: {', '.join(f'{count:,} {change}' for change, count in counts.items() if count)}")
    for change, found in (("added", rows.added), ("removed", rows.removed)):
        mark, style = _MARKS[change]
        for row in found[:_ROWS]:
            yield Text(f"        {mark} {values.cut(values.row(row), width - 10)}", style)
        yield from _others(counts[change], change)
    for pair in rows.changed[:_ROWS]:
        room = (width - 13) // 2
        before, after = (values.cut(values.row(row), room) for row in (pair.before, pair.after))
        yield Text("        ").append("~ ", "yellow").append(before, "red").append(" → ").append(after, "green")
    yield from _others(counts["changed"], "changed")


def _others(count: int, change: str) -> Iterator[Text]:
    if count > _ROWS:
        yield _dim(f"… and {count - _ROWS:,} more {change}", 8)


def _beside(diff: received_plans.Diff, width: int) -> Iterator[Text]:
    """Files beside the document, references that would mean something else, tags."""
    for file in diff.files:
        what = "removed" if file.after is None else "added" if file.before is None else "changed"
        mark, style = _MARKS[what]
        yield Text(f"      {mark} its .{values.plain(file.suffix)} file", style)
    for reference in diff.references:
        yield Text(f"      ~ {values.cut(f'means another asset here: {reference}', width - 8)}", "yellow")
    for tag in diff.tags_added:
        yield Text(f"      + tag {values.plain(tag)}", "green")
    for tag in diff.tags_removed:
        yield Text(f"      - tag {values.plain(tag)}", "red")


def _dim(text: str, indent: int = 6) -> Text:
    return Text(f"{' ' * indent}{text}", "dim")
