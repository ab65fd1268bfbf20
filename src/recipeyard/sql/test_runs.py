"""Runs of test cases: their records, and their one move from in progress to an end."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from recipeyard.model import activities, errors, test_runs
from recipeyard.sql import database, runtime_tables

KEPT = 1000
"""How many runs of a workspace are kept; older ones are forgotten."""

_runs = runtime_tables.test_runs


class _Asked(msgspec.Struct):
    case_ids: tuple[int, ...]


class _Came(msgspec.Struct):
    results: tuple[test_runs.Result, ...] = ()
    error: str | None = None


def insert(tx: database.Tx, workspace_id: int, case_ids: Sequence[int]) -> test_runs.Run:
    """A new run in progress."""
    row = {
        "workspace_id": workspace_id,
        "status": test_runs.Status.IN_PROGRESS,
        "asked": {"case_ids": list(case_ids)},
        "asked_by": msgspec.to_builtins(tx.actor),
        "results": None,
        "created_at": tx.now,
        "updated_at": tx.now,
    }
    run_id = tx.insert(_runs, [row])[0]
    mine = sa.select(_runs.c.id).where(_runs.c.workspace_id == workspace_id).order_by(_runs.c.id.desc())
    oldest = tx.first(mine.offset(KEPT).limit(1))
    if oldest is not None:
        tx.run(sa.delete(_runs).where(_runs.c.workspace_id == workspace_id, _runs.c.id <= oldest.id))
    return find(tx, workspace_id, run_id)


def find(tx: database.Tx, workspace_id: int, run_id: int) -> test_runs.Run:
    """The run of that id. Raises `errors.NotFound`."""
    found = by_id(tx, run_id)
    if found is None or found.workspace_id != workspace_id:
        raise errors.NotFound.of("test run", f"{test_runs.PREFIX}{run_id}")
    return found


def by_id(tx: database.Tx, run_id: int) -> test_runs.Run | None:
    """The run of that id in whichever workspace, None where it is gone: for work already accepted."""
    row = tx.first(sa.select(_runs).where(_runs.c.id == run_id))
    if row is None:
        return None
    came = msgspec.convert(row.results or {}, _Came)
    return test_runs.Run(
        id=row.id,
        workspace_id=row.workspace_id,
        status=test_runs.Status(row.status),
        case_ids=msgspec.convert(row.asked, _Asked).case_ids,
        asked_by=activities.Actor(**row.asked_by),
        results=came.results,
        error=came.error,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def settle(tx: database.Tx, run_id: int, results: Sequence[test_runs.Result], error: str | None = None) -> bool:
    """End a run that is in progress: with what its cases came to, or with why it could not be made."""
    status = test_runs.Status.COMPLETED if error is None else test_runs.Status.FAILED
    values = {
        "status": status,
        "results": msgspec.to_builtins(_Came(tuple(results), error)),
        "updated_at": tx.now,
    }
    open_ = (_runs.c.id == run_id, _runs.c.status == test_runs.Status.IN_PROGRESS)
    return bool(tx.run(sa.update(_runs).where(*open_).values(values)))
