"""The text of documents: one member changed, the rest left as it is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipeyard.model import documents

KEYS = st.text(st.characters(codec="utf-8"), max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=4)
SPELLINGS = st.sampled_from([documents.spell, json.dumps, lambda value: json.dumps(value, indent="\t")])


@given(OBJECTS, KEYS, VALUES, SPELLINGS)
def test_a_member_is_set_and_the_others_stay(value: dict[str, Any], key: str, new: Any, spell: Any) -> None:
    changed = documents.with_member(spell(value), key, new)

    assert value | {key: new} == json.loads(changed)
    assert list(value | {key: new}) == list(json.loads(changed))


@given(OBJECTS, KEYS, SPELLINGS)
def test_a_member_is_removed_and_the_others_stay(value: dict[str, Any], key: str, spell: Any) -> None:
    text = spell(value)

    changed = documents.without_member(text, key)

    assert {name: each for name, each in value.items() if name != key} == json.loads(changed)
    assert (changed == text) == (key not in value)


@given(VALUES)
def test_a_spelled_value_reads_back(value: Any) -> None:
    assert value == json.loads(documents.spell(value))


def test_values_are_spelled_as_exporters_spell_them() -> None:
    expected = '{\n  "a": {\n  },\n  "b": [\n\n  ],\n  "c": [\n    "ü",\n    1\n  ]\n}'

    assert expected == documents.spell({"a": {}, "b": [], "c": ["ü", 1]})


def test_an_added_member_stands_as_its_neighbours_do() -> None:
    assert '{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}' == documents.with_member('{\n  "a": 1,\n  "b": 2\n}', "c", 3)
    assert '{"a": 1,"c": 3}' == documents.with_member('{"a": 1}', "c", 3)


@pytest.mark.parametrize(
    ("text", "deeper"),
    [
        ('{"a": [{}]}', False),
        ('{"a": [[{}]]}', True),
        ('{"a": "[[[[[["}', False),
        ('{"a": "\\"[[[[[["}', False),
        ('{"a": "\\\\", "b": [[[]]]}', True),
        ("", False),
    ],
)
def test_nesting_counts_brackets_but_not_those_in_strings(text: str, deeper: bool) -> None:
    assert deeper == documents.nested_deeper(text.encode(), 3)


NESTED = st.recursive(
    st.text('{}[]"\\/n', max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('{}[]"\\', max_size=3), inner, max_size=3),
)


@given(NESTED, st.integers(1, 5), st.sampled_from([None, 1]))
def test_nesting_is_that_of_the_value(value: Any, limit: int, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)

    assert (levels(value) > limit) == documents.nested_deeper(text.encode(), limit)


def test_nesting_counts_what_a_second_member_of_the_same_key_hides() -> None:
    assert documents.nested_deeper(b'{"a": [[[]]], "a": 1}', 3)


def levels(value: Any) -> int:
    """How deep a value nests."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(levels, inner), default=0)
