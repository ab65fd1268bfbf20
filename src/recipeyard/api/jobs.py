"""Jobs: `/api/recipes/…/jobs`. What each step was given and came to is shown, but for steps that hide their data."""

from dataclasses import dataclass
from typing import Annotated, Literal

from litestar import get, post
from litestar.di import Provide
from litestar.params import Parameter

from recipeyard.api import context, params
from recipeyard.model import errors, runs
from recipeyard.sql import jobs as job_rows
from recipeyard.wire import answers
from recipeyard.wire import jobs as wire
from recipeyard.work import jobs

MOST_REPEATED = 25
_TAGS = ["Jobs"]
_JOBS = "/api/recipes/{recipe_id:int}/jobs"
JobId = Annotated[str, Parameter(description="A job's id, `j-…`.")]
OptionalJobId = Annotated[str | None, Parameter(description="Only jobs before (or with `prev` after) this one.")]


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
    """A page of the recipe's jobs, newest first, with those that have not ended."""
    status = by.status or ("failed" if by.failed else None)
    narrowed = job_rows.Filter(wire.STATUSES[status] if status else (), by.rerun_only)
    window = job_rows.Window(min(by.per_page, params.MOST_A_PAGE), _offset(by), by.prev)
    with context.deed.db.read() as tx:
        found, counts, scope = jobs.listed(tx, request.user.id, recipe_id, narrowed, window)
    shown = [wire.job(each.run, each.parent, each.root) for each in found]
    return wire.JobList(counts.succeeded, counts.failed, counts.all, scope, shown)


@get(f"{_JOBS}/{{job_id:str}}", sync_to_thread=True, tags=_TAGS, summary="Get a job")
def show(request: context.Asked, context: context.Context, recipe_id: params.Key, job_id: JobId) -> wire.JobDetails:
    """One job, with what each of its steps was given and came to."""
    with context.deed.db.read() as tx:
        found = jobs.show(tx, request.user.id, recipe_id, job_id)
    return wire.details(
        found.shown.run,
        found.shown.parent,
        found.shown.root,
        version_no=found.version_no,
        lines_count=found.lines_count,
        lines=[_line(found.shown.run, each) for each in found.lines],
    )


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
    """Each job's event runs once more, as a job of its own, on the version that runs now."""
    if not 1 <= len(data.job_ids) <= MOST_REPEATED:
        raise errors.Invalid.listing([errors.Issue("job_ids", f"must be 1 to {MOST_REPEATED} jobs")])
    asked = [str(each) for each in data.job_ids]
    with context.deed.db.write() as tx:
        repeated = jobs.repeat(tx, request.user.id, recipe_id, asked)
    return wire.RepeatAnswer([_repeated(handle, each) for handle, each in zip(asked, repeated, strict=True)])


@post("/api/job/resume", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Resume a job")
def resume(data: wire.ResumeRequest | None = None) -> answers.Success:
    """Refused: no step here gives a token to resume its job by."""
    del data
    raise errors.Invalid("No job waits for this token: no step here waits to be resumed from outside")


@get("/api/recipes/job_counts", sync_to_thread=True, tags=_TAGS, summary="Count jobs")
def counts(request: context.Asked, context: context.Context) -> wire.JobCounts:
    """How many jobs the workspace's recipes have run."""
    with context.deed.db.read() as tx:
        found = jobs.counts(tx, request.user.id)
    return wire.JobCounts(found.succeeded, found.failed, found.all)


def _offset(by: Filter) -> int | None:
    """The job that a page lies beside. Raises `errors.Invalid` for what is no job's id."""
    name = "offset_run_id" if by.offset_job_id is None else "offset_job_id"
    sent = by.offset_run_id if by.offset_job_id is None else by.offset_job_id
    if not sent:
        return None
    number = runs.number(sent)
    if number is None:
        raise errors.Invalid.listing([errors.Issue(name, f"{sent!r} is no job's id")])
    return number


def _line(run: runs.Run, line: jobs.Line) -> wire.Line:
    called = (line.operation.provider, line.operation.name)
    if line.step is None:
        return wire.trigger(run, called, line.output, masked=line.operation.masked, too_large=line.too_large)
    return wire.line(line.step, called, (line.input, line.output), too_large=line.too_large)


def _repeated(handle: str, repeated: jobs.Repeated) -> wire.Repeated:
    if repeated.run_id is None:
        return wire.Repeated(handle, "failed", None, repeated.error)
    return wire.Repeated(handle, "enqueued", runs.handle(repeated.run_id), None)


ROUTES = [listed, show, repeat, resume, counts]
