"""Folders and projects. Every function that takes a workspace sees nothing of another's."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from recipeyard.model import assets, errors, workspaces
from recipeyard.model import paths as rules
from recipeyard.sql import database, tables

_folders = tables.folders
_projects = tables.projects


def find(tx: database.Tx, workspace_id: int, folder_id: int) -> workspaces.Folder:
    """The folder of that id. Raises `errors.NotFound`."""
    row = tx.first(_select(workspace_id).where(_folders.c.id == folder_id))
    if row is None:
        raise errors.NotFound.of("folder", folder_id)
    return _folder(row)


def exists(tx: database.Tx, workspace_id: int, folder_id: int) -> bool:
    """Whether there is a folder of that id."""
    mine = (_folders.c.id == folder_id, _folders.c.workspace_id == workspace_id)
    return tx.first(sa.select(_folders.c.id).where(*mine)) is not None


def children(tx: database.Tx, workspace_id: int, parent_id: int) -> list[workspaces.Folder]:
    """The folders right below one, by id."""
    rows = tx.all(_select(workspace_id).where(_folders.c.parent_id == parent_id).order_by(_folders.c.id))
    return [_folder(row) for row in rows]


def subtree(tx: database.Tx, workspace_id: int, folder_id: int) -> list[workspaces.Folder]:
    """A folder and every folder below it, by id."""
    below = sa.select(_folders.c.id).where(_folders.c.id == folder_id).cte("below", recursive=True)
    below = below.union_all(sa.select(_folders.c.id).join(below, _folders.c.parent_id == below.c.id))
    rows = tx.all(_select(workspace_id).where(_folders.c.id.in_(sa.select(below.c.id))).order_by(_folders.c.id))
    return [_folder(row) for row in rows]


def paths(folders: Iterable[workspaces.Folder], base_id: int) -> dict[int, str]:
    """The path of each folder of a subtree, counted from its base, whose own path is ""."""
    by_id = {folder.id: folder for folder in folders}
    found: dict[int, str] = {base_id: ""}
    for folder in by_id.values():
        trail = []
        step = folder
        while step.id not in found:
            trail.append(step)
            step = by_id[step.parent_id or base_id]
        for each in reversed(trail):
            above = found[each.parent_id or base_id]
            found[each.id] = f"{above}/{each.name}" if above else each.name
    return found


def trail(tx: database.Tx, folder_id: int) -> list[tuple[int, str]]:
    """The folders from right below the workspace's root down to this one, as (id, name); empty for the root."""
    found: list[tuple[int, str]] = []
    step: int | None = folder_id
    while step is not None:
        columns = (_folders.c.parent_id, _folders.c.name)
        row = tx.connection.execute(sa.select(*columns).where(_folders.c.id == step)).one()
        if row.parent_id is not None:
            found.append((step, row.name))
        step = row.parent_id
    return found[::-1]


def path_of(tx: database.Tx, folder_id: int) -> str:
    """A folder's path from the workspace's root, "" for the root."""
    return "/".join(name for _, name in trail(tx, folder_id))


def paths_of(tx: database.Tx, folder_ids: Iterable[int]) -> dict[int, str]:
    """`path_of` for many folders at once, by id."""
    known: dict[int, tuple[int | None, str]] = {}
    wanted = {*folder_ids}
    step = wanted
    while step:
        query = sa.select(_folders.c.id, _folders.c.parent_id, _folders.c.name)
        pieces = database.in_pieces(sorted(step))
        rows = [row for piece in pieces for row in tx.all(query.where(_folders.c.id.in_(piece)))]
        known |= {row.id: (row.parent_id, row.name) for row in rows}
        step = {row.parent_id for row in rows if row.parent_id is not None} - known.keys()
    return {folder_id: _spell_path(known, folder_id) for folder_id in wanted}


def descend(tx: database.Tx, base_id: int, path: str) -> int | None:
    """The folder at a path below another, None where there is none; "" is the base."""
    step: int | None = base_id
    for name in path.split("/") if path else ():
        query = sa.select(_folders.c.id).where(_folders.c.parent_id == step, _folders.c.name == name)
        step = tx.connection.execute(query).scalar()
        if step is None:
            return None
    return step


def project_ids(tx: database.Tx, folder_ids: Iterable[int]) -> dict[int, int | None]:
    """The owning project of each folder."""
    query = sa.select(_folders.c.id, _folders.c.project_id)
    pieces = database.in_pieces(sorted(set(folder_ids)))
    return {row.id: row.project_id for piece in pieces for row in tx.all(query.where(_folders.c.id.in_(piece)))}


def create(tx: database.Tx, parent: workspaces.Folder, name: str, description: str = "") -> workspaces.Folder:
    """A new folder below `parent`; below the root it is a project. Raises `errors.Invalid` where the name is taken."""
    _refuse_taken(tx, parent.id, workspaces.folder_name(name), None)
    _refuse_deep(tx, parent.id, name)
    folder_id = insert(tx, parent.workspace_id, parent.id, name)
    project_id = parent.project_id
    if parent.parent_id is None:
        values = {"workspace_id": parent.workspace_id, "folder_id": folder_id, "description": description}
        project_id = tx.insert(_projects, [values])[0]
    tx.run(sa.update(_folders).where(_folders.c.id == folder_id).values(project_id=project_id))
    return find(tx, parent.workspace_id, folder_id)


