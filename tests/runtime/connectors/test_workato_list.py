"""Lists that grow while a job runs, and lists to repeat steps by."""

import pytest

import connector_calls
from recipeyard.runtime import interface
from recipeyard.runtime.connectors import workato_list

_ITEM: interface.Object = {
    "schema": '[{"name": "internal_id", "type": "integer"}, {"name": "name", "type": "string"}]',
    "data": {"name": "Acme", "internal_id": "7"},
}


def _add(given: interface.Object, outputs: interface.Object) -> interface.Result:
    return connector_calls.perform(workato_list.CONNECTOR, "accumulate_list_items", given, outputs=outputs)


def test_items_are_added_with_the_types_of_their_schema() -> None:
    result = _add({"name": "Vendors", "list_item": _ITEM}, {})

    assert {"list_items": [{"name": "Acme", "internal_id": 7}]} == result.output


def test_a_list_grows_from_turn_to_turn_and_from_step_to_step_of_that_name() -> None:
    first = _add({"name": "Vendors", "list_item": {"id": 1}}, {})

    second = _add({"name": "Vendors", "list_item": {"id": 2}}, first.updates)
    other = _add({"name": "Customers", "list_item": {"id": 3}}, second.updates)

    assert [{"id": 1}, {"id": 2}] == second.output["list_items"]
    assert [{"id": 3}] == other.output["list_items"]


def test_a_list_to_repeat_by_counts_from_one() -> None:
    result = connector_calls.perform(workato_list.CONNECTOR, "create_list", {"size": "3"})

    assert {"list": [{"seq_no": 1}, {"seq_no": 2}, {"seq_no": 3}]} == result.output


@pytest.mark.parametrize(
    ("size", "words"), [("-1", "from 0 to 100,000, not -1"), ("100001", "not 100001"), ("all", "size must be a whole")]
)
def test_a_size_that_makes_no_sense_is_refused(size: str, words: str) -> None:
    with pytest.raises(interface.Failure, match=words):
        connector_calls.perform(workato_list.CONNECTOR, "create_list", {"size": size})


def test_a_list_of_no_size_is_empty() -> None:
    assert {"list": []} == connector_calls.perform(workato_list.CONNECTOR, "create_list", {}).output
