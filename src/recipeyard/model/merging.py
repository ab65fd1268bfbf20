"""Merges of recipes: what was changed here and what was changed in what arrives, in one document, by step.

Changes go together where they do not touch: in different steps, in different fields of one step, in different places
of a block. What both sides did alike is done once. What only the eye sees never clashes: there, what arrives wins. The
same merge takes changes back: then the base is the document after them, and what arrives is the one before.

Nothing here knows whether the steps still make sense together: a step may now name one that the other side deleted.
`recipes` finds that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recipeyard.model import documents, field_diffs, step_merges, step_trees, value_merges


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged document, or None and what does not go together, one sentence for each step and field."""

    text: str | None
    conflicts: tuple[str, ...] = ()


Recipe = dict[str, documents.Value]


def merge(base: str, here: str, incoming: str) -> Merged:
    """The recipe that has both sides' changes since `base`.

    Where it is the same value as one of the three, it is that text byte for byte. Else it is spelled anew, its keys in
    the order that they have here, its steps numbered anew.
    """
    texts = (base, here, incoming)
    values = [documents.read(text) for text in texts] if _one_that_has_all(texts) is None else []
    taken = _one_that_has_all(values or texts)
    if taken is not None:
        return Merged(texts[taken])
    merged, conflicts = _merge(values[0], values[1], values[2])
    if conflicts:
        return Merged(None, tuple(conflicts))
    return Merged(_known(merged, values, texts) or _numbered(merged, values, texts))


def _one_that_has_all(sides: Sequence[object]) -> int | None:
    """Which side the merge is: here where nothing new arrives, what arrives where nothing changed here; else None."""
    base, here, incoming = sides
    if incoming in (here, base):
        return 1
    return 2 if here == base else None


def _known(merged: Recipe, values: Sequence[Recipe], texts: Sequence[str]) -> str | None:
    """The text of the side that is the same value, None where none is."""
    return next((texts[at] for at in (1, 2, 0) if values[at] == merged), None)


def _numbered(merged: Recipe, values: Sequence[Recipe], texts: Sequence[str]) -> str:
    """The text of a recipe whose steps get their places in pre-order as numbers, if they have numbers."""
    for node in step_trees.tree(merged.get("code")):
        if "number" in node.step and isinstance(node.step, dict):
            node.step["number"] = documents.Number(node.number)
    return _known(merged, values, texts) or documents.spell(merged)


def _merge(base: Recipe, here: Recipe, incoming: Recipe) -> tuple[Recipe, list[str]]:
    conflicts: list[str] = []

    def clash(path: step_trees.Path, what: str) -> None:
        conflicts.append(f"{field_diffs.spell(path)} of the recipe {what}")

    rules = value_merges.Rules(step_trees.is_cosmetic_of_recipe, clash)
    codes = [value.get("code") for value in (base, here, incoming)]
    trees = [code for code in codes if isinstance(code, Mapping)]
    if len(trees) < len(codes):
        return value_merges.objects(base, here, incoming, rules), conflicts
    bare = [{**value, "code": None} for value in (base, here, incoming)]
    merged = value_merges.objects(bare[0], bare[1], bare[2], rules)
    merged["code"], clashes = step_merges.merge(trees[0], trees[1], trees[2])
    if not conflicts and not clashes:
        _keep_apps(merged, (incoming, here))
    return merged, [*conflicts, *clashes]


def _keep_apps(merged: Recipe, sides: Sequence[Recipe]) -> None:
    """An app that one side took out stays as long as a step of the other uses it."""
    used = {node.text("provider") for node in step_trees.tree(merged.get("code"))}
    known = _apps(merged)
    lost = {name: entry for side in sides for name, entry in _apps(side).items() if name in used and name not in known}
    config = merged.get("config", [])
    if lost and isinstance(config, list):
        merged["config"] = [*config, *lost.values()]


def _apps(recipe: Recipe) -> dict[str, step_trees.Object]:
    """The entries of a recipe's config by the app that each is about."""
    config = recipe.get("config")
    entries = [entry for entry in config if isinstance(entry, Mapping)] if isinstance(config, list) else []
    return {name: entry for entry in entries if isinstance(name := entry.get("provider"), str)}
