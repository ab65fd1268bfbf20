"""Test cases: `/api/recipes/…/test_cases`, `/api/test_cases`. Lists are empty, and runs are refused in words."""

from typing import Annotated

from litestar import get, post
from litestar.params import Parameter

from recipeyard.api import context, documentation, params
from recipeyard.model import assets, errors
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, folders, manifests
from recipeyard.wire import answers
from recipeyard.wire import test_cases as wire

NOT_EXECUTED = "this server does not execute recipes"
_TESTS = ["Test cases"]
RunId = Annotated[str, Parameter(description="A test run's id, `cirr-…`.")]


@get("/api/recipes/{recipe_id:int}/test_cases", sync_to_thread=True, tags=_TESTS, summary="List a recipe's test cases")
def test_cases(request: context.Asked, context: context.Context, recipe_id: params.Key) -> wire.TestCaseList:
    """Empty: there are no test cases here."""
    with context.deed.db.read() as tx:
        asset_rows.find(tx, request.user.id, recipe_id, assets.RECIPE)
    return wire.TestCaseList()


@post(
    "/api/test_cases/run_requests",
    status_code=200,
    sync_to_thread=True,
    tags=_TESTS,
    summary="Run test cases",
    responses=documentation.ends_in(422),
)
def run(request: context.Asked, context: context.Context, data: wire.RunRequest) -> answers.Success:
    """Refused once what it names is found: recipes are not executed yet."""
    with context.deed.db.read() as tx:
        _check(tx, request.user.id, data)
    raise errors.Unprocessable(f"There are no test cases to run; {NOT_EXECUTED}")


@get("/api/test_cases/run_requests/{run_id:str}", sync_to_thread=True, tags=_TESTS, summary="Get a test run")
def test_run(run_id: RunId) -> answers.Success:
    """Not found: no test has run here."""
    raise errors.NotFound(f"Not found: there is no test run {run_id!r}; {NOT_EXECUTED}")


def _check(tx: database.Tx, workspace_id: int, asked: wire.RunRequest) -> None:
    """Raises `errors.Invalid` unless one thing is named, `errors.NotFound` where it is not here."""
    named = answers.sent({name: getattr(asked, name) for name in asked.__struct_fields__})
    if len(named) != 1:
        names = ", ".join(asked.__struct_fields__)
        raise errors.Invalid(f"name exactly one of {names}")
    if asked.manifest_id:
        manifests.find(tx, workspace_id, asked.manifest_id)
    if asked.project_id:
        folders.find_project(tx, workspace_id, asked.project_id)
    if asked.folder_id:
        folders.find(tx, workspace_id, asked.folder_id)
    if asked.recipe_id:
        asset_rows.find(tx, workspace_id, asked.recipe_id, assets.RECIPE)
    if asked.test_case_ids is not None:
        listed = ", ".join(repr(each) for each in asked.test_case_ids)
        raise errors.NotFound(f"Not found: there is no test case {listed}; {NOT_EXECUTED}")


ROUTES = [test_cases, run, test_run]
