"""Data tables: typed columns, as packages spell them and as the API names them, and records by column.

A record is kept as its texts by column id, beside `record_id`, `created_at` and `updated_at`: the header of the CSV in
which records travel. An empty text is no value. Files and lists of values are shown, and never written.
"""

import json
import math
import re
import uuid
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from recipeyard.model import documents, errors, references, tables

RECORD_ID, CREATED_AT, UPDATED_AT = "record_id", "created_at", "updated_at"
SYSTEM = (RECORD_ID, CREATED_AT, UPDATED_AT)

ROWS = 100_000
"""How many records the API lets a data table grow to; a package may bring more."""

DIGITS = 18
"""How many digits a whole number in a record has at most."""

STRING, INTEGER, NUMBER, BOOLEAN = "string", "integer", "number", "boolean"
DATE, DATE_TIME, FILE, RELATION = "date", "date_time", "file", "relation"
TYPES = {
    "short-text": STRING,
    "long-text": STRING,
    "integer": INTEGER,
    "number": NUMBER,
    "boolean": BOOLEAN,
    "date": DATE,
    "date-time": DATE_TIME,
    "file": FILE,
    "relation": RELATION,
}
"""A column's type in documents, and as the API names it."""

SYSTEM_COLUMNS = (
    ("11fbe9a6-a16d-4d7e-86ea-afe42ec03005", "Record ID", "short-text"),
    ("a5612739-5401-4ae7-bd07-782c1a6fb2d1", "Created time", "date-time"),
    ("61aae604-a95e-4519-9091-bb0bf754a67f", "Last modified time", "date-time"),
)
"""The columns that every table has: their fixed ids, titles and types in documents. The API does not show them."""

SYSTEM_IDS = frozenset(column_id for column_id, _, _ in SYSTEM_COLUMNS)
_SPACE = uuid.UUID("6f0b3f62-0d4e-5c0c-9d0a-2f2b8b0c7a51")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)", re.ASCII)
_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `key` is what records know it by: its id, if the document gives it one.

    Of a relation, `table` is the table that it points at, and `related` the column there.
    """

    key: str
    name: str
    type: str
    required: bool = False
    read_only: bool = False
    hint: str | None = None
    default: Any = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    multivalue: bool = False
    table: references.Reference | None = None
    related: str | None = None

    @property
    def id(self) -> str:
        """The column's uuid."""
        return self.key.lower() if is_uuid(self.key) else str(uuid.uuid5(_SPACE, self.key))


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its row, its times, and its texts by column."""

    row_id: int
    id: str
    created_at: datetime
    updated_at: datetime
    texts: Mapping[str, str]


def is_uuid(text: str) -> bool:
    """Whether a text is a uuid in its usual spelling."""
    return _UUID.fullmatch(text) is not None


def table_id(asset_id: int) -> str:
    """The uuid that a data table goes by: always the same one."""
    return str(uuid.uuid5(_SPACE, f"table {asset_id}"))


def columns(value: Mapping[str, documents.Value]) -> list[Column]:
    """A data table's columns, without those that every table has."""
    return [column(each) for each in tables.entries(value) if each.get("id") not in SYSTEM_IDS]


def column(entry: Mapping[str, documents.Value]) -> Column:
    """What a document says of one column."""
    name, hint, metadata, relation = (entry.get(key) for key in ("title", "hint", "metadata", "relation"))
    points_at = relation if isinstance(relation, Mapping) else {}
    table, related = points_at.get("table_id"), points_at.get("field_id")
    return Column(
        key=str(entry.get("id") or name or entry.get("name") or ""),
        name=str(name or entry.get("name") or ""),
        type=TYPES.get(str(entry.get("type")), STRING),
        required=entry.get("required") is True,
        read_only=entry.get("read_only") is True,
        hint=hint if isinstance(hint, str) else None,
        default=entry.get("default_value"),
        metadata=metadata if isinstance(metadata, Mapping) else {},
        multivalue=entry.get("multivalue") is True,
        table=references.parse(table) if isinstance(table, Mapping) and "zip_name" in table else None,
        related=related if isinstance(related, str) and is_uuid(related) else None,
    )


def labelled(found: Sequence[Column]) -> dict[str, Column]:
    """Columns by what a record's document calls them: their names, or `$id` where a name is blank or shared."""
    shared = Counter(column.name for column in found)
    return {each.name if each.name and shared[each.name] == 1 else f"${each.key}": each for each in found}


def by_reference(found: Sequence[Column]) -> dict[str, Column]:
    """Columns by everything a request may call them: name, id, `$id`."""
    ids = {name: column for column in found for name in (column.id, f"${column.id}", column.key, f"${column.key}")}
    return ids | labelled(found)


def shape(value: Mapping[str, documents.Value]) -> Iterator[str]:
    """What is wrong with the records in a table's document, of which `tables.shape` finds nothing wrong."""
    lines = tables.parse(str(value.get("data") or ""))
    for name, times in Counter(lines[0] if lines else ()).items():
        if times > 1:
            yield f"data has the column {name!r} twice in its header"
    if any("\0" in record[RECORD_ID] for record in parse(str(value.get("data") or ""))):
        yield "data has a record_id with a NUL character"


def parse(data: str) -> list[dict[str, str]]:
    """The records of a CSV text. One that has no id gets one that its place and its fields give it."""
    lines = tables.parse(data)
    records = [dict(zip(lines[0], line, strict=False)) for line in lines[1:]]
    for at, record in enumerate(records):
        if not record.get(RECORD_ID):
            record[RECORD_ID] = str(uuid.uuid5(_SPACE, f"{at} {lines[at + 1]}"))
    return records


