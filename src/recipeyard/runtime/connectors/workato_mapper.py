"""Data brought into the shape of a shared schema."""

from collections.abc import Mapping

from recipeyard.runtime import fields, interface, values

_SETTINGS = frozenset({"workato_schema_id", "schema_id", "input_schema", "output_schema", "schema"})


def _map(call: interface.Call) -> interface.Result:
    """What the step maps to the fields of its schema, with their types."""
    known = fields.outputs(call.step)
    given = {name: value for name, value in call.input.items() if name not in _SETTINGS}
    return interface.Result(fields.fit(known, _mapped(given, {each.name for each in known})))


def _mapped(given: dict[str, values.Value], names: set[str]) -> interface.Object:
    """The mapping itself; some recipes have it within one field."""
    inner = [value for value in given.values() if isinstance(value, Mapping)]
    if len(given) == 1 and inner and not names & given.keys():
        return inner[0]
    return given


CONNECTOR = interface.Connector(
    name="workato_mapper",
    title="Data mapper",
    actions=(interface.Action("map", _map, "Map data", interface.Effect.PURE),),
)
