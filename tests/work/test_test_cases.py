"""Stubs and test cases as assets: when they travel, and what becomes of them."""

from typing import Any

import worlds
from recipeyard.model import assets, manifests, packages

SYNC = worlds.reference("sync.recipe.json", "Sync")
STUB = worlds.document({"name": "Sales", "provider": "salesforce", "answers": []})


def case(name: str, recipe: dict[str, str] = SYNC, **more: Any) -> bytes:
    return worlds.document({"name": name, "recipe": recipe, **more})


def project() -> dict[str, bytes]:
    return {
        "sync.recipe.json": worlds.Recipe("Sync").bytes,
        "sales.stub.json": STUB,
        "tests/once.test_case.json": case("Once", answered_by=[worlds.reference("sales.stub.json", "Sales")]),
    }


def test_test_cases_travel_only_where_they_are_asked_for(embedded: worlds.World) -> None:
    place = embedded.workspace()
    place.load(project())

    assert project() == place.export(include_test_cases=True)
    assert {"sync.recipe.json", "sales.stub.json"} == place.export().keys()


def test_test_cases_of_a_selected_recipe_travel_from_wherever_they_lie(place: worlds.Place) -> None:
    place.load({path: each for path, each in project().items() if path == "sync.recipe.json"})
    elsewhere = worlds.document({"name": "Sales", "provider": "salesforce", "answers": []})
    far = {"zip_name": "Project/sync.recipe.json", "name": "Sync", "folder": "Project"}
    full = {**far, "folder_full_path": f"Home/{place.project.name}"}
    place.make(assets.STUB, elsewhere)
    place.make(assets.TEST_CASE, case("Far", full, answered_by=[worlds.reference("sales.stub.json", "Sales")]))

    assert {"sync.recipe.json"} == place.export().keys()
    exported = place.export(include_test_cases=True)
    assert {"sync.recipe.json", "far.test_case.json", "sales.stub.json"} == exported.keys()
    assert b"folder_full_path" not in exported["far.test_case.json"]


def test_a_manifest_that_names_a_test_case_holds_it(embedded: worlds.World) -> None:
    place = embedded.workspace()
    place.load(project())
    lines = tuple(
        manifests.Selected(place.asset(kind, name).id, kind)
        for kind, name in [(assets.RECIPE, "Sync"), (assets.TEST_CASE, "Once"), (assets.STUB, "Sales")]
    )

    package = place.exported(place.manifest(selected=lines))

    assert {assets.RECIPE, assets.TEST_CASE, assets.STUB} == {each.kind for each in place.results(package).values()}


def test_pruning_spares_test_cases_where_the_package_has_none(embedded: worlds.World) -> None:
    place = embedded.workspace()
    place.load(project())

    package = place.load({"rates.lookup_table.json": worlds.lookup_table("Rates")}, prune=True)

    assert packages.Status.COMPLETED is package.status
    gone = {"sync.recipe.json": "deleted", "sales.stub.json": "deleted", "rates.lookup_table.json": "created"}
    assert gone == place.actions(package)
    assert any("test case 'Once' stays" in each for each in package.warnings)


def test_pruning_removes_test_cases_that_a_package_with_test_cases_lacks(embedded: worlds.World) -> None:
    place = embedded.workspace()
    place.load(project() | {"tests/twice.test_case.json": case("Twice")})

    package = place.load(project(), prune=True)

    assert "deleted" == place.actions(package)["tests/twice.test_case.json"]
