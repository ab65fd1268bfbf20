"""API clients and roles: tokens that may do what their role says, from where they may be used."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

import servers
import worlds

Holder = Callable[..., servers.Client]


@pytest.fixture
def roles(client: servers.Client) -> dict[str, int]:
    """The workspace's roles: ids by name."""
    listed = client.call("GET", "developer_api_client_roles")["result"]["items"]
    return {role["name"]: role["id"] for role in listed}


def create(client: servers.Client, role: int, **more: Any) -> Any:
    """A new API client, with its token."""
    wanted = {"name": "Pipeline", "api_privilege_group_id": role, "all_folders": True} | more
    return client.call("POST", "developer_api_clients", json=wanted)["result"]


@pytest.fixture
def holder(client: servers.Client, roles: dict[str, int]) -> Iterator[Holder]:
    """Makes an API client of a role and gives what its token opens."""
    with ExitStack() as stack:

        def hold(role: str | int, **more: Any) -> servers.Client:
            role_id = roles[role] if isinstance(role, str) else role
            made = create(client, role_id, **more)
            return stack.enter_context(client.server.client(made["token"]["value"]))

        yield hold


def own_role(client: servers.Client, privileges: dict[str, list[str]], name: str = "Mine") -> int:
    """A new role's id."""
    wanted = {"name": name, "privileges": privileges}
    return int(client.call("POST", "developer_api_client_roles", json=wanted)["id"])


def test_a_new_clients_token_is_shown_once_and_opens_the_workspace(
    client: servers.Client, roles: dict[str, int]
) -> None:
    made = client.call(
        "POST", "developer_api_clients", json={"name": "CI", "api_privilege_group_id": str(roles["Admin"])}
    )

    token = made["token"]["value"]
    shown = client.call("GET", f"developer_api_clients/{made['id']}")
    listed = client.call("GET", "developer_api_clients")
    with client.server.client(token) as mine:
        assert client.call("GET", "users/me")["id"] == mine.call("GET", "users/me")["id"]
    assert token.startswith("ryd-")
    assert made["result"]["token"] == made["token"]
    assert token not in str(shown) + str(listed)
    assert (1, shown["result"]) == (listed["result"]["count"], listed["result"]["items"][0])
    expected = {"name": "CI", "api_privilege_group_id": roles["Admin"], "all_folders": True, "folder_ids": []}
    assert expected | {"environment_name": "dev", "ip_allow_list": []} == {
        name: shown[name] for name in (*expected, "environment_name", "ip_allow_list")
    }


def test_a_token_is_kept_as_its_digest_alone(client: servers.Client, roles: dict[str, int]) -> None:
    token = create(client, roles["Admin"])["token"]["value"]

    with client.server.db.read() as tx:
        kept = str(tx.connection.exec_driver_sql("SELECT * FROM tokens").all())
        kept += str(tx.connection.exec_driver_sql("SELECT * FROM activities").all())
    assert token not in kept
    assert token not in client.server.log


def test_a_renewed_token_takes_the_place_of_the_one_before(client: servers.Client, roles: dict[str, int]) -> None:
    made = create(client, roles["Operator"])

    renewed = client.call("POST", f"developer_api_clients/{made['id']}/regenerate")

    with (
        client.server.client(made["token"]["value"]) as before,
        client.server.client(renewed["token"]["value"]) as after,
    ):
        before.call("GET", "users/me", 401)
        after.call("GET", "users/me")
        after.call("POST", "folders", 403, json={"name": "x"})


def test_a_deleted_client_opens_nothing(client: servers.Client, roles: dict[str, int]) -> None:
    made = create(client, roles["Admin"])

    assert {"success": True} == client.call("DELETE", f"developer_api_clients/{made['id']}")

    client.call("GET", f"developer_api_clients/{made['id']}", 404)
    with client.server.client(made["token"]["value"]) as gone:
        gone.call("GET", "users/me", 401)


def test_a_client_is_renamed_and_given_another_role_and_keeps_its_token(
    client: servers.Client, roles: dict[str, int]
) -> None:
    made = create(client, roles["Operator"])

    changed = client.call(
        "PUT",
        f"developer_api_clients/{made['id']}",
        json={"name": "Other", "api_privilege_group_id": roles["Admin"]},
    )

    assert ("Other", roles["Admin"]) == (changed["name"], changed["api_privilege_group_id"])
    with client.server.client(made["token"]["value"]) as mine:
        mine.call("POST", "folders", json={"name": "x"})


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": " "}, "name"),
    ({"name": "taken"}, "name"),
    ({"api_privilege_group_id": None}, "api_privilege_group_id"),
    ({"api_privilege_group_id": 99999}, "api_privilege_group_id"),
    ({"all_folders": False}, "folder_ids"),
    ({"folder_ids": [1]}, "folder_ids"),
    ({"environment_name": "PROD"}, "environment_name"),
    ({"environment": "test"}, "environment_name"),
    ({"ip_allow_list": ["10.0.0.0/8", "10.0.0.999"]}, "ip_allow_list[1]"),
]


