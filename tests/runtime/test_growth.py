"""Outputs told by what is new in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipeyard.runtime import codec, growth, interface, values

_ITEMS = st.lists(st.fixed_dictionaries({"id": st.integers()}), max_size=8)


@given(_ITEMS, _ITEMS, _ITEMS)
def test_what_was_told_by_what_is_new_is_whole_again(
    before: list[values.Value], old: list[values.Value], after: list[values.Value]
) -> None:
    earlier: interface.Object = {"list_items": old, "name": "l"}
    news: list[interface.Object] = [
        {"list_items": [*before, *old], "n": 1},
        {"list_items": [*old, *after]},
        {"list_items": [*before, *after]},
    ]
    for new in news:
        told = codec.decode(codec.encode(growth.less(new, earlier)))

        assert isinstance(told, dict)
        assert new == growth.more(told, codec.decode(codec.encode(earlier)))


def test_a_list_of_many_is_told_by_the_one_item_that_is_new() -> None:
    old: list[values.Value] = [{"id": number, "text": "x" * 100} for number in range(10_000)]

    assert len(codec.encode(growth.less({"list_items": [*old, {"id": 10_000}]}, {"list_items": old}))) < 100


def test_items_that_are_only_equal_make_a_list_told_whole() -> None:
    old: values.Value = {"l": [{"id": number} for number in range(10)]}
    new: interface.Object = {"l": [{"id": number} for number in range(11)]}

    assert new == growth.less(new, old)


def test_an_output_that_was_not_there_before_is_told_whole() -> None:
    assert {"l": [1, 2, 3, 4, 5]} == growth.less({"l": [1, 2, 3, 4, 5]}, None)


def test_a_value_that_looks_like_what_is_new_survives() -> None:
    odd: values.Value = {"\x00grown": [[], [1]]}

    assert {"a": odd} == growth.more(growth.less({"a": odd}, {"a": []}), {"a": []})


def test_a_list_that_is_told_by_what_is_new_needs_what_it_had() -> None:
    with pytest.raises(ValueError, match="was not there before"):
        growth.more({"l": {"\x00grown": [[], [1]]}}, None)


def test_people_are_shown_what_was_added_and_outputs_that_are_whole_as_they_are() -> None:
    old: list[values.Value] = [1, 2, 3, 4]
    odd: values.Value = {"\x00grown": "theirs"}

    told = growth.less({"l": [*old, 5], "n": 7, "odd": odd}, {"l": old})

    assert {"l": {"added": [5]}, "n": 7, "odd": odd} == growth.shown(told)
    assert growth.has_grown(told)
    assert not growth.has_grown({"n": 7})
