"""Packages: the record of one transfer, its states, and what it did to each asset."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from recipeyard.model import activities, errors


class Operation(StrEnum):
    """Which way the transfer goes."""

    EXPORT = "export"
    IMPORT = "import"
    ROLLBACK = "rollback"


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
    RENAMED = "renamed"
    DELETED = "deleted"
    RESTORED = "restored"
    EXPORTED = "exported"


class ImportResult(StrEnum):
    """What became of a recipe's run state. Strict clients know these words and no others."""

    UNTOUCHED = "no_update_or_updated_without_restart"
    RESTARTED = "restarted"
    STOPPED = "stopped"


class Policy(StrEnum):
    """What an import does with an asset that was changed here since a package deployed it last."""

    INCOMING = "incoming"
    FAIL = "fail"
    TARGET = "target"
    MERGE = "merge"


class RestartFailure(StrEnum):
    """What becomes of a transfer after which a recipe that ran can't run: all of it goes back, or it stays stopped."""

    ROLLBACK = "rollback"
    KEEP = "keep"


class Dependencies(StrEnum):
    """How what a selection depends on is had: from the package too, or only from what is here."""

    INCLUDE = "include"
    REQUIRE = "require"


@dataclass(frozen=True, slots=True)
class Options:
    """What the request asked for.

    `on_conflict` is the policy of every kind that has none of its own in `by_kind`, as pairs (kind, policy). `only`
    selects by path or folder in the package, by kind, or by the id of an asset here; empty selects everything.
    `break_glass` is the reason for passing the gates. `require_tests` has the test cases of what changes run first.
    """

    restart_recipes: bool = False
    include_tags: bool = False
    folder_id_for_home_assets: int | None = None
    on_conflict: Policy = Policy.INCOMING
    by_kind: tuple[tuple[str, Policy], ...] = ()
    on_restart_failure: RestartFailure = RestartFailure.ROLLBACK
    prune: bool = False
    only: tuple[str, ...] = ()
    dependencies: Dependencies = Dependencies.INCLUDE
    break_glass: str | None = None
    require_tests: bool = False

    def issues(self) -> list[errors.Issue]:
        """What of it contradicts itself or means nothing."""
        issues = [errors.Issue("only[]", "is blank") for each in self.only if not each.strip()]
        if self.prune and self.only:
            what = "can't be set with only[]: what is not asked for would be deleted"
            issues.append(errors.Issue("prune", what))
        return issues

    def policy(self, kind: str) -> Policy:
        """The policy for assets of a kind."""
        return dict(self.by_kind).get(kind, self.on_conflict)


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
    """The record of one export, import or rollback.

    `blob_key` names its archive's bytes, None until there are any; `rolls_back_id` is the package that a rollback takes
    back.
    """

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
    rolls_back_id: int | None
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
