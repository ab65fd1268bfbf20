"""Recorded answers: which one holds, and what is said where none does."""

from datetime import UTC, datetime
from typing import Any

import pytest

from recipeyard.model import documents, stubs
from recipeyard.runtime import expecting, interface, stubbing, values


def stub(*answers: dict[str, Any]) -> stubs.Stub:
    return stubs.parse({"name": "Sales", "provider": "sales", "answers": list(answers)})


def output(found: interface.Result | interface.Failure) -> interface.Object:
    assert isinstance(found, interface.Result)
    return found.output


def failure(found: interface.Result | interface.Failure) -> interface.Failure:
    assert isinstance(found, interface.Failure)
    return found


def test_the_first_answer_holds_whose_fields_are_met() -> None:
    recorded = stub(
        {"operation": "get", "input": {"id": 1}, "output": {"name": "one"}},
        {"operation": "get", "output": {"name": "any"}},
    )

    assert {"name": "one"} == output(stubbing.answer(recorded, "sales", "get", {"id": 1, "more": [1, 2]}))
    assert {"name": "any"} == output(stubbing.answer(recorded, "sales", "get", {"id": 2}))


def test_an_error_fails_as_it_was_recorded() -> None:
    error = {"message": "slow", "kind": "Timeout", "details": {"http_response": {"code": 504}}}

    found = failure(stubbing.answer(stub({"operation": "get", "error": error}), "sales", "get", {}))

    assert ("slow", "Timeout", {"http_response": {"code": 504}}) == (found.message, found.kind, found.details)


def test_an_answer_that_was_given_often_enough_gives_way_to_the_next() -> None:
    recorded = stub({"operation": "get", "times": 1, "output": {"at": 1}}, {"operation": "get", "output": {"at": 2}})
    given: stubbing.Given = {}

    told = [output(stubbing.answer(recorded, "sales", "get", {}, given)) for _ in range(3)]

    assert [{"at": 1}, {"at": 2}, {"at": 2}] == told


@pytest.mark.parametrize(
    ("provider", "operation", "asked"), [("crm", "get", 1), ("sales", "put", 1), ("sales", "get", 2)]
)
def test_what_was_not_recorded_fails_naming_operation_and_input(provider: str, operation: str, asked: int) -> None:
    recorded = stub({"operation": "get", "input": {"id": 1}, "output": {}})

    said = failure(stubbing.answer(recorded, provider, operation, {"id": asked})).message

    what = f"no answer recorded for {operation} of {provider} with the input {{\"id\":{asked}}} in stub 'Sales'"
    assert what == said


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ({"a": None}, {}),
        ({"a": 1}, {"a": 1.0, "b": 2}),
        ({"at": "2026-01-01T00:00:00+00:00"}, {"at": datetime(2026, 1, 1, tzinfo=UTC)}),
        ([{"a": 1}], [{"a": 1, "b": 2}]),
        ({}, {"anything": True}),
    ],
)
def test_members_that_are_not_named_may_be_anything(expected: documents.Value, found: values.Value) -> None:
    assert expecting.meets(expected, found)


@pytest.mark.parametrize(
    ("expected", "found", "path"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "a.b"),
        ({"a": 1}, {"a": True}, "a"),
        ({"a": [1, 2]}, {"a": [1]}, "a"),
        ({"a": [{"b": 1}]}, {"a": [{"b": "1"}]}, "a.0.b"),
        ({"a": {}}, {"a": None}, "a"),
    ],
)
def test_a_difference_tells_its_field(expected: documents.Value, found: values.Value, path: str) -> None:
    assert [path] == [each.path for each in expecting.differences(expected, found)]
