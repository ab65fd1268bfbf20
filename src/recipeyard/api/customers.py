"""Managed customers: `/api/managed_users`, and at each customer's address the calls that its own token has too.

At such an address the request's workspace is the customer's (see `auth`): so the handlers of that workspace's own calls
serve here as they are, and what is another manager's is not found before any of them is asked.
"""

from collections.abc import Callable
from typing import Annotated, Any

from litestar import Router, delete, get, post, put, route
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter
from litestar.response import Redirect

from recipeyard.api import (
    arrivals,
    auth,
    connections,
    context,
    documentation,
    folders,
    manifests,
    packages,
    params,
    projects,
    properties,
    recipes,
)
from recipeyard.model import errors
from recipeyard.model import packages as package_model
from recipeyard.sql import customers as customer_rows
from recipeyard.sql import packages as package_rows
from recipeyard.wire import answers
from recipeyard.wire import connections as wire_connections
from recipeyard.wire import customers as wire
from recipeyard.wire import folders as wire_folders
from recipeyard.wire import packages as wire_packages
from recipeyard.wire import recipes as wire_recipes
from recipeyard.work import customers

_TAGS = ["Customers"]
_ALL = "/api/managed_users"
_SAME = (
    *manifests.ROUTES,
    folders.create,
    properties.listed,
    properties.upsert,
    recipes.start,
    recipes.stop,
    connections.create,
    connections.update,
)
"""Calls that answer a manager as they answer the workspace's own token."""

Destination = Annotated[
    int | None,
    Parameter(
        ge=0,
        le=2**63 - 1,
        description="The customer's folder that the package arrives in; absent or 0, the root of its workspace.",
        schema_extra={"minimum": 0},
    ),
]


@get(_ALL, sync_to_thread=True, tags=_TAGS, summary="List customers")
def listed(request: context.Asked, context: context.Context, paging: params.Paging) -> wire.CustomerPage:
    """The workspaces that this one manages, oldest first."""
    offset, limit = paging.window
    with context.deed.db.read() as tx:
        found = customer_rows.listed(tx, request.user.id, offset=offset, limit=limit)
    return wire.customer_page(found, max(paging.page, 1), limit)


@post(_ALL, status_code=200, sync_to_thread=True, tags=_TAGS, summary="Create a customer")
def create(request: context.Asked, context: context.Context, data: wire.CustomerRequest | None = None) -> wire.Customer:
    """A new workspace, managed by this one. The operator can make tokens of its own for it."""
    with context.deed.db.write() as tx:
        return wire.customer(customers.create(tx, request.user, _edit(data)))


@get("/", sync_to_thread=True, tags=_TAGS, summary="Get a customer")
def show(request: context.Asked, context: context.Context) -> wire.Customer:
    """One customer."""
    with context.deed.db.read() as tx:
        return wire.customer(customer_rows.by_id(tx, request.user.id))


@put("/", sync_to_thread=True, tags=_TAGS, summary="Update a customer")
def update(request: context.Asked, context: context.Context, data: wire.CustomerRequest | None = None) -> wire.Customer:
    """The customer, as it is now."""
    with context.deed.db.write() as tx:
        return wire.customer(customers.change(tx, request.user.id, _edit(data)))


