"""Export manifests and folder inventories over HTTP."""

from typing import Any

import pytest

import servers
import worlds


@pytest.fixture
def loaded(client: servers.Client) -> int:
    """A project with the small sample in it; its folder's id."""
    folder = client.folder("Orders")
    assert "completed" == client.load(folder, worlds.zipped(worlds.project()))["status"]
    return folder


def inventory(client: servers.Client, folder: int, **params: Any) -> dict[str, Any]:
    """The assets of a folder by path."""
    params = {"folder_id": folder} | params
    listed = client.call("GET", "export_manifests/folder_assets", params=params)["result"]["assets"]
    return {asset["zip_name"]: asset for asset in listed}


def test_the_inventory_holds_subfolders_and_dependencies(client: servers.Client, loaded: int) -> None:
    found = inventory(client, loaded)

    assert worlds.project().keys() == found.keys()
    second, chat = found["Sub/second.recipe.json"], found["chat.connection.json"]
    assert ("recipe", "Sub", "All projects/Orders/Sub", False) == (
        second["type"],
        second["folder"],
        second["absolute_path"],
        second["root_folder"],
    )
    assert (True, "Home") == (chat["root_folder"], chat["absolute_path"])
    assert {"account_property", "project_property"} <= {asset["type"] for asset in found.values()}


def test_the_inventory_holds_types_of_our_own_only_where_test_cases_are_asked_for(
    client: servers.Client, loaded: int
) -> None:
    case: dict[str, Any] = {"name": "Once", "recipe": worlds.reference("first.recipe.json", "First")}
    files = {
        "once.test_case.json": worlds.document(case),
        "sales.stub.json": worlds.document({"name": "Sales", "provider": "sales", "answers": []}),
    }
    client.load(loaded, worlds.zipped(files))

    assert worlds.project().keys() == inventory(client, loaded).keys()
    assert worlds.project().keys() | files.keys() == inventory(client, loaded, include_test_cases=True).keys()


def test_the_inventory_tells_what_is_new_changed_and_the_same(client: servers.Client, loaded: int) -> None:
    before = {asset["status"] for asset in inventory(client, loaded).values()}
    client.export(loaded)
    exported = {asset["status"] for asset in inventory(client, loaded).values()}
    changed = {"first.recipe.json": worlds.Recipe("First").bytes, "new.recipe.json": worlds.Recipe("New").bytes}
    client.load(loaded, worlds.zipped(changed))
    after = {path: asset["status"] for path, asset in inventory(client, loaded).items()}

    assert ({"added"}, {"no change"}) == (before, exported)
    assert ("updated", "added") == (after.pop("first.recipe.json"), after.pop("new.recipe.json"))
    assert {"no change"} == set(after.values())


def test_what_moved_has_changed_and_what_another_export_left_out_has_not(client: servers.Client, loaded: int) -> None:
    client.export(loaded)
    first = inventory(client, loaded)["first.recipe.json"]
    lines = [{"id": first["id"], "type": "recipe", "zip_name": "first.recipe.json"}]
    part = client.manifest(loaded, auto_generate_assets=False, assets=lines)
    client.follow(client.call("POST", f"packages/export/{part}"))
    client.call("PUT", f"recipes/{first['id']}", json={"folder_id": client.folder(parent_id=loaded)})

    after = inventory(client, loaded).values()

    assert {"First": "updated"} == {each["name"]: each["status"] for each in after if each["status"] != "no change"}


def test_an_empty_folder_has_an_empty_inventory(client: servers.Client) -> None:
    assert {} == inventory(client, client.folder())
    client.call("GET", "export_manifests/folder_assets", 404, params={"folder_id": 99999})
    assert {"result": {"assets": []}} == client.call("GET", "export_manifests/folder_assets")


@pytest.mark.parametrize("wrap", [lambda fields: {"export_manifest": fields}, lambda fields: fields])
def test_a_manifest_is_created_shown_and_listed(client: servers.Client, loaded: int, wrap: Any) -> None:
    fields = {"name": "Everything", "folder_id": str(loaded), "auto_generate_assets": "true"}

    made = client.call("POST", "export_manifests", 201, json=wrap(fields))

    result = made["result"]
    assert ("Everything", "Orders", "working", None) == (
        result["name"],
        result["project_path"],
        result["status"],
        result["last_exported_at"],
    )
    assert made == client.call("GET", f"export_manifests/{result['id']}")
    assert [result] == client.call("GET", "export_manifests")["result"]["items"]


def test_an_explicit_manifest_exports_its_assets_at_its_paths(client: servers.Client, loaded: int) -> None:
    found = inventory(client, loaded)
    table, crm = found["prices.lookup_table.json"], found["Connections/crm.connection.json"]
    assets = [
        {"id": table["id"], "type": "lookup_table"},
        {"id": str(crm["id"]), "type": "connection", "zip_name": "a.connection.json", "folder": "Shared"},
    ]

    content = client.export(loaded, auto_generate_assets=False, assets=assets, include_data=True)

    assert {
        "asset_0.lookup_table.json": worlds.project()["prices.lookup_table.json"],
        "Shared/a.connection.json": worlds.project()["Connections/crm.connection.json"],
    } == worlds.unzipped(content)


def test_an_explicit_manifest_pulls_in_what_it_depends_on(client: servers.Client, loaded: int) -> None:
    first = inventory(client, loaded)["first.recipe.json"]
    line = {"id": first["id"], "type": "recipe", "zip_name": "first.recipe.json"}

    content = client.export(loaded, auto_generate_assets=False, assets=[line])

    assert {
        "first.recipe.json",
        "Sub/second.recipe.json",
        "Connections/crm.connection.json",
        "chat.connection.json",
        "prices.lookup_table.json",
    } == worlds.unzipped(content).keys()


