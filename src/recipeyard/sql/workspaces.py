"""Workspaces and the tokens that open them. A token is kept as its digest; the token itself is nowhere."""

from collections.abc import Sequence

import sqlalchemy as sa

from recipeyard.model import clients, errors, workspaces
from recipeyard.sql import database, folders, roles, tables

_workspaces = tables.workspaces
_tokens = tables.tokens


def create(tx: database.Tx, name: str) -> workspaces.Workspace:
    """A new workspace with its root folder and the system's roles.

    Raises `errors.Invalid` where the name is blank or taken.
    """
    _check_name(tx, name)
    workspace_id = tx.insert(_workspaces, [{"name": name, "created_at": tx.now}])[0]
    root_id = folders.insert(tx, workspace_id, None, "Home")
    for role in clients.SYSTEM:
        roles.insert(tx, workspace_id, role, None)
    tx.run(sa.update(_workspaces).where(_workspaces.c.id == workspace_id).values(root_folder_id=root_id))
    return workspaces.Workspace(workspace_id, name, root_id, tx.now)


def rename(tx: database.Tx, workspace: workspaces.Workspace, name: str) -> None:
    """Give a workspace another name. Raises `errors.Invalid` where it is blank or taken."""
    if name != workspace.name:
        _check_name(tx, name)
        tx.run(sa.update(_workspaces).where(_workspaces.c.id == workspace.id).values(name=name))


def delete(tx: database.Tx, workspace: workspaces.Workspace) -> None:
    """Delete a workspace with everything in it. Its archives' bytes are the caller's to delete."""
    tx.run(sa.delete(_workspaces).where(_workspaces.c.id == workspace.id))


def find(tx: database.Tx, workspace_id: int) -> workspaces.Workspace:
    """The workspace of that id."""
    row = tx.connection.execute(sa.select(_workspaces).where(_workspaces.c.id == workspace_id)).one()
    return workspaces.Workspace(row.id, row.name, row.root_folder_id, row.created_at)


def named(tx: database.Tx, name: str) -> workspaces.Workspace:
    """The workspace of that name. Raises `errors.NotFound`."""
    row = tx.first(sa.select(_workspaces).where(_workspaces.c.name == name))
    if row is None:
        raise errors.NotFound(f"there is no workspace {name!r}")
    return workspaces.Workspace(row.id, row.name, row.root_folder_id, row.created_at)


def lock(tx: database.Tx, workspace_id: int) -> workspaces.Workspace:
    """The workspace, held for this transaction: whoever changes a workspace's assets takes this lock first.

    What only belongs to the workspace, as events and steps of its recipes do, is written meanwhile.
    """
    query = sa.select(_workspaces).where(_workspaces.c.id == workspace_id).with_for_update(key_share=True)
    row = tx.connection.execute(query).one()
    return workspaces.Workspace(row.id, row.name, row.root_folder_id, row.created_at)


def names(tx: database.Tx) -> Sequence[str]:
    """Every workspace's name, oldest first."""
    return [row.name for row in tx.all(sa.select(_workspaces.c.name).order_by(_workspaces.c.id))]


def add_token(tx: database.Tx, workspace: workspaces.Workspace, digest: str) -> None:
    """Let the token with that digest open the workspace."""
    tx.insert(_tokens, [{"workspace_id": workspace.id, "digest": digest, "created_at": tx.now}])


def revoke_token(tx: database.Tx, digest: str) -> None:
    """From now on the token with that digest opens nothing."""
    tx.run(sa.update(_tokens).where(_tokens.c.digest == digest).values(revoked_at=tx.now))


def by_token(tx: database.Tx, digest: str) -> workspaces.Workspace:
    """The workspace that a token opens. Raises `errors.Unauthenticated` for one unknown or revoked."""
    joined = _tokens.join(_workspaces, _workspaces.c.id == _tokens.c.workspace_id)
    query = sa.select(_workspaces).select_from(joined).where(_tokens.c.digest == digest, _tokens.c.revoked_at.is_(None))
    row = tx.first(query)
    if row is None:
        raise errors.Unauthenticated("Unauthorized")
    return workspaces.Workspace(row.id, row.name, row.root_folder_id, row.created_at)


def _check_name(tx: database.Tx, name: str) -> None:
    if not name.strip():
        raise errors.Invalid.listing([errors.Issue("name", "can't be blank")])
    if tx.first(sa.select(_workspaces.c.id).where(_workspaces.c.name == name)):
        raise errors.Invalid.listing([errors.Issue("name", f"there is a workspace {name!r} already")])
