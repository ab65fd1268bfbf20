"""Recipes over HTTP: lists, edits, versions, start and stop."""

import json
from typing import Any

import pytest

import servers
import worlds

CODE = worlds.Recipe("x").step("logger", "log_message", {"message": "hello"}).value["code"]


def create(client: servers.Client, name: str = "Made", **more: Any) -> int:
    """A new recipe's id."""
    wanted = {"name": name, "code": json.dumps(CODE), "config": "[]"} | more
    return int(client.call("POST", "recipes", json={"recipe": wanted})["id"])


@pytest.mark.parametrize("spell", [json.dumps, lambda value: value], ids=["as text", "as JSON"])
@pytest.mark.parametrize("wrap", [lambda fields: {"recipe": fields}, lambda fields: fields], ids=["wrapped", "flat"])
def test_a_recipe_is_created_stopped(client: servers.Client, spell: Any, wrap: Any) -> None:
    folder = client.folder()
    fields = {"name": "Made", "code": spell(CODE), "config": spell([]), "folder_id": str(folder), "description": "D"}

    made = client.call("POST", "recipes", json=wrap(fields))

    shown = client.call("GET", f"recipes/{made['id']}")
    assert (True, "Made", folder, False, 1) == (
        made["success"],
        shown["name"],
        shown["folder_id"],
        shown["running"],
        shown["version_no"],
    )
    assert CODE == json.loads(shown["code"])
    assert ("D", "clock") == (shown["description"], shown["trigger_application"])


WRONG: dict[str, dict[str, Any]] = {
    "no name": {"name": " ", "code": CODE},
    "no code": {"name": "A"},
    "code that is no JSON": {"name": "A", "code": "{"},
    "code that is no step": {"name": "A", "code": "[]"},
    "no trigger": {"name": "A", "code": {"keyword": "action"}},
    "config that is no list": {"name": "A", "code": CODE, "config": "{}"},
    "endless nesting": {"name": "A", "code": CODE | {"x": json.loads("[" * 300 + "]" * 300)}},
    "unknown folder": {"name": "A", "code": CODE, "folder_id": 99999},
}


@pytest.mark.parametrize("fields", WRONG.values(), ids=WRONG)
def test_a_recipe_of_the_wrong_shape_is_refused(client: servers.Client, fields: dict[str, Any]) -> None:
    answer = client.http.post("/api/recipes", json={"recipe": fields})

    assert answer.status_code in {400, 404}
    assert answer.json()["message"]
    assert [] == client.call("GET", "recipes")["items"]


def test_a_change_makes_a_version_and_none_makes_none(client: servers.Client) -> None:
    recipe = create(client)
    shown = client.call("GET", f"recipes/{recipe}")

    assert {"success": True} == client.call("PUT", f"recipes/{recipe}", json=shown)
    same = client.call("GET", f"recipes/{recipe}")
    later = CODE | {"comment": "new"}
    client.call("PUT", f"recipes/{recipe}", json={"recipe": {"code": json.dumps(later), "name": "Renamed"}})
    changed = client.call("GET", f"recipes/{recipe}")

    assert (1, 2, "Renamed") == (same["version_no"], changed["version_no"], changed["name"])
    assert later == json.loads(changed["code"])


def test_a_recipe_sent_back_as_it_was_shown_makes_no_version(client: servers.Client) -> None:
    folder = client.folder()
    crm = worlds.reference("crm.connection.json", "CRM")
    value = worlds.Recipe("A").uses("rest", crm | {"custom": True}).value | {"description": None, "version": 18}
    value["config"][-1]["personalization"] = True
    client.load(folder, worlds.zipped({"a.recipe.json": worlds.document(value)}))
    shown = client.recipe("A")

    unchanged = client.call("PUT", f"recipes/{shown['id']}", json=shown)
    same = client.recipe("A")
    client.call(
        "PUT", f"recipes/{shown['id']}", json=shown | {"name": "B", "code": shown["code"].replace('"s1"', '"s2"')}
    )

    assert ({"success": True}, 1) == (unchanged, same["version_no"])
    kept = json.loads(worlds.unzipped(client.export(folder))["a.recipe.json"])
    assert (True, True) == (kept["config"][-1]["personalization"], kept["config"][-1]["account_id"]["custom"])
    assert ("B", None, 19) == (kept["name"], kept["description"], kept["version"])


