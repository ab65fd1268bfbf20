"""API clients and their roles, one at a time. A token's value never comes here: its digest is enough."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from recipeyard.model import activities as model
from recipeyard.model import bundles, clients, errors, tokens
from recipeyard.sql import clients as client_rows
from recipeyard.sql import database, roles
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import activities


def create(tx: database.Tx, workspace_id: int, fields: Mapping[str, Any], digest: str) -> clients.Client:
    """A new client with a token of that digest; `fields` holds name, role_id and ip_allow_list, if there is one."""
    workspace_rows.lock(tx, workspace_id)
    values = {"name": "", "role_id": None, "ip_allow_list": ()} | dict(fields)
    _check(tx, workspace_id, values, None)
    values["ip_allow_list"] = list(values["ip_allow_list"])
    made = client_rows.find(tx, workspace_id, client_rows.insert(tx, workspace_id, values, digest))
    activities.record(tx, workspace_id, "developer_api_client_created", _resource(made))
    return made


def change(tx: database.Tx, workspace_id: int, client_id: int, fields: Mapping[str, Any]) -> clients.Client:
    """A client with another name, role or addresses; what is not among `fields` stays."""
    workspace_rows.lock(tx, workspace_id)
    before = client_rows.find(tx, workspace_id, client_id)
    after = replace(before, **fields)
    _check(tx, workspace_id, {name: getattr(after, name) for name in ("name", "role_id", "ip_allow_list")}, before)
    client_rows.change(tx, after)
    activities.record(tx, workspace_id, "developer_api_client_updated", _resource(after), changed=sorted(fields))
    return client_rows.find(tx, workspace_id, client_id)


def regenerate(tx: database.Tx, workspace_id: int, client_id: int, digest: str) -> clients.Client:
    """A client with another token; the one it had opens nothing from now on."""
    workspace_rows.lock(tx, workspace_id)
    client = client_rows.find(tx, workspace_id, client_id)
    client_rows.renew(tx, workspace_id, client, digest)
    activities.record(tx, workspace_id, "token_regenerated", _resource(client))
    return client_rows.find(tx, workspace_id, client_id)


def delete(tx: database.Tx, workspace_id: int, client_id: int) -> None:
    """Delete a client; its token opens nothing from now on."""
    workspace_rows.lock(tx, workspace_id)
    client = client_rows.find(tx, workspace_id, client_id)
    client_rows.delete(tx, client)
    activities.record(tx, workspace_id, "developer_api_client_deleted", _resource(client))


def copy_role(tx: database.Tx, workspace_id: int, role_id: int, name: str | None) -> clients.Role:
    """A role of one's own with the privileges of another, as they are now."""
    workspace_rows.lock(tx, workspace_id)
    role = roles.find(tx, workspace_id, role_id)
    return create_role(tx, workspace_id, name or _free_name(tx, workspace_id, role.name), role.privileges)


def create_role(tx: database.Tx, workspace_id: int, name: str, privileges: clients.Privileges) -> clients.Role:
    """A new role. The caller has checked its privileges."""
    workspace_rows.lock(tx, workspace_id)
    _check_role_name(tx, workspace_id, name, None)
    made = roles.find(tx, workspace_id, roles.insert(tx, workspace_id, name, privileges))
    activities.record(tx, workspace_id, "api_privilege_group_created", _role(made))
    return made


def change_role(tx: database.Tx, workspace_id: int, role_id: int, fields: Mapping[str, Any]) -> clients.Role:
    """A role with another name or other privileges, from its clients' next call on. A system role is refused."""
    workspace_rows.lock(tx, workspace_id)
    before = _own_role(tx, workspace_id, role_id)
    after = replace(before, **fields)
    _check_role_name(tx, workspace_id, after.name, before)
    roles.change(tx, after)
    activities.record(tx, workspace_id, "api_privilege_group_updated", _role(after), changed=sorted(fields))
    return roles.find(tx, workspace_id, role_id)


def delete_role(tx: database.Tx, workspace_id: int, role_id: int) -> None:
    """Delete a role. A system role is refused, and one that clients have."""
    workspace_rows.lock(tx, workspace_id)
    role = _own_role(tx, workspace_id, role_id)
    if names := [repr(each.name) for each in client_rows.listed(tx, workspace_id) if each.role_id == role.id]:
        raise errors.Invalid(f"role {role.name!r} is in use by API clients: {', '.join(names)}")
    roles.delete(tx, role)
    activities.record(tx, workspace_id, "api_privilege_group_deleted", _role(role))


def _own_role(tx: database.Tx, workspace_id: int, role_id: int) -> clients.Role:
    role = roles.find(tx, workspace_id, role_id)
    if role.is_system:
        raise errors.Forbidden(f"The role {role.name!r} comes with the server and can't be changed; copy it instead")
    return role


def _check(tx: database.Tx, workspace_id: int, values: Mapping[str, Any], mine: clients.Client | None) -> None:
    issues = [errors.Issue("name", what.removeprefix("name ")) for what in bundles.name_issues("name", values["name"])]
    if any(each.name == values["name"] and each != mine for each in client_rows.listed(tx, workspace_id)):
        issues.append(errors.Issue("name", f"{values['name']!r} has already been taken"))
    if values["role_id"] is None:
        issues.append(errors.Issue("api_privilege_group_id", "can't be blank"))
    elif values["role_id"] not in {role.id for role in roles.listed(tx, workspace_id)}:
        issues.append(errors.Issue("api_privilege_group_id", f"there is no role {values['role_id']}"))
    if issues:
        raise errors.Invalid.listing(issues)
    tokens.check_addresses("ip_allow_list", values["ip_allow_list"])


def _check_role_name(tx: database.Tx, workspace_id: int, name: str, mine: clients.Role | None) -> None:
    issues = [errors.Issue("name", what.removeprefix("name ")) for what in bundles.name_issues("name", name)]
    if any(each.name == name and (mine is None or each.id != mine.id) for each in roles.listed(tx, workspace_id)):
        issues.append(errors.Issue("name", f"{name!r} has already been taken"))
    if issues:
        raise errors.Invalid.listing(issues)


def _free_name(tx: database.Tx, workspace_id: int, name: str) -> str:
    taken = {each.name for each in roles.listed(tx, workspace_id)}
    wanted, number = f"{name} (copy)", 1
    while wanted in taken:
        number += 1
        wanted = f"{name} (copy {number})"
    return wanted


def _resource(client: clients.Client) -> model.Resource:
    return model.Resource(model.Kind.API_CLIENT, client.id, client.name)


def _role(role: clients.Role) -> model.Resource:
    return model.Resource(model.Kind.ROLE, role.id, role.name)
