"""Jobs and test runs as the API shows them. This server does not execute recipes, so that there are none."""

from typing import Any

import msgspec


class Job(msgspec.Struct):
    """One run of a recipe."""

    id: str
    flow_run_id: int
    recipe_id: int
    title: str | None
    status: str
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


class JobCounts(msgspec.Struct):
    """How many jobs there are."""

    job_succeeded_count: int = 0
    job_failed_count: int = 0
    job_count: int = 0


class JobList(msgspec.Struct):
    """A page of a recipe's jobs; `job_scope_count` counts those that the filter lets through."""

    job_succeeded_count: int = 0
    job_failed_count: int = 0
    job_count: int = 0
    job_scope_count: int = 0
    items: list[Job] = []


class RepeatRequest(msgspec.Struct):
    """Which jobs are to run again, at most 25."""

    job_ids: list[str | int]


class Repeated(msgspec.Struct):
    """What became of one job that was to run again: `status` is enqueued or failed."""

    job_id: str
    status: str
    error: str | None


class RepeatAnswer(msgspec.Struct):
    """What became of each job, in the order of the request."""

    results: list[Repeated]


class ResumeRequest(msgspec.Struct):
    """The token of a job that waits, and what it waits for."""

    token: str | None = None
    data: Any = None
