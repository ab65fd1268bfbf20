"""Plans as a client reads them; `received` says which keys are required."""

from typing import Any

import msgspec

from recipeyard.wire import received_gates


class Notice(msgspec.Struct, frozen=True):
    """What stands in the way, or should be known."""

    code: str
    path: str
    message: str


class Field(msgspec.Struct, frozen=True):
    """A field that differs: added, removed, changed, or moved."""

    path: str
    change: str
    before: Any = None
    after: Any = None
    cosmetic: bool = False


class Step(msgspec.Struct, frozen=True, rename={"alias": "as"}):
    """A step that differs: added, removed, moved or changed. `number` counts from 0, the trigger, in reading order."""

    change: str
    number: int
    number_before: int | None = None
    uuid: str | None = None
    alias: str | None = None
    keyword: str | None = None
    provider: str | None = None
    name: str | None = None
    fields: tuple[Field, ...] = ()
    more_fields: int = 0
    cosmetic: bool = False


class ChangedRow(msgspec.Struct, frozen=True):
    """A table's row before and after: texts in order, or by column."""

    before: Any
    after: Any


class Rows(msgspec.Struct, frozen=True):
    """A table's rows that differ: the first of each change, and how many more there are."""

    added: tuple[Any, ...] = ()
    removed: tuple[Any, ...] = ()
    changed: tuple[ChangedRow, ...] = ()
    more_added: int = 0
    more_removed: int = 0
    more_changed: int = 0


class File(msgspec.Struct, frozen=True):
    """A file beside a document that differs."""

    suffix: str
    before: str | None = None
    after: str | None = None


class Diff(msgspec.Struct, frozen=True):
    """What differs in one asset; `cosmetic` says that nothing of it changes what runs."""

    fields: tuple[Field, ...] = ()
    steps: tuple[Step, ...] = ()
    rows: Rows | None = None
    files: tuple[File, ...] = ()
    references: tuple[str, ...] = ()
    tags_added: tuple[str, ...] = ()
    tags_removed: tuple[str, ...] = ()
    cosmetic: bool = False
    more_fields: int = 0
    more_steps: int = 0


class Change(msgspec.Struct, frozen=True):
    """What would happen to one asset. `action`: create, update, rename, delete or conflict."""

    action: str
    type: str
    name: str
    path: str
    id: int | None = None
    diff: Diff | None = None
    previous_name: str | None = None
    previous_path: str | None = None
    restarts: bool = False
    drifted: bool = False
    resolution: str | None = None
    used_by: tuple[str, ...] = ()


class Summary(msgspec.Struct, frozen=True):
    """How many assets would see what."""

    create: int = 0
    update: int = 0
    rename: int = 0
    delete: int = 0
    conflict: int = 0
    unchanged: int = 0


class Restart(msgspec.Struct, frozen=True):
    """A running recipe that would run its new version."""

    id: int
    name: str


class Binding(msgspec.Struct, frozen=True):
    """A binding that would be used: what the package calls by this name is that here."""

    path: str
    type: str
    name: str
    target_id: int | None = None
    target: str = ""


class Plan(msgspec.Struct, frozen=True):
    """What an import or a rollback would change. `unmet_gates` are those that change with time."""

    id: int
    operation: str
    status: str
    folder_id: int
    package_id: int | None = None
    applied_package_id: int | None = None
    changes: tuple[Change, ...] = ()
    blockers: tuple[Notice, ...] = ()
    warnings: tuple[Notice, ...] = ()
    summary: Summary = Summary()
    restarts: tuple[Restart, ...] = ()
    bindings: tuple[Binding, ...] = ()
    approvals: tuple[received_gates.Approval, ...] = ()
    approvals_required: int = 0
    unmet_gates: tuple[Notice, ...] = ()
    error: str | None = None

    @property
    def has_ended(self) -> bool:
        """Whether it is ready or failed for good."""
        return self.status != "in_progress"
