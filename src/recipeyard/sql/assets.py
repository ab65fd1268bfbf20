"""Assets and their versions: found, created, given a new version, deleted; and the links between them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from recipeyard.model import assets, errors, paths
from recipeyard.sql import database, documents, tables

_assets = tables.assets
_versions = tables.versions
_DOCUMENTS = (_versions.c.digest, _versions.c.arrived_digest)
_sidecars = tables.sidecars
_NUMBER_BYTES = 10


@dataclass(frozen=True, slots=True)
class Author:
    """Who makes a version: a name to show, and the package it comes from, if any.

    `base_id` is the folder that the references of the author's documents count from, where that is not their project's.
    """

    name: str
    package_id: int | None = None
    base_id: int | None = None


def find(tx: database.Tx, workspace_id: int, asset_id: int, kind: str | None = None) -> assets.Asset:
    """The asset of that id, and of that kind where one is given. Raises `errors.NotFound`."""
    found = select(tx, workspace_id, _assets.c.id == asset_id)
    if not found or kind not in (None, found[0].kind):
        raise errors.NotFound.of(assets.spoken(kind or "asset"), asset_id)
    return found[0]


def by_ids(tx: database.Tx, workspace_id: int, ids: Iterable[int]) -> dict[int, assets.Asset]:
    """Those of these assets that are here, by id."""
    pieces = database.in_pieces(sorted(set(ids)))
    return {asset.id: asset for piece in pieces for asset in select(tx, workspace_id, _assets.c.id.in_(piece))}


def in_folders(tx: database.Tx, workspace_id: int, folder_ids: Iterable[int]) -> list[assets.Asset]:
    """Every asset of these folders, by id."""
    pieces = database.in_pieces(sorted(set(folder_ids)))
    found = [asset for piece in pieces for asset in select(tx, workspace_id, _assets.c.folder_id.in_(piece))]
    return sorted(found, key=lambda asset: asset.id)


def with_documents(tx: database.Tx, workspace_id: int, digests: Iterable[str]) -> list[assets.Asset]:
    """The assets of which one of these is the document that is kept, or that arrived. Costs how many such there are."""
    wanted = set(digests)
    pieces = database.in_pieces(sorted(wanted))
    held = [sa.select(_versions.c.asset_id).where(c.in_(p)) for p in pieces for c in _DOCUMENTS]
    found = by_ids(tx, workspace_id, {row.asset_id for query in held for row in tx.all(query)})
    return [each for each in found.values() if wanted & {each.content.digest, each.arrived.digest}]


def named(
    tx: database.Tx, workspace_id: int, kind: str, names: Iterable[str], place_id: int | None = None
) -> list[assets.Asset]:
    """Every asset of a kind that bears one of these names, at one place where one is given; by id."""
    found: list[assets.Asset] = []
    there = [] if place_id is None else [_assets.c.place_id == place_id]
    for piece in database.in_pieces(sorted(set(names))):
        found += select(tx, workspace_id, _assets.c.kind == kind, _assets.c.name.in_(piece), *there)
    return sorted(found, key=lambda asset: asset.id)


def at_stems(tx: database.Tx, workspace_id: int, place_id: int, kind: str, stems: Iterable[str]) -> list[assets.Asset]:
    """Every asset of a kind and place whose stem is one of these, but for case or not."""
    here = (_assets.c.place_id == place_id, _assets.c.kind == kind)
    pieces = database.in_pieces(sorted({stem.casefold() for stem in stems}))
    return [asset for piece in pieces for asset in select(tx, workspace_id, *here, _assets.c.folded_stem.in_(piece))]


def at_place(tx: database.Tx, workspace_id: int, place_id: int, kind: str) -> list[assets.Asset]:
    """Every asset of a kind and place."""
    return select(tx, workspace_id, _assets.c.place_id == place_id, _assets.c.kind == kind)


def numbered(tx: database.Tx, workspace_id: int, place_id: int, kind: str, stem: str) -> list[assets.Asset]:
    """Every asset of a kind and place whose stem is this one, or this one with a number behind it; and perhaps more.

    Case makes no difference. A long stem gives up its end for a number, so that for one any that begins so is found.
    """
    here = (_assets.c.place_id == place_id, _assets.c.kind == kind)
    folded = _assets.c.folded_stem
    family = paths.beginning(f"{stem.casefold()}.", paths.STEM_BYTES - _NUMBER_BYTES)
    like = sa.or_(folded == stem.casefold(), folded.startswith(family, autoescape=True))
    return select(tx, workspace_id, *here, like)


def of_kind(tx: database.Tx, workspace_id: int, kind: str, *where: sa.ColumnElement[bool]) -> list[assets.Asset]:
    """A workspace's assets of one kind, by id."""
    return sorted(select(tx, workspace_id, _assets.c.kind == kind, *where), key=lambda asset: asset.id)


