"""Schemas guessed from samples, over HTTP."""

import json
from typing import Any

import pytest

import servers

SAMPLE = {
    "id": 5,
    "createdAt": "2026-01-02T03:04:05Z",
    "day": "2026-01-02",
    "total": 1.5,
    "paid": True,
    "note": None,
    "buyer": {"first_name": "A"},
    "lines": [{"sku": "x", "price": 1}, {"price": 2.5, "sku": "y", "gift": True}],
    "tags": ["a"],
    "grid": [[1]],
}


@pytest.mark.parametrize("sample", [SAMPLE, json.dumps(SAMPLE), [SAMPLE]], ids=["JSON", "text", "list"])
def test_a_document_tells_its_fields(client: servers.Client, sample: Any) -> None:
    fields = client.call("POST", "sdk/generate_schema/json", json={"sample": sample})

    by_name = {each["name"]: each for each in fields}
    types = "integer date_time date number boolean string object array array array".split()
    assert dict(zip(SAMPLE, types, strict=True)) == {name: each["type"] for name, each in by_name.items()}
    created = {"name": "createdAt", "label": "Created at", "type": "date_time", "optional": False}
    assert created | {"control_type": "date_time"} == by_name["createdAt"]
    assert (True, "First name") == (by_name["note"]["optional"], by_name["buyer"]["properties"][0]["label"])
    lines = by_name["lines"]
    assert ("object", ["string", "number", "boolean"], [False, False, True]) == (
        lines["of"],
        [each["type"] for each in lines["properties"]],
        [each["optional"] for each in lines["properties"]],
    )
    assert ("string", "string") == (by_name["tags"]["of"], by_name["grid"]["of"])


@pytest.mark.parametrize(
    "sample", ["{", "5", 5, None, [], [{}, 5], "[" * 300 + "]" * 300, '{"a":' * 300 + "1" + "}" * 300]
)
def test_what_is_no_document_is_refused(client: servers.Client, sample: Any) -> None:
    answer = client.call("POST", "sdk/generate_schema/json", 400, json={"sample": sample})

    assert ["sample"] == list(answer["errors"])


@pytest.mark.parametrize(("named", "separator"), [(None, ","), ("semicolon", ";"), ("tab", "\t")])
def test_a_table_tells_its_columns(client: servers.Client, named: str | None, separator: str) -> None:
    lines = [
        ["Order No", "Amount", "Paid", "Shipped on", "Zip", "Order no", ""],
        ["1", "2", "true", "2026-01-02", "01234", '"a', 'b"', "x"],
        ["2", "2.5", "false", "", "9", "", ""],
    ]
    sample = "\r\n".join(separator.join(line) for line in lines)
    wanted = {"sample": sample} | ({"col_sep": named} if named else {})

    fields = client.call("POST", "sdk/generate_schema/csv", json=wanted)

    assert [
        ("order_no", "Order No", "integer", False),
        ("amount", "Amount", "number", False),
        ("paid", "Paid", "boolean", False),
        ("shipped_on", "Shipped on", "date", True),
        ("zip", "Zip", "string", False),
        ("order_no_1", "Order no", "string", True),
        ("column", "Column", "string", True),
    ] == [(each["name"], each["label"], each["type"], each["optional"]) for each in fields]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "sample"),
        ({"sample": ""}, "sample"),
        ({"sample": "\n1,2"}, "sample"),
        ({"sample": 'a\n"b"c'}, "sample"),
        ({"sample": "a", "col_sep": "dot"}, "col_sep"),
    ],
)
def test_what_is_no_table_is_refused(client: servers.Client, fields: dict[str, str], field: str) -> None:
    assert field in str(client.call("POST", "sdk/generate_schema/csv", 400, json=fields))
