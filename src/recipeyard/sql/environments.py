"""Which workspace is the test or the production of which. One is the target of one other at most."""

import sqlalchemy as sa

from recipeyard.model import deployments, workspaces
from recipeyard.sql import database, tables

_environments = tables.environments
_workspaces = tables.workspaces


def bind(tx: database.Tx, workspace_id: int, environment: deployments.Environment, target_id: int) -> None:
    """Let a workspace deploy to a target, in place of the one it had. The caller has checked that it may."""
    mine = (_environments.c.workspace_id == workspace_id, _environments.c.type == environment)
    tx.run(sa.delete(_environments).where(*mine))
    row = {"workspace_id": workspace_id, "type": environment, "target_id": target_id}
    tx.run(sa.insert(_environments), [row])


def unbind(tx: database.Tx, workspace_id: int) -> int:
    """Let a workspace deploy nowhere; returns how many targets it had."""
    return tx.run(sa.delete(_environments).where(_environments.c.workspace_id == workspace_id))


def targets(tx: database.Tx, workspace_id: int) -> dict[deployments.Environment, int]:
    """The workspaces that a workspace deploys to, by what they are to it."""
    rows = tx.all(sa.select(_environments).where(_environments.c.workspace_id == workspace_id))
    return {deployments.Environment(row.type): row.target_id for row in rows}


def source(tx: database.Tx, target_id: int) -> tuple[deployments.Environment, workspaces.Workspace] | None:
    """What a workspace is to the one that deploys to it, and that one; None where nobody does."""
    joined = _environments.join(_workspaces, _workspaces.c.id == _environments.c.workspace_id)
    query = sa.select(_environments.c.type, _workspaces).select_from(joined)
    row = tx.first(query.where(_environments.c.target_id == target_id))
    if row is None:
        return None
    workspace = workspaces.Workspace(row.id, row.name, row.root_folder_id, row.created_at)
    return deployments.Environment(row.type), workspace


def bound(tx: database.Tx) -> dict[str, list[tuple[str, str]]]:
    """By the name of each workspace that deploys: its targets, as (what it is to it, name)."""
    target = _workspaces.alias()
    joined = _environments.join(_workspaces, _workspaces.c.id == _environments.c.workspace_id)
    joined = joined.join(target, target.c.id == _environments.c.target_id)
    columns = (_workspaces.c.name, _environments.c.type, target.c.name.label("target"))
    rows = tx.all(sa.select(*columns).select_from(joined).order_by(_environments.c.type.desc()))
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        found.setdefault(row.name, []).append((row.type, row.target))
    return found
