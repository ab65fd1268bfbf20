"""Recipes that call recipes: functions, and callable recipes as they were before."""

from datetime import timedelta
from typing import Any

import pytest

from callers import NOW, Recipes, perform
from recipeyard.runtime import interface
from recipeyard.runtime.connectors import workato_recipe_function, workato_service

FUNCTION = workato_recipe_function.CONNECTOR
SERVICE = workato_service.CONNECTOR


@pytest.fixture
def recipes() -> Recipes:
    return Recipes()


def test_a_call_waits_for_the_run_that_it_has_begun(recipes: Recipes) -> None:
    result = perform(FUNCTION, "call_recipe", recipes, {"flow_id": "12", "parameters": {"sku": "A"}})

    assert interface.Wait(state={"run": "j-1"}, runs=("j-1",)) == result
    assert [("12", {"sku": "A"}, True)] == recipes.called


def test_a_call_that_comes_back_gives_the_result_and_calls_nothing_anew(recipes: Recipes) -> None:
    recipes.ended("j-1", reply={"result": {"total": 7}})

    result = perform(FUNCTION, "call_recipe", recipes, {"flow_id": "12"}, resumed={"run": "j-1"})

    assert interface.Result({"result": {"total": 7}, "job_id": "j-1"}) == result
    assert [] == recipes.called


def test_a_call_whose_run_has_ended_already_does_not_wait(recipes: Recipes) -> None:
    recipes.ended("j-1", reply={"result": {"total": 7}})

    result = perform(FUNCTION, "call_recipe", recipes, {"flow_id": 12})

    assert interface.Result({"result": {"total": 7}, "job_id": "j-1"}) == result


def test_a_run_that_returned_nothing_gives_an_empty_result(recipes: Recipes) -> None:
    recipes.ended("j-1")

    result = perform(FUNCTION, "call_recipe", recipes, {"flow_id": "12"})

    assert interface.Result({"result": {}, "job_id": "j-1"}) == result


def test_a_called_recipe_that_fails_fails_the_step_with_its_error(recipes: Recipes) -> None:
    recipes.ended("j-1", error="Step 3: no such row")

    with pytest.raises(interface.Failure, match="The called recipe failed: Step 3: no such row") as caught:
        perform(FUNCTION, "call_recipe", recipes, {"flow_id": "12"})

    assert {"job_id": "j-1"} == caught.value.details


@pytest.mark.parametrize("given", [{}, {"flow_id": ""}, {"flow_id": {"zip_name": "gone.recipe.json"}}])
def test_a_call_of_no_recipe_is_refused(recipes: Recipes, given: interface.Object) -> None:
    with pytest.raises(interface.Failure, match="names no recipe to call"):
        perform(FUNCTION, "call_recipe", recipes, given)


def test_a_call_without_waiting_gives_the_job_at_once(recipes: Recipes) -> None:
    result = perform(FUNCTION, "call_recipe_async", recipes, {"flow_id": "12", "parameters": {"a": "1"}})

    assert interface.Result({"job_id": "j-1"}) == result
    assert [("12", {"a": "1"}, False)] == recipes.called


def test_a_result_is_the_steps_output_and_the_runs_reply(recipes: Recipes) -> None:
    result = perform(FUNCTION, "return_result", recipes, {"result": {"found": True}})

    assert interface.Result({"result": {"found": True}}, reply={"result": {"found": True}}) == result


@pytest.mark.parametrize(
    "given",
    [
        {"async_jobs": [{"job_id": "j-1"}, {"job_id": "j-2"}, {"job_id": "j-1"}]},
        {"job_ids": "j-1, j-2"},
        {"jobs": {"first": "j-1", "second": "j-2"}, "timeout": "0"},
    ],
)
def test_waiting_for_calls_rests_until_all_have_ended(recipes: Recipes, given: interface.Object) -> None:
    recipes.ended("j-1")

    result = perform(FUNCTION, "wait_for_async_jobs", recipes, given)

    until = NOW + timedelta(minutes=1440)
    assert interface.Wait(state={"until": until}, until=until, runs=("j-2",)) == result


def test_waiting_for_calls_tells_how_each_has_ended(recipes: Recipes) -> None:
    recipes.ended("j-1", reply={"result": {"n": 1}})
    recipes.ended("j-2", error="Step 1: broken")

    result = perform(FUNCTION, "wait_for_async_jobs", recipes, {"jobs": ["j-1", "j-2"]})

    ended: Any = [
        {"job_id": "j-1", "status": "succeeded", "error": None, "result": {"n": 1}},
        {"job_id": "j-2", "status": "failed", "error": "Step 1: broken", "result": None},
    ]
    assert interface.Result({"results": ended}) == result


def test_waiting_for_calls_goes_on_when_the_time_is_over(recipes: Recipes) -> None:
    given = {"jobs": ["j-1"], "timeout": "5"}
    until = NOW + timedelta(minutes=5)

    result = perform(FUNCTION, "wait_for_async_jobs", recipes, given, now=until, resumed={"until": until})

    ended = [{"job_id": "j-1", "status": "pending", "error": None, "result": None}]
    assert interface.Result({"results": ended}) == result


def test_a_time_limit_that_is_no_number_is_refused(recipes: Recipes) -> None:
    with pytest.raises(interface.Failure, match="'soon' is no number of minutes"):
        perform(FUNCTION, "wait_for_async_jobs", recipes, {"jobs": ["j-1"], "timeout": "soon"})


def test_a_callable_recipe_is_called_with_a_request_and_gives_a_reply(recipes: Recipes) -> None:
    recipes.ended("j-1", reply={"result": {"status": "DONE"}})

    result = perform(SERVICE, "call_service", recipes, {"flow_id": "12", "request": {"id": "4"}})

    assert interface.Result({"reply": {"status": "DONE"}, "job_id": "j-1"}) == result
    assert [("12", {"id": "4"}, True)] == recipes.called


def test_a_reply_that_is_an_error_fails_the_callers_step(recipes: Recipes) -> None:
    given: Any = {"reply_type": "error", "reply": {"message": "No funds", "code": "E1"}}
    replied = perform(SERVICE, "send_reply", recipes, given)
    assert isinstance(replied, interface.Result)
    recipes.ended("j-1", reply=replied.reply)

    with pytest.raises(interface.Failure, match="answered with an error: No funds") as caught:
        perform(SERVICE, "call_service", recipes, {"flow_id": "12"})

    assert {"job_id": "j-1", "reply": {"message": "No funds", "code": "E1"}} == caught.value.details


@pytest.mark.parametrize(
    ("connector", "trigger", "name"), [(FUNCTION, "execute", "parameters"), (SERVICE, "receive_request", "request")]
)
def test_what_a_trigger_puts_out_is_what_it_was_called_with(
    connector: interface.Connector, trigger: str, name: str
) -> None:
    found = connector.trigger(trigger)
    assert found
    assert isinstance(found.listening, interface.Called)

    output = found.listening.event({"id": "4"}, {"calling_job_id": "j-9"})

    assert {name: {"id": "4"}, "context": {"calling_job_id": "j-9"}} == output
