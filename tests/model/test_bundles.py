"""What documents say of themselves, and what is wrong with those that have the wrong shape."""

import json
from typing import Any

import pytest

import worlds
from recipeyard.model import assets, bundles, errors, references


def described(kind: str, value: dict[str, Any]) -> bundles.Facts:
    return bundles.describe(kind, f"Sub/odd.name.{kind}.json", value, json.dumps(value))


def test_a_recipe_tells_its_apps_connections_and_references() -> None:
    crm = worlds.reference("crm.connection.json", "CRM")
    recipe = worlds.Recipe("A").calls("b.recipe.json", "B").uses("rest", crm).uses("slack", None)

    facts = described(assets.RECIPE, recipe.value)

    assert ("A", "clock", ("clock", "rest", "slack")) == (facts.name, facts.trigger, facts.applications)
    assert [("rest", "CRM")] == [(provider, account.name) for provider, account in facts.accounts]
    assert {"b.recipe.json", "crm.connection.json"} == {found.zip_name for found in facts.refers_to}


def test_a_connection_tells_its_app_or_its_connector() -> None:
    plain = described(assets.CONNECTION, {"name": "A", "provider": "rest", "root_folder": True})
    adapter = {"name": "B", "provider": worlds.reference("my.custom_adapter.json", "My app")}

    assert ("rest", None, True) == (plain.provider, plain.adapter, plain.root_folder)
    assert references.Reference("my.custom_adapter.json", "My app", "") == (
        described(assets.CONNECTION, adapter).adapter
    )


def test_a_table_with_rows_has_a_structure_of_its_own() -> None:
    bare = json.loads(worlds.lookup_table("T"))

    assert described(assets.LOOKUP_TABLE, bare).structure is None
    assert described(assets.LOOKUP_TABLE, bare | {"data": "a,b\n"}).structure
    assert (
        described(assets.LOOKUP_TABLE, bare | {"data": "a,b\n"}).structure
        == described(assets.LOOKUP_TABLE, bare | {"data": ""}).structure
    )


def test_property_files_tell_their_names() -> None:
    assert ("a", "b") == described(assets.ACCOUNT_PROPERTIES, {"a": None, "b": None}).keys
    assert ("c",) == described(assets.PROJECT_PROPERTIES, {"data": {"c": None}}).keys
    assert assets.PROJECT_PROPERTIES == described(assets.PROJECT_PROPERTIES, {"data": {}}).name
    assert assets.PROJECT == described(assets.PROJECT, {"color": "teal"}).name


def test_a_custom_connector_is_named_by_its_title() -> None:
    assert "My app" == described(assets.CUSTOM_ADAPTER, {"title": "My app"}).name


@pytest.mark.parametrize(("value", "name"), [({"name": "X"}, "X"), ({}, "odd"), ({"name": 5}, "odd")])
def test_an_unknown_kind_has_no_shape_to_miss(value: dict[str, Any], name: str) -> None:
    assert name == bundles.named(described("brand_new_kind", value), "Sub/odd.brand_new_kind.json").name


RECIPE = worlds.Recipe("A").value
COLUMNS: list[Any] = []
WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "no name": (assets.RECIPE, RECIPE | {"name": None}, "name must be a text that is not blank"),
    "blank name": (assets.RECIPE, RECIPE | {"name": " "}, "name must be a text that is not blank"),
    "NUL in name": (assets.RECIPE, RECIPE | {"name": "a\0"}, "name has a NUL character"),
    "endless name": (assets.RECIPE, RECIPE | {"name": "x" * 1001}, "name is longer than 1000 characters"),
    "no title": (assets.CUSTOM_ADAPTER, {"name": "x"}, "title must be a text that is not blank"),
    "no code": (assets.RECIPE, {"name": "A"}, "code must be an object: the trigger step"),
    "code as text": (assets.RECIPE, RECIPE | {"code": "{}"}, "code must be an object: the trigger step"),
    "no trigger": (assets.RECIPE, RECIPE | {"code": {"keyword": "if"}}, "the recipe has no trigger"),
    "config as object": (assets.RECIPE, RECIPE | {"config": {}}, "config must be a list of objects"),
    "config of texts": (assets.RECIPE, RECIPE | {"config": ["a"]}, "config must be a list of objects"),
    "no provider": (assets.CONNECTION, {"name": "A"}, "provider must be a text or a reference"),
    "empty provider": (assets.CONNECTION, {"name": "A", "provider": ""}, "provider must be a text or a reference"),
    "provider as object": (assets.CONNECTION, {"name": "A", "provider": {}}, "provider must be a text or a reference"),
    "no schema": (assets.LOOKUP_TABLE, {"name": "A"}, "schema must be a list of columns"),
    "schema of texts": (assets.DATA_TABLE, {"name": "A", "schema": ["a"]}, "schema must be a list of columns"),
    "data as list": (assets.LOOKUP_TABLE, {"name": "A", "schema": [], "data": []}, "data must be a text of CSV lines"),
    "ragged data": (assets.LOOKUP_TABLE, {"name": "A", "schema": [], "data": "a\nb,c\n"}, "lines of 1 and of 2 fields"),
    "broken data": (assets.LOOKUP_TABLE, {"name": "A", "schema": [], "data": '"a"b\n'}, "data is not valid CSV"),
    "properties as list": (assets.PROJECT_PROPERTIES, {"data": []}, "data must be an object of property names"),
}


@pytest.mark.parametrize(("kind", "value", "what"), WRONG.values(), ids=WRONG)
def test_a_known_kind_of_the_wrong_shape_is_refused(kind: str, value: dict[str, Any], what: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        described(kind, value)

    assert refused.value.message.startswith(f"Sub/odd.name.{kind}.json: ")
    assert what in refused.value.message


def test_odd_entries_of_a_config_are_passed_over() -> None:
    config = [{"keyword": "application"}, {"provider": "rest", "account_id": 7}]

    facts = described(assets.RECIPE, RECIPE | {"config": config})

    assert (("rest",), ()) == (facts.applications, facts.accounts)
    assert () == described("unknown", {"config": "text"}).applications
    assert described(assets.RECIPE, RECIPE | {"code": {"keyword": "trigger"}}).trigger is None


def test_a_text_that_was_decoded_once_is_described_from_itself() -> None:
    text = worlds.connection("CRM").decode()

    assert bundles.describe(assets.CONNECTION, "x", json.loads(text), text) == bundles.describe_text(
        assets.CONNECTION, "x", text
    )
