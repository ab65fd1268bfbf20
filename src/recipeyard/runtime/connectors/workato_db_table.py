"""Data tables: records found, made, changed and deleted, each step in the transaction of its journal; and their news.

Columns go by their ids, spelled with `_` in parameters and outputs. A filter that is not understood is a failure: it is
never left out.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence

from recipeyard.runtime import inputs, interface, values, workspace
from recipeyard.runtime.interface import Call, Field, Result

MOST = 1000
"""How many records one look gives at most."""

RECORD_ID = "11fbe9a6_a16d_4d7e_86ea_afe42ec03005"
_RECORDS = ("records", "parameters", "list")
_IDS = ("records", "record_ids", "list", "parameters")
_WORDS = {
    "equals": "eq",
    "is_not_equal_to": "ne",
    "not_equals": "ne",
    "less_than": "lt",
    "greater_than": "gt",
    "less_or_equal": "lte",
    "greater_or_equal": "gte",
    "is_before": "lt",
    "is_after": "gt",
    "on_or_before": "lte",
    "on_or_after": "gte",
    "is_null": "isnull",
    "is_not_null": "isnotnull",
    "is_true": "istrue",
    "is_false": "isfalse",
}
_CHOSEN = Field("table_id", optional=False, label="Data table")


def _table(call: Call) -> workspace.DataTable:
    return call.workspace.data_table(inputs.word(call.input, "table_id"))


def _select(call: Call) -> Result:
    table = _table(call)
    limit = inputs.number(call.input, "limit", 100, MOST)
    order_by = call.input.get("order_by_field_id") or None
    query = workspace.Query(
        conditions=_conditions(call.input),
        order_by=str(order_by) if order_by else None,
        descending=str(call.input.get("order_direction") or "").casefold().startswith("desc"),
        limit=limit + 1,
        after=_read(call.input.get("continuation_token")),
    )
    found = table.select(query)
    page = found[:limit]
    token = _token(table, query, page[-1]) if page and len(found) > limit else None
    return Result({"records": [_shown(call, table, each) for each in page], "continuation_token": token})


def _add(call: Call) -> Result:
    table = _table(call)
    made = table.add([inputs.filled(call.input, call.step, "parameters")])
    return Result({"record": _shown(call, table, made[0])})


def _add_batch(call: Call) -> Result:
    table = _table(call)
    made = table.add([inputs.said(each) for each in inputs.objects(call.input, _RECORDS)])
    return Result({"records": [_shown(call, table, each) for each in made]})


def _update(call: Call) -> Result:
    table = _table(call)
    record_id = inputs.word(call.input, "record_id")
    found = table.record(record_id)
    if found is None:
        raise interface.Failure(f"there is no record {record_id!r} in the table", "NotFound")
    changed = table.change(found.id, inputs.filled(call.input, call.step, "parameters"))
    return Result({"record": _shown(call, table, changed)})


def _upsert(call: Call) -> Result:
    table = _table(call)
    column = inputs.word(call.input, "primary_field_id")
    entry, is_new = table.upsert(column, inputs.filled(call.input, call.step, "parameters"))
    return Result({"record": _shown(call, table, entry), "created": is_new})


def _delete(call: Call) -> Result:
    table = _table(call)
    found = table.record(inputs.word(call.input, "record_id"))
    return Result({"success": found is not None and table.remove([found.id]) > 0})


def _delete_batch(call: Call) -> Result:
    table = _table(call)
    wanted = inputs.identities(call.input, _IDS, ("record_id", RECORD_ID, RECORD_ID.replace("_", "-")))
    found = table.select(workspace.Query([workspace.Condition(RECORD_ID, "in", list(wanted))]))
    table.remove([each.id for each in found])
    return Result({"records": [{"record_id": each.fields[RECORD_ID]} for each in found]})


def _delete_where(call: Call) -> Result:
    conditions = _conditions(call.input)
    if not conditions:
        raise interface.Failure("filters: say which records go; all of them go with truncate_table", "Invalid")
    table = _table(call)
    count = table.remove([each.id for each in table.select(workspace.Query(conditions))])
    return Result({"success": True, "count": count})


def _truncate(call: Call) -> Result:
    return Result({"success": True, "count": _table(call).truncate()})


def _conditions(given: interface.Object) -> list[workspace.Condition]:
    listed = given.get("filters")
    if listed is None or listed == "":
        return []
    if not isinstance(listed, list | tuple):
        raise interface.Failure("filters must be a list", "Invalid")
    return [_condition(each, at) for at, each in enumerate(listed, 1)]


def _condition(given: values.Value, at: int) -> workspace.Condition:
    """One filter: its operator stands under `op_…`, its value under `value_…`, whatever the column's type is."""
    if not isinstance(given, Mapping):
        raise interface.Failure(f"filter {at} must be an object", "Invalid")
    column = inputs.word({f"field_id of filter {at}": given.get("field_id")}, f"field_id of filter {at}")
    said = [value for key, value in given.items() if key.startswith(("op_", "operator", "operand")) and value]
    operator = str(said[0]) if said else "eq"
    operator = _WORDS.get(operator, operator)
    if operator not in workspace.OPERATORS:
        known = ", ".join(workspace.OPERATORS)
        raise interface.Failure(f"filter {at}: operator unknown: {operator[:60]!r} is not one of {known}", "Invalid")
    found = [value for key, value in given.items() if key.startswith("value")]
    return workspace.Condition(column, operator, _operand(operator, found[0] if found else None))


