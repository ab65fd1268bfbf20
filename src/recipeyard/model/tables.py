"""Tables: the shape of both kinds, the CSV that travels inside their documents, and what lookup tables hold.

A lookup table's CSV has no header: its fields are the sticky columns in their order, and a row is kept as the list of
them. A data table's CSV has one; `data_tables` tells what its records are.
"""

import csv
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from recipeyard.model import assets, documents, errors

COLUMNS = 10
"""How many columns a lookup table has: all of them stand in its document, those in use are sticky."""

ROWS = 10_000
"""How many rows the API lets a lookup table grow to; a package may bring more."""

Where = TypeVar("Where")

csv.field_size_limit(2**31 - 1)  # a field may be as long as its document, whose size has a limit of its own


@dataclass(frozen=True, slots=True)
class Table:
    """A lookup table or data table: its asset, its decoded document, and the project it belongs to."""

    asset: assets.Asset
    value: Mapping[str, documents.Value]
    project_id: int | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table. `fields` is a lookup table's list of texts, or a data table's texts by column.

    A row that came with a package has no times of its own: it is as old as its table's version.
    """

    id: int
    fields: Any
    created_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column in use. `label` is what people call it, `name` what documents do: `col1` and so on."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A column as a request wants it; `name` says which one is meant, where it is to get another label."""

    label: str
    name: str | None = None


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


