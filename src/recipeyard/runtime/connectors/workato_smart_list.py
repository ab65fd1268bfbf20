"""Lists that are queried by SQL: made of records or of CSV, added to, and read in SQLite's dialect.

A list is known by its name, in any case. What it holds is kept beside the outputs of steps, and so in the journal; each
query loads the lists that it names into a database in memory of its own.
"""

import re
from collections.abc import Mapping, Sequence

from recipeyard.runtime import fields, interface, relations, tabular, values


def _create_list(call: interface.Call) -> interface.Result:
    return _kept(relations.relation(_name(call), _records(call)))


def _insert_rows(call: interface.Call) -> interface.Result:
    return _grown(call, relations.relation(_name(call), _records(call)))


def _create_list_from_csv(call: interface.Call) -> interface.Result:
    return _kept(relations.relation(_name(call), _csv(call)))


def _insert_rows_from_csv(call: interface.Call) -> interface.Result:
    return _grown(call, relations.relation(_name(call), _csv(call)))


def _name(call: interface.Call) -> str:
    name = fields.text(fields.first(call.input, "list_name", "name", "table_name")).strip()
    if not name:
        raise interface.Failure("list_name is required", kind="Invalid")
    return name


def _records(call: interface.Call) -> list[values.Value]:
    source = fields.first(call.input, "list_source", "list_items", "rows", "list")
    found = fields.convert(interface.Field("list_source", "array"), source)
    return found if isinstance(found, list) else []


def _csv(call: interface.Call) -> list[values.Value]:
    names = ("header_schema", "csv_schema", "schema", "columns_schema_json", "list_schema_json")
    return list(tabular.records(call.input, fields.schema(fields.first(call.input, *names))))


def _kept(table: relations.Relation) -> interface.Result:
    """A list as a step's output tells of it, and as it is kept."""
    told: interface.Object = {
        "list_name": table.name,
        "columns": {name: name for name in table.columns},
        "row_count": len(table.rows),
    }
    return interface.Result(
        told, {_key(table.name): {"name": table.name, "columns": table.columns, "rows": table.rows}}
    )


def _key(name: str) -> str:
    return f"{CONNECTOR.name}:{relations.identifier(name).lower()}"


def _grown(call: interface.Call, new: relations.Relation) -> interface.Result:
    """Rows at the end of a list, or of a new one; columns that it lacks are added."""
    old = _table(call.outputs.get(_key(new.name)))
    if old is None:
        wanted = fields.truth(call.input.get("create_table_if_not_exist"))
        if not wanted:
            raise interface.Failure(f"there is no list {new.name}", kind="NotFound")
        return _kept(new)
    if [each.lower() for each in new.columns] == [each.lower() for each in old.columns]:
        return _kept(relations.bounded(relations.Relation(old.name, old.columns, [*old.rows, *new.rows])))
    spelled = {each.lower(): each for each in (*new.columns, *old.columns)}
    columns = tuple(spelled[each] for each in dict.fromkeys(each.lower() for each in (*old.columns, *new.columns)))
    places = {each.lower(): place for place, each in enumerate(new.columns)}
    order = [places.get(each.lower()) for each in columns]
    rows = [
        *([*row, *(None for _ in columns[len(row) :])] for row in old.rows),
        *([None if place is None else row[place] for place in order] for row in new.rows),
    ]
    return _kept(relations.bounded(relations.Relation(old.name, columns, rows)))


def _table(kept: values.Value) -> relations.Relation | None:
    if not isinstance(kept, Mapping):
        return None
    columns, rows = kept.get("columns"), kept.get("rows")
    if not isinstance(columns, list | tuple) or not isinstance(rows, list | tuple):
        return None
    return relations.Relation(
        str(kept.get("name")),
        tuple(str(each) for each in columns),
        [each for each in rows if isinstance(each, Sequence)],
    )


def _query_list(call: interface.Call) -> interface.Result:
    sql = fields.text(fields.first(call.input, "sql", "query")).strip()
    if not sql:
        raise interface.Failure("sql is required", kind="Invalid")
    words = {each.lower() for each in re.findall(r"\w+", sql)}
    kept = (_table(each) for alias, each in call.outputs.items() if alias.startswith(f"{CONNECTOR.name}:"))
    answer = relations.query((each for each in kept if each and each.name.lower() in words), sql)
    records = relations.shaped(
        answer, fields.schema(call.input.get("result_schema_json")), fields.text(call.input.get("output_schema_by"))
    )
    output: dict[str, values.Value] = {"rows": records, "row_count": len(records)}
    if fields.truth(call.input.get("csv")):
        separator = tabular.separator_of(call.input, "col_sep")
        heads = [answer.columns] if fields.truth(call.input.get("headers")) else []
        output["csv"] = tabular.compose([*heads, *answer.rows], separator)
    return interface.Result(output)


_PURE = interface.Effect.PURE
_LIST = interface.Field("list_name", label="List name")
_INDEX = interface.Field("primary_index", label="Columns to find rows by")
_MADE = (
    interface.Field("list_name"),
    interface.Field("columns", "object"),
    interface.Field("row_count", "integer"),
)
_CREATE = interface.Field("create_table_if_not_exist", "boolean", label="Create the list where there is none")

CONNECTOR = interface.Connector(
    name="workato_smart_list",
    title="SQL collections",
    actions=(
        interface.Action("create_list", _create_list, "Create a list", _PURE, (_LIST, _INDEX), _MADE),
        interface.Action("insert_rows", _insert_rows, "Insert rows", _PURE, (_LIST, _INDEX, _CREATE), _MADE),
        interface.Action(
            "query_list",
            _query_list,
            "Query lists",
            _PURE,
            (interface.Field("sql"), interface.Field("result_schema_json"), interface.Field("csv", "boolean")),
            (interface.Field("rows", "array"), interface.Field("row_count", "integer"), interface.Field("csv")),
        ),
        interface.Action(
            "create_list_from_csv", _create_list_from_csv, "Create a list from CSV", _PURE, (_LIST,), _MADE
        ),
        interface.Action(
            "insert_rows_from_csv", _insert_rows_from_csv, "Insert rows from CSV", _PURE, (_LIST, _CREATE), _MADE
        ),
    ),
)
