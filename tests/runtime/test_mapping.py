"""Inputs: what is left out and what is sent empty, lists made of lists, and what pills mean within them."""

from typing import Any

import pytest

from recipeyard.runtime.stepping import telling
from walks import MIDNIGHT, action, foreach, pill, play, recipe, shown

ROWS = {"rows": [{"id": 1, "tags": ["a", "b"]}, {"id": 2, "tags": []}]}


def given(fields: Any, event: Any = None) -> Any:
    return play(recipe(action("one", fields)), event).inputs[0]


def failure(fields: Any, event: Any = None, **bounds: int) -> telling.Broken:
    ending = play(recipe(action("one", fields)), event, bounds=telling.Bounds(**bounds)).ending
    assert isinstance(ending, telling.Broken)
    return ending


def size(*path: Any) -> str:
    return "#{" + pill("start", *path, {"path_element_type": "size"}) + "}"


def test_a_field_that_says_skip_is_left_out_and_one_that_says_clear_is_empty() -> None:
    assert {"b": None, "c": None, "d": "x"} == given({"a": "=skip", "b": "=clear", "c": "=null", "d": "x"})


def test_a_list_leaves_out_what_says_skip() -> None:
    assert {"a": ["x", None]} == given({"a": ["x", "=skip", "=clear"]})


def test_what_is_no_text_is_given_as_it_is() -> None:
    assert {"a": 1, "b": True, "c": None, "d": [1.5], "e": {}} == given(
        {"a": 1, "b": True, "c": None, "d": [1.5], "e": {}}
    )


def test_a_schema_is_a_text_like_others() -> None:
    schema = '[{"name":"a","hint":"#{not a pill}","control_type":"text"}]'

    assert {"parameters_schema_json": schema} == given({"parameters_schema_json": schema})


def test_each_turn_has_an_input_of_its_own() -> None:
    seen: list[Any] = []

    def answer(asked: telling.Next, now: object) -> telling.Heard:
        assert isinstance(asked, telling.Perform)
        seen.append(dict(asked.input))
        inner = asked.input["list"]
        assert isinstance(inner, list)
        inner.append("changed")
        return telling.Done(MIDNIGHT)

    play(recipe(foreach("row", "=[1, 2]", action("one", {"list": [{"a": "x"}]}))), {}, answer)

    assert [{"a": "x"}] == seen[1]["list"][:1]
    assert ["changed"] == seen[1]["list"][1:]


def test_a_pill_into_a_list_means_its_first_item() -> None:
    fields = {"a": shown("start", "rows", "*", "id"), "b": shown("start", "rows", "id")}

    assert {"a": 1, "b": 1} == given(fields, ROWS)
    assert {"a": None, "b": None} == given(fields, {"rows": []})


def test_the_size_of_a_list_is_its_length_and_of_nothing_none() -> None:
    assert {"a": 2, "b": 0} == given({"a": size("rows"), "b": size("nothing")}, ROWS)


def test_a_list_is_mapped_item_by_item() -> None:
    fields = {"list": {"____source": shown("start", "rows"), "key": shown("start", "rows", "*", "id"), "kind": "x"}}

    assert {"list": [{"key": 1, "kind": "x"}, {"key": 2, "kind": "x"}]} == given(fields, ROWS)


def test_an_old_pill_is_at_the_item_too() -> None:
    fields = {"____source": "#{_('data.app.start.rows')}", "key": "=_('data.app.start.rows.first.id') * 10"}

    assert {"list": [{"key": 10}, {"key": 20}]} == given({"list": fields}, ROWS)


def test_lists_are_mapped_within_lists() -> None:
    rows = {"rows": [{"id": 1, "parts": [{"n": "a"}, {"n": "b"}]}, {"id": 2, "parts": None}]}
    inner = {
        "____source": shown("start", "rows", "*", "parts"),
        "name": shown("start", "rows", "*", "parts", "*", "n"),
        "of": shown("start", "rows", "*", "id"),
    }
    fields = {"list": {"____source": shown("start", "rows"), "parts": inner}}

    expected = [{"parts": [{"name": "a", "of": 1}, {"name": "b", "of": 1}]}, {"parts": []}]
    assert {"list": expected} == given(fields, rows)


def test_a_list_that_a_formula_makes_is_mapped() -> None:
    source = f"={pill('start', 'rows')}.where(id: 2)"

    assert {"l": [{"k": 2}]} == given({"l": {"____source": source, "k": shown("start", "rows", "*", "id")}}, ROWS)
    assert {"l": []} == given({"l": {"____source": "=[]", "k": "=null"}})


def test_the_items_of_a_batch_are_mapped() -> None:
    rows = {
        "____source": shown("batch", provider="foreach"),
        "key": shown("batch", "*", "id", provider="foreach"),
    }
    loop = foreach("batch", shown("start", "rows"), action("one", {"l": rows}), repeat_mode="batch", batch_size=2)

    assert [{"l": [{"key": 1}, {"key": 2}]}] == play(recipe(loop), ROWS).inputs


def test_the_index_of_an_item_counts_from_nothing() -> None:
    current = {"path_element_type": "current_index"}
    fields = {"i": f"={pill('start', 'rows', current)}", "j": f"={pill('start', 'rows', '*', current)}"}

    mapped = given({"l": {"____source": shown("start", "rows")} | fields}, ROWS)

    assert {"l": [{"i": 0, "j": 0}, {"i": 1, "j": 1}]} == mapped


def test_after_a_mapping_its_pills_mean_the_first_item_again() -> None:
    first = shown("start", "rows", "*", "id")

    assert 1 == given({"l": {"____source": shown("start", "rows"), "k": first}, "m": first}, ROWS)["m"]


def test_a_list_mapped_within_itself_comes_back_to_its_item() -> None:
    inner = {"____source": shown("start", "rows"), "k": shown("start", "rows", "*", "id")}
    fields = {"____source": shown("start", "rows"), "in": inner, "k": shown("start", "rows", "*", "id")}

    assert [1, 2] == [each["k"] for each in given({"l": fields}, ROWS)["l"]]


def test_a_mapping_may_be_left_out_or_sent_empty() -> None:
    assert {"b": None} == given({"a": {"____source": "=skip", "k": "x"}, "b": {"____source": "=clear", "k": "x"}})


@pytest.mark.parametrize("source", ["text", {"an": "object"}, 5])
def test_a_mapping_of_what_is_no_list_fails(source: Any) -> None:
    broken = failure({"l": {"____source": shown("start", "rows"), "k": "x"}}, {"rows": source})

    assert (1, "input.l.____source", "is no list") == (broken.number, broken.where, broken.message)


def test_a_formula_that_fails_within_a_mapping_names_its_field() -> None:
    broken = failure({"l": {"____source": "=[1]", "k": "=1.upcase"}})

    assert "input.l.k" == broken.where


def test_a_mapping_that_grows_too_large_fails() -> None:
    fields = {"l": {"____source": shown("start", "rows"), "k": "x" * 1000}}

    broken = failure(fields, {"rows": list(range(100))}, output_bytes=50_000)
    empty = failure({"l": {"____source": shown("start", "rows")}}, {"rows": list(range(100))}, output_bytes=500)

    assert "LimitError" == empty.kind
    assert ("input.l", "is larger than 50000 bytes", "LimitError") == (broken.where, broken.message, broken.kind)
