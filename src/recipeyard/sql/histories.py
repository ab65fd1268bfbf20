"""Histories: versions of assets of every kind, by whom and from which package; and what packages did where."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from recipeyard.model import assets, histories, packages
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, tables
from recipeyard.sql import packages as package_rows
from recipeyard.sql import plans as plan_rows

_assets, _versions, _sidecars = tables.assets, tables.versions, tables.sidecars
_packages, _results = tables.packages, tables.package_assets

_FOUND_SO = (
    _results.c.asset_id == _versions.c.asset_id,
    _results.c.version_after == _versions.c.version_no,
    _results.c.digest == _versions.c.digest,
    _results.c.action == packages.Action.UNCHANGED,
)
"""What a package did to an asset that was what it brought."""

_LEFT = sa.or_(_versions.c.package_id.is_not(None), sa.exists().where(*_FOUND_SO))

_TRANSFERS = (packages.Operation.IMPORT, packages.Operation.ROLLBACK)
_PACKAGE, _VERSION = "package", "version"


def deployed(tx: database.Tx, asset_ids: Iterable[int]) -> dict[int, histories.Version]:
    """The version of each asset that a package left last, as that package's; absent where no package ever did.

    A package leaves the version that it makes, and one that it finds to be what it brings, whoever made that. A
    rollback leaves what counted before the package that it took back, as long as that one's record is there.
    """
    left = _newest(tx, asset_ids, _LEFT)
    returned = _returned(tx, left.values())
    if back := [version.asset_id for version in left.values() if version.id in returned]:
        bases = _bases(tx, back)
        left = {key: version for key, version in left.items() if version.id not in returned} | bases
    finders = _finders(tx, [each.id for each in left.values() if each.package_id is None or each.id in returned])
    return {key: replace(each, package_id=finders.get(each.id, each.package_id)) for key, each in left.items()}


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


def of_asset(tx: database.Tx, asset_id: int) -> list[histories.Version]:
    """Every version of an asset, newest first."""
    query = sa.select(_versions).where(_versions.c.asset_id == asset_id)
    return _read(tx, tx.all(query.order_by(_versions.c.version_no.desc())))


def results(tx: database.Tx, workspace_id: int, asset_id: int) -> dict[int, packages.Result]:
    """What imports and rollbacks did to an asset, be it here or not, by package; without those that left it alone."""
    mine = (_packages.c.workspace_id == workspace_id, _packages.c.operation.in_(_TRANSFERS))
    query = sa.select(_results).join(_packages, _packages.c.id == _results.c.package_id).where(*mine)
    query = query.where(_results.c.asset_id == asset_id, _results.c.action != packages.Action.UNCHANGED)
    rows = tx.all(query.order_by(_results.c.package_id))
    return {row.package_id: package_rows.result(row) for row in rows}


def of_folders(
    tx: database.Tx, workspace_id: int, folder_ids: Sequence[int], *, offset: int, limit: int
) -> list[histories.Transfer | histories.Edit]:
    """A page of what was done to these folders, newest first: transfers into them, and what was made by hand there."""
    arrived = (_packages.c.workspace_id == workspace_id, _packages.c.operation.in_(_TRANSFERS))
    kind = sa.literal(_PACKAGE).label("kind")
    into = sa.select(kind, _packages.c.id.label("id"), _packages.c.created_at.label("at")).where(*arrived)
    into = into.where(_packages.c.folder_id.in_(folder_ids))
    kind = sa.literal(_VERSION).label("kind")
    made = sa.select(kind, _versions.c.id, _versions.c.created_at).join(_assets, _assets.c.id == _versions.c.asset_id)
    made = made.where(_versions.c.package_id.is_(None), _assets.c.folder_id.in_(folder_ids))
    both = sa.union_all(into, made).subquery()
    page = sa.select(both).order_by(both.c.at.desc(), both.c.kind, both.c.id.desc()).offset(offset).limit(limit)
    rows = tx.all(page)
    transfers = _transfers(tx, [row.id for row in rows if row.kind == _PACKAGE])
    edits = _edits(tx, workspace_id, [row.id for row in rows if row.kind == _VERSION])
    return [transfers[row.id] if row.kind == _PACKAGE else edits[row.id] for row in rows]


def last_imports(tx: database.Tx, workspace_id: int, folder_ids: Sequence[int]) -> list[packages.Package]:
    """The last import into each of these folders that was applied, however it ended.

    One that left recipes stopped is failed and was applied. What older releases imported left no footprint.
    """
    applied = sa.or_(_packages.c.status == packages.Status.COMPLETED, _packages.c.footprint.is_not(None))
    mine = (_packages.c.workspace_id == workspace_id, _packages.c.operation == packages.Operation.IMPORT)
    newest = sa.select(sa.func.max(_packages.c.id)).where(*mine, applied)
    newest = newest.where(_packages.c.folder_id.in_(folder_ids)).group_by(_packages.c.folder_id)
    ids = tx.connection.execute(newest).scalars().all()
    return list(package_rows.by_ids(tx, ids).values())


def deleted_since(tx: database.Tx, asset_ids: Iterable[int], package_id: int) -> set[int]:
    """Which of these assets a package later than this one deleted."""
    gone = (_results.c.action == packages.Action.DELETED, _results.c.package_id > package_id)
    query = sa.select(_results.c.asset_id).where(*gone)
    pieces = database.in_pieces(sorted(set(asset_ids)))
    return {row.asset_id for piece in pieces for row in tx.all(query.where(_results.c.asset_id.in_(piece)))}


def _bases(tx: database.Tx, asset_ids: Sequence[int]) -> dict[int, histories.Version]:
    """What packages left last of these assets, looked for behind what rollbacks went back from."""
    query = sa.select(_versions).where(_LEFT).order_by(_versions.c.version_no.desc())
    rows = [row for p in database.in_pieces(asset_ids) for row in tx.all(query.where(_versions.c.asset_id.in_(p)))]
    versions: dict[int, list[histories.Version]] = defaultdict(list)
    for version in _read(tx, rows):
        versions[version.asset_id].append(version)
    listed = [version for mine in versions.values() for version in mine]
    returned = _returned(tx, listed)
    found = _finders(tx, returned)
    left = {version.id for version in listed if version.id in found or version.id not in returned}
    bases = {asset_id: histories.base(mine, left, returned) for asset_id, mine in versions.items()}
    return {asset_id: version for asset_id, version in bases.items() if version}


def _finders(tx: database.Tx, version_ids: Iterable[int]) -> dict[int, int]:
    """The last package that found each of these versions to be what it brought; absent where none did."""
    query = sa.select(_versions.c.id, sa.func.max(_results.c.package_id).label("package_id"))
    query = query.join(_results, sa.and_(*_FOUND_SO)).group_by(_versions.c.id)
    pieces = database.in_pieces(sorted(version_ids))
    return {row.id: row.package_id for piece in pieces for row in tx.all(query.where(_versions.c.id.in_(piece)))}


def _returned(tx: database.Tx, found: Iterable[histories.Version]) -> dict[int, int]:
    """Which of these versions a rollback made, with the number of the version that it went back to."""
    undone = sa.and_(_results.c.package_id == _packages.c.rolls_back_id, _results.c.asset_id == _versions.c.asset_id)
    joined = _versions.join(_packages, _packages.c.id == _versions.c.package_id).join(_results, undone)
    query = sa.select(_versions.c.id, _results.c.version_before).select_from(joined)
    query = query.where(_results.c.version_before.is_not(None))
    pieces = database.in_pieces([version.id for version in found])
    return {row.id: row.version_before for piece in pieces for row in tx.all(query.where(_versions.c.id.in_(piece)))}


def _transfers(tx: database.Tx, ids: Sequence[int]) -> dict[int, histories.Transfer]:
    query = sa.select(_results.c.package_id, _results.c.action, sa.func.count().label("number"))
    query = query.group_by(_results.c.package_id, _results.c.action).order_by(_results.c.action)
    counts: dict[int, dict[str, int]] = {each: {} for each in ids}
    for row in tx.all(query.where(_results.c.package_id.in_(ids))):
        counts[row.package_id][row.action] = row.number
    found = package_rows.by_ids(tx, ids)
    plan_ids = plan_rows.ids_applied_by(tx, ids)
    return {each: histories.Transfer(found[each], counts[each], plan_ids.get(each)) for each in ids}


def _edits(tx: database.Tx, workspace_id: int, ids: Sequence[int]) -> dict[int, histories.Edit]:
    versions = _read(tx, tx.all(sa.select(_versions).where(_versions.c.id.in_(ids))))
    found = asset_rows.by_ids(tx, workspace_id, [version.asset_id for version in versions])
    return {version.id: histories.Edit(version, found[version.asset_id]) for version in versions}


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
