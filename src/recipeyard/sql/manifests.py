"""Export manifests: stored selections. A deleted one is kept, unseen, for the packages that came from it."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from recipeyard.model import errors, manifests
from recipeyard.sql import database, tables

_manifests = tables.manifests


def insert(
    tx: database.Tx,
    place: tuple[int, int],
    name: str,
    options: manifests.Options,
    selected: Sequence[manifests.Selected],
) -> manifests.Manifest:
    """A new manifest; `place` is its workspace's id and its folder's."""
    workspace_id, folder_id = place
    values = {
        "workspace_id": workspace_id,
        "folder_id": folder_id,
        "name": name,
        "options": msgspec.to_builtins(options),
        "assets": msgspec.to_builtins(list(selected)),
        "created_at": tx.now,
        "updated_at": tx.now,
    }
    return find(tx, workspace_id, tx.insert(_manifests, [values])[0])


def find(tx: database.Tx, workspace_id: int, manifest_id: int) -> manifests.Manifest:
    """The manifest of that id. Raises `errors.NotFound`, for one deleted too."""
    mine = (_manifests.c.id == manifest_id, _manifests.c.workspace_id == workspace_id)
    row = tx.first(sa.select(_manifests).where(*mine, _manifests.c.deleted_at.is_(None)))
    if row is None:
        raise errors.NotFound.of("export manifest", manifest_id)
    return _manifest(row)


def by_id(tx: database.Tx, manifest_id: int) -> manifests.Manifest:
    """The manifest of that id, deleted or not: for work already accepted. Raises `errors.NotFound`."""
    row = tx.first(sa.select(_manifests).where(_manifests.c.id == manifest_id))
    if row is None:
        raise errors.NotFound("the manifest is gone with its folder")
    return _manifest(row)


def listed(tx: database.Tx, workspace_id: int, *, offset: int, limit: int) -> list[manifests.Manifest]:
    """A page of a workspace's manifests, newest first."""
    mine = (_manifests.c.workspace_id == workspace_id, _manifests.c.deleted_at.is_(None))
    query = sa.select(_manifests).where(*mine).order_by(_manifests.c.id.desc())
    return [_manifest(row) for row in tx.all(query.offset(offset).limit(limit))]


def change(tx: database.Tx, manifest: manifests.Manifest) -> None:
    """Write a manifest's name, options and selection."""
    values = {
        "name": manifest.name,
        "options": msgspec.to_builtins(manifest.options),
        "assets": msgspec.to_builtins(list(manifest.selected)),
        "updated_at": tx.now,
    }
    tx.run(sa.update(_manifests).where(_manifests.c.id == manifest.id).values(values))


def exported(tx: database.Tx, manifest: manifests.Manifest) -> None:
    """An export of the manifest has been asked for."""
    tx.run(sa.update(_manifests).where(_manifests.c.id == manifest.id).values(last_exported_at=tx.now))


def delete(tx: database.Tx, manifest: manifests.Manifest) -> None:
    """Hide a manifest."""
    tx.run(sa.update(_manifests).where(_manifests.c.id == manifest.id).values(deleted_at=tx.now))


def _manifest(row: sa.Row[Any]) -> manifests.Manifest:
    return manifests.Manifest(
        id=row.id,
        workspace_id=row.workspace_id,
        folder_id=row.folder_id,
        name=row.name,
        options=manifests.Options(**row.options),
        selected=tuple(manifests.Selected(**line) for line in row.assets),
        last_exported_at=row.last_exported_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
