"""Connections: `/api/connections`."""

import functools
from dataclasses import dataclass
from typing import Annotated

from litestar import delete, get, post, route
from litestar.di import Provide
from litestar.params import Parameter

from recipeyard.api import context, params
from recipeyard.model import connections as model
from recipeyard.model import errors
from recipeyard.sql import connections as connection_rows
from recipeyard.sql import database
from recipeyard.wire import answers
from recipeyard.wire import connections as wire
from recipeyard.work import connecting, connections, tags
from recipeyard.work.running import credentials

_TAGS = ["Connections"]
_ONE = "/api/connections/{connection_id:int}"


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of connections may be narrowed by."""

    folder_id: params.OptionalKey = None
    project_id: params.OptionalKey = None
    parent_id: params.OptionalKey = None
    external_id: Annotated[str | None, Parameter(description="The id that another system gave the connection.")] = None
    provider: Annotated[str | None, Parameter(description="An app's name.")] = None
    includes: params.Includes = None

    def keeps(self, connection: model.Connection) -> bool:
        """Whether a connection is wanted."""
        asked = {"project_id": self.project_id, "parent_id": self.parent_id, "external_id": self.external_id}
        beside = all(getattr(connection, name) == value for name, value in answers.sent(asked).items())
        in_folder = self.folder_id is None or connection.asset.folder_id == self.folder_id
        return beside and in_folder and self.provider in {None, connection.asset.provider}


@get(
    "/api/connections",
    sync_to_thread=True,
    tags=_TAGS,
    summary="List connections",
    dependencies={"by": Provide(Filter, sync_to_thread=False)},
)
def listed(
    request: context.Asked,
    context: context.Context,
    by: Filter,
    page: params.Page = 1,
    per_page: Annotated[int | None, Parameter(ge=1, description="Absent: all of them.")] = None,
) -> list[wire.Connection]:
    """The workspace's connections, newest first."""
    with context.deed.db.read() as tx:
        kept = [each for each in connection_rows.listed(tx, request.user.id) if by.keeps(each)]
        offset, limit = params.Paging(page, per_page).window if per_page else (0, len(kept))
        shown = kept[offset : offset + limit]
        asked = params.TAGS in (by.includes or [])
        handles = tags.handles_of(tx, [each.asset.id for each in shown]) if asked else {}
    return [wire.connection(each, handles.get(each.asset.id)) for each in shown]


@get(_ONE, sync_to_thread=True, tags=_TAGS, summary="Get a connection")
def show(request: context.Asked, context: context.Context, connection_id: params.Key) -> wire.Connection:
    """One connection, without its credentials."""
    with context.deed.db.read() as tx:
        return _shown(tx, request, connection_id)


