"""Test cases over HTTP: listed, run, and what their runs tell."""

import json
from typing import Any

import pytest

import servers
import worlds

CALLED = ("workato_recipe_function", "execute")
RECIPE = worlds.Recipe("Charge", trigger=CALLED).step("shop", "charge", {"amount": 8}).step("logger", "log_message", {})


def case(name: str, amount: int) -> bytes:
    expected = {"steps": {"s1": {"input": {"amount": amount}}}}
    outcomes = {"s1": {"output": {"id": "c1"}}}
    recipe = worlds.reference("charge.recipe.json", "Charge")
    return worlds.document({"name": name, "recipe": recipe, "stubs": outcomes, "expected": expected})


FILES = {
    "charge.recipe.json": RECIPE.bytes,
    "tests/right.test_case.json": case("Right", 8),
    "tests/wrong.test_case.json": case("Wrong", 9),
}


@pytest.fixture
def folder(client: servers.Client) -> int:
    """A project with a recipe and two test cases."""
    made = client.folder()
    assert "completed" == client.load(made, worlds.zipped(FILES))["status"]
    return made


@pytest.fixture
def recipe(client: servers.Client) -> int:
    """A recipe without test cases."""
    wanted = {"name": "A", "code": json.dumps(worlds.Recipe("A").value["code"])}
    return int(client.call("POST", "recipes", json=wanted)["id"])


def ran(client: servers.Client, **asked: Any) -> Any:
    """A run as it ended."""
    started = client.call("POST", "test_cases/run_requests", json=asked)["data"]
    assert started["id"].startswith("cirr-")
    run = started
    while run["status"] == "in_progress":
        run = client.call("GET", f"test_cases/run_requests/{started['id']}")["data"]
    return run


def cases(client: servers.Client) -> dict[str, str]:
    recipe = client.recipe("Charge")["id"]
    return {each["name"]: each["id"] for each in client.call("GET", f"recipes/{recipe}/test_cases")["data"]}


def test_a_recipes_test_cases_are_listed(client: servers.Client, folder: int, recipe: int) -> None:
    assert {"data": []} == client.call("GET", f"recipes/{recipe}/test_cases")
    found = cases(client)
    assert {"Right", "Wrong"} == found.keys()
    assert all(each.startswith("citc-") for each in found.values())


def test_a_run_tells_what_differs_at_which_step_and_what_it_covered(client: servers.Client, folder: int) -> None:
    recipe = client.recipe("Charge")["id"]

    run = ran(client, recipe_id=recipe)

    assert ("completed", None) == (run["status"], run["error"])
    right, wrong = sorted(run["results"], key=lambda each: str(each["name"]))
    assert ("succeeded", []) == (right["status"], right["differences"])
    message = "step 1 (s1): input.amount is 8; expected: 9"
    difference = {"step": 1, "path": "input.amount", "expected": 9, "found": 8, "message": message}
    assert ("failed", [difference]) == (wrong["status"], wrong["differences"])
    whole = {"recipe_id": recipe, "recipe_name": "Charge", "steps": 2, "covered": 2, "missed_steps": []}
    assert [whole] == run["coverage"]


def test_what_is_named_decides_which_cases_run(client: servers.Client, folder: int) -> None:
    project = client.call("GET", f"folders/{folder}")["project_id"]
    manifest = client.manifest(folder)
    right = cases(client)["Right"]

    runs = [
        ran(client, **asked) for asked in ({"folder_id": folder}, {"project_id": project}, {"manifest_id": manifest})
    ]

    assert [2, 2, 2] == [len(run["results"]) for run in runs]
    assert [right] == [each["test_case_id"] for each in ran(client, test_case_ids=[right])["results"]]


def test_where_there_are_no_test_cases_none_can_run(client: servers.Client, recipe: int) -> None:
    empty = client.folder()
    project = client.call("GET", f"folders/{empty}")["project_id"]
    named = {"manifest_id": client.manifest(empty), "project_id": project, "folder_id": empty, "recipe_id": str(recipe)}

    for name, value in [*named.items(), ("test_case_ids", [])]:
        said = client.call("POST", "test_cases/run_requests", 422, json={name: value})["message"]
        assert "There are no test cases there" == said


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 400),
        ({"recipe_id": 1, "folder_id": 1}, 400),
        ({"recipe_id": 99999}, 404),
        ({"manifest_id": 99999}, 404),
        ({"project_id": 99999}, 404),
        ({"folder_id": 99999}, 404),
        ({"test_case_ids": ["citc-99999"]}, 404),
        ({"test_case_ids": ["7"]}, 404),
    ],
)
def test_a_test_run_names_one_thing_that_is_here(client: servers.Client, asked: dict[str, Any], status: int) -> None:
    client.call("POST", "test_cases/run_requests", status, json=asked)


def test_anothers_run_is_not_found(client: servers.Client, folder: int) -> None:
    run = ran(client, folder_id=folder)
    with client.server.workspace() as other:
        other.call("GET", f"test_cases/run_requests/{run['id']}", 404)
    client.call("GET", "test_cases/run_requests/cirr-x", 404)


def test_an_import_that_requires_tests_is_refused_where_one_fails(client: servers.Client) -> None:
    package = client.load(client.folder(), worlds.zipped(FILES), require_tests=True)

    assert "failed" == package["status"]
    what = "test case 'Wrong' of recipe 'Charge': step 1 (s1): input.amount is 8; expected: 9"
    assert [f"tests/wrong.test_case.json: {what}"] == package["error_parts"]


def test_a_workspace_may_always_require_tests(client: servers.Client) -> None:
    folder = client.folder()
    gates = client.call("PUT", "gates", json={"require_tests": True})

    plan = client.plan(folder, worlds.zipped(FILES))

    assert gates["require_tests"] is True
    assert [("tests", "tests/wrong.test_case.json")] == [(each["code"], each["path"]) for each in plan["blockers"]]
    client.call("POST", f"plans/{plan['id']}/apply", 422)
    client.call("PUT", "gates", json={})
    client.follow(client.call("POST", f"plans/{plan['id']}/apply"))
