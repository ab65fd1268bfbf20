"""Which workspace manages which. Every function that takes a manager sees nothing of another's customers."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from recipeyard.model import customers, errors, workspaces
from recipeyard.sql import database, tables

_customers = tables.customers
_workspaces = tables.workspaces


def find(tx: database.Tx, manager_id: int, workspace_id: int) -> customers.Customer:
    """The customer of that workspace's id. Raises `errors.NotFound`."""
    return _one(tx, workspace_id, _customers.c.manager_id == manager_id, _customers.c.workspace_id == workspace_id)


def find_external(tx: database.Tx, manager_id: int, external_id: str) -> customers.Customer:
    """The customer of that external id. Raises `errors.NotFound`."""
    mine = (_customers.c.manager_id == manager_id, _customers.c.external_id == external_id)
    return _one(tx, repr(external_id), *mine)


def by_id(tx: database.Tx, workspace_id: int) -> customers.Customer:
    """The customer of that workspace's id, whoever manages it. Raises `errors.NotFound`."""
    return _one(tx, workspace_id, _customers.c.workspace_id == workspace_id)


def listed(tx: database.Tx, manager_id: int, *, offset: int, limit: int) -> list[customers.Customer]:
    """A page of a manager's customers, oldest first."""
    query = _select().where(_customers.c.manager_id == manager_id).order_by(_workspaces.c.id)
    return [_customer(row) for row in tx.all(query.offset(offset).limit(limit))]


def manager(tx: database.Tx, workspace_id: int) -> workspaces.Workspace | None:
    """The workspace that manages this one, if any."""
    joined = _customers.join(_workspaces, _workspaces.c.id == _customers.c.manager_id)
    row = tx.first(sa.select(_workspaces).select_from(joined).where(_customers.c.workspace_id == workspace_id))
    return workspaces.Workspace(row.id, row.name, row.root_folder_id, row.created_at) if row else None


def managers(tx: database.Tx) -> dict[str, str]:
    """The name of each managed workspace's manager, by its own."""
    above = _workspaces.alias()
    joined = _customers.join(_workspaces, _workspaces.c.id == _customers.c.workspace_id)
    joined = joined.join(above, above.c.id == _customers.c.manager_id)
    rows = tx.all(sa.select(_workspaces.c.name, above.c.name.label("manager")).select_from(joined))
    return {row.name: row.manager for row in rows}


def insert(tx: database.Tx, manager_id: int, workspace_id: int) -> None:
    """Let a workspace be managed by another. The caller has checked that it may."""
    row = {"workspace_id": workspace_id, "manager_id": manager_id, "details": {}, "updated_at": tx.now}
    tx.run(sa.insert(_customers), [row])


def change(tx: database.Tx, customer: customers.Customer, external_id: str | None, details: Mapping[str, str]) -> None:
    """Write what the manager keeps of a customer. Raises `errors.Invalid` where it knows another by that id."""
    mine = (_customers.c.manager_id == customer.manager_id, _customers.c.workspace_id != customer.workspace.id)
    if external_id is not None and tx.first(
        sa.select(_customers).where(*mine, _customers.c.external_id == external_id)
    ):
        raise errors.Invalid.listing([errors.Issue("external_id", f"{external_id!r} has already been taken")])
    values = {"external_id": external_id, "details": dict(details), "updated_at": tx.now}
    tx.run(sa.update(_customers).where(_customers.c.workspace_id == customer.workspace.id).values(values))


def _one(tx: database.Tx, key: object, *where: sa.ColumnElement[bool]) -> customers.Customer:
    row = tx.first(_select().where(*where))
    if row is None:
        raise errors.NotFound.of("customer", key)
    return _customer(row)


def _select() -> sa.Select[Any]:
    joined = _customers.join(_workspaces, _workspaces.c.id == _customers.c.workspace_id)
    return sa.select(_customers, _workspaces).select_from(joined)


def _customer(row: sa.Row[Any]) -> customers.Customer:
    workspace = workspaces.Workspace(row.id, row.name, row.root_folder_id, row.created_at)
    return customers.Customer(workspace, row.manager_id, row.external_id, row.details or {}, row.updated_at)
