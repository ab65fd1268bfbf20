"""The official command line client against a real server: projects, packages and recipes, from both ends."""

import json
from collections.abc import Iterator
from dataclasses import replace
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


def two_recipes() -> dict[str, bytes]:
    return {
        "hello.recipe.json": worlds.Recipe("Hello").step("logger", "log_message", {"message": "v1"}).bytes,
        "Sub/second.recipe.json": worlds.Recipe("Second").bytes,
    }


def test_a_project_is_made_pushed_started_restarted_and_pulled(server: servers.Server, tmp_path: Path) -> None:
    with server.workspace() as client:
        first = official_cli.empty_desk(client, tmp_path, is_plain=server.backend.name == "embedded")
        assert "Could not resolve API credentials" in first.says("workspace")

        made = official_cli.enter(first, "--project-name", "Demo")

        assert "Project is empty" in made
        assert "Project setup complete!" in made
        assert [(first.project_id, first.folder_id, "Demo")] == [
            (each["id"], each["folder_id"], each["name"]) for each in client.call("GET", "projects")
        ]

        first.put(two_recipes())
        first.put({"Sub/crm.connection.json": worlds.connection("CRM")})
        pushed = first.says("push")

        assert "Package uploaded successfully" in pushed
        assert "Import completed successfully" in pushed
        assert "2 recipe(s): No restart needed" in pushed
        assert {"Hello", "Second"} == {each["name"] for each in client.call("GET", "recipes")["items"]}

        assert "2 started, 0 failed" in first.says("recipes", "start", "--all")
        first.put({"hello.recipe.json": worlds.Recipe("Hello").step("logger", "log_message", {"message": "v2"}).bytes})
        restarted = first.says("push", "--restart-recipes")

        assert "1 recipe(s): Updated and restarted" in restarted
        assert (True, 2) == (client.recipe("Hello")["running"], client.recipe("Hello")["running_version_no"])
        assert (True, 1) == (client.recipe("Second")["running"], client.recipe("Second")["running_version_no"])

        second = official_cli.empty_desk(client, tmp_path, is_plain=first.is_plain)
        pulled = official_cli.enter(second, "--project-id", first.project_id, profile="other")

        assert "Package downloaded" in pulled
        assert first.files == second.files
        assert "already up to date" in second.says("pull")


def test_a_pull_brings_what_others_changed_and_offers_to_take_away_what_they_deleted(desk: official_cli.Desk) -> None:
    desk.put(two_recipes())
    desk.says("push")
    desk.client.call("PUT", f"recipes/{desk.client.recipe('Hello')['id']}", json={"description": "Says hello"})
    desk.client.call("DELETE", f"recipes/{desk.client.recipe('Second')['id']}")

    pulled = desk.says("pull", stdin="y\n")

    assert "Successfully pulled project changes" in pulled
    assert ["hello.recipe.json"] == list(desk.files)
    assert json.loads(desk.files["hello.recipe.json"])["description"] == "Says hello"


def test_a_command_that_is_spared_its_import_says_what_others_say(desk: official_cli.Desk) -> None:
    commands = [("recipes", "list"), ("recipes", "start"), ("--version",)]

    spared = desk.all_say(commands)

    assert spared == replace(desk, is_plain=True).all_say(commands)


def test_an_empty_project_pulls_nothing_and_exports_nothing(desk: official_cli.Desk) -> None:
    assert "Project is empty" in desk.says("pull")
    assert [] == desk.client.call("GET", "packages")["items"]


def test_init_speaks_json_to_programs(started: dict[str, servers.Server], tmp_path: Path) -> None:
    with started["embedded"].workspace() as client:
        desk = official_cli.empty_desk(client, tmp_path, "Orders & more")

        said = official_cli.enter(desk, "--project-name", "Orders & more", "--output-mode", "json")

        last = json.loads(said.strip().splitlines()[-1])
        assert ("success", "Orders & more") == (last["status"], last["project"]["name"])


