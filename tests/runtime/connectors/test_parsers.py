"""JSON and CSV: documents taken apart, and lines put together."""

import pytest

import connector_calls
from recipeyard.runtime import interface, values
from recipeyard.runtime.connectors import csv_parser, json_parser

_TEXT = "Id,Full Name\n1,Ada\n2,Bob\n"


def _json(action: str, document: values.Value, schema: values.Value = None) -> interface.Object:
    step: interface.Object = {"extended_output_schema": schema}
    given: interface.Object = {"sample_document": "{}", "document": document}
    return connector_calls.perform(json_parser.CONNECTOR, action, given, step=step).output


def test_the_first_form_gives_the_documents_fields_with_underscores_for_spaces() -> None:
    assert {"Customer_Name": "Ada", "lines": [{"Unit_Price": 1.5}]} == _json(
        "parse_json", '{"Customer Name": "Ada", "lines": [{"Unit Price": 1.5}]}'
    )


def test_the_second_form_keeps_names_below_the_document() -> None:
    assert {"document": {"Customer Name": "Ada"}} == _json("parse_json_v2", '{"Customer Name": "Ada"}')


def test_a_document_that_is_a_list_is_a_field_named_as_the_recipes_schema_says() -> None:
    schema: values.Value = [{"name": "contacts", "type": "array", "properties": [{"name": "id"}]}]

    assert {"array": [{"id": 1}]} == _json("parse_json", '[{"id": 1}]')
    assert {"contacts": [{"id": 1}]} == _json("parse_json", '[{"id": 1}]', schema)
    assert {"document": {"array": [1]}} == _json("parse_json_v2", "[1]")


def test_lists_in_lists_become_objects_where_the_schema_reads_them_so() -> None:
    inner: values.Value = {"name": "array", "type": "array"}
    rows: values.Value = {"name": "rows", "type": "array", "properties": [inner]}
    schema: values.Value = [{"name": "document", "type": "object", "properties": [rows]}]

    assert {"document": {"rows": [{"array": [1, 2]}]}} == _json("parse_json_v2", '{"rows": [[1, 2]]}', schema)
    assert {"document": {"rows": [[1, 2]]}} == _json("parse_json_v2", '{"rows": [[1, 2]]}')


def test_bytes_are_read_in_their_encoding_and_what_is_parsed_already_stays() -> None:
    given: interface.Object = {"document": '{"a": "é"}'.encode("latin-1"), "encoding": "ISO-8859-1"}

    assert {"a": "é"} == connector_calls.perform(json_parser.CONNECTOR, "parse_json", given).output
    assert {"a": 1} == _json("parse_json", {"a": 1})


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ('{"a": }', r"document is no JSON: Expecting value \(line 1, column 7\)"),
        ("", "document is required"),
        (None, "document is required"),
        ("[" * 100_000, "nested too deep"),
        ("[" * 900 + "]" * 900, "more than 200 levels deep"),
        ('{"a": NaN}', "NaN is no number"),
        ("9" * 5_000, "no JSON that can be read: Exceeds the limit"),
        (b"\xff", "document is no text in utf-8"),
    ],
)
def test_a_document_that_is_no_json_is_refused(document: values.Value, words: str) -> None:
    with pytest.raises(interface.Failure, match=words):
        _json("parse_json", document)


def _lines(given: interface.Object, schema: values.Value = None) -> values.Value:
    step: interface.Object = {"extended_output_schema": schema}
    return connector_calls.perform(csv_parser.CONNECTOR, "parse_csv", given, step=step).output["lines"]


_SCHEMA: values.Value = [
    {
        "name": "lines",
        "type": "array",
        "properties": [
            {"name": "column_0", "label": "Id", "type": "integer"},
            {"name": "column_1", "label": "Full Name", "type": "string"},
        ],
    }
]


def test_columns_have_the_names_and_types_of_the_recipes_schema() -> None:
    assert [{"column_0": 1, "column_1": "Ada"}, {"column_0": 2, "column_1": "Bob"}] == _lines(
        {"csv_content": _TEXT, "column_value_by": "index"}, _SCHEMA
    )