def test_references_are_shown_as_ids_and_taken_as_ids(client: servers.Client) -> None:
    folder = client.folder()
    client.load(folder, worlds.zipped(worlds.project()))
    first, second = client.recipe("First"), client.recipe("Second")
    crm = next(each["id"] for each in client.call("GET", "connections") if each["name"] == "CRM")
    code = json.loads(first["code"])

    assert str(second["id"]) == code["block"][0]["input"]["flow_id"]
    assert crm in [entry["account_id"] for entry in first["config"]]

    code["block"][0]["input"]["flow_id"] = str(first["id"])
    client.call("PUT", f"recipes/{first['id']}", json={"code": json.dumps(code)})
    exported = json.loads(worlds.unzipped(client.export(folder))["first.recipe.json"])

    assert worlds.reference("first.recipe.json", "First") == exported["code"]["block"][0]["input"]["flow_id"]
    assert 2 == exported["version"]


def test_an_edit_leaves_the_rest_of_the_document_as_it_was(client: servers.Client) -> None:
    folder = client.folder()
    text = worlds.project()["first.recipe.json"].decode().replace('"private": true', '"private":   true,\n "odd":1.50')
    client.load(folder, worlds.zipped(worlds.project() | {"first.recipe.json": text.encode()}))

    client.call("PUT", f"recipes/{client.recipe('First')['id']}", json={"description": "Said"})

    exported = worlds.unzipped(client.export(folder))["first.recipe.json"].decode()
    assert text.replace('"description": ""', '"description": "Said"') == exported


def test_a_running_recipe_refuses_changes_in_a_200(client: servers.Client) -> None:
    recipe = create(client)
    client.call("PUT", f"recipes/{recipe}/start")

    updated = client.call("PUT", f"recipes/{recipe}", json={"name": "x"})
    deleted = client.call("DELETE", f"recipes/{recipe}")

    assert {"success": False, "errors": {"running": ["can't modify running recipe 'Made'; stop it first"]}} == updated
    assert {"running": ["Can't change the recipe state: invalid state running; stop 'Made' first"]} == deleted["errors"]


def test_start_and_stop_keep_honest_state(client: servers.Client) -> None:
    recipe = create(client)

    before = client.call("GET", f"recipes/{recipe}")
    assert {"success": True} == client.call("PUT", f"recipes/{recipe}/start")
    assert {"success": True} == client.call("PUT", f"recipes/{recipe}/start")
    running = client.call("GET", f"recipes/{recipe}")
    assert {"success": True, "jobs_under_way": 0} == client.call("PUT", f"recipes/{recipe}/stop")
    assert {"success": True, "jobs_under_way": 0} == client.call("PUT", f"recipes/{recipe}/stop")
    stopped = client.call("GET", f"recipes/{recipe}")

    assert (False, None, None) == (before["running"], before["running_version_no"], before["stopped_at"])
    assert (True, True, 1, None) == (
        running["running"],
        running["active"],
        running["running_version_no"],
        running["stopped_at"],
    )
    assert (False, None) == (stopped["running"], stopped["stop_cause"])
    assert stopped["stopped_at"]


@pytest.mark.parametrize("call", ["poll_now", "reset_trigger"])
def test_a_trigger_that_does_not_poll_can_neither_look_nor_forget(client: servers.Client, call: str) -> None:
    recipe = create(client)
    client.call("PUT", f"recipes/{recipe}/start")

    refused = client.call("POST", f"recipes/{recipe}/{call}", 400)

    assert refused["message"].startswith("The trigger of recipe 'Made' ")
    client.call("POST", f"recipes/999999/{call}", 404)


def test_a_stopped_recipe_looks_for_nothing(client: servers.Client) -> None:
    said = client.call("POST", f"recipes/{create(client)}/poll_now", 400)["message"]

    assert "Recipe 'Made' does not run, so its trigger looks for nothing; start it first" == said


