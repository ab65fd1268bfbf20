"""API collections and their endpoints: `/api/api_collections`, `/api/api_endpoints`."""

from typing import Annotated

from litestar import delete, get, post, put
from litestar.params import Parameter

from recipeyard.api import context, params
from recipeyard.model import api_collections as model
from recipeyard.model import errors
from recipeyard.wire import answers
from recipeyard.wire import api_collections as wire
from recipeyard.work import api_collections

_TAGS = ["API platform"]
_ONE = "/api/api_collections/{collection_id:int}"
_ENDPOINT = "/api/api_endpoints/{endpoint_id:int}"
CollectionId = Annotated[
    int | None, Parameter(ge=1, le=2**63 - 1, description="A collection's id; absent: endpoints of all of them.")
]


@get("/api/api_collections", sync_to_thread=True, tags=_TAGS, summary="List API collections")
def listed(request: context.Asked, context: context.Context, paging: params.Paging) -> list[wire.ApiCollection]:
    """A page of the workspace's collections, by id."""
    with context.deed.db.read() as tx:
        found = api_collections.listed(tx, request.user.id)
    offset, limit = paging.window
    return [wire.collection(each, _base(context, request)) for each in found[offset : offset + limit]]


@get(_ONE, sync_to_thread=True, tags=_TAGS, summary="Get an API collection")
def show(request: context.Asked, context: context.Context, collection_id: params.Key) -> wire.ApiCollection:
    """One collection."""
    with context.deed.db.read() as tx:
        return wire.collection(api_collections.find(tx, request.user.id, collection_id), _base(context, request))


@get(f"{_ONE}/openapi", sync_to_thread=True, tags=_TAGS, summary="Describe an API collection")
def described(request: context.Asked, context: context.Context, collection_id: params.Key) -> wire.OpenApi:
    """The collection's endpoints as an OpenAPI description."""
    with context.deed.db.read() as tx:
        found = api_collections.find(tx, request.user.id, collection_id)
        endpoints = api_collections.endpoints(tx, request.user.id, collection_id)
    return wire.openapi(found, endpoints, _base(context, request))


@post("/api/api_collections", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Create an API collection")
def create(request: context.Asked, context: context.Context, data: wire.ApiCollectionRequest) -> wire.ApiCollection:
    """A new collection, with an inactive endpoint for each operation of `openapi_spec`; no recipes are made."""
    if data.proxy_connection_id is not None:
        what = "this server forwards no calls, so a collection can't be a proxy"
        raise errors.Invalid.listing([errors.Issue("proxy_connection_id", what)])
    if not (data.name or "").strip():
        raise errors.Invalid.listing([errors.Issue("name", "can't be blank")])
    spec = wire.specification(data.openapi_spec, context.deed.limits) if data.openapi_spec else {}
    routes, failed = model.routes(spec) if data.openapi_spec else ([], [])
    wanted = api_collections.Wanted(data.name or "", data.project_id, model.version_of(spec), routes)
    with context.deed.db.write() as tx:
        made = api_collections.create(tx, request.user.id, wanted)
        answer = wire.collection(api_collections.find(tx, request.user.id, made), _base(context, request))
    answer.message = _message(len(routes), failed)
    answer.import_results = wire.imported(len(routes), failed) if data.openapi_spec else None
    return answer


@delete(_ONE, status_code=200, sync_to_thread=True, tags=_TAGS, summary="Delete an API collection")
def remove(request: context.Asked, context: context.Context, collection_id: params.Key) -> answers.Success:
    """With its endpoints; the recipes that answered them stay."""
    with context.deed.db.write() as tx:
        api_collections.delete(tx, request.user.id, collection_id)
    return answers.Success()


@get("/api/api_endpoints", sync_to_thread=True, tags=_TAGS, summary="List API endpoints")
def endpoints(
    request: context.Asked,
    context: context.Context,
    paging: params.Paging,
    api_collection_id: CollectionId = None,
) -> list[wire.ApiEndpoint]:
    """A page of the workspace's endpoints, or of one collection's, by id."""
    with context.deed.db.read() as tx:
        found = api_collections.endpoints(tx, request.user.id, api_collection_id)
    offset, limit = paging.window
    return [wire.endpoint(each, _base(context, request)) for each in found[offset : offset + limit]]


@post(f"{_ONE}/api_endpoints", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Create an API endpoint")
def create_endpoint(
    request: context.Asked, context: context.Context, collection_id: params.Key, data: wire.ApiEndpointRequest
) -> wire.ApiEndpoint:
    """A new endpoint of the collection, inactive."""
    route = model.Route.checked(data.name or "", data.method, data.path or "")
    with context.deed.db.write() as tx:
        recipe_id = data.flow_id or data.recipe_id
        made = api_collections.add_endpoint(tx, request.user.id, collection_id, route, recipe_id)
    return wire.endpoint(made, _base(context, request))


@put(f"{_ENDPOINT}/enable", sync_to_thread=True, tags=_TAGS, summary="Enable an API endpoint")
def enable(request: context.Asked, context: context.Context, endpoint_id: params.Key) -> answers.Success:
    """Refused unless a running recipe answers it."""
    with context.deed.db.write() as tx:
        api_collections.switch(tx, request.user.id, endpoint_id, active=True)
    return answers.Success()


@put(f"{_ENDPOINT}/disable", sync_to_thread=True, tags=_TAGS, summary="Disable an API endpoint")
def disable(request: context.Asked, context: context.Context, endpoint_id: params.Key) -> answers.Success:
    """One that is inactive stays so."""
    with context.deed.db.write() as tx:
        api_collections.switch(tx, request.user.id, endpoint_id, active=False)
    return answers.Success()


def _message(made: int, failed: list[str]) -> str:
    if not made and not failed:
        return "API collection created without endpoints"
    left_out = f"; {len(failed)} could not be made" if failed else ""
    return f"API collection created with {made} endpoints, inactive until a recipe answers them{left_out}"


def _base(parts: context.Context, request: context.Asked) -> str:
    return context.base_url(parts, request)


ROUTES = [listed, show, described, create, remove, endpoints, create_endpoint, enable, disable]
