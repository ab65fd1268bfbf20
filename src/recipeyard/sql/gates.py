"""The gates of workspaces, and who has approved which plan."""

from typing import Any

import msgspec
import sqlalchemy as sa

from recipeyard.model import activities, gates
from recipeyard.sql import database, promotion_tables, tables

_gates = promotion_tables.gates
_approvals = promotion_tables.approvals
_assets = tables.assets
_versions = tables.versions


def find(tx: database.Tx, workspace_id: int) -> gates.Kept:
    """A workspace's gates; all are open where nobody has set any."""
    row = tx.first(sa.select(_gates).where(_gates.c.workspace_id == workspace_id))
    if row is None:
        return gates.Kept(gates.Gates())
    kept = msgspec.convert(row.content, gates.Gates)
    return gates.Kept(kept, row.version_no, activities.Actor(**row.set_by), row.updated_at)


def keep(tx: database.Tx, workspace_id: int, wanted: gates.Gates, version_no: int) -> None:
    """Set a workspace's gates, in place of those it had."""
    tx.run(sa.delete(_gates).where(_gates.c.workspace_id == workspace_id))
    row = {
        "workspace_id": workspace_id,
        "version_no": version_no,
        "content": msgspec.to_builtins(wanted),
        "set_by": msgspec.to_builtins(tx.actor),
        "updated_at": tx.now,
    }
    tx.run(sa.insert(_gates), [row])


def approvals(tx: database.Tx, plan_id: int) -> list[gates.Approval]:
    """Who has approved a plan, in their order."""
    query = sa.select(_approvals).where(_approvals.c.plan_id == plan_id)
    return [_approval(row) for row in tx.all(query.order_by(_approvals.c.created_at, _approvals.c.approver))]


def approve(tx: database.Tx, plan_id: int, comment: str | None) -> None:
    """Whoever acts approves a plan; where they had, with this comment from now on."""
    key = {"plan_id": plan_id, "approver": gates.person(tx.actor)}
    said = {"approved_by": msgspec.to_builtins(tx.actor), "comment": comment, "created_at": tx.now}
    tx.insert_new(_approvals, [key | said])
    tx.run(sa.update(_approvals).where(*_of(tx, plan_id)).values(said))


def withdraw(tx: database.Tx, plan_id: int) -> bool:
    """Whoever acts approves a plan no more; false where they had not."""
    return bool(tx.run(sa.delete(_approvals).where(*_of(tx, plan_id))))


def ran(tx: database.Tx, workspace_id: int, digests: list[str]) -> set[str]:
    """Which of these documents have run in a workspace: those that arrived so, and those that are kept so."""
    query = sa.select(_versions.c.digest, _versions.c.arrived_digest)
    query = query.select_from(_versions.join(_assets, _assets.c.id == _versions.c.asset_id))
    query = query.where(_assets.c.workspace_id == workspace_id, _versions.c.ran_at.is_not(None))
    found: set[str] = set()
    for piece in database.in_pieces(digests):
        meant = sa.or_(_versions.c.digest.in_(piece), _versions.c.arrived_digest.in_(piece))
        found |= {digest for row in tx.all(query.where(meant)) for digest in row}
    return found


def _of(tx: database.Tx, plan_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    """Whoever acts, as one who has approved a plan."""
    return _approvals.c.plan_id == plan_id, _approvals.c.approver == gates.person(tx.actor)


def _approval(row: sa.Row[Any]) -> gates.Approval:
    return gates.Approval(activities.Actor(**row.approved_by), row.comment, row.created_at)
