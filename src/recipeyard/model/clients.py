"""API clients and their roles: which calls a token may make, and from where.

Tokens that the operator makes belong to no client and may do everything.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from recipeyard.model import activities, errors, tokens, workspaces

ANY = "*"
Privileges = Mapping[str, Sequence[str]]
"""By group of calls (or `*`): `*`, a method, or a call (`GET /api/recipes`)."""

SYSTEM: Mapping[str, Privileges] = {
    "Admin": {ANY: [ANY]},
    "Operator": {
        ANY: ["GET"],
        "Jobs": [ANY],
        "Recipes": [
            "PUT /api/recipes/{recipe_id}/start",
            "PUT /api/recipes/{recipe_id}/stop",
            "POST /api/recipes/{recipe_id}/poll_now",
            "POST /api/recipes/{recipe_id}/reset_trigger",
        ],
    },
    "Deployer": {
        "Packages": [
            "GET",
            "POST /api/packages/export/{manifest_id}",
            "POST /api/packages/import/{folder_id}",
            "POST /api/packages/{package_id}/cancel",
            "POST /api/packages/{package_id}/rollback",
        ],
        "Plans": ["GET", "POST /api/plans", "POST /api/plans/{plan_id}/apply", "DELETE /api/plans/{plan_id}"],
        "Gates": ["GET"],
        "History": [ANY],
        "Export manifests": [ANY],
        "Deployments": [ANY],
        "Folders": ["GET", "POST"],
        "Projects": ["GET"],
        "Recipes": ["GET"],
        "Connections": ["GET"],
        "API platform": ["GET"],
    },
}
"""The roles that every workspace has. They are kept by name alone, so that they grow with the product."""

ALWAYS = frozenset({"GET /api/users/me"})
"""Calls that every token may make: clients begin by asking what theirs opens."""


@dataclass(frozen=True, slots=True)
class Role:
    """What an API client may do. A system role can't be changed."""

    id: int
    name: str
    privileges: Privileges
    is_system: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Client:
    """A named token with a role. An empty `ip_allow_list` allows every address."""

    id: int
    name: str
    role_id: int | None
    token_id: int | None
    token_created_at: datetime | None
    ip_allow_list: tuple[str, ...]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API, and the group that privileges name it under."""

    group: str
    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever a token stands for. Without a role it may do everything."""

    workspace: workspaces.Workspace
    actor: activities.Actor = activities.OPERATOR
    role: Role | None = None
    ip_allow_list: tuple[str, ...] = ()


def refuse(caller: Caller, call: Call, address: str) -> None:
    """Raises `errors.Forbidden`, with a sentence that names what is missing, unless the caller may make this call."""
    if caller.ip_allow_list and not tokens.is_usable(address, caller.ip_allow_list):
        raise errors.Forbidden(
            f"API client {caller.actor.name!r} can't be used from the address {address or 'unknown'}"
        )
    if caller.role and str(call) not in ALWAYS and not allows(caller.role.privileges, call):
        who = f"The role {caller.role.name!r} of API client {caller.actor.name!r}"
        raise errors.Forbidden(f"{who} lacks the privilege {call.group!r}: {call}")


def allows(privileges: Privileges, call: Call) -> bool:
    """Whether privileges hold a call."""
    held = {*privileges.get(ANY, ()), *privileges.get(call.group, ())}
    return bool(held & {ANY, call.method, str(call)})


def check_privileges(privileges: Privileges, calls: Iterable[Call]) -> None:
    """Raises `errors.Invalid` listing what names no group, method or call that there is."""
    groups: dict[str, set[str]] = {ANY: {ANY}}
    for call in calls:
        for name in (ANY, call.group):
            groups.setdefault(name, {ANY}).update({call.method, str(call)})
    issues = [
        errors.Issue(f"privileges.{group}", what)
        for group, held in privileges.items()
        for what in _wrong(held, groups.get(group))
    ]
    if issues:
        raise errors.Invalid.listing(issues)


def _wrong(held: Sequence[str], known: set[str] | None) -> Iterator[str]:
    if known is None:
        yield "there is no such group of calls"
        return
    for each in held:
        if each not in known:
            yield f"{each!r} is no method or call of this group"
