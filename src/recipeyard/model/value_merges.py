"""Three-way merges of values: of objects key by key, of lists whose elements have names element by element.

A reference is one value. So is a list whose elements have no names, unless both sides kept its length: then each of its
elements is one. The order of keys is that of the value here, and new keys that arrive follow.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from recipeyard.model import documents, field_diffs, sequences, step_trees
from recipeyard.model.field_diffs import MISSING, Held

UNORDERED = step_trees.SCHEMAS | {"config"}
"""Lists whose order means nothing."""

Object = step_trees.Object


@dataclass(frozen=True, slots=True)
class Sides:
    """A value as it was, as it is here, and as it arrives."""

    base: Held
    here: Held
    incoming: Held


@dataclass(frozen=True, slots=True)
class Rules:
    """What a merge asks and tells.

    Of fields that are `cosmetic` the one that arrives wins; of all others `clash` hears their path, and what both sides
    did to them.
    """

    cosmetic: field_diffs.Cosmetic
    clash: Callable[[step_trees.Path, str], None]


def objects(base: Object, here: Object, incoming: Object, rules: Rules) -> dict[str, documents.Value]:
    """Both sides' changes of an object in one. Where they clash it holds what arrives."""
    return _object(base, here, incoming, (), rules)


def _object(
    base: Object, here: Object, incoming: Object, path: step_trees.Path, rules: Rules
) -> dict[str, documents.Value]:
    merged: dict[str, documents.Value] = {}
    for key in dict.fromkeys([*here, *incoming]):
        sides = Sides(base.get(key, MISSING), here.get(key, MISSING), incoming.get(key, MISSING))
        value = _value(sides, (*path, key), rules)
        if value is not MISSING:
            merged[key] = value
    return merged


def _value(sides: Sides, path: step_trees.Path, rules: Rules) -> Held:
    base, here, incoming = sides.base, sides.here, sides.incoming
    if incoming in (here, base):
        return here
    if base == here:
        return incoming
    if isinstance(here, Mapping) and isinstance(incoming, Mapping) and not _is_whole(sides):
        return _object(base if isinstance(base, Mapping) else {}, here, incoming, path, rules)
    if isinstance(here, list) and isinstance(incoming, list) and isinstance(base, list):
        return _list(base, here, incoming, path, rules)
    return _clash(sides, path, rules)


def _is_whole(sides: Sides) -> bool:
    """Whether an object is one value: a reference, or one that was none before."""
    if sides.base is not MISSING and not isinstance(sides.base, Mapping):
        return True
    return any(field_diffs.is_reference(value) for value in (sides.base, sides.here, sides.incoming))


Values = list[documents.Value]


def _list(base: Values, here: Values, incoming: Values, path: step_trees.Path, rules: Rules) -> Held:
    named = [field_diffs.by_element(values) for values in (base, here, incoming)]
    if None not in named:
        lefts, mine, theirs = (each or {} for each in named)
        elements = _object(lefts, mine, theirs, path, rules)
        if path[0] in UNORDERED:
            return list(elements.values())
        try:
            return [elements[name] for name in sequences.merge(list(lefts), list(mine), list(theirs), elements)]
        except sequences.Clash as clash:
            rules.clash(path, f"has elements that {clash}")
            return incoming
    if len(base) == len(here) == len(incoming):
        sides = [Sides(*each) for each in zip(base, here, incoming, strict=True)]
        return [_element(each, (*path, f"[{at}]"), rules) for at, each in enumerate(sides)]
    return _clash(Sides(base, here, incoming), path, rules)


def _element(sides: Sides, path: step_trees.Path, rules: Rules) -> documents.Value:
    if sides.incoming in (sides.here, sides.base):
        value = sides.here
    else:
        value = sides.incoming if sides.here == sides.base else _clash(sides, path, rules)
    return None if value is MISSING else value


def _clash(sides: Sides, path: step_trees.Path, rules: Rules) -> Held:
    change = "added" if sides.base is MISSING else "changed"
    what = f"was {change} on both sides, differently"
    if sides.here is MISSING:
        what = "was removed here, and changed in what arrives"
    elif sides.incoming is MISSING:
        what = "was changed here, and removed in what arrives"
    if not rules.cosmetic(path, change):
        rules.clash(path, what)
    return sides.incoming
