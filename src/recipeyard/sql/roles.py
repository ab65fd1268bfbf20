"""Roles of API clients. A system role is a row without privileges: what it holds, its name says."""

from typing import Any

import sqlalchemy as sa

from recipeyard.model import clients, errors
from recipeyard.sql import database, tables

_roles = tables.roles


def insert(tx: database.Tx, workspace_id: int, name: str, privileges: clients.Privileges | None) -> int:
    """A new role's id; without privileges it is a system role."""
    values = {"name": name, "privileges": privileges, "created_at": tx.now, "updated_at": tx.now}
    return tx.insert(_roles, [values | {"workspace_id": workspace_id}])[0]


def find(tx: database.Tx, workspace_id: int, role_id: int) -> clients.Role:
    """The role of that id. Raises `errors.NotFound`."""
    row = tx.first(sa.select(_roles).where(_roles.c.id == role_id, _roles.c.workspace_id == workspace_id))
    if row is None:
        raise errors.NotFound.of("role", role_id)
    return role(row)


def listed(tx: database.Tx, workspace_id: int) -> list[clients.Role]:
    """A workspace's roles, by id."""
    rows = tx.all(sa.select(_roles).where(_roles.c.workspace_id == workspace_id).order_by(_roles.c.id))
    return [role(row) for row in rows]


def change(tx: database.Tx, role: clients.Role) -> None:
    """Write a role's name and privileges."""
    values = {"name": role.name, "privileges": role.privileges, "updated_at": tx.now}
    tx.run(sa.update(_roles).where(_roles.c.id == role.id).values(values))


def delete(tx: database.Tx, role: clients.Role) -> None:
    """Delete a role. The caller has checked that no client has it: such clients would go along."""
    tx.run(sa.delete(_roles).where(_roles.c.id == role.id))


def role(row: sa.Row[Any]) -> clients.Role:
    """A row of `roles` as what it means."""
    is_system = row.privileges is None
    privileges = clients.SYSTEM[row.name] if is_system else row.privileges
    return clients.Role(row.id, row.name, privileges, is_system, row.created_at, row.updated_at)
