"""Runs: one execution of a recipe's version for one event. On the wire they are jobs, and their ids have a handle."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

PREFIX = "j-"

MOST_NESTED = 25
"""How deep recipes may call each other and wait."""

LONGEST_CHAIN = 1000
"""How many recipes may call on one after another without waiting."""

MOST_DEATHS = 10
"""How often servers may die while they carry one run out and it does no step, before nobody takes it up any more."""

MOST_PENDING = 10_000
"""How many events may wait for one recipe before senders are asked to come again later."""

MOST_CALLED = 10_000
"""How many runs may wait for one recipe before recipes that call it on, or tell it news, fail at that."""


class Status(StrEnum):
    """How a run stands. `held` waits for its recipe to start; `filtered` was none of the recipe's business."""

    HELD = "held"
    PENDING = "pending"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    FILTERED = "filtered"


ENDED = frozenset({Status.SUCCEEDED, Status.FAILED, Status.FILTERED})
SHOWN = frozenset(Status) - {Status.FILTERED}


class StepStatus(StrEnum):
    """How a step of a run stands. One that is `under_way` after a death may have been done, or may not."""

    UNDER_WAY = "under_way"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Error:
    """Why a run failed: at which step, in which field of it, and what."""

    step: int
    where: str
    message: str
    kind: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `depth` counts the runs that wait for it, `chain` all that led to it, `deaths` how often a
    server died with it since it did a step or began to wait.
    """

    id: int
    workspace_id: int
    recipe_id: int
    version_id: int | None
    event_key: str
    status: Status
    node: str | None
    due_at: datetime | None
    waits_for: tuple[int, ...]
    parent_id: int | None
    root_id: int | None
    repeats_id: int | None
    depth: int
    chain: int
    deaths: int
    error: Error | None
    report: dict[str, Any]
    accepted_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that becomes a run."""

    workspace_id: int
    recipe_id: int
    version_id: int | None
    event_key: str
    event: bytes
    status: Status
    node: str | None = None
    parent_id: int | None = None
    root_id: int | None = None
    repeats_id: int | None = None
    depth: int = 0
    chain: int = 0
    deaths: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a run's journal. `input` and `entry` are encoded values; sealed where the step is masked."""

    position: int
    number: int
    path: str
    status: StepStatus
    attempt: int
    masked: bool
    input: bytes | None
    entry: bytes | None
    error: dict[str, Any] | None
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tally:
    """What a recipe's runs came to, ever."""

    succeeded: int = 0
    failed: int = 0
    tasks: int = 0
    last_run_at: datetime | None = None


def handle(run_id: int) -> str:
    """A run's id as the wire spells it."""
    return f"{PREFIX}{run_id}"


def number(handle: str) -> int | None:
    """The id that a handle spells, with or without its prefix; None where it spells none."""
    digits = handle.removeprefix(PREFIX)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None
