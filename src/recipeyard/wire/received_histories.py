"""Histories and drift as a client reads them; `received` says which keys are required."""

import msgspec

from recipeyard.wire import received_plans


class DriftItem(msgspec.Struct, frozen=True):
    """One asset that is not what a package left. `status`: drifted, deleted or never_deployed."""

    id: int
    type: str
    name: str
    path: str
    status: str
    package_id: int | None = None
    deployed_at: str | None = None
    changed_by: str | None = None
    changed_at: str | None = None
    version_no: int | None = None
    diff: received_plans.Diff | None = None


class Drift(msgspec.Struct, frozen=True):
    """What of a folder is not what packages left; `in_sync` counts what is."""

    folder_id: int
    items: tuple[DriftItem, ...] = ()
    in_sync: int = 0


class Counts(msgspec.Struct, frozen=True):
    """How many assets saw what."""

    created: int = 0
    updated: int = 0
    renamed: int = 0
    deleted: int = 0
    restored: int = 0
    unchanged: int = 0


class Edited(msgspec.Struct, frozen=True):
    """An asset of which somebody made a version by hand."""

    id: int
    type: str
    name: str


class FolderEvent(msgspec.Struct, frozen=True):
    """One thing that was done to a folder: a transfer (`package`), or a change made by hand (`version`)."""

    kind: str
    at: str
    by: str
    package_id: int | None = None
    operation: str | None = None
    rolls_back_id: int | None = None
    status: str | None = None
    counts: Counts | None = None
    plan_id: int | None = None
    asset: Edited | None = None
    version_no: int | None = None
    comment: str | None = None


class FolderHistory(msgspec.Struct, frozen=True):
    """What was done to a folder and below it, newest first."""

    folder_id: int
    items: tuple[FolderEvent, ...] = ()


class AssetEvent(msgspec.Struct, frozen=True):
    """One thing that happened to an asset; `diff` is against the version before."""

    at: str
    by: str
    action: str
    name: str
    version_no: int | None = None
    comment: str | None = None
    package_id: int | None = None
    operation: str | None = None
    rolls_back_id: int | None = None
    current: bool = False
    running: bool = False
    diff: received_plans.Diff | None = None


class AssetHistory(msgspec.Struct, frozen=True):
    """What happened to an asset, newest first."""

    asset_id: int
    type: str
    name: str
    folder_id: int | None = None
    items: tuple[AssetEvent, ...] = ()
