"""Who calls whom after an import: whatever was renamed, whatever came first, whatever stood here before."""

from typing import Any

import pytest

import worlds
from recipeyard.model import assets, manifests, packages
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import folders
from recipeyard.work import connections, import_package, properties, recipes, starting, writing

CALLER = worlds.Recipe("Caller").calls("callee.recipe.json", "Callee").bytes
CRM = worlds.reference("Connections/crm.connection.json", "CRM")


def callee_of(place: worlds.Place, name: str) -> str | None:
    """The name of the recipe that a recipe's first reference means."""
    with place.world.db.read() as tx:
        caller = asset_rows.named(tx, place.workspace.id, assets.RECIPE, [name])[0]
        desk = writing.Desk(tx, place.workspace)
        targets = list(starting.targets_of(tx, caller, writing.facts_of(desk, caller)).values())
        found = asset_rows.by_ids(tx, place.workspace.id, targets)
        return found[targets[0]].name if targets else None


def test_a_callee_renamed_between_two_promotions_is_called_by_those_that_stayed(place: worlds.Place) -> None:
    place.load({"caller.recipe.json": CALLER, "callee.recipe.json": worlds.Recipe("Callee").bytes})

    renamed = place.load({"caller.recipe.json": CALLER, "callee.recipe.json": worlds.Recipe("Renamed").bytes})

    assert "unchanged" == place.actions(renamed)["caller.recipe.json"]
    assert "Renamed" == callee_of(place, "Caller")


def test_a_running_recipe_that_would_call_another_passes_the_gate_first(place: worlds.Place) -> None:
    place.load({"caller.recipe.json": CALLER, "callee.recipe.json": worlds.Recipe("Callee").bytes})
    place.start("Caller")
    files = {"caller.recipe.json": CALLER, "callee.recipe.json": worlds.Recipe("Renamed").bytes}

    refused = place.load(files)
    after_refusal = callee_of(place, "Caller")
    passed = place.load(files, restart_recipes=True)

    assert packages.Status.FAILED is refused.status
    assert "recipe 'Caller' is running" in refused.error_parts[0]
    assert ("Callee", "Renamed") == (after_refusal, callee_of(place, "Caller"))
    assert packages.ImportResult.RESTARTED == place.results(passed)["caller.recipe.json"].import_result


def test_a_caller_that_came_first_means_its_callee_once_that_arrives(place: worlds.Place) -> None:
    alone = place.load({"caller.recipe.json": CALLER})

    place.load({"callee.recipe.json": worlds.Recipe("Callee").bytes})

    assert ("caller.recipe.json: callee.recipe.json is neither in the package nor here",) == alone.warnings
    assert () == place.start("Caller").all


def test_a_callee_that_was_deleted_and_comes_back_is_called_again(place: worlds.Place) -> None:
    place.load({"caller.recipe.json": CALLER, "callee.recipe.json": worlds.Recipe("Callee").bytes})
    with place.world.db.write() as tx:
        recipes.delete(tx, place.workspace.id, place.asset(assets.RECIPE, "Callee").id)
    gone = callee_of(place, "Caller")

    place.load({"callee.recipe.json": worlds.Recipe("Callee").bytes})

    assert (None, "Callee") == (gone, callee_of(place, "Caller"))


def test_a_connection_made_by_hand_is_what_a_waiting_recipe_means(place: worlds.Place) -> None:
    place.load({"a.recipe.json": worlds.Recipe("A").uses("rest", CRM).bytes})

    with place.world.db.write() as tx:
        connections.create(tx, place.workspace.id, "rest", connections.Edit("CRM", sealed_input=b"sealed"))

    assert () == place.start("A").all


def test_a_hand_edit_in_a_nested_import_keeps_counting_paths_from_there(place: worlds.Place) -> None:
    place.load({"Sub/x.recipe.json": worlds.Recipe("X").bytes})
    sub = place.folder("Sub")
    place.load({"caller.recipe.json": CALLER}, sub)
    caller = place.asset(assets.RECIPE, "Caller")
    with place.world.db.write() as tx:
        recipes.change(tx, place.workspace.id, caller.id, recipes.Edit({"description": "by hand"}))

    place.load({"callee.recipe.json": worlds.Recipe("Callee").bytes}, sub)

    assert "Callee" == callee_of(place, "Caller")


@pytest.mark.parametrize("at_root", [True, False])
def test_a_connection_of_that_name_and_app_is_met_wherever_it_stands(place: worlds.Place, at_root: bool) -> None:
    workspace = place.workspace
    folder_id = workspace.root_folder_id if at_root else place.project.id
    with place.world.db.write() as tx:
        connections.create(tx, workspace.id, "rest", connections.Edit("CRM", folder_id, sealed_input=b"sealed"))
    path = "Connections/crm.connection.json" if at_root else "crm.connection.json"
    arriving = {
        "a.recipe.json": worlds.Recipe("A").uses("rest", worlds.reference(path, "CRM")).bytes,
        path: worlds.connection("CRM", root_folder=not at_root),
    }

    package = place.load(arriving)

    assert "unchanged" == place.actions(package)[path]
    assert () == place.start("A").all
    with place.world.db.read() as tx:
        assert 1 == len(asset_rows.named(tx, workspace.id, assets.CONNECTION, ["CRM"]))


def test_a_connection_of_another_app_is_another_connection(place: worlds.Place) -> None:
    with place.world.db.write() as tx:
        connections.create(tx, place.workspace.id, "slack", connections.Edit("CRM", sealed_input=b"sealed"))

    package = place.load({"Connections/crm.connection.json": worlds.connection("CRM", "rest")})

    assert {"Connections/crm.connection.json": "created"} == place.actions(package)


