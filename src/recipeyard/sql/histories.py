"""Histories: versions of assets of every kind, by whom and from which package; and what packages did where."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from recipeyard.model import assets, histories, packages
from recipeyard.sql import database, tables

_assets, _versions, _sidecars = tables.assets, tables.versions, tables.sidecars
_packages, _results = tables.packages, tables.package_assets


def deployed(tx: database.Tx, asset_ids: Iterable[int]) -> dict[int, histories.Version]:
    """The version of each asset that a package left last; absent where no package ever did.

    A package leaves the version that it makes, and one that it finds to be what it brings, whoever made that.
    """
    found_so = sa.exists().where(
        _results.c.asset_id == _versions.c.asset_id,
        _results.c.version_after == _versions.c.version_no,
        _results.c.digest == _versions.c.digest,
        _results.c.action == packages.Action.UNCHANGED,
    )
    return _newest(tx, asset_ids, sa.or_(_versions.c.package_id.is_not(None), found_so))


def merged(tx: database.Tx, asset_ids: Iterable[int]) -> dict[tuple[int, assets.Content, assets.Content], str]:
    """What packages would have left of assets if they had merged nothing, by asset and version's contents.

    It is the digest of a document, which is here for as long as the package can be taken back.
    """
    same = (_results.c.asset_id == _versions.c.asset_id) & (_results.c.version_after == _versions.c.version_no)
    revised = _results.c.action.in_([packages.Action.UPDATED, packages.Action.RENAMED])
    query = sa.select(_versions, _results.c.digest.label("alone")).join(_results, same)
    query = query.where(revised, _results.c.digest != _versions.c.digest)
    rows = [
        row
        for piece in database.in_pieces(sorted(set(asset_ids)))
        for row in tx.all(query.where(_versions.c.asset_id.in_(piece)))
    ]
    versions = _read(tx, rows)
    return {(v.asset_id, v.content, v.arrived): row.alone for v, row in zip(versions, rows, strict=True)}


def by_hand(tx: database.Tx, asset_ids: Iterable[int]) -> dict[int, histories.Version]:
    """The version of each asset that was made by hand last; absent where none was."""
    return _newest(tx, asset_ids, _versions.c.package_id.is_(None))


def current(tx: database.Tx, asset_ids: Iterable[int]) -> dict[int, histories.Version]:
    """The version that each asset is at."""
    return _newest(tx, asset_ids)


def _newest(tx: database.Tx, asset_ids: Iterable[int], *where: sa.ColumnElement[bool]) -> dict[int, histories.Version]:
    number = sa.func.max(_versions.c.version_no).label("version_no")
    rows: list[sa.Row[Any]] = []
    for piece in database.in_pieces(sorted(set(asset_ids))):
        mine = sa.select(_versions.c.asset_id, number).where(_versions.c.asset_id.in_(piece), *where)
        newest = mine.group_by(_versions.c.asset_id).subquery()
        same = (newest.c.asset_id == _versions.c.asset_id) & (newest.c.version_no == _versions.c.version_no)
        rows += tx.all(sa.select(_versions).join(newest, same))
    return {version.asset_id: version for version in _read(tx, rows)}


def _read(tx: database.Tx, rows: Sequence[sa.Row[Any]]) -> list[histories.Version]:
    beside: dict[int, tuple[tuple[str, str], ...]] = {}
    for piece in database.in_pieces([row.id for row in rows]):
        query = sa.select(_sidecars).where(_sidecars.c.version_id.in_(piece)).order_by(_sidecars.c.suffix)
        for row in tx.all(query):
            beside[row.version_id] = (*beside.get(row.version_id, ()), (row.suffix, row.digest))
    return [_version(row, beside.get(row.id, ())) for row in rows]


def _version(row: sa.Row[Any], beside: tuple[tuple[str, str], ...]) -> histories.Version:
    return histories.Version(
        id=row.id,
        asset_id=row.asset_id,
        version_no=row.version_no,
        content=assets.Content(row.digest, beside),
        arrived=assets.Content(row.arrived_digest, beside),
        author=row.author,
        comment=row.comment,
        package_id=row.package_id,
        created_at=row.created_at,
    )
