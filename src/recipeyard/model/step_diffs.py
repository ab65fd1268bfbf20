"""What differs between two recipes, step by step: added, removed, moved, changed."""

from collections import defaultdict
from dataclasses import dataclass, replace

from recipeyard.model import documents, field_diffs, step_trees


@dataclass(frozen=True, slots=True)
class Step:
    """A step that differs. `change` is added, removed, moved or changed.

    One that moved and changed has moved, and has fields.
    `number` is its place in pre-order, in the recipe before for one that was removed; `number_before` its place there,
    None for one that was added. `alias` is what documents call `as`. `fields` are the first of its own that differ and
    `more_fields` counts the rest; those of its block are theirs. It is cosmetic if nothing else has changed.
    """

    change: str
    number: int
    number_before: int | None
    uuid: str | None
    alias: str | None
    keyword: str | None
    provider: str | None
    name: str | None
    fields: tuple[field_diffs.Field, ...] = ()
    more_fields: int = 0
    cosmetic: bool = False


def between(before: documents.Value, after: documents.Value) -> list[Step]:
    """Every step that differs, in the order of `after`; one that is gone stands where it stood."""
    if before == after:
        return []
    old, new = step_trees.tree(before), step_trees.tree(after)
    pairs = step_trees.pair(old, new)
    moved = _moved(old, new, pairs)
    gone = _gone(old, pairs)
    steps = [_step("removed", node, node.number) for node in gone.get(-1, ())]
    for node in new:
        if node.number not in pairs:
            steps.append(_step("added", node, None))
        elif found := _changed(old[pairs[node.number]], node, has_moved=node.number in moved):
            steps.append(found)
        steps += [_step("removed", each, each.number) for each in gone.get(node.number, ())]
    return steps


def _changed(before: step_trees.Node, after: step_trees.Node, *, has_moved: bool) -> Step | None:
    fields = _fields(before, after)
    if not fields and not has_moved:
        return None
    cosmetic = not has_moved and all(field.cosmetic for field in fields)
    return replace(
        _step("moved" if has_moved else "changed", after, before.number),
        fields=tuple(fields[: field_diffs.FIELDS]),
        more_fields=max(0, len(fields) - field_diffs.FIELDS),
        cosmetic=cosmetic,
    )


def _step(change: str, node: step_trees.Node, number_before: int | None) -> Step:
    return Step(
        change=change,
        number=node.number,
        number_before=number_before,
        uuid=node.text("uuid"),
        alias=node.text("as"),
        keyword=node.text("keyword"),
        provider=node.text("provider"),
        name=node.text("name"),
    )


def _fields(before: step_trees.Node, after: step_trees.Node) -> list[field_diffs.Field]:
    if before.step == after.step:
        return []
    old, new = step_trees.own(before.step), step_trees.own(after.step)
    if _is_numbered(before) and _is_numbered(after):
        old["number"] = new["number"]
    if old.get("block", []) == [] == new.get("block", []) and (before.children or after.children):
        old.pop("block", None)
        new.pop("block", None)
    return field_diffs.between(old, new, step_trees.cosmetic(new))


def _is_numbered(node: step_trees.Node) -> bool:
    """Whether a step's number says where it stands: such numbers differ only because others come and go."""
    return node.step.get("number") == documents.Number(node.number)


def _moved(before: step_trees.Tree, after: step_trees.Tree, pairs: dict[int, int]) -> set[int]:
    """The steps that stand in another block, or before or behind others than they did."""
    moved: set[int] = set()
    for node in after:
        kept = {pairs[child]: child for child in node.children if child in pairs}
        here = [place for place in kept if pairs.get(node.number) == before[place].parent]
        stays = step_trees.in_order(here)
        moved |= {child for place, child in kept.items() if place not in stays}
    return moved


def _gone(before: step_trees.Tree, pairs: dict[int, int]) -> dict[int, list[step_trees.Node]]:
    """The steps that are gone, by the number of the step they stood behind that is still there, -1 for none."""
    now = {old: new for new, old in pairs.items()}
    gone: dict[int, list[step_trees.Node]] = defaultdict(list)
    last = -1
    for node in before:
        if node.number in now:
            last = now[node.number]
        else:
            gone[last].append(node)
    return gone