def test_columns_are_found_by_name_wherever_they_stand() -> None:
    given: interface.Object = {"csv_content": "Full Name;x;Id\nAda;;1\n", "col_sep": ";", "column_value_by": "header"}

    assert [{"column_0": 1, "column_1": "Ada"}] == _lines(given, _SCHEMA)


@pytest.mark.parametrize("separator", ["\t", "tab", " ", "|"])
def test_a_tab_or_a_space_is_a_separator_too(separator: str) -> None:
    text = "a\tb\n1\t2\n".replace("\t", {"tab": "\t"}.get(separator, separator))

    assert [{"a": "1", "b": "2"}] == _lines({"csv_content": text, "col_sep": separator})
    assert f"1{text[1]}2\n" == _composed({"lines": [{"a": 1, "b": 2}], "column_separator": separator})


def test_a_first_line_that_is_data_stays_unless_the_step_says_otherwise() -> None:
    assert [{"column_0": "1"}, {"column_0": "2"}] == _lines({"csv_content": "1\n2\n", "column_value_by": "index"})
    assert [{"column_0": "2"}] == _lines(
        {"csv_content": "1\n2\n", "column_value_by": "index", "skip_first_line": "true"}
    )


def test_without_a_schema_the_first_line_names_the_columns() -> None:
    assert [{"Id": "1", "Full Name": "Ada"}, {"Id": "2", "Full Name": "Bob"}] == _lines({"csv_content": _TEXT})


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert [{"Id": "1"}] == _lines({"csv_content": b"\xef\xbb\xbfId\n1\n"})


def test_cells_that_are_missing_are_none_and_quotes_hold_separators_and_lines() -> None:
    assert [{"a": "1,2", "b": "x\ny"}, {"a": "3", "b": None}] == _lines({"csv_content": 'a,b\n"1,2","x\ny"\n\n3\n'})
    assert [{"a": '"1'}] == _lines({"csv_content": 'a\n"1\n', "quote_char": "none"})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "csv_content is required"),
        ({"csv_content": "a", "col_sep": "ab"}, "col_sep must be one character, not “ab”"),
        ({"csv_content": "a", "col_sep": "\n"}, "col_sep must be one character"),
        ({"csv_content": "a", "col_sep": '"'}, "col_sep and quote_char can't both be"),
        ({"csv_content": b"a", "encoding": "idna\0"}, "there is no encoding"),
        ({"csv_content": b"\xff"}, "csv_content is no text in utf-8"),
        ({"csv_content": b"a", "encoding": "klingon"}, "there is no encoding “klingon”"),
        ({"csv_content": "a\n" * 100_001}, "more than 100,000 rows"),
        ({"csv_content": "x" * (10 * 1024 * 1024 + 1)}, "longer than 10,485,760 characters"),
    ],
)
def test_csv_that_cannot_be_read_says_why(given: interface.Object, words: str) -> None:
    with pytest.raises(interface.Failure, match=words):
        _lines(given)


def _composed(given: interface.Object) -> values.Value:
    return connector_calls.perform(csv_parser.CONNECTOR, "create_csv_lines", given).output["csv_lines"]


def test_lines_are_composed_in_the_order_of_their_columns() -> None:
    lines: values.Value = [{"column_1": 7, "column_0": "Acme, Inc."}, {"column_0": None, "column_1": True}]
    given: interface.Object = {"column_labels": "Name\nInternal ID", "lines": lines}

    assert '"Acme, Inc.",7\n,true\n' == _composed(given)
    assert '"Name"|"Internal ID"\n"Acme, Inc."|"7"\n""|"true"\n' == _composed(
        {**given, "create_header_line": "true", "force_quotes": "true", "column_separator": "pipe"}
    )


def test_lines_with_names_of_their_own_keep_their_order() -> None:
    assert "id,name\n1,Ada\n" == _composed({"lines": [{"id": 1, "name": "Ada"}], "create_header_line": True})


def test_no_lines_are_an_empty_text() -> None:
    assert "" == _composed({"column_labels": "a\nb"})
    assert "a,b\n" == _composed({"column_labels": "a\nb", "create_header_line": True})
