"""history and drift, and how a plan tells of what was changed on both sides."""

import json
import re
from typing import Any

import servers
import terminals
import worlds

RECIPE = "alone.recipe.json"


def logging(message: str, name: str = "Alone") -> bytes:
    return worlds.Recipe(name).step("logger", "log_message", {"message": message}).bytes


def deployed(terminal: terminals.Terminal) -> None:
    """A project of one recipe, pushed."""
    terminal.write({RECIPE: logging("before")})
    terminal.run("push", "--project", "Orders")


def by_hand(client: servers.Client, message: str) -> Any:
    """Somebody changes the recipe in the workspace; gives the recipe as it was."""
    recipe = client.call("GET", "recipes")["items"][0]
    code = json.loads(recipe["code"])
    code["block"][0]["input"]["message"] = message
    client.call("PUT", f"recipes/{recipe['id']}", json={"recipe": {"code": json.dumps(code)}})
    return recipe


def test_drift_tells_what_was_changed_by_whom_and_ends_with_2(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    deployed(terminal)
    same = terminal.run("drift").out
    by_hand(client, "by hand")

    said = terminal.run("drift", "Orders", code=2).out

    assert same.endswith("1 as deployed.\n")
    assert said.startswith("~ Alone  alone.recipe.json\n")
    assert re.search(r"changed here by .+, \d{4}-\d\d-\d\d \d\d:\d\d \(version 2\); package \d+ deployed it", said)
    assert '          ~ input.message: "before" → "by hand"\n' in said
    assert said.endswith("1 changed here, 0 as deployed.\n")


def test_drift_for_machines_is_the_apis_answer(terminal: terminals.Terminal, client: servers.Client) -> None:
    deployed(terminal)
    by_hand(client, "by hand")
    folder = client.call("GET", "projects")[0]["folder_id"]

    answer = terminal.run("drift", "--json", code=2).json

    assert client.call("GET", f"folders/{folder}/drift") == answer


def test_a_history_has_every_package_and_change_newest_first(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    deployed(terminal)
    by_hand(client, "by hand")
    package = str(client.call("GET", "packages")["items"][0]["id"])
    lines = terminal.run("history").out.splitlines()
    terminal.run("rollback", package, "--on-conflict", "incoming")

    back = terminal.run("history", "Orders", "--last", "1").out
    last = terminal.run("history", "Orders", "--last", "1", "--json").json

    assert 2 == len(lines)
    assert re.fullmatch(r".{16}  by hand      .*recipe 'Alone', version 2", lines[0])
    assert re.fullmatch(rf".{{16}}  import {package} +.*1 created  plan \d+", lines[1])
    assert re.fullmatch(rf".{{16}}  rollback \d+ +\S.*  of package {package}, 1 deleted  plan \d+\n", back)
    assert ["rollback"] == [each["operation"] for each in last["items"]]


def test_an_assets_history_has_its_versions_and_what_changed(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    deployed(terminal)
    recipe = by_hand(client, "by hand")

    said = terminal.run("history", "--asset", str(recipe["id"])).out
    answer = terminal.run("history", "--asset", str(recipe["id"]), "--json").json

    assert said.startswith(f"recipe 'Alone' ({recipe['id']})\n")
    assert re.search(r"version 2 +updated, .+  current\n", said)
    assert '          ~ input.message: "before" → "by hand"\n' in said
    assert re.search(r"version 1 +created by import \d+, ", said)
    assert client.call("GET", f"assets/{recipe['id']}/history") == answer


def test_what_is_not_there_has_no_history(terminal: terminals.Terminal) -> None:
    assert "Not found" in terminal.run("history", "--asset", "999999", code=1).err
    assert "this directory holds no project" in terminal.run("history", code=1).err
    assert "no project 'Nobody'" in terminal.run("drift", "Nobody", code=1).err


def test_a_plan_tells_who_changed_it_here_and_what_decides(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    deployed(terminal)
    by_hand(client, "by hand")
    terminal.write({RECIPE: logging("from git")})

    taken = terminal.run("plan", code=2).out
    refused = terminal.run("plan", "--on-conflict", "fail", code=1)
    kept = terminal.run("plan", "--on-conflict", "target").out

    assert "  ! Alone  alone.recipe.json\n      recipe 'Alone' was changed here by " in taken
    assert "      incoming: what arrives takes its place\n" in taken
    assert '          ~ input.message: "by hand" → "from git"\n' in taken
    assert "1 in conflict; 0 unchanged." in taken
    assert "      fail: refused; --on-conflict decides: incoming, target or merge\n" in refused.out
    assert "In the way: nothing can be applied until this is mended\n" in refused.out
    assert "and is left out" in kept


def test_both_sides_changes_are_merged_where_they_do_not_touch(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    deployed(terminal)
    by_hand(client, "by hand")
    recipe = worlds.Recipe("Alone").step("logger", "log_message", {"message": "before"})
    terminal.write({RECIPE: recipe.step("slack", "post_message", {"text": "new"}).bytes})

    planned = terminal.run("plan", "--on-conflict", "merge", code=2).out
    terminal.run("push", "--force", "--on-conflict", "merge")

    assert "      merge: both changes are kept, step by step\n" in planned
    assert "      + step 2  slack: post message\n" in planned
    code = json.loads(client.call("GET", "recipes")["items"][0]["code"])
    assert ["by hand", "new"] == [next(iter(step["input"].values())) for step in code["block"]]


def test_a_rename_is_told_from_a_new_asset(terminal: terminals.Terminal, client: servers.Client) -> None:
    terminal.write({"project.json": worlds.document({"name": "Orders"})})
    deployed(terminal)
    (terminal.directory / RECIPE).unlink()
    terminal.write({"other.recipe.json": logging("before", "Other")})

    said = terminal.run("plan", "--prune", code=2).out

    assert "  » Alone → Other  other.recipe.json\n      was alone.recipe.json\n" in said