@post("/api/connections", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Create a connection")
def create(request: context.Asked, context: context.Context, data: wire.ConnectionRequest) -> wire.Connection:
    """A new connection: authorized where `input` holds its credentials and these work, else a shell."""
    if not data.provider or not data.provider.strip():
        raise errors.Invalid.listing([errors.Issue("provider", "can't be blank")])
    edit = _edit(context, data, data.provider)
    with context.deed.db.write() as tx:
        made = connections.create(tx, request.user.id, data.provider, edit)
        return _shown(tx, request, made)


@route(
    _ONE, http_method=["PUT", "POST"], status_code=200, sync_to_thread=True, tags=_TAGS, summary="Update a connection"
)
def update(
    request: context.Asked, context: context.Context, connection_id: params.Key, data: wire.ConnectionUpdate
) -> wire.Connection:
    """The connection, as it is now; other credentials are tried where its app's connector can do so."""
    with context.deed.db.read() as read:
        provider = _shown(read, request, connection_id).provider
    edit = _edit(context, data, provider)
    with context.deed.db.write() as tx:
        connections.change(tx, request.user.id, connection_id, edit)
        return _shown(tx, request, connection_id)


@post(f"{_ONE}/test", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Test a connection")
def tested(request: context.Asked, context: context.Context, connection_id: params.Key) -> wire.Connection:
    """The connection, as its test left it: authorized, or failed and why. Its credentials stay."""
    with context.deed.db.read() as read:
        before = connections.to_test(read, request.user.id, connection_id, context.unseal)
    how = before.connecting
    renew = functools.partial(context.keeper.renew, connection_id, before.provider, how)
    tried = connecting.attempt(how, before.given, context.outbound, renew)
    with context.deed.db.write() as tx:
        connections.settle(tx, request.user.id, connection_id, tried, context.unseal)
        return _shown(tx, request, connection_id)


@post(f"{_ONE}/disconnect", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Disconnect a connection")
def disconnect(
    request: context.Asked, context: context.Context, connection_id: params.Key, *, force: params.Force = False
) -> answers.Success:
    """Forgets its credentials; refused while recipes run with it, unless forced."""
    with context.deed.db.write() as tx:
        connections.disconnect(tx, request.user.id, connection_id, force=force)
    return answers.Success()


@delete(_ONE, status_code=200, sync_to_thread=True, tags=_TAGS, summary="Delete a connection")
def remove(request: context.Asked, context: context.Context, connection_id: params.Key) -> answers.Success:
    """One that is connected, or that recipes run with, is refused."""
    with context.deed.db.write() as tx:
        connections.delete(tx, request.user.id, connection_id)
    return answers.Success()


@post(f"{_ONE}/pick_list", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Get a pick list's values")
def pick_list(
    request: context.Asked,
    context: context.Context,
    connection_id: params.Key,
    data: wire.PickListRequest | None = None,
) -> wire.PickList:
    """Refused: the values are the app's, and this server asks no app."""
    with context.deed.db.read() as tx:
        shown = _shown(tx, request, connection_id)
    wanted = (data or wire.PickListRequest()).pick_list_name or "of that name"
    raise errors.Invalid(
        f"This server does not ask apps, so it has no pick list {wanted!r} of {shown.provider!r};"
        " fill the field with the value itself"
    )


@post(
    "/api/connections/runtime_user_connections",
    status_code=200,
    sync_to_thread=False,
    tags=_TAGS,
    summary="Create a user's own connection",
)
def create_for_user(data: wire.UserConnectionRequest | None = None) -> wire.UserConnection:
    """Refused: a user's consent is given to an app in a browser, and this server asks no app for it."""
    whose = f" of {data.external_id!r}" if data and data.external_id else ""
    raise errors.Invalid(
        f"This server does not ask apps for the consent{whose}; create the connection with its input, or as a shell"
    )


@get(
    "/api/connections/runtime_user_connections/{connection_id:int}/get_oauth_url",
    sync_to_thread=True,
    tags=_TAGS,
    summary="Get a consent page's address",
)
def consent_url(request: context.Asked, context: context.Context, connection_id: params.Key) -> wire.ConsentUrl:
    """Refused: this server is registered with no app, so there is no page to consent on."""
    with context.deed.db.read() as tx:
        shown = _shown(tx, request, connection_id)
    raise errors.Invalid(
        f"This server has no consent page for connection {shown.name!r}; update the connection with its input instead"
    )


def _shown(tx: database.Tx, request: context.Asked, connection_id: int) -> wire.Connection:
    return wire.connection(connection_rows.find(tx, request.user.id, connection_id))


def _edit(context: context.Context, data: wire.ConnectionUpdate, provider: str) -> connections.Edit:
    """What is to be changed; credentials that are given are checked, and tried."""
    notes = answers.sent({"external_id": data.external_id, "parent_id": data.parent_id})
    if not data.input or data.shell_connection:
        return connections.Edit(data.name, data.folder_id, notes)
    tried = connecting.attempt(connecting.connecting_of(provider), data.input, context.outbound)
    sealed = context.seal(credentials.spell(tried.given))
    return connections.Edit(data.name, data.folder_id, notes, sealed, tried.error)


ROUTES = [listed, show, create, update, tested, disconnect, remove, pick_list, create_for_user, consent_url]
