"""Outputs that grow step by step, told by what is new in them: a long list is not written again for each new item.

What is new is itself a value. `more(less(new, old), old)` equals `new`, whatever `old` is.
"""

import operator
from collections.abc import Mapping, Sequence

from recipeyard.runtime import interface, values

_MARK = "\x00grown"
_SHORTEST = 4
"""Lists that are shorter are told whole."""


def less(new: interface.Object, old: values.Value) -> interface.Object:
    """What of an output is new, beside what the same step had before. Lists with all that they had are told by the
    items that came before and after; it is the very items, not equal ones, that make them such.
    """
    before = old if isinstance(old, Mapping) else {}
    return {name: _less(value, before.get(name)) for name, value in new.items()}


def more(told: interface.Object, old: values.Value) -> interface.Object:
    """An output again, of what was new in it and what the step had before."""
    before = old if isinstance(old, Mapping) else {}
    return {name: _more(value, before.get(name)) for name, value in told.items()}


def has_grown(told: interface.Object) -> bool:
    """Whether an output is told by what is new in it."""
    return any(isinstance(each, Mapping) and _MARK in each and "whole" not in each for each in told.values())


def shown(told: interface.Object) -> interface.Object:
    """What was told, for people: of a list that grew, what was added."""
    return {name: _shown(value) for name, value in told.items()}


def _shown(told: values.Value) -> values.Value:
    if not isinstance(told, Mapping) or _MARK not in told:
        return told
    parts = told[_MARK]
    if "whole" in told or not isinstance(parts, list):
        return told.get("whole")
    first, last = parts
    return {"added": [*first, *last]}


def _less(new: values.Value, old: values.Value) -> values.Value:
    if isinstance(new, Mapping) and _MARK in new:
        return {_MARK: [], "whole": new}
    if not (isinstance(new, list) and isinstance(old, list) and _SHORTEST <= len(old) <= len(new)):
        return new
    if _same(new[: len(old)], old):
        return {_MARK: [[], new[len(old) :]]}
    if _same(new[len(new) - len(old) :], old):
        return {_MARK: [new[: len(new) - len(old)], []]}
    return new


def _more(told: values.Value, old: values.Value) -> values.Value:
    if not isinstance(told, Mapping) or _MARK not in told:
        return told
    if "whole" in told:
        return told["whole"]
    parts = told[_MARK]
    if not isinstance(parts, list) or not isinstance(old, list):
        raise ValueError("a list is told by what is new in it, but it was not there before")
    first, last = parts
    return [*first, *old, *last]


def _same(some: Sequence[values.Value], others: Sequence[values.Value]) -> bool:
    return all(map(operator.is_, some, others))
