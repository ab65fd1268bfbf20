"""SQL over CSV: sources become tables, one SELECT reads them, and what it finds is CSV again."""

from collections.abc import Mapping

from recipeyard.runtime import fields, interface, relations, tabular, values

_SOURCES = ("data_sources", "sources", "data_source", "inputs")
_NAMES = ("name", "data_source_name", "source_name", "table_name", "alias")
_SCHEMAS = ("schema", "csv_schema", "header_schema", "columns_schema_json")
_SETTINGS = ("output_settings", "output_setting", "output_config", "output")
_HEADERS = ("include_header", "include_headers", "headers", "csv_header", "create_header_line")


def _query_data(call: interface.Call) -> interface.Result:
    sql = fields.text(fields.first(call.input, "query", "sql")).strip()
    if not sql:
        raise interface.Failure("query is required", kind="Invalid")
    settings = _settings(call.input)
    if "file" in fields.text(fields.first(settings, "output_type", "output_to")).lower():
        raise interface.Failure(
            "query_data writes no files: let it give its contents, and store them with File storage", kind="Unsupported"
        )
    answer = relations.query([_table(each, place) for place, each in enumerate(_sources(call.input), 1)], sql)
    return interface.Result(_output(call, answer, settings))


def _settings(given: interface.Object) -> interface.Object:
    """How the output is to be; some recipes say it within one field."""
    inner = next((given[name] for name in _SETTINGS if isinstance(given.get(name), Mapping)), None)
    return {**given, **inner} if isinstance(inner, Mapping) else given


def _sources(given: interface.Object) -> list[interface.Object]:
    listed = fields.convert(interface.Field("data_sources", "array"), fields.first(given, *_SOURCES))
    sources = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
    if not sources:
        raise interface.Failure("data_sources is required", kind="Invalid")
    return sources


def _table(source: interface.Object, place: int) -> relations.Relation:
    """One source as a table: a list of records, or CSV."""
    name = fields.text(fields.first(source, *_NAMES)).strip() or f"source_{place}"
    if "file" in fields.text(fields.first(source, "source_type", "data_source_type", "type")).lower():
        raise interface.Failure(
            f"the source {name} is a file: get its contents with File storage before, and give these", "Unsupported"
        )
    records = fields.first(source, "list_source", "list", "rows", "data")
    if isinstance(records, list):
        return relations.relation(name, records)
    return relations.relation(name, list(tabular.records(source, fields.schema(fields.first(source, *_SCHEMAS)))))


def _output(call: interface.Call, answer: relations.Answer, settings: interface.Object) -> interface.Object:
    separator = tabular.separator_of(settings, "col_sep", "column_separator", "delimiter")
    heads = [answer.columns] if fields.truth(fields.first(settings, *_HEADERS)) else []
    output: dict[str, values.Value] = {
        "csv_contents": tabular.compose([*heads, *answer.rows], separator),
        "row_count": len(answer.rows),
    }
    lists = [each for each in fields.outputs(call.step) if each.type == "array"]
    return output | {each.name: relations.shaped(answer, each.fields) for each in lists}


CONNECTOR = interface.Connector(
    name="workato_transformations",
    title="SQL transformations",
    actions=(
        interface.Action(
            "query_data",
            _query_data,
            "Query data",
            interface.Effect.PURE,
            (interface.Field("data_sources", "array"), interface.Field("query")),
            (interface.Field("csv_contents"), interface.Field("row_count", "integer")),
        ),
    ),
)
