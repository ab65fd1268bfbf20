"""Write states back: links, run state, folders and properties as they were, under the ids they had."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from recipeyard.model import proposals, snapshots
from recipeyard.sql import database, recipes, tables

_links, _recipes, _folders = tables.links, tables.recipes, tables.folders


def wire(tx: database.Tx, wires: Mapping[int, Sequence[snapshots.Wire]]) -> None:
    """The references of versions mean this from now on, by version id; what is not here any more is meant by none."""
    wanted = {each.target_id for listed in wires.values() for each in listed if each.target_id is not None}
    here = database.among(tx, tables.assets.c.id, wanted)
    for piece in database.in_pieces(list(wires)):
        tx.run(sa.delete(_links).where(_links.c.version_id.in_(piece)))
    values = [
        {
            "version_id": version_id,
            "position": at,
            "target_id": each.target_id if each.target_id in here else None,
            "assumed": each.assumed,
            "kind": each.kind,
            "name": each.name,
        }
        for version_id, listed in wires.items()
        for at, each in enumerate(listed)
    ]
    tx.run(sa.insert(_links), values)


def run(tx: database.Tx, recipe_id: int, running: snapshots.Running) -> None:
    """A recipe's run state is this; a version that is gone runs no more. A version remembers when it first ran."""
    versions = database.among(tx, tables.versions.c.id, [running.version_id] if running.version_id else [])
    values = {
        "running_version_id": running.version_id if running.version_id in versions else None,
        "stopped_at": running.stopped_at,
        "stop_cause": running.stop_cause,
    }
    tx.run(sa.update(_recipes).where(_recipes.c.asset_id == recipe_id).values(values))
    recipes.remember_run(tx, versions)


def remove_folder(tx: database.Tx, folder_id: int) -> proposals.Removed | None:
    """Delete a folder in which nothing is left; None, and nothing done, where something is."""
    held = (
        sa.select(_folders.c.id).where(_folders.c.parent_id == folder_id),
        sa.select(tables.assets.c.id).where(
            sa.or_(tables.assets.c.folder_id == folder_id, tables.assets.c.place_id == folder_id)
        ),
        sa.select(tables.properties.c.name).where(tables.properties.c.folder_id == folder_id),
        sa.select(tables.manifests.c.id).where(
            tables.manifests.c.folder_id == folder_id, tables.manifests.c.deleted_at.is_(None)
        ),
    )
    projects = tables.projects
    joined = _folders.outerjoin(projects, projects.c.folder_id == _folders.c.id)
    columns = (projects.c.id.label("own_id"), projects.c.description)
    row = tx.first(sa.select(_folders, *columns).select_from(joined).where(_folders.c.id == folder_id))
    if row is None or any(tx.first(query.limit(1)) for query in held):
        return None
    tx.run(sa.delete(_folders).where(_folders.c.id == folder_id))
    return proposals.Removed(
        folder_id, row.parent_id, row.name, row.project_id, row.own_id is not None, row.description or ""
    )


def put_back_folder(tx: database.Tx, workspace_id: int, removed: proposals.Removed) -> None:
    """A folder that was removed is here again. Its parent must be there, and its name free."""
    values: dict[str, Any] = {
        "id": removed.folder_id,
        "workspace_id": workspace_id,
        "parent_id": removed.parent_id,
        "project_id": removed.project_id,
        "name": removed.name,
        "created_at": tx.now,
        "updated_at": tx.now,
    }
    tx.run(sa.insert(_folders), [values])
    if removed.is_project:
        project = {"id": removed.project_id, "workspace_id": workspace_id, "folder_id": removed.folder_id}
        tx.run(sa.insert(tables.projects), [project | {"description": removed.description}])


def set_property(tx: database.Tx, turned: proposals.Turned) -> None:
    """A property is as it was before."""
    properties = tables.properties
    mine = (properties.c.folder_id == turned.folder_id, properties.c.name == turned.name)
    tx.run(sa.delete(properties).where(*mine))
    if turned.was_there:
        values = {"folder_id": turned.folder_id, "name": turned.name, "value": turned.before, "updated_at": tx.now}
        tx.run(sa.insert(properties), [values])
