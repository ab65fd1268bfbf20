"""Platform clients and their keys: `/api/v2/api_clients`; and as the first version has them, `/api/api_clients`.

What their keys open is in `endpoints`.
"""

from litestar import delete, get, post, put

from recipeyard.api import context, params
from recipeyard.model import errors
from recipeyard.model import platform_clients as model
from recipeyard.sql import database
from recipeyard.sql import platform_clients as client_rows
from recipeyard.wire import answers
from recipeyard.wire import platform_clients as wire
from recipeyard.work import platform_clients

_TAGS = ["API platform"]
_ALL = "/api/v2/api_clients"
_ONE = f"{_ALL}/{{client_id:int}}"
_KEYS = f"{_ONE}/api_keys"
_KEY = f"{_KEYS}/{{key_id:int}}"


@get(_ALL, sync_to_thread=True, tags=_TAGS, summary="List platform clients")
def listed(
    request: context.Asked, context: context.Context, paging: params.Paging, project_id: params.OptionalKey = None
) -> wire.ApiClientPage:
    """A page of the workspace's clients by id, or of those made for one project."""
    with context.deed.db.read() as tx:
        found = [
            wire.client(each)
            for each in client_rows.clients(tx, request.user.id)
            if not project_id or each.project_id == project_id
        ]
    offset, limit = paging.window
    return wire.ApiClientPage(found[offset : offset + limit], len(found), max(paging.page, 1), limit)


@post(_ALL, status_code=200, sync_to_thread=True, tags=_TAGS, summary="Create a platform client")
def create(request: context.Asked, context: context.Context, data: wire.ApiClientRequest) -> wire.ApiClientAnswer:
    """A new client, without keys. Portals, policies, certificates and other issuers' tokens are refused."""
    with context.deed.db.write() as tx:
        made = platform_clients.create(tx, request.user.id, _edit(data))
        return _shown(tx, request, made)


@get(_ONE, sync_to_thread=True, tags=_TAGS, summary="Get a platform client")
def show(request: context.Asked, context: context.Context, client_id: params.Key) -> wire.ApiClientAnswer:
    """One client."""
    with context.deed.db.read() as tx:
        return _shown(tx, request, client_id)


@put(_ONE, sync_to_thread=True, tags=_TAGS, summary="Update a platform client")
def update(
    request: context.Asked, context: context.Context, client_id: params.Key, data: wire.ApiClientRequest
) -> wire.ApiClientAnswer:
    """The client, as it is now; what is not sent stays."""
    with context.deed.db.write() as tx:
        platform_clients.change(tx, request.user.id, client_id, _edit(data))
        return _shown(tx, request, client_id)


@delete(_ONE, status_code=200, sync_to_thread=True, tags=_TAGS, summary="Delete a platform client")
def remove(request: context.Asked, context: context.Context, client_id: params.Key) -> answers.Success:
    """With its keys."""
    with context.deed.db.write() as tx:
        platform_clients.delete(tx, request.user.id, client_id)
    return answers.Success()


@get(_KEYS, sync_to_thread=True, tags=_TAGS, summary="List a client's keys")
def keys(
    request: context.Asked, context: context.Context, client_id: params.Key, paging: params.Paging
) -> wire.ApiKeyPage:
    """A page of the client's keys by id, their tokens masked."""
    with context.deed.db.read() as tx:
        client = client_rows.find(tx, request.user.id, client_id)
        found = [wire.key(each) for each in client_rows.keys(tx, request.user.id, client.id)]
    offset, limit = paging.window
    return wire.ApiKeyPage(found[offset : offset + limit], len(found), max(paging.page, 1), limit)


@post(_KEYS, status_code=200, sync_to_thread=True, tags=_TAGS, summary="Create a key")
def create_key(
    request: context.Asked, context: context.Context, client_id: params.Key, data: wire.ApiKeyRequest
) -> wire.ApiKeyAnswer:
    """A new key, with its token: this answer alone shows it whole."""
    with context.deed.db.write() as tx:
        key, token = platform_clients.create_key(tx, request.user.id, client_id, _key_edit(data))
    return wire.ApiKeyAnswer(wire.key(key, token))


@put(_KEY, sync_to_thread=True, tags=_TAGS, summary="Update a key")
def update_key(
    request: context.Asked,
    context: context.Context,
    client_id: params.Key,
    key_id: params.Key,
    data: wire.ApiKeyRequest,
) -> wire.ApiKeyAnswer:
    """The key, as it is now; what is not sent stays."""
    with context.deed.db.write() as tx:
        key = client_rows.find_key(tx, request.user.id, client_id, key_id)
        return wire.ApiKeyAnswer(wire.key(platform_clients.change_key(tx, request.user.id, key, _key_edit(data))))


