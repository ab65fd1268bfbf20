"""Builds and deployments: records of what was asked for. How far they are stands with their packages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from recipeyard.model import deployments, errors
from recipeyard.sql import database, tables

_builds = tables.builds
_deployments = tables.deployments


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of deployments is narrowed by; `since` and `until` bound the moment they were asked for."""

    project_id: int | None = None
    environment: deployments.Environment | None = None
    since: datetime | None = None
    until: datetime | None = None


def insert_build(tx: database.Tx, build: dict[str, Any]) -> deployments.Build:
    """A new build; `build` holds all but its number and its time."""
    build_id = tx.insert(_builds, [build | {"created_at": tx.now}])[0]
    return find_build(tx, build["workspace_id"], build_id)


def find_build(tx: database.Tx, workspace_id: int, build_id: int) -> deployments.Build:
    """The build of that id. Raises `errors.NotFound`."""
    row = tx.first(sa.select(_builds).where(_builds.c.id == build_id, _builds.c.workspace_id == workspace_id))
    if row is None:
        raise errors.NotFound.of("build", build_id)
    return deployments.Build(**{name: getattr(row, name) for name in deployments.Build.__slots__})


def insert(tx: database.Tx, deployment: dict[str, Any]) -> deployments.Deployment:
    """A new deployment that waits; `deployment` holds all but its number and its times."""
    row = deployment | {"created_at": tx.now, "updated_at": tx.now}
    return find(tx, deployment["workspace_id"], tx.insert(_deployments, [row])[0])


def find(tx: database.Tx, workspace_id: int, deployment_id: int) -> deployments.Deployment:
    """The deployment of that id. Raises `errors.NotFound`."""
    row = tx.first(_select().where(_deployments.c.id == deployment_id, _deployments.c.workspace_id == workspace_id))
    if row is None:
        raise errors.NotFound.of("deployment", deployment_id)
    return _deployment(row)


def by_id(tx: database.Tx, deployment_id: int) -> deployments.Deployment | None:
    """The deployment of that id in whichever workspace, None where it is gone: for work already accepted."""
    row = tx.first(_select().where(_deployments.c.id == deployment_id))
    return _deployment(row) if row else None


def listed(tx: database.Tx, workspace_id: int, by: Filter) -> list[deployments.Deployment]:
    """A workspace's deployments, newest first."""
    wanted = [_deployments.c.workspace_id == workspace_id]
    if by.project_id is not None:
        wanted.append(_builds.c.project_id == by.project_id)
    if by.environment is not None:
        wanted.append(_deployments.c.environment == by.environment)
    if by.since is not None:
        wanted.append(_deployments.c.created_at >= by.since)
    if by.until is not None:
        wanted.append(_deployments.c.created_at <= by.until)
    return [_deployment(row) for row in tx.all(_select().where(*wanted).order_by(_deployments.c.id.desc()))]


def arrive(tx: database.Tx, deployment_id: int, package_id: int) -> bool:
    """Hang a deployment on its import. False, and nothing written, where it has one, has failed, or is gone."""
    return bool(tx.run(_waiting(deployment_id).values(package_id=package_id, updated_at=tx.now)))


def fail(tx: database.Tx, deployment_id: int, error: str) -> None:
    """End a deployment that has not arrived."""
    tx.run(_waiting(deployment_id).values(error=error, updated_at=tx.now))


def holder(tx: database.Tx, package_id: int) -> str | None:
    """What a package is part of, in words; None where of nothing."""
    for what, table in (("build", _builds), ("deployment", _deployments)):
        row = tx.first(sa.select(table.c.id).where(table.c.package_id == package_id))
        if row:
            return f"{what} {row.id}"
    return None


def packages_of(found: Sequence[deployments.Deployment]) -> list[int]:
    """The ids of the imports of deployments that have one."""
    return [each.package_id for each in found if each.package_id is not None]


def _waiting(deployment_id: int) -> sa.Update:
    waits = (_deployments.c.package_id.is_(None), _deployments.c.error.is_(None))
    return sa.update(_deployments).where(_deployments.c.id == deployment_id, *waits)


def _select() -> sa.Select[Any]:
    joined = _deployments.join(_builds, _builds.c.id == _deployments.c.build_id)
    return sa.select(_deployments, _builds.c.project_id).select_from(joined)


def _deployment(row: sa.Row[Any]) -> deployments.Deployment:
    fields = {name: getattr(row, name) for name in deployments.Deployment.__slots__}
    return deployments.Deployment(**fields | {"environment": deployments.Environment(row.environment)})