def test_credentials_are_never_turned_over_to_another_app(place: worlds.Place) -> None:
    place.load({"crm.connection.json": worlds.connection("CRM", "slack")})
    place.authorize("CRM")

    package = place.load({"crm.connection.json": worlds.connection("CRM", "rest")})

    assert packages.Status.FAILED is package.status
    expected = "crm.connection.json: connection 'CRM' is authorized for 'slack' here, not for 'rest'"
    assert (expected,) == package.error_parts
    assert "slack" == place.asset(assets.CONNECTION, "CRM").provider


def test_a_folder_deleted_while_its_import_waits_is_named(place: worlds.Place) -> None:
    deed = place.world.deed
    deed.blobs.put("uploads/waits/data.zip", [worlds.zipped({"a.recipe.json": CALLER})])
    here = (place.workspace.id, place.project.id)
    package = import_package.request(deed, here, packages.Options(), "uploads/waits/data.zip", "data.zip")
    with place.world.db.write() as tx:
        folders.delete(tx, place.project)

    import_package.run(deed, package.id)

    expected = f"the folder {place.project.id} that the package was imported into is gone"
    assert (expected,) == place.package(package.id).error_parts


PILL = """=_dp('{"pill_type":"account_property","property_name":"company"}')"""


def test_a_property_that_a_pill_shows_travels_with_its_recipe(place: worlds.Place) -> None:
    with place.world.db.write() as tx:
        properties.upsert(tx, place.workspace.id, None, {"company": "Oak"})
    place.load({"a.recipe.json": worlds.Recipe("A").step("logger", "log_message", {"message": PILL}).bytes})

    assert {"account_properties.properties.json", "a.recipe.json"} == place.export().keys()


def test_tables_and_properties_that_are_not_here_are_named(place: worlds.Place) -> None:
    recipe = worlds.Recipe("A").step(
        "logger", "log_message", {"message": PILL, "price": '=lookup("Prices", a: 1)["b"]'}
    )

    package = place.load({"a.recipe.json": recipe.bytes})
    exported = place.exported(place.manifest(options=manifests.Options(auto=True)))

    names = ['lookup table "Prices"', 'account property "company"']
    assert tuple(f"a.recipe.json: {name} is neither in the package nor here" for name in names) == package.warnings
    assert tuple(f"recipe 'A': {name} is not in this workspace" for name in names) == exported.warnings


def test_equal_documents_of_an_unknown_kind_keep_the_names_of_their_paths(world: worlds.World) -> None:
    first, second = world.workspace(), world.workspace()
    first.load({"a.widget.json": b'{"size": 1}'})

    second.load({"b.widget.json": b'{"size": 1}'})
    package = second.load({"c.widget.json": b'{"size": 1}'})

    assert {"c.widget.json": "created"} == second.actions(package)
    assert {"b.widget.json", "c.widget.json"} == second.export().keys()


def test_values_in_a_property_file_are_left_out_and_said(place: worlds.Place) -> None:
    told = worlds.document({"data": {"password": "hunter2", "rate": None}})

    package = place.load({"properties.project_properties.json": told})

    what = "properties.project_properties.json: values never travel; those of password were left out"
    assert (what,) == package.warnings
    bare = worlds.document({"data": {"password": None, "rate": None}})
    assert {"properties.project_properties.json": bare} == place.export()
    assert {"properties.project_properties.json": "unchanged"} == place.actions(
        place.load({"properties.project_properties.json": told})
    )


def endpoint(collection: str, path: str) -> dict[str, bytes]:
    """A collection with one endpoint."""
    stem = collection.lower()
    value: dict[str, Any] = {
        "name": "Get order",
        "method": "GET",
        "path": path,
        "api_group_id": worlds.reference(f"{stem}.api_group.json", collection),
    }
    group = worlds.document({"name": collection, "version": "1"})
    return {f"{stem}.api_group.json": group, "get_order.api_endpoint.json": worlds.document(value)}


def test_endpoints_of_one_name_in_two_collections_are_two(world: worlds.World) -> None:
    place = world.workspace()
    place.load(endpoint("Sales", "orders"))

    package = place.load(endpoint("Stock", "items"))

    assert "created" == place.actions(package)["get_order.api_endpoint.json"]
    assert {"get_order.api_endpoint.json", "get_order.1.api_endpoint.json"} < place.export().keys()


def test_a_project_that_nobody_described_takes_its_packages_description(place: worlds.Place) -> None:
    def described() -> str:
        with place.world.db.read() as tx:
            return folders.find_project(tx, place.workspace.id, place.project.project_id or 0).description

    place.load({"project.json": worlds.document({"name": "P", "description": "Orders, from desk to door"})})
    first = described()
    place.load({"project.json": worlds.document({"name": "P", "description": "Another"})})

    assert ("Orders, from desk to door",) * 2 == (first, described())


def test_what_stands_in_the_root_is_named_without_a_folder(place: worlds.Place) -> None:
    root = place.workspace.root_folder_id
    place.load({"callee.recipe.json": worlds.Recipe("Callee").bytes}, root)
    far = worlds.reference("callee.recipe.json", "Callee") | {"folder_full_path": "Home"}
    caller = worlds.Recipe("A").step("workato_recipe_function", "call_recipe", {"flow_id": far}).bytes

    package = place.load({"a.recipe.json": caller})

    assert () == package.warnings
    assert {"a.recipe.json": caller} == place.export()
