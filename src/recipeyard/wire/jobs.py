"""Jobs as the API shows them: runs of recipes, and what their steps were given and came to."""

from collections.abc import Mapping
from typing import Any

import msgspec

from recipeyard.model import runs
from recipeyard.wire import answers

_PENDING = "pending"
STATUSES = {
    "succeeded": (runs.Status.SUCCEEDED,),
    "failed": (runs.Status.FAILED,),
    _PENDING: tuple(sorted(runs.SHOWN - runs.ENDED)),
}
"""The statuses that lists can be narrowed by, and what each of them stands for."""


class Job(msgspec.Struct):
    """One run of a recipe. `title` is null: no recipe here names its jobs.

    `status` is succeeded, failed or pending; `state` tells more: held, pending, running, waiting, succeeded or failed.
    """

    id: str
    flow_run_id: int
    recipe_id: int
    title: str | None
    status: str
    state: str
    started_at: str
    completed_at: str | None
    is_error: bool
    is_poll_error: bool
    error: str | None
    calling_recipe_id: int | None
    calling_job_id: str | None
    root_recipe_id: int | None
    root_job_id: str | None
    master_job_id: str | None
    report: dict[str, Any]


class LineStat(msgspec.Struct):
    """When a step began and ended."""

    started_at: str | None
    completed_at: str | None


class Line(msgspec.Struct):
    """One step of a job, as often as it was done.

    `path` tells the turns of the loops that it stands in. `status` is done, failed, waiting or under_way; `attempt`
    is above 1 where the step was under way when a server died. `input` and `output` are null where `masked`, and
    where `too_large`.
    """

    recipe_line_number: int
    adapter_name: str
    adapter_operation: str
    line_stat: LineStat
    path: str
    status: str
    attempt: int
    masked: bool
    too_large: bool
    input: Any
    output: Any
    error: str | None


class JobDetails(Job, kw_only=True):
    """A job with its steps, at most 1,000 of `lines_count`. The first line is the trigger, its output the event."""

    handle: str
    version_no: int | None
    is_repeat: bool
    is_test: bool
    is_test_case_job: bool
    master_job_handle: str | None
    calling_job_handle: str | None
    lines_count: int
    lines: list[Line]


class JobCounts(msgspec.Struct):
    """How many jobs there are: those that succeeded and failed, ever, and all with those that have not ended."""

    job_succeeded_count: int
    job_failed_count: int
    job_count: int


class JobList(msgspec.Struct):
    """A page of a recipe's jobs; `job_scope_count` counts those that are kept and that the filter lets through."""

    job_succeeded_count: int
    job_failed_count: int
    job_count: int
    job_scope_count: int
    items: list[Job]


class RepeatRequest(msgspec.Struct):
    """Which jobs are to run again, at most 25."""

    job_ids: list[str | int]


class Repeated(msgspec.Struct):
    """What became of one job that was to run again: `status` is enqueued or failed. `new_job_id` is the new job's."""

    job_id: str
    status: str
    new_job_id: str | None
    error: str | None


class RepeatAnswer(msgspec.Struct):
    """What became of each job, in the order of the request."""

    results: list[Repeated]


class ResumeRequest(msgspec.Struct):
    """The token of a job that waits, and what it waits for."""

    token: str | None = None
    data: Any = None


def job(run: runs.Run, parent: runs.Run | None, root: runs.Run | None) -> Job:
    """A job's answer; `parent` and `root` are the runs that called it, where they are kept."""
    return Job(**_fields(run, parent, root))


def details(run: runs.Run, parent: runs.Run | None, root: runs.Run | None, **more: Any) -> JobDetails:
    """A job's answer with its steps; `more` are `version_no`, `lines_count` and `lines`."""
    fields = _fields(run, parent, root)
    return JobDetails(
        **fields,
        handle=fields["id"],
        is_repeat=run.repeats_id is not None,
        is_test=False,
        is_test_case_job=False,
        master_job_handle=fields["master_job_id"],
        calling_job_handle=fields["calling_job_id"],
        **more,
    )


def line(step: runs.Step, called: tuple[str, str], shown: tuple[Any, Any], *, too_large: bool) -> Line:
    """A step's answer: what it calls, and its input and output where they may be seen."""
    return Line(
        recipe_line_number=step.number,
        adapter_name=called[0],
        adapter_operation=called[1],
        line_stat=LineStat(answers.stamp(step.started_at), answers.stamp_or_none(step.ended_at)),
        path=step.path,
        status=str(step.status),
        attempt=step.attempt,
        masked=step.masked,
        too_large=too_large,
        input=shown[0],
        output=shown[1],
        error=str((step.error or {}).get("message") or "") or None,
    )


def trigger(run: runs.Run, called: tuple[str, str], event: Any, *, masked: bool, too_large: bool) -> Line:
    """The first line of a job: its event."""
    at = answers.stamp(run.accepted_at)
    stat = LineStat(at, at)
    return Line(0, *called, stat, "", "done", 1, masked, too_large, input=None, output=event, error=None)


def failure(error: runs.Error) -> str:
    """Why a job failed, in a sentence that names the step."""
    place = f"Step {error.step}" + (f", {error.where}" if error.where else "")
    return f"{place}: {error.message}"


def _fields(run: runs.Run, parent: runs.Run | None, root: runs.Run | None) -> dict[str, Any]:
    is_ended = run.status in runs.ENDED
    report: Mapping[str, Any] = run.report
    return {
        "id": runs.handle(run.id),
        "flow_run_id": run.id,
        "recipe_id": run.recipe_id,
        "title": None,
        "status": str(run.status) if is_ended else _PENDING,
        "state": str(run.status),
        "started_at": answers.stamp(run.started_at or run.accepted_at),
        "completed_at": answers.stamp_or_none(run.ended_at),
        "is_error": run.status is runs.Status.FAILED,
        "is_poll_error": False,
        "error": failure(run.error) if run.error else None,
        "calling_recipe_id": parent.recipe_id if parent else None,
        "calling_job_id": runs.handle(run.parent_id) if run.parent_id else None,
        "root_recipe_id": root.recipe_id if root else None,
        "root_job_id": runs.handle(run.root_id) if run.root_id else None,
        "master_job_id": runs.handle(run.repeats_id) if run.repeats_id else None,
        "report": dict(report),
    }
