"""Variables and lists of a run: declared by one step, changed by later ones.

What a variable holds is the output of the step that declares it; a change gives that step a new output. Targets are
spelled `<uuid>:<as>[:<variable>]` of the declaring step, one a line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recipeyard.runtime import fields, interface, values

_ITEMS = "list_items"
_FIRST = frozenset({"start", "beginning", "first", "top"})


@dataclass(frozen=True, slots=True)
class _Target:
    """A step that declares variables, and which of them; those of one step are told apart by name."""

    alias: str
    variable: str | None


def _declare_variable(call: interface.Call) -> interface.Result:
    variables = call.input.get("variables")
    if isinstance(variables, Mapping):
        known = fields.schema(variables.get("schema"))
        data = variables.get("data")
        given = data if isinstance(data, Mapping) else {}
        empty = {field.name: None for field in known}
        return interface.Result(fields.fit(known, {**empty, **given}))
    kind = fields.text(call.input.get("type")) or "string"
    return interface.Result(fields.fit([interface.Field("value", kind)], {"value": call.input.get("value")}))


def _update_variables(call: interface.Call) -> interface.Result:
    known = fields.schema(call.step.get("extended_input_schema"))
    updates: dict[str, dict[str, values.Value]] = {}
    changed: dict[str, values.Value] = {}
    for target in _targets(call):
        name = target.variable or "value"
        if name in call.input:
            new = fields.fit(known, {name: call.input[name]})
            updates[target.alias] = {**(updates.get(target.alias) or _declared(call, target)), **new}
            changed |= new
    return interface.Result(changed, updates)


def _update_variable(call: interface.Call) -> interface.Result:
    known = fields.schema(call.step.get("extended_input_schema"))
    new = fields.fit(known, {"value": call.input.get("value")})
    updates = {each.alias: {**_declared(call, each), each.variable or "value": new["value"]} for each in _targets(call)}
    return interface.Result(new, updates)


def _declare_list(call: interface.Call) -> interface.Result:
    known = fields.schema(call.input.get("list_item_schema_json"))
    return interface.Result({_ITEMS: fields.items(known, call.input.get(_ITEMS), _ITEMS)})


def _insert_to_list(call: interface.Call) -> interface.Result:
    known = _input_fields(call, "list_item")
    item = call.input.get("list_item")
    return _inserted(call, [fields.fit(known, item) if isinstance(item, Mapping) else item])


def _insert_to_list_batch(call: interface.Call) -> interface.Result:
    return _inserted(call, fields.items(_input_fields(call, _ITEMS), call.input.get(_ITEMS), _ITEMS))


def _inserted(call: interface.Call, new: list[values.Value]) -> interface.Result:
    first = fields.text(call.input.get("location")).lower() in _FIRST
    updates = {}
    for target in _targets(call):
        declared = _declared(call, target)
        old = _listed(declared)
        updates[target.alias] = {**declared, _ITEMS: [*new, *old] if first else [*old, *new]}
    return interface.Result({}, updates)


def _clear_list(call: interface.Call) -> interface.Result:
    return interface.Result({}, {each.alias: {**_declared(call, each), _ITEMS: []} for each in _targets(call)})


def _input_fields(call: interface.Call, name: str) -> tuple[interface.Field, ...]:
    known = fields.schema(call.step.get("extended_input_schema"))
    return next((field.fields for field in known if field.name == name), ())


def _targets(call: interface.Call) -> list[_Target]:
    """The declared variables that a step names."""
    lines = fields.text(call.input.get("name")).splitlines()
    parts = [line.strip().split(":", 2) for line in lines if line.strip()]
    if not parts:
        raise interface.Failure("name is required: the variable or list that is to be changed", kind="Invalid")
    for each in parts:
        if len(each) == 1:
            raise interface.Failure(f"“{each[0]}” names no variable or list of this recipe", kind="Invalid")
    return [_Target(each[1], each[2] if len(each) > 2 else None) for each in parts]


def _declared(call: interface.Call, target: _Target) -> interface.Object:
    output = call.outputs.get(target.alias)
    if not isinstance(output, Mapping):
        raise interface.Failure(
            f"the variable {target.variable or target.alias} is not there: its step ({target.alias}) was not done",
            kind="NotDeclared",
        )
    return output


def _listed(declared: interface.Object) -> Sequence[values.Value]:
    listed = declared.get(_ITEMS)
    return listed if isinstance(listed, list) else []


_NAME = interface.Field("name", label="Name")
_LIST = interface.Field(_ITEMS, "array", label="Items")
_LOCATION = interface.Field("location", label="Where items go: start or end")


_PURE = interface.Effect.PURE

CONNECTOR = interface.Connector(
    name="workato_variable",
    title="Variables",
    actions=(
        interface.Action(
            "declare_variable",
            _declare_variable,
            "Create variables",
            _PURE,
            (_NAME, interface.Field("type"), interface.Field("variables", "object")),
        ),
        interface.Action("update_variables", _update_variables, "Update variables", _PURE, (_NAME,)),
        interface.Action("update_variable", _update_variable, "Update a variable", _PURE, (_NAME,)),
        interface.Action(
            "declare_list",
            _declare_list,
            "Create a list",
            _PURE,
            (_NAME, interface.Field("list_item_schema_json"), _LIST),
            (_LIST,),
        ),
        interface.Action(
            "insert_to_list",
            _insert_to_list,
            "Add an item to a list",
            _PURE,
            (_NAME, _LOCATION, interface.Field("list_item", "any")),
        ),
        interface.Action(
            "insert_to_list_batch", _insert_to_list_batch, "Add items to a list", _PURE, (_NAME, _LOCATION, _LIST)
        ),
        interface.Action("clear_list", _clear_list, "Clear a list", _PURE, (_NAME,)),
    ),
)
