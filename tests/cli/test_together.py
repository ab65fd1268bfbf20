"""Several people, several workspaces, one project: nobody's work is overwritten without a word."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import awkward
import servers
import terminals
import worlds

SOURCE = Path(__file__).parents[2] / "src"
RECIPE = "alone.recipe.json"
TABLE = "prices.lookup_table.json"


def recipe(note: str) -> bytes:
    return worlds.Recipe("Alone").step("logger", "log_message", {"message": note}).bytes


def exported(client: servers.Client, **more: bool) -> dict[str, bytes]:
    """The files of the workspace's only project."""
    return worlds.unzipped(client.export(client.call("GET", "projects")[0]["folder_id"], **more))


def ids(client: servers.Client) -> list[int]:
    """The packages there are."""
    return [each["id"] for each in client.call("GET", "packages")["items"]]


@pytest.fixture
def other(terminal: terminals.Terminal) -> terminals.Terminal:
    """A second checkout of the project that the first one pushed."""
    terminal.write({RECIPE: recipe("as it was"), TABLE: worlds.lookup_table("Prices", "a,1\n")})
    terminal.run("push", "--project", "Orders", "--include-data")
    second = terminal.at("second")
    second.run("pull", "Orders")
    return second


def test_a_push_never_overwrites_what_another_pushed_meanwhile(
    terminal: terminals.Terminal, other: terminals.Terminal, client: servers.Client
) -> None:
    terminal.write({RECIPE: recipe("mine")})
    terminal.run("push")
    other.write({RECIPE: recipe("theirs")})
    packages = ids(client)

    refused = other.run("push", "--json", code=2)

    assert [{"path": RECIPE, "change": "changed", "side": "both"}] == refused.json["changes"]
    assert "recipeyard pull" in refused.json["advice"]
    assert f"conflict  {RECIPE}" in other.run("push", code=2).out
    assert "recipeyard push --force" in other.run("push", code=2).err
    assert packages == ids(client)
    assert recipe("mine") == exported(client)[RECIPE]


def test_a_push_never_takes_back_what_another_changed_and_one_did_not(
    terminal: terminals.Terminal, other: terminals.Terminal, client: servers.Client
) -> None:
    terminal.write({RECIPE: recipe("mine")})
    terminal.run("push")

    assert f"changed   {RECIPE}" in other.run("push", code=2).out
    other.run("pull")
    other.run("push")
    assert recipe("mine") == exported(client)[RECIPE]


def test_a_push_overwrites_what_another_pushed_where_it_is_forced(
    terminal: terminals.Terminal, other: terminals.Terminal, client: servers.Client
) -> None:
    terminal.write({RECIPE: recipe("mine")})
    terminal.run("push")
    other.write({RECIPE: recipe("theirs")})

    other.run("push", "--force")

    assert recipe("theirs") == exported(client)[RECIPE]
    assert "nothing differs" in other.run("status").out


def test_who_removes_the_memory_of_pulls_pushes_what_stands_in_git(
    terminal: terminals.Terminal, other: terminals.Terminal, client: servers.Client
) -> None:
    terminal.write({RECIPE: recipe("mine")})
    terminal.run("push")
    (other.directory / ".recipeyard" / "pulled.json").unlink()
    other.write({RECIPE: recipe("theirs")})

    other.run("push")

    assert recipe("theirs") == exported(client)[RECIPE]


def test_files_that_no_export_holds_do_not_stop_a_push(terminal: terminals.Terminal) -> None:
    unused = worlds.connection("Chat", "slack", root_folder=True)
    terminal.write({RECIPE: recipe("a"), "chat.connection.json": unused, TABLE: worlds.lookup_table("Prices")})
    terminal.run("push", "--project", "Orders")

    terminal.write({RECIPE: recipe("b")})

    assert "1 updated" in terminal.run("push").out


