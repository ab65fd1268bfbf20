"""Drift and history over HTTP: what was changed here, by whom, and by which package."""

from typing import Any

import servers
import worlds

FIRST, SECOND = "first.recipe.json", "Sub/second.recipe.json"


def edit(client: servers.Client, name: str, message: str = "by hand") -> int:
    """Change a recipe by hand; gives its id."""
    recipe = client.recipe(name)
    code = {"recipe": {"code": worlds.Recipe(name).step("logger", "log_message", {"message": message}).value["code"]}}
    client.call("PUT", f"recipes/{recipe['id']}", json=code)
    return int(recipe["id"])


def deployed(client: servers.Client) -> tuple[int, Any]:
    """A folder with the small project in it, and the package that brought it."""
    folder = client.folder()
    package = client.load(folder, worlds.zipped(worlds.project()))
    assert package["status"] == "completed", package
    return folder, package


def items(client: servers.Client, folder: int) -> dict[str, Any]:
    return {each["path"]: each for each in client.call("GET", f"folders/{folder}/drift")["items"]}


def test_what_a_package_just_brought_has_not_drifted(client: servers.Client) -> None:
    folder, _ = deployed(client)

    found = client.call("GET", f"folders/{folder}/drift")

    assert {"folder_id": folder, "items": [], "in_sync": 5} == found


def test_drift_tells_who_changed_what_and_which_package_had_left_it(client: servers.Client) -> None:
    folder, package = deployed(client)
    asset_id = edit(client, "Second")

    found = items(client, folder)
    folders = client.call("GET", "folders", params={"parent_id": folder})
    below = items(client, next(each["id"] for each in folders if each["name"] == "Sub"))

    assert [SECOND] == list(found)
    assert [SECOND.split("/")[1]] == list(below)
    item = found[SECOND]
    assert (asset_id, "recipe", "drifted", package["id"], 2) == tuple(
        item[name] for name in ("id", "type", "status", "package_id", "version_no")
    )
    assert ("API client", package["updated_at"]) == (item["changed_by"], item["deployed_at"])
    assert item["diff"]["steps"]


def test_what_lives_at_the_root_drifts_with_the_folder_that_it_came_with(client: servers.Client) -> None:
    folder, _ = deployed(client)
    other = client.folder()
    chat = next(each["id"] for each in client.call("GET", "connections") if each["name"] == "Chat")
    client.call("PUT", f"connections/{chat}", json={"name": "Chatter"})

    assert ["chat.connection.json"] == list(items(client, folder))
    assert {} == items(client, other)


def test_what_was_made_here_was_never_deployed(client: servers.Client) -> None:
    folder, _ = deployed(client)
    code = worlds.Recipe("Mine").value["code"]
    client.call("POST", "recipes", json={"recipe": {"name": "Mine", "code": code, "folder_id": folder}})

    found = items(client, folder)

    assert {"mine.recipe.json": "never_deployed"} == {path: each["status"] for path, each in found.items()}
    assert [None, None] == [found["mine.recipe.json"][name] for name in ("package_id", "diff")]


def test_what_was_deleted_here_is_told_until_a_package_brings_it_again(client: servers.Client) -> None:
    folder, package = deployed(client)
    client.call("DELETE", f"recipes/{client.recipe('Second')['id']}")

    found = items(client, folder)
    client.load(folder, worlds.zipped(worlds.project()))

    assert {SECOND: ("deleted", package["id"])} == {
        path: (each["status"], each["package_id"]) for path, each in found.items()
    }
    assert {} == items(client, folder)


def test_what_a_rollback_took_away_is_no_drift(client: servers.Client) -> None:
    folder, package = deployed(client)
    rolled_back = client.follow(client.call("POST", f"packages/{package['id']}/rollback"))

    assert "completed" == rolled_back["status"], rolled_back
    assert {} == items(client, folder)


def test_rows_that_were_changed_here_are_drift(client: servers.Client) -> None:
    folder, _ = deployed(client)
    table = client.call("GET", "lookup_tables")[0]["id"]
    client.call("POST", f"lookup_tables/{table}/rows", json={"data": {"Column 1": "c"}})

    item = items(client, folder)["prices.lookup_table.json"]

    assert ("drifted", None) == (item["status"], item["changed_by"])
    assert [1] == [len(item["diff"]["rows"]["added"])]


