"""Recipes' own state: which version runs, since when one is stopped and why; and what their lists are filtered by."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from recipeyard.model import assets, recipes
from recipeyard.sql import database, tables

_recipes = tables.recipes
_assets = tables.assets
_versions = tables.versions


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of recipes may be narrowed by; None narrows nothing."""

    folder_ids: frozenset[int] | None = None
    running: bool | None = None
    adapters_all: tuple[str, ...] = ()
    adapters_any: tuple[str, ...] = ()
    since_id: int | None = None
    stopped_after: datetime | None = None
    updated_after: datetime | None = None
    stop_cause: str | None = None
    by_activity: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """The version of a recipe that hears of events: whose it is, and its document."""

    workspace_id: int
    version_id: int
    digest: str


def add(tx: database.Tx, made: Mapping[int, tuple[str | None, Sequence[str]]]) -> None:
    """Give new recipes their state: stopped, never run. `made` is recipe id → trigger's app and all apps."""
    values = [
        {"asset_id": asset_id, "trigger_application": trigger, "applications": _spell(applications), "copy_count": 0}
        for asset_id, (trigger, applications) in made.items()
    ]
    tx.run(sa.insert(_recipes), values)


def describe(tx: database.Tx, changed: Mapping[int, tuple[str | None, Sequence[str]]]) -> None:
    """Say which apps changed recipes use now. In the order of ids, as all who take several recipes at once."""
    values: dict[str, Any] = {"trigger_application": sa.bindparam("trigger"), "applications": sa.bindparam("apps")}
    tx.run(
        sa.update(_recipes).where(_recipes.c.asset_id == sa.bindparam("key")).values(values),
        [{"key": key, "trigger": trigger, "apps": _spell(apps)} for key, (trigger, apps) in sorted(changed.items())],
    )


def run(tx: database.Tx, versions: Mapping[int, int]) -> None:
    """Recipes run these versions from now on: recipe id → version id. A version remembers when it first ran."""
    values: dict[str, Any] = {"running_version_id": sa.bindparam("to"), "stopped_at": None, "stop_cause": None}
    tx.run(
        sa.update(_recipes).where(_recipes.c.asset_id == sa.bindparam("key")).values(values),
        [{"key": key, "to": version_id} for key, version_id in sorted(versions.items())],
    )
    remember_run(tx, versions.values())


def remember_run(tx: database.Tx, version_ids: Iterable[int]) -> None:
    """These versions run; each remembers when it first did."""
    first = (_versions.c.id == sa.bindparam("key"), _versions.c.ran_at.is_(None))
    tx.run(sa.update(_versions).where(*first).values(ran_at=tx.now), [{"key": each} for each in version_ids])


def stop(tx: database.Tx, recipe_id: int, cause: str | None = None) -> None:
    """A recipe runs no more from now on; `cause` is empty where a person stopped it."""
    values = {"running_version_id": None, "stopped_at": tx.now, "stop_cause": cause}
    tx.run(sa.update(_recipes).where(_recipes.c.asset_id == recipe_id).values(values))


def count_copy(tx: database.Tx, recipe_id: int) -> None:
    """A recipe has been copied once more."""
    tx.run(sa.update(_recipes).where(_recipes.c.asset_id == recipe_id).values(copy_count=_recipes.c.copy_count + 1))


def page(tx: database.Tx, workspace_id: int, by: Filter, *, offset: int, limit: int) -> list[int]:
    """The ids of a page of recipes, newest first or by their last activity."""
    joined = _recipes.join(_assets, _assets.c.id == _recipes.c.asset_id)
    query = sa.select(_assets.c.id).select_from(joined).where(_assets.c.workspace_id == workspace_id, *_where(by))
    order = [_assets.c.updated_at.desc()] if by.by_activity else []
    rows = tx.all(query.order_by(*order, _assets.c.id.desc()).offset(offset).limit(limit))
    return [row.id for row in rows]


def states(tx: database.Tx, ids: Sequence[int]) -> dict[int, recipes.State]:
    """The state of recipes, by id."""
    columns = (_assets.c.created_at, _assets.c.updated_at, _versions.c.author, _versions.c.comment)
    joined = _recipes.join(_assets, _assets.c.id == _recipes.c.asset_id)
    joined = joined.join(_versions, _versions.c.id == _assets.c.version_id)
    query = sa.select(_recipes, *columns).select_from(joined)
    pieces = database.in_pieces(ids)
    return {row.asset_id: _state(row) for p in pieces for row in tx.all(query.where(_recipes.c.asset_id.in_(p)))}


def running_numbers(tx: database.Tx, ids: Sequence[int]) -> dict[int, int]:
    """The number of the version that each of these recipes runs."""
    joined = _recipes.join(_versions, _versions.c.id == _recipes.c.running_version_id)
    query = sa.select(_recipes.c.asset_id, _versions.c.version_no).select_from(joined)
    pieces = database.in_pieces(ids)
    return {row.asset_id: row.version_no for p in pieces for row in tx.all(query.where(_recipes.c.asset_id.in_(p)))}


