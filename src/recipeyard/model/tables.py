"""Rows of lookup tables and data tables: the CSV that travels inside their documents, and the shape of both.

A lookup table's CSV has no header: its fields are the sticky columns in their order. A data table's CSV has one.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence

from recipeyard.model import documents


def shape(value: Mapping[str, documents.Value]) -> Iterator[str]:
    """What is wrong with a table's document."""
    schema = value.get("schema")
    if not isinstance(schema, list) or not all(isinstance(column, Mapping) for column in schema):
        yield "schema must be a list of columns"
        return
    data = value.get("data")
    if data is not None and not isinstance(data, str):
        yield "data must be a text of CSV lines"
    elif data:
        yield from _misfits(data)


def parse(data: str) -> list[list[str]]:
    """The lines of a CSV text, field by field; a line break inside quotes belongs to its field."""
    return [line for line in csv.reader(_lines(data), strict=True) if line]


def spell(rows: Sequence[Sequence[str]]) -> str:
    """Rows as the CSV text that travels: LF between lines, quotes only where they are needed."""
    return "".join(",".join(_field(field) for field in row) + "\n" for row in rows)


def columns(value: Mapping[str, documents.Value]) -> list[str]:
    """The labels of a table's columns in use, in their order."""
    schema = value.get("schema")
    found: list[str] = []
    for column in schema if isinstance(schema, list) else ():
        if isinstance(column, Mapping) and column.get("sticky") is not False:
            found.append(str(column.get("label") or column.get("title") or column.get("name") or ""))
    return found


def _misfits(data: str) -> Iterator[str]:
    try:
        rows = parse(data)
    except csv.Error as e:
        yield f"data is not valid CSV ({e})"
        return
    widths = {len(row) for row in rows}
    if len(widths) > 1:
        yield f"data has lines of {min(widths)} and of {max(widths)} fields"


def _lines(data: str) -> Iterator[str]:
    return (line + "\n" for line in data.split("\n"))


def _field(value: str) -> str:
    quoted = any(character in value for character in ',"\n\r') or value == ""
    return '"' + value.replace('"', '""') + '"' if quoted else value