def test_what_is_unchecked_stays_out_and_the_reference_says_where_it_is(client: servers.Client, loaded: int) -> None:
    found = inventory(client, loaded)
    assets = [
        {"id": found[path]["id"], "type": found[path]["type"], "zip_name": path, "checked": path != "first.recipe.json"}
        for path in ("first.recipe.json", "Sub/second.recipe.json")
    ]

    files = worlds.unzipped(client.export(loaded, auto_generate_assets=False, assets=assets))

    assert "first.recipe.json" not in files
    assert b'"folder_full_path": "Home/Orders"' in files["Sub/second.recipe.json"]


def test_an_older_version_can_be_exported(client: servers.Client, loaded: int) -> None:
    original = worlds.project()["first.recipe.json"]
    client.load(loaded, worlds.zipped({"first.recipe.json": worlds.Recipe("First").bytes}))
    first = inventory(client, loaded)["first.recipe.json"]
    line = {"id": first["id"], "type": "recipe", "zip_name": "first.recipe.json", "version": 1}

    files = worlds.unzipped(client.export(loaded, auto_generate_assets=False, assets=[line]))

    assert 2 == first["version"]
    assert original == files["first.recipe.json"]


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"name": " ", "auto_generate_assets": True}, "name: can't be blank"),
    "nothing selected": ({"name": "A"}, "assets: can't be blank"),
    "both": (
        {"name": "A", "auto_generate_assets": True, "assets": [{"id": 1, "type": "recipe"}]},
        "assets: can't go with auto_generate_assets",
    ),
    "unknown type": ({"name": "A", "assets": [{"id": 1, "type": "thing"}]}, "'thing' is not a type of asset"),
    "unknown asset": ({"name": "A", "assets": [{"id": 9999, "type": "recipe"}]}, "there is no recipe 9999"),
    "no id": ({"name": "A", "assets": [{"type": "recipe"}]}, "id"),
}


@pytest.mark.parametrize(("fields", "message"), WRONG.values(), ids=WRONG)
def test_a_manifest_that_selects_nothing_sensible_is_refused(
    client: servers.Client, fields: dict[str, Any], message: str
) -> None:
    answer = client.call("POST", "export_manifests", 400, json={"export_manifest": fields})

    assert message in answer["message"]
    assert [] == client.call("GET", "export_manifests")["result"]["items"]


@pytest.mark.parametrize("path", ["../a.recipe.json", "/a.recipe.json", "a//b.recipe.json", "a\\b.recipe.json"])
def test_a_path_that_leads_out_of_the_archive_is_refused(client: servers.Client, loaded: int, path: str) -> None:
    first = inventory(client, loaded)["first.recipe.json"]["id"]
    fields = {"name": "A", "folder_id": loaded, "assets": [{"id": first, "type": "recipe", "zip_name": path}]}

    assert "zip_name" in client.call("POST", "export_manifests", 400, json=fields)["message"]


def test_two_lines_cant_share_a_path(client: servers.Client, loaded: int) -> None:
    found = inventory(client, loaded)
    ids = [found[path]["id"] for path in ("first.recipe.json", "Sub/second.recipe.json")]
    lines = [
        {"id": ids[0], "type": "recipe", "zip_name": "a.recipe.json"},
        {"id": ids[1], "type": "recipe", "zip_name": "A.recipe.json"},
    ]

    answer = client.call("POST", "export_manifests", 400, json={"name": "A", "assets": lines})

    assert "is taken by assets[0]" in answer["message"]


def test_a_manifest_is_updated_in_part(client: servers.Client, loaded: int) -> None:
    manifest = client.manifest(loaded)
    table = inventory(client, loaded)["prices.lookup_table.json"]["id"]

    renamed = client.call("PUT", f"export_manifests/{manifest}", json={"export_manifest": {"name": "New"}})["result"]
    line = {"id": table, "type": "lookup_table"}
    explicit = client.call("PUT", f"export_manifests/{manifest}", json={"assets": [line]})["result"]
    back = client.call("PUT", f"export_manifests/{manifest}", json={"auto_generate_assets": True})["result"]

    assert ("New", True) == (renamed["name"], renamed["auto_generate_assets"])
    assert (False, True) == (explicit["auto_generate_assets"], back["auto_generate_assets"])
    client.call("PUT", f"export_manifests/{manifest}", 400, json={"name": " "})
    client.call("PUT", f"export_manifests/{manifest}", 400, json={"folder_id": client.folder()})
    client.call("PUT", f"export_manifests/{manifest}", 400, json={"auto_generate_assets": False})
    both = {"auto_generate_assets": True, "assets": [line]}
    client.call("PUT", f"export_manifests/{manifest}", 400, json=both)


def test_a_deleted_manifest_is_gone_and_its_packages_stay(client: servers.Client, loaded: int) -> None:
    manifest = client.manifest(loaded)
    package = client.follow(client.call("POST", f"packages/export/{manifest}"))

    answer = client.call("DELETE", f"export_manifests/{manifest}")

    assert {"success": True, "result": {"success": True}} == answer
    client.call("GET", f"export_manifests/{manifest}", 404)
    client.call("POST", f"packages/export/{manifest}", 404)
    assert manifest == client.call("GET", f"packages/{package['id']}")["export_manifest_id"]


def test_auto_run_exports_at_once(client: servers.Client, loaded: int) -> None:
    client.manifest(loaded, auto_run=True)

    assert "export" == client.call("GET", "packages")["items"][0]["operation_type"]


def test_an_export_marks_its_manifest(client: servers.Client, loaded: int) -> None:
    manifest = client.manifest(loaded)
    client.follow(client.call("POST", f"packages/export/{manifest}"))

    assert client.call("GET", f"export_manifests/{manifest}")["result"]["last_exported_at"]
