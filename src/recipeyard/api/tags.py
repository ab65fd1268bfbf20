"""Tags and what they are put on: `/api/tags`, `/api/tags_assignments`."""

from typing import Annotated

from litestar import Response, delete, get, post, put
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter

from recipeyard.api import context, params
from recipeyard.sql import tags as tag_rows
from recipeyard.wire import answers
from recipeyard.wire import tags as wire
from recipeyard.work import tags

_TAGS = ["Tags"]
_ONE = "/api/tags/{handle:str}"
Handle = Annotated[str, Parameter(description="A tag's handle.")]
Text = Annotated[str, Parameter(description="Only tags whose title holds this text, in any case.")]


@get("/api/tags", sync_to_thread=True, tags=_TAGS, summary="List tags")
def listed(request: context.Asked, context: context.Context, paging: params.Paging, q: Text = "") -> wire.TagList:
    """A page of the workspace's tags, by title."""
    offset, limit = paging.window
    with context.deed.db.read() as tx:
        found = tag_rows.page(tx, request.user.id, q, offset=offset, limit=limit)
    return wire.TagList(wire.TagItems([wire.tag(each) for each in found]))


@post("/api/tags", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Create a tag")
def create(request: context.Asked, context: context.Context, data: wire.TagRequest) -> wire.Tag:
    """A new tag; its title must be new to the workspace."""
    notes = {"description": data.description, "color": data.color}
    with context.deed.db.write() as tx:
        return wire.tag(tags.create(tx, request.user.id, data.title or "", notes))


@put(_ONE, sync_to_thread=True, tags=_TAGS, summary="Update a tag")
def update(request: context.Asked, context: context.Context, handle: Handle, data: wire.TagRequest) -> wire.Tag:
    """The tag, as it is now; its handle stays."""
    fields = answers.sent({"title": data.title, "description": data.description, "color": data.color})
    with context.deed.db.write() as tx:
        return wire.tag(tags.change(tx, request.user.id, handle, fields))


@delete(_ONE, status_code=200, sync_to_thread=True, tags=_TAGS, summary="Delete a tag")
def remove(request: context.Asked, context: context.Context, handle: Handle) -> answers.Success:
    """Takes it from whatever bears it, too."""
    with context.deed.db.write() as tx:
        tags.delete(tx, request.user.id, handle)
    return answers.Success()


@post(
    "/api/tags_assignments",
    status_code=200,
    sync_to_thread=True,
    tags=_TAGS,
    summary="Put tags on assets",
    responses={200: ResponseSpec(None, description="Done; the answer has no body.")},
)
def assign(request: context.Asked, context: context.Context, data: wire.AssignmentRequest) -> Response[None]:
    """Puts tags on recipes and connections and takes others from them; the answer has no body."""
    wanted = tags.Assignment(data.add_tags, data.remove_tags, data.recipe_ids, data.connection_ids)
    with context.deed.db.write() as tx:
        tags.assign(tx, request.user.id, wanted)
    return Response(None, media_type="text/plain")


ROUTES = [listed, create, update, remove, assign]
