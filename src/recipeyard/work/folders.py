"""Folders and projects one at a time, as the API handles them."""

from collections.abc import Sequence

from recipeyard.model import assets, errors, workspaces
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, folders
from recipeyard.sql import recipes as recipe_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import activities
from recipeyard.work.running import unended


def create(tx: database.Tx, workspace_id: int, parent_id: int | None, name: str, description: str) -> workspaces.Folder:
    """A new folder; without a parent it is a project. Raises `errors.Invalid` for a name that is taken or no name."""
    workspace = workspace_rows.lock(tx, workspace_id)
    parent = folders.find(tx, workspace.id, parent_id or workspace.root_folder_id)
    made = folders.create(tx, parent, name, description)
    _record(tx, "created", made)
    return made


def change(
    tx: database.Tx, workspace_id: int, folder_id: int, name: str | None, parent_id: int | None
) -> workspaces.Folder:
    """Rename a folder, or move it. A project's top stays where it is, and no folder moves into itself."""
    workspace = workspace_rows.lock(tx, workspace_id)
    folder = folders.find(tx, workspace.id, folder_id)
    if folder.parent_id is None:
        raise errors.Forbidden("The workspace's root folder can't be changed")
    parent = folders.find(tx, workspace.id, parent_id) if parent_id and parent_id != folder.parent_id else None
    if parent and folder.is_project:
        raise errors.Invalid("parent_id: a project's folder can't be moved")
    if parent and parent.parent_id is None:
        raise errors.Invalid("parent_id: a folder can't be made a project by moving it")
    if parent and parent.id in {each.id for each in folders.subtree(tx, workspace.id, folder.id)}:
        raise errors.Invalid("parent_id: a folder can't be moved into itself")
    folders.change(tx, folder, name=folder.name if name is None else name, parent=parent)
    changed = folders.find(tx, workspace.id, folder.id)
    _record(tx, "updated", changed)
    return changed


def delete(tx: database.Tx, workspace_id: int, folder_id: int, *, force: bool) -> None:
    """Delete a folder; one that holds anything only when forced, one with running recipes never."""
    workspace = workspace_rows.lock(tx, workspace_id)
    folder = folders.find(tx, workspace.id, folder_id)
    if folder.parent_id is None or folder.is_project:
        raise errors.Forbidden("Cannot destroy folder")
    _refuse_running(tx, folder, errors.Invalid)
    if not force:
        _refuse_full(tx, folder)
    _delete(tx, workspace, folder)


def delete_project(tx: database.Tx, workspace_id: int, project_id: int) -> None:
    """Delete a project with everything that lives in its folders; what belongs to the whole workspace stays."""
    workspace = workspace_rows.lock(tx, workspace_id)
    project = folders.find_project(tx, workspace.id, project_id)
    folder = folders.find(tx, workspace.id, project.folder_id)
    _refuse_running(tx, folder, errors.Forbidden)
    _delete(tx, workspace, folder)


def _delete(tx: database.Tx, workspace: workspaces.Workspace, folder: workspaces.Folder) -> None:
    below = folders.subtree(tx, workspace.id, folder.id)
    held = asset_rows.in_folders(tx, workspace.id, [each.id for each in below])
    shared = [asset for asset in held if asset.kind in assets.AT_ROOT and asset.place_id == workspace.root_folder_id]
    stays = {asset.id for asset in shared}
    _refuse_used(tx, [asset for asset in held if asset.kind == assets.CONNECTION and asset.id not in stays])
    for recipe in (asset for asset in held if asset.kind == assets.RECIPE):
        unended.refuse(tx, recipe.id, recipe.name)
    asset_rows.take_home(tx, sorted(stays), workspace.root_folder_id)
    asset_rows.delete(tx, [asset.id for asset in held if asset.id not in stays])
    folders.delete(tx, folder)
    _record(tx, "deleted", folder)


def _record(tx: database.Tx, done: str, folder: workspaces.Folder) -> None:
    kind, resource = activities.of_folder(folder)
    activities.record(tx, folder.workspace_id, f"{kind}_{done}", resource)


def _refuse_running(tx: database.Tx, folder: workspaces.Folder, kind: type[errors.Failure]) -> None:
    ids = [each.id for each in folders.subtree(tx, folder.workspace_id, folder.id)]
    if names := recipe_rows.running_in(tx, ids):
        raise kind(f"Cannot destroy folder: recipes are running: {', '.join(repr(name) for name in names)}")


def _refuse_used(tx: database.Tx, held: Sequence[assets.Asset]) -> None:
    """Recipes of other folders may run with a connection that is here."""
    for each in held:
        if names := recipe_rows.running_with(tx, each.id):
            listed = ", ".join(repr(name) for name in names)
            raise errors.Invalid(f"Cannot destroy folder: recipes are running on connection {each.name!r}: {listed}")


def _refuse_full(tx: database.Tx, folder: workspaces.Folder) -> None:
    below = folders.subtree(tx, folder.workspace_id, folder.id)
    held = asset_rows.in_folders(tx, folder.workspace_id, [each.id for each in below])
    for kind, what in ((assets.RECIPE, "recipes"), (assets.CONNECTION, "connections")):
        if count := sum(asset.kind == kind for asset in held):
            raise errors.Invalid(f"Folder is not empty: {folder.name!r} contains {count} {what}; use force=true")
    if held or len(below) > 1:
        raise errors.Invalid(f"Folder is not empty: {folder.name!r}; use force=true")
