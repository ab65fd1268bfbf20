"""Plans over HTTP: asked for, read, applied, refused."""

import servers
import worlds


def test_a_plan_is_made_read_and_applied(client: servers.Client) -> None:
    folder = client.folder()

    plan = client.plan(folder, worlds.zipped(worlds.project()))
    package = client.follow(client.call("POST", f"plans/{plan['id']}/apply"))

    assert ("ready", "import", folder) == (plan["status"], plan["operation"], plan["folder_id"])
    assert {"create"} == {change["action"] for change in plan["changes"]}
    assert len(worlds.project()) == plan["summary"]["create"] == len(package["assets"])
    assert "completed" == package["status"]
    assert plan["id"] == package["plan_id"]
    assert package["id"] == client.call("GET", f"plans/{plan['id']}")["applied_package_id"]


def test_every_import_leaves_a_plan(client: servers.Client) -> None:
    package = client.load(client.folder(), worlds.zipped(worlds.project()))

    plan = client.call("GET", f"plans/{package['plan_id']}")

    assert ("ready", package["id"], package["id"]) == (plan["status"], plan["package_id"], plan["applied_package_id"])
    assert len(worlds.project()) == plan["summary"]["create"]


def test_a_package_that_is_here_is_planned_without_a_body(client: servers.Client) -> None:
    folder = client.folder()
    package = client.load(folder, worlds.zipped(worlds.project()))
    params = {"folder_id": client.folder(), "package_id": package["id"]}

    plan = client.follow(client.call("POST", "plans", params=params), "plans")
    applied = client.follow(client.call("POST", f"plans/{plan['id']}/apply"))

    assert package["id"] == plan["package_id"]
    assert "completed" == applied["status"]
    assert "completed" == client.call("GET", f"packages/{package['id']}")["status"]


def test_a_plan_that_does_not_hold_any_more_answers_409_naming_what_moved(client: servers.Client) -> None:
    folder = client.folder()
    plan = client.plan(folder, worlds.zipped(worlds.project()))
    client.load(folder, worlds.zipped(worlds.project()))

    refused = client.call("POST", f"plans/{plan['id']}/apply", 409)

    assert "first.recipe.json: there is a recipe 'First' by now" in refused["message"]


def test_a_plan_with_blockers_names_them_all_and_can_not_be_applied(client: servers.Client) -> None:
    folder = client.folder()
    client.load(folder, worlds.zipped({"first.recipe.json": worlds.Recipe("First").bytes}))
    client.call("PUT", f"recipes/{client.recipe('First')['id']}/start")
    changed = worlds.zipped({"first.recipe.json": worlds.Recipe("First").step("logger", "log_message", {}).bytes})

    plan = client.plan(folder, changed)
    refused = client.call("POST", f"plans/{plan['id']}/apply", 422)

    assert "running_recipe" in [blocker["code"] for blocker in plan["blockers"]]
    assert "set restart_recipes=true" in refused["message"]


def test_a_zip_that_can_not_be_read_makes_a_failed_plan(client: servers.Client) -> None:
    plan = client.plan(client.folder(), worlds.zipped({"a.recipe.json": b"{"}))

    assert "failed" == plan["status"]
    assert plan["error"].startswith("a.recipe.json: ")


def test_a_plan_that_was_not_applied_can_be_deleted(client: servers.Client) -> None:
    plan = client.plan(client.folder(), worlds.zipped(worlds.project()))

    client.call("DELETE", f"plans/{plan['id']}")

    assert client.call("GET", f"plans/{plan['id']}", 404)["error_type"] == "not_found"
    assert [] == client.call("GET", "plans")["items"]


def test_policies_that_are_none_are_refused_by_name(client: servers.Client) -> None:
    params = {"folder_id": client.folder(), "on_conflict": "fail,recipe:overwrite"}

    refused = client.call("POST", "plans", 400, params=params, content=worlds.zipped(worlds.project()))

    assert ["'overwrite' is none of incoming, fail, target, merge"] == refused["errors"]["on_conflict"]


