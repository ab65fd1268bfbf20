"""Jobs and test cases: `/api/recipes/…/jobs`, `/api/test_cases`. Recipes are not executed here: lists are empty.

What would need an execution is refused in words.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from litestar import get, post
from litestar.di import Provide
from litestar.params import Parameter

from recipeyard.api import context, params
from recipeyard.model import assets, errors
from recipeyard.sql import assets as asset_rows
from recipeyard.wire import answers
from recipeyard.wire import jobs as wire

MOST_REPEATED = 25
NOT_EXECUTED = "this server does not execute recipes"
_TAGS = ["Jobs"]
_TESTS = ["Test cases"]
_JOBS = "/api/recipes/{recipe_id:int}/jobs"
JobId = Annotated[str, Parameter(description="A job's id, `j-…`.")]
OptionalJobId = Annotated[str | None, Parameter(description="Only jobs before (or with `prev` after) this one.")]
RunId = Annotated[str, Parameter(description="A test run's id, `cirr-…`.")]


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of jobs may be narrowed by."""

    status: Annotated[Literal["succeeded", "failed", "pending"] | None, Parameter(description="How a job stands.")] = (
        None
    )
    rerun_only: Annotated[bool, Parameter(description="Only jobs that ran again.")] = False
    offset_job_id: OptionalJobId = None
    prev: Annotated[bool, Parameter(description="The page before `offset_job_id` instead of the one after.")] = False
    per_page: params.PerPage = 100
    offset_run_id: Annotated[str | None, Parameter(description="As `offset_job_id`, of older clients.")] = None
    failed: Annotated[bool | None, Parameter(description="As `status`, of older clients.")] = None


@get(
    _JOBS,
    sync_to_thread=True,
    tags=_TAGS,
    summary="List a recipe's jobs",
    dependencies={"by": Provide(Filter, sync_to_thread=False)},
)
def listed(request: context.Asked, context: context.Context, recipe_id: params.Key, by: Filter) -> wire.JobList:
    """Empty: this server does not execute recipes."""
    del by
    with context.deed.db.read() as tx:
        asset_rows.find(tx, request.user.id, recipe_id, assets.RECIPE)
    return wire.JobList()


@get(f"{_JOBS}/{{job_id:str}}", sync_to_thread=True, tags=_TAGS, summary="Get a job")
def show(request: context.Asked, context: context.Context, recipe_id: params.Key, job_id: JobId) -> wire.Job:
    """Not found: no recipe has a job here."""
    with context.deed.db.read() as tx:
        asset_rows.find(tx, request.user.id, recipe_id, assets.RECIPE)
    raise errors.NotFound(f"Not found: there is no job {job_id!r}; {NOT_EXECUTED}")


@post(
    "/api/recipes/{recipe_id:int}/repeat_jobs",
    status_code=200,
    sync_to_thread=True,
    tags=_TAGS,
    summary="Run jobs again",
)
def repeat(
    request: context.Asked, context: context.Context, recipe_id: params.Key, data: wire.RepeatRequest
) -> wire.RepeatAnswer:
    """Fails for each job, and says why: no recipe has a job here."""
    if not 1 <= len(data.job_ids) <= MOST_REPEATED:
        raise errors.Invalid.listing([errors.Issue("job_ids", f"must be 1 to {MOST_REPEATED} jobs")])
    with context.deed.db.read() as tx:
        asset_rows.find(tx, request.user.id, recipe_id, assets.RECIPE)
    why = f"there is no such job; {NOT_EXECUTED}"
    return wire.RepeatAnswer([wire.Repeated(str(each), "failed", why) for each in data.job_ids])


@post("/api/job/resume", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Resume a job")
def resume(data: wire.ResumeRequest | None = None) -> answers.Success:
    """Refused: no job waits here."""
    del data
    raise errors.Invalid(f"No job waits for this token; {NOT_EXECUTED}")


@get("/api/recipes/job_counts", sync_to_thread=True, tags=_TAGS, summary="Count jobs")
def counts() -> wire.JobCounts:
    """How many jobs the workspace's recipes have run: none."""
    return wire.JobCounts()


ROUTES = [listed, show, repeat, resume, counts]
