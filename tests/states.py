"""The state of a workspace as a value: what must be equal before an import and after it was taken back."""

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
    found = {}
    for row in tx.all(query.where(tables.assets.c.workspace_id == place.workspace.id)):
        own = (row.kind, row.name, row.stem, row.folder_id, row.place_id, row.provider, row.rows_digest)
        content = (row.digest, row.arrived_digest, row.runs, row.applications)
        found[row.id] = (own, content, *_beside(tx, row.id, row.version_id))
    return found


def _beside(tx: database.Tx, asset_id: int, version_id: int) -> tuple[Any, ...]:
    links, sidecars, rows, tags = tables.links, tables.sidecars, tables.rows, tables.tag_assignments
    points, connections = tables.endpoints, tables.connections
    return (
        [tuple(row) for row in tx.all(sa.select(links.c.position, links.c.target_id, links.c.kind, links.c.name)
            .where(links.c.version_id == version_id).order_by(links.c.position))],
        {tuple(row) for row in tx.all(sa.select(sidecars.c.suffix, sidecars.c.digest)
            .where(sidecars.c.version_id == version_id))},
        [str(row.fields) for row in tx.all(sa.select(rows.c.fields).where(rows.c.asset_id == asset_id)
            .order_by(rows.c.position))],
        {row.tag_id for row in tx.all(sa.select(tags.c.tag_id).where(tags.c.asset_id == asset_id))},
        [row.active for row in tx.all(sa.select(points.c.active).where(points.c.asset_id == asset_id))],
        [row.sealed_input for row in tx.all(sa.select(connections).where(connections.c.asset_id == asset_id))],
    )  # fmt: skip


def _properties(tx: database.Tx, place: worlds.Place) -> set[tuple[Any, ...]]:
    kept = tables.properties
    mine = sa.select(tables.folders.c.id).where(tables.folders.c.workspace_id == place.workspace.id)
    return {(row.folder_id, row.name, row.value) for row in tx.all(sa.select(kept).where(kept.c.folder_id.in_(mine)))}
