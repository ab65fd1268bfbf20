"""Folders: `/api/folders`."""

from typing import Annotated

from litestar import delete, get, post, put
from litestar.params import Parameter

from recipeyard.api import context, params
from recipeyard.sql import folders as folder_rows
from recipeyard.wire import answers
from recipeyard.wire import folders as wire
from recipeyard.work import folders

_TAGS = ["Folders"]
Nested = Annotated[bool, Parameter(description="The whole subtree instead of the folders right below.")]


@get("/api/folders", sync_to_thread=True, tags=_TAGS, summary="List folders")
def listed(
    request: context.Asked,
    context: context.Context,
    paging: params.Paging,
    *,
    parent_id: params.FolderId = None,
    with_nested_folders: Nested = False,
) -> list[wire.Folder]:
    """The folders below another, by id; without `parent_id` those below the root, which are the projects' tops."""
    workspace = request.user
    with context.deed.db.read() as tx:
        parent = folder_rows.find(tx, workspace.id, parent_id or workspace.root_folder_id)
        find = folder_rows.subtree if with_nested_folders else folder_rows.children
        found = [folder for folder in find(tx, workspace.id, parent.id) if folder.id != parent.id]
    offset, limit = paging.window
    return [wire.folder(folder) for folder in found[offset : offset + limit]]


@get("/api/folders/{folder_id:int}", sync_to_thread=True, tags=_TAGS, summary="Get a folder")
def show(request: context.Asked, context: context.Context, folder_id: params.Key) -> wire.Folder:
    """One folder."""
    with context.deed.db.read() as tx:
        return wire.folder(folder_rows.find(tx, request.user.id, folder_id))


@post("/api/folders", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Create a folder or a project")
def create(request: context.Asked, context: context.Context, data: wire.FolderRequest | None = None) -> wire.Folder:
    """A new folder. Without a parent, or with the root as its parent, it is a project."""
    wanted = data or wire.FolderRequest()
    with context.deed.db.write() as tx:
        made = folders.create(tx, request.user.id, wanted.parent_id, wanted.name or "", wanted.description or "")
        return wire.folder(made)


@put("/api/folders/{folder_id:int}", sync_to_thread=True, tags=_TAGS, summary="Rename or move a folder")
def update(
    request: context.Asked, context: context.Context, folder_id: params.Key, data: wire.FolderRequest | None = None
) -> wire.Folder:
    """The folder, under its new name or below its new parent."""
    wanted = data or wire.FolderRequest()
    with context.deed.db.write() as tx:
        return wire.folder(folders.change(tx, request.user.id, folder_id, wanted.name, wanted.parent_id))


@delete("/api/folders/{folder_id:int}", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Delete a folder")
def remove(
    request: context.Asked, context: context.Context, folder_id: params.Key, *, force: params.Force = False
) -> answers.Success:
    """One that is not empty goes only with `force=true`; one with running recipes stays."""
    with context.deed.db.write() as tx:
        folders.delete(tx, request.user.id, folder_id, force=force)
    return answers.Success()


ROUTES = [listed, show, create, update, remove]
