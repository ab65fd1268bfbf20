"""Folders and projects over HTTP."""

import pytest

import servers
import worlds


def test_a_folder_without_a_parent_is_a_project(client: servers.Client) -> None:
    made = client.call("POST", "folders", json={"name": "Orders", "description": "Desk"})
    root = client.call("GET", "users/me")["root_folder_id"]

    projects = client.call("GET", "projects")

    assert (True, root) == (made["is_project"], made["parent_id"])
    assert [{"id": made["project_id"], "folder_id": made["id"], "name": "Orders", "description": "Desk"}] == projects
    assert made["project_id"] > 700_000


@pytest.mark.parametrize("parent", [None, 0, "0"])
def test_no_parent_and_parent_zero_mean_the_root(client: servers.Client, parent: object) -> None:
    assert client.call("POST", "folders", json={"name": "Orders", "parent_id": parent})["is_project"]


def test_folders_are_listed_level_by_level_or_whole(client: servers.Client) -> None:
    top = client.folder()
    below = client.folder(parent_id=top)
    deep = client.folder(parent_id=below)

    root = client.call("GET", "users/me")["root_folder_id"]
    assert [top] == [each["id"] for each in client.call("GET", "folders")]
    assert [top] == [each["id"] for each in client.call("GET", "folders", params={"parent_id": root})]
    assert [below] == [each["id"] for each in client.call("GET", "folders", params={"parent_id": top})]
    nested = client.call("GET", "folders", params={"with_nested_folders": "true"})
    assert [top, below, deep] == [each["id"] for each in nested]
    assert len({each["project_id"] for each in nested}) == 1


@pytest.mark.parametrize(("page", "per_page", "expected"), [(0, 2, 2), (1, 2, 2), (2, 2, 1), (1, 500, 3), (9, 2, 0)])
def test_pages_are_full_until_the_last(client: servers.Client, page: int, per_page: int, expected: int) -> None:
    for _ in range(3):
        client.folder()

    assert expected == len(client.call("GET", "folders", params={"page": page, "per_page": per_page}))


@pytest.mark.parametrize("name", ["", "  ", "a/b", "a\\b", "..", "x" * 300, None])
def test_a_name_that_no_path_can_hold_is_refused(client: servers.Client, name: str | None) -> None:
    answer = client.call("POST", "folders", 400, json={"name": name})

    assert list(answer["errors"]) == ["name"]
    assert client.call("GET", "folders") == []


def test_a_name_that_is_taken_is_refused_whatever_its_case(client: servers.Client) -> None:
    client.folder("Orders")

    answer = client.call("POST", "folders", 400, json={"name": "orders"})

    assert answer["message"] == "name: 'orders' has already been taken"


def test_a_folder_is_renamed_and_moved(client: servers.Client) -> None:
    first, second = client.folder(), client.folder()
    folder = client.folder("Old", first)

    client.call("PUT", f"folders/{folder}", json={"name": "New"})
    moved = client.call("PUT", f"folders/{folder}", json={"parent_id": second})

    project = client.call("GET", f"folders/{second}")["project_id"]
    assert ("New", second, project) == (moved["name"], moved["parent_id"], moved["project_id"])
    assert moved == client.call("GET", f"folders/{folder}")


def test_moves_that_make_no_sense_are_refused(client: servers.Client) -> None:
    first, second = client.folder(), client.folder()
    folder = client.folder(parent_id=first)
    inner = client.folder(parent_id=folder)
    root = client.call("GET", "users/me")["root_folder_id"]

    for moved, parent in ((first, second), (folder, inner), (folder, root)):
        assert client.call("PUT", f"folders/{moved}", 400, json={"parent_id": parent})["message"].startswith(
            "parent_id"
        )
    client.call("PUT", f"folders/{root}", 403, json={"name": "x"})


def test_an_empty_folder_is_deleted_a_full_one_only_when_forced(client: servers.Client) -> None:
    project = client.folder()
    folder = client.folder("Sub", project)
    client.load(project, worlds.zipped({"Sub/a.recipe.json": worlds.Recipe("A").bytes}))

    refused = client.call("DELETE", f"folders/{folder}", 400)
    forced = client.call("DELETE", f"folders/{folder}", params={"force": "true"})

    assert refused["message"] == "Folder is not empty: 'Sub' contains 1 recipes; use force=true"
    assert forced == {"success": True}
    assert client.call("GET", "recipes")["items"] == []
    client.call("DELETE", f"folders/{folder}", 404)


def test_a_folder_with_a_running_recipe_stays(client: servers.Client) -> None:
    project = client.folder()
    client.load(project, worlds.zipped({"Sub/a.recipe.json": worlds.Recipe("A").bytes}))
    client.call("PUT", f"recipes/{client.recipe('A')['id']}/start")
    folder = client.call("GET", "folders", params={"parent_id": project})[0]["id"]

    answer = client.call("DELETE", f"folders/{folder}", 400, params={"force": "true"})

    assert answer["message"] == "Cannot destroy folder: recipes are running: 'A'"
    owner = client.call("GET", "projects")[0]["id"]
    assert client.call("DELETE", f"projects/{owner}", 403)["message"].startswith("Cannot destroy folder")


def test_a_folder_whose_connection_recipes_elsewhere_run_with_stays(client: servers.Client) -> None:
    project = client.folder()
    shared = client.folder(parent_id=project)
    wanted = {"name": "CRM", "provider": "rest", "folder_id": shared, "input": {"token": "t"}}
    connection = client.call("POST", "connections", json=wanted)["id"]
    recipe = worlds.Recipe("A").uses("rest", connection).value
    made = client.call("POST", "recipes", json={"recipe": recipe | {"folder_id": project}})["id"]
    assert client.call("PUT", f"recipes/{made}/start")["success"]

    answer = client.call("DELETE", f"folders/{shared}", 400, params={"force": True})

    assert "Cannot destroy folder: recipes are running on connection 'CRM': 'A'" == answer["message"]
    assert shared == client.call("GET", f"connections/{connection}")["folder_id"]


def test_a_projects_folder_is_deleted_as_a_project(client: servers.Client) -> None:
    folder = client.folder()
    project = client.call("GET", "projects")[0]["id"]
    client.load(folder, worlds.zipped(worlds.project()))

    client.call("DELETE", f"folders/{folder}", 403)
    client.call("DELETE", f"projects/{folder}", 404)
    assert client.call("DELETE", f"projects/{project}") == {"success": True}

    assert (
        client.call("GET", "projects"),
        client.call("GET", "folders"),
        client.call("GET", "recipes")["items"],
    ) == ([], [], [])
    assert [each["name"] for each in client.call("GET", "connections")] == ["Chat"]


def test_a_project_is_renamed_and_described(client: servers.Client) -> None:
    folder = client.folder("Old")
    project = client.call("GET", "projects")[0]["id"]

    changed = client.call("PUT", f"projects/{project}", json={"name": "New", "description": "Ours"})

    assert {"id": project, "folder_id": folder, "name": "New", "description": "Ours"} == changed


def test_the_workspace_says_what_strict_clients_demand(client: servers.Client) -> None:
    me = client.call("GET", "users/me")

    required = ("id", "name", "created_at", "plan_id", "email", "root_folder_id", "current_billing_period_start")
    assert all(me[name] for name in required)
    assert (me["recipes_count"], me["active_recipes_count"]) == (0, 0)
