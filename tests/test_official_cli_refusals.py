"""What the user of the official command line client reads where the server refuses: a sentence that names the thing.

Asserted on the text alone: the client ends with 0 after many a failure.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

import official_cli
import servers
import worlds


@pytest.fixture
def desk(started: dict[str, servers.Server], tmp_path: Path) -> Iterator[official_cli.Desk]:
    """A desk with a new project of a new workspace."""
    with started["embedded"].workspace() as client:
        yield official_cli.desk(client, tmp_path)


def running(desk: official_cli.Desk) -> int:
    """A recipe that runs, A; its id."""
    desk.client.load(desk.folder_id, worlds.zipped({"a.recipe.json": worlds.Recipe("A").bytes}))
    recipe = int(desk.client.recipe("A")["id"])
    desk.client.call("PUT", f"recipes/{recipe}/start")
    return recipe


def test_a_start_names_every_connection_that_is_not_authorized(desk: official_cli.Desk) -> None:
    crm = worlds.reference("crm.connection.json", "CRM")
    files = {
        "a.recipe.json": worlds.Recipe("A").uses("rest", crm).bytes,
        "b.recipe.json": worlds.Recipe("B").bytes,
        "crm.connection.json": worlds.connection("CRM"),
    }
    desk.client.load(desk.folder_id, worlds.zipped(files))
    recipe = desk.client.recipe("A")["id"]

    one, every = desk.all_say([("recipes", "start", "--id", recipe), ("recipes", "start", "--all")])

    for said in (one, every):
        assert "connection 'CRM' is not authorized" in said
    assert f"Recipe {recipe} failed to start" in one
    assert "1 started, 1 failed" in every
    assert f"A (ID: {recipe})" in every
    assert (False, True) == (desk.client.recipe("A")["running"], desk.client.recipe("B")["running"])


def test_a_start_names_the_step_and_the_field_that_are_wrong(desk: official_cli.Desk) -> None:
    gone = worlds.Recipe("A").calls("gone.recipe.json", "Gone").step("logger", "shout", {})
    desk.client.load(desk.folder_id, worlds.zipped({"a.recipe.json": gone.bytes}))

    said = desk.says("recipes", "start", "--id", desk.client.recipe("A")["id"])

    assert "Step 1:" in said
    assert "Flow: can't be found" in said
    assert "Field: input.flow_id" in said
    assert "Step 2:" in said
    assert "Action: is not an action of logger" in said


def test_a_push_into_a_running_recipe_is_refused_by_its_name_and_changes_nothing(desk: official_cli.Desk) -> None:
    running(desk)
    changed = worlds.Recipe("A").step("logger", "log_message", {}).bytes
    desk.put({"a.recipe.json": changed, "b.recipe.json": worlds.Recipe("B").bytes})

    said = desk.says("push")

    assert "Import failed" in said
    assert "Error: a.recipe.json: recipe 'A' is running; set restart_recipes=true" in said
    assert [("A", 1)] == [(each["name"], each["version_no"]) for each in desk.client.call("GET", "recipes")["items"]]


def test_a_push_of_broken_documents_names_each(desk: official_cli.Desk) -> None:
    desk.put({"a.recipe.json": b"{", "b.recipe.json": b'{"name": "B"}', "c.recipe.json": worlds.Recipe("C").bytes})

    said = desk.says("push")

    assert "Import failed" in said
    assert "a.recipe.json: not valid JSON" in said
    assert "b.recipe.json: code must be an object: the trigger step" in said
    assert [] == desk.client.call("GET", "recipes")["items"]


def test_what_is_unknown_is_named(desk: official_cli.Desk) -> None:
    recipe = running(desk)
    commands = {
        "folder 999999": ("assets", "--folder-id", 999_999),
        "recipe 999998": ("recipes", "start", "--id", 999_998),
        "folder 999997": ("recipes", "start", "--folder-id", 999_997),
        "project 999995": ("properties", "list", "--prefix", "a", "--project-id", 999_995),
        "connection 999993": (
            "recipes", "update-connection", recipe, "--adapter-name", "rest", "--connection-id", 999_993,
        ),
    }  # fmt: skip

    said = desk.all_say(list(commands.values()))

    for what, text in zip(commands, said, strict=True):
        assert "Resource not found" in text
        assert f"Not found: there is no {what} here" in text


def test_a_stop_of_an_unknown_recipe_says_so_even_where_the_client_does_not_catch_it(desk: official_cli.Desk) -> None:
    said = desk.says("recipes", "stop", "--id", 999_999, may_crash=True)

    assert "Not found: there is no recipe 999999 here" in said


def test_a_project_that_is_gone_is_not_pushed_to_nor_pulled(desk: official_cli.Desk) -> None:
    desk.put({"a.recipe.json": worlds.Recipe("A").bytes})
    folder = desk.folder_id
    desk.client.call("DELETE", f"projects/{desk.project_id}")

    said = desk.all_say([("push",), ("pull",)])

    assert 2 == sum(f"Not found: there is no folder {folder} here" in text for text in said)
    assert ["a.recipe.json"] == list(desk.files)


def test_a_running_recipe_keeps_its_connection_and_is_named(desk: official_cli.Desk) -> None:
    recipe = running(desk)
    shell = desk.client.call("POST", "connections", json={"name": "CRM", "provider": "rest"})["id"]
    update = ("recipes", "update-connection", recipe, "--adapter-name")

    running_ = desk.says(*update, "clock", "--connection-id", shell)
    desk.client.call("PUT", f"recipes/{recipe}/stop")
    unused = desk.says(*update, "salesforce", "--connection-id", shell)

    assert "Invalid request" in running_
    assert "recipe 'A' is running; stop it first" in running_
    assert "the recipe does not use 'salesforce'" in unused
    assert 1 == desk.client.recipe("A")["version_no"]


def test_a_project_name_that_is_taken_is_named(desk: official_cli.Desk) -> None:
    second = official_cli.empty_desk(desk.client, desk.home.parent)

    said = official_cli.enter(second, "--project-name", "DEMO")

    assert "Invalid request" in said
    assert "'DEMO' has already been taken" in said
    assert ["Demo"] == [each["name"] for each in desk.client.call("GET", "projects")]


def test_a_wrong_token_is_refused_by_every_command(desk: official_cli.Desk) -> None:
    desk.said["WORKATO_API_TOKEN"] = "wrong"
    desk.put({"a.recipe.json": worlds.Recipe("A").bytes})

    said = desk.all_say([("workspace",), ("push",), ("pull",), ("recipes", "list")])

    assert 4 == sum("Authentication failed" in text for text in said)
    assert [] == desk.client.call("GET", "packages")["items"]


def test_a_project_with_a_running_recipe_stays_and_the_recipe_is_named(desk: official_cli.Desk) -> None:
    running(desk)

    said = official_cli.typed(desk.client, f"client.projects_api.delete_project({desk.project_id})")

    assert said.startswith("403 ")
    assert "Cannot destroy folder: recipes are running: 'A'" in said
    assert ["A"] == [each["name"] for each in desk.client.call("GET", "recipes")["items"]]


def test_a_server_that_is_not_there_is_said_so(desk: official_cli.Desk) -> None:
    desk.said["WORKATO_HOST"] = "http://127.0.0.1:9"

    assert "Cannot connect to Workato API" in desk.says("assets")
