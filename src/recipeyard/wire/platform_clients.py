"""Platform clients and their keys as the API takes and shows them, in the second version and in the first."""

from collections.abc import Sequence

import msgspec

from recipeyard.model import errors, platform_clients
from recipeyard.wire import answers

AUTH_TYPE = "token"
_NOT_HERE = {
    "api_portal_id": "this server has no API portals",
    "api_policy_id": "this server has no API policies",
    "validation_formula": "this server checks no client certificates",
    "cert_bundle_ids": "this server checks no client certificates",
    "mtls_enabled": "this server checks no client certificates",
}


class NamedId(msgspec.Struct):
    """Something by id and name."""

    id: int
    name: str


class ApiClient(msgspec.Struct):
    """A caller of endpoints. `api_token` is null: tokens belong to keys."""

    id: int
    name: str
    description: str
    active_api_keys_count: int
    total_api_keys_count: int
    created_at: str
    updated_at: str
    logo: str | None
    logo_2x: str | None
    is_legacy: bool
    email: str | None
    auth_type: str
    api_token: str | None
    mtls_enabled: bool
    validation_formula: str | None
    cert_bundle_ids: list[int]
    api_policies: list[NamedId]
    api_collections: list[NamedId]
    project_id: int | None


class ApiClientAnswer(msgspec.Struct):
    """A client."""

    data: ApiClient


class ApiClientPage(msgspec.Struct):
    """A page of clients; `count` is how many there are in all."""

    data: list[ApiClient]
    count: int
    page: int
    per_page: int


class ApiKey(msgspec.Struct):
    """A key. `auth_token` is whole in the answer that makes it, and masked ever after."""

    id: int
    name: str
    auth_type: str
    ip_allow_list: list[str]
    ip_deny_list: list[str]
    active: bool
    active_since: str
    auth_token: str


class ApiKeyAnswer(msgspec.Struct):
    """A key."""

    data: ApiKey


class ApiKeyPage(msgspec.Struct):
    """A page of keys; `count` is how many there are in all."""

    data: list[ApiKey]
    count: int
    page: int
    per_page: int


class ApiClientRequest(msgspec.Struct):
    """What a client is made of, or what is changed of it. What this server does not have is refused if asked for."""

    name: str | None = None
    description: str | None = None
    project_id: answers.Id | None = None
    email: str | None = None
    api_collection_ids: list[answers.Id] | None = None
    auth_type: str | None = None
    api_portal_id: int | None = None
    api_policy_id: int | None = None
    mtls_enabled: bool | None = None
    validation_formula: str | None = None
    cert_bundle_ids: list[int] | None = None


class ApiKeyRequest(msgspec.Struct):
    """What a key is made of, or what is changed of it."""

    name: str | None = None
    active: bool | None = None
    ip_allow_list: list[str] | None = None
    ip_deny_list: list[str] | None = None


class OldClient(msgspec.Struct):
    """A client, as the first version shows it."""

    id: int
    name: str
    description: str
    project_id: int | None
    created_at: str
    updated_at: str


class AccessProfile(msgspec.Struct):
    """A key, as the first version shows it, with the collections that are open to its client."""

    id: int
    name: str
    api_client_id: int
    api_collection_ids: list[int]
    active: bool
    active_since: str
    ip_allow_list: list[str]
    ip_deny_list: list[str]
    auth_type: str
    auth_token: str
    created_at: str
    updated_at: str


class AccessProfileRequest(ApiKeyRequest):
    """What an access profile is made of: a key of a client; the collections are its client's."""

    api_client_id: answers.Id | None = None
    api_collection_ids: list[answers.Id] | None = None


def refuse_elsewhere(sent: ApiClientRequest) -> None:
    """Raises `errors.Invalid` where a client is to be more than this server can make it."""
    asked = {name: getattr(sent, name) for name in _NOT_HERE}
    issues = [errors.Issue(name, _NOT_HERE[name]) for name, value in asked.items() if value]
    if sent.auth_type not in (None, AUTH_TYPE):
        what = f"must be {AUTH_TYPE}: this server trusts no other issuer's tokens and keeps no shared secrets"
        issues.append(errors.Issue("auth_type", what))
    if issues:
        raise errors.Invalid.listing(issues)


def client(shown: platform_clients.Client) -> ApiClient:
    """A client's answer."""
    return ApiClient(
        id=shown.id,
        name=shown.name,
        description=shown.description,
        active_api_keys_count=shown.active_keys,
        total_api_keys_count=shown.keys,
        created_at=answers.stamp(shown.created_at),
        updated_at=answers.stamp(shown.updated_at),
        logo=None,
        logo_2x=None,
        is_legacy=False,
        email=shown.email,
        auth_type=AUTH_TYPE,
        api_token=None,
        mtls_enabled=False,
        validation_formula=None,
        cert_bundle_ids=[],
        api_policies=[],
        api_collections=[NamedId(collection_id, name) for collection_id, name in shown.collections],
        project_id=shown.project_id,
    )


def key(shown: platform_clients.Key, token: str | None = None) -> ApiKey:
    """A key's answer, with its token where it has just been made."""
    return ApiKey(
        id=shown.id,
        name=shown.name,
        auth_type=AUTH_TYPE,
        ip_allow_list=list(shown.ip_allow_list),
        ip_deny_list=list(shown.ip_deny_list),
        active=shown.active,
        active_since=answers.stamp(shown.active_since),
        auth_token=token or shown.masked,
    )


def old_client(shown: platform_clients.Client) -> OldClient:
    """A client's answer in the first version."""
    created, updated = answers.stamp(shown.created_at), answers.stamp(shown.updated_at)
    return OldClient(shown.id, shown.name, shown.description, shown.project_id, created, updated)


def access_profile(
    shown: platform_clients.Key, collection_ids: Sequence[int], token: str | None = None
) -> AccessProfile:
    """A key's answer in the first version."""
    return AccessProfile(
        id=shown.id,
        name=shown.name,
        api_client_id=shown.client_id,
        api_collection_ids=list(collection_ids),
        active=shown.active,
        active_since=answers.stamp(shown.active_since),
        ip_allow_list=list(shown.ip_allow_list),
        ip_deny_list=list(shown.ip_deny_list),
        auth_type=AUTH_TYPE,
        auth_token=token or shown.masked,
        created_at=answers.stamp(shown.created_at),
        updated_at=answers.stamp(shown.updated_at),
    )
