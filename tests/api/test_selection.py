"""Parts of packages, pruning and renames over HTTP."""

import servers
import worlds

LOG = worlds.Recipe("Log").step("logger", "log_message", {}).bytes
MAIN = worlds.Recipe("Main").calls("Functions/helper.recipe.json", "Helper").bytes
HELPER = worlds.Recipe("Helper").step("clock", "wait", {}).bytes
FILES = {"log.recipe.json": LOG, "main.recipe.json": MAIN, "Functions/helper.recipe.json": HELPER}


def test_parts_are_asked_for_by_a_parameter_that_may_be_repeated(client: servers.Client) -> None:
    content = worlds.zipped(FILES | {"crm.connection.json": worlds.connection("CRM")})

    plan = client.plan(client.folder(), content, **{"only[]": ["main.recipe.json", "connection"]})

    paths = {change["path"] for change in plan["changes"]}
    assert {"main.recipe.json", "Functions/helper.recipe.json", "crm.connection.json"} == paths
    pulled = {"code": "pulled_in", "path": "Functions/helper.recipe.json", "message": "pulled in by main.recipe.json"}
    assert pulled in plan["warnings"]


def test_what_is_required_and_not_here_is_a_blocker(client: servers.Client) -> None:
    params = {"only[]": "main.recipe.json", "dependencies": "require"}

    plan = client.plan(client.folder(), worlds.zipped(FILES), **params)

    what = "Functions/helper.recipe.json is neither selected nor here"
    assert [{"code": "unresolved_reference", "path": "main.recipe.json", "message": what}] == plan["blockers"]


def test_pruning_shows_what_goes_and_who_still_uses_it(client: servers.Client) -> None:
    folder = client.folder()
    client.load(folder, worlds.zipped(FILES))

    plan = client.plan(folder, worlds.zipped({"main.recipe.json": MAIN}), prune=True)

    gone = {change["path"]: change["used_by"] for change in plan["changes"] if change["action"] == "delete"}
    assert {"log.recipe.json": [], "Functions/helper.recipe.json": ["recipe 'Main'"]} == gone
    assert (2, 1) == (plan["summary"]["delete"], plan["summary"]["unchanged"])
    assert ["in_use"] == [notice["code"] for notice in plan["blockers"]]


def test_what_is_pruned_is_told_by_the_package_and_the_log(client: servers.Client) -> None:
    folder = client.folder()
    client.load(folder, worlds.zipped(FILES))

    package = client.load(folder, worlds.zipped({"log.recipe.json": LOG}), prune=True)

    told = {each["zip_name"]: (each["action"], each["version_after"]) for each in package["assets"]}
    assert {"log.recipe.json", "main.recipe.json", "Functions/helper.recipe.json"} == told.keys()
    assert ("deleted", None) == told["main.recipe.json"]
    latest = client.call("GET", "activity_logs")["data"][0]
    assert {"deleted": 2, "unchanged": 1}.items() <= latest["details"].items()


def test_a_rename_tells_its_former_name_and_path(client: servers.Client) -> None:
    folder = client.folder()
    client.load(folder, worlds.zipped({"log.recipe.json": LOG}))
    renamed = worlds.Recipe("Logged").step("logger", "log_message", {}).bytes

    plan = client.plan(folder, worlds.zipped({"Sub/logged.recipe.json": renamed}), prune=True)

    (change,) = plan["changes"]
    assert ("rename", "Logged", "Sub/logged.recipe.json") == (change["action"], change["name"], change["path"])
    assert ("Log", "log.recipe.json") == (change["previous_name"], change["previous_path"])


def test_pruning_a_part_is_refused_at_once(client: servers.Client) -> None:
    params = {"folder_id": client.folder(), "only[]": "recipe", "prune": True}

    refused = client.call("POST", "plans", 400, params=params, content=worlds.zipped(FILES))

    assert "prune: can't be set with only[]" in refused["message"]


def test_a_blank_word_is_refused_at_once(client: servers.Client) -> None:
    refused = client.call(
        "POST", f"packages/import/{client.folder()}", 400, params={"only[]": ""}, content=worlds.zipped(FILES)
    )

    assert "only[]: is blank" in refused["message"]