def test_what_is_no_asset_and_the_archive_itself_are_passed_over(desk: official_cli.Desk) -> None:
    desk.put({"übung.recipe.json": worlds.Recipe("Übung").bytes, "data.bin": bytes(100), ".hidden": b"x"})

    pushed = desk.says("push", within="Demo")

    assert "Import completed successfully" in pushed
    assert ["Übung"] == [each["name"] for each in desk.client.call("GET", "recipes")["items"]]
    package = desk.client.call("GET", f"packages/{desk.client.call('GET', 'packages')['items'][0]['id']}")
    assert {"data.bin", ".hidden", "Demo.zip"} <= {warning.partition(":")[0] for warning in package["warnings"]}


def test_the_workspace_and_its_assets_are_shown(desk: official_cli.Desk) -> None:
    desk.put(worlds.project())
    desk.says("push")

    workspace, assets = desk.says("workspace"), desk.says("assets")

    assert "Workspace Details" in workspace
    assert "Recipes: 2" in workspace
    assert f"Folder ID: {desk.folder_id}" in workspace
    listed = desk.client.call("GET", "export_manifests/folder_assets", params={"folder_id": desk.folder_id})
    assert f"Project Assets ({len(listed['result']['assets'])} total)" in assets
    assert all(name in assets for name in ("First", "Second", "CRM", "Chat", "Prices"))


def test_recipes_are_listed_as_the_flags_say(desk: official_cli.Desk) -> None:
    client = desk.client
    for recipe in (
        worlds.Recipe("One").uses("logger", None, "log_message"),
        worlds.Recipe("Two"),
        worlds.Recipe("Three").uses("logger", None, "log_message").uses("email", None, "send_mail"),
    ):
        client.load(desk.folder_id, worlds.zipped({f"{recipe.name.lower()}.recipe.json": recipe.bytes}))
    ids = {name: client.recipe(name)["id"] for name in ("One", "Two", "Three")}
    for recipe_id in (ids["Two"], ids["Three"]):
        assert client.call("PUT", f"recipes/{recipe_id}/start")["success"]
    client.call("PUT", f"recipes/{ids['Three']}/stop")
    flags: dict[tuple[object, ...], set[str]] = {
        ("--exclude-code",): {"One", "Two", "Three"},
        ("--running",): {"Two"},
        ("--since-id", ids["Two"]): {"One"},
        ("--adapter-names-all", "logger,email"): {"Three"},
        ("--adapter-names-any", "logger,email"): {"One", "Three"},
        ("--order", "activity", "--stopped-after", "2020-01-01T00:00:00"): {"One", "Two"},
        ("--updated-after", "2090-01-01T00:00:00+00:00", "--stop-cause", "trigger_errors_limit"): set(),
        ("--recursive",): {"One", "Two", "Three"},
    }

    said = desk.all_say([("recipes", "list", *each) for each in flags])

    assert flags == {
        each: {name for name, recipe_id in ids.items() if f"{name}\n    🆔 ID: {recipe_id}\n" in text}
        for each, text in zip(flags, said, strict=True)
    }


def test_recipes_start_and_stop_one_by_one_and_by_folder(desk: official_cli.Desk) -> None:
    desk.put(two_recipes())
    desk.client.load(desk.folder_id, worlds.zipped(desk.files))
    hello = desk.client.recipe("Hello")["id"]
    sub = desk.client.recipe("Second")["folder_id"]

    assert f"Recipe {hello} started successfully" in desk.says("recipes", "start", "--id", hello)
    assert (True, False) == (desk.client.recipe("Hello")["running"], desk.client.recipe("Second")["running"])
    assert "1 started, 0 failed" in desk.says("recipes", "start", "--folder-id", sub)
    assert desk.client.recipe("Second")["running"]
    assert f"Recipe {hello} stopped successfully" in desk.says("recipes", "stop", "--id", hello)
    assert (False, True) == (desk.client.recipe("Hello")["running"], desk.client.recipe("Second")["running"])
    assert "2 stopped" in desk.says("recipes", "stop", "--folder-id", desk.folder_id)
    assert not desk.client.recipe("Second")["running"]
