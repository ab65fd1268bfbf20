"""Platform clients and their keys, as the API handles them. A token leaves here once: when it is made."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from recipeyard.model import activities as model
from recipeyard.model import assets, errors, platform_clients, tokens
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, folders
from recipeyard.sql import platform_clients as client_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import activities


@dataclass(frozen=True, slots=True)
class Edit:
    """A client as it is to be; None leaves what is."""

    name: str | None = None
    description: str | None = None
    email: str | None = None
    project_id: int | None = None
    collection_ids: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class KeyEdit:
    """A key as it is to be; None leaves what is."""

    name: str | None = None
    active: bool | None = None
    ip_allow_list: Sequence[str] | None = None
    ip_deny_list: Sequence[str] | None = None


def create(tx: database.Tx, workspace_id: int, edit: Edit) -> int:
    """A new client without keys; returns its id. Raises `errors.Invalid`."""
    workspace_rows.lock(tx, workspace_id)
    name = platform_clients.checked_name(edit.name)
    _refuse_taken(name, client_rows.clients(tx, workspace_id), None)
    if edit.project_id:
        folders.find_project(tx, workspace_id, edit.project_id)
    ids = _collection_ids(tx, workspace_id, edit.collection_ids or ())
    details = {"description": edit.description or "", "email": edit.email, "project_id": edit.project_id}
    made = client_rows.insert(tx, workspace_id, name, ids, details)
    activities.record(tx, workspace_id, "api_client_created", _client(client_rows.find(tx, workspace_id, made)))
    return made


def change(tx: database.Tx, workspace_id: int, client_id: int, edit: Edit) -> None:
    """Rename or describe a client, or open other collections to it."""
    workspace_rows.lock(tx, workspace_id)
    client = client_rows.find(tx, workspace_id, client_id)
    if edit.project_id:
        folders.find_project(tx, workspace_id, edit.project_id)
    before = {"description": client.description, "email": client.email, "project_id": client.project_id}
    after = {"description": edit.description, "email": edit.email, "project_id": edit.project_id}
    details = {name: before[name] if value is None else value for name, value in after.items()}
    values: dict[str, Any] = {"details": details}
    if edit.name is not None:
        values["name"] = platform_clients.checked_name(edit.name)
        _refuse_taken(edit.name, client_rows.clients(tx, workspace_id), client.id)
    if edit.collection_ids is not None:
        values["collection_ids"] = _collection_ids(tx, workspace_id, edit.collection_ids)
    client_rows.change(tx, client, values)
    renamed = client_rows.find(tx, workspace_id, client.id)
    activities.record(tx, workspace_id, "api_client_updated", _client(renamed), changed=sorted(values))


def delete(tx: database.Tx, workspace_id: int, client_id: int) -> None:
    """Delete a client with its keys."""
    client = client_rows.find(tx, workspace_id, client_id)
    client_rows.delete(tx, client)
    activities.record(tx, workspace_id, "api_client_deleted", _client(client))


def create_key(tx: database.Tx, workspace_id: int, client_id: int, edit: KeyEdit) -> tuple[platform_clients.Key, str]:
    """A new key of a client, and its token, which nobody will see again."""
    workspace_rows.lock(tx, workspace_id)
    client = client_rows.find(tx, workspace_id, client_id)
    name = platform_clients.checked_name(edit.name)
    _refuse_taken(name, client_rows.keys(tx, workspace_id, client.id), None)
    token, columns = _new_token()
    columns |= {"name": name, "active": edit.active is not False, "details": _details(edit, None)}
    made = client_rows.insert_key(tx, client, columns)
    key = client_rows.find_key(tx, workspace_id, client.id, made)
    activities.record(tx, workspace_id, "api_key_created", _key(key), client_id=client.id)
    return key, token


def change_key(tx: database.Tx, workspace_id: int, key: platform_clients.Key, edit: KeyEdit) -> platform_clients.Key:
    """Rename a key, switch it on or off, or say from where it may be used."""
    workspace_rows.lock(tx, workspace_id)
    values: dict[str, Any] = {"details": _details(edit, key)}
    if edit.name is not None:
        values["name"] = platform_clients.checked_name(edit.name)
        _refuse_taken(edit.name, client_rows.keys(tx, workspace_id, key.client_id), key.id)
    if edit.active is not None:
        values["active"] = edit.active
    client_rows.change_key(tx, key, values)
    changed = client_rows.find_key(tx, workspace_id, key.client_id, key.id)
    activities.record(tx, workspace_id, "api_key_updated", _key(changed), client_id=key.client_id)
    return changed


def delete_key(tx: database.Tx, workspace_id: int, key: platform_clients.Key) -> None:
    """Delete a key: its token is void."""
    client_rows.delete_key(tx, key)
    activities.record(tx, workspace_id, "api_key_deleted", _key(key), client_id=key.client_id)


def refresh(tx: database.Tx, workspace_id: int, key: platform_clients.Key) -> tuple[platform_clients.Key, str]:
    """Give a key another token; the one before opens nothing any more."""
    token, columns = _new_token()
    client_rows.change_key(tx, key, columns)
    activities.record(tx, workspace_id, "api_key_refreshed", _key(key), client_id=key.client_id)
    return client_rows.find_key(tx, workspace_id, key.client_id, key.id), token


def _client(client: platform_clients.Client) -> model.Resource:
    return model.Resource(model.Kind.API_CALLER, client.id, client.name)


def _key(key: platform_clients.Key) -> model.Resource:
    return model.Resource(model.Kind.API_KEY, key.id, key.name)


def _new_token() -> tuple[str, dict[str, Any]]:
    token = f"ryk-{secrets.token_urlsafe(32)}"
    return token, {"digest": tokens.digest(token), "masked": platform_clients.mask(token)}


def _details(edit: KeyEdit, key: platform_clients.Key | None) -> dict[str, list[str]]:
    before = {"ip_allow_list": key.ip_allow_list, "ip_deny_list": key.ip_deny_list} if key else {}
    sent = {"ip_allow_list": edit.ip_allow_list, "ip_deny_list": edit.ip_deny_list}
    for name, addresses in sent.items():
        tokens.check_addresses(name, addresses or ())
    return {name: list(before.get(name, ()) if value is None else value) for name, value in sent.items()}


def _collection_ids(tx: database.Tx, workspace_id: int, ids: Sequence[int]) -> list[int]:
    here = asset_rows.by_ids(tx, workspace_id, ids)
    for each in ids:
        if each not in here or here[each].kind != assets.API_GROUP:
            raise errors.Invalid.listing([errors.Issue("api_collection_ids", f"there is no collection {each}")])
    return list(dict.fromkeys(ids))


def _refuse_taken(
    name: str, others: Sequence[platform_clients.Client | platform_clients.Key], mine: int | None
) -> None:
    if any(each.name == name and each.id != mine for each in others):
        raise errors.Invalid.listing([errors.Issue("name", f"{name!r} has already been taken")])
