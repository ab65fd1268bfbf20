"""What differs between two documents, and how it is told."""

import hashlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe_documents import RECIPES, VALUES, recipe, step
from recipeyard.model import diffs, documents, field_diffs

OBJECTS = st.dictionaries(st.sampled_from("abcd"), VALUES, max_size=4)
KINDS = st.sampled_from(["connection", "recipe", "lookup_table"])


def exact(value: Any) -> str:
    """A value's spelling in which only the order of keys does not count."""
    return json.dumps(value, sort_keys=True)


def changes(before: str, after: str) -> list[tuple[str, int, int | None, list[str]]]:
    """A recipe's diff: change, number, number before, paths of the fields."""
    diff = diffs.of("recipe", before, after) or diffs.Diff()
    return [
        (each.change, each.number, each.number_before, [field.path for field in each.fields]) for each in diff.steps
    ]


def fields(before: Any, after: Any, kind: str = "topic") -> list[tuple[str, str, Any, Any]]:
    diff = diffs.of(kind, json.dumps(before), json.dumps(after)) or diffs.Diff()
    return [(each.path, each.change, each.before, each.after) for each in diff.fields]


@given(RECIPES, RECIPES)
def test_recipes_differ_where_their_values_do(before: dict[str, Any], after: dict[str, Any]) -> None:
    diff = diffs.of("recipe", json.dumps(before), json.dumps(after)) or diffs.Diff()

    assert (exact(before) != exact(after)) == bool(diff.fields or diff.steps)


