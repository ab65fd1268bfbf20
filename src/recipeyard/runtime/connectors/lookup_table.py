"""Lookup tables: their entries found, added, changed and deleted, each step in the transaction of its journal."""

from collections.abc import Callable

from recipeyard.runtime import inputs, interface, workspace
from recipeyard.runtime.interface import Call, Field, Result

TABLE = "lookup_table_id"
_ENTRIES = ("entries", "parameters", "rows", "list")
_IDS = ("entries", "ids", "id", "list")
_ENTRY = (Field("id", "integer", label="Entry ID"), Field("entry", "object", label="Entry"))
_CHOSEN = Field(TABLE, optional=False, label="Lookup table")


def _table(call: Call) -> workspace.Table:
    return call.workspace.lookup_table(inputs.word(call.input, TABLE))


def _shown(entry: workspace.Entry) -> interface.Object:
    return {"id": entry.id, "entry": entry.fields}


def _listed(found: list[workspace.Entry]) -> Result:
    return Result({"entries": [_shown(each) for each in found]})


def _search(call: Call) -> Result:
    return _listed(list(_table(call).entries(inputs.fields(call.input, "parameters"))))


def _all(call: Call) -> Result:
    return _listed(list(_table(call).entries({})))


def _first(call: Call) -> Result:
    """An entry that is not there is no failure: its id is null, and recipes ask for that."""
    wanted = inputs.fields(call.input, "parameters")
    if not wanted:
        raise interface.Failure("parameters: an entry is looked up by at least one of its fields", "Invalid")
    found = _table(call).entries(wanted, limit=1)
    return Result(_shown(found[0]) if found else {"id": None, "entry": {}})


def _add(call: Call) -> Result:
    return Result(_shown(_table(call).add([inputs.fields(call.input, "parameters")])[0]))


def _add_batch(call: Call) -> Result:
    return _listed(list(_table(call).add(inputs.objects(call.input, _ENTRIES))))


def _update(call: Call) -> Result:
    table = _table(call)
    found = _entry(call, table)
    if found is None:
        return Result({"id": None, "entry": {}})
    return Result(_shown(table.change(found.id, inputs.filled(call.input, call.step, "parameters"))))


def _delete(call: Call) -> Result:
    table = _table(call)
    found = _entry(call, table)
    return Result({"id": found.id if found else None, "success": found is not None and table.remove([found.id]) > 0})


def _delete_batch(call: Call) -> Result:
    ids = [_number(each) for each in inputs.identities(call.input, _IDS, ("id", "entry_id"))]
    return Result({"count": _table(call).remove(ids)})


def _truncate(call: Call) -> Result:
    return Result({"success": True, "count": _table(call).truncate()})


def _entry(call: Call, table: workspace.Table) -> workspace.Entry | None:
    """The entry of the input's id; None where it is not there and that is to be passed over."""
    entry_id = _number(inputs.word(call.input, "id"))
    found = table.entry(entry_id)
    if found is None and not inputs.switch(call.input, "ignore_not_found"):
        raise interface.Failure(f"there is no entry {entry_id} in the table", "NotFound")
    return found


def _number(entry_id: str) -> int:
    if not entry_id.isascii() or not entry_id.isdigit() or len(entry_id) > 18:
        raise interface.Failure(f"{entry_id[:60]!r} is no id of an entry", "Invalid")
    return int(entry_id)


def _action(
    name: str,
    title: str,
    run: Callable[[Call], Result],
    given: tuple[Field, ...] = (),
    output: tuple[Field, ...] = (),
) -> interface.Action:
    return interface.Action(name, run, title, interface.Effect.HERE, (_CHOSEN, *given), output)


_BY = Field("parameters", "object", label="Fields")
_ID = (Field("id", optional=False, label="Entry ID"), Field("ignore_not_found", "boolean"))
_LIST = (Field("entries", "array", label="Entries", fields=_ENTRY),)

CONNECTOR = interface.Connector(
    "lookup_table",
    "Lookup tables",
    actions=(
        _action("search_entries", "Search entries", _search, (_BY,), _LIST),
        _action("get_entries", "Get all entries", _all, (), _LIST),
        _action("get_entry", "Look up an entry", _first, (_BY,), _ENTRY),
        _action("add_entry", "Add an entry", _add, (_BY,), _ENTRY),
        _action("add_batch_of_entries", "Add entries", _add_batch, (), _LIST),
        _action("update_entry", "Change an entry", _update, (*_ID, _BY), _ENTRY),
        _action("delete_entry", "Delete an entry", _delete, _ID, (Field("id", "integer"), Field("success", "boolean"))),
        _action("delete_entries", "Delete entries", _delete_batch, (), (Field("count", "integer"),)),
        _action("truncate", "Empty the table", _truncate, (), (Field("success", "boolean"), Field("count", "integer"))),
    ),
)
