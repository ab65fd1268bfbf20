"""Histories and drift as the API shows them."""

from collections.abc import Mapping, Sequence

import msgspec

from recipeyard.model import assets, histories, packages
from recipeyard.wire import answers
from recipeyard.wire import plans as wire_plans


class DriftItem(msgspec.Struct):
    """One asset that is not what a package left. `status`: drifted, deleted or never_deployed.

    `path` counts from the folder. `package_id` deployed the asset last; `changed_by` made the last version by hand, and
    is null where only rows were changed. `diff` goes from what was deployed to what is here.
    """

    id: int
    type: str
    name: str
    path: str
    status: str
    package_id: int | None
    deployed_at: str | None
    changed_by: str | None
    changed_at: str | None
    version_no: int | None
    diff: wire_plans.Diff | None


class Drift(msgspec.Struct):
    """What of a folder is not what packages left, by path; `in_sync` counts what is."""

    folder_id: int
    items: list[DriftItem]
    in_sync: int


class Counts(msgspec.Struct):
    """How many assets saw what."""

    created: int
    updated: int
    renamed: int
    deleted: int
    restored: int
    unchanged: int


class Edited(msgspec.Struct):
    """An asset of which somebody made a version by hand."""

    id: int
    type: str
    name: str


class FolderEvent(msgspec.Struct):
    """One thing that was done to a folder. `kind`: package, for a transfer; version, for a change made by hand.

    A transfer has the fields from `package_id` to `plan_id`, a change by hand those from `asset` on.
    """

    kind: str
    at: str
    by: str
    package_id: int | None
    operation: str | None
    rolls_back_id: int | None
    status: str | None
    counts: Counts | None
    plan_id: int | None
    asset: Edited | None
    version_id: int | None
    version_no: int | None
    comment: str | None


class FolderHistory(msgspec.Struct):
    """A page of what was done to a folder and below it, newest first."""

    folder_id: int
    items: list[FolderEvent]


class AssetEvent(msgspec.Struct):
    """One thing that happened to an asset: a version, or what a package did that made none, whose `version_no` is null.

    `name` and `path` are those of then, `path` the one in the package. `current` marks the version that is here,
    `running` the one that runs. `diff` is against the version before.
    """

    at: str
    by: str
    action: str
    name: str
    path: str | None
    version_id: int | None
    version_no: int | None
    comment: str | None
    package_id: int | None
    operation: str | None
    rolls_back_id: int | None
    current: bool
    running: bool
    diff: wire_plans.Diff | None


class AssetHistory(msgspec.Struct):
    """A page of what happened to an asset, newest first. `folder_id` is null where it is here no more."""

    asset_id: int
    type: str
    name: str
    folder_id: int | None
    items: list[AssetEvent]


def drift(folder_id: int, items: Sequence[histories.Drift], in_sync: int) -> Drift:
    """What of a folder is not what packages left."""
    return Drift(folder_id, [_drift_item(item) for item in items], in_sync)


def folder_history(folder_id: int, events: Sequence[histories.Transfer | histories.Edit]) -> FolderHistory:
    """A page of a folder's history."""
    shown = [_transfer(each) if isinstance(each, histories.Transfer) else _edit(each) for each in events]
    return FolderHistory(folder_id, shown)


def asset_history(
    asset: tuple[int, str, str], folder_id: int | None, events: Sequence[histories.Event]
) -> AssetHistory:
    """A page of the history of an asset, given as its id, kind and name."""
    asset_id, kind, name = asset
    return AssetHistory(asset_id, _type(kind), name, folder_id, [_asset_event(event) for event in events])


def _drift_item(item: histories.Drift) -> DriftItem:
    return DriftItem(
        id=item.asset_id,
        type=_type(item.kind),
        name=item.name,
        path=item.path,
        status=item.status,
        package_id=item.package_id,
        deployed_at=answers.stamp_or_none(item.deployed_at),
        changed_by=item.changed_by,
        changed_at=answers.stamp_or_none(item.changed_at),
        version_no=item.version_no,
        diff=wire_plans.difference(item.diff) if item.diff else None,
    )


def _transfer(shown: histories.Transfer) -> FolderEvent:
    package = shown.package
    return FolderEvent(
        kind="package",
        at=answers.stamp(package.created_at),
        by=package.asked_by.name,
        package_id=package.id,
        operation=package.operation,
        rolls_back_id=package.rolls_back_id,
        status=package.status,
        counts=_counts(shown.counts),
        plan_id=shown.plan_id,
        asset=None,
        version_id=None,
        version_no=None,
        comment=None,
    )


def _edit(shown: histories.Edit) -> FolderEvent:
    version, asset = shown.version, shown.asset
    return FolderEvent(
        kind="version",
        at=answers.stamp(version.created_at),
        by=version.author,
        package_id=None,
        operation=None,
        rolls_back_id=None,
        status=None,
        counts=None,
        plan_id=None,
        asset=Edited(asset.id, _type(asset.kind), asset.name),
        version_id=version.id,
        version_no=version.version_no,
        comment=version.comment,
    )


def _asset_event(event: histories.Event) -> AssetEvent:
    version, package = event.version, event.package
    return AssetEvent(
        at=answers.stamp(event.at),
        by=event.by,
        action=event.action,
        name=event.name,
        path=event.path,
        version_id=version.id if version else None,
        version_no=version.version_no if version else None,
        comment=version.comment if version else None,
        package_id=package.id if package else version.package_id if version else None,
        operation=package.operation if package else None,
        rolls_back_id=package.rolls_back_id if package else None,
        current=event.current,
        running=event.running,
        diff=wire_plans.difference(event.diff) if event.diff else None,
    )


def _counts(counts: Mapping[str, int]) -> Counts:
    return Counts(**{name: counts.get(packages.Action(name), 0) for name in Counts.__struct_fields__})


def _type(kind: str) -> str:
    return assets.WIRE_TYPES.get(kind, kind)
