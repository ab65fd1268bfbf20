"""Links: what the references of a version mean here. One that means nothing yet keeps the words it was asked by."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from recipeyard.model import assets, references
from recipeyard.sql import database, tables

_links = tables.links
_versions = tables.versions
_assets = tables.assets


@dataclass(frozen=True, slots=True)
class Link:
    """One reference of a version. `target_id` is None where it means nothing here.

    `assumed` marks one that nothing but an app's name led to.
    """

    reference: references.Reference
    target_id: int | None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Dangling:
    """A reference that means nothing yet, of a version that counts: its document and where its references count from.

    `base_id` is None where that was never said; `folder_id` is then the asset's own.
    """

    version_id: int
    position: int
    digest: str
    kind: str
    base_id: int | None
    folder_id: int
    asset_id: int


def write(tx: database.Tx, linked: Mapping[int, Sequence[Link]]) -> None:
    """Say what versions' references mean: version id → one for each, in their order. Replaces what was said before."""
    for piece in database.in_pieces(list(linked)):
        tx.run(sa.delete(_links).where(_links.c.version_id.in_(piece)))
    values = [
        {
            "version_id": version_id,
            "position": at,
            "target_id": link.target_id,
            "assumed": link.assumed,
            "kind": link.reference.kind or "",
            "name": link.reference.name,
        }
        for version_id, links in linked.items()
        for at, link in enumerate(links)
    ]
    tx.run(sa.insert(_links), values)


def targets(tx: database.Tx, version_ids: Iterable[int]) -> dict[int, dict[int, int]]:
    """What the references of versions mean: version id → position in its facts → asset id."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    query = sa.select(_links.c.version_id, _links.c.position, _links.c.target_id).where(_links.c.target_id.is_not(None))
    for piece in database.in_pieces(sorted(set(version_ids))):
        for row in tx.all(query.where(_links.c.version_id.in_(piece))):
            found[row.version_id][row.position] = row.target_id
    return found


def meant(tx: database.Tx, version_ids: Iterable[int]) -> tuple[dict[int, dict[int, int]], dict[int, set[int]]]:
    """What `targets` gives, and which of it was made by an app's name alone: version id → positions."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    assumed: dict[int, set[int]] = defaultdict(set)
    query = sa.select(_links.c.version_id, _links.c.position, _links.c.target_id, _links.c.assumed)
    for piece in database.in_pieces(sorted(set(version_ids))):
        for row in tx.all(query.where(_links.c.target_id.is_not(None), _links.c.version_id.in_(piece))):
            found[row.version_id][row.position] = row.target_id
            if row.assumed:
                assumed[row.version_id].add(row.position)
    return found, assumed


def dangling(tx: database.Tx, workspace_id: int, names: Iterable[str], kinds: Iterable[str] = ()) -> list[Dangling]:
    """References of current versions to one of these names, or to anything of these kinds, that mean nothing yet."""
    joined = _links.join(_versions, _versions.c.id == _links.c.version_id)
    joined = joined.join(_assets, _assets.c.id == _versions.c.asset_id)
    columns = (_links.c.version_id, _links.c.position, _versions.c.digest, _assets.c.kind, _versions.c.base_id)
    query = sa.select(*columns, _assets.c.folder_id, _assets.c.id).select_from(joined)
    current = _assets.c.version_id == _versions.c.id
    query = query.where(_links.c.target_id.is_(None), _assets.c.workspace_id == workspace_id, current)
    wanted: list[sa.ColumnElement[bool]] = [
        _links.c.name.in_(piece) for piece in database.in_pieces(sorted(set(names)))
    ]
    wanted += [_links.c.kind == kind for kind in kinds]
    rows = dict.fromkeys(row for condition in wanted for row in tx.all(query.where(condition)))
    return [
        Dangling(row.version_id, row.position, row.digest, row.kind, row.base_id, row.folder_id, row.id) for row in rows
    ]


def mend(tx: database.Tx, lost: Dangling, target_id: int, *, assumed: bool) -> None:
    """Let a reference that meant nothing mean this asset."""
    here = (_links.c.version_id == lost.version_id, _links.c.position == lost.position)
    tx.run(sa.update(_links).where(*here).values(target_id=target_id, assumed=assumed))


def users(tx: database.Tx, target_ids: Iterable[int]) -> list[tuple[int, assets.Named]]:
    """Which assets refer to these in their current version, or in the one that runs, as (target's id, asset).

    A test case is no use of what it names: nothing but the test ends where that goes.
    """
    running = tables.recipes
    joined = _links.join(_versions, _versions.c.id == _links.c.version_id)
    joined = joined.join(_assets, _assets.c.id == _versions.c.asset_id)
    joined = joined.outerjoin(running, running.c.asset_id == _assets.c.id)
    counts = sa.or_(_assets.c.version_id == _versions.c.id, running.c.running_version_id == _versions.c.id)
    counts = sa.and_(counts, _assets.c.kind != assets.TEST_CASE)
    query = sa.select(_links.c.target_id, _assets.c.kind, _assets.c.name, _assets.c.id).select_from(joined)
    pieces = database.in_pieces(sorted(set(target_ids)))
    rows = [row for piece in pieces for row in tx.all(query.where(counts, _links.c.target_id.in_(piece)))]
    return [(row.target_id, assets.Named(row.kind, row.name, row.id)) for row in rows]


def test_cases_of(tx: database.Tx, recipe_ids: Iterable[int]) -> set[int]:
    """The test cases whose current version refers to one of these."""
    joined = _links.join(_assets, _assets.c.version_id == _links.c.version_id)
    query = sa.select(_assets.c.id).select_from(joined).where(_assets.c.kind == assets.TEST_CASE)
    pieces = database.in_pieces(sorted(set(recipe_ids)))
    return {row.id for piece in pieces for row in tx.all(query.where(_links.c.target_id.in_(piece)))}


def base_of(tx: database.Tx, version_id: int) -> int | None:
    """The folder that a version's references count from, where that was said."""
    found: int | None = tx.connection.execute(
        sa.select(_versions.c.base_id).where(_versions.c.id == version_id)
    ).scalar()
    return found