@given(KINDS, OBJECTS, OBJECTS)
def test_documents_differ_where_their_values_do(kind: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    diff = diffs.of(kind, json.dumps(before), json.dumps(after)) or diffs.Diff()

    assert (exact(before) != exact(after)) == bool(diff.fields)


@given(RECIPES, RECIPES)
def test_a_diff_says_the_same_each_time_and_can_be_written(before: dict[str, Any], after: dict[str, Any]) -> None:
    once = diffs.of("recipe", json.dumps(before), json.dumps(after))

    assert once == diffs.of("recipe", json.dumps(before), json.dumps(after))
    assert once == msgspec.json.decode(msgspec.json.encode(once), type=diffs.Diff | None)


@given(RECIPES)
def test_a_document_does_not_differ_from_itself(value: dict[str, Any]) -> None:
    assert diffs.of("recipe", json.dumps(value), json.dumps(value)) is None


@given(RECIPES)
def test_another_order_of_keys_is_another_form_and_no_more(value: dict[str, Any]) -> None:
    before, after = json.dumps(value), json.dumps(value, sort_keys=True)

    assert diffs.of("recipe", before, after) == (None if before == after else diffs.Diff(cosmetic=True, form=True))


def test_a_number_is_no_boolean() -> None:
    assert [("a", "changed", 1, True)] == fields({"a": 1}, {"a": True})


def test_a_connection_tells_that_what_may_be_secret_differs_and_not_how() -> None:
    before = {"name": "C", "input": {"password": "one", "old": 1, "headers": [{"name": "x"}, {"name": "y"}]}}
    after = {"name": "D", "input": {"password": "two", "new": 1, "headers": [{"name": "y"}, {"name": "x", "v": "z"}]}}

    found = fields(before, after, "connection")

    assert [
        ("name", "changed", "C", "D"),
        ("input.password", "changed", diffs.HIDDEN, diffs.HIDDEN),
        ("input.old", "removed", diffs.HIDDEN, None),
        ("input.headers", "moved", diffs.HIDDEN, diffs.HIDDEN),
        ("input.headers", "changed", diffs.HIDDEN, diffs.HIDDEN),
        ("input.new", "added", None, diffs.HIDDEN),
    ] == found


def test_an_inserted_step_is_the_only_change() -> None:
    before = recipe(step("a"), step("b", step("c")), step("d"))
    after = recipe(step("a"), step("new"), step("b", step("c")), step("d"))

    assert [("added", 2, None, [])] == changes(before, after)


def test_a_removed_step_stands_where_it_stood() -> None:
    before = recipe(step("a"), step("b", step("c")), step("d"))
    after = recipe(step("a", comment="first"), step("d", comment="last"))

    assert [
        ("changed", 1, 1, ["comment"]),
        ("removed", 2, 2, []),
        ("removed", 3, 3, []),
        ("changed", 2, 4, ["comment"]),
    ] == changes(before, after)


def test_a_step_in_another_block_has_moved_and_its_own_steps_with_it() -> None:
    before = recipe(step("a", step("in")), step("b", step("c", step("d"))))
    after = recipe(step("a", step("in"), step("c", step("d"), skip=True)), step("b", block=[]))

    assert [("moved", 3, 4, ["skip"])] == changes(before, after)


def test_of_steps_that_change_places_the_fewest_have_moved() -> None:
    before = recipe(step("a"), step("b"), step("c"), step("d"))
    after = recipe(step("d"), step("a"), step("b"), step("c"))

    assert [("moved", 1, 4, [])] == changes(before, after)


def test_a_step_is_known_by_its_uuid_then_by_its_as() -> None:
    before = recipe(step("a"), step("b"))
    after = recipe(step("b", uuid="another"), step("renamed", uuid="u-a"))

    assert [("moved", 1, 2, ["uuid"]), ("changed", 2, 1, ["as"])] == changes(before, after)


def test_a_name_counts_for_more_than_what_a_step_does() -> None:
    before = recipe(step("a", name="find"), step("b", provider="crm"))
    after = recipe(step("other", uuid="u-b"), step("a", uuid="other"))

    assert [("moved", 1, 2, ["as", "provider"]), ("changed", 2, 1, ["name", "uuid"])] == changes(before, after)


def test_a_step_without_either_is_known_by_what_it_does_and_where() -> None:
    bare = {"keyword": "action", "provider": "log", "name": "write"}
    before = recipe(bare | {"input": {"message": "1"}}, step("if", dict(bare)))
    after = recipe({"keyword": "stop"}, bare | {"input": {"message": "2"}}, step("if", dict(bare)))

    assert [("added", 1, None, []), ("changed", 2, 1, ["input.message"])] == changes(before, after)


def test_equal_siblings_stay_the_same_steps() -> None:
    before = recipe({"input": "1"}, {"input": "2"}, {"input": "3"})
    after = recipe({"input": "1"}, {"input": "new"}, {"input": "2"}, {"input": "3"})

    assert [("added", 2, None, [])] == changes(before, after)


@pytest.mark.parametrize(
    ("more", "cosmetic"),
    [
        ({"comment": "why"}, True),
        ({"description": "Write"}, True),
        ({"toggleCfg": {"a": True}}, True),
        ({"visible_config_fields": ["a"]}, True),
        ({"block": []}, True),
        ({"number": 7}, True),
        ({"skip": True}, False),
        ({"mask_data": True}, False),
        ({"input": {"comment": "sent"}}, False),
        ({"unknown": 1}, False),
    ],
)
def test_what_the_editor_keeps_for_the_eye_is_cosmetic(more: dict[str, Any], cosmetic: bool) -> None:
    after = json.loads(recipe(step("a"), step("b")))
    after["code"]["block"][0] |= more
    diff = diffs.of("recipe", recipe(step("a"), step("b")), json.dumps(after))

    assert diff is not None
    assert (cosmetic, [cosmetic]) == (diff.cosmetic, [field.cosmetic for field in diff.steps[0].fields])


def test_of_a_schema_labels_are_cosmetic_and_types_are_not() -> None:
    schema = [{"name": "id", "type": "string", "label": "Id"}, {"name": "at", "type": "date"}]
    other = [{"name": "at", "type": "date_time"}, {"name": "id", "type": "string", "label": "ID"}]
    before, after = (recipe(step("a", extended_input_schema=each)) for each in (schema, other))
    diff = diffs.of("recipe", before, after)

    assert diff is not None
    assert [
        ("extended_input_schema", "moved", True),
        ("extended_input_schema[id].label", "changed", True),
        ("extended_input_schema[at].type", "changed", False),
    ] == [(field.path, field.change, field.cosmetic) for field in diff.steps[0].fields]


def test_the_uuid_of_a_condition_is_cosmetic_and_that_of_an_input_is_not() -> None:
    def with_uuid(keyword: str, uuid: str) -> str:
        return recipe(step("a", keyword=keyword, input={"conditions": [{"uuid": uuid}]}))

    found = [diffs.of("recipe", with_uuid(each, "1"), with_uuid(each, "2")) for each in ("if", "action")]

    assert [True, False] == [each and each.cosmetic for each in found]


def test_beside_the_steps_apps_are_told_by_provider() -> None:
    crm, log = {"provider": "crm", "account_id": {"zip_name": "a"}}, {"provider": "log", "account_id": None}
    before, after = recipe(config=[log, crm]), recipe(config=[log, crm | {"account_id": {"zip_name": "b"}}], version=2)
    diff = diffs.of("recipe", before, after)

    assert diff is not None
    assert [("config[crm].account_id", False), ("version", True)] == [
        (each.path, each.cosmetic) for each in diff.fields
    ]
    assert (False, ()) == (diff.cosmetic, diff.steps)


def test_a_new_recipe_is_added_step_by_step_and_an_old_one_removed() -> None:
    text = recipe(step("a"))
    made, gone = diffs.of("recipe", None, text), diffs.of("recipe", text, None)

    assert made is not None
    assert gone is not None
    assert ["added"] * 2 == [each.change for each in made.steps]
    assert ["removed"] * 2 == [each.change for each in gone.steps]
    assert ("name", "added", None, "Tick") in [
        (each.path, each.change, each.before, each.after) for each in made.fields
    ]


def test_values_are_walked_down_to_what_differs() -> None:
    before = {"a": {"b": [{"c": 1, "d": 2}, 3], "e": None}, "list": [1], "gone": 0, "same": [1, 2]}
    after = {"a": {"b": [{"c": 9, "d": 2}, 3], "e": {}}, "list": [1, 2], "same": [1, 2], "new": None}

    assert [
        ("a.b[0].c", "changed", 1, 9),
        ("a.e", "changed", None, {}),
        ("list", "changed", [1], [1, 2]),
        ("gone", "removed", 0, None),
        ("new", "added", None, None),
    ] == fields(before, after)


def test_elements_are_told_by_their_names_where_most_of_them_stay() -> None:
    before = {"schema": [{"name": "a"}, {"name": "b", "type": "x"}, {"name": "c"}]}
    after = {"schema": [{"name": "b", "type": "y"}, {"name": "c"}, {"name": "d"}]}

    assert [
        ("schema[a]", "removed", {"name": "a"}, None),
        ("schema[b].type", "changed", "x", "y"),
        ("schema[d]", "added", None, {"name": "d"}),
    ] == fields(before, after)


def test_a_large_value_is_told_by_its_digest() -> None:
    text, nested = "é" * 2001, {"a": ["x" * 2000]}
    spelled = documents.spell(nested)

    assert [("a", "changed", large(text), large(spelled))] == fields({"a": text}, {"a": nested})


def large(text: str) -> field_diffs.Large:
    return field_diffs.Large(hashlib.sha256(text.encode()).hexdigest(), len(text), text[:200])


def test_of_very_many_fields_the_first_are_listed_and_the_rest_counted() -> None:
    diff = diffs.of("topic", "{}", json.dumps({f"{at:03}": at for at in range(203)}))

    assert diff is not None
    assert (200, "199", 3) == (len(diff.fields), diff.fields[-1].path, diff.more_fields)


def test_of_very_many_steps_the_first_are_listed_and_the_rest_counted() -> None:
    more = {f"x{at}": at for at in range(202)}
    diff = diffs.of("recipe", recipe(step("a")), recipe(step("a", **more), *(step(f"b{at}") for at in range(503))))

    assert diff is not None
    assert (500, 4) == (len(diff.steps), diff.more_steps)
    assert (200, 2) == (len(diff.steps[0].fields), diff.steps[0].more_fields)


def test_a_number_that_few_readers_can_hold_is_shown_as_its_text() -> None:
    diff = diffs.of("topic", "{}", '{"a": 99999999999999999999, "b": 1e999, "c": 1.50}')

    assert diff is not None
    assert ["99999999999999999999", "1e999", 1.5] == [field.after for field in diff.fields]


@pytest.mark.parametrize("kind", ["lookup_table", "workato_db_table"])
def test_rows_in_the_document_of_a_table_are_left_out(kind: str) -> None:
    before, after = {"name": "Prices", "data": "a\n"}, {"name": "Prices", "data": "b\n"}

    assert diffs.of(kind, json.dumps(before), json.dumps(after)) is None
    assert [("name", "changed", "Prices", "Costs")] == fields(before, after | {"name": "Costs"}, kind)
