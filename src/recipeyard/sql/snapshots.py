"""Snapshots: assets' states read and kept; whole assets taken out, and put back under the ids they had.

An asset that went is kept as the rows that it had, and put back into the tables of the day: what has no column any
more is left out, and a column that came since gets its default. An id that is put back is given to the asset that had
it: no id is ever given to another.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from recipeyard.model import bundles, snapshots
from recipeyard.sql import database, documents, folders, promotion_tables, runtime_tables, tables

SCHEMA = "0004"
"""The migration whose tables `whole` reads."""

_snapshots = promotion_tables.snapshots
_held = promotion_tables.held_documents
_assets, _versions, _links = tables.assets, tables.versions, tables.links
_DECODER = msgspec.msgpack.Decoder(snapshots.Snapshot)

_OF_ASSET = (
    tables.recipes,
    tables.connections,
    tables.rows,
    tables.tag_assignments,
    tables.releases,
    tables.endpoints,
)
_OF_VERSION = (tables.sidecars, tables.links)
_OF_WHAT_RUNS = (runtime_tables.tallies, runtime_tables.connection_tests)
_bindings = runtime_tables.stub_bindings
_OWNERS: tuple[sa.Column[Any], ...] = (
    *(table.c.asset_id for table in _OF_ASSET),
    runtime_tables.tallies.c.recipe_id,
    runtime_tables.connection_tests.c.connection_id,
    _bindings.c.connection_id,
    _bindings.c.stub_id,
)
"""The columns that say which asset the rows of a table belong to."""


def states(tx: database.Tx, asset_ids: Iterable[int]) -> dict[int, snapshots.State]:
    """The state of those of these assets that are here, by id; without the rows of tables."""
    ids = sorted(set(asset_ids))
    joined = _assets.join(_versions, _versions.c.id == _assets.c.version_id)
    columns = (_versions.c.digest, _versions.c.arrived_digest, _versions.c.base_id)
    found = _by(tx, sa.select(_assets, *columns).select_from(joined), _assets.c.id, ids, "id")
    version_ids = [row.version_id for rows in found.values() for row in rows]
    wires = _by(tx, sa.select(_links).order_by(_links.c.position), _links.c.version_id, version_ids, "version_id")
    beside = tables.sidecars
    files = _by(tx, sa.select(beside).order_by(beside.c.suffix), beside.c.version_id, version_ids, "version_id")
    running = _running(tx, ids)
    tags = tables.tag_assignments
    tagged = _by(tx, sa.select(tags).order_by(tags.c.tag_id), tags.c.asset_id, ids, "asset_id")
    points = tables.endpoints
    active = _by(tx, sa.select(points), points.c.asset_id, ids, "asset_id")
    told = tables.releases
    released = _by(tx, sa.select(told).order_by(told.c.version_no), told.c.asset_id, ids, "asset_id")
    return {
        asset_id: snapshots.State(
            kind=row.kind,
            name=row.name,
            stem=row.stem,
            folder_id=row.folder_id,
            place_id=row.place_id,
            digest=row.digest,
            arrived_digest=row.arrived_digest,
            sidecars=tuple((each.suffix, each.digest) for each in files.get(row.version_id, ())),
            provider=row.provider,
            rows_digest=row.rows_digest,
            base_id=row.base_id,
            wires=tuple(_wire(each) for each in wires.get(row.version_id, ())),
            running=running.get(asset_id),
            tag_ids=tuple(each.tag_id for each in tagged.get(asset_id, ())),
            active=next((each.active for each in active.get(asset_id, ())), None),
            releases=tuple(each.version_no for each in released.get(asset_id, ())),
            released=row.version_no in {each.version_no for each in released.get(asset_id, ())},
        )
        for asset_id, (row, *_) in found.items()
    }


def digest(state: snapshots.State) -> str:
    """What tells one state from another."""
    return bundles.digest(msgspec.msgpack.encode(state))


def whole(tx: database.Tx, asset_ids: Sequence[int]) -> dict[int, snapshots.Whole]:
    """Everything that is kept of assets, versions and all."""
    found: dict[int, dict[str, list[Mapping[str, object]]]] = {asset_id: defaultdict(list) for asset_id in asset_ids}
    versions = _rows(tx, _versions, _versions.c.asset_id, asset_ids)
    owners: dict[int, int] = {row["id"]: row["asset_id"] for row in versions}
    mine = _rows(tx, _assets, _assets.c.id, asset_ids)
    for row in mine:
        found[row["id"]][_assets.name].append(row)
    for row in versions:
        found[row["asset_id"]][_versions.name].append(row)
    for table in _OF_VERSION:
        for row in _rows(tx, table, table.c.version_id, owners):
            found[owners[row["version_id"]]][table.name].append(row)
    for owner in _OWNERS:
        for row in _rows(tx, owner.table, owner, asset_ids):
            found[row[owner.name]][owner.table.name].append(row)
    inbound, beside = _inbound(tx, asset_ids, owners), _beside(tx, asset_ids)
    folder_ids: dict[int, int] = {row["id"]: row["folder_id"] for row in mine}
    paths = folders.paths_of(tx, folder_ids.values())
    return {
        key: snapshots.Whole(
            rows=dict(each),
            inbound=tuple(sorted(inbound[key])),
            folder=paths[folder_ids[key]],
            beside=tuple(sorted(beside[key])),
            schema=SCHEMA,
        )
        for key, each in found.items()
    }


def put_back(tx: database.Tx, wholes: Sequence[snapshots.Whole]) -> None:
    """Assets that were taken out are here again, as they were; links mean, and tags are, what is still here.

    Stubs answer as before, but for what another one answers for by now. Folders must be there, and stems free.
    """
    for table in (_assets, _versions, tables.sidecars, *_OF_ASSET, *_OF_WHAT_RUNS):
        if table is not tables.tag_assignments:
            tx.run(sa.insert(table), _today(table, wholes))
    tagged = _today(tables.tag_assignments, wholes)
    tags = database.among(tx, tables.tags.c.id, [row["tag_id"] for row in tagged])
    tx.run(sa.insert(tables.tag_assignments), [row for row in tagged if row["tag_id"] in tags])
    bound = {row["id"]: row for row in _today(_bindings, wholes)}.values()
    both = [{row["stub_id"], row["connection_id"]} - {None} for row in bound]
    present = database.among(tx, _assets.c.id, set().union(*both))
    tx.insert_new(_bindings, [row for row, ids in zip(bound, both, strict=True) if ids <= present])
    links = _today(_links, wholes)
    here = database.among(tx, _assets.c.id, [row["target_id"] for row in links if row["target_id"] is not None])
    tx.run(sa.insert(_links), [row | {"target_id": _if_here(row["target_id"], here)} for row in links])
    for each in wholes:
        mine = each.rows[_assets.name][0]["id"]
        for version_id, position in each.inbound:
            lost = (_links.c.version_id == version_id, _links.c.position == position, _links.c.target_id.is_(None))
            tx.run(sa.update(_links).where(*lost).values(target_id=mine))


def keep(tx: database.Tx, package_id: int, kept: Sequence[snapshots.Snapshot], beside: Collection[str] = ()) -> None:
    """Keep what takes a package back, and hold the documents that it needs, and those `beside` them."""
    encode = msgspec.msgpack.encode
    rows = [{"package_id": package_id, "asset_id": each.asset_id, "content": encode(each)} for each in kept]
    tx.run(sa.insert(_snapshots), rows)
    digests = {digest for each in kept for digest in _digests(each)} | {*beside}
    tx.insert_new(_held, [{"package_id": package_id, "digest": digest} for digest in sorted(digests)])


def of_package(tx: database.Tx, package_id: int) -> list[snapshots.Snapshot]:
    """What takes a package back, one for each asset that it changed, by asset id."""
    query = sa.select(_snapshots.c.content).where(_snapshots.c.package_id == package_id)
    return [_DECODER.decode(row.content) for row in tx.all(query.order_by(_snapshots.c.asset_id))]


def let_go(tx: database.Tx, package_id: int) -> None:
    """A package can't be taken back any more; documents that only this needed are forgotten."""
    mine = _held.c.package_id == package_id
    digests = [row.digest for row in tx.all(sa.select(_held.c.digest).where(mine))]
    tx.run(sa.delete(_snapshots).where(_snapshots.c.package_id == package_id))
    tx.run(sa.delete(_held).where(mine))
    documents.forget_unused(tx, digests)