@pytest.mark.parametrize(("wrong", "field"), WRONG, ids=[str(wrong) for wrong, _ in WRONG])
def test_a_client_that_cant_be_is_refused_in_words(
    client: servers.Client, roles: dict[str, int], wrong: dict[str, Any], field: str
) -> None:
    create(client, roles["Admin"], name="taken", environment_name="DEV")
    fields = {"name": "new", "api_privilege_group_id": roles["Admin"]} | wrong

    assert [field] == list(client.call("POST", "developer_api_clients", 400, json=fields)["errors"])
    assert 1 == client.call("GET", "developer_api_clients")["result"]["count"]


def test_an_operator_reads_starts_and_stops_and_changes_nothing(client: servers.Client, holder: Holder) -> None:
    folder = client.folder()
    client.load(folder, worlds.zipped({"a.recipe.json": worlds.Recipe("A").bytes}))
    recipe = client.recipe("A")["id"]
    operator = holder("Operator")

    operator.call("GET", "folders")
    operator.call("GET", f"recipes/{recipe}")
    assert operator.call("PUT", f"recipes/{recipe}/start")["success"]
    assert operator.call("PUT", f"recipes/{recipe}/stop")["success"]
    operator.call("POST", f"recipes/{recipe}/repeat_jobs", json={"job_ids": ["j-1"]})
    said = operator.call("PUT", f"recipes/{recipe}", 403, json={"name": "x"})
    operator.call("POST", f"packages/import/{folder}", 403, content=b"PK\3\4")
    operator.call("POST", "developer_api_clients", 403, json={"name": "x"})

    what = "The role 'Operator' of API client 'Pipeline' lacks the privilege 'Recipes': PUT /api/recipes/{recipe_id}"
    assert {"message": what, "error": what, "error_type": "forbidden"} == said
    assert "A" == client.call("GET", f"recipes/{recipe}")["name"]


def test_a_deployer_pulls_and_pushes_and_no_more(client: servers.Client, holder: Holder) -> None:
    deployer = holder("Deployer")

    folder = deployer.folder("Demo")
    deployer.load(folder, worlds.zipped(worlds.project()))
    deployer.call("GET", "projects")
    deployer.call("GET", "export_manifests/folder_assets", params={"folder_id": folder})
    assert worlds.unzipped(deployer.export(folder))

    recipe = deployer.recipe("First")["id"]
    for method, path in [
        ("PUT", f"recipes/{recipe}/start"),
        ("DELETE", f"recipes/{recipe}"),
        ("DELETE", f"folders/{folder}"),
        ("GET", "properties"),
        ("GET", "activity_logs"),
        ("POST", "developer_api_client_roles"),
    ]:
        deployer.call(method, path, 403)


def test_a_deployer_rolls_back_and_cannot_delete_what_rolls_back(client: servers.Client, holder: Holder) -> None:
    deployer = holder("Deployer")
    package = deployer.load(deployer.folder("Demo"), worlds.zipped(worlds.project()))

    refused = deployer.call("DELETE", f"packages/{package['id']}", 403)
    deployer.call("POST", f"packages/{package['id']}/rollback")

    assert "lacks the privilege 'Packages': DELETE /api/packages/{package_id}" in refused["message"]


def test_a_token_of_the_operators_may_do_everything(client: servers.Client) -> None:
    assert own_role(client, {})


def test_a_role_of_ones_own_holds_groups_methods_and_single_calls(client: servers.Client, holder: Holder) -> None:
    privileges = {"Tags": ["*"], "Folders": ["GET"], "Recipes": ["GET /api/recipes/{recipe_id}/versions"]}
    mine = holder(own_role(client, privileges))

    mine.call("POST", "tags", json={"title": "QA"})
    mine.call("GET", "folders")
    mine.call("GET", "recipes/99999/versions", 404)
    mine.call("GET", "users/me")
    for method, path in [("POST", "folders"), ("GET", "recipes"), ("GET", "recipes/1"), ("GET", "connections")]:
        mine.call(method, path, 403)


def test_a_change_of_a_role_holds_from_the_next_call_on(client: servers.Client, holder: Holder) -> None:
    role = own_role(client, {"Folders": ["GET"]})
    mine = holder(role)
    mine.call("GET", "folders")

    changed = client.call("PUT", f"developer_api_client_roles/{role}", json={"privileges": {"Tags": ["*"]}})

    assert {"Tags": ["*"]} == changed["privileges"]
    mine.call("GET", "folders", 403)
    mine.call("GET", "tags")


