"""The language's specification: each line of each table is a test."""

import pytest

import formula_tables
from recipeyard.runtime.stepping import expressions

LINES = list(formula_tables.lines())
VALUES = [line for line in LINES if not line[2].startswith("error ")]
ERRORS = [line for line in LINES if line[2].startswith("error ")]


def shape(value: object) -> object:
    """A value with its kinds, so that 1, 1.0 and true are told apart, and a time from the same time elsewhere."""
    if isinstance(value, list):
        return [shape(each) for each in value]
    if isinstance(value, dict):
        return [(key, shape(each)) for key, each in value.items()]
    return type(value), str(value)


@pytest.mark.parametrize(("place", "formula", "expected"), VALUES, ids=[line[0] for line in VALUES])
def test_a_formula_comes_to_its_value(place: str, formula: str, expected: str) -> None:
    assert shape(formula_tables.value(expected)) == shape(formula_tables.evaluated(formula))


@pytest.mark.parametrize(("place", "formula", "expected"), ERRORS, ids=[line[0] for line in ERRORS])
def test_a_formula_that_cannot_be_evaluated_says_why_and_where(place: str, formula: str, expected: str) -> None:
    _, position, message = expected.split(" ", 2)

    with pytest.raises(expressions.ExpressionError) as error:
        formula_tables.evaluated(formula)

    assert message in error.value.message
    assert position == str(error.value.position)