def test_a_refused_start_says_what_is_wrong_in_tuples_of_four(client: servers.Client) -> None:
    client.load(client.folder(), worlds.zipped(worlds.project()))

    answer = client.call("PUT", f"recipes/{client.recipe('First')['id']}/start")

    message = "connection 'CRM' is not authorized"
    assert not answer["success"]
    assert [] == answer["code_errors"]
    assert [[2, [["account_id", "CRM", message, "config.rest.account_id"]]]] == answer["config_errors"]


def test_connect_points_a_recipe_at_another_connection(client: servers.Client) -> None:
    folder = client.folder()
    client.load(folder, worlds.zipped(worlds.project()))
    wanted = {"name": "Other CRM", "provider": "rest", "folder_id": folder, "input": {"token": "t"}}
    other = client.call("POST", "connections", json=wanted)["id"]
    recipe = client.recipe("First")["id"]

    done = client.call("PUT", f"recipes/{recipe}/connect", json={"adapter_name": "rest", "connection_id": str(other)})

    assert {"success": True} == done
    config = client.call("GET", f"recipes/{recipe}")["config"]
    assert [("clock", None), ("rest", other)] == [(entry["provider"], entry["account_id"]) for entry in config]
    assert {"success": True} == client.call("PUT", f"recipes/{recipe}/start")
    client.call("PUT", f"recipes/{recipe}/connect", 400, json={"adapter_name": "rest", "connection_id": other})


def test_connect_refuses_apps_and_connections_that_do_not_fit(client: servers.Client) -> None:
    client.load(client.folder(), worlds.zipped(worlds.project()))
    recipe = client.recipe("First")["id"]
    chat = next(each["id"] for each in client.call("GET", "connections") if each["name"] == "Chat")

    wrong = {"adapter_name": "rest", "connection_id": chat}
    unused = {"adapter_name": "slack", "connection_id": chat}
    gone = {"adapter_name": "rest", "connection_id": 99999}

    assert "'slack', not of 'rest'" in client.call("PUT", f"recipes/{recipe}/connect", 400, json=wrong)["message"]
    assert "does not use 'slack'" in client.call("PUT", f"recipes/{recipe}/connect", 400, json=unused)["message"]
    client.call("PUT", f"recipes/{recipe}/connect", 404, json=gone)


def test_a_copy_stands_beside_its_original_or_elsewhere(client: servers.Client) -> None:
    folder, other = client.folder(), client.folder()
    recipe = create(client, folder_id=folder)

    beside = client.call("POST", f"recipes/{recipe}/copy")
    elsewhere = client.call("POST", f"recipes/{recipe}/copy", json={"folder_id": str(other)})

    copies = [client.call("GET", f"recipes/{made['new_flow_id']}") for made in (beside, elsewhere)]
    assert [("Made (copy)", folder), ("Made (copy)", other)] == [(each["name"], each["folder_id"]) for each in copies]
    assert 2 == client.call("GET", f"recipes/{recipe}")["copy_count"]
    assert CODE == json.loads(copies[1]["code"])


def test_a_recipe_moves_to_another_folder(client: servers.Client) -> None:
    recipe, folder = create(client), client.folder()

    client.call("PUT", f"recipes/{recipe}", json={"folder_id": str(folder)})

    shown = client.call("GET", f"recipes/{recipe}")
    assert (folder, 1) == (shown["folder_id"], shown["version_no"])


def test_versions_are_listed_shown_and_commented(client: servers.Client) -> None:
    recipe = create(client)
    client.call("PUT", f"recipes/{recipe}", json={"code": json.dumps(CODE | {"comment": "second"})})

    listed = client.call("GET", f"recipes/{recipe}/versions")["data"]
    first = listed[-1]["id"]
    patched = client.call("PATCH", f"recipes/{recipe}/versions/{first}", json={"comment": "The first"})
    put = client.call("PUT", f"recipes/{recipe}/versions/{listed[0]['id']}", json={"comment": "The second"})

    assert [2, 1] == [version["version_no"] for version in listed]
    assert ("The first", "The first") == (patched["comment"], patched["data"]["comment"])
    assert ("The second", "The second") == (
        put["comment"],
        client.call("GET", f"recipes/{recipe}")["version_comment"],
    )
    assert 1 == client.call("GET", f"recipes/{recipe}/versions/{first}")["data"]["version_no"]
    client.call("GET", f"recipes/{recipe}/versions/99999", 404)
    client.call("PATCH", f"recipes/{recipe}/versions/{first}", 400, json={"comment": "x" * 256})


