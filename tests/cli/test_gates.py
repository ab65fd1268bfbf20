"""gates, approve and cancel: what must be true before a workspace is changed, and who may say so."""

import json
import re

import awkward
import servers
import terminals
import worlds

FILES = {"a.recipe.json": worlds.Recipe("Alone").bytes}
FROZEN = {"from": "2020-01-01T00:00:00Z", "to": "2120-01-01T00:00:00Z", "reason": "audit"}


def other(terminal: terminals.Terminal, client: servers.Client, name: str) -> terminals.Terminal:
    """Another person of the same workspace, in the same directory."""
    role = next(
        each["id"]
        for each in client.call("GET", "developer_api_client_roles")["result"]["items"]
        if each["name"] == "Admin"
    )
    wanted = {"name": name, "api_privilege_group_id": role, "all_folders": True}
    token = client.call("POST", "developer_api_clients", json=wanted)["result"]["token"]["value"]
    return terminals.Terminal(terminal.home, terminal.directory, terminal.environment | {"RECIPEYARD_TOKEN": token})


def test_gates_are_shown_in_words_and_set_from_a_file(terminal: terminals.Terminal, client: servers.Client) -> None:
    window = {"days": ["mon", "fri"], "from": "22:00", "to": "02:00", "time_zone": "Europe/Berlin"}
    gates = {
        "approvals": {"required": 2},
        "change_windows": [window],
        "freezes": [FROZEN],
        "lint": {"dangling_pills": "error"},
        "break_glass": False,
    }
    terminal.write({"gates.json": json.dumps(gates).encode()})

    opened = terminal.run("gates").out
    said = terminal.run("gates", "set", "gates.json").out
    shown = terminal.run("gates", "--json")

    assert opened.startswith("Every gate is open")
    assert [
        "Approvals   2 other people must approve; of plans, but not rollbacks",
        "Window      mon, fri from 22:00 to 02:00, Europe/Berlin",
        "Freeze      from 2020-01-01T00:00:00Z to 2120-01-01T00:00:00Z: audit",
        "Lint        dangling pills: error",
        "Break glass nobody may pass the gates, whatever the reason",
    ] == [line.replace("+00:00", "Z").replace(".000", "") for line in said.splitlines()[:-1]]
    assert client.call("GET", "gates") == shown.json
    terminal.write({"gates.json": shown.out.encode()})
    assert 2 == terminal.run("gates", "set", "gates.json", "--json").json["version"]


def test_gates_that_cannot_be_are_refused(terminal: terminals.Terminal, client: servers.Client) -> None:
    terminal.write({"gates.json": b'{"ran_in": "nowhere"}', "none.json": b"none"})

    assert "ran_in" in terminal.run("gates", "set", "gates.json", code=1).err
    assert "none.json holds no JSON object" in terminal.run("gates", "set", "none.json", code=1).err
    assert 0 == client.call("GET", "gates")["version"]


def test_a_plan_says_that_it_waits_for_approval_and_is_applied_once_somebody_else_approves(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    client.folder("Orders")
    client.call("PUT", "gates", json={"approvals": {"required": 1}})
    terminal.write(FILES)
    planned = terminal.run("plan", "--project", "Orders", code=2).out
    number = re.findall(r"recipeyard apply (\d+)", planned)[0]

    early = terminal.run("apply", number, code=1).err
    own = terminal.run("approve", number, code=1).err
    approved = other(terminal, client, "Ada").run("approve", number, "--comment", "Looks right").out
    terminal.run("apply", number)

    assert "Approvals: 0 of 1\n" in planned
    assert "Gates that are not met now\n" in planned
    assert f"Somebody else approves it: recipeyard approve {number}\n" in planned
    assert f"recipeyard: The plan {number} can't be applied" in early
    assert "other people approve it" in own
    assert f"Plan {number} has 1 of 1 approval.\n" in approved
    assert re.search(r"^  Ada, \S+: Looks right$", approved, re.MULTILINE)
    assert ["Alone"] == [each["name"] for each in client.call("GET", "recipes")["items"]]


def test_an_approval_is_taken_back(terminal: terminals.Terminal, client: servers.Client) -> None:
    client.folder("Orders")
    client.call("PUT", "gates", json={"approvals": {"required": 1}})
    terminal.write(FILES)
    number = str(terminal.run("plan", "--project", "Orders", "--json", code=2).json["id"])
    ada = other(terminal, client, "Ada")
    ada.run("approve", number)

    assert 0 == len(ada.run("approve", number, "--withdraw", "--json").json["approvals"])
    assert "has not approved" in ada.run("approve", number, "--withdraw", code=1).err


def test_whoever_gives_a_reason_breaks_the_glass(terminal: terminals.Terminal, client: servers.Client) -> None:
    client.folder("Orders")
    client.call("PUT", "gates", json={"freezes": [FROZEN]})
    terminal.write(FILES)

    refused = terminal.run("push", "--project", "Orders", code=1).err
    terminal.run("push", "--project", "Orders", "--break-glass", "The shop is down")
    package = str(client.call("GET", "packages")["items"][0]["id"])
    client.call("PUT", "gates", json={"approvals": {"required": 1, "rollbacks": True}})
    closed = terminal.run("rollback", package, code=1).err
    terminal.run("rollback", package, "--break-glass", "Worse than before")

    assert "audit" in refused
    assert "approval" in closed
    assert re.search(r"`recipeyard apply \d+` once that is so", closed)
    assert [] == client.call("GET", "recipes")["items"]


def test_a_package_that_has_ended_cannot_be_cancelled(terminal: terminals.Terminal, client: servers.Client) -> None:
    package = client.load(client.folder(), worlds.zipped(FILES))

    refused = terminal.run("cancel", str(package["id"]), code=1).err

    assert "recipeyard: The package has ended: it is completed" in refused


def test_a_package_is_cancelled_by_its_id(stranger: terminals.Terminal) -> None:
    ended = {"id": 7, "operation_type": "import", "status": "failed", "error": "cancelled by Ada"}
    with awkward.server((200, ended)) as (yard, seen):
        said = stranger.run("cancel", "7", RECIPEYARD_URL=yard.url, RECIPEYARD_TOKEN="t").out

    assert "Package 7 is cancelled; nothing of it happened.\n" == said
    assert ["POST /api/packages/7/cancel"] == seen


def test_only_a_part_is_pushed_and_the_rest_is_still_to_be_pushed(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    terminal.write(FILES)
    terminal.run("push", "--project", "Orders")
    changed = {name: worlds.Recipe("Alone").step("logger", "log_message", {}).bytes for name in FILES}
    terminal.write(changed | {"b.recipe.json": worlds.Recipe("Second").bytes})

    planned = terminal.run("plan", "--only", "b.recipe.json", code=2).out
    terminal.run("push", "--only", "b.recipe.json")

    assert "1 to create; 0 unchanged." in planned
    assert {"Alone": 1, "Second": 1} == {
        each["name"]: each["version_no"] for each in client.call("GET", "recipes")["items"]
    }
    left = terminal.run("status", "--json", code=2).json["changes"]
    assert [("a.recipe.json", "here")] == [(each["path"], each["side"]) for each in left]
