"""Bindings of what documents know by name alone: tables in formulas, properties in pills, custom connectors."""

import json
from typing import Any

import pytest

import worlds
from recipeyard.model import assets, bindings, packages, proposals
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import custom_connectors, properties

LOOKUP = "=lookup(\"Codes\", 'A': 1)['B'] + lookup('Codes', x)"
OTHER = '=lookup("Other", 1) + "Codes"'
PILL = '#{_dp(\'{"pill_type":"account_property","property_name":"rate"}\')}'
OLD_PILL = "#{_('data.workato.job_context.project_properties.rate')}"


def recipe(**given: Any) -> bytes:
    """A recipe with a step of these inputs."""
    return worlds.Recipe("A").step("logger", "log_message", given).bytes


def bound_codes(place: worlds.Place, name: str = "Codes Live") -> int:
    """A table of another name, bound to what packages call Codes."""
    made = place.make(assets.LOOKUP_TABLE, worlds.lookup_table(name))
    place.bind(bindings.Reference(assets.LOOKUP_TABLE, "Codes", made))
    return made


def inputs(place: worlds.Place) -> Any:
    """The inputs of the recipe's step here."""
    return json.loads(place.text(assets.RECIPE, "A"))["code"]["block"][0]["input"]


def test_a_bound_table_is_looked_up_by_its_name_here_and_nothing_else_changes(place: worlds.Place) -> None:
    made = bound_codes(place)
    sent = recipe(a=LOOKUP, b=OTHER, c="Codes")

    package = place.load({"a.recipe.json": sent})

    assert {"a": LOOKUP.replace("Codes", "Codes Live"), "b": OTHER, "c": "Codes"} == inputs(place)
    spelled = json.dumps(LOOKUP)[1:-1]
    assert sent.decode().replace(spelled, spelled.replace("Codes", "Codes Live")) == place.text(assets.RECIPE, "A")
    bound = proposals.Bound("a.recipe.json", assets.LOOKUP_TABLE, "Codes", made, "Codes Live")
    assert (bound,) == place.plan_of(package).bindings
    assert ('a.recipe.json: lookup table "Other" is neither in the package nor here',) == package.warnings


def test_what_is_bound_already_is_imported_again_without_a_change(place: worlds.Place) -> None:
    bound_codes(place)
    place.load({"a.recipe.json": recipe(a=LOOKUP)})

    assert {"a.recipe.json": "unchanged"} == place.actions(place.load({"a.recipe.json": recipe(a=LOOKUP)}))


def test_another_binding_spells_what_arrived_before_anew(place: worlds.Place) -> None:
    place.load({"a.recipe.json": recipe(a=LOOKUP)})
    bound_codes(place)

    there = place.actions(place.load({"a.recipe.json": recipe(a=LOOKUP)}))
    bound = inputs(place)
    place.bind()
    back = place.actions(place.load({"a.recipe.json": recipe(a=LOOKUP)}))

    assert {"a.recipe.json": "updated"} == there == back
    assert ({"a": LOOKUP.replace("Codes", "Codes Live")}, {"a": LOOKUP}) == (bound, inputs(place))


def test_a_table_whose_name_no_formula_can_hold_keeps_a_package_from_being_applied(place: worlds.Place) -> None:
    made = bound_codes(place)
    with place.world.db.write() as tx:
        table = asset_rows.find(tx, place.workspace.id, made)
        draft = assets.Draft(**{name: getattr(table, name) for name in assets.Draft.__slots__} | {"name": 'The "C"'})
        asset_rows.place(tx, [(table, draft)])

    package = place.load({"a.recipe.json": recipe(a=LOOKUP)})

    assert packages.Status.FAILED is package.status
    assert "can't be written in a formula" in package.error_parts[0]


def test_properties_go_by_their_names_here_in_pills_and_files(place: worlds.Place) -> None:
    place.bind(bindings.Scope(None, {}, {"rate": "live rate"}), bindings.Scope("Project", {}, {"rate": "own rate"}))
    files = {
        "a.recipe.json": recipe(a=PILL, b=OLD_PILL, c="rate"),
        "account_properties.properties.json": worlds.document({"rate": None}),
        "properties.project_properties.json": worlds.document({"data": {"rate": None, "company": None}}),
    }

    package = place.load(files)

    pills = {"a": PILL.replace("rate", "live rate"), "b": OLD_PILL.replace("rate", "own rate")}
    assert pills | {"c": "rate"} == inputs(place)
    with place.world.db.read() as tx:
        assert ["live rate"] == list(properties.of_folder(tx, place.workspace.root_folder_id))
        assert ["company", "own rate"] == list(properties.of_folder(tx, place.project.id))
    assert {"live rate": None} == json.loads(place.text(assets.ACCOUNT_PROPERTIES, assets.ACCOUNT_PROPERTIES))
    shown = {(each.path, each.kind, each.name, each.target) for each in place.plan_of(package).bindings}
    assert ("a.recipe.json", assets.ACCOUNT_PROPERTIES, "rate", "live rate") in shown
    assert set(place.actions(place.load(files)).values()) == {"unchanged"}


