"""Recipe operations: what happens to recipes and connections here, and what can be done to them."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from recipeyard.runtime import interface, values

Run: TypeAlias = Callable[[interface.Call], interface.Result | interface.Wait]

MOST_JOBS = 100
"""How many jobs one look at them gives."""


def _about(watched: str, named: str) -> interface.Subject:
    """Listens to `watched`, for those recipes or connections that the input's member `named` lists; or for all."""

    def event(given: interface.Object, payload: interface.Object) -> interface.Object | None:
        wanted = set(_ids(given.get(named)))
        about = {str(payload.get(key)) for key in ("recipe_id", "connection_id") if payload.get(key) is not None}
        return payload if not wanted or wanted & about else None

    return interface.Subject(of=lambda _: watched, event=event)


def _get_recipe(call: interface.Call) -> interface.Result:
    return interface.Result(call.workspace.recipes.show(_recipe_id(call)))


def _start(call: interface.Call) -> interface.Result:
    recipe_id = _recipe_id(call)
    call.workspace.recipes.start(recipe_id)
    return interface.Result({"recipe_id": recipe_id, "status": "started"})


def _stop(call: interface.Call) -> interface.Result:
    recipe_id = _recipe_id(call)
    call.workspace.recipes.stop(recipe_id)
    return interface.Result({"recipe_id": recipe_id, "status": "stopped"})


def _list_jobs(call: interface.Call) -> interface.Result:
    status = call.input.get("status")
    limit = _limit(call.input.get("limit") or call.input.get("per_page"))
    jobs = call.workspace.recipes.jobs(_recipe_id(call), status=str(status) if status else None, limit=limit)
    return interface.Result({"jobs": list(jobs)})


def _rerun_jobs(call: interface.Call) -> interface.Result:
    job_ids = list(_ids(call.input.get("jobs")))
    return interface.Result({"job_ids": list(call.workspace.recipes.rerun(job_ids))})


def _summary(call: interface.Call) -> interface.Result:
    return interface.Result(call.workspace.recipes.summary())


def _search_connections(call: interface.Call) -> interface.Result:
    """The connections whose fields are as those of the input that are not empty; a name may be a part."""
    wanted = {name: str(value).lower() for name, value in call.input.items() if value not in (None, "")}
    found = [each for each in call.workspace.recipes.connections() if _is_so(each, wanted)]
    return interface.Result({"connections": found})


def _is_so(connection: interface.Object, wanted: Mapping[str, str]) -> bool:
    for name, value in wanted.items():
        here = str(connection.get(name) or "").lower()
        if value != here and not (name == "name" and value in here):
            return False
    return True


def _recipe_id(call: interface.Call) -> str:
    found = next(_ids(call.input.get("recipe_id") or call.input.get("flow_id") or call.input.get("id")), None)
    if found is None:
        raise interface.Failure("The step names no recipe: `recipe_id` is empty or meets nothing", "InputError")
    return found


def _ids(given: values.Value) -> Iterator[str]:
    """Ids as inputs spell them: one, several in a text or a list, or objects that have one."""
    if isinstance(given, Mapping):
        yield from _ids(next((given[key] for key in ("job_id", "id", "recipe_id") if given.get(key)), None))
    elif isinstance(given, list | tuple):
        for each in given:
            yield from _ids(each)
    elif isinstance(given, str | int):
        yield from str(given).replace(",", " ").split()


def _limit(given: values.Value) -> int:
    text = str(given or MOST_JOBS)
    return min(max(int(text), 1), MOST_JOBS) if text.isascii() and text.isdigit() and len(text) < 10 else MOST_JOBS


_RECIPE = interface.Field("recipe_id", label="Recipe", optional=False)
_OF_RECIPE = (interface.Field("recipe_id", "integer"), interface.Field("recipe_name"))
_OF_JOB = (
    *_OF_RECIPE,
    interface.Field("job_id"),
    interface.Field("message"),
    interface.Field("step", "integer"),
    interface.Field("type"),
    interface.Field("started_at", "date_time"),
    interface.Field("completed_at", "date_time"),
)


def _trigger(name: str, title: str, subject: interface.Subject, *output: interface.Field) -> interface.Trigger:
    watched = (interface.Field("recipe_id", "array"), interface.Field("apps", "array"))
    return interface.Trigger(name=name, title=title, listening=subject, input=watched, output=output)


def _action(name: str, title: str, run: Run, *fields: interface.Field) -> interface.Action:
    return interface.Action(name=name, title=title, run=run, effect=interface.Effect.HERE, input=fields)


_RECIPES = "recipe_id"
CONNECTOR = interface.Connector(
    name="workato_app",
    title="Recipe operations",
    triggers=(
        _trigger("stop_error", "Recipe stopped by an error", _about("job_stopped_with_error", _RECIPES), *_OF_JOB),
        _trigger("job_error", "Job failed", _about("job_failed", _RECIPES), *_OF_JOB),
        _trigger("recipe_stopped", "Recipe stopped", _about("recipe_stopped", _RECIPES), *_OF_RECIPE),
        _trigger(
            "shared_account_disconnected",
            "Connection disconnected",
            _about("connection_disconnected", "apps"),
            interface.Field("connection_id"),
            interface.Field("connection_name"),
        ),
    ),
    actions=(
        _action("get_recipe", "Get recipe", _get_recipe, _RECIPE),
        _action("start_recipe", "Start recipe", _start, _RECIPE),
        _action("stop_recipe", "Stop recipe", _stop, _RECIPE),
        _action("list_jobs", "Search jobs", _list_jobs, _RECIPE, interface.Field("status"), interface.Field("limit")),
        _action(
            "rerun_jobs", "Run jobs again", _rerun_jobs, interface.Field("recipe_id"), interface.Field("jobs", "array")
        ),
        _action("summary_status", "Get the workspace's figures", _summary),
        _action("search_connections", "List connections", _search_connections),
    ),
)
