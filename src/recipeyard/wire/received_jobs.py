"""Jobs as a client reads them."""

from typing import Any

import msgspec


class Job(msgspec.Struct, frozen=True):
    """A job: one run of a recipe."""

    id: str
    status: str
    state: str
    started_at: str
    completed_at: str | None = None
    error: str | None = None


class JobList(msgspec.Struct, frozen=True):
    """A page of jobs, newest first."""

    items: tuple[Job, ...]
    job_scope_count: int = 0


class Line(msgspec.Struct, frozen=True):
    """A step of a job; `input` and `output` are empty where they are hidden or too large."""

    recipe_line_number: int
    adapter_name: str
    adapter_operation: str
    path: str = ""
    status: str = ""
    attempt: int = 1
    masked: bool = False
    too_large: bool = False
    input: Any = None
    output: Any = None
    error: str | None = None


class JobDetails(Job, frozen=True, kw_only=True):
    """A job with its steps."""

    lines: tuple[Line, ...] = ()


class Repeated(msgspec.Struct, frozen=True):
    """What became of a job that was to run again."""

    job_id: str
    status: str
    new_job_id: str | None = None
    error: str | None = None


class RepeatAnswer(msgspec.Struct, frozen=True):
    """What became of jobs that were to run again."""

    results: tuple[Repeated, ...]
