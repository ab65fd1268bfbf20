"""API clients and what they may do: `/api/developer_api_clients`, `/api/developer_api_client_roles`."""

from typing import Any

from litestar import delete, get, post, put

from recipeyard.api import auth, context, params
from recipeyard.model import clients as model
from recipeyard.model import errors, tokens
from recipeyard.sql import clients as client_rows
from recipeyard.sql import database, roles
from recipeyard.wire import answers
from recipeyard.wire import clients as wire
from recipeyard.work import clients

_TAGS = ["API clients"]
_CLIENTS = "/api/developer_api_clients"
_CLIENT = f"{_CLIENTS}/{{client_id:int}}"
_ROLES = "/api/developer_api_client_roles"
_ROLE = f"{_ROLES}/{{role_id:int}}"


@get(_CLIENTS, sync_to_thread=True, tags=_TAGS, summary="List API clients")
def listed(request: context.Asked, context: context.Context, paging: params.Paging) -> wire.ClientList:
    """A page of the workspace's API clients, by id; tokens that the operator made belong to none."""
    offset, limit = paging.window
    with context.deed.db.read() as tx:
        found = client_rows.listed(tx, request.user.id)
        environment = _environment(tx, request)
    shown = [wire.client(each, environment) for each in found[offset : offset + limit]]
    return wire.ClientList(wire.ClientItems(len(found), shown))


@post(_CLIENTS, status_code=200, sync_to_thread=True, tags=_TAGS, summary="Create an API client")
def create(request: context.Asked, context: context.Context, data: wire.ClientRequest) -> wire.ClientAnswer:
    """A new API client of the token's workspace. Its token's value is in this answer, and never shown again."""
    token = auth.new_token()
    with context.deed.db.write() as tx:
        fields = _fields(tx, request, data)
        made = clients.create(tx, request.user.id, fields, tokens.digest(token))
        return wire.client_answer(wire.client(made, _environment(tx, request), token))


@get(_CLIENT, sync_to_thread=True, tags=_TAGS, summary="Get an API client")
def show(request: context.Asked, context: context.Context, client_id: params.Key) -> wire.ClientAnswer:
    """One API client, without its token."""
    with context.deed.db.read() as tx:
        found = client_rows.find(tx, request.user.id, client_id)
        return wire.client_answer(wire.client(found, _environment(tx, request)))


@put(_CLIENT, sync_to_thread=True, tags=_TAGS, summary="Update an API client")
def update(
    request: context.Asked, context: context.Context, client_id: params.Key, data: wire.ClientRequest
) -> wire.ClientAnswer:
    """The API client, as it is now; its token stays."""
    with context.deed.db.write() as tx:
        changed = clients.change(tx, request.user.id, client_id, _fields(tx, request, data))
        return wire.client_answer(wire.client(changed, _environment(tx, request)))


@delete(_CLIENT, status_code=200, sync_to_thread=True, tags=_TAGS, summary="Delete an API client")
def remove(request: context.Asked, context: context.Context, client_id: params.Key) -> answers.Success:
    """Its token opens nothing from then on."""
    with context.deed.db.write() as tx:
        clients.delete(tx, request.user.id, client_id)
    return answers.Success()