def select(tx: database.Tx, workspace_id: int, *where: sa.ColumnElement[bool]) -> list[assets.Asset]:
    """A workspace's assets that meet conditions on the table `assets`."""
    running = tables.recipes.c.running_version_id.is_not(None).label("running")
    columns = (_versions.c.digest, _versions.c.arrived_digest, running)
    joined = _assets.join(_versions, _versions.c.id == _assets.c.version_id)
    joined = joined.outerjoin(tables.recipes, tables.recipes.c.asset_id == _assets.c.id)
    query = sa.select(_assets, *columns).select_from(joined).where(_assets.c.workspace_id == workspace_id, *where)
    rows = tx.all(query)
    beside = _sidecars_of(tx, [row.version_id for row in rows])
    return [_asset(row, beside.get(row.version_id, ())) for row in rows]


def create(
    tx: database.Tx, workspace_id: int, drafts: Sequence[assets.Draft], author: Author
) -> list[tuple[assets.Asset, int]]:
    """New assets at version 1; returns each with its version's id, in the order given."""
    values = [
        {
            "workspace_id": workspace_id,
            "folder_id": draft.folder_id,
            "place_id": draft.place_id,
            "kind": draft.kind,
            "name": draft.name,
            "stem": draft.stem,
            "folded_stem": draft.stem.casefold(),
            "version_no": 1,
            "provider": draft.provider,
            "rows_digest": draft.rows_digest,
            "created_at": tx.now,
            "updated_at": tx.now,
        }
        for draft in drafts
    ]
    ids = tx.insert(_assets, values)
    made = [_new_version(asset_id, 1, draft, author) for asset_id, draft in zip(ids, drafts, strict=True)]
    version_ids = _add_versions(tx, made, [draft.content.sidecars for draft in drafts])
    _point(tx, [{"key": a, "to": v} for a, v in zip(ids, version_ids, strict=True)])
    created = [_created(asset_id, draft) for asset_id, draft in zip(ids, drafts, strict=True)]
    return list(zip(created, version_ids, strict=True))


def revise(
    tx: database.Tx, changes: Sequence[tuple[assets.Asset, assets.Draft]], author: Author
) -> list[tuple[assets.Asset, int]]:
    """Give assets a next version, and the name, stem and places their drafts say; returns as `create` does."""
    numbers = [asset.version_no + 1 for asset, _ in changes]
    made = [
        _new_version(asset.id, number, draft, author) for (asset, draft), number in zip(changes, numbers, strict=True)
    ]
    version_ids = _add_versions(tx, made, [draft.content.sidecars for _, draft in changes])
    statement = sa.update(_assets).where(_assets.c.id == sa.bindparam("key"))
    place(tx, changes)
    tx.run(
        statement.values(version_no=sa.bindparam("number"), version_id=sa.bindparam("to"), updated_at=tx.now),
        [
            {"key": asset.id, "number": number, "to": version_id}
            for (asset, _), number, version_id in zip(changes, numbers, version_ids, strict=True)
        ],
    )
    revised = [_created(a.id, draft, number) for (a, draft), number in zip(changes, numbers, strict=True)]
    return list(zip(revised, version_ids, strict=True))


