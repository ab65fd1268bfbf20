"""plan, apply and rollback: what would change is told, exactly that is done, and all of it is taken back."""

import contextlib
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import awkward
import servers
import terminals
import worlds
from recipeyard.cli import values
from recipeyard.model import bundles

TABLE = "prices.lookup_table.json"
RECIPE = "alone.recipe.json"


def pushed(terminal: terminals.Terminal) -> None:
    """A project that the directory holds and the server has."""
    terminal.write(
        {
            RECIPE: worlds.Recipe("Alone").step("logger", "log_message", {"message": "before"}).bytes,
            TABLE: worlds.lookup_table("Prices", "a,1\nb,2\n"),
        }
    )
    terminal.run("push", "--project", "Orders", "--include-data")


def edited(terminal: terminals.Terminal) -> None:
    recipe = worlds.Recipe("Alone").step("logger", "log_message", {"message": "after"})
    rows = "".join(f"row {at},1{at}\n" for at in range(9))
    terminal.write(
        {
            RECIPE: recipe.step("slack", "post_message", {}).bytes,
            "new.recipe.json": worlds.Recipe("Brand new").bytes,
            TABLE: worlds.lookup_table("Prices", f"a,1\n{rows}"),
        }
    )


def made(said: str) -> str:
    """The id of the plan that was shown."""
    found = re.search(r"^Plan (\d+): ", said)
    assert found
    return found[1]


def recipes(client: servers.Client) -> set[str]:
    return {each["name"] for each in client.call("GET", "recipes")["items"]}


