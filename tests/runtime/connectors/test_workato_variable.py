"""Variables and lists: what is declared, and what changes make of the declaring step's output."""

from typing import Any

import pytest

import connector_calls
from recipeyard.runtime import interface
from recipeyard.runtime.connectors import workato_variable

_TOTAL = "05fc8520-2b61-4415-9526-20e049911d9a:5926ebed"
_TYPED = {"extended_input_schema": [{"name": "Total", "type": "number"}, {"name": "value", "type": "integer"}]}


def _perform(action: str, given: interface.Object, **rest: Any) -> interface.Result:
    return connector_calls.perform(workato_variable.CONNECTOR, action, given, **rest)


def test_several_variables_are_declared_with_their_types() -> None:
    schema = (
        '[{"name": "Total", "type": "number"}, {"name": "note", "type": "string"}, {"name": "due", "type": "date"}]'
    )

    result = _perform("declare_variable", {"variables": {"schema": schema, "data": {"Total": "1.5", "note": "x"}}})

    assert {"Total": 1.5, "note": "x", "due": None} == result.output


def test_the_older_form_declares_one_variable() -> None:
    assert {"value": 5} == _perform("declare_variable", {"type": "integer", "name": "n", "value": "5"}).output
    assert {"value": None} == _perform("declare_variable", {"name": "n"}).output


def test_a_value_of_another_type_is_refused_by_name() -> None:
    variables: interface.Object = {"schema": '[{"name": "Total", "type": "number"}]', "data": {"Total": "lots"}}

    with pytest.raises(interface.Failure, match="Total must be a number, not “lots”"):
        _perform("declare_variable", {"variables": variables})


def test_a_list_in_a_variable_of_text_stays_a_list() -> None:
    variables: interface.Object = {"schema": '[{"name": "ids", "type": "string"}]', "data": {"ids": ["a", "b"]}}

    assert {"ids": ["a", "b"]} == _perform("declare_variable", {"variables": variables}).output


def test_updates_change_what_they_name_and_leave_the_rest() -> None:
    result = _perform(
        "update_variables",
        {"name": f"{_TOTAL}:Total\n{_TOTAL}:note\nother:aa11:flag", "Total": "7", "flag": None},
        step=_TYPED,
        outputs={"5926ebed": {"Total": 1.0, "note": "x"}, "aa11": {"flag": True}},
    )

    assert {"5926ebed": {"Total": 7, "note": "x"}, "aa11": {"flag": None}} == result.updates
    assert {"Total": 7, "flag": None} == result.output


def test_the_older_update_changes_the_one_value() -> None:
    result = _perform(
        "update_variable", {"name": _TOTAL, "value": "7"}, step=_TYPED, outputs={"5926ebed": {"value": 1}}
    )

    assert {"5926ebed": {"value": 7}} == result.updates


@pytest.mark.parametrize("name", [None, "", "Total"])
def test_a_target_that_names_nothing_is_refused(name: str | None) -> None:
    with pytest.raises(interface.Failure, match=r"name is required|names no variable"):
        _perform("update_variable", {"name": name, "value": "7"})


def test_a_variable_whose_step_was_passed_over_is_refused() -> None:
    with pytest.raises(interface.Failure, match=r"Total is not there: its step \(5926ebed\) was not done"):
        _perform("update_variables", {"name": f"{_TOTAL}:Total", "Total": 1})


def test_a_list_is_declared_with_typed_items() -> None:
    schema = '[{"name": "id", "type": "integer"}]'

    assert {"list_items": []} == _perform("declare_list", {"name": "l", "list_item_schema_json": schema}).output
    assert {"list_items": [{"id": 1}, {"id": 2}]} == _perform(
        "declare_list", {"list_item_schema_json": schema, "list_items": [{"id": "1"}, {"id": 2}]}
    ).output


@pytest.mark.parametrize(
    ("action", "given", "items"),
    [
        ("insert_to_list", {"list_item": {"id": 2}, "location": "end"}, [{"id": 1}, {"id": 2}]),
        ("insert_to_list", {"list_item": {"id": 2}, "location": "start"}, [{"id": 2}, {"id": 1}]),
        ("insert_to_list", {"list_item": {"id": 2}}, [{"id": 1}, {"id": 2}]),
        ("insert_to_list_batch", {"list_items": [{"id": 2}, {"id": 3}]}, [{"id": 1}, {"id": 2}, {"id": 3}]),
        ("insert_to_list_batch", {"list_items": None}, [{"id": 1}]),
        ("clear_list", {}, []),
    ],
)
def test_changes_give_the_declaring_step_another_list(action: str, given: interface.Object, items: object) -> None:
    result = _perform(action, {"name": _TOTAL, **given}, outputs={"5926ebed": {"list_items": [{"id": 1}]}})

    assert {"5926ebed": {"list_items": items}} == result.updates


def test_what_was_declared_is_not_changed_in_place() -> None:
    declared = {"list_items": [{"id": 1}]}

    _perform("insert_to_list", {"name": _TOTAL, "list_item": {"id": 2}}, outputs={"5926ebed": declared})

    assert {"list_items": [{"id": 1}]} == declared