def free_id(record_id: str, taken: Container[str | None]) -> str:
    """A record's id, or where another record has it one that it gives, always the same."""
    while record_id in taken:
        record_id = str(uuid.uuid5(_SPACE, f"beside {record_id}"))
    return record_id


def told(record: Mapping[str, str]) -> dict[str, str]:
    """A record without its empty texts: what two spellings of the same record have in common."""
    return {key: text for key, text in record.items() if text}


def spell(value: Mapping[str, documents.Value], records: Sequence[Mapping[str, str]]) -> str:
    """Records as the CSV text that travels; what no column of the document holds any more stands behind the rest."""
    keys = [*SYSTEM, *(column.key for column in columns(value))]
    header = list(dict.fromkeys([*keys, *(name for record in records for name in record)]))
    return tables.spell([header, *([record.get(name, "") for name in header] for record in records)])


def record(table: tables.Table, row: tables.Row) -> Record:
    """A table's row as a record; its times are its own, else the row's, else the table's."""
    created = moment(row.fields.get(CREATED_AT, "")) or row.created_at or table.updated_at
    updated = moment(row.fields.get(UPDATED_AT, "")) or row.updated_at or table.updated_at
    texts = row.fields | {CREATED_AT: stamp(created), UPDATED_AT: stamp(updated)}
    return Record(row.id, row.fields[RECORD_ID], created, updated, texts)


def new_texts(record_id: str, now: datetime) -> dict[str, str]:
    """What every record has, for a new one."""
    return {RECORD_ID: record_id, CREATED_AT: stamp(now), UPDATED_AT: stamp(now)}


def stamp(at: datetime) -> str:
    """A moment as records carry it: ISO 8601 in UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime | None:
    """The moment that a text spells with its offset, None where it spells none."""
    if not _DATE_TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError:
        return None


def filled(table: str, found: Sequence[Column], values: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, str]:
    """A record's texts with these values set, by name or id of their columns.

    Raises `errors.Invalid` listing unknown columns, values of the wrong type, and required columns without a value.
    """
    known = by_reference(found)
    issues = [tables.unknown(table, name) for name in values if name not in known]
    sent = {name: value for name, value in values.items() if name in known}
    issues += [errors.Issue(n, what) for n, value in sent.items() if (what := problem(known[n], value))]
    made = dict(texts) | {known[name].key: text(value) for name, value in sent.items()}
    missing = [column for column in found if column.required and not column.read_only and not made.get(column.key)]
    issues += [errors.Issue(each.name, f"column {each.name!r} is required and has no value") for each in missing]
    if issues:
        raise errors.Invalid.listing(issues)
    return made


def defaults(found: Sequence[Column]) -> dict[str, str]:
    """The texts of a record of which nothing was sent."""
    given = [column for column in found if column.default is not None]
    return {column.key: text(column.default) for column in given if problem(column, column.default) is None}


def problem(column: Column, value: Any) -> str | None:
    """What keeps a column from taking a value, None where nothing does. Null is no value, and no problem here."""
    if column.read_only:
        return f"column {column.name!r} is read-only"
    if column.multivalue:
        return f"column {column.name!r} holds lists of values, which this server does not write"
    if value is None:
        return None
    wanted, fits = _KINDS[column.type]
    if fits(value):
        return None
    if column.type in {INTEGER, NUMBER} and isinstance(value, int) and not isinstance(value, bool):
        shown = str(value) if abs(value) < 10**100 else "this one"
        return f"column {column.name!r} takes whole numbers of up to {DIGITS} digits: {shown} is too large"
    return f"column {column.name!r} takes {wanted}, not {json.dumps(value, ensure_ascii=False)[:100]}"


def misfit(column: Column, texts: Mapping[str, str]) -> str | None:
    """What keeps a column of another type from holding what a record has in it."""
    text = texts.get(column.key, "")
    if not text or column.type == STRING or comparable(column, text) is not None:
        return None
    return f"column {column.name!r} can't be {column.type}: a record holds {text!r} in it"


def shown(column: Column, text: str) -> Any:
    """A text as the value that the API shows: typed, null where it is empty, and as it is where it does not fit."""
    if not text:
        return None
    if column.type in {INTEGER, NUMBER, BOOLEAN} and not column.multivalue:
        value = comparable(column, text)
        return text if value is None else value
    return text


def comparable(column: Column, text: str) -> Any:
    """A text as a value that compares with others of its column, None where it has none."""
    if column.type == DATE_TIME:
        return moment(text)
    if column.type == DATE:
        return text if _is_date(text) else None
    if column.type in {INTEGER, NUMBER}:
        return _number(text, whole=column.type == INTEGER)
    if column.type == BOOLEAN:
        return {"true": True, "false": False}.get(text)
    return text or None


def text(value: Any) -> str:
    """A value as a record keeps it; nothing for null."""
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def _number(text: str, *, whole: bool) -> int | float | None:
    if _INTEGER.fullmatch(text):
        return int(text)
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and not whole else None


def _is_date(value: Any) -> bool:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**DIGITS


def _is_number(value: Any) -> bool:
    return _is_integer(value) or (isinstance(value, float) and math.isfinite(value))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value


_KINDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    STRING: ("a text", _is_text),
    INTEGER: ("an integer", _is_integer),
    NUMBER: ("a number", _is_number),
    BOOLEAN: ("true or false", lambda value: isinstance(value, bool)),
    DATE: ("a date (YYYY-MM-DD)", _is_date),
    DATE_TIME: ("a date-time with offset (ISO 8601)", lambda value: _is_text(value) and moment(value) is not None),
    RELATION: ("the id of a record", lambda value: _is_text(value) and bool(value)),
    FILE: ("a file, which this server does not keep", lambda _: False),
}
