"""The activity log: one line for each change, by whom; nothing for what was refused, and no secret in it."""

import json
from typing import Any

import servers
import worlds

CODE = json.dumps(worlds.Recipe("A").value["code"])


def logged(client: servers.Client, **params: Any) -> list[Any]:
    """The activity log, newest first."""
    answer = client.call("GET", "activity_logs", params=params)

    assert len(answer["data"]) == answer["total"]
    return list(answer["data"])


def events(client: servers.Client, **params: Any) -> list[str]:
    """The types of what is logged, oldest first."""
    return [each["event_type"] for each in reversed(logged(client, **params))]


def test_what_is_done_to_a_recipe_is_logged(client: servers.Client) -> None:
    recipe = client.call("POST", "recipes", json={"name": "A", "code": CODE})["id"]
    client.call("PUT", f"recipes/{recipe}", json={"name": "B"})
    client.call("PUT", f"recipes/{recipe}/start")
    client.call("PUT", f"recipes/{recipe}/start")
    client.call("PUT", f"recipes/{recipe}/stop")
    client.call("POST", f"recipes/{recipe}/copy")
    client.call("DELETE", f"recipes/{recipe}")

    assert [
        "recipe_created",
        "recipe_updated",
        "recipe_started",
        "recipe_stopped",
        "recipe_created",
        "recipe_copied",
        "recipe_deleted",
    ] == events(client)


def test_a_line_says_what_when_where_and_by_whom(client: servers.Client) -> None:
    recipe = client.call("POST", "recipes", json={"name": "A", "code": CODE})["id"]
    client.call("PUT", f"recipes/{recipe}", json={"name": "B"})

    line = logged(client)[0]

    me = client.call("GET", "users/me")
    assert {"type": "Flow", "id": recipe, "name": "A"} == line["resource"]
    assert {"id": None, "name": "API client", "email": None} == line["user"]
    assert {"id": me["id"], "name": me["name"]} == line["workspace"]
    assert ({"changed": ["name"]}, "recipe_updated") == (line["details"], line["event_type"])
    assert isinstance(line["id"], int)
    assert line["timestamp"].endswith("+00:00")


def test_what_was_refused_leaves_no_line(client: servers.Client) -> None:
    recipe = client.call("POST", "recipes", json={"name": "A", "code": CODE})["id"]
    client.call("PUT", f"recipes/{recipe}/start")
    before = events(client)

    client.call("PUT", f"recipes/{recipe}", json={"name": "B"})
    client.call("DELETE", f"recipes/{recipe}")
    client.call("POST", "recipes", 400, json={"name": " ", "code": CODE})
    client.call("PUT", "recipes/99999/stop", 404)

    assert before == events(client)


def test_connections_are_logged_without_their_credentials(client: servers.Client) -> None:
    made = client.call("POST", "connections", json={"name": "C", "provider": "rest"})["id"]
    client.call("PUT", f"connections/{made}", json={"name": "D", "input": {"token": "hush-hush"}})
    client.call("POST", f"connections/{made}/disconnect")
    client.call("DELETE", f"connections/{made}")

    assert [
        "connection_created",
        "connection_updated",
        "connection_connected",
        "connection_disconnected",
        "connection_deleted",
    ] == events(client)
    assert "hush-hush" not in str(logged(client))


def test_a_recipes_new_connection_is_logged(client: servers.Client) -> None:
    client.load(client.folder(), worlds.zipped(worlds.project()))
    other = client.call("POST", "connections", json={"name": "Other", "provider": "rest"})["id"]

    wanted = {"adapter_name": "rest", "connection_id": other}
    client.call("PUT", f"recipes/{client.recipe('First')['id']}/connect", json=wanted)

    line = logged(client)[0]
    assert ("recipe_connected", wanted) == (line["event_type"], line["details"])


def test_folders_projects_manifests_and_tags_are_logged(client: servers.Client) -> None:
    project = client.folder("Top")
    folder = client.folder("Sub", project)
    client.call("PUT", f"folders/{folder}", json={"name": "Renamed"})
    manifest = client.manifest(project)
    client.call("PUT", f"export_manifests/{manifest}", json={"name": "Other"})
    client.call("DELETE", f"export_manifests/{manifest}")
    client.call("DELETE", f"folders/{folder}")
    client.call("PUT", f"projects/{client.call('GET', 'projects')[0]['id']}", json={"description": "D"})
    client.call("DELETE", f"projects/{client.call('GET', 'projects')[0]['id']}")
    tag = client.call("POST", "tags", json={"title": "QA"})["handle"]
    client.call("PUT", f"tags/{tag}", json={"color": "red"})
    client.http.post("/api/tags_assignments", json={"add_tags": [tag], "remove_tags": []})
    client.call("DELETE", f"tags/{tag}")

    assert [
        "project_created",
        "folder_created",
        "folder_updated",
        "export_manifest_created",
        "export_manifest_updated",
        "export_manifest_deleted",
        "folder_deleted",
        "project_updated",
        "project_deleted",
        "tag_created",
        "tag_updated",
        "tag_assigned",
        "tag_deleted",
    ] == events(client)