def make_way(tx: database.Tx, moving: Sequence[assets.Asset]) -> None:
    """Let assets give up their stems until they are placed anew, so that others, or one another, may have them."""
    statement = sa.update(_assets).where(_assets.c.id == sa.bindparam("key"))
    statement = statement.values(stem=sa.bindparam("to"), folded_stem=sa.bindparam("to"))
    tx.run(statement, [{"key": asset.id, "to": f"/{asset.id}"} for asset in moving])


def place(tx: database.Tx, changes: Sequence[tuple[assets.Asset, assets.Draft]]) -> None:
    """Give assets the name, stem, places, provider and rows that their drafts say, and no new version."""
    statement = sa.update(_assets).where(_assets.c.id == sa.bindparam("key"))
    fields = ("name", "stem", "folder_id", "place_id", "provider", "rows_digest")
    values: dict[str, sa.BindParameter[Any]] = {name: sa.bindparam(f"new_{name}") for name in (*fields, "folded_stem")}
    placed = [
        {"key": asset.id, "new_folded_stem": draft.stem.casefold()}
        | {f"new_{field}": getattr(draft, field) for field in fields}
        for asset, draft in changes
    ]
    tx.run(statement.values(values), placed)


def hold(tx: database.Tx, asset_id: int) -> int | None:
    """An asset's version number, which nobody changes before this transaction ends; None where the asset is gone.

    Whoever writes rows of a table holds the table: rows are written one transaction after the other.
    """
    row = tx.first(sa.select(_assets.c.version_no).where(_assets.c.id == asset_id).with_for_update(key_share=True))
    return row.version_no if row else None


def forget_rows_digest(tx: database.Tx, asset_id: int) -> None:
    """A table's rows are no longer those that a package brought."""
    known = (_assets.c.id == asset_id, _assets.c.rows_digest.is_not(None))
    tx.run(sa.update(_assets).where(*known).values(rows_digest=None))


def take_home(tx: database.Tx, ids: Sequence[int], root_folder_id: int) -> None:
    """Let assets that stand at the workspace's root live there too."""
    for piece in database.in_pieces(ids):
        tx.run(sa.update(_assets).where(_assets.c.id.in_(piece)).values(folder_id=root_folder_id))


def delete(tx: database.Tx, ids: Sequence[int]) -> None:
    """Delete assets with all their versions, and the documents that nothing holds any more."""
    held = {digest for piece in database.in_pieces(ids) for digest in _digests_held(tx, piece)}
    take_out(tx, ids)
    documents.forget_unused(tx, held)


def take_out(tx: database.Tx, ids: Sequence[int]) -> None:
    """Delete assets with all their versions, and leave their documents: somebody holds them, so as to put them back."""
    for piece in database.in_pieces(ids):
        tx.run(sa.delete(_assets).where(_assets.c.id.in_(piece)))


def version_ids(tx: database.Tx, asset_ids: Iterable[int]) -> dict[int, int]:
    """The current version's id of each asset."""
    query = sa.select(_assets.c.id, _assets.c.version_id)
    pieces = database.in_pieces(sorted(set(asset_ids)))
    return {row.id: row.version_id for piece in pieces for row in tx.all(query.where(_assets.c.id.in_(piece)))}


def version_ids_of(tx: database.Tx, numbers: Mapping[int, int]) -> dict[int, int]:
    """The id of one version of each asset: asset id → version number, to asset id → version id."""
    found: dict[int, int] = {}
    query = sa.select(_versions.c.id, _versions.c.asset_id, _versions.c.version_no)
    for piece in database.in_pieces(sorted(numbers)):
        for row in tx.all(query.where(_versions.c.asset_id.in_(piece))):
            if numbers[row.asset_id] == row.version_no:
                found[row.asset_id] = row.id
    return found


def at_version(tx: database.Tx, asset: assets.Asset, version_no: int) -> assets.Asset | None:
    """An asset as one of its versions had it, None where it has no such version."""
    mine = (_versions.c.asset_id == asset.id, _versions.c.version_no == version_no)
    row = tx.first(sa.select(_versions).where(*mine))
    if row is None:
        return None
    beside = _sidecars_of(tx, [row.id]).get(row.id, ())
    content, arrived = assets.Content(row.digest, beside), assets.Content(row.arrived_digest, beside)
    return replace(asset, version_no=version_no, content=content, arrived=arrived)


