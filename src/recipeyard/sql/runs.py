"""Runs and their journals. A run's row is there from the moment its event is accepted."""

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from recipeyard.model import errors, runs
from recipeyard.sql import database, runtime_tables, tables

_runs = runtime_tables.runs
_steps = runtime_tables.run_steps
_tallies = runtime_tables.tallies
_UNENDED = runtime_tables.UNENDED
_COLUMNS = [each for each in _runs.c if each.name not in {"event", "reply"}]
_CLAIMS = 7_301_954_121
_TOP = _runs.c.depth == 0
_LOOKS = timedelta(hours=1)
_LOOKS_AT_OTHERS = timedelta(minutes=1)


def running_version(tx: database.Tx, recipe_id: int, *, held: bool = True) -> tuple[int, int | None]:
    """A recipe's workspace, and the version that it runs. Where it is held, nobody moves it before this tx ends.

    Raises `errors.NotFound`.
    """
    recipes, assets = tables.recipes, tables.assets
    whose = sa.select(assets.c.workspace_id).where(assets.c.id == recipe_id)
    query = sa.select(recipes.c.running_version_id).where(recipes.c.asset_id == recipe_id)
    if held:  # the asset before the recipe, as an import takes them
        whose, query = whose.with_for_update(read=True, key_share=True), query.with_for_update(read=True)
    mine, row = tx.first(whose), tx.first(query)
    if mine is None or row is None:
        raise errors.NotFound.of("recipe", recipe_id)
    return mine.workspace_id, row.running_version_id


def insert(tx: database.Tx, draft: runs.Draft) -> int | None:
    """A new run; None where the recipe has one for this event already."""
    stamps = {"accepted_at": tx.now, "started_at": tx.now if draft.status is runs.Status.RUNNING else None}
    return tx.insert_unless_here(_runs, asdict(draft) | stamps)


def by_key(tx: database.Tx, recipe_id: int, event_key: str) -> runs.Run | None:
    """The run that a recipe has for an event."""
    row = tx.first(sa.select(*_COLUMNS).where(_runs.c.recipe_id == recipe_id, _runs.c.event_key == event_key))
    return _run(row) if row else None


def by_id(tx: database.Tx, run_id: int) -> runs.Run | None:
    """The run of that id."""
    row = tx.first(sa.select(*_COLUMNS).where(_runs.c.id == run_id))
    return _run(row) if row else None


def by_ids(tx: database.Tx, ids: Collection[int]) -> dict[int, runs.Run]:
    """Runs by id."""
    pieces = database.in_pieces(sorted(ids))
    return {row.id: _run(row) for p in pieces for row in tx.all(sa.select(*_COLUMNS).where(_runs.c.id.in_(p)))}


def of_recipe(tx: database.Tx, recipe_id: int) -> list[int]:
    """The runs of a recipe, oldest first."""
    return [row.id for row in tx.all(sa.select(_runs.c.id).where(_runs.c.recipe_id == recipe_id).order_by(_runs.c.id))]


def event(tx: database.Tx, run_id: int) -> bytes:
    """What a run began with."""
    return bytes(tx.connection.execute(sa.select(_runs.c.event).where(_runs.c.id == run_id)).scalar_one())


def reply(tx: database.Tx, run_id: int) -> bytes | None:
    """What a run has answered so far."""
    found = tx.connection.execute(sa.select(_runs.c.reply).where(_runs.c.id == run_id)).scalar_one_or_none()
    return None if found is None else bytes(found)


def count_pending(tx: database.Tx, recipe_id: int, most: int) -> int:
    """How many events wait for a recipe; counting stops at `most`."""
    waiting = sa.select(_runs.c.id).where(
        _UNENDED, _runs.c.status.in_([runs.Status.PENDING, runs.Status.HELD]), _runs.c.recipe_id == recipe_id
    )
    counted = sa.select(sa.func.count()).select_from(waiting.limit(most).subquery())
    return int(tx.connection.execute(counted).scalar_one())


