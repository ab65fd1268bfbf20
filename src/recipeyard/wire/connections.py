"""Connections as the API takes and shows them. Credentials go in and never come out."""

from typing import Any

import msgspec

from recipeyard.model import connections
from recipeyard.wire import answers


class Connection(msgspec.Struct):
    """A connection. `authorization_status` is success where it holds credentials, null where it holds none.

    It is failed where those that it holds did not work when they were tested; `authorization_error` says why.
    """

    id: int
    application: str
    provider: str
    name: str
    description: str | None
    authorized_at: str | None
    authorization_status: str | None
    authorization_error: str | None
    created_at: str
    updated_at: str
    external_id: str | None
    folder_id: int
    project_id: int | None
    connection_lost_at: str | None
    connection_lost_reason: str | None
    parent_id: int | None
    tags: list[str] | None


class ConnectionUpdate(msgspec.Struct):
    """What can be changed of a connection; `input` holds its credentials."""

    name: str | None = None
    folder_id: answers.Id | None = None
    parent_id: answers.Id | None = None
    external_id: str | None = None
    input: dict[str, Any] | None = None
    shell_connection: bool | None = None


class ConnectionRequest(ConnectionUpdate):
    """What a connection is made of. Without `input`, or with `shell_connection`, it is not authorized yet."""

    provider: str | None = None


class PickListRequest(msgspec.Struct):
    """Which pick list of an app is asked for."""

    pick_list_name: str | None = None
    pick_list_params: dict[str, Any] | None = None


class PickList(msgspec.Struct):
    """The values of a pick list: each a title, the value, null, and whether more lie below it."""

    data: list[list[Any]]


class UserConnectionRequest(msgspec.Struct):
    """Whose connection is wanted: a user of a connection that is there already."""

    parent_id: answers.Id | None = None
    folder_id: answers.Id | None = None
    external_id: str | None = None
    name: str | None = None
    callback_url: str | None = None
    redirect_url: str | None = None


class Consent(msgspec.Struct):
    """The connection, and the page on which its user consents to it."""

    id: int
    url: str


class UserConnection(msgspec.Struct):
    """A user's own connection."""

    data: Consent


class Url(msgspec.Struct):
    """An address."""

    url: str


class ConsentUrl(msgspec.Struct):
    """Where a user consents to a connection."""

    data: Url


def connection(shown: connections.Connection, tags: list[str] | None = None) -> Connection:
    """A connection's answer; `tags` are handles, None where they were not asked for."""
    provider = shown.asset.provider or ""
    return Connection(
        id=shown.asset.id,
        application=provider,
        provider=provider,
        name=shown.asset.name,
        description=None,
        authorized_at=answers.stamp_or_none(shown.authorized_at),
        authorization_status="success" if shown.authorized_at else "failed" if shown.error else None,
        authorization_error=shown.error,
        created_at=answers.stamp(shown.created_at),
        updated_at=answers.stamp(shown.updated_at),
        external_id=shown.external_id,
        folder_id=shown.asset.folder_id,
        project_id=shown.project_id,
        connection_lost_at=None,
        connection_lost_reason=None,
        parent_id=shown.parent_id,
        tags=tags,
    )
