"""What references mean in a workspace, and how they leave it."""

import json
from typing import Any

import worlds
from recipeyard.model import assets, manifests, packages
from recipeyard.sql import assets as asset_rows

ADAPTER = worlds.document({"title": "My app", "description": ""})


def flow_of(files: dict[str, bytes], path: str) -> Any:
    """The reference of a recipe's first step."""
    return json.loads(files[path])["code"]["block"][0]["input"]["flow_id"]


def account_of(files: dict[str, bytes], path: str) -> Any:
    """The reference of a recipe's last app to its connection."""
    return json.loads(files[path])["config"][-1]["account_id"]


def test_what_stands_in_the_package_comes_before_what_stands_here(place: worlds.Place) -> None:
    place.load({"Sub/b.recipe.json": worlds.Recipe("B").bytes})
    caller = worlds.Recipe("A").calls("b.recipe.json", "B").bytes

    place.load({"a.recipe.json": caller, "b.recipe.json": worlds.Recipe("B").bytes})

    assert worlds.reference("b.recipe.json", "B") == flow_of(place.export(), "a.recipe.json")


def test_another_projects_recipe_is_found_by_its_full_path(world: worlds.World) -> None:
    place = world.workspace()
    root = place.workspace.root_folder_id
    place.load({"Shared/Sub/b.recipe.json": worlds.Recipe("B").bytes}, root)
    far = worlds.reference("Sub/b.recipe.json", "B") | {"folder": "Sub", "folder_full_path": "Home/Shared/Sub"}
    caller = worlds.Recipe("A").step("workato_recipe_function", "call_recipe", {"flow_id": far}).bytes

    package = place.load({"a.recipe.json": caller})

    assert () == package.warnings
    assert {"a.recipe.json": caller} == place.export()
    whole = place.export(root)
    assert worlds.reference("Shared/Sub/b.recipe.json", "B") == flow_of(whole, "Project/a.recipe.json")


def test_what_leaves_the_package_is_named_by_its_full_path(place: worlds.Place) -> None:
    place.load({"Sub/a.recipe.json": worlds.Recipe("A").calls("b.recipe.json", "B").bytes})
    place.load(
        {
            "Sub/a.recipe.json": worlds.Recipe("A").calls("b.recipe.json", "B").bytes,
            "b.recipe.json": worlds.Recipe("B").bytes,
        }
    )

    files = place.export(place.folder("Sub"))

    expected = {
        "zip_name": "Project/b.recipe.json",
        "name": "B",
        "folder": "Project",
        "folder_full_path": "Home/Project",
    }
    assert expected == flow_of(files, "a.recipe.json")


def test_a_subfolder_travels_and_finds_its_way_back(world: worlds.World) -> None:
    source, target = world.workspace(), world.workspace()
    for place in (source, target):
        place.load(worlds.project())
    sub = source.export_archive(source.folder("Sub"))

    package = target.load_archive(sub, target.folder("Sub"))

    assert () == package.warnings
    assert {"chat.connection.json", "prices.lookup_table.json", "second.recipe.json"} == set(target.actions(package))


def test_the_only_connection_of_an_app_stands_in_and_the_words_stay(place: worlds.Place) -> None:
    place.load({"crm.connection.json": worlds.connection("Our CRM")})
    place.authorize("Our CRM")
    recipe = worlds.Recipe("A").uses("rest", worlds.reference("Theirs/crm.connection.json", "Their CRM")).bytes

    package = place.load({"a.recipe.json": recipe})

    assert () == package.warnings
    assert () == place.start("A").all
    assert recipe == place.export()["a.recipe.json"]


def test_two_connections_of_an_app_are_no_answer(place: worlds.Place) -> None:
    place.load({f"{name}.connection.json": worlds.connection(name) for name in ("one", "two")})
    recipe = worlds.Recipe("A").uses("rest", worlds.reference("Theirs/crm.connection.json", "Their CRM")).bytes

    package = place.load({"a.recipe.json": recipe})

    assert 1 == len(package.warnings)
    assert ["connection 'Their CRM' can't be found"] == [each.message for each in place.start("A").config]


