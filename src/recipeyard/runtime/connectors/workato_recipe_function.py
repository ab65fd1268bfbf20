"""Recipe functions: recipes that others call and that answer, at once or while the caller goes on."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from recipeyard.runtime import interface, values, workspace

MOST_MINUTES = 1440
"""The longest that a step waits for calls."""

RESULT = "result"
_OBJECT = interface.Field("result", "object")
_JOB_ID = interface.Field("job_id", label="Job ID")


def call(call: interface.Call, parameters: str, reply: str) -> interface.Result | interface.Wait:
    """Call a recipe and wait for its end. Its parameters are the input's member of that name; its answer the output's.

    Raises `interface.Failure` for a recipe that does not run, that fails, or that answers with an error.
    """
    recipes = call.workspace.recipes
    resumed = call.resumed if isinstance(call.resumed, Mapping) else {}
    begun = resumed.get("run")
    if isinstance(begun, str):
        run_id = begun
    else:
        run_id = recipes.call(_recipe_id(call), _object(call, parameters), waited_for=True)
    run = recipes.run(run_id)
    if not run.ended:
        return interface.Wait(state={"run": run_id}, runs=(run_id,))
    if run.error is not None:
        raise interface.Failure(f"The called recipe failed: {run.error}", "RecipeCallFailed", {_JOB_ID.name: run_id})
    return interface.Result({reply: answer(run), _JOB_ID.name: run_id})


def call_async(call: interface.Call, parameters: str) -> interface.Result:
    """Call a recipe and go on."""
    run_id = call.workspace.recipes.call(_recipe_id(call), _object(call, parameters), waited_for=False)
    return interface.Result({_JOB_ID.name: run_id})


def answer(run: workspace.Run) -> values.Value:
    """What a run answered, an empty object where it did not. Raises `interface.Failure` where that is an error."""
    told = run.reply or {}
    error = told.get("error")
    if isinstance(error, str):
        details = {_JOB_ID.name: run.id, "reply": told.get(RESULT)}
        raise interface.Failure(f"The called recipe answered with an error: {error}", "RecipeReply", details)
    return told.get(RESULT, {})


def wait(call: interface.Call) -> interface.Result | interface.Wait:
    """Wait until calls have ended, whether they succeeded or not, or until it has taken too long."""
    ids = tuple(dict.fromkeys(_run_ids(call.input)))
    resumed = call.resumed if isinstance(call.resumed, Mapping) else {}
    until = resumed.get("until") or call.now + timedelta(minutes=_minutes(call.input))
    runs = [call.workspace.recipes.run(each) for each in ids]
    under_way = tuple(run.id for run in runs if not run.ended)
    if under_way and isinstance(until, datetime) and call.now < until:
        return interface.Wait(state={"until": until}, until=until, runs=under_way)
    return interface.Result({"results": [_result(run) for run in runs]})


def _result(run: workspace.Run) -> dict[str, values.Value]:
    told = run.reply or {}
    error = run.error if run.error is not None else told.get("error")
    status = "pending" if not run.ended else "failed" if error is not None else "succeeded"
    return {"job_id": run.id, "status": status, "error": error, "result": told.get(RESULT)}


def _run_ids(value: values.Value, key: str = "") -> Iterator[str]:
    """Every job id in the input, wherever it stands there; all that is no id is a time limit."""
    if "timeout" in key:
        return
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _run_ids(each, name)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _run_ids(each, key)
    elif isinstance(value, str | int):
        yield from str(value).replace(",", " ").split()


def _minutes(asked: interface.Object) -> int:
    given = next((each for name, each in asked.items() if "timeout" in name), None)
    if given in (None, ""):
        return MOST_MINUTES
    try:
        minutes = int(float(str(given)))
    except (ValueError, OverflowError) as e:
        raise interface.Failure(f"The time limit {given!r} is no number of minutes", "InputError") from e
    return minutes if 0 < minutes <= MOST_MINUTES else MOST_MINUTES


def _recipe_id(call: interface.Call) -> str:
    recipe_id = call.input.get("flow_id")
    if not isinstance(recipe_id, str | int) or not str(recipe_id).strip():
        raise interface.Failure("The step names no recipe to call: `flow_id` is empty or meets nothing", "InputError")
    return str(recipe_id)


def _object(call: interface.Call, name: str) -> interface.Object:
    given = call.input.get(name)
    return given if isinstance(given, Mapping) else {}


def _return_result(call: interface.Call) -> interface.Result:
    result = _object(call, RESULT)
    return interface.Result({RESULT: result}, reply={RESULT: result})


FLOW_ID = interface.Field("flow_id", label="Recipe", optional=False)
CONNECTOR = interface.Connector(
    name="workato_recipe_function",
    title="Recipe functions",
    triggers=(
        interface.Trigger(
            name="execute",
            title="New call for recipe function",
            listening=interface.Called(),
            input=(interface.Field("parameters_schema_json"), interface.Field("result_schema_json")),
            output=(interface.Field("parameters", "object"), interface.Field("context", "object")),
        ),
    ),
    actions=(
        interface.Action(
            name="call_recipe",
            title="Call recipe",
            run=lambda asked: call(asked, "parameters", RESULT),
            effect=interface.Effect.HERE,
            input=(FLOW_ID, interface.Field("parameters", "object")),
            output=(_OBJECT, _JOB_ID),
        ),
        interface.Action(
            name="call_recipe_async",
            title="Call recipe and go on",
            run=lambda asked: call_async(asked, "parameters"),
            effect=interface.Effect.HERE,
            input=(FLOW_ID, interface.Field("parameters", "object")),
            output=(_JOB_ID,),
        ),
        interface.Action(
            name="return_result",
            title="Return result",
            run=_return_result,
            effect=interface.Effect.HERE,
            input=(_OBJECT,),
            output=(_OBJECT,),
        ),
        interface.Action(
            name="wait_for_async_jobs",
            title="Wait for calls",
            run=wait,
            effect=interface.Effect.HERE,
            output=(interface.Field("results", "array"),),
        ),
    ),
)
