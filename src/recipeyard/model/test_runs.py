"""Test runs: which test cases were asked for, by whom, and what each came to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from recipeyard.model import activities

PREFIX, CASE_PREFIX = "cirr-", "citc-"
"""What the ids of runs and of cases begin with, where clients see them."""


class Status(StrEnum):
    """Where a run stands. One that is completed may have cases that failed; one that failed could not be made."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as expected; `step` is the step's number, None where it is the run's as a whole."""

    message: str
    step: int | None = None
    path: str = ""
    expected: object = None
    found: object = None


@dataclass(frozen=True, slots=True)
class Result:
    """What one case came to. It passed where nothing was found.

    `steps` are the numbers of its recipe's actions, `ran` of those that were done.
    """

    case_id: int
    name: str
    recipe_id: int | None = None
    recipe_name: str = ""
    findings: tuple[Finding, ...] = ()
    steps: tuple[int, ...] = ()
    ran: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """The record of one run of test cases."""

    id: int
    workspace_id: int
    status: Status
    case_ids: tuple[int, ...]
    asked_by: activities.Actor
    results: tuple[Result, ...]
    error: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which of a recipe's actions were done by any case of a run, by number."""

    recipe_id: int
    recipe_name: str
    steps: tuple[int, ...]
    missed: tuple[int, ...]


def coverage(results: Iterable[Result]) -> list[Coverage]:
    """What a run covered, by recipe."""
    found: dict[int, Coverage] = {}
    for each in results:
        if each.recipe_id is not None and each.steps:
            before = found.get(each.recipe_id)
            missed = tuple(step for step in (before.missed if before else each.steps) if step not in each.ran)
            found[each.recipe_id] = Coverage(each.recipe_id, each.recipe_name, each.steps, missed)
    return [found[key] for key in sorted(found)]
