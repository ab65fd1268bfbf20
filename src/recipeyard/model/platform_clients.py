"""Platform clients: who calls collections of endpoints, and the keys they call with. A key's token is never kept."""

from dataclasses import dataclass
from datetime import datetime

from recipeyard.model import errors

_SHOWN_FIRST = 8
_SHOWN_LAST = 4
_HIDDEN = "*" * 8
NAME_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Client:
    """A caller of endpoints. `collections` are the ids and names of the collections that are open to it."""

    id: int
    name: str
    description: str
    email: str | None
    project_id: int | None
    collections: tuple[tuple[int, str], ...]
    active_keys: int
    keys: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Key:
    """What a client calls with; `masked` is what may be shown of its token."""

    id: int
    client_id: int
    name: str
    active: bool
    masked: str
    ip_allow_list: tuple[str, ...]
    ip_deny_list: tuple[str, ...]
    active_since: datetime
    created_at: datetime
    updated_at: datetime


def mask(token: str) -> str:
    """A token by which its owner knows it, and nobody can call."""
    return f"{token[:_SHOWN_FIRST]}{_HIDDEN}{token[-_SHOWN_LAST:]}"


def checked_name(name: str | None) -> str:
    """A name that a client or a key may bear. Raises `errors.Invalid`."""
    if not name or not name.strip():
        raise errors.Invalid.listing([errors.Issue("name", "can't be blank")])
    if len(name) > NAME_LENGTH or "\0" in name:
        raise errors.Invalid.listing([errors.Issue("name", f"must be at most {NAME_LENGTH} plain characters")])
    return name