def test_rows_are_neither_sent_nor_compared_nor_removed_from_files_unless_asked_for(
    terminal: terminals.Terminal, other: terminals.Terminal, client: servers.Client
) -> None:
    before = terminal.files()[TABLE]
    there = worlds.lookup_table("Prices", "z,26\n")
    client.load(client.call("GET", "projects")[0]["folder_id"], worlds.zipped({TABLE: there}))

    terminal.write({RECIPE: recipe("new")})
    terminal.run("push")
    terminal.run("pull")

    assert "nothing differs" in terminal.run("status").out
    assert before == terminal.files()[TABLE]
    assert worlds.lookup_table("Prices") == other.files()[TABLE]
    assert there == exported(client, include_data=True)[TABLE]
    assert [TABLE] == [
        each["path"] for each in terminal.run("status", "--include-data", "--json", code=2).json["changes"]
    ]
    assert '-  "data": "z,26\\n"' in terminal.run("diff", "--include-data", code=2).out


def test_rows_stay_in_a_file_whose_columns_are_pulled(
    terminal: terminals.Terminal, other: terminals.Terminal, client: servers.Client
) -> None:
    changed = worlds.lookup_table("Prices").replace(b"Column 1", b"Product")
    other.write({TABLE: changed})
    other.run("push")

    assert [TABLE] == terminal.run("pull", "--json").json["written"]
    assert changed.replace(b"null\n}", b'null,\n  "data": "a,1\\n"\n}') == terminal.files()[TABLE]


def test_rows_that_another_wrote_are_not_replaced_even_where_rows_are_sent(
    terminal: terminals.Terminal, other: terminals.Terminal, client: servers.Client
) -> None:
    terminal.write({TABLE: worlds.lookup_table("Prices", "b,2\n")})
    terminal.run("push", "--include-data")
    other.write({TABLE: worlds.lookup_table("Prices", "c,3\n")})

    assert TABLE in other.run("push", "--include-data", code=2).out


def test_an_export_holds_rows_where_they_are_asked_for(terminal: terminals.Terminal, other: terminals.Terminal) -> None:
    terminal.run("export", "-o", "bare.zip")
    terminal.run("export", "-o", "full.zip", "--include-data")

    assert worlds.lookup_table("Prices") == worlds.unzipped((terminal.directory / "bare.zip").read_bytes())[TABLE]
    assert b'"a,1' in worlds.unzipped((terminal.directory / "full.zip").read_bytes())[TABLE]


def test_a_file_edited_while_a_push_runs_is_not_taken_for_what_was_sent(stranger: terminals.Terminal) -> None:
    stranger.write({RECIPE: recipe("sent")})
    running = {"id": 7, "operation_type": "import", "status": "in_progress"}
    projects = [{"id": 1, "name": "Orders", "folder_id": 2}]
    pushed: list[awkward.Answer] = [(200, projects), (200, projects), *[(200, running)] * 6]
    pulled: list[awkward.Answer] = [
        (200, running | {"status": "completed"}),
        (200, {"id": 2, "name": "Orders"}),
        (201, {"result": {"id": 3, "name": "N"}}),
        (200, running | {"status": "completed"}),
        (200, {"success": True}),
        (200, worlds.zipped({RECIPE: recipe("sent")})),
    ]
    with awkward.server(*pushed, *pulled) as (yard, seen):
        person = terminals.Terminal(
            stranger.home, stranger.directory, {"RECIPEYARD_URL": yard.url, "RECIPEYARD_TOKEN": "t"}
        )
        own = person.environment | {"PYTHONPATH": str(SOURCE)}
        command = [sys.executable, "-m", "recipeyard", "push", "--project", "Orders"]
        with subprocess.Popen(command, env=os.environ | own, cwd=stranger.directory) as push:
            deadline = time.monotonic() + servers.PATIENCE_S
            while len(seen) < 4 and time.monotonic() < deadline:
                time.sleep(0.01)
            stranger.write({RECIPE: recipe("edited meanwhile")})
            push.wait(servers.PATIENCE_S)
        done = person.run("pull", "--json").json

    assert ([RECIPE], []) == (done["edited"], done["written"])
    assert recipe("edited meanwhile") == stranger.files()[RECIPE]