def has_pending(tx: database.Tx, recipe_id: int, many: int) -> bool:
    """Whether at least so many events wait for a recipe that runs, and so holds none.

    They are counted only where the first and the last one are far enough apart: whoever begins many asks at each.
    """
    pending = (_UNENDED, _runs.c.status == runs.Status.PENDING, _runs.c.recipe_id == recipe_id)
    first, last = (sa.select(edge(_runs.c.id)).where(*pending).scalar_subquery() for edge in (sa.func.min, sa.func.max))
    apart = tx.connection.execute(sa.select(last - first + 1)).scalar_one()
    return apart is not None and apart >= many and count_pending(tx, recipe_id, many) >= many


def count_unended(tx: database.Tx, recipe_ids: Collection[int]) -> dict[int, int]:
    """How many runs of these recipes have not ended, for those that have any."""
    unended = sa.and_(_UNENDED, _runs.c.status != runs.Status.HELD)
    query = sa.select(_runs.c.recipe_id, sa.func.count().label("many")).group_by(_runs.c.recipe_id)
    pieces = database.in_pieces(sorted(recipe_ids))
    return {row.recipe_id: row.many for p in pieces for row in tx.all(query.where(unended, _runs.c.recipe_id.in_(p)))}


def release(tx: database.Tx, recipe_id: int, version_id: int) -> int:
    """The events that were held for a stopped recipe are for this version to run; how many they are."""
    held = (_UNENDED, _runs.c.status == runs.Status.HELD, _runs.c.recipe_id == recipe_id)
    return tx.run(sa.update(_runs).where(*held).values(status=runs.Status.PENDING, version_id=version_id))


def claim_alone(tx: database.Tx) -> None:
    """Let nobody else claim runs before this transaction ends."""
    if tx.connection.dialect.name != "sqlite":
        tx.run(sa.select(sa.func.pg_advisory_xact_lock(_CLAIMS)))


def running_counts(tx: database.Tx) -> dict[int, int]:
    """How many runs of each recipe are being carried out, those that others wait for in their own thread aside."""
    query = sa.select(_runs.c.recipe_id, sa.func.count().label("many")).where(
        _UNENDED, _runs.c.status == runs.Status.RUNNING, _TOP
    )
    return {row.recipe_id: row.many for row in tx.all(query.group_by(_runs.c.recipe_id))}


def oldest_pending(tx: database.Tx, but: Collection[int], limit: int) -> list[tuple[int, int, int]]:
    """For each recipe with pending runs, but for some: (recipe, its version, its oldest pending run), oldest first."""
    first = sa.func.min(_runs.c.id).label("first")
    query = sa.select(_runs.c.recipe_id, first).where(_UNENDED, _runs.c.status == runs.Status.PENDING)
    if but:
        query = query.where(_runs.c.recipe_id.not_in(sorted(but)))
    oldest = query.group_by(_runs.c.recipe_id).order_by(first).limit(limit).subquery()
    joined = oldest.join(_runs, _runs.c.id == oldest.c.first)
    found = sa.select(_runs.c.recipe_id, _runs.c.version_id, _runs.c.id).select_from(joined).order_by(_runs.c.id)
    return [(row.recipe_id, row.version_id, row.id) for row in tx.all(found)]


def pending_of(tx: database.Tx, recipe_id: int, limit: int) -> list[int]:
    """A recipe's oldest pending runs."""
    pending = (_UNENDED, _runs.c.status == runs.Status.PENDING, _runs.c.recipe_id == recipe_id)
    return [row.id for row in tx.all(sa.select(_runs.c.id).where(*pending).order_by(_runs.c.id).limit(limit))]


def due(tx: database.Tx, limit: int) -> list[int]:
    """Waiting runs whose time has come."""
    waiting = (_UNENDED, _runs.c.status == runs.Status.WAITING, _runs.c.due_at <= tx.now)
    return [row.id for row in tx.all(sa.select(_runs.c.id).where(*waiting).order_by(_runs.c.due_at).limit(limit))]


def next_due(tx: database.Tx) -> datetime | None:
    """When the next waiting run is due."""
    waiting = (_UNENDED, _runs.c.status == runs.Status.WAITING, _runs.c.due_at.is_not(None))
    query = sa.select(_runs.c.due_at).where(*waiting)
    row = tx.first(query.order_by(_runs.c.due_at).limit(1))
    return row.due_at if row else None