def test_a_project_that_arrives_in_the_workspace_itself_has_its_own_properties(place: worlds.Place) -> None:
    place.bind(bindings.Scope("Project", {}, {"rate": "own rate"}))
    other = worlds.Recipe("B").step("logger", "log_message", {"b": OLD_PILL}).bytes
    files = {"Project/a.recipe.json": recipe(b=OLD_PILL), "Other/b.recipe.json": other}

    place.load(files, place.workspace.root_folder_id)

    assert {"b": OLD_PILL.replace("rate", "own rate")} == inputs(place)
    assert other.decode() == place.text(assets.RECIPE, "B")


def adapter(title: str) -> dict[str, bytes]:
    """A custom connector's files, and a recipe and connection that use it by an internal name."""
    at = "foo.custom_adapter.json"
    crm = worlds.document({"name": "CRM", "provider": worlds.reference(at, title), "root_folder": False})
    used = worlds.Recipe("A").uses("foo_connector_99", worlds.reference("crm.connection.json", "CRM"))
    return {
        at: worlds.document({"title": title, "description": ""}),
        "foo.custom_adapter.rb": b"{}",
        "crm.connection.json": crm,
        "a.recipe.json": used.bytes,
    }


def test_steps_call_a_bound_custom_connector_by_its_internal_name_here(place: worlds.Place) -> None:
    here = place.make(assets.CUSTOM_ADAPTER, worlds.document({"title": "Foo Live", "description": "live"}), "foo_live")
    place.bind(bindings.Reference(assets.CUSTOM_ADAPTER, "Foo", here))

    package = place.load(adapter("Foo"))

    assert packages.Status.COMPLETED is package.status, package.error_parts
    assert "foo_live" == json.loads(place.text(assets.RECIPE, "A"))["code"]["block"][0]["provider"]
    assert "foo_live" == place.asset(assets.CONNECTION, "CRM").provider
    assert "live" == json.loads(place.text(assets.CUSTOM_ADAPTER, "Foo Live"))["description"]
    assert {"unchanged"} == set(place.actions(place.load(adapter("Foo"))).values())


@pytest.mark.parametrize("bound", [True, False])
def test_a_bound_connection_of_a_custom_connector_must_be_of_the_one_that_arrives(
    place: worlds.Place, bound: bool
) -> None:
    place.load(adapter("Foo"))
    live = place.asset(assets.CONNECTION, "CRM")
    other = place.make(assets.CONNECTION, worlds.connection("Else", "rest"), "rest")
    place.bind(bindings.Reference(assets.CONNECTION, "CRM", live.id if bound else other))

    package = place.load(adapter("Foo"))

    assert (packages.Status.COMPLETED if bound else packages.Status.FAILED) is package.status


@pytest.mark.parametrize(("literal", "status"), [("foo_connector_7", "completed"), ("slack", "failed")])
def test_a_custom_connectors_connection_that_did_not_travel_may_be_bound(
    place: worlds.Place, literal: str, status: str
) -> None:
    place.load(adapter("Foo"))
    live = place.asset(assets.CONNECTION, "CRM")
    place.bind(bindings.Reference(assets.CONNECTION, "CRM", live.id))
    uses = worlds.Recipe("B").uses(literal, worlds.reference("Else/crm.connection.json", "CRM"))

    package = place.load({"b.recipe.json": uses.bytes})

    assert status == package.status
    if status == "completed":
        assert live.id in place.meant("B")
        assert live.provider == json.loads(place.text(assets.RECIPE, "B"))["code"]["block"][0]["provider"]


def test_a_bound_custom_connector_is_not_released(place: worlds.Place) -> None:
    here = place.make(assets.CUSTOM_ADAPTER, worlds.document({"title": "Foo Live", "description": "live"}), "foo_live")
    place.bind(bindings.Reference(assets.CUSTOM_ADAPTER, "Foo", here))

    place.load(adapter("Foo"))

    with place.world.db.read() as tx:
        assert {} == {key: each for key, each in custom_connectors.releases(tx, [here]).items() if each}