def entries(value: Mapping[str, documents.Value]) -> list[Mapping[str, documents.Value]]:
    """The columns of a table's document, of either kind, as they stand there."""
    listed = value.get("schema")
    return [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []


def told(row: Sequence[str]) -> list[str]:
    """A row without the empty fields at its end: what two spellings of the same row have in common."""
    last = max((at for at, field in enumerate(row, 1) if field), default=0)
    return list(row[:last])


def columns(value: Mapping[str, documents.Value]) -> list[Column]:
    """A lookup table's columns in use, in their order. One whose label is blank or not its own goes by its name."""
    used = [(_name(each, at), each) for at, each in enumerate(entries(value), 1) if _in_use(each)]
    labels = [str(each.get("label") or "") for _, each in used]
    shared = Counter(labels)
    named = zip(used, labels, strict=True)
    return [Column(name, label if label and shared[label] == 1 else name) for (name, _), label in named]


def places(table: str, found: Sequence[Column], names: Iterable[str]) -> dict[str, int]:
    """Where the columns of these labels or names stand in a row. Raises `errors.Invalid` naming those there are not."""
    known = {column.name: at for at, column in enumerate(found)}
    known |= {column.label: at for at, column in enumerate(found)}
    return among(table, known, names)


def among(table: str, known: Mapping[str, Where], names: Iterable[str]) -> dict[str, Where]:
    """What is known of these columns, by name. Raises `errors.Invalid` naming those of which nothing is."""
    wanted = list(names)
    if issues := [unknown(table, name) for name in wanted if name not in known]:
        raise errors.Invalid.listing(issues)
    return {name: known[name] for name in wanted}


def fields(table: str, found: Sequence[Column], data: Mapping[str, object], before: Sequence[str] = ()) -> list[str]:
    """The fields of a row in which these values are set, by label or name; the others stay as they were before.

    Raises `errors.Invalid` for columns that the table has not, and for values that are no texts.
    """
    at = places(table, found, data)
    issues = [errors.Issue(name, "a list or an object is no text") for name, v in data.items() if _is_nested(v)]
    issues += [errors.Issue(name, "has a NUL character") for name, v in data.items() if "\0" in str(v)]
    if issues:
        raise errors.Invalid.listing(issues)
    made = padded(found, before)
    for name, value in data.items():
        made[at[name]] = text(value)
    return made


def by_label(found: Sequence[Column], row: Sequence[str]) -> dict[str, str]:
    """A row's fields by the labels of their columns."""
    return {column.label: field for column, field in zip(found, padded(found, row), strict=False)}


def padded(found: Sequence[Column], row: Sequence[str]) -> list[str]:
    """A row with a field for each column; those beyond the columns stay where they are."""
    return [*row, *[""] * (len(found) - len(row))]


def unknown(table: str, column: str) -> errors.Issue:
    """A column that a request names and the table has not."""
    return errors.Issue(column, f"column unknown: table {table!r} has no such column")


def full(table: str, limit: int) -> errors.Invalid:
    """One more row than a table may have."""
    return errors.Invalid(f"row over the limit: table {table!r} has {limit} rows already, and that is the most")


def schema(wanted: Sequence[Wanted], before: Mapping[str, documents.Value] | None = None) -> list[documents.Value]:
    """The columns of a lookup table's document, so that those that are wanted are in use.

    One that is here already, by its name or else its label, keeps its place and its other members; a new one takes a
    place that was not in use, while there is one. Raises `errors.Invalid` for labels that are blank or stand twice, and
    for more columns than there are.
    """
    _refuse_odd(wanted)
    here = [dict(each) for each in entries(before or {})]
    here += [_unused(at) for at in range(len(here) + 1, COLUMNS + 1)]
    chosen = _kept(wanted, here)
    labels = {each.label for each in chosen.values()}
    free = sorted((at for at in range(len(here)) if at not in chosen), key=lambda at: (_in_use(here[at]), at))
    chosen |= dict(zip(free, [each for each in wanted if each.label not in labels], strict=False))
    for at, column in enumerate(here):
        column["sticky"] = at in chosen
        column["label"] = chosen[at].label if at in chosen else f"Untitled column {at + 1}"
    return list(here)


def staying(wanted: Sequence[Wanted], before: Mapping[str, documents.Value]) -> frozenset[str]:
    """The names of the columns in use that are still wanted."""
    here = entries(before)
    return frozenset(_name(here[at], at + 1) for at in _kept(wanted, here) if _in_use(here[at]))


def carried(row: Sequence[str], before: Sequence[Column], after: Sequence[Column], stay: Container[str]) -> list[str]:
    """A row's fields under other columns: each stays with its column, and what has no column any more is gone."""
    held = {column.name: field for column, field in zip(before, row, strict=False) if column.name in stay}
    return [*(held.get(column.name, "") for column in after), *row[len(before) :]]


def text(value: object) -> str:
    """A value as a field: texts as they are, true and false in small letters, nothing for null."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _misfits(data: str) -> Iterator[str]:
    try:
        rows = parse(data)
    except csv.Error as e:
        yield f"data is not valid CSV ({e})"
        return
    widths = {len(row) for row in rows}
    if len(widths) > 1:
        yield f"data has lines of {min(widths)} and of {max(widths)} fields"


def _is_nested(value: object) -> bool:
    return isinstance(value, dict | list)


def _in_use(column: Mapping[str, documents.Value]) -> bool:
    return column.get("sticky") is not False


def _name(column: Mapping[str, documents.Value], at: int) -> str:
    name = column.get("name")
    return name if isinstance(name, str) and name else f"col{at}"


def _unused(at: int) -> dict[str, documents.Value]:
    label = f"Untitled column {at}"
    return {"name": f"col{at}", "label": label, "sticky": False, "control_type": "text", "type": "string"}


def _kept(wanted: Sequence[Wanted], here: Sequence[Mapping[str, documents.Value]]) -> dict[int, Wanted]:
    """Where the columns stand that are here already: at the place they name, else at that of their label."""
    names = {_name(column, at): at - 1 for at, column in reversed(list(enumerate(here, 1)))}
    labels = {str(column.get("label")): at for at, column in enumerate(here) if _in_use(column)}
    kept = {names[each.name]: each for each in wanted if each.name in names}
    for each in wanted:
        at = labels.get(each.label)
        if each.name not in names and at is not None and at not in kept:
            kept[at] = each
    return kept


def _refuse_odd(wanted: Sequence[Wanted]) -> None:
    issues = []
    if not 1 <= len(wanted) <= COLUMNS:
        issues.append(f"a lookup table has 1 to {COLUMNS} columns, not {len(wanted)}")
    if not all(each.label.strip() for each in wanted):
        issues.append("a column's label can't be blank")
    labels, names = Counter(each.label for each in wanted), Counter(each.name for each in wanted if each.name)
    issues += [f"two columns have the label {label!r}" for label, times in labels.items() if times > 1]
    issues += [f"two columns are meant by {name!r}" for name, times in names.items() if times > 1]
    if issues:
        raise errors.Invalid.listing([errors.Issue("schema", what) for what in issues])


def _lines(data: str) -> Iterator[str]:
    return (line + "\n" for line in data.split("\n"))


def _field(value: str) -> str:
    quoted = any(character in value for character in ',"\n\r') or value == ""
    return '"' + value.replace('"', '""') + '"' if quoted else value