def insert(tx: database.Tx, workspace_id: int, parent_id: int | None, name: str) -> int:
    """A bare folder row; `create` is for people's folders, this for a workspace's root."""
    row = {
        "workspace_id": workspace_id,
        "parent_id": parent_id,
        "name": name,
        "created_at": tx.now,
        "updated_at": tx.now,
    }
    return tx.insert(_folders, [row])[0]


def change(tx: database.Tx, folder: workspaces.Folder, *, name: str, parent: workspaces.Folder | None) -> None:
    """Rename a folder, and move it below another where one is given. The caller has checked that it may move."""
    parent_id = parent.id if parent else folder.parent_id
    if parent_id:
        _refuse_taken(tx, parent_id, workspaces.folder_name(name), folder.id)
        _refuse_deep(tx, parent_id, name, paths(subtree(tx, folder.workspace_id, folder.id), folder.id).values())
    values: dict[str, Any] = {"name": name, "parent_id": parent_id, "updated_at": tx.now}
    tx.run(sa.update(_folders).where(_folders.c.id == folder.id).values(values))
    if parent and parent.project_id != folder.project_id:
        ids = [each.id for each in subtree(tx, folder.workspace_id, folder.id)]
        tx.run(sa.update(_folders).where(_folders.c.id.in_(ids)).values(project_id=parent.project_id))


def delete(tx: database.Tx, folder: workspaces.Folder) -> None:
    """Delete a folder, the folders below it and everything in them."""
    tx.run(sa.delete(_folders).where(_folders.c.id == folder.id))


def projects(tx: database.Tx, workspace_id: int) -> list[workspaces.Project]:
    """A workspace's projects, by id."""
    rows = tx.all(_select_projects(workspace_id).order_by(_projects.c.id))
    return [_project(row) for row in rows]


def find_project(tx: database.Tx, workspace_id: int, project_id: int) -> workspaces.Project:
    """The project of that id. Raises `errors.NotFound`."""
    row = tx.first(_select_projects(workspace_id).where(_projects.c.id == project_id))
    if row is None:
        raise errors.NotFound.of("project", project_id)
    return _project(row)


def descriptions(tx: database.Tx, project_ids: Iterable[int]) -> dict[int, str]:
    """The descriptions of projects, by id."""
    query = sa.select(_projects.c.id, _projects.c.description)
    return {row.id: row.description for row in tx.all(query.where(_projects.c.id.in_(list(project_ids))))}


def describe_project(tx: database.Tx, project: workspaces.Project, description: str) -> None:
    """Set a project's description."""
    tx.run(sa.update(_projects).where(_projects.c.id == project.id).values(description=description))


def _spell_path(known: Mapping[int, tuple[int | None, str]], folder_id: int) -> str:
    names: list[str] = []
    parent_id, name = known[folder_id]
    while parent_id is not None:
        names.append(name)
        parent_id, name = known[parent_id]
    return "/".join(reversed(names))


def _refuse_taken(tx: database.Tx, parent_id: int, name: str, mine: int | None) -> None:
    """Names that differ in case alone would be one path on many disks."""
    siblings = tx.all(sa.select(_folders.c.id, _folders.c.name).where(_folders.c.parent_id == parent_id))
    if any(row.name.casefold() == name.casefold() and row.id != mine for row in siblings):
        raise errors.Invalid.listing([errors.Issue("name", f"{name!r} has already been taken")])


def _refuse_deep(tx: database.Tx, parent_id: int, name: str, below: Iterable[str] = ()) -> None:
    """No archive could hold a file of a folder whose path leaves no room for one."""
    path = assets.join(path_of(tx, parent_id), name)
    longest = max((len(f"/{each}".encode()) for each in below if each), default=0)
    if len(path.encode()) + longest > rules.FOLDER_BYTES:
        what = f"is too long here: paths of folders have at most {rules.FOLDER_BYTES} bytes"
        raise errors.Invalid.listing([errors.Issue("name", what)])


def _select(workspace_id: int) -> sa.Select[Any]:
    is_project = (_projects.c.id.is_not(None)).label("is_project")
    joined = _folders.outerjoin(_projects, _projects.c.folder_id == _folders.c.id)
    return sa.select(_folders, is_project).select_from(joined).where(_folders.c.workspace_id == workspace_id)


def _select_projects(workspace_id: int) -> sa.Select[Any]:
    joined = _projects.join(_folders, _folders.c.id == _projects.c.folder_id)
    return sa.select(_projects, _folders.c.name).select_from(joined).where(_projects.c.workspace_id == workspace_id)


def _folder(row: sa.Row[Any]) -> workspaces.Folder:
    return workspaces.Folder(
        id=row.id,
        workspace_id=row.workspace_id,
        parent_id=row.parent_id,
        project_id=row.project_id,
        is_project=bool(row.is_project),
        name=row.name,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _project(row: sa.Row[Any]) -> workspaces.Project:
    return workspaces.Project(row.id, row.folder_id, row.name, row.description)
