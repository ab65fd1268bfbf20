"""Conditions: a group of them over values, and the fourteen operators.

An operator converts as little as it can: data that is no text is spelled as one where the value beside it is a text.
Nothing compares as greater or less than nothing: that is a fault, as is asking how something other than a text begins.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from dateutil import parser

from recipeyard.model import documents
from recipeyard.runtime import values
from recipeyard.runtime.formulas import kinds, spelling
from recipeyard.runtime.stepping import faults, mapping, reading

Test = Callable[[values.Value, values.Value, reading.Reading], bool]
UNARY = frozenset({"present", "blank", "is_true", "is_not_true"})
_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,300}(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,3})?\s*")
_FRACTION = re.compile(r"[.eE]")
_TRUE = frozenset({"true", "t", "yes", "y", "1"})


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison. `where` is its place in the step."""

    where: str
    left: mapping.Node
    test: Test
    right: mapping.Node

    def holds(self, now: reading.Reading) -> bool:
        """Whether it is so; `Fault` where that can't be said."""
        left, right = _plain(self.left.evaluate(now)), _plain(self.right.evaluate(now))
        try:
            return self.test(left, right, now)
        except _Unlike as unlike:
            raise faults.Fault(self.where, str(unlike), faults.CONDITION) from None
        except RecursionError:
            raise faults.Limit(self.where, "the values nest too deep to be compared") from None


@dataclass(frozen=True, slots=True)
class Group:
    """All of the conditions, or one of them. A group without any holds."""

    conditions: tuple[Condition, ...]
    every: bool

    def holds(self, now: reading.Reading) -> bool:
        """Whether the group is so; what the first conditions decide, the others are not asked."""
        if self.every or not self.conditions:
            return all(each.holds(now) for each in self.conditions)
        return any(each.holds(now) for each in self.conditions)


def compile_group(group: documents.Value, where: str, findings: mapping.Findings) -> Group:
    """A group as a recipe spells it. Everything wrong is added to the findings."""
    conditions = group.get("conditions") if isinstance(group, Mapping) else None
    if not isinstance(group, Mapping) or not isinstance(conditions, list):
        findings.add(where, None, "must be a group of conditions")
        return Group((), every=True)
    if group.get("operand", "and") not in ("and", "or"):
        findings.add(f"{where}.operand", str(group.get("operand")), "must be and, or or")
    found = (_condition(each, f"{where}.conditions.{at}", findings) for at, each in enumerate(conditions))
    return Group(tuple(each for each in found if each), every=group.get("operand") != "or")


def _condition(said: documents.Value, where: str, findings: mapping.Findings) -> Condition | None:
    operator = said.get("operand") if isinstance(said, Mapping) else None
    test = OPERATORS.get(str(operator))
    if not isinstance(said, Mapping) or test is None:
        findings.add(f"{where}.operand", str(operator), "is not a known operator")
        return None
    left = mapping.compile_field(said.get("lhs"), f"{where}.lhs", findings)
    right = None if operator in UNARY else said.get("rhs")
    return Condition(where, left, test, mapping.compile_field(right, f"{where}.rhs", findings))


class _Unlike(Exception):
    """Two values that can't be compared so."""


def true(value: values.Value) -> bool:
    """True, 1, and the words for it."""
    return value.strip().lower() in _TRUE if isinstance(value, str) else value is True or value == 1


def _plain(outcome: values.Outcome) -> values.Value:
    return None if isinstance(outcome, values.Special) else outcome


def _equal(left: values.Value, right: values.Value, now: reading.Reading) -> bool:
    if isinstance(left, date) and isinstance(right, str):
        moment = _moment(right, now)
        return spelling.text(left) == right or (moment is not None and moment == _moment(left, now))
    if isinstance(right, str) and (left is None or isinstance(left, bool | int | float)):
        counted = number(left)
        return spelling.text(left) == right or (counted is not None and counted == number(right))
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    return left == right


def _contains(left: values.Value, right: values.Value, now: reading.Reading) -> bool:
    if isinstance(left, list):
        return any(_equal(each, right, now) for each in left)
    return isinstance(right, str) and _is_spelled(left) and right in spelling.text(left)


def _lacks(left: values.Value, right: values.Value, now: reading.Reading) -> bool:
    if isinstance(left, list):
        return not _contains(left, right, now)
    return isinstance(right, str) and _is_spelled(left) and right not in spelling.text(left)


def _is_spelled(value: values.Value) -> bool:
    return isinstance(value, str | int | float | date) and value is not None


def _affixed(method: Callable[[str, str], bool], *, so: bool) -> Test:
    def test(left: values.Value, right: values.Value, now: reading.Reading) -> bool:
        del now
        if left is None:
            return False
        if not isinstance(right, str) or not _is_spelled(left):
            raise _Unlike(f"only a text can begin or end with a text, not {_kind(left)} with {_kind(right)}")
        return method(spelling.text(left), right) is so

    return test


def _ordered(compare: Callable[[Any, Any], bool]) -> Test:
    def test(left: values.Value, right: values.Value, now: reading.Reading) -> bool:
        one, other = _comparable(left, right, now)
        return compare(one, other)

    return test


def _comparable(left: values.Value, right: values.Value, now: reading.Reading) -> tuple[Any, Any]:
    """Both as moments where one is a date, else as numbers, else as texts."""
    dated = isinstance(left, date) or isinstance(right, date)
    one, other = (_moment(left, now), _moment(right, now)) if dated else (number(left), number(right))
    if one is not None and other is not None:
        return one, other
    if isinstance(left, str) and isinstance(right, str):
        return left, right
    raise _Unlike(f"{_kind(left)} and {_kind(right)} can't be compared; ask first whether it is present")


def number(value: values.Value) -> int | float | None:
    """A number, or a text that spells one."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value) if _FRACTION.search(value) else int(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _moment(value: values.Value, now: reading.Reading) -> datetime | None:
    if isinstance(value, str):
        try:
            value = parser.isoparse(value.strip())
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=now.zone)
    return datetime.combine(value, time(), now.zone) if isinstance(value, date) else None


def _kind(value: values.Value) -> str:
    if value is None:
        return "nothing"
    kinds = ((bool, "a boolean"), (int | float, "a number"), (str, "a text"), (date, "a date"), (list, "a list"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "an object")


def _not(test: Test) -> Test:
    return lambda left, right, now: not test(left, right, now)


def _of_left(ask: Callable[[values.Value], bool], *, so: bool) -> Test:
    return lambda left, _right, _now: ask(left) is so


OPERATORS: Mapping[str, Test] = {
    "equals_to": _equal,
    "not_equals_to": _not(_equal),
    "present": _of_left(kinds.blank, so=False),
    "blank": _of_left(kinds.blank, so=True),
    "greater_than": _ordered(lambda left, right: bool(left > right)),
    "less_than": _ordered(lambda left, right: bool(left < right)),
    "is_true": _of_left(true, so=True),
    "is_not_true": _of_left(true, so=False),
    "contains": _contains,
    "not_contains": _lacks,
    "starts_with": _affixed(str.startswith, so=True),
    "not_starts_with": _affixed(str.startswith, so=False),
    "ends_with": _affixed(str.endswith, so=True),
    "not_ends_with": _affixed(str.endswith, so=False),
}
"""What each operator asks of data and value."""
