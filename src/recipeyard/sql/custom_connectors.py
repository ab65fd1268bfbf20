"""Which versions of custom connectors are released."""

from collections import defaultdict
from collections.abc import Iterable

import sqlalchemy as sa

from recipeyard.model import custom_connectors
from recipeyard.sql import database, tables

_releases = tables.releases
_versions = tables.versions


def release(tx: database.Tx, asset_id: int, version_no: int, note: str | None) -> bool:
    """Release a version; false where it is released already."""
    mine = (_releases.c.asset_id == asset_id, _releases.c.version_no == version_no)
    if tx.first(sa.select(_releases.c.asset_id).where(*mine)):
        return False
    values = {"asset_id": asset_id, "version_no": version_no, "note": note, "released_at": tx.now}
    tx.run(sa.insert(_releases), [values])
    return True


def keep_only(tx: database.Tx, asset_id: int, version_nos: Iterable[int]) -> None:
    """These versions of a connector go on being released, and no others."""
    others = _releases.c.version_no.not_in(list(version_nos))
    tx.run(sa.delete(_releases).where(_releases.c.asset_id == asset_id, others))


def releases(tx: database.Tx, ids: Iterable[int]) -> dict[int, tuple[custom_connectors.Release, ...]]:
    """The released versions of connectors, newest first."""
    same = sa.and_(_versions.c.asset_id == _releases.c.asset_id, _versions.c.version_no == _releases.c.version_no)
    query = sa.select(_releases, _versions.c.created_at).select_from(_releases.join(_versions, same))
    query = query.order_by(_releases.c.version_no.desc())
    found: dict[int, list[custom_connectors.Release]] = defaultdict(list)
    for piece in database.in_pieces(sorted(set(ids))):
        for row in tx.all(query.where(_releases.c.asset_id.in_(piece))):
            release = custom_connectors.Release(row.version_no, row.note, row.created_at, row.released_at)
            found[row.asset_id].append(release)
    return {asset_id: tuple(each) for asset_id, each in found.items()}