def count(tx: database.Tx, workspace_id: int) -> tuple[int, int]:
    """How many recipes a workspace has, and how many of them run."""
    joined = _recipes.join(_assets, _assets.c.id == _recipes.c.asset_id)
    counted = (sa.func.count(_recipes.c.asset_id), sa.func.count(_recipes.c.running_version_id))
    query = sa.select(*counted).select_from(joined).where(_assets.c.workspace_id == workspace_id)
    total, running = tx.connection.execute(query).one()
    return total, running


def running_in(tx: database.Tx, folder_ids: Sequence[int]) -> list[str]:
    """The names of the recipes of these folders that run."""
    joined = _recipes.join(_assets, _assets.c.id == _recipes.c.asset_id)
    query = sa.select(_assets.c.name).select_from(joined).where(_recipes.c.running_version_id.is_not(None))
    pieces = database.in_pieces(folder_ids)
    return sorted(row.name for piece in pieces for row in tx.all(query.where(_assets.c.folder_id.in_(piece))))


def running_with(tx: database.Tx, asset_id: int) -> list[str]:
    """The names of the recipes that run a version which refers to an asset."""
    joined = _recipes.join(tables.links, tables.links.c.version_id == _recipes.c.running_version_id)
    joined = joined.join(_assets, _assets.c.id == _recipes.c.asset_id)
    query = sa.select(_assets.c.name).select_from(joined).where(tables.links.c.target_id == asset_id)
    return sorted({row.name for row in tx.all(query)})


def running_digests(tx: database.Tx, workspace_id: int) -> list[tuple[str, str]]:
    """The recipes of a workspace that run, as (name, digest of the document that runs)."""
    joined = _recipes.join(_versions, _versions.c.id == _recipes.c.running_version_id)
    joined = joined.join(_assets, _assets.c.id == _recipes.c.asset_id)
    query = sa.select(_assets.c.name, _versions.c.digest).select_from(joined)
    return [(row.name, row.digest) for row in tx.all(query.where(_assets.c.workspace_id == workspace_id))]


def heard(tx: database.Tx, recipe_id: int) -> Heard | None:
    """The version that a recipe runs, its current one where it is stopped; None where it is none."""
    joined = _recipes.join(_assets, _assets.c.id == _recipes.c.asset_id)
    runs = sa.func.coalesce(_recipes.c.running_version_id, _assets.c.version_id)
    joined = joined.join(_versions, _versions.c.id == runs)
    query = sa.select(_assets.c.workspace_id, _versions.c.id.label("version_id"), _versions.c.digest)
    row = tx.first(query.select_from(joined).where(_recipes.c.asset_id == recipe_id))
    return Heard(row.workspace_id, row.version_id, row.digest) if row else None


def versions(tx: database.Tx, asset: assets.Asset) -> list[recipes.Version]:
    """A recipe's versions, newest first."""
    query = sa.select(_versions).where(_versions.c.asset_id == asset.id).order_by(_versions.c.version_no.desc())
    return [
        recipes.Version(
            id=row.id,
            version_no=row.version_no,
            digest=row.digest,
            author=row.author,
            comment=row.comment,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in tx.all(query)
    ]


def comment(tx: database.Tx, version: recipes.Version, text: str | None) -> None:
    """Set a version's comment."""
    tx.run(sa.update(_versions).where(_versions.c.id == version.id).values(comment=text, updated_at=tx.now))


def _where(by: Filter) -> list[sa.ColumnElement[bool]]:
    where: list[sa.ColumnElement[bool]] = []
    if by.folder_ids is not None:
        where.append(_assets.c.folder_id.in_(by.folder_ids))
    if by.running is not None:
        running = _recipes.c.running_version_id
        where.append(running.is_not(None) if by.running else running.is_(None))
    where += [_uses(name) for name in by.adapters_all]
    if by.adapters_any:
        where.append(sa.or_(*[_uses(name) for name in by.adapters_any]))
    if by.since_id is not None:
        where.append(_assets.c.id < by.since_id)
    if by.stopped_after is not None:
        stopped_at = _recipes.c.stopped_at
        where.append(sa.or_(stopped_at.is_(None), stopped_at <= by.stopped_after))
    if by.updated_after is not None:
        where.append(_assets.c.updated_at > by.updated_after)
    if by.stop_cause is not None:
        where.append(_recipes.c.stop_cause == by.stop_cause)
    return where


def _uses(application: str) -> sa.ColumnElement[bool]:
    return _recipes.c.applications.contains(f"\n{application}\n", autoescape=True)


def _spell(applications: Sequence[str]) -> str:
    return "\n" + "".join(f"{name}\n" for name in applications)


def _state(row: sa.Row[Any]) -> recipes.State:
    return recipes.State(
        trigger_application=row.trigger_application,
        applications=tuple(row.applications.split("\n")[1:-1]),
        running_version_id=row.running_version_id,
        stopped_at=row.stopped_at,
        stop_cause=row.stop_cause,
        copy_count=row.copy_count,
        author=row.author,
        comment=row.comment,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
