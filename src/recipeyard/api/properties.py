"""Properties: `/api/properties`, the workspace's own or one project's."""

from typing import Annotated

from litestar import get, post
from litestar.params import Parameter

from recipeyard.api import context, params
from recipeyard.sql import properties as property_rows
from recipeyard.wire import answers
from recipeyard.wire import properties as wire
from recipeyard.work import properties

_TAGS = ["Properties"]
Prefix = Annotated[str, Parameter(description="Only names that begin so.")]


@get("/api/properties", sync_to_thread=True, tags=_TAGS, summary="List properties")
def listed(
    request: context.Asked, context: context.Context, prefix: Prefix = "", project_id: params.OptionalKey = None
) -> dict[str, str]:
    """Values by name; a property that has none yet is an empty text."""
    with context.deed.db.read() as tx:
        folder_id = properties.folder_of(tx, request.user, project_id or None)
        return {name: value or "" for name, value in property_rows.of_folder(tx, folder_id, prefix).items()}


@post("/api/properties", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Set properties")
def upsert(
    request: context.Asked,
    context: context.Context,
    data: wire.PropertiesRequest,
    project_id: params.OptionalKey = None,
) -> answers.Success:
    """Sets values and adds the names that are missing; nothing is removed."""
    with context.deed.db.write() as tx:
        properties.upsert(tx, request.user.id, project_id or None, data.values)
    return answers.Success()


ROUTES = [listed, upsert]
