"""Packages: the record of one transfer, its states, and what it did to each asset."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from recipeyard.model import activities, errors


class Operation(StrEnum):
    """Which way the transfer goes."""

    EXPORT = "export"
    IMPORT = "import"


class Status(StrEnum):
    """Where a transfer stands. Clients end their polling on anything but `in_progress`."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"


MOVES: dict[Status, frozenset[Status]] = {
    Status.IN_PROGRESS: frozenset({Status.COMPLETED, Status.FAILED}),
    Status.COMPLETED: frozenset(),
    Status.FAILED: frozenset(),
}
"""The legal moves: a package that has ended stays as it ended."""


class Phase(StrEnum):
    """What a transfer in progress is doing."""

    QUEUED = "queued"
    READING = "reading"
    APPLYING = "applying"
    PACKING = "packing"
    DONE = "done"


class Action(StrEnum):
    """What a transfer did to one asset."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    EXPORTED = "exported"


class ImportResult(StrEnum):
    """What became of a recipe's run state. Strict clients know these words and no others."""

    UNTOUCHED = "no_update_or_updated_without_restart"
    RESTARTED = "restarted"


@dataclass(frozen=True, slots=True)
class Options:
    """What the request asked for."""

    restart_recipes: bool = False
    include_tags: bool = False
    folder_id_for_home_assets: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What happened to one asset: the deployment record, and what the API tells of it."""

    asset_id: int
    kind: str
    path: str
    name: str
    action: Action
    version_before: int | None
    version_after: int | None
    digest: str
    import_result: ImportResult | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """The record of one export or import. `blob_key` names its archive's bytes, None until there are any."""

    id: int
    workspace_id: int
    operation: Operation
    status: Status
    folder_id: int
    manifest_id: int | None
    options: Options
    asked_by: activities.Actor
    file_name: str
    blob_key: str | None
    phase: Phase
    percent: int
    error_parts: tuple[str, ...]
    issues: tuple[errors.Issue, ...]
    warnings: tuple[str, ...]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a transfer ended. `error_parts` says everything that is wrong; `issues` those parts that lie somewhere."""

    status: Status
    error_parts: tuple[str, ...] = ()
    issues: tuple[errors.Issue, ...] = ()
    warnings: tuple[str, ...] = ()
    results: tuple[Result, ...] = field(default=())
    blob_key: str | None = None


def failed(failure: errors.Failure) -> Outcome:
    """How a transfer ends where something is wrong: a part for each issue, else the failure's sentence."""
    issues = failure.issues if isinstance(failure, errors.Invalid) else ()
    parts = tuple(str(issue) for issue in issues) or (failure.message,)
    return Outcome(Status.FAILED, parts, tuple(issue for issue in issues if issue.where))