def test_a_role_is_copied_and_the_copy_can_be_changed(client: servers.Client, roles: dict[str, int]) -> None:
    copied = client.call("POST", f"developer_api_client_roles/{roles['Deployer']}/copy")
    again = client.call("POST", f"developer_api_client_roles/{roles['Deployer']}/copy", json={"name": "Robot"})
    renamed = client.call("PUT", f"developer_api_client_roles/{again['id']}", json={"name": "Machine"})

    original = client.call("GET", f"developer_api_client_roles/{roles['Deployer']}")["result"]
    assert ("Deployer (copy)", False, original["privileges"]) == (
        copied["name"],
        copied["system"],
        copied["privileges"],
    )
    assert ("Machine", original["privileges"]) == (renamed["name"], renamed["privileges"])


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"name": "x", "privileges": {"Nothing": ["*"]}}, "privileges.Nothing"),
        ({"name": "x", "privileges": {"Folders": ["FETCH"]}}, "privileges.Folders"),
        ({"name": "x", "privileges": {"Folders": ["GET /api/recipes"]}}, "privileges.Folders"),
        ({"name": "Admin", "privileges": {}}, "name"),
        ({"privileges": {}}, "name"),
    ],
)
def test_a_role_that_names_what_is_not_there_is_refused(
    client: servers.Client, fields: dict[str, Any], where: str
) -> None:
    answer = client.call("POST", "developer_api_client_roles", 400, json=fields)

    assert [where] == list(answer["errors"])
    assert 3 == client.call("GET", "developer_api_client_roles")["result"]["count"]


def test_roles_of_the_server_and_roles_in_use_stay(client: servers.Client, roles: dict[str, int]) -> None:
    mine = own_role(client, {"Tags": ["*"]})
    create(client, mine)

    client.call("PUT", f"developer_api_client_roles/{roles['Admin']}", 403, json={"name": "x"})
    client.call("DELETE", f"developer_api_client_roles/{roles['Admin']}", 403)
    said = client.call("DELETE", f"developer_api_client_roles/{mine}", 400)["message"]

    assert "role 'Mine' is in use by API clients: 'Pipeline'" == said
    client.call("DELETE", "developer_api_clients/" + str(client_id(client)))
    assert {"success": True} == client.call("DELETE", f"developer_api_client_roles/{mine}")


def client_id(client: servers.Client) -> int:
    """The id of the only API client."""
    return int(client.call("GET", "developer_api_clients")["result"]["items"][0]["id"])


def test_a_client_is_usable_from_the_addresses_that_it_allows(client: servers.Client, roles: dict[str, int]) -> None:
    allowed = ["203.0.113.7", "10.0.0.0/8", "2001:db8::/32"]
    token = create(client, roles["Admin"], ip_allow_list=allowed)["token"]["value"]

    def asked_from(address: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": address}
        return httpx.get(f"{client.server.address}/api/users/me", headers=headers)

    assert [200] * 3 == [asked_from(each).status_code for each in ("203.0.113.7", "10.9.8.7", "2001:db8::1")]
    refused = asked_from("203.0.113.8")
    what = "API client 'Pipeline' can't be used from the address 203.0.113.8"
    assert (403, what) == (refused.status_code, refused.json()["message"])


def test_what_a_client_makes_bears_its_name(client: servers.Client, holder: Holder) -> None:
    mine = holder("Admin", name="Robot")

    made = mine.call("POST", "recipes", json={"name": "A", "code": worlds.Recipe("A").value["code"]})

    assert "Robot" == client.call("GET", f"recipes/{made['id']}")["author_name"]


def test_there_are_roles_and_no_members(client: servers.Client) -> None:
    roles = client.call("GET", "roles")

    assert {"Admin", "Operator", "Deployer"} == {role["name"] for role in roles}
    assert {False} == {role["inheritable"] for role in roles}
    assert {"data": [], "total": 0} == client.call("GET", "members")


def test_another_workspaces_clients_and_roles_are_not_found(server: servers.Server) -> None:
    with server.workspace() as mine, server.workspace() as other:
        role = own_role(other, {"Tags": ["*"]})
        made = create(other, role)["id"]

        for method, path in [
            ("GET", f"developer_api_clients/{made}"),
            ("PUT", f"developer_api_clients/{made}"),
            ("DELETE", f"developer_api_clients/{made}"),
            ("POST", f"developer_api_clients/{made}/regenerate"),
            ("GET", f"developer_api_client_roles/{role}"),
            ("PUT", f"developer_api_client_roles/{role}"),
            ("DELETE", f"developer_api_client_roles/{role}"),
            ("POST", f"developer_api_client_roles/{role}/copy"),
        ]:
            mine.call(method, path, 404, json={"name": "x"})
        mine.call("POST", "developer_api_clients", 400, json={"name": "x", "api_privilege_group_id": role})