def claim(tx: database.Tx, ids: Sequence[int], node: str) -> list[int]:
    """These runs are this node's to carry out from now on; gives those that were still to be had."""
    if not ids:
        return []
    free = _runs.c.status.in_([runs.Status.PENDING, runs.Status.WAITING])
    values = {
        "status": runs.Status.RUNNING,
        "node": node,
        "due_at": None,
        "started_at": sa.func.coalesce(_runs.c.started_at, sa.bindparam("began", tx.now, _runs.c.started_at.type)),
    }
    taken = sa.update(_runs).where(_runs.c.id.in_(ids), free).values(values).returning(_runs.c.id)
    return sorted(row.id for row in tx.all(taken))


def give_back(tx: database.Tx, living: Collection[str]) -> int:
    """What nodes that live no more were carrying out is pending again."""
    lost = (_UNENDED, _runs.c.status == runs.Status.RUNNING, _runs.c.node.not_in(sorted(living)))
    values = {"status": runs.Status.PENDING, "node": None, "deaths": _runs.c.deaths + 1}
    return tx.run(sa.update(_runs).where(*lost).values(values))


def get_on(tx: database.Tx, run_id: int) -> None:
    """A run has done a step: no server that died before has died of what comes now."""
    tx.run(sa.update(_runs).where(_runs.c.id == run_id).values(deaths=0))


def deadly(tx: database.Tx, most: int) -> list[runs.Run]:
    """Pending runs with which servers have died so often."""
    query = sa.select(*_COLUMNS).where(_UNENDED, _runs.c.status == runs.Status.PENDING, _runs.c.deaths >= most)
    return [_run(row) for row in tx.all(query)]


def give_back_some(tx: database.Tx, ids: Collection[int], node: str, but: Collection[int] = ()) -> None:
    """Runs that a node does not carry out now are pending again, and those that they wait for in its thread."""
    mine = (_UNENDED, _runs.c.status == runs.Status.RUNNING, _runs.c.node == node, _runs.c.id.not_in(sorted(but)))
    theirs = sa.or_(_runs.c.id.in_(sorted(ids)), sa.and_(_runs.c.parent_id.in_(sorted(ids)), _runs.c.depth > 0))
    tx.run(sa.update(_runs).where(*mine, theirs).values(status=runs.Status.PENDING, node=None))


def hold(tx: database.Tx, run_id: int, node: str) -> bool:
    """Whether a run is still this node's; nobody takes it before this transaction ends."""
    query = sa.select(_runs.c.node).where(_runs.c.id == run_id, _runs.c.status == runs.Status.RUNNING)
    row = tx.first(query.with_for_update())
    return row is not None and row.node == node


def wait(tx: database.Tx, run_id: int, until: datetime | None, waits_for: Sequence[int]) -> None:
    """A run rests until a moment, or until other runs have ended; not at all where all have ended by now.

    It has come as far as this, so no death before counts any more.
    A run tells the one that has begun it of its end. As others are told nothing, and a run may be deleted, whoever
    waits for runs looks again now and then.
    """
    unended = _unended(tx, waits_for)
    due_at = tx.now if waits_for and not unended else until
    if unended:
        looks = tx.now + (_LOOKS if all(parent == run_id for parent in unended.values()) else _LOOKS_AT_OTHERS)
        due_at = min(until, looks) if until else looks
    values = {"status": runs.Status.WAITING, "node": None, "due_at": due_at, "waits_for": sorted(unended) or None}
    tx.run(sa.update(_runs).where(_runs.c.id == run_id).values(values | {"deaths": 0}))


def wake(tx: database.Tx, run_id: int, ended_id: int) -> None:
    """Another run has ended: one that waits for it, and for no other, goes on."""
    query = sa.select(_runs.c.status, _runs.c.waits_for).where(_runs.c.id == run_id)
    row = tx.first(query.with_for_update())
    if row is None or row.status != runs.Status.WAITING or ended_id not in (row.waits_for or ()):
        return
    left = [each for each in row.waits_for if each != ended_id]
    values = {"waits_for": left} if left else {"waits_for": None, "due_at": tx.now}
    tx.run(sa.update(_runs).where(_runs.c.id == run_id).values(values))


def answer(tx: database.Tx, run_id: int, encoded: bytes) -> None:
    """What a run answers whoever waits for it."""
    tx.run(sa.update(_runs).where(_runs.c.id == run_id).values(reply=encoded))


