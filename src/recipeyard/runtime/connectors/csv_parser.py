"""CSV: text into lines, and lines into text."""

from collections.abc import Mapping, Sequence

from recipeyard.runtime import fields, interface, tabular, values


def _parse_csv(call: interface.Call) -> interface.Result:
    if fields.first(call.input, "csv_content", "csv", "csv_contents", "content") is None:
        raise interface.Failure("csv_content is required", kind="Invalid")
    name, known = _schema(call)
    lines = [fields.fit(known, each) for each in tabular.records(call.input, known)]
    return interface.Result({name: lines})


def _schema(call: interface.Call) -> tuple[str, tuple[interface.Field, ...]]:
    """How the recipe calls the lines, and what it says of their columns."""
    given = fields.schema(fields.first(call.input, "header_schema", "csv_schema", "schema"))
    listed = next((each for each in fields.outputs(call.step) if each.type == "array"), None)
    if listed is None:
        return "lines", given
    return listed.name, given or listed.fields


def _create_csv_lines(call: interface.Call) -> interface.Result:
    labels = fields.text(fields.first(call.input, "column_labels", "column_names", "headers")).splitlines()
    given = fields.convert(interface.Field("lines", "array"), call.input.get("lines"))
    lines = given if isinstance(given, list) else []
    names = _names(lines, len(labels))
    rows: list[Sequence[values.Value]] = [_cells(line, names) for line in lines]
    if fields.truth(call.input.get("create_header_line")):
        rows.insert(0, labels or names)
    separator = tabular.separator_of(call.input, "column_separator", "col_sep")
    quoted = fields.truth(call.input.get("force_quotes")) is True
    return interface.Result({"csv_lines": tabular.compose(rows, separator, quoted=quoted)})


def _names(lines: Sequence[values.Value], width: int) -> list[str]:
    """The columns in their order: `column_0` and on, as the editor calls them, else as lines have them."""
    found = list(dict.fromkeys(key for line in lines if isinstance(line, Mapping) for key in line))
    numbered = [f"column_{place}" for place in range(max(width, len(found)))]
    return numbered[: width or len(found)] if set(found) <= set(numbered) else found


def _cells(line: values.Value, names: Sequence[str]) -> list[values.Value]:
    if isinstance(line, Mapping):
        return [line.get(name) for name in names]
    return list(line) if isinstance(line, list | tuple) else [line]


CONNECTOR = interface.Connector(
    name="csv_parser",
    title="CSV",
    actions=(
        interface.Action(
            "create_csv_lines",
            _create_csv_lines,
            "Compose CSV",
            interface.Effect.PURE,
            (
                interface.Field("column_labels", label="Column names, one a line"),
                interface.Field("lines", "array"),
                interface.Field("create_header_line", "boolean"),
                interface.Field("column_separator"),
                interface.Field("force_quotes", "boolean"),
            ),
            (interface.Field("csv_lines"),),
        ),
        interface.Action(
            "parse_csv",
            _parse_csv,
            "Parse CSV",
            interface.Effect.PURE,
            (
                interface.Field("csv_content"),
                interface.Field("col_sep"),
                interface.Field("header_schema"),
                interface.Field("column_value_by"),
                interface.Field("quote_char"),
                interface.Field("encoding"),
            ),
            (interface.Field("lines", "array"),),
        ),
    ),
)