@put(f"{_KEY}/refresh_secret", sync_to_thread=True, tags=_TAGS, summary="Refresh a key's token")
def refresh(
    request: context.Asked, context: context.Context, client_id: params.Key, key_id: params.Key
) -> wire.ApiKeyAnswer:
    """The key with another token, which this answer alone shows whole; the one before is void."""
    with context.deed.db.write() as tx:
        found = client_rows.find_key(tx, request.user.id, client_id, key_id)
        key, token = platform_clients.refresh(tx, request.user.id, found)
    return wire.ApiKeyAnswer(wire.key(key, token))


@delete(_KEY, status_code=200, sync_to_thread=True, tags=_TAGS, summary="Delete a key")
def remove_key(
    request: context.Asked, context: context.Context, client_id: params.Key, key_id: params.Key
) -> answers.Success:
    """Its token is void from now on."""
    with context.deed.db.write() as tx:
        found = client_rows.find_key(tx, request.user.id, client_id, key_id)
        platform_clients.delete_key(tx, request.user.id, found)
    return answers.Success()


@get("/api/api_clients", sync_to_thread=True, tags=_TAGS, summary="List platform clients (first version)")
def old_listed(request: context.Asked, context: context.Context, paging: params.Paging) -> list[wire.OldClient]:
    """A page of the same clients, by id."""
    with context.deed.db.read() as tx:
        found = client_rows.clients(tx, request.user.id)
    offset, limit = paging.window
    return [wire.old_client(each) for each in found[offset : offset + limit]]


@post(
    "/api/api_clients",
    status_code=200,
    sync_to_thread=True,
    tags=_TAGS,
    summary="Create a platform client (first version)",
)
def old_create(request: context.Asked, context: context.Context, data: wire.ApiClientRequest) -> wire.OldClient:
    """A new client, as the second version makes it."""
    with context.deed.db.write() as tx:
        made = platform_clients.create(tx, request.user.id, _edit(data))
        return wire.old_client(client_rows.find(tx, request.user.id, made))


@get("/api/api_access_profiles", sync_to_thread=True, tags=_TAGS, summary="List access profiles")
def profiles(request: context.Asked, context: context.Context, paging: params.Paging) -> list[wire.AccessProfile]:
    """A page of the keys of all clients by id, their tokens masked."""
    with context.deed.db.read() as tx:
        collections = {each.id: _collection_ids(each) for each in client_rows.clients(tx, request.user.id)}
        found = client_rows.keys(tx, request.user.id)
    offset, limit = paging.window
    return [wire.access_profile(each, collections[each.client_id]) for each in found[offset : offset + limit]]


@post("/api/api_access_profiles", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Create an access profile")
def create_profile(
    request: context.Asked, context: context.Context, data: wire.AccessProfileRequest
) -> wire.AccessProfile:
    """A new key of a client, with its token; other collections than the client's are refused."""
    if data.api_client_id is None:
        raise errors.Invalid.listing([errors.Issue("api_client_id", "can't be blank")])
    with context.deed.db.write() as tx:
        ids = _collection_ids(client_rows.find(tx, request.user.id, data.api_client_id))
        if data.api_collection_ids is not None and set(data.api_collection_ids) != set(ids):
            what = f"collections are open to whole clients here, and to this one {sorted(ids)}; change the client"
            raise errors.Invalid.listing([errors.Issue("api_collection_ids", what)])
        key, token = platform_clients.create_key(tx, request.user.id, data.api_client_id, _key_edit(data))
    return wire.access_profile(key, ids, token)


def _shown(tx: database.Tx, request: context.Asked, client_id: int) -> wire.ApiClientAnswer:
    return wire.ApiClientAnswer(wire.client(client_rows.find(tx, request.user.id, client_id)))


def _collection_ids(client: model.Client) -> list[int]:
    return [collection_id for collection_id, _ in client.collections]


def _edit(data: wire.ApiClientRequest) -> platform_clients.Edit:
    wire.refuse_elsewhere(data)
    return platform_clients.Edit(data.name, data.description, data.email, data.project_id, data.api_collection_ids)


def _key_edit(data: wire.ApiKeyRequest) -> platform_clients.KeyEdit:
    return platform_clients.KeyEdit(data.name, data.active, data.ip_allow_list, data.ip_deny_list)


ROUTES = [
    listed,
    create,
    show,
    update,
    remove,
    keys,
    create_key,
    update_key,
    refresh,
    remove_key,
    old_listed,
    old_create,
    profiles,
    create_profile,
]
