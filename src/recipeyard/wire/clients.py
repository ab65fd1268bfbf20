"""API clients and roles as the API takes and shows them. A token's value is shown once, to whoever makes it."""

import msgspec

from recipeyard.model import clients
from recipeyard.wire import answers


class Token(msgspec.Struct, omit_defaults=True):
    """A client's token; `value` stands in the answers that make one, and nowhere else."""

    updated_at: str | None
    value: str | msgspec.UnsetType = msgspec.UNSET


class Client(msgspec.Struct):
    """An API client. It sees all folders of its workspace; an empty `ip_allow_list` allows every address."""

    id: int
    name: str
    api_privilege_group_id: int | None
    all_folders: bool
    folder_ids: list[int]
    environment_name: str
    environment_id: int
    ip_allow_list: list[str]
    token: Token
    created_at: str
    updated_at: str


class ClientAnswer(Client):
    """One client; its fields stand at the top and under `result`, as clients read either."""

    result: Client | None = None


class ClientItems(msgspec.Struct):
    """A page of clients; `count` counts all of them."""

    count: int
    items: list[Client]


class ClientList(msgspec.Struct):
    """A page of clients."""

    result: ClientItems


class ClientRequest(msgspec.Struct):
    """What an API client is made of. `environment` says the same as `environment_name`."""

    name: str | None = None
    api_privilege_group_id: answers.Id | None = None
    all_folders: bool | None = None
    folder_ids: list[answers.Id] | None = None
    environment_name: str | None = None
    environment: str | None = None
    ip_allow_list: list[str] | None = None


class Role(msgspec.Struct):
    """What API clients may do: by group of calls (or `*`) a list of `*`, methods, and calls (`GET /api/recipes`)."""

    id: int
    name: str
    privileges: dict[str, list[str]]
    system: bool
    inheritable: bool
    folder_ids: list[int]
    created_at: str
    updated_at: str


class RoleAnswer(Role):
    """One role; its fields stand at the top and under `result`, as clients read either."""

    result: Role | None = None


class RoleItems(msgspec.Struct):
    """A page of roles; `count` counts all of them."""

    count: int
    items: list[Role]


class RoleList(msgspec.Struct):
    """A page of roles."""

    result: RoleItems


class RoleRequest(msgspec.Struct):
    """What a role is made of."""

    name: str | None = None
    privileges: dict[str, list[str]] | None = None


class Member(msgspec.Struct):
    """A person who works in the workspace."""

    id: int
    name: str
    email: str
    grant_type: str
    roles: list[str]


class MemberList(msgspec.Struct):
    """The people who work in the workspace."""

    data: list[Member] = []
    total: int = 0


def client(shown: clients.Client, environment: tuple[str, int], token: str | None = None) -> Client:
    """A client's answer; `environment` is its workspace's kind and id, `token` the value of one just made."""
    return Client(
        id=shown.id,
        name=shown.name,
        api_privilege_group_id=shown.role_id,
        all_folders=True,
        folder_ids=[],
        environment_name=environment[0],
        environment_id=environment[1],
        ip_allow_list=list(shown.ip_allow_list),
        token=Token(answers.stamp_or_none(shown.token_created_at), msgspec.UNSET if token is None else token),
        created_at=answers.stamp(shown.created_at),
        updated_at=answers.stamp(shown.updated_at),
    )


def client_answer(shown: Client) -> ClientAnswer:
    """A client's answer, said twice."""
    return ClientAnswer(**msgspec.structs.asdict(shown), result=shown)


def role(shown: clients.Role) -> Role:
    """A role's answer."""
    return Role(
        id=shown.id,
        name=shown.name,
        privileges={group: list(held) for group, held in shown.privileges.items()},
        system=shown.is_system,
        inheritable=False,
        folder_ids=[],
        created_at=answers.stamp(shown.created_at),
        updated_at=answers.stamp(shown.updated_at),
    )


def role_answer(shown: clients.Role) -> RoleAnswer:
    """A role's answer, said twice."""
    once = role(shown)
    return RoleAnswer(**msgspec.structs.asdict(once), result=once)
