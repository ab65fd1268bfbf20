"""Recipe operations: what happens to recipes and connections, and what a recipe does to others."""

from typing import Any

import pytest

from callers import Recipes, perform
from recipeyard.runtime import interface
from recipeyard.runtime.connectors import workato_app

APP = workato_app.CONNECTOR


def output(action: str, recipes: Recipes, **given: Any) -> interface.Object:
    result = perform(APP, action, recipes, given)
    assert isinstance(result, interface.Result)
    return result.output


def heard(trigger: str, given: interface.Object, payload: interface.Object) -> tuple[str, interface.Object | None]:
    found = APP.trigger(trigger)
    assert found
    assert isinstance(found.listening, interface.Subject)
    return found.listening.of(given), found.listening.event(given, payload)


@pytest.mark.parametrize(
    ("trigger", "subject"),
    [
        ("stop_error", "job_stopped_with_error"),
        ("job_error", "job_failed"),
        ("recipe_stopped", "recipe_stopped"),
        ("shared_account_disconnected", "connection_disconnected"),
    ],
)
def test_each_trigger_listens_to_its_subject(trigger: str, subject: str) -> None:
    payload: Any = {"recipe_id": 7, "recipe_name": "R"}

    assert (subject, payload) == heard(trigger, {}, payload)


@pytest.mark.parametrize("watched", [["7"], "3,7", [{"id": 7}], 7])
def test_a_trigger_hears_of_the_recipes_that_it_watches_alone(watched: Any) -> None:
    given = {"recipe_id": watched}

    assert heard("job_error", given, {"recipe_id": 7})[1]
    assert heard("job_error", given, {"recipe_id": 8})[1] is None


def test_a_trigger_hears_of_the_connections_that_it_watches_alone() -> None:
    given: Any = {"apps": ["5"]}

    assert heard("shared_account_disconnected", given, {"connection_id": 5})[1]
    assert heard("shared_account_disconnected", given, {"connection_id": 6})[1] is None


def test_a_recipe_is_shown_started_and_stopped() -> None:
    recipes = Recipes()

    assert {"id": 7, "name": "Shown"} == output("get_recipe", recipes, recipe_id="7")
    assert {"recipe_id": "7", "status": "started"} == output("start_recipe", recipes, recipe_id=["7"])
    assert {"recipe_id": "7", "status": "stopped"} == output("stop_recipe", recipes, recipe_id=7)
    assert [("start", "7"), ("stop", "7")] == recipes.done


def test_a_step_that_names_no_recipe_is_refused() -> None:
    with pytest.raises(interface.Failure, match="names no recipe"):
        perform(APP, "stop_recipe", Recipes(), {"recipe_id": ""})


def test_jobs_that_were_found_run_again() -> None:
    recipes = Recipes()

    jobs = output("list_jobs", recipes, recipe_id="7", status="failed", limit="20")["jobs"]
    again = output("rerun_jobs", recipes, recipe_id="7", jobs=jobs)

    assert {"job_ids": ["j-70", "j-60"]} == again
    assert [("jobs", ("7", "failed", 20)), ("rerun", ["j-7", "j-6"])] == recipes.done


def test_no_more_than_a_hundred_jobs_are_listed() -> None:
    recipes = Recipes()

    output("list_jobs", recipes, recipe_id="7", limit="5000")
    output("list_jobs", recipes, recipe_id="7", limit="many")

    assert [("jobs", ("7", None, 100))] * 2 == recipes.done


@pytest.mark.parametrize(
    ("given", "found"), [({}, [1, 2]), ({"provider": "email"}, [2]), ({"name": "crm"}, [1]), ({"name": "other"}, [])]
)
def test_connections_are_found_by_their_fields(given: dict[str, Any], found: list[int]) -> None:
    connections: Any = output("search_connections", Recipes(), **given)["connections"]

    assert found == [each["id"] for each in connections]


def test_the_workspaces_figures_are_told() -> None:
    assert {"recipes_count": 3, "active_recipes_count": 1} == output("summary_status", Recipes())