def test_a_folders_history_tells_transfers_and_changes_by_hand_newest_first(client: servers.Client) -> None:
    folder, package = deployed(client)
    asset_id = edit(client, "Second")
    again = client.load(folder, worlds.zipped(worlds.project()))
    taken_back = client.follow(client.call("POST", f"packages/{again['id']}/rollback"))

    found = client.call("GET", f"folders/{folder}/history")["items"]

    assert [
        ("package", "rollback", taken_back["id"], again["id"]),
        ("package", "import", again["id"], None),
        ("version", None, None, None),
        ("package", "import", package["id"], None),
    ] == [tuple(each[name] for name in ("kind", "operation", "package_id", "rolls_back_id")) for each in found]
    assert (7, again["plan_id"]) == (found[3]["counts"]["created"], found[1]["plan_id"])
    assert {"created": 0, "updated": 1, "renamed": 0, "deleted": 0, "restored": 0, "unchanged": 6} == found[1]["counts"]
    assert {"id": asset_id, "type": "recipe", "name": "Second"} == found[2]["asset"]
    assert ("API client", 2) == (found[2]["by"], found[2]["version_no"])


def test_a_folders_history_is_paged(client: servers.Client) -> None:
    folder, package = deployed(client)
    edit(client, "First")

    page = client.call("GET", f"folders/{folder}/history", params={"page": 2, "per_page": 1})["items"]

    assert [package["id"]] == [each["package_id"] for each in page]


def test_an_assets_history_tells_who_changed_what_in_each_version(client: servers.Client) -> None:
    folder, package = deployed(client)
    asset_id = edit(client, "First")
    again = client.load(folder, worlds.zipped(worlds.project()))

    found = client.call("GET", f"assets/{asset_id}/history")

    assert (asset_id, "recipe", "First", folder) == tuple(
        found[name] for name in ("asset_id", "type", "name", "folder_id")
    )
    assert [(3, again["id"], "import", True), (2, None, None, False), (1, package["id"], "import", False)] == [
        tuple(each[name] for name in ("version_no", "package_id", "operation", "current")) for each in found["items"]
    ]
    assert [True, True, False] == [each["diff"] is not None for each in found["items"]]
    assert [FIRST, None, FIRST] == [each["path"] for each in found["items"]]


def test_an_asset_that_is_gone_has_the_history_that_packages_tell(client: servers.Client) -> None:
    _, package = deployed(client)
    asset_id = client.recipe("Second")["id"]
    client.follow(client.call("POST", f"packages/{package['id']}/rollback"))

    found = client.call("GET", f"assets/{asset_id}/history")

    assert ("Second", None) == (found["name"], found["folder_id"])
    assert [("deleted", "rollback"), ("created", "import")] == [
        (each["action"], each["operation"]) for each in found["items"]
    ]


def test_the_version_that_runs_is_marked(client: servers.Client) -> None:
    folder = client.folder()
    client.load(folder, worlds.zipped({FIRST: worlds.Recipe("First").step("logger", "log_message", {}).bytes}))
    asset_id = client.recipe("First")["id"]
    client.call("PUT", f"recipes/{asset_id}/start")

    found = client.call("GET", f"assets/{asset_id}/history")["items"]

    assert [True] == [each["running"] for each in found]


def test_no_plan_drift_or_history_shows_what_a_connection_document_carries(client: servers.Client) -> None:
    def carrying(secret: str) -> dict[str, bytes]:
        carried: dict[str, Any] = {"name": "C", "provider": "rest", "root_folder": False, "input": {"password": secret}}
        return {"c.connection.json": worlds.document(carried)}

    folder = client.folder()
    first = client.load(folder, worlds.zipped(carrying("s3cret-one")))
    second = client.load(folder, worlds.zipped(carrying("s3cret-two")))
    client.call("PUT", "connections/{}".format(client.call("GET", "connections")[0]["id"]), json={"name": "Renamed"})
    asset_id = client.call("GET", "connections")[0]["id"]

    plan = client.call("GET", f"plans/{second['plan_id']}")
    drift = client.call("GET", f"folders/{folder}/drift")
    history = client.call("GET", f"assets/{asset_id}/history")

    assert "completed" == first["status"]
    hidden = {"path": "input.password", "change": "changed", "before": "(hidden)", "after": "(hidden)"}
    assert [hidden | {"cosmetic": False}] == plan["changes"][0]["diff"]["fields"]
    assert [[hidden | {"cosmetic": False}]] == [
        each["diff"]["fields"] for each in history["items"] if each["version_no"] == 2
    ]
    assert 1 == len(drift["items"])
    assert "s3cret" not in f"{plan}{drift}{history}"


def test_another_workspaces_folders_and_assets_have_no_history(client: servers.Client) -> None:
    folder, _ = deployed(client)
    asset_id = client.recipe("First")["id"]

    with client.server.workspace() as other:
        for path in (f"folders/{folder}/drift", f"folders/{folder}/history", f"assets/{asset_id}/history"):
            assert "not_found" == other.call("GET", path, 404)["error_type"]
