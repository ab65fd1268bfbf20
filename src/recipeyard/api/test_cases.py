"""Test cases and their runs: `/api/recipes/…/test_cases`, `/api/test_cases`."""

from typing import Annotated

from litestar import get, post
from litestar.params import Parameter

from recipeyard.api import context, documentation, params
from recipeyard.model import assets, errors, test_runs
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, folders, manifests
from recipeyard.sql import test_runs as run_rows
from recipeyard.wire import answers
from recipeyard.wire import test_cases as wire
from recipeyard.work import test_cases as deeds

_TESTS = ["Test cases"]
RunId = Annotated[str, Parameter(description="A test run's id, `cirr-…`.")]


@get("/api/recipes/{recipe_id:int}/test_cases", sync_to_thread=True, tags=_TESTS, summary="List a recipe's test cases")
def test_cases(request: context.Asked, context: context.Context, recipe_id: params.Key) -> wire.TestCaseList:
    """The recipe's test cases, wherever they lie. They arrive in packages."""
    with context.deed.db.read() as tx:
        found = deeds.of_recipe(tx, request.user.id, recipe_id)
    return wire.TestCaseList([wire.test_case(each, recipe_id) for each in found])


@post(
    "/api/test_cases/run_requests",
    status_code=200,
    sync_to_thread=True,
    tags=_TESTS,
    summary="Run test cases",
    responses=documentation.ends_in(422),
)
def run(request: context.Asked, context: context.Context, data: wire.RunRequest) -> wire.TestRunAnswer:
    """Starts a run of test cases: offline, on their recipes' current versions. 422 where there are none."""
    with context.deed.db.read() as tx:
        case_ids = _asked_for(tx, request.user.id, data)
    return wire.TestRunAnswer(wire.run(deeds.request(context.deed, request.user.id, case_ids)))


@get("/api/test_cases/run_requests/{run_id:str}", sync_to_thread=True, tags=_TESTS, summary="Get a test run")
def test_run(request: context.Asked, context: context.Context, run_id: RunId) -> wire.CoveredTestRunAnswer:
    """What each case came to, what differs at which step, and which steps were covered, once it is completed."""
    number = _number(run_id, test_runs.PREFIX)
    if number is None:
        raise errors.NotFound.of("test run", repr(run_id))
    with context.deed.db.read() as tx:
        return wire.CoveredTestRunAnswer(wire.covered(run_rows.find(tx, request.user.id, number)))


def _asked_for(tx: database.Tx, workspace_id: int, asked: wire.RunRequest) -> list[int]:
    """The ids of the cases. Raises `errors.Invalid` unless one thing is named, `errors.NotFound` for what is gone."""
    named = answers.sent({name: getattr(asked, name) for name in asked.__struct_fields__})
    if len(named) != 1:
        names = ", ".join(asked.__struct_fields__)
        raise errors.Invalid(f"name exactly one of {names}")
    if asked.manifest_id:
        return deeds.of_manifest(tx, manifests.find(tx, workspace_id, asked.manifest_id))
    if asked.project_id:
        return deeds.of_folder(tx, workspace_id, folders.find_project(tx, workspace_id, asked.project_id).folder_id)
    if asked.folder_id:
        return deeds.of_folder(tx, workspace_id, folders.find(tx, workspace_id, asked.folder_id).id)
    if asked.recipe_id:
        return [each.id for each in deeds.of_recipe(tx, workspace_id, asked.recipe_id)]
    return _listed(tx, workspace_id, asked.test_case_ids or [])


def _listed(tx: database.Tx, workspace_id: int, case_ids: list[str]) -> list[int]:
    numbers = {each: _number(each, test_runs.CASE_PREFIX) for each in case_ids}
    found = asset_rows.by_ids(tx, workspace_id, [each for each in numbers.values() if each is not None])
    cases = {key for key, each in found.items() if each.kind == assets.TEST_CASE}
    missing = ", ".join(repr(each) for each, number in numbers.items() if number not in cases)
    if missing:
        raise errors.NotFound(f"Not found: there is no test case {missing} here")
    return sorted(cases)


def _number(spelled: str, prefix: str) -> int | None:
    """The number in an id; None where it is none."""
    digits = spelled.removeprefix(prefix)
    is_id = spelled.startswith(prefix) and digits.isascii() and digits.isdigit() and len(digits) < len(str(2**63))
    return int(digits) if is_id else None


ROUTES = [test_cases, run, test_run]
