"""The activity log: written once, never changed."""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from recipeyard.model import activities
from recipeyard.sql import database, tables

_activities = tables.activities


def insert(
    tx: database.Tx,
    workspace_id: int,
    event_type: str,
    resource: activities.Resource,
    details: Mapping[str, object],
) -> None:
    """One more activity, of the transaction's actor."""
    row = {
        "workspace_id": workspace_id,
        "event_type": event_type,
        "actor": tx.actor.name,
        "actor_id": tx.actor.id,
        "resource_type": resource.kind,
        "resource_id": resource.id,
        "resource_name": resource.name,
        "details": dict(details),
        "created_at": tx.now,
    }
    tx.run(sa.insert(_activities), [row])


def listed(tx: database.Tx, workspace_id: int, by: activities.Filter, limit: int) -> list[activities.Activity]:
    """The newest of a workspace's activities that pass a filter, newest first."""
    where = [_activities.c.workspace_id == workspace_id, *_where(by)]
    rows = tx.all(sa.select(_activities).where(*where).order_by(_activities.c.id.desc()).limit(limit))
    return [_activity(row) for row in rows]


def _where(by: activities.Filter) -> Iterator[sa.ColumnElement[bool]]:
    kind, event = sa.func.lower(_activities.c.resource_type), sa.func.lower(_activities.c.event_type)
    if by.before_id is not None:
        yield _activities.c.id < by.before_id
    if by.since is not None:
        yield _activities.c.created_at >= by.since
    if by.until is not None:
        yield _activities.c.created_at <= by.until
    words = [
        (by.actor_ids, _activities.c.actor_id.in_(by.actor_ids)),
        (by.kinds, kind.in_(_lower(by.kinds))),
        (by.but_kinds, kind.not_in(_lower(by.but_kinds))),
        (by.events, event.in_(_lower(by.events))),
        (by.but_events, event.not_in(_lower(by.but_events))),
    ]
    yield from (condition for listed, condition in words if listed)


def _lower(words: tuple[str, ...]) -> list[str]:
    return [word.lower() for word in words]


def _activity(row: sa.Row[Any]) -> activities.Activity:
    return activities.Activity(
        id=row.id,
        event_type=row.event_type,
        actor=activities.Actor(row.actor_id, row.actor),
        resource=activities.Resource(row.resource_type, row.resource_id, row.resource_name),
        details=row.details or {},
        created_at=row.created_at,
    )