@post(f"{_CLIENT}/regenerate", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Renew an API client's token")
def regenerate(request: context.Asked, context: context.Context, client_id: params.Key) -> wire.ClientAnswer:
    """Another token, shown this once; the one before opens nothing from then on."""
    token = auth.new_token()
    with context.deed.db.write() as tx:
        renewed = clients.regenerate(tx, request.user.id, client_id, tokens.digest(token))
        return wire.client_answer(wire.client(renewed, _environment(tx, request), token))


@get(_ROLES, sync_to_thread=True, tags=_TAGS, summary="List roles of API clients")
def listed_roles(request: context.Asked, context: context.Context, paging: params.Paging) -> wire.RoleList:
    """A page of the workspace's roles, by id: those that come with the server, and its own."""
    offset, limit = paging.window
    with context.deed.db.read() as tx:
        found = roles.listed(tx, request.user.id)
    return wire.RoleList(wire.RoleItems(len(found), [wire.role(each) for each in found[offset : offset + limit]]))


@get("/api/roles", sync_to_thread=True, tags=_TAGS, summary="List roles")
def plain_roles(request: context.Asked, context: context.Context, paging: params.Paging) -> list[wire.Role]:
    """The same roles as a bare list."""
    offset, limit = paging.window
    with context.deed.db.read() as tx:
        return [wire.role(each) for each in roles.listed(tx, request.user.id)[offset : offset + limit]]


@post(_ROLES, status_code=200, sync_to_thread=True, tags=_TAGS, summary="Create a role")
def create_role(request: context.Asked, context: context.Context, data: wire.RoleRequest) -> wire.RoleAnswer:
    """A new role; its privileges must name groups, methods and calls that there are."""
    privileges = data.privileges or {}
    model.check_privileges(privileges, auth.calls(request.app))
    with context.deed.db.write() as tx:
        return wire.role_answer(clients.create_role(tx, request.user.id, data.name or "", privileges))


@get(_ROLE, sync_to_thread=True, tags=_TAGS, summary="Get a role")
def show_role(request: context.Asked, context: context.Context, role_id: params.Key) -> wire.RoleAnswer:
    """One role."""
    with context.deed.db.read() as tx:
        return wire.role_answer(roles.find(tx, request.user.id, role_id))


@put(_ROLE, sync_to_thread=True, tags=_TAGS, summary="Update a role")
def update_role(
    request: context.Asked, context: context.Context, role_id: params.Key, data: wire.RoleRequest
) -> wire.RoleAnswer:
    """The role, as it holds from its clients' next call on; those that come with the server can't be changed."""
    model.check_privileges(data.privileges or {}, auth.calls(request.app))
    fields = answers.sent({"name": data.name, "privileges": data.privileges})
    with context.deed.db.write() as tx:
        return wire.role_answer(clients.change_role(tx, request.user.id, role_id, fields))


@delete(_ROLE, status_code=200, sync_to_thread=True, tags=_TAGS, summary="Delete a role")
def remove_role(request: context.Asked, context: context.Context, role_id: params.Key) -> answers.Success:
    """One that API clients have is refused, and one that comes with the server."""
    with context.deed.db.write() as tx:
        clients.delete_role(tx, request.user.id, role_id)
    return answers.Success()


@post(f"{_ROLE}/copy", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Copy a role")
def copy_role(
    request: context.Asked, context: context.Context, role_id: params.Key, data: wire.RoleRequest | None = None
) -> wire.RoleAnswer:
    """A role that can be changed, with the privileges of another; `name` may name it."""
    with context.deed.db.write() as tx:
        return wire.role_answer(clients.copy_role(tx, request.user.id, role_id, data.name if data else None))


@get("/api/members", tags=_TAGS, sync_to_thread=False, summary="List members")
def members() -> wire.MemberList:
    """Empty: there are no accounts of persons here; whoever holds a token works as its API client."""
    return wire.MemberList()


def _environment(tx: database.Tx, request: context.Asked) -> tuple[str, int]:
    return client_rows.environment_of(tx, request.user.id), request.user.id


def _fields(tx: database.Tx, request: context.Asked, data: wire.ClientRequest) -> dict[str, Any]:
    """What was sent. Raises `errors.Invalid` for what no client of this server can be limited to."""
    if data.folder_ids or data.all_folders is False:
        what = "can't be limited: API clients of this server see all folders of their workspace; send all_folders"
        raise errors.Invalid.listing([errors.Issue("folder_ids", what)])
    wanted, here = data.environment_name or data.environment, _environment(tx, request)[0]
    if wanted and wanted.lower() != here:
        what = f"{wanted!r}: this workspace is {here!r}; ask with a token of the workspace that the client is to open"
        raise errors.Invalid.listing([errors.Issue("environment_name", what)])
    addresses = None if data.ip_allow_list is None else tuple(data.ip_allow_list)
    return answers.sent({"name": data.name, "role_id": data.api_privilege_group_id, "ip_allow_list": addresses})


ROUTES = [
    listed,
    create,
    show,
    update,
    remove,
    regenerate,
    listed_roles,
    plain_roles,
    create_role,
    show_role,
    update_role,
    remove_role,
    copy_role,
    members,
]