def end(tx: database.Tx, run_id: int, status: runs.Status, error: runs.Error | None, report: Mapping[str, Any]) -> None:
    """A run has ended."""
    values = {
        "status": status,
        "node": None,
        "due_at": None,
        "error": msgspec.to_builtins(error) if error else None,
        "report": dict(report) or None,
        "ended_at": tx.now,
    }
    tx.run(sa.update(_runs).where(_runs.c.id == run_id).values(values))


def count(tx: database.Tx, recipe_id: int, *, failed: bool, tasks: int) -> None:
    """One more job of a recipe, and the steps that it did."""
    tx.insert_new(_tallies, [{"recipe_id": recipe_id, "succeeded": 0, "failed": 0, "tasks": 0, "last_run_at": tx.now}])
    column = _tallies.c.failed if failed else _tallies.c.succeeded
    values = {column.name: column + 1, "tasks": _tallies.c.tasks + tasks, "last_run_at": tx.now}
    tx.run(sa.update(_tallies).where(_tallies.c.recipe_id == recipe_id).values(values))


def tallies(tx: database.Tx, recipe_ids: Collection[int]) -> dict[int, runs.Tally]:
    """What recipes' runs came to, for those that have run."""
    pieces = database.in_pieces(sorted(recipe_ids))
    rows = [row for p in pieces for row in tx.all(sa.select(_tallies).where(_tallies.c.recipe_id.in_(p)))]
    return {row.recipe_id: runs.Tally(row.succeeded, row.failed, row.tasks, row.last_run_at) for row in rows}


def journal(tx: database.Tx, run_id: int) -> list[runs.Step]:
    """What a run's steps came to, in their order."""
    rows = tx.all(sa.select(_steps).where(_steps.c.run_id == run_id).order_by(_steps.c.position))
    return [_step(row) for row in rows]


def write(tx: database.Tx, run_id: int, new: Iterable[runs.Step], changed: Iterable[runs.Step]) -> None:
    """Add rows to a run's journal, and change rows of it."""
    tx.run(sa.insert(_steps), [{"run_id": run_id} | asdict(each) for each in new])
    for each in changed:
        where = (_steps.c.run_id == run_id, _steps.c.position == each.position)
        tx.run(sa.update(_steps).where(*where).values(asdict(each)))


def forget_masked(tx: database.Tx, run_id: int) -> None:
    """What masked steps held is needed no more once their run has ended."""
    masked = (_steps.c.run_id == run_id, _steps.c.masked)
    tx.run(sa.update(_steps).where(*masked).values(input=None, entry=None))


def forget_ended(tx: database.Tx, before: datetime, most: int) -> int:
    """Forget some runs that ended before a moment, with their journals; how many were forgotten, none at the end.

    They and their steps are at most so many rows, unless one run alone has more.
    """
    steps = sa.select(sa.func.count()).where(_steps.c.run_id == _runs.c.id).scalar_subquery()
    old = sa.select(_runs.c.id, steps.label("steps")).where(_runs.c.ended_at < before).order_by(_runs.c.id)
    rows = tx.all(old.limit(min(most, database.IN_LIMIT)))
    sizes = itertools.accumulate(row.steps + 1 for row in rows)
    ids = [row.id for at, (row, size) in enumerate(zip(rows, sizes, strict=True)) if at == 0 or size <= most]
    return tx.run(sa.delete(_runs).where(_runs.c.id.in_(ids)))


def _unended(tx: database.Tx, ids: Sequence[int]) -> dict[int, int | None]:
    """Those of some runs that have not ended, with who has begun them."""
    query = sa.select(_runs.c.id, _runs.c.parent_id).where(_runs.c.status.not_in(sorted(runs.ENDED)))
    return {row.id: row.parent_id for p in database.in_pieces(ids) for row in tx.all(query.where(_runs.c.id.in_(p)))}


def _run(row: sa.Row[Any]) -> runs.Run:
    values = row._asdict()
    values["status"] = runs.Status(row.status)
    values["waits_for"] = tuple(row.waits_for or ())
    values["error"] = runs.Error(**row.error) if row.error else None
    values["report"] = row.report or {}
    return runs.Run(**values)


def _step(row: sa.Row[Any]) -> runs.Step:
    values = {name: value for name, value in row._asdict().items() if name != "run_id"}
    return runs.Step(**values | {"status": runs.StepStatus(row.status)})