def author_of(tx: database.Tx, asset_id: int) -> str | None:
    """Who made an asset's current version; None for an asset that is gone."""
    joined = _assets.join(_versions, _versions.c.id == _assets.c.version_id)
    row = tx.first(sa.select(_versions.c.author).select_from(joined).where(_assets.c.id == asset_id))
    return str(row.author) if row else None


def times(tx: database.Tx, ids: Iterable[int]) -> dict[int, tuple[datetime, datetime]]:
    """When each asset was created, and when its current version was made."""
    query = sa.select(_assets.c.id, _assets.c.created_at, _assets.c.updated_at)
    pieces = database.in_pieces(sorted(set(ids)))
    rows = [row for piece in pieces for row in tx.all(query.where(_assets.c.id.in_(piece)))]
    return {row.id: (row.created_at, row.updated_at) for row in rows}


def _sidecars_of(tx: database.Tx, version_ids: Sequence[int]) -> dict[int, tuple[tuple[str, str], ...]]:
    found: dict[int, tuple[tuple[str, str], ...]] = {}
    for piece in database.in_pieces(version_ids):
        query = sa.select(_sidecars).where(_sidecars.c.version_id.in_(piece)).order_by(_sidecars.c.suffix)
        for row in tx.all(query):
            found[row.version_id] = (*found.get(row.version_id, ()), (row.suffix, row.digest))
    return found


def _asset(row: sa.Row[Any], beside: tuple[tuple[str, str], ...]) -> assets.Asset:
    return assets.Asset(
        id=row.id,
        kind=row.kind,
        name=row.name,
        stem=row.stem,
        folder_id=row.folder_id,
        place_id=row.place_id,
        version_no=row.version_no,
        content=assets.Content(row.digest, beside),
        arrived=assets.Content(row.arrived_digest, beside),
        provider=row.provider,
        rows_digest=row.rows_digest,
        running=bool(row.running),
    )


def _created(asset_id: int, draft: assets.Draft, version_no: int = 1) -> assets.Asset:
    fields = {name: getattr(draft, name) for name in assets.Draft.__slots__}
    return assets.Asset(id=asset_id, version_no=version_no, **fields)


def _new_version(asset_id: int, version_no: int, draft: assets.Draft, author: Author) -> dict[str, Any]:
    return {
        "asset_id": asset_id,
        "version_no": version_no,
        "digest": draft.content.digest,
        "arrived_digest": draft.arrived.digest,
        "author": author.name,
        "package_id": author.package_id,
        "base_id": author.base_id,
    }


def _add_versions(
    tx: database.Tx, made: list[dict[str, Any]], sidecars: list[tuple[tuple[str, str], ...]]
) -> list[int]:
    ids = tx.insert(_versions, [values | {"created_at": tx.now, "updated_at": tx.now} for values in made])
    beside = [
        {"version_id": version_id, "suffix": suffix, "digest": digest}
        for version_id, files in zip(ids, sidecars, strict=True)
        for suffix, digest in files
    ]
    tx.run(sa.insert(_sidecars), beside)
    return ids


def _point(tx: database.Tx, values: list[dict[str, Any]]) -> None:
    statement = sa.update(_assets).where(_assets.c.id == sa.bindparam("key"))
    tx.run(statement.values(version_id=sa.bindparam("to")), values)


def _digests_held(tx: database.Tx, asset_ids: Sequence[int]) -> set[str]:
    mine = _versions.c.asset_id.in_(asset_ids)
    rows = tx.all(sa.select(_versions.c.digest, _versions.c.arrived_digest).where(mine))
    joined = _sidecars.join(_versions, _versions.c.id == _sidecars.c.version_id)
    beside = tx.all(sa.select(_sidecars.c.digest).select_from(joined).where(mine))
    return {row.digest for row in [*rows, *beside]} | {row.arrived_digest for row in rows}
