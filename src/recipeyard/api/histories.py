"""What was changed here since packages deployed it, and what has happened to a folder and to an asset."""

from litestar import get

from recipeyard.api import context, params
from recipeyard.sql import folders as folder_rows
from recipeyard.sql import histories as history_rows
from recipeyard.wire import histories as wire
from recipeyard.work import drifting, histories

_TAGS = ["History"]


@get("/api/folders/{folder_id:int}/drift", sync_to_thread=True, tags=_TAGS, summary="Show a folder's drift")
def drift(request: context.Asked, context: context.Context, folder_id: params.Key) -> wire.Drift:
    """What of a folder and below it is not what a package left: changed, deleted, or never deployed by any."""
    with context.deed.db.read() as tx:
        found = drifting.drift(tx, request.user, folder_id)
    return wire.drift(folder_id, found.items, found.in_sync)


@get("/api/folders/{folder_id:int}/history", sync_to_thread=True, tags=_TAGS, summary="Show a folder's history")
def of_folder(
    request: context.Asked, context: context.Context, folder_id: params.Key, paging: params.Paging
) -> wire.FolderHistory:
    """Imports and rollbacks into a folder and below it, and versions made by hand there, newest first."""
    offset, limit = paging.window
    with context.deed.db.read() as tx:
        folder = folder_rows.find(tx, request.user.id, folder_id)
        ids = [each.id for each in folder_rows.subtree(tx, request.user.id, folder.id)]
        events = history_rows.of_folders(tx, request.user.id, ids, offset=offset, limit=limit)
    return wire.folder_history(folder_id, events)


@get("/api/assets/{asset_id:int}/history", sync_to_thread=True, tags=_TAGS, summary="Show an asset's history")
def of_asset(
    request: context.Asked, context: context.Context, asset_id: params.Key, paging: params.Paging
) -> wire.AssetHistory:
    """Every version of an asset of any kind, and what packages did to it: who, when, and what changed; newest first."""
    offset, limit = paging.window
    with context.deed.db.read() as tx:
        found = histories.of_asset(tx, request.user.id, asset_id, offset=offset, limit=limit)
    folder_id = found.here.folder_id if found.here else None
    return wire.asset_history((found.asset_id, found.kind, found.name), folder_id, found.events)


ROUTES = [drift, of_folder, of_asset]