def _operand(operator: str, value: values.Value) -> values.Value:
    if operator != "in" or isinstance(value, list | tuple):
        return None if value == "" else value
    return [each.strip() for each in str(value or "").split(",") if each.strip()]


def _shown(call: Call, table: workspace.DataTable, entry: workspace.Entry) -> interface.Object:
    """A record by its columns' ids, or where the step wants that, by their names."""
    if call.input.get("output_format") != "field_name_to_value":
        return entry.fields
    return {each.label: entry.fields[each.name] for each in table.columns}


def _token(table: workspace.DataTable, query: workspace.Query, last: workspace.Entry) -> str:
    by = query.order_by or ""
    value = next((last.fields[each.name] for each in table.columns if by.replace("-", "_") == each.name), None)
    value = next((last.fields[each.name] for each in table.columns if by == each.label), value)
    spelled = json.dumps([last.id, value], default=str)
    return base64.urlsafe_b64encode(spelled.encode()).decode()


def _read(token: values.Value) -> workspace.After | None:
    if token is None or token == "":
        return None
    try:
        entry_id, value = json.loads(base64.urlsafe_b64decode(str(token).encode()))
        return workspace.After(int(entry_id), value)
    except (binascii.Error, ValueError, TypeError) as e:
        raise interface.Failure("continuation_token is none that an earlier look gave", "Invalid") from e


def _subject(given: interface.Object) -> str:
    return f"records:{inputs.word(given, 'table_id')}"


def _created(_: interface.Object, payload: interface.Object) -> interface.Object | None:
    return {"record": payload["record"]} if payload["action"] == "created" else None


def _changed(_: interface.Object, payload: interface.Object) -> interface.Object:
    return {"record": payload["record"], "old_record": payload.get("old_record") or {}}


def _action(
    name: str, title: str, run: Callable[[Call], Result], given: Sequence[Field] = (), output: Sequence[Field] = ()
) -> interface.Action:
    return interface.Action(name, run, title, interface.Effect.HERE, (_CHOSEN, *given), tuple(output))


_FORMAT = Field("output_format")
_BY = Field("parameters", "object", label="Fields")
_ID = Field("record_id", optional=False, label="Record ID")
_FILTERS = Field("filters", "array", label="Filters")
_PRIMARY = Field("primary_field_id", optional=False, label="Primary key")
_RECORD = Field("record", "object", label="Record")
_LIST = Field("records", "array", label="Records")
_TOKEN = Field("continuation_token", label="Next page token")
_SUCCESS = Field("success", "boolean", label="Success")
_COUNT = Field("count", "integer", label="Records")
_ORDER = (Field("order_by_field_id"), Field("order_direction"), Field("limit", "integer"), _TOKEN, _FORMAT)

CONNECTOR = interface.Connector(
    "workato_db_table",
    "Data tables",
    triggers=(
        interface.Trigger(
            "new_records_realtime", interface.Subject(_subject, _created), "New record", (_CHOSEN,), (_RECORD,)
        ),
        interface.Trigger(
            "updated_records_realtime",
            interface.Subject(_subject, _changed),
            "New or changed record",
            (_CHOSEN,),
            (_RECORD, Field("old_record", "object", label="Old record")),
        ),
    ),
    actions=(
        _action("get_records", "Search records", _select, (_FILTERS, *_ORDER), (_LIST, _TOKEN)),
        _action("add_record", "Create a record", _add, (_BY, _FORMAT), (_RECORD,)),
        _action("create_records_batch", "Create records", _add_batch, (_FORMAT,), (_LIST,)),
        _action("update_record", "Change a record", _update, (_ID, _BY, _FORMAT), (_RECORD,)),
        _action(
            "upsert_record",
            "Change or create a record",
            _upsert,
            (_PRIMARY, _BY, _FORMAT),
            (_RECORD, Field("created", "boolean", label="Created")),
        ),
        _action("delete_record", "Delete a record", _delete, (_ID,), (_SUCCESS,)),
        _action("delete_records_batch", "Delete records", _delete_batch, (), (_LIST,)),
        _action("delete_records_by_condition", "Delete what is found", _delete_where, (_FILTERS,), (_SUCCESS, _COUNT)),
        _action("truncate_table", "Empty the table", _truncate, (), (_SUCCESS, _COUNT)),
    ),
)
