"""Listeners: how recipes that run hear of events. One that is due is a schedule's next moment or a poll's next look."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from recipeyard.sql import database, runtime_tables, tables

_listeners = runtime_tables.listeners


@dataclass(frozen=True, slots=True)
class Listener:
    """How a recipe listens: the kind of its trigger, the subject or the moment that it waits for, what a poll left."""

    recipe_id: int
    workspace_id: int
    kind: str
    subject: str | None = None
    due_at: datetime | None = None
    cursor: bytes | None = None
    failures: int = 0
    error: str | None = None


def put(tx: database.Tx, listener: Listener) -> None:
    """A recipe listens like this from now on."""
    remove(tx, [listener.recipe_id])
    tx.run(sa.insert(_listeners), [asdict(listener)])


def remove(tx: database.Tx, recipe_ids: Collection[int]) -> None:
    """Recipes listen no more."""
    for piece in database.in_pieces(sorted(recipe_ids)):
        tx.run(sa.delete(_listeners).where(_listeners.c.recipe_id.in_(piece)))


def find(tx: database.Tx, recipe_id: int) -> Listener | None:
    """How a recipe listens; None where it does not."""
    row = tx.first(sa.select(_listeners).where(_listeners.c.recipe_id == recipe_id))
    return Listener(**row._asdict()) if row else None


def hold(tx: database.Tx, was: Listener) -> bool:
    """Whether a listener is as it was, its error aside; nobody changes it before this transaction ends."""
    query = sa.select(_listeners).where(_listeners.c.recipe_id == was.recipe_id)
    row = tx.first(query.with_for_update())
    return row is not None and (row.due_at, row.cursor, row.subject) == (was.due_at, was.cursor, was.subject)


def to(tx: database.Tx, workspace_id: int, subject: str) -> list[Listener]:
    """Who listens to a subject, in the order of recipes."""
    mine = (_listeners.c.workspace_id == workspace_id, _listeners.c.subject == subject)
    query = sa.select(_listeners).where(*mine).order_by(_listeners.c.recipe_id)
    return [Listener(**row._asdict()) for row in tx.all(query)]


def due(tx: database.Tx, limit: int) -> list[Listener]:
    """Listeners whose moment has come."""
    query = sa.select(_listeners).where(_listeners.c.due_at <= tx.now).order_by(_listeners.c.due_at).limit(limit)
    return [Listener(**row._asdict()) for row in tx.all(query)]


def next_due(tx: database.Tx) -> datetime | None:
    """When the next listener is due."""
    row = tx.first(
        sa.select(_listeners.c.due_at).where(_listeners.c.due_at.is_not(None)).order_by(_listeners.c.due_at).limit(1)
    )
    return row.due_at if row else None


def postpone(tx: database.Tx, was: Listener, due_at: datetime | None) -> bool:
    """A listener's next moment; whether it was still due when this was asked for."""
    same = (_listeners.c.recipe_id == was.recipe_id, _listeners.c.due_at == was.due_at)
    return bool(tx.run(sa.update(_listeners).where(*same).values(due_at=due_at)))


def remember(tx: database.Tx, recipe_id: int, cursor: bytes | None, error: str | None) -> None:
    """What a look left: where the next one goes on, or why it failed."""
    failures = _listeners.c.failures + 1 if error else 0
    values = {"error": error, "failures": failures} | ({} if error else {"cursor": cursor})
    tx.run(sa.update(_listeners).where(_listeners.c.recipe_id == recipe_id).values(values))


def hasten(tx: database.Tx, recipe_id: int) -> bool:
    """A poll is due at once; whether the recipe has one."""
    polls = (_listeners.c.recipe_id == recipe_id, _listeners.c.kind == "poll")
    return bool(tx.run(sa.update(_listeners).where(*polls).values(due_at=tx.now)))


def forget(tx: database.Tx, recipe_id: int) -> bool:
    """A poll begins anew, at its next look; whether there was anything to forget. A look under way counts no more."""
    known = (_listeners.c.recipe_id == recipe_id, _listeners.c.cursor.is_not(None))
    is_due = sa.case((_listeners.c.due_at.is_not(None), sa.bindparam("at_once", tx.now, _listeners.c.due_at.type)))
    forgotten = {"cursor": None, "failures": 0, "error": None, "due_at": is_due}
    return bool(tx.run(sa.update(_listeners).where(*known).values(forgotten)))


def unheard(tx: database.Tx) -> Sequence[int]:
    """Recipes that run and listen to nothing, as those that ran before there were listeners."""
    recipes = tables.recipes
    joined = recipes.outerjoin(_listeners, _listeners.c.recipe_id == recipes.c.asset_id)
    missing = (recipes.c.running_version_id.is_not(None), _listeners.c.recipe_id.is_(None))
    return [row.asset_id for row in tx.all(sa.select(recipes.c.asset_id).select_from(joined).where(*missing))]
