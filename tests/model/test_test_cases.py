"""Stubs and test cases as documents: what they say of themselves, and what is wrong with them."""

import json
from typing import Any

import pytest

from recipeyard.model import assets, bundles, errors, references, stubs, test_cases

RECIPE = {"zip_name": "sync.recipe.json", "name": "Sync", "folder": ""}
CASE: dict[str, Any] = {"name": "Charges once", "recipe": RECIPE}
STUB: dict[str, Any] = {"name": "Sales", "provider": "salesforce", "answers": []}


def described(kind: str, value: dict[str, Any]) -> bundles.Facts:
    return bundles.describe_text(kind, f"it.{kind}.json", json.dumps(value))


def wrong(kind: str, value: dict[str, Any]) -> list[str]:
    with pytest.raises(errors.Invalid) as refused:
        described(kind, value)
    return [issue.what for issue in refused.value.issues]


def test_a_test_case_tells_its_name_its_recipe_and_its_stubs() -> None:
    stub = {"zip_name": "sales.stub.json", "name": "Sales", "folder": ""}

    facts = described(assets.TEST_CASE, CASE | {"answered_by": [stub]})

    assert "Charges once" == facts.name
    assert (references.parse(RECIPE), references.parse(stub)) == facts.refers_to


def test_a_stub_tells_its_name_and_its_provider() -> None:
    facts = described(assets.STUB, STUB)

    assert ("Sales", "salesforce") == (facts.name, facts.provider)


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"recipe": None}, "recipe is missing"),
        ({"recipe": "Sync"}, "recipe must be a reference (zip_name, name, folder)"),
        ({"now": "tomorrow"}, "now must be a moment with its offset, as in 2026-01-31T09:00:00Z"),
        ({"stubs": {"a": {}}}, "stubs.a must have either output or error"),
        ({"stubs": {"a": [{"output": {}}, 1]}}, "stubs.a.1 must be an object with output or error"),
        ({"stubs": {"a": {"error": {}}}}, "stubs.a.error.message is missing"),
        ({"lookups": {"Rates": {}}}, "lookups.Rates must be a list of objects"),
        ({"expected": {"status": "done"}}, "expected.status must be one of succeeded, failed, filtered"),
        ({"expected": {"steps": {"a": {"times": -1}}}}, "expected.steps.a.times must be a whole number, 0 or more"),
        ({"properties": {"rate": 1}}, "properties must be an object of texts"),
    ],
)
def test_a_test_case_of_the_wrong_shape_is_refused(more: dict[str, Any], what: str) -> None:
    assert [what] == wrong(assets.TEST_CASE, CASE | more)


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"provider": ""}, "provider must be a text that is not blank"),
        ({"answers": {}}, "answers must be a list"),
        ({"answers": [{"output": {}}]}, "answers.0.operation is missing"),
        ({"answers": [{"operation": "get"}]}, "answers.0 must have either output or error"),
        ({"answers": [{"operation": "get", "output": []}]}, "answers.0.output must be an object"),
    ],
)
def test_a_stub_of_the_wrong_shape_is_refused(more: dict[str, Any], what: str) -> None:
    assert [what] == wrong(assets.STUB, STUB | more)


def test_members_that_mean_nothing_are_carried_and_told() -> None:
    value = CASE | {
        "expcted": {},
        "expected": {"steps": {"a": {"inputs": {}}}},
        "stubs": {"b": {"outptu": 1, "output": {}}},
    }

    described(assets.TEST_CASE, value)

    told = ("expcted", "stubs.b.outptu", "expected.steps.a.inputs")
    assert told == test_cases.parse(value).unknown


def test_a_case_says_what_is_expected_and_what_steps_come_to() -> None:
    turns = [{"output": {"id": 1}}, {"error": {"message": "gone", "kind": "NotFound", "details": {"code": 404}}}]
    expected = {"status": "failed", "error": "gone", "steps": {"a": {"input": {"x": 1}, "ran": True, "times": 2}}}

    case = test_cases.parse(CASE | {"stubs": {"a": turns, "b": {"output": {}}}, "expected": expected})

    fault = stubs.Fault("gone", "NotFound", {"code": 404})
    assert {"a": test_cases.Told(({"id": 1}, fault), in_turn=True), "b": test_cases.Told(({},))} == case.stubs
    assert {"a": test_cases.Step({"x": 1}, ran=True, times=2)} == case.expected.steps
    assert (test_cases.Status.FAILED, "gone") == (case.expected.status, case.expected.error)