def test_of_properties_the_names_alone_are_logged(client: servers.Client) -> None:
    client.call("POST", "properties", json={"properties": {"key": "hush-hush"}})

    line = logged(client)[0]
    assert ("account_property_updated", {"names": ["key"]}) == (line["event_type"], line["details"])
    assert "hush-hush" not in str(line)


def test_a_package_is_one_line_with_counts(client: servers.Client) -> None:
    folder = client.folder()
    first = client.load(folder, worlds.zipped(worlds.project()))
    client.export(folder)
    again = client.load(folder, worlds.zipped(worlds.project()))
    client.call("DELETE", f"packages/{again['id']}")

    lines = logged(client, **{"include_resource_types[]": "package"})

    assert ["package_imported", "package_exported", "package_imported", "package_deleted"] == [
        each["event_type"] for each in reversed(lines)
    ]
    assert {"folder_id": folder, "created": 7} == lines[3]["details"]
    assert {"folder_id": folder, "exported": 7} == lines[2]["details"]
    assert {"folder_id": folder, "unchanged": 7} == lines[1]["details"]
    assert {"type": "Package", "id": first["id"], "name": "data.zip"} == lines[3]["resource"]


def test_a_failed_package_says_why(client: servers.Client) -> None:
    folder = client.folder()
    failed = client.load(folder, worlds.zipped({"a.recipe.json": b"{"}))

    line = logged(client)[0]
    assert ("package_import_failed", failed["error_parts"]) == (line["event_type"], line["details"]["error"])


def test_lines_bear_the_client_that_acted_also_where_work_is_done_later(client: servers.Client) -> None:
    folder = client.folder()
    role = client.call("GET", "roles")[0]["id"]
    robot = client.call("POST", "developer_api_clients", json={"name": "Robot", "api_privilege_group_id": role})
    with client.server.client(robot["token"]["value"]) as mine:
        mine.load(folder, worlds.zipped(worlds.project()))
        mine.call("DELETE", f"recipes/{client.recipe('First')['id']}")

    lines = logged(client, **{"users_ids[]": robot["id"]})
    assert ["recipe_deleted", "package_imported"] == [each["event_type"] for each in lines]
    assert {"id": robot["id"], "name": "Robot", "email": None} == lines[0]["user"]
    made = logged(client, event_type="developer_api_client_created")
    assert [("ApiClient", robot["id"])] == [(each["resource"]["type"], each["resource"]["id"]) for each in made]


def test_the_log_is_narrowed_by_kind_event_and_time(client: servers.Client) -> None:
    client.folder("Top")
    client.call("POST", "tags", json={"title": "QA"})
    recipe = client.call("POST", "recipes", json={"name": "A", "code": CODE})["id"]
    client.call("DELETE", f"recipes/{recipe}")
    moments = [each["timestamp"] for each in reversed(logged(client))]

    assert ["recipe_created", "recipe_deleted"] == events(client, **{"include_resource_types[]": "FLOW"})
    assert ["tag_created", "recipe_created", "recipe_deleted"] == events(
        client, **{"exclude_resource_types[]": ["Project", "x"]}
    )
    assert ["tag_created", "recipe_created"] == events(
        client, **{"include_event_types[]": ["tag_created", "recipe_created"]}
    )
    assert ["project_created", "tag_created", "recipe_deleted"] == events(
        client, **{"exclude_event_types[]": "recipe_created"}
    )
    assert ["tag_created"] == events(client, event_type="tag_created")
    assert ["recipe_deleted"] == events(client, **{"from": moments[-1]})[-1:]
    assert [] == events(client, **{"from": "2999-01-01T00:00:00Z"})
    assert [] == events(client, to="2020-01-01T00:00:00")


def test_the_log_is_read_page_by_page(client: servers.Client) -> None:
    for number in range(3):
        client.call("POST", "tags", json={"title": f"T{number}"})

    first = logged(client, **{"page[size]": 2})
    rest = logged(client, **{"page[size]": 2, "page[after]": first[-1]["id"]})

    assert ["T2", "T1", "T0"] == [each["resource"]["name"] for each in [*first, *rest]]


def test_another_workspaces_log_is_its_own(server: servers.Server) -> None:
    with server.workspace() as mine, server.workspace() as other:
        other.folder()

        assert [] == logged(mine)


def test_no_secrets_are_cached(client: servers.Client) -> None:
    assert {"success": True} == client.call("POST", "secrets_management/clear_cache")