@delete("/", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Delete a customer")
def remove(request: context.Asked, context: context.Context) -> answers.Success:
    """With its workspace and its tokens; one that still holds anything is refused."""
    with context.deed.db.write() as tx:
        keys = customers.delete(tx, request.user.id)
    for key in keys:
        context.deed.blobs.delete(key)
    return answers.Success()


@post(
    "/imports",
    status_code=200,
    tags=_TAGS,
    summary="Import a package at a customer's",
    request_max_body_size=None,
    operation_class=documentation.ZipOperation,
    responses=documentation.ends_in(422),
    dependencies={"asked": Provide(arrivals.ImportOptions, sync_to_thread=False)},
)
async def import_(
    request: context.Asked,
    context: context.Context,
    asked: arrivals.ImportOptions,
    folder_id: Destination = None,
) -> wire_packages.Package:
    """Starts an import of a zip into a folder of the customer's. The body is the zip, whatever its type says."""
    place_id = folder_id or request.user.root_folder_id
    made: wire_packages.Package = await _behind(packages.import_)(request, context, place_id, asked)
    return made


@get("/imports/{package_id:int}", sync_to_thread=True, tags=_TAGS, summary="Get an import at a customer's")
def show_import(request: context.Asked, context: context.Context, package_id: params.Key) -> wire_packages.Package:
    """How far an import is; once it has ended, what it did."""
    _check(request, context, package_id, package_model.Operation.IMPORT)
    shown: wire_packages.Package = _behind(packages.show)(request, context, package_id)
    return shown


@post("/exports/{manifest_id:int}", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Export at a customer's")
def export(request: context.Asked, context: context.Context, manifest_id: params.Key) -> wire.Export:
    """Starts an export of a manifest of the customer's."""
    return wire.export(_behind(packages.export)(request, context, manifest_id))


@get("/exports/{package_id:int}", sync_to_thread=True, tags=_TAGS, summary="Get an export at a customer's")
def show_export(request: context.Asked, context: context.Context, package_id: params.Key) -> wire.Export:
    """How far an export is; once it has ended, where its archive is."""
    _check(request, context, package_id, package_model.Operation.EXPORT)
    return wire.export(_behind(packages.show)(request, context, package_id))


@get(
    "/exports/{package_id:int}/download",
    status_code=302,
    sync_to_thread=True,
    tags=_TAGS,
    summary="Download an export of a customer's",
    responses={302: ResponseSpec(None, description="The archive is at `Location`, to be had without credentials.")},
)
def download(request: context.Asked, context: context.Context, package_id: params.Key) -> Redirect:
    """Redirects to the archive; 404 where there is none (yet)."""
    _check(request, context, package_id, package_model.Operation.EXPORT)
    redirect: Redirect = _behind(packages.download)(request, context, package_id)
    return redirect


@get("/folders", sync_to_thread=True, tags=_TAGS, summary="List a customer's folders")
def folder_page(
    request: context.Asked,
    context: context.Context,
    paging: params.Paging,
    *,
    parent_id: params.FolderId = None,
    with_nested_folders: folders.Nested = False,
) -> wire.FolderPage:
    """The folders below another, by id; without `parent_id` those below the root, which are the projects' tops."""
    found: list[wire_folders.Folder] = _behind(folders.listed)(
        request, context, paging, parent_id=parent_id, with_nested_folders=with_nested_folders
    )
    return wire.FolderPage(found, len(found), *_place(paging))


@get("/projects", sync_to_thread=True, tags=_TAGS, summary="List a customer's projects")
def project_page(request: context.Asked, context: context.Context, paging: params.Paging) -> wire.ProjectPage:
    """Every top-level folder as a project, by id."""
    found: list[wire_folders.Project] = _behind(projects.listed)(request, context, paging)
    return wire.ProjectPage(found, len(found), *_place(paging))


@get(
    "/recipes",
    sync_to_thread=True,
    tags=_TAGS,
    summary="List a customer's recipes",
    dependencies={"by": Provide(recipes.Filter, sync_to_thread=False)},
)
def recipe_page(
    request: context.Asked, context: context.Context, by: recipes.Filter, paging: params.Paging
) -> wire.RecipePage:
    """A page of the customer's recipes."""
    found: wire_recipes.RecipeList = _behind(recipes.listed)(request, context, by, paging)
    return wire.RecipePage(found.items, len(found.items), *_place(paging))


@get("/recipes/{recipe_id:int}", sync_to_thread=True, tags=_TAGS, summary="Get a recipe of a customer's")
def recipe(
    request: context.Asked, context: context.Context, recipe_id: params.Key, includes: params.Includes = None
) -> wire.RecipeResult:
    """One recipe, at its current version, in a list."""
    return wire.RecipeResult([_behind(recipes.show)(request, context, recipe_id, includes)])


@get(
    "/connections",
    sync_to_thread=True,
    tags=_TAGS,
    summary="List a customer's connections",
    dependencies={"by": Provide(connections.Filter, sync_to_thread=False)},
)
def connection_page(
    request: context.Asked, context: context.Context, by: connections.Filter, paging: params.Paging
) -> wire.ConnectionPage:
    """The customer's connections, newest first."""
    place = _place(paging)
    found: list[wire_connections.Connection] = _behind(connections.listed)(request, context, by, *place)
    return wire.ConnectionPage(found, len(found), *place)


def _behind(handler: HTTPRouteHandler) -> Callable[..., Any]:
    """The function of a workspace's own call."""
    return handler.fn


def _at_customers(handler: HTTPRouteHandler) -> HTTPRouteHandler:
    """A handler of a workspace's own call, at its customer's address."""
    return route(
        sorted(path.removeprefix("/api") for path in handler.paths),
        http_method=sorted(handler.http_methods),
        status_code=handler.status_code,
        sync_to_thread=True,
        tags=_TAGS,
        summary=handler.summary,
        dependencies=handler.dependencies,
        responses=handler.responses,
    )(_behind(handler))


def _check(
    request: context.Asked, context: context.Context, package_id: int, operation: package_model.Operation
) -> None:
    with context.deed.db.read() as tx:
        if package_rows.find(tx, request.user.id, package_id).operation is not operation:
            raise errors.NotFound.of(str(operation), package_id)


def _place(paging: params.Paging) -> tuple[int, int]:
    return max(paging.page, 1), paging.window[1]


def _edit(data: wire.CustomerRequest | None) -> customers.Edit:
    sent = data or wire.CustomerRequest()
    return customers.Edit(sent.name, sent.external_id, sent.details)


_OWN = (
    show,
    update,
    remove,
    import_,
    show_import,
    export,
    show_export,
    download,
    folder_page,
    project_page,
    recipe_page,
    recipe,
    connection_page,
)

ROUTES = [
    listed,
    create,
    Router(
        f"{_ALL}/{{{auth.CUSTOMER}:str}}",
        route_handlers=[*_OWN, *(_at_customers(each) for each in _SAME)],
    ),
]