def test_a_plan_says_in_words_what_a_push_would_change_and_changes_nothing(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    pushed(terminal)
    edited(terminal)

    said = terminal.run("plan", "--include-data", code=2).out

    number = made(said)
    assert [
        "Lookup tables",
        "  ~ Prices  prices.lookup_table.json",
        "      rows: 9 added, 1 removed",
        *(f"        + row {at} | 1{at}" for at in range(5)),
        "        … and 4 more added",
        "        - b | 2",
        "",
        "Recipes",
        "  ~ Alone  alone.recipe.json",
        "      ~ step 1  logger: log message",
        '          ~ input.message: "before" → "after"',
        "      + step 2  slack: post message",
        "  + Brand new  new.recipe.json",
        "",
        "1 to create, 2 to update; 0 unchanged.",
        f"Do exactly this: recipeyard apply {number}",
    ] == [line for line in said.splitlines()[2:] if "config" not in line]
    assert {"Alone"} == recipes(client)
    assert [1] == [each["version_no"] for each in client.call("GET", "recipes")["items"]]


def test_a_plan_of_what_the_server_has_ends_with_0(terminal: terminals.Terminal) -> None:
    pushed(terminal)

    said = terminal.run("plan", "--include-data").out

    assert said.endswith("Nothing would change; 2 unchanged.\n")


def test_a_plan_with_something_in_its_way_tells_all_of_it_and_ends_with_1(terminal: terminals.Terminal) -> None:
    pushed(terminal)
    terminal.run("recipes", "start", "Alone")
    edited(terminal)
    terminal.write({"broken.recipe.json": b"{", "other.recipe.json": b"["})

    broken = terminal.run("plan", code=1).err
    (terminal.directory / "broken.recipe.json").unlink()
    (terminal.directory / "other.recipe.json").unlink()
    running = terminal.run("plan", code=1)

    assert "recipeyard: broken.recipe.json: not valid JSON" in broken
    assert "other.recipe.json: not valid JSON" in broken
    assert "in the way" in running.err
    assert "alone.recipe.json: recipe 'Alone' is running; set restart_recipes=true" in running.out
    assert "recipeyard apply" not in running.out


def test_a_plan_tells_which_recipes_restart(terminal: terminals.Terminal) -> None:
    pushed(terminal)
    terminal.run("recipes", "start", "Alone")
    terminal.write({RECIPE: worlds.Recipe("Alone").step("logger", "log_message", {"message": "other"}).bytes})

    said = terminal.run("plan", "--restart-recipes", code=2).out

    assert "  ~ Alone  alone.recipe.json  restarts\n" in said
    assert "Running recipes that restart\n  Alone\n" in said


def test_a_plan_for_machines_is_the_apis_answer(terminal: terminals.Terminal, client: servers.Client) -> None:
    pushed(terminal)
    edited(terminal)

    answer = terminal.run("plan", "--json", code=2).json

    assert client.call("GET", f"plans/{answer['id']}") == answer
    assert 1 == answer["summary"]["create"]


def test_a_zip_and_a_package_of_the_workspace_are_planned_too(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    package = client.load(client.folder("Source"), worlds.zipped(worlds.project()))
    client.folder("Target")
    terminal.directory.mkdir(parents=True)
    (terminal.directory / "orders.zip").write_bytes(worlds.zipped({RECIPE: worlds.Recipe("Alone").bytes}))

    zipped = terminal.run("plan", "--zip", "orders.zip", "--project", "Target", code=2).out
    stored = terminal.run("plan", "--package", str(package["id"]), "--project", "Target", code=2).out

    assert "  + Alone  alone.recipe.json" in zipped
    assert "  + First  first.recipe.json" in stored
    both = ("--zip", "orders.zip", "--package", "1")
    assert "can't both be meant" in terminal.run("plan", *both, code=1).err


def test_a_plan_makes_no_project(terminal: terminals.Terminal, client: servers.Client) -> None:
    terminal.write({RECIPE: worlds.Recipe("Alone").bytes})

    refused = terminal.run("plan", "--project", "Orders", code=1).err

    assert "`recipeyard push --project NAME` makes it." in refused
    assert [] == client.call("GET", "projects")


def test_a_policy_that_is_none_is_refused(terminal: terminals.Terminal) -> None:
    pushed(terminal)

    assert "'maybe' is none of" in terminal.run("plan", "--on-conflict", "maybe", code=1).err


def test_pruning_deletes_after_showing_it(terminal: terminals.Terminal, client: servers.Client) -> None:
    pushed(terminal)
    terminal.write({"new.recipe.json": worlds.Recipe("Brand new").bytes})
    (terminal.directory / RECIPE).unlink()

    said = terminal.run("plan", "--prune", code=2).out
    terminal.run("push", "--prune")

    assert "  - Alone  alone.recipe.json" in said
    assert {"Brand new"} == recipes(client)


def test_apply_does_what_the_plan_shows_and_rollback_takes_it_back(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    pushed(terminal)
    edited(terminal)
    number = made(terminal.run("plan", code=2).out)

    applied = terminal.run("apply", number).out
    after = recipes(client)
    package = re.findall(r"^Package (\d+) is completed", applied, re.MULTILINE)[0]
    looked = terminal.run("rollback", package, "--plan", code=2).out
    unmoved = recipes(client)
    back = terminal.run("rollback", package, "--yes").out

    assert "updated   alone.recipe.json  version 1 → 2\n" in applied
    assert {"Alone", "Brand new"} == after == unmoved
    assert "  - Brand new  new.recipe.json" in looked
    assert '          ~ input.message: "after" → "before"' in looked
    assert "deleted   new.recipe.json\n" in back
    assert {"Alone"} == recipes(client)


def test_a_plan_that_does_not_hold_any_more_is_not_applied(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    pushed(terminal)
    edited(terminal)
    number = made(terminal.run("plan", code=2).out)
    terminal.run("recipes", "start", "Alone")

    refused = terminal.run("apply", number, code=1).err

    assert f"recipeyard: The plan {number} does not hold any more" in refused
    assert "recipe 'Alone' has been started" in refused
    assert "`recipeyard plan`" in refused
    assert {"Alone"} == recipes(client)


def test_a_rollback_of_what_was_changed_since_is_refused_until_it_is_decided(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    pushed(terminal)
    edited(terminal)
    package = str(terminal.run("push", "--json").json["id"])
    terminal.write({RECIPE: worlds.Recipe("Alone").step("logger", "log_message", {"message": "later"}).bytes})
    terminal.run("push")

    refused = terminal.run("rollback", package, "--yes", code=1)

    assert "recipe 'Alone'" in refused.out
    assert "say --on-conflict" in refused.err
    assert {"Alone", "Brand new"} == recipes(client)
    terminal.run("rollback", package, "--yes", "--on-conflict", "target")
    assert {"Alone"} == recipes(client)


def test_a_rollback_of_no_package_is_refused(terminal: terminals.Terminal, client: servers.Client) -> None:
    pushed(terminal)

    assert "Not found" in terminal.run("rollback", "999999", code=1).err


def test_a_recipe_that_can_not_restart_is_left_stopped_only_where_that_was_asked_for(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    pushed(terminal)
    terminal.run("recipes", "start", "Alone")
    terminal.write({RECIPE: worlds.Recipe("Alone").step("no_such_app", "do", {}).bytes})

    planned = terminal.run("plan", "--restart-recipes", code=1).err
    kept = terminal.run("push", "--restart-recipes", "--on-restart-failure", "keep", code=1).err

    assert "in the way" in planned
    assert re.search(r"^`recipeyard rollback \d+` takes it back\.$", kept, re.MULTILINE)
    assert [(2, False)] == [(each["version_no"], each["running"]) for each in client.call("GET", "recipes")["items"]]


def at_a_screen(terminal: terminals.Terminal, *line: str, typed: str = "", **environment: str) -> str:
    """What somebody sees who runs a command at a real terminal of 100 columns and answers it."""
    own = os.environ | terminal.environment | {"XDG_CONFIG_HOME": str(terminal.home), "TERM": "xterm-256color"}
    primary, secondary = pty.openpty()
    fcntl.ioctl(secondary, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-m", "recipeyard", *line],
        env={name: value for name, value in own.items() if name != "COLUMNS"} | environment,
        cwd=terminal.directory,
        stdin=secondary,
        stdout=secondary,
        stderr=secondary,
    ):
        os.close(secondary)
        os.write(primary, typed.encode())
        seen = b""
        with contextlib.suppress(OSError):
            while read := os.read(primary, 65536):
                seen += read
    os.close(primary)
    return seen.decode()


def test_a_rollback_asks_at_a_terminal_and_does_nothing_where_the_answer_is_no(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    pushed(terminal)
    package = str(client.call("GET", "packages")["items"][0]["id"])
    before = client.call("GET", "plans")

    seen = at_a_screen(terminal, "rollback", package, typed="n\n")

    assert "Take it back? [y/N]" in seen
    assert "nothing was taken back" in seen
    assert {"Alone"} == recipes(client)
    assert before == client.call("GET", "plans")


def test_a_plan_is_coloured_and_fits_at_a_terminal_alone(terminal: terminals.Terminal) -> None:
    pushed(terminal)
    edited(terminal)
    long = worlds.Recipe("Alone").step("logger", "log_message", {"message": "x" * 900})
    terminal.write({RECIPE: long.bytes})

    seen = at_a_screen(terminal, "plan")
    plain = at_a_screen(terminal, "plan", NO_COLOR="1")
    piped = terminal.run("plan", code=2).out

    assert "\x1b[32m  + Brand new" in seen
    assert "\x1b[32m" not in plain
    assert "\x1b" not in piped
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", plain).splitlines()
    assert 100 >= max(len(line) for line in lines if "input.message" in line)


def sent_between(yard_url: str) -> dict[str, bytes]:
    """A directory that was pushed to a folder of a server before."""
    seen = {f"{yard_url}/folders/2": {RECIPE: bundles.digest(FILES[RECIPE])}}
    marker = b'project = "Orders"\nfolder_id = 2\n'
    edits = {RECIPE: worlds.Recipe("Alone").step("logger", "log_message", {}).bytes}
    return edits | {".recipeyard.toml": marker, ".recipeyard/pulled.json": json.dumps(seen).encode()}


FILES = {RECIPE: worlds.Recipe("Alone").bytes}
PLANNED = {"id": 5, "operation": "import", "status": "ready", "folder_id": 2}
DONE = {"id": 7, "operation_type": "export", "status": "completed"}
LOOKED: list[awkward.Answer] = [
    (201, {"result": {"id": 3, "name": "N"}}),
    (200, DONE),
    (200, {"success": True}),
    (200, worlds.zipped(FILES)),
    (200, {"success": True}),
]


def test_a_push_that_somebody_slips_into_is_stopped_by_its_plan(stranger: terminals.Terminal) -> None:
    moved = {"message": "The plan 5 does not hold any more:\nalone.recipe.json: it is at version 3 by now"}
    said: list[awkward.Answer] = [(200, {"id": 2, "name": "Orders"}), (200, PLANNED), *LOOKED, (409, moved)]
    with awkward.server(*said) as (yard, seen):
        stranger.write(sent_between(yard.url))
        refused = stranger.run("push", code=2, RECIPEYARD_URL=yard.url, RECIPEYARD_TOKEN="t")

    assert "POST /api/plans?restart_recipes=false&include_tags=true&folder_id=2" == seen[1]
    assert "POST /api/plans/5/apply" == seen[-1]
    assert "nothing was pushed: somebody was quicker in Orders" in refused.err
    assert "it is at version 3 by now" in refused.err


def test_a_push_to_a_server_without_plans_is_an_import(stranger: terminals.Terminal) -> None:
    none: awkward.Answer = (404, {"message": "API not found"})
    said: list[awkward.Answer] = [(200, {"id": 2, "name": "Orders"}), none, *LOOKED, (200, DONE)]
    with awkward.server(*said) as (yard, seen):
        stranger.write(sent_between(yard.url))
        stranger.run("push", RECIPEYARD_URL=yard.url, RECIPEYARD_TOKEN="t")

    assert "POST /api/packages/import/2?restart_recipes=false&include_tags=true" == seen[-1]


def test_a_push_that_stops_leaves_no_plan_behind(terminal: terminals.Terminal, client: servers.Client) -> None:
    pushed(terminal)
    folder = client.call("GET", "projects")[0]["folder_id"]
    client.load(folder, worlds.zipped({RECIPE: worlds.Recipe("Alone").step("slack", "post_message", {}).bytes}))
    edited(terminal)
    before = client.call("GET", "plans")

    terminal.run("push", code=2)

    assert before == client.call("GET", "plans")


def test_long_values_are_cut_where_they_differ_and_nothing_moves_the_cursor() -> None:
    before, after = f"{'x' * 300}02:30", f"{'x' * 300}04:15"

    cut = values.turn(before, after, 60)

    assert ('…xxxxxxxxxx02:30"', '…xxxxxxxxxx04:15"') == tuple(each.replace("x" * 11, "x" * 10) for each in cut)
    assert "値値値…" == values.cut("値" * 40, 8)
    assert " [31mred " == values.plain("\x1b[31mred\n")
    assert '"aaaa…" (5,000 characters)' == values.spelled({"digest": "d", "size": 5000, "beginning": "aaaa"})