def test_a_deleted_recipe_is_gone(client: servers.Client) -> None:
    recipe = create(client)

    assert {"success": True} == client.call("DELETE", f"recipes/{recipe}")

    client.call("GET", f"recipes/{recipe}", 404)


@pytest.fixture
def several(client: servers.Client) -> dict[str, int]:
    """Four recipes in three folders, one of them running; ids by name."""
    folder = client.folder("Top")
    files = {
        "one.recipe.json": worlds.Recipe("One").bytes,
        "two.recipe.json": worlds.Recipe("Two").uses("rest", None).bytes,
        "Sub/three.recipe.json": worlds.Recipe("Three").uses("rest", None).uses("slack", None).bytes,
    }
    client.load(folder, worlds.zipped(files))
    create(client, "Four")
    client.call("PUT", f"recipes/{client.recipe('One')['id']}/start")
    return {"folder": folder} | {each["name"]: each["id"] for each in client.call("GET", "recipes")["items"]}


def names(client: servers.Client, **params: Any) -> list[str]:
    """The names that a filter lets through."""
    return [each["name"] for each in client.call("GET", "recipes", params=params)["items"]]


def test_lists_are_newest_first_and_since_id_goes_on_below(client: servers.Client, several: dict[str, int]) -> None:
    ids = sorted((several[name] for name in ("One", "Two", "Three", "Four")), reverse=True)

    listed = [each["id"] for each in client.call("GET", "recipes")["items"]]
    rest = [each["id"] for each in client.call("GET", "recipes", params={"since_id": ids[1]})["items"]]

    assert ids == listed
    assert ids[2:] == rest
    assert [] == names(client, since_id=ids[-1])


def test_filters_narrow_the_list(client: servers.Client, several: dict[str, int]) -> None:
    folder = several["folder"]
    project = client.call("GET", f"folders/{folder}")["project_id"]

    assert {"One", "Two"} == set(names(client, folder_id=folder))
    assert {"One", "Two", "Three"} == set(names(client, folder_id=folder, with_subfolders="true"))
    assert {"One", "Two", "Three"} == set(names(client, project_id=project))
    assert ["One"] == names(client, running="true")
    assert 4 == len(names(client, running="false"))
    assert ["One"] == names(client, active="True")
    assert {"Two", "Three", "Four"} == set(names(client, active="false"))
    assert {"Two", "Three"} == set(names(client, adapter_names_all="rest"))
    assert {"Three"} == set(names(client, adapter_names_all="rest,slack"))
    assert {"Two", "Three"} == set(names(client, adapter_names_any="rest,slack"))
    assert [] == names(client, updated_after="2999-01-01T00:00:00.000000+0000")
    assert 4 == len(names(client, updated_after="2020-01-01T00:00:00.000000"))
    client.call("PUT", f"recipes/{several['One']}/stop")
    assert {"Two", "Three", "Four"} == set(names(client, stopped_after="2020-01-01T00:00:00Z"))
    assert 4 == len(names(client, stopped_after="2999-01-01T00:00:00Z"))
    assert [] == names(client, stop_cause="trigger_errors_limit")
    assert 4 == len(names(client, order="activity"))
    assert 2 == len(names(client, per_page=2))


def test_code_can_be_left_out_and_is_then_an_empty_text(client: servers.Client, several: dict[str, int]) -> None:
    assert several
    items = client.call("GET", "recipes", params={"exclude_code": "true", "includes[]": "tags"})["items"]

    assert {""} == {each["code"] for each in items}