def test_a_connection_of_that_name_in_the_root_is_found(place: worlds.Place) -> None:
    root = place.workspace.root_folder_id
    place.load({"crm.connection.json": worlds.connection("CRM"), "x.connection.json": worlds.connection("X")}, root)
    recipe = worlds.Recipe("A").uses("rest", worlds.reference("crm.connection.json", "CRM")).bytes

    assert () == place.load({"a.recipe.json": recipe}).warnings


def test_a_cycle_closes_whichever_recipe_is_listed_first(place: worlds.Place) -> None:
    place.load(worlds.project())
    place.authorize("CRM")
    place.bind_to_stub("Chat")

    assert ((), ()) == (place.start("First").all, place.start("Second").all)


def test_a_reference_to_what_names_no_asset_dangles(place: worlds.Place) -> None:
    recipe = worlds.Recipe("A").step("logger", "log_message", {"x": worlds.reference("readme.md", "R")}).bytes

    package = place.load({"a.recipe.json": recipe})

    assert ("a.recipe.json: readme.md is neither in the package nor here",) == package.warnings


def test_a_table_that_a_formula_names_travels_along(place: worlds.Place) -> None:
    recipe = worlds.Recipe("A").step("logger", "log_message", {"message": '=lookup("Prices", a: 1)["b"]'}).bytes
    place.load({"prices.lookup_table.json": worlds.lookup_table("Prices")}, place.workspace.root_folder_id)

    place.load({"a.recipe.json": recipe})

    assert {"a.recipe.json", "prices.lookup_table.json"} == place.export().keys()


def test_what_dangles_is_told_by_the_export(place: worlds.Place) -> None:
    place.load({"a.recipe.json": worlds.Recipe("A").calls("gone.recipe.json", "Gone").bytes})

    package = place.exported(place.manifest(options=manifests.Options(auto=True)))

    assert packages.Status.COMPLETED is package.status
    assert ("recipe 'A': gone.recipe.json is not in this workspace",) == package.warnings


def connector_files(literal: str) -> dict[str, bytes]:
    """A connector, a connection of it and a recipe that calls it by its internal name."""
    crm = worlds.reference("my.connection.json", "Mine")
    return {
        "my_app.custom_adapter.json": ADAPTER,
        "my_app.custom_adapter.rb": b"{ title: 'My app' }",
        "my.connection.json": worlds.document(
            {"name": "Mine", "provider": worlds.reference("my_app.custom_adapter.json", "My app")}
        ),
        "a.recipe.json": worlds.Recipe("A").uses(literal, crm).bytes,
    }


def provider_of(place: worlds.Place, kind: str, name: str) -> str | None:
    with place.world.db.read() as tx:
        return asset_rows.named(tx, place.workspace.id, kind, [name])[0].provider


def test_a_connector_keeps_the_internal_name_that_recipes_call_it_by(place: worlds.Place) -> None:
    files = connector_files("my_app_connector_1_1625631712")

    place.load(files)

    assert files == place.export()
    names = {provider_of(place, assets.CUSTOM_ADAPTER, "My app"), provider_of(place, assets.CONNECTION, "Mine")}
    assert {"my_app_connector_1_1625631712"} == names


def test_a_connectors_name_here_replaces_its_name_there_in_steps_and_config(place: worlds.Place) -> None:
    place.load(connector_files("my_app_connector_1_1"))

    package = place.load(connector_files("my_app_connector_2_2"))

    text = place.export()["a.recipe.json"].decode()
    assert {"unchanged"} == set(place.actions(package).values())
    assert ("my_app_connector_2_2" in text, "my_app_connector_1_1" in text) == (False, True)


def test_a_changed_sidecar_is_a_new_version(place: worlds.Place) -> None:
    files = connector_files("my_app_connector_1_1")
    place.load(files)

    package = place.load(files | {"my_app.custom_adapter.rb": b"{ title: 'My app', new: true }"})

    assert ["my_app.custom_adapter.json"] == [
        path for path, action in place.actions(package).items() if action == "updated"
    ]
    assert b"{ title: 'My app', new: true }" == place.export()["my_app.custom_adapter.rb"]
