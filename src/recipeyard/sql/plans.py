"""Plans: their records, and their one move from in progress to an end."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from recipeyard.model import activities, bundles, errors, packages, proposals
from recipeyard.sql import database, promotion_tables

_plans = promotion_tables.plans
_ENCODE = msgspec.msgpack.encode
_DECODER = msgspec.msgpack.Decoder(proposals.Content)


def insert(tx: database.Tx, plan: dict[str, Any]) -> proposals.Plan:
    """A new plan in progress. `plan` holds workspace_id, operation, folder_id, options and what else it has."""
    fixed = {"status": proposals.Status.IN_PROGRESS, "file_name": "data.zip", "asked_by": msgspec.to_builtins(tx.actor)}
    times = {"created_at": tx.now, "updated_at": tx.now}
    row = fixed | plan | {"options": msgspec.to_builtins(plan["options"])} | times
    return find(tx, plan["workspace_id"], tx.insert(_plans, [row])[0])


def record(tx: database.Tx, package: packages.Package, content: proposals.Content) -> None:
    """Keep what a package did as the plan that it was, ready and applied."""
    row = {
        "workspace_id": package.workspace_id,
        "operation": package.operation,
        "status": proposals.Status.READY,
        "folder_id": package.folder_id,
        "package_id": package.rolls_back_id or package.id,
        "applied_id": package.id,
        "options": msgspec.to_builtins(package.options),
        "asked_by": msgspec.to_builtins(package.asked_by),
        "file_name": package.file_name,
        "created_at": tx.now,
        "updated_at": tx.now,
    }
    tx.insert(_plans, [row | _values(content)])


def find(tx: database.Tx, workspace_id: int, plan_id: int) -> proposals.Plan:
    """The plan of that id. Raises `errors.NotFound`."""
    row = tx.first(sa.select(_plans).where(_plans.c.id == plan_id, _plans.c.workspace_id == workspace_id))
    if row is None:
        raise errors.NotFound.of("plan", plan_id)
    return _plan(row)


def by_id(tx: database.Tx, plan_id: int) -> proposals.Plan | None:
    """The plan of that id in whichever workspace, None where it has been deleted: for work already accepted."""
    row = tx.first(sa.select(_plans).where(_plans.c.id == plan_id))
    return _plan(row) if row else None


def applied_by(tx: database.Tx, package_id: int) -> proposals.Plan | None:
    """The plan that a package applied or is applying; None where there is none."""
    row = tx.first(sa.select(_plans).where(_plans.c.applied_id == package_id).order_by(_plans.c.id).limit(1))
    return _plan(row) if row else None


def ids_applied_by(tx: database.Tx, package_ids: Sequence[int]) -> dict[int, int]:
    """The ids of the plans that packages applied or are applying, by package."""
    query = sa.select(_plans.c.applied_id, _plans.c.id).order_by(_plans.c.id.desc())
    pieces = database.in_pieces(package_ids)
    return {row.applied_id: row.id for piece in pieces for row in tx.all(query.where(_plans.c.applied_id.in_(piece)))}


def listed(tx: database.Tx, workspace_id: int, *, offset: int, limit: int) -> list[proposals.Plan]:
    """A page of a workspace's plans, newest first; without what they say."""
    columns = [each for each in _plans.columns if each is not _plans.c.content]
    query = sa.select(*columns, sa.null().label("content")).where(_plans.c.workspace_id == workspace_id)
    return [_plan(row) for row in tx.all(query.order_by(_plans.c.id.desc()).offset(offset).limit(limit))]


def settle(tx: database.Tx, plan_id: int, content: proposals.Content) -> None:
    """A plan is ready, and says this."""
    _end(tx, plan_id, {"status": proposals.Status.READY} | _values(content))


def fail(tx: database.Tx, plan_id: int, error_parts: Sequence[str]) -> bool:
    """A plan could not be made, and holds no archive any more; false where it had ended or is gone."""
    values = {"status": proposals.Status.FAILED, "error_parts": list(error_parts), "blob_key": None}
    return _end(tx, plan_id, values)


def apply(tx: database.Tx, plan: proposals.Plan, package_id: int) -> bool:
    """A package is about to apply a plan, and has its archive from now on; false where another one was faster."""
    free = (_plans.c.id == plan.id, _plans.c.applied_id.is_(None))
    values = {"applied_id": package_id, "blob_key": None, "updated_at": tx.now}
    return bool(tx.run(sa.update(_plans).where(*free).values(values)))


def delete(tx: database.Tx, plan: proposals.Plan) -> bool:
    """Forget a plan that was not applied; false where it was. Its archive is the caller's to delete afterwards."""
    return bool(tx.run(sa.delete(_plans).where(_plans.c.id == plan.id, _plans.c.applied_id.is_(None))))


def forget_unapplied(tx: database.Tx, before: datetime) -> list[str]:
    """Forget the plans that ended before then and were not applied. Gives their archives' keys, as `delete` says."""
    old = (_plans.c.updated_at < before, _plans.c.status != proposals.Status.IN_PROGRESS, _plans.c.applied_id.is_(None))
    gone = tx.all(sa.delete(_plans).where(*old).returning(_plans.c.blob_key))
    return [row.blob_key for row in gone if row.blob_key]


def forget(tx: database.Tx, package_id: int) -> None:
    """Forget the plans of a package that is about to be forgotten."""
    tx.run(sa.delete(_plans).where(_plans.c.applied_id == package_id))


def blob_keys(tx: database.Tx, workspace_id: int | None = None) -> set[str]:
    """Every archive that a plan holds, of one workspace or of all."""
    query = sa.select(_plans.c.blob_key).where(_plans.c.blob_key.is_not(None))
    if workspace_id is not None:
        query = query.where(_plans.c.workspace_id == workspace_id)
    return {row.blob_key for row in tx.all(query)}


def fingerprint(content: proposals.Content) -> str:
    """What tells one plan from another: equal fingerprints where the same would be done to the same."""
    return bundles.digest(_ENCODE(proposals.binding_part(content)))


def as_kept(content: proposals.Content) -> proposals.Content:
    """What a plan says, as it would be read back."""
    return _DECODER.decode(_ENCODE(content))


def _values(content: proposals.Content) -> dict[str, Any]:
    return {"content": _ENCODE(content), "fingerprint": fingerprint(content)}


def _end(tx: database.Tx, plan_id: int, values: dict[str, Any]) -> bool:
    in_progress = (_plans.c.id == plan_id, _plans.c.status == proposals.Status.IN_PROGRESS)
    return bool(tx.run(sa.update(_plans).where(*in_progress).values(values | {"updated_at": tx.now})))


def _plan(row: sa.Row[Any]) -> proposals.Plan:
    return proposals.Plan(
        id=row.id,
        workspace_id=row.workspace_id,
        operation=packages.Operation(row.operation),
        status=proposals.Status(row.status),
        folder_id=row.folder_id,
        package_id=row.package_id,
        applied_id=row.applied_id,
        options=msgspec.convert(row.options or {}, packages.Options),
        asked_by=activities.Actor(**row.asked_by),
        file_name=row.file_name,
        blob_key=row.blob_key,
        fingerprint=row.fingerprint,
        content=_DECODER.decode(row.content) if row.content else None,
        error_parts=tuple(row.error_parts or ()),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
