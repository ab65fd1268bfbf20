"""References: found wherever they stand, changed without touching anything else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import worlds
from recipeyard.model import references
from recipeyard.model.references import Reference

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
REFERENCES = st.builds(Reference, NAMES, NAMES, NAMES, st.one_of(st.none(), NAMES))


def spelled(reference: Reference, indent: int | None) -> str:
    value = {"zip_name": reference.zip_name, "name": reference.name, "folder": reference.folder}
    if reference.full_path:
        value["folder_full_path"] = reference.full_path
    return json.dumps({"a": [{"x": value}], "b": "zip_name"}, indent=indent, ensure_ascii=False)


@given(REFERENCES, REFERENCES, st.sampled_from([None, 2]))
def test_a_changed_reference_changes_and_nothing_else_does(old: Reference, new: Reference, indent: int | None) -> None:
    text = spelled(old, indent)

    changed = references.rewrite(text, lambda found: new if found == old else found)

    assert json.loads(spelled(new, indent)) == json.loads(changed)
    assert (new,) == references.find(changed)
    assert text == references.rewrite(text, lambda found: found)


def test_each_reference_is_found_once_wherever_it_stands() -> None:
    one, two = worlds.reference("a.recipe.json", "A"), worlds.reference("Sub/b.connection.json", "B")
    text = json.dumps({"x": one, "y": [{"deep": {"z": two}}, one], "custom": dict(two, custom=True)})

    assert [("a.recipe.json", "recipe"), ("Sub/b.connection.json", "connection")] == [
        (found.zip_name, found.kind) for found in references.find(text)
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "\\"zip_name\\": 1"}',
        '{"zip_name_other": 1}',
        '"zip_name"',
        '{"a": ["zip_name"]}',
        "{" * 400 + '"zip_name"',
        "x" * 70_000 + '"zip_name"',
    ],
)
def test_the_word_alone_is_no_reference(text: str) -> None:
    assert () == references.find(text)


def test_a_reference_to_what_is_no_asset_has_no_kind() -> None:
    reference = Reference("readme.md", "x", "")

    assert (None, "", "readme.md") == (reference.kind, reference.stem, str(reference))


def test_odd_values_are_read_as_text() -> None:
    assert Reference("5", "", "", None) == references.parse({"zip_name": 5, "name": None, "folder": "\0"})


def test_what_lies_outside_is_named_by_its_whole_path() -> None:
    reference = references.outside("Orders/Shared", "a.recipe.json", "A")

    assert Reference("Shared/a.recipe.json", "A", "Shared", "Home/Orders/Shared") == reference
    assert "Home/Orders/Shared/A" == str(reference)
    assert "a" == reference.stem


def test_tables_that_formulas_look_up_are_found() -> None:
    text = json.dumps({"a": '=lookup("Price \\"list\\"", x: 1)["y"]', "b": "=lookup('Other')", "c": "=lookup(name)"})

    assert ("Other",) == references.lookups(text)[1:]
    assert () == references.lookups("{}")


def test_properties_that_pills_name_are_found_in_both_notations() -> None:
    new = """=_dp('{"pill_type":"project_property","property_name":"rate"}')"""
    old = "=_('data.workato.job_context.account_properties.company','account_property')"

    found = references.properties(json.dumps({"a": new, "b": old, "c": new}))

    assert (("project", "rate"), ("account", "company")) == found
    assert () == references.properties("{}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"provider": "one", "name": "one"}', '{"provider": "two", "name": "one"}'),
        ('"provider":"one_2"', '"provider":"one_2"'),
        (
            r"""#{_dp('{\"provider\":\"one\",\"line\":\"one\"}')}""",
            r"""#{_dp('{\"provider\":\"two\",\"line\":\"one\"}')}""",
        ),
        (r"{\\\"provider\\\":\\\"one\\\"}", r"{\\\"provider\\\":\\\"two\\\"}"),
        ("=_('data.one.ab12.one')", "=_('data.two.ab12.one')"),
        ("Dear one customer, mail info@one.com", "Dear one customer, mail info@one.com"),
    ],
)
def test_a_connectors_internal_name_is_replaced_where_it_names_the_connector(text: str, expected: str) -> None:
    assert expected == references.rename_providers(text, {"one": "two"})


def test_connectors_may_change_names_with_one_another() -> None:
    text = '[{"provider": "one"}, {"provider": "two"}]'

    assert '[{"provider": "two"}, {"provider": "one"}]' == references.rename_providers(
        text, {"one": "two", "two": "one"}
    )
