"""Idempotency keys and what was answered under them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from recipeyard.model import idempotency
from recipeyard.sql import database, promotion_tables

_keys = promotion_tables.idempotency_keys


def forget(tx: database.Tx, before: datetime) -> None:
    """Forget every key that is older."""
    tx.run(sa.delete(_keys).where(_keys.c.created_at < before))


def begin(tx: database.Tx, key: idempotency.Key, address: str, attempt: str) -> idempotency.Record | None:
    """Note that a request under a key begins, and return None; where there is one already, what is known of it."""
    values = {"request": f"{address}::", "attempt": attempt, "carried_out": False, "created_at": tx.now}
    tx.insert_new(_keys, [_named(key) | values])
    row = tx.first(sa.select(_keys).where(_is(key)))
    return None if row is None or row.attempt == attempt else _record(row)


def take_over(tx: database.Tx, key: idempotency.Key, address: str, attempts: tuple[str, str]) -> bool:
    """Let an attempt stand in the place of one that nothing has come of; False where that is no longer so."""
    before, attempt = attempts
    values = {"request": f"{address}::", "attempt": attempt, "created_at": tx.now}
    still = (_keys.c.attempt == before, _keys.c.carried_out.is_(False), _keys.c.answer_status.is_(None))
    return bool(tx.run(sa.update(_keys).where(_is(key), *still).values(values)))


def carry_out(tx: database.Tx, key: idempotency.Key, attempt: str) -> bool:
    """Note that something comes of an attempt, with this transaction. False where the key is no longer its own."""
    return bool(tx.run(sa.update(_keys).where(_is(key), _keys.c.attempt == attempt).values(carried_out=True)))


def answer(tx: database.Tx, key: idempotency.Key, record: idempotency.Record) -> None:
    """Keep an attempt's answer."""
    asked = record.request
    values = {
        "request": f"{asked.address}:{asked.body}:{asked.size}",
        "answer_status": record.status,
        "answer": record.answer,
    }
    tx.run(sa.update(_keys).where(_is(key), _keys.c.attempt == record.attempt).values(values))


def drop(tx: database.Tx, key: idempotency.Key, attempt: str) -> None:
    """Forget an attempt that nothing has come of."""
    tx.run(sa.delete(_keys).where(_is(key), _keys.c.attempt == attempt, _keys.c.carried_out.is_(False)))


def _named(key: idempotency.Key) -> dict[str, Any]:
    return {"workspace_id": key.workspace_id, "caller": key.caller, "key": key.text}


def _is(key: idempotency.Key) -> sa.ColumnElement[bool]:
    return sa.and_(*(_keys.c[name] == value for name, value in _named(key).items()))


def _record(row: sa.Row[Any]) -> idempotency.Record:
    address, body, size = row.request.split(":")
    return idempotency.Record(
        request=idempotency.Request(address, body, int(size or 0)),
        attempt=row.attempt,
        carried_out=row.carried_out,
        status=row.answer_status,
        answer=row.answer,
        created_at=row.created_at,
    )
