"""Imports that have the test cases of what changes run first."""

from typing import Any

import pytest

import worlds
from recipeyard.model import assets, gates, packages, proposals
from recipeyard.sql import test_runs
from recipeyard.work import gating

CALLED = ("workato_recipe_function", "execute")
CASE = "once.test_case.json"


def recipe(amount: int) -> bytes:
    return worlds.Recipe("Charge", trigger=CALLED).step("shop", "charge", {"amount": amount}).bytes


def case(amount: int, **more: Any) -> bytes:
    expected = {"steps": {"s1": {"input": {"amount": amount}}}}
    told: dict[str, Any] = {"s1": {"output": {}}}
    about = worlds.reference("charge.recipe.json", "Charge")
    return worlds.document({"name": "Once", "recipe": about, "stubs": told, "expected": expected, **more})


def by_tests(told: tuple[proposals.Notice, ...]) -> list[str]:
    return [str(each) for each in told if each.code is proposals.Code.TESTS]


def content(plan: proposals.Plan) -> proposals.Content:
    assert plan.content, plan.error_parts
    return plan.content


def failing(found: int, expected: int) -> str:
    return f"test case 'Once' of recipe 'Charge': step 1 (s1): input.amount is {found}; expected: {expected}"


def test_an_import_whose_cases_pass_is_applied(place: worlds.Place) -> None:
    package = place.load({"charge.recipe.json": recipe(8), CASE: case(8)}, require_tests=True)

    assert (packages.Status.COMPLETED, ()) == (package.status, package.warnings)


def test_an_import_with_a_case_that_fails_changes_nothing(place: worlds.Place) -> None:
    before = place.world.counts()

    package = place.load({"charge.recipe.json": recipe(8), CASE: case(9)}, require_tests=True)

    assert (f"{CASE}: {failing(8, 9)}",) == package.error_parts
    assert before["assets"] == place.world.counts()["assets"]


def test_cases_that_are_here_try_a_recipe_that_changes(embedded: worlds.World) -> None:
    place = embedded.workspace()
    place.load({"charge.recipe.json": recipe(8), CASE: case(8)})

    plan = place.plan({"charge.recipe.json": recipe(9)}, require_tests=True)

    assert [f"charge.recipe.json: {failing(9, 8)}"] == by_tests(content(plan).blockers)


def test_a_case_that_changes_is_run_though_its_recipe_stays(embedded: worlds.World) -> None:
    place = embedded.workspace()
    files = {"charge.recipe.json": recipe(8), CASE: case(8)}
    place.load(files)

    package = place.load(files | {CASE: case(9)}, require_tests=True)

    assert (f"{CASE}: {failing(8, 9)}",) == package.error_parts


def test_the_oldest_runs_of_tests_are_forgotten(embedded: worlds.World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_runs, "KEPT", 2)
    place, other = embedded.workspace(), embedded.workspace()

    with embedded.db.write() as tx:
        kept = test_runs.insert(tx, other.workspace.id, [1])
        made = [test_runs.insert(tx, place.workspace.id, [1]).id for _ in range(4)]
        here = [each for each in [kept.id, *made] if test_runs.by_id(tx, each)]

    assert [kept.id, *made[-2:]] == here


def test_steps_that_are_named_oddly_are_told_as_they_can_be_kept(place: worlds.Place) -> None:
    odd = worlds.Recipe("Charge", trigger=CALLED).step("shop", "charge", {})
    odd.steps[0]["as"] = "a\0b"

    package = place.load({"charge.recipe.json": odd.bytes, CASE: case(8)}, require_tests=True)

    assert packages.Status.FAILED is package.status
    assert "step 1 (ab): charge of shop needs a stub" in package.error_parts[0]


def test_cases_of_what_stays_are_not_run(embedded: worlds.World) -> None:
    place = embedded.workspace()
    place.load({"charge.recipe.json": recipe(8), CASE: case(9)})

    package = place.load(
        {"charge.recipe.json": recipe(8), "new.lookup_table.json": worlds.lookup_table("New")}, require_tests=True
    )

    assert packages.Status.COMPLETED is package.status


def test_a_stub_that_changes_has_the_cases_run_that_use_it(embedded: worlds.World) -> None:
    place = embedded.workspace()
    used = case(8, stubs={}, answered_by=[worlds.reference("shop.stub.json", "Shop")])
    answer = {"operation": "charge", "output": {}}
    shop: dict[str, Any] = {"name": "Shop", "provider": "shop", "answers": [answer]}
    files = {"charge.recipe.json": recipe(8), CASE: used, "shop.stub.json": worlds.document(shop)}
    assert packages.Status.COMPLETED is place.load(files, require_tests=True).status

    package = place.load({"shop.stub.json": worlds.document(shop | {"answers": []})}, require_tests=True)

    assert "no answer recorded for charge of shop" in package.error_parts[0]


def test_a_recipe_that_changes_and_has_no_case_is_a_warning(embedded: worlds.World) -> None:
    place = embedded.workspace()

    package = place.load({"charge.recipe.json": recipe(8)}, require_tests=True)

    assert packages.Status.COMPLETED is package.status
    assert ("charge.recipe.json: recipe 'Charge' has no test case",) == package.warnings


def test_called_recipes_run_as_they_would_be_here(embedded: worlds.World) -> None:
    place = embedded.workspace()
    caller = worlds.Recipe("Caller", trigger=CALLED).calls("charge.recipe.json", "Charge")
    about = worlds.reference("caller.recipe.json", "Caller")
    calling = worlds.document({"name": "Calls", "recipe": about, "stubs": {"s1": {"output": {}}}})
    loose = worlds.document({"name": "Calls", "recipe": about})
    files = {"charge.recipe.json": recipe(8), "caller.recipe.json": caller.bytes}

    stubbed = place.plan(files | {"calls.test_case.json": calling}, require_tests=True)
    reached = place.plan(files | {"calls.test_case.json": loose}, require_tests=True)

    assert [] == by_tests(content(stubbed).blockers)
    assert ["step 1 (s1): charge of shop needs a stub"] == [
        each.rpartition("'Caller': ")[2] for each in by_tests(content(reached).blockers)
    ]


def test_gates_require_tests_of_every_import_and_glass_can_be_broken(embedded: worlds.World) -> None:
    place = embedded.workspace()
    with embedded.db.write() as tx:
        gating.change(tx, place.workspace.id, gates.Gates(require_tests=True), None)
    files = {"charge.recipe.json": recipe(8), CASE: case(9)}

    refused = place.load(files)
    broken = place.load(files, break_glass="the shop is down")

    assert (f"{CASE}: {failing(8, 9)}",) == refused.error_parts
    assert packages.Status.COMPLETED is broken.status
    assert "Once" == place.asset(assets.TEST_CASE, "Once").name
