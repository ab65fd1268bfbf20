"""Lists that grow while a job runs, and lists to repeat steps by.

A list that accumulates is known by its name: steps that name the same one add to the same one. It is kept beside the
outputs of steps, where loops that clear theirs leave it alone.
"""

from collections.abc import Mapping

from recipeyard.runtime import fields, interface, values

MOST = 100_000
"""How many items a list to repeat steps by may have."""

_ITEMS = "list_items"


def _accumulate(call: interface.Call) -> interface.Result:
    kept = f"{CONNECTOR.name}:{fields.text(call.input.get('name')).strip() or call.step.get('as')}"
    before = call.outputs.get(kept)
    old = before.get(_ITEMS) if isinstance(before, Mapping) else None
    grown = {_ITEMS: [*(old if isinstance(old, list) else ()), _item(call.input.get("list_item"))]}
    return interface.Result(grown, {kept: grown})


def _item(given: values.Value) -> values.Value:
    """An item, given as schema and data, or as its fields."""
    if not isinstance(given, Mapping):
        return {}
    data = given.get("data")
    return fields.fit(fields.schema(given.get("schema")), data) if isinstance(data, Mapping) else dict(given)


def _create_list(call: interface.Call) -> interface.Result:
    size = call.input.get("size") or 0
    if not isinstance(size, int) or not 0 <= size <= MOST:
        raise interface.Failure(f"size must be a whole number from 0 to {MOST:,}, not {size}", kind="Invalid")
    return interface.Result({"list": [{"seq_no": number} for number in range(1, size + 1)]})


CONNECTOR = interface.Connector(
    name="workato_list",
    title="Lists",
    actions=(
        interface.Action(
            "accumulate_list_items",
            _accumulate,
            "Add an item to a list",
            interface.Effect.PURE,
            (interface.Field("name"), interface.Field("list_item", "object")),
            (interface.Field(_ITEMS, "array"),),
        ),
        interface.Action(
            "create_list",
            _create_list,
            "Create a list to repeat by",
            interface.Effect.PURE,
            (interface.Field("size", "integer"),),
            (interface.Field("list", "array", fields=(interface.Field("seq_no", "integer"),)),),
        ),
    ),
)
