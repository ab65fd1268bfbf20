"""The fourteen operators on texts, numbers, dates, booleans, lists and nothing."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from recipeyard.model import recipes
from recipeyard.runtime.stepping import conditions, telling
from walks import action, group, play, recipe, shown, step

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
YES: list[tuple[str, Any, str]] = [
    ("equals_to", "Closed", "Closed"),
    ("equals_to", None, "=null"),
    ("equals_to", None, ""),
    ("equals_to", 12345, "=12345"),
    ("equals_to", 12345, "12345"),
    ("equals_to", 5.0, "5"),
    ("equals_to", True, "true"),
    ("equals_to", True, "=true"),
    ("equals_to", [1, 2], "=[1, 2]"),
    ("equals_to", date(2026, 1, 2), "2026-01-02"),
    ("equals_to", NOON, "2026-01-02T13:00:00+01:00"),
    ("contains", "UI bug", "bug"),
    ("contains", [1, 2, 3], "1"),
    ("contains", ["abc", "pqr"], "abc"),
    ("not_contains", "", "bug"),
    ("not_contains", [1, 2], "=[1, 3]"),
    ("starts_with", "(408) 555", "(408)"),
    ("starts_with", 12345, "123"),
    ("not_starts_with", "", "x"),
    ("ends_with", 12345, "345"),
    ("not_ends_with", 123, "345"),
    ("greater_than", 5, "1"),
    ("greater_than", "10", "9"),
    ("greater_than", 1.5, "1.23"),
    ("greater_than", "abc", "a"),
    ("greater_than", "2017-06-30T12:00:00.252805-07:00", "2017-01-31T12:00:00.252805-07:00"),
    ("greater_than", NOON, "2026-01-02"),
    ("less_than", date(2026, 1, 2), "2026-01-02T00:00:01Z"),
    ("less_than", "2017-06-31", "2017-12-31"),
    ("is_true", True, ""),
    ("is_true", "True", ""),
    ("is_true", 1, ""),
    ("is_not_true", None, ""),
    ("is_not_true", "no", ""),
    ("present", "x", ""),
    ("present", 0, ""),
    ("blank", "  ", ""),
    ("blank", [], ""),
    ("blank", {}, ""),
    ("blank", False, ""),
]
NO: list[tuple[str, Any, str]] = [
    ("equals_to", "Closed", "closed"),
    ("equals_to", "", "=null"),
    ("equals_to", None, "Closed"),
    ("equals_to", True, "=1"),
    ("equals_to", True, "x"),
    ("equals_to", 5, "x"),
    ("equals_to", "12345", "=12345"),
    ("contains", "UI BUG", "bug"),
    ("contains", None, "bug"),
    ("contains", 12345, "=123"),
    ("contains", [1, 2, 3], "=[1, 3]"),
    ("not_contains", None, "bug"),
    ("not_contains", [1, 2], "1"),
    ("not_contains", "UI bug", "bug"),
    ("not_contains", 12345, "=123"),
    ("starts_with", "", "(408)"),
    ("starts_with", None, "(408)"),
    ("not_starts_with", None, "x"),
    ("not_ends_with", None, "x"),
    ("ends_with", "6928", "(6928)"),
    ("greater_than", "abc", "abcde"),
    ("greater_than", 5, "5"),
    ("less_than", 10, "9"),
    ("is_true", "2", ""),
    ("is_true", None, ""),
    ("present", " ", ""),
    ("present", False, ""),
    ("blank", 0, ""),
]
ERRORS: list[tuple[str, Any, str, str]] = [
    ("greater_than", None, "10", "nothing and a text can't be compared"),
    ("greater_than", 1.5, "=null", "a number and nothing can't be compared"),
    ("less_than", [1], "1", "a list and a text can't be compared"),
    ("less_than", True, "1", "a boolean and a text can't be compared"),
    ("starts_with", 12345, "=123", "not a number with a number"),
    ("ends_with", ["a"], "a", "not a list with a text"),
]


def branch(conditions: dict[str, Any], event: Any) -> bool:
    """Whether an if with these conditions is taken."""
    played = play(recipe(step("if", action("taken"), input=conditions)), event)
    assert telling.Finished({}) == played.ending
    return ["taken"] == played.names


@pytest.mark.parametrize(("operator", "data", "value"), YES)
def test_an_operator_holds(operator: str, data: Any, value: str) -> None:
    assert branch(group((operator, shown("start", "data"), value)), {"data": data})


@pytest.mark.parametrize(("operator", "data", "value"), NO)
def test_an_operator_does_not_hold(operator: str, data: Any, value: str) -> None:
    assert not branch(group((operator, shown("start", "data"), value)), {"data": data})


@pytest.mark.parametrize(("operator", "data", "value", "message"), ERRORS)
def test_what_can_not_be_compared_fails_the_step(operator: str, data: Any, value: str, message: str) -> None:
    document = recipe(step("if", action("taken"), input=group((operator, shown("start", "data"), value))))

    ending = play(document, {"data": data}).ending

    assert isinstance(ending, telling.Broken)
    assert (1, "input.conditions.0", "ConditionError") == (ending.number, ending.where, ending.kind)
    assert message in ending.message


def test_not_equal_is_the_opposite_of_equal() -> None:
    for _, data, value in [each for each in YES + NO if each[0] == "equals_to"]:
        conditions = [(operator, shown("start", "data"), value) for operator in ("equals_to", "not_equals_to")]

        assert [True, False] == sorted((branch(group(each), {"data": data}) for each in conditions), reverse=True)


def test_a_group_wants_all_of_its_conditions_or_one_of_them() -> None:
    mixed = [("present", "x", ""), ("blank", "x", "")]

    assert not branch(group(*mixed), {})
    assert branch(group(*mixed, operand="or"), {})
    assert branch(group(), {})
    assert branch(group(operand="or"), {})


def test_what_the_first_condition_decides_the_second_is_not_asked() -> None:
    wrong = ("greater_than", "=null", "1")

    assert not branch(group(("blank", "x", ""), wrong), {})
    assert branch(group(("present", "x", ""), wrong, operand="or"), {})


def test_values_that_nest_too_deep_fail_the_step() -> None:
    one, other = nested(), nested()
    same = step("if", input=group(("equals_to", shown("start", "one"), shown("start", "other"))))

    ending = play(recipe(same), {"one": one, "other": other}).ending

    assert isinstance(ending, telling.Broken)
    assert (1, "input.conditions.0") == (ending.number, ending.where)


def nested() -> list[Any]:
    made: list[Any] = []
    for _ in range(20_000):
        made = [made]
    return made


def test_every_operator_that_recipes_may_use_is_there() -> None:
    assert recipes.OPERATORS == conditions.OPERATORS.keys()