def test_a_package_is_rolled_back_planned_first(client: servers.Client) -> None:
    package = client.load(client.folder(), worlds.zipped(worlds.project()))

    plan = client.call("POST", f"packages/{package['id']}/rollback", params={"plan_only": True})
    back = client.follow(client.call("POST", f"plans/{plan['id']}/apply"))

    assert ("rollback", "ready", package["id"]) == (plan["operation"], plan["status"], plan["package_id"])
    assert {"delete"} == {change["action"] for change in plan["changes"] if change["type"] != "connection"}
    assert ("rollback", "completed", package["id"]) == (back["operation_type"], back["status"], back["rolls_back_id"])
    assert [] == client.call("GET", "recipes")["items"]


def test_bindings_are_nothing_that_the_plan_of_a_rollback_rests_on(client: servers.Client) -> None:
    package = client.load(client.folder(), worlds.zipped({"a.recipe.json": worlds.Recipe("A").bytes}))
    client.call("PUT", "bindings", json={"properties": [{"values": {"company": "Oak"}}]})
    plan = client.call("POST", f"packages/{package['id']}/rollback", params={"plan_only": True})

    undone = client.follow(client.call("POST", f"plans/{plan['id']}/apply"))

    assert "completed" == undone["status"]
    assert [] == client.call("GET", "recipes")["items"]


def test_a_rollback_is_a_package_that_can_be_rolled_back(client: servers.Client) -> None:
    package = client.load(client.folder(), worlds.zipped(worlds.project()))
    ids = sorted(recipe["id"] for recipe in client.call("GET", "recipes")["items"])
    back = client.follow(client.call("POST", f"packages/{package['id']}/rollback"))

    again = client.follow(client.call("POST", f"packages/{back['id']}/rollback"))

    assert "completed" == again["status"]
    assert ids == sorted(recipe["id"] for recipe in client.call("GET", "recipes")["items"])


def test_what_changed_nothing_can_not_be_rolled_back(client: servers.Client) -> None:
    failed = client.load(client.folder(), worlds.zipped({"a.recipe.json": b"{"}))

    refused = client.call("POST", f"packages/{failed['id']}/rollback", 422)

    assert "has changed nothing that could be taken back" in refused["message"]


def test_no_part_of_a_package_can_be_asked_to_be_taken_back(client: servers.Client) -> None:
    operation = client.call("GET", "openapi.json")["paths"]["/api/packages/{package_id}/rollback"]["post"]

    assert {"package_id", "on_conflict", "on_restart_failure", "plan_only"} == {
        each["name"] for each in operation["parameters"] if each["in"] != "header"
    }


def test_a_package_can_not_be_planned_together_with_a_body(client: servers.Client) -> None:
    folder = client.folder()
    package = client.load(folder, worlds.zipped(worlds.project()))
    params = {"folder_id": folder, "package_id": package["id"]}

    refused = client.call("POST", "plans", 400, params=params, content=worlds.zipped(worlds.project()))

    assert "package_id: can't be given together with a body" in refused["message"]
    assert 1 == len(client.call("GET", "plans")["items"])


def test_a_folder_that_is_gone_keeps_a_plan_from_being_applied(client: servers.Client) -> None:
    folder = client.folder()
    home = client.folder("Home", folder)
    plan = client.plan(folder, worlds.zipped(worlds.project()), folder_id_for_home_assets=home)
    client.call("DELETE", f"folders/{home}")

    refused = client.call("POST", f"plans/{plan['id']}/apply", 409)

    assert f"folder_id_for_home_assets: the folder {home} is gone" in refused["message"]


def test_an_applied_plan_can_not_be_deleted(client: servers.Client) -> None:
    package = client.load(client.folder(), worlds.zipped(worlds.project()))

    refused = client.call("DELETE", f"plans/{package['plan_id']}", 400)

    assert f"applied by package {package['id']}" in refused["message"]
