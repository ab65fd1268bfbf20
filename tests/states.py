"""The state of a workspace as a value: what must be equal before an import and after it was taken back."""

from collections import defaultdict
from typing import Any

import sqlalchemy as sa

import worlds
from recipeyard.sql import database, tables


def of(place: worlds.Place) -> dict[str, Any]:
    """Everything that people can see of a workspace, by ids; without versions' numbers and times."""
    with place.world.db.read() as tx:
        projects = sa.select(tables.projects).where(tables.projects.c.workspace_id == place.workspace.id)
        return {
            "folders": _folders(tx, place),
            "assets": _assets(tx, place),
            "properties": _properties(tx, place),
            "projects": {(row.id, row.folder_id, row.description) for row in tx.all(projects)},
        }


def _folders(tx: database.Tx, place: worlds.Place) -> set[tuple[Any, ...]]:
    found = tx.all(sa.select(tables.folders).where(tables.folders.c.workspace_id == place.workspace.id))
    return {(row.id, row.parent_id, row.name, row.project_id) for row in found}


def _assets(tx: database.Tx, place: worlds.Place) -> dict[int, Any]:
    versions, recipes, running = tables.versions, tables.recipes, tables.versions.alias("running")
    joined = tables.assets.join(versions, versions.c.id == tables.assets.c.version_id)
    joined = joined.outerjoin(recipes, recipes.c.asset_id == tables.assets.c.id)
    joined = joined.outerjoin(running, running.c.id == recipes.c.running_version_id)
    columns = (versions.c.digest, versions.c.arrived_digest, running.c.digest.label("runs"), recipes.c.applications)
    query = sa.select(tables.assets, *columns).select_from(joined)
    rows = tx.all(query.where(tables.assets.c.workspace_id == place.workspace.id))
    beside = _beside(tx, [row.id for row in rows], [row.version_id for row in rows])
    found = {}
    for row in rows:
        own = (row.kind, row.name, row.stem, row.folder_id, row.place_id, row.provider, row.rows_digest)
        content = (row.digest, row.arrived_digest, row.runs, row.applications)
        found[row.id] = (
            own,
            content,
            *(each[key] for each, key in zip(beside, (row.version_id,) * 2 + (row.id,) * 4, strict=True)),
        )
    return found


def _beside(tx: database.Tx, asset_ids: list[int], version_ids: list[int]) -> list[dict[int, list[Any]]]:
    """What stands beside each asset or version: links, files, rows, tags, whether an endpoint answers, credentials."""
    links, sidecars, rows = tables.links.c, tables.sidecars.c, tables.rows.c
    tags, points, connections = tables.tag_assignments.c, tables.endpoints.c, tables.connections.c
    return [
        _grouped(tx, version_ids, (links.version_id, links.position, links.target_id, links.kind, links.name)),
        _grouped(tx, version_ids, (sidecars.version_id, sidecars.suffix, sidecars.digest)),
        _grouped(tx, asset_ids, (rows.asset_id, rows.id, rows.fields)),
        _grouped(tx, asset_ids, (tags.asset_id, tags.tag_id)),
        _grouped(tx, asset_ids, (points.asset_id, points.active)),
        _grouped(tx, asset_ids, (connections.asset_id, connections.sealed_input)),
    ]


def _grouped(tx: database.Tx, ids: list[int], columns: tuple[sa.Column[Any], ...]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in tx.all(sa.select(*columns).where(columns[0].in_(ids)).order_by(*columns[:2])):
        found[row[0]].append(tuple(row[1:]))
    return found


def _properties(tx: database.Tx, place: worlds.Place) -> set[tuple[Any, ...]]:
    kept = tables.properties
    mine = sa.select(tables.folders.c.id).where(tables.folders.c.workspace_id == place.workspace.id)
    return {(row.folder_id, row.name, row.value) for row in tx.all(sa.select(kept).where(kept.c.folder_id.in_(mine)))}
