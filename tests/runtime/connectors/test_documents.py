"""Message templates, mapped data, queried CSV."""

from typing import Any

import pytest

import connector_calls
from recipeyard.runtime import interface, values
from recipeyard.runtime.connectors import workato_mapper, workato_template, workato_transformations


def _document(content: values.Value, given: interface.Object, **step: Any) -> interface.Object:
    bare = connector_calls.Bare({("workato_template", "47"): {"name": "Greeting", "content": content}})
    fields: interface.Object = {"template_id": "47", "template_input": given}
    return connector_calls.perform(
        workato_template.CONNECTOR, "create_document", fields, workspace=bare, step=step
    ).output


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Hello {{name}}!", "Hello A &amp; B!"),
        ("Hello {{{name}}}, {{& name}}!", "Hello A & B, A & B!"),
        ("{{#items}}{{n}}:{{name}} {{/items}}", "1:A &amp; B 2:own "),
        ("{{#tags}}<{{.}}>{{/tags}}", "<x><y>"),
        ("{{^none}}nothing{{/none}}{{#none}}something{{/none}}", "nothing"),
        ("{{#who}}{{first}} {{/who}}{{who.first}}", "Ada Ada"),
        ("{{zero}} {{yes}} {{missing}}.", "0 true ."),
        ("{{! a remark }}plain {{=<% %>=}}<% zero %>", "plain 0"),
        ("", ""),
    ],
)
def test_a_template_is_filled(content: str, text: str) -> None:
    given: interface.Object = {
        "name": "A & B",
        "items": [{"n": 1}, {"n": 2, "name": "own"}],
        "tags": ["x", "y"],
        "none": [],
        "who": {"first": "Ada"},
        "zero": 0,
        "yes": True,
    }

    assert {"document": text} == _document(content, given)


def test_the_document_is_called_what_the_recipes_schema_calls_it() -> None:
    assert {"message": "x"} == _document("x", {}, extended_output_schema=[{"name": "message", "type": "string"}])


def test_a_template_sees_nothing_but_its_values() -> None:
    assert {"document": "[][]"} == _document("[{{name.__class__}}][{{name.upper}}]", {"name": "x"})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{{#a}}", "the template can't be read: Unexpected EOF"),
        ("{{name", "the template can't be read: unclosed tag"),
        ("{{}}", "the template can't be read"),
        ("{{/a}}", "the template can't be read"),
        ("{{> other}}", "the template names another one, “other”"),
        ("x" * 262_145, "longer than 262,144 characters"),
        ("{{#a}}" * 60 + "{{/a}}" * 60, "sections more than 50 deep"),
        ("{{#l}}{{#l}}{{#l}}{{#l}}x{{/l}}{{/l}}{{/l}}{{/l}}", "more than 1,000,000 steps"),
        ("{{#l}}{{#l}}" + "x" * 2_000 + "{{/l}}{{/l}}", "longer than 10,485,760 characters"),
        (None, "the template Greeting has no content"),
    ],
)
def test_a_template_that_goes_wrong_or_too_far_says_so(content: values.Value, words: str) -> None:
    with pytest.raises(interface.Failure, match=words):
        _document(content, {"l": [*range(1, 101)], "name": "x"})


def test_a_template_that_is_not_there_is_named() -> None:
    with pytest.raises(interface.Failure, match="there is no workato_template 5"):
        connector_calls.perform(workato_template.CONNECTOR, "create_document", {"template_id": "5"})


def test_data_is_mapped_to_the_schemas_types() -> None:
    step: interface.Object = {
        "extended_output_schema": [{"name": "id", "type": "integer"}, {"name": "tags", "type": "array"}]
    }

    assert {"id": 5, "tags": ["x"]} == connector_calls.perform(
        workato_mapper.CONNECTOR, "map", {"workato_schema_id": "9", "id": "5", "tags": ["x"]}, step=step
    ).output
    assert {"id": 5} == connector_calls.perform(
        workato_mapper.CONNECTOR, "map", {"workato_schema_id": "9", "output": {"id": "5"}}, step=step
    ).output


_SOURCES: values.Value = [
    {"name": "orders", "csv_content": "id,customer,sum\n1,7,10\n2,8,20\n3,7,5\n"},
    {"name": "my customers", "list_source": [{"id": 7, "name": "Ada"}, {"id": 8, "name": "Bob"}]},
]
_SQL = (
    "SELECT name, SUM(sum) AS total FROM orders JOIN my_customers ON customer = CAST(my_customers.id AS TEXT)"
    " GROUP BY name ORDER BY name"
)


def _queried(given: interface.Object, **step: Any) -> interface.Object:
    fields: interface.Object = {"data_sources": _SOURCES, "query": _SQL, **given}
    return connector_calls.perform(workato_transformations.CONNECTOR, "query_data", fields, step=step).output


def test_sources_are_joined_by_sql_and_come_as_csv() -> None:
    assert {"csv_contents": "Ada,15\nBob,20\n", "row_count": 2} == _queried({})
    assert (
        "name;total\nAda;15\nBob;20\n"
        == _queried({"output_settings": {"include_header": "true", "col_sep": "semicolon"}})["csv_contents"]
    )


def test_rows_come_as_a_list_too_where_the_recipes_schema_has_one() -> None:
    total: values.Value = {"name": "total", "type": "integer"}
    schema: values.Value = [{"name": "rows", "type": "array", "properties": [{"name": "name"}, total]}]

    assert [{"name": "Ada", "total": 15}, {"name": "Bob", "total": 20}] == _queried({}, extended_output_schema=schema)[
        "rows"
    ]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"query": ""}, "query is required"),
        ({"data_sources": []}, "data_sources is required"),
        ({"query": "DROP TABLE orders"}, "the query can't be done: not authorized"),
        ({"output_type": "filestorage_file"}, "query_data writes no files"),
        ({"data_sources": [{"name": "a", "source_type": "filestorage_file"}]}, "the source a is a file"),
    ],
)
def test_what_cannot_be_done_is_refused(given: interface.Object, words: str) -> None:
    with pytest.raises(interface.Failure, match=words):
        _queried(given)