def _digests(kept: snapshots.Snapshot) -> set[str]:
    found = kept.before.documents if kept.before else set()
    if kept.whole:
        versions = kept.whole.rows.get(_versions.name, ())
        beside = kept.whole.rows.get(tables.sidecars.name, ())
        found = found | {str(row[name]) for row in versions for name in ("digest", "arrived_digest")}
        found = found | {str(row["digest"]) for row in beside}
    return found


def _inbound(tx: database.Tx, asset_ids: Sequence[int], owners: Mapping[int, int]) -> dict[int, list[tuple[int, int]]]:
    """The links of other assets that mean these, as (version id, position) by asset."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in _rows(tx, _links, _links.c.target_id, asset_ids):
        if row["version_id"] not in owners:
            found[row["target_id"]].append((row["version_id"], row["position"]))
    return found


def _beside(tx: database.Tx, asset_ids: Sequence[int]) -> dict[int, list[int]]:
    """The other assets of the same kind, name and place, by asset."""
    other = _assets.alias("other")
    same = [other.c[name] == _assets.c[name] for name in ("workspace_id", "kind", "name", "place_id")]
    joined = _assets.join(other, sa.and_(*same, other.c.id != _assets.c.id))
    found: dict[int, list[int]] = defaultdict(list)
    for piece in database.in_pieces(asset_ids):
        query = sa.select(_assets.c.id, other.c.id.label("other_id")).select_from(joined)
        for row in tx.all(query.where(_assets.c.id.in_(piece))):
            found[row.id].append(row.other_id)
    return found


def _running(tx: database.Tx, ids: Sequence[int]) -> dict[int, snapshots.Running]:
    recipes = tables.recipes
    joined = recipes.outerjoin(_versions, _versions.c.id == recipes.c.running_version_id)
    found = _by(tx, sa.select(recipes, _versions.c.digest).select_from(joined), recipes.c.asset_id, ids, "asset_id")
    return {
        asset_id: snapshots.Running(row.running_version_id, row.digest, row.stopped_at, row.stop_cause)
        for asset_id, (row, *_) in found.items()
    }


def _wire(row: sa.Row[Any]) -> snapshots.Wire:
    return snapshots.Wire(row.target_id, row.assumed, row.kind, row.name)


def _by(
    tx: database.Tx, query: sa.Select[Any], column: sa.ColumnElement[Any], ids: Iterable[int], key: str
) -> dict[int, list[sa.Row[Any]]]:
    """The rows of a query whose column is among ids, gathered by another column."""
    found: dict[int, list[sa.Row[Any]]] = defaultdict(list)
    for piece in database.in_pieces(sorted(set(ids))):
        for row in tx.all(query.where(column.in_(piece))):
            found[getattr(row, key)].append(row)
    return found


def _rows(tx: database.Tx, table: sa.Table, column: sa.ColumnElement[Any], ids: Iterable[int]) -> list[dict[str, Any]]:
    pieces = database.in_pieces(sorted(set(ids)))
    query = sa.select(table).order_by(*table.primary_key.columns)
    found = [tx.connection.execute(query.where(column.in_(piece))).mappings() for piece in pieces]
    return [dict(row) for rows in found for row in rows]


def _today(table: sa.Table, wholes: Sequence[snapshots.Whole]) -> list[dict[str, Any]]:
    """Rows of before with the columns that the table has now. All of one package have the same ones."""
    return [
        {column.name: row[column.name] for column in table.columns if column.name in row}
        for each in wholes
        for row in each.rows.get(table.name, ())
    ]


def _if_here(target_id: int | None, here: set[int]) -> int | None:
    return target_id if target_id in here else None
