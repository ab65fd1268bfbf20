"""Jobs: the runs of a recipe as they are listed and counted. Runs that were none of the recipe's business are none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from recipeyard.model import runs
from recipeyard.sql import database, runtime_tables, tables
from recipeyard.sql import runs as run_rows

_runs = runtime_tables.runs
_steps = runtime_tables.run_steps
_tallies = runtime_tables.tallies
_LARGE = (_steps.c.input, _steps.c.entry)
_SMALL = [each for each in _steps.c if each not in {_steps.c.run_id, *_LARGE}]


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of jobs may be narrowed by; empty `statuses` narrow nothing."""

    statuses: tuple[runs.Status, ...] = ()
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list: so many jobs, older than one, or newer than it."""

    limit: int
    offset_id: int | None = None
    newer: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A step, without those of its input and its entry that are larger than was asked for."""

    step: runs.Step
    input_is_large: bool
    entry_is_large: bool


def page(tx: database.Tx, recipe_id: int, by: Filter, window: Window) -> list[runs.Run]:
    """Jobs of a recipe, newest first: the newest, or those next to one that the caller knows."""
    query = sa.select(_runs.c.id).where(_runs.c.recipe_id == recipe_id, *_where(by))
    if window.offset_id is not None:
        query = query.where(_runs.c.id > window.offset_id if window.newer else _runs.c.id < window.offset_id)
    is_upwards = window.newer and window.offset_id is not None
    rows = tx.all(query.order_by(_runs.c.id if is_upwards else _runs.c.id.desc()).limit(window.limit))
    found = run_rows.by_ids(tx, [row.id for row in rows])
    return [found[key] for key in sorted(found, reverse=True)]


def find(tx: database.Tx, recipe_id: int, run_id: int) -> runs.Run | None:
    """A recipe's job; None where it has none of that id."""
    run = run_rows.by_id(tx, run_id)
    return run if run and run.recipe_id == recipe_id and run.status in runs.SHOWN else None


def count(tx: database.Tx, recipe_id: int, by: Filter) -> int:
    """How many jobs a recipe has that are kept."""
    return _count(tx, _runs.c.recipe_id == recipe_id, *_where(by))


def unended(tx: database.Tx, workspace_id: int) -> int:
    """How many jobs of a workspace have not ended."""
    return _count(tx, _runs.c.workspace_id == workspace_id, runtime_tables.UNENDED)


def tally(tx: database.Tx, workspace_id: int) -> runs.Tally:
    """What all runs of a workspace's recipes came to, ever."""
    assets = tables.assets
    joined = _tallies.join(assets, assets.c.id == _tallies.c.recipe_id)
    summed = [sa.func.coalesce(sa.func.sum(each), 0) for each in (_tallies.c.succeeded, _tallies.c.failed)]
    query = sa.select(*summed).select_from(joined).where(assets.c.workspace_id == workspace_id)
    succeeded, failed = tx.connection.execute(query).one()
    return runs.Tally(int(succeeded), int(failed))


def held(tx: database.Tx, recipe_ids: Sequence[int]) -> dict[int, int]:
    """How many events are held for these recipes, for those that have any."""
    query = sa.select(_runs.c.recipe_id, sa.func.count().label("many")).group_by(_runs.c.recipe_id)
    query = query.where(runtime_tables.UNENDED, _runs.c.status == runs.Status.HELD)
    pieces = database.in_pieces(recipe_ids)
    return {row.recipe_id: row.many for p in pieces for row in tx.all(query.where(_runs.c.recipe_id.in_(p)))}


def is_settled(tx: database.Tx, run_id: int) -> bool:
    """Whether a job has answered, or ended, or is gone."""
    row = tx.first(sa.select(_runs.c.status, _runs.c.reply.is_not(None).label("told")).where(_runs.c.id == run_id))
    return row is None or bool(row.told) or row.status in runs.ENDED


def steps(tx: database.Tx, run_id: int, limit: int, largest: int) -> list[Kept]:
    """The first steps of a job, in their order, with inputs and entries of at most so many bytes."""
    is_large = {each.name: sa.func.coalesce(sa.func.length(each), 0) > largest for each in _LARGE}
    fitting = [sa.case((~is_large[each.name], each)).label(each.name) for each in _LARGE]
    said = [each.label(f"{name}_is_large") for name, each in is_large.items()]
    query = sa.select(*_SMALL, *fitting, *said).where(_steps.c.run_id == run_id)
    return [_kept(row) for row in tx.all(query.order_by(_steps.c.position).limit(limit))]


def count_steps(tx: database.Tx, run_id: int) -> int:
    """How many steps of a job are written down."""
    counted = sa.select(sa.func.count()).select_from(_steps).where(_steps.c.run_id == run_id)
    return int(tx.connection.execute(counted).scalar_one())


def version(tx: database.Tx, version_id: int) -> tuple[int, str] | None:
    """A version's number and the digest of its document; None where it is gone."""
    columns = (tables.versions.c.version_no, tables.versions.c.digest)
    row = tx.first(sa.select(*columns).where(tables.versions.c.id == version_id))
    return (row.version_no, row.digest) if row else None


def _count(tx: database.Tx, *where: sa.ColumnElement[bool] | sa.TextClause) -> int:
    counted = sa.select(sa.func.count()).select_from(_runs).where(*where)
    return int(tx.connection.execute(counted).scalar_one())


def _where(by: Filter) -> list[sa.ColumnElement[bool]]:
    where: list[sa.ColumnElement[bool]] = [_runs.c.status.in_(by.statuses or sorted(runs.SHOWN))]
    if by.repeated:
        where.append(_runs.c.repeats_id.is_not(None))
    return where


def _kept(row: sa.Row[Any]) -> Kept:
    values = {name: value for name, value in row._asdict().items() if not name.endswith("_is_large")}
    step = runs.Step(**values | {"status": runs.StepStatus(row.status)})
    return Kept(step, input_is_large=bool(row.input_is_large), entry_is_large=bool(row.entry_is_large))