def test_tags_are_pushed_so_that_nothing_differs_afterwards(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    tagged = worlds.document(worlds.Recipe("Alone").value | {"tags": ["nightly"]})
    terminal.write({RECIPE: tagged})

    terminal.run("push", "--project", "Orders")

    assert ["nightly"] == [each["title"] for each in client.call("GET", "tags")["data"]["tags"]]
    assert "nothing differs" in terminal.run("status").out
    assert tagged == terminal.files()[RECIPE]


@pytest.fixture
def production(stranger: terminals.Terminal, client: servers.Client) -> Iterator[servers.Client]:
    """Another workspace with a project of the same name, and the current one; "dev" is checked out."""
    with client.server.workspace() as made:
        for profile, workspace in [("dev", client), ("prod", made)]:
            workspace.load(workspace.folder("Orders"), worlds.zipped({RECIPE: recipe(profile)}))
            stranger.run("login", client.server.address, "--profile", profile, typed=f"{workspace.token}\n")
        stranger.run("pull", "Orders", "--profile", "dev")
        yield made


def test_in_a_checkout_its_own_workspace_is_meant_whatever_is_current(
    stranger: terminals.Terminal, client: servers.Client, production: servers.Client
) -> None:
    marker = (stranger.directory / ".recipeyard.toml").read_bytes()

    stranger.run("pull", "Orders")
    stranger.run("push", "--project", "New")

    assert recipe("dev") == stranger.files()[RECIPE]
    assert {"Orders", "New"} == {each["name"] for each in client.call("GET", "projects")}
    assert ["Orders"] == [each["name"] for each in production.call("GET", "projects")]
    assert marker == (stranger.directory / ".recipeyard.toml").read_bytes()
    package = client.call("GET", "packages")["items"][0]["id"]
    assert package == stranger.run("follow", str(package), "--json").json["id"]
    assert "Not found" in stranger.run("follow", str(package), "--profile", "prod", code=1).err


@pytest.mark.parametrize("named", [[], ["Orders"]], ids=["unnamed", "named"])
def test_another_workspaces_project_is_not_pulled_into_a_checkout(
    stranger: terminals.Terminal, production: servers.Client, named: list[str]
) -> None:
    refused = stranger.run("pull", *named, "--profile", "prod", code=1)

    assert "holds 'Orders' of another workspace already\nPull into a directory of its own." in refused.err
    assert recipe("dev") == stranger.files()[RECIPE]


def test_the_environments_workspace_is_not_pulled_into_anothers_checkout(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    client.load(client.folder("Orders"), worlds.zipped({RECIPE: recipe("dev")}))
    terminal.run("pull", "Orders")
    with client.server.workspace() as made:
        made.folder("Orders")
        refused = terminal.run("pull", code=1, RECIPEYARD_TOKEN=made.token)
        terminal.run("push", RECIPEYARD_TOKEN=made.token)
        again = terminal.run("pull", code=1, RECIPEYARD_TOKEN=made.token)

    assert "of another workspace already" in refused.err
    assert "of another workspace already" in again.err


def test_a_clone_is_pulled_by_whoever_calls_the_workspace_otherwise(
    stranger: terminals.Terminal, production: servers.Client, client: servers.Client, tmp_path: Path
) -> None:
    colleague = terminals.terminal(tmp_path / "colleague")
    colleague.write({".recipeyard.toml": (stranger.directory / ".recipeyard.toml").read_bytes()})
    colleague.run("login", client.server.address, "--profile", "mine", typed=f"{client.token}\n")

    colleague.run("pull")

    assert recipe("dev") == colleague.files()[RECIPE]


def test_a_project_that_was_renamed_is_pulled_by_its_id(
    stranger: terminals.Terminal, production: servers.Client, client: servers.Client
) -> None:
    folder = client.call("GET", "projects")[0]["folder_id"]
    client.call("PUT", f"folders/{folder}", json={"name": "Sales"})
    client.load(folder, worlds.zipped({RECIPE: recipe("after")}))
    client.folder("Orders")

    assert "Sales" in stranger.run("pull").out
    assert recipe("after") == stranger.files()[RECIPE]
    stranger.run("pull", "Sales")
    assert "holds the project 'Orders' already" in stranger.run("pull", "Orders", code=1).err


def test_a_project_that_was_renamed_is_found_by_whom_the_environment_names(
    terminal: terminals.Terminal, other: terminals.Terminal, client: servers.Client
) -> None:
    folder = client.call("GET", "projects")[0]["folder_id"]
    client.call("PUT", f"folders/{folder}", json={"name": "Sales"})

    assert "Sales" in other.run("pull").out
    assert "Sales" in other.run("push").out
    assert "Sales" in terminal.run("status").out
