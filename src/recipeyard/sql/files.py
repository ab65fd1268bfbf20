"""The file storage of workspaces: files with their content, and folders that somebody made, by path."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from recipeyard.sql import database, runtime_tables

_files = runtime_tables.files
_SHOWN = [column for column in _files.c if column is not _files.c.content]


@dataclass(frozen=True, slots=True)
class Stored:
    """A file, or a folder."""

    id: int
    path: str
    is_folder: bool
    size: int
    created_at: datetime
    updated_at: datetime


def find(tx: database.Tx, workspace_id: int, path: str) -> Stored | None:
    """What stands at a path; nobody else changes it before this transaction ends."""
    row = tx.first(sa.select(*_SHOWN).where(*_at(workspace_id, path)).with_for_update())
    return _stored(row) if row else None


def content(tx: database.Tx, file_id: int) -> bytes:
    """A file's content."""
    return bytes(tx.connection.execute(sa.select(_files.c.content).where(_files.c.id == file_id)).scalar_one())


def below(tx: database.Tx, workspace_id: int, folder: str) -> list[Stored]:
    """Files and folders whose paths begin with a folder's, which ends with a slash; by path."""
    query = sa.select(*_SHOWN).where(*_below(workspace_id, folder)).order_by(_files.c.path)
    return sorted((_stored(row) for row in tx.all(query)), key=lambda each: each.path)


def is_any_below(tx: database.Tx, workspace_id: int, folder: str) -> bool:
    """Whether anything stands below a folder."""
    return tx.first(sa.select(_files.c.id).where(*_below(workspace_id, folder)).limit(1)) is not None


def file_among(tx: database.Tx, workspace_id: int, paths: Sequence[str]) -> str | None:
    """One of these paths at which a file stands, if any."""
    files = (_files.c.workspace_id == workspace_id, _files.c.folder.is_(False))
    row = tx.first(sa.select(_files.c.path).where(*files, _files.c.path.in_(paths)).limit(1))
    return str(row.path) if row else None


def claim(tx: database.Tx, workspace_id: int, path: str, *, folder: bool) -> tuple[Stored, bool]:
    """What stands at a path, an empty file or a folder where nothing did; whether it is new."""
    values = {"workspace_id": workspace_id, "path": path, "folder": folder, "size": 0, "content": b""}
    is_new = tx.insert_unless_here(_files, values | {"created_at": tx.now, "updated_at": tx.now}) is not None
    row = tx.connection.execute(sa.select(*_SHOWN).where(*_at(workspace_id, path)).with_for_update()).one()
    return _stored(row), is_new


def write(tx: database.Tx, file_id: int, content: bytes) -> None:
    """Give a file another content."""
    values = {"content": content, "size": len(content), "updated_at": tx.now}
    tx.run(sa.update(_files).where(_files.c.id == file_id).values(values))


def delete(tx: database.Tx, file_id: int) -> None:
    """Delete a file or a folder's own row."""
    tx.run(sa.delete(_files).where(_files.c.id == file_id))


def delete_below(tx: database.Tx, workspace_id: int, folder: str) -> int:
    """Delete everything below a folder; how many files went."""
    here = _below(workspace_id, folder)
    count = tx.run(sa.delete(_files).where(*here, _files.c.folder.is_(False)))
    tx.run(sa.delete(_files).where(*here))
    return count


def _at(workspace_id: int, path: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (_files.c.workspace_id == workspace_id, _files.c.path == path)


def _below(workspace_id: int, folder: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (_files.c.workspace_id == workspace_id, sa.func.substr(_files.c.path, 1, len(folder)) == folder)


def _stored(row: sa.Row[Any]) -> Stored:
    return Stored(row.id, row.path, bool(row.folder), row.size, row.created_at, row.updated_at)
