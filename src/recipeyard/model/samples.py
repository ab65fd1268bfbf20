"""Schemas guessed from samples: what fields a JSON document or a CSV table has, and of what types."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from recipeyard.model import assets, documents, errors

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "colon": ":", "space": " "}
MOST_COLUMNS = 1000

_CONTROLS = {
    "integer": "integer",
    "number": "number",
    "boolean": "checkbox",
    "date": "date",
    "date_time": "date_time",
    "string": "text",
}
_INTEGER = re.compile(r"[+-]?\d{1,18}")
_NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{1,18})?([eE][+-]?\d{1,3})?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*")


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `of` is the type of an array's items, `properties` the fields of an object or of such items."""

    name: str
    label: str
    type: str
    optional: bool
    of: str | None = None
    properties: tuple["Field", ...] = ()

    @property
    def control_type(self) -> str | None:
        """How the field is edited; None for what holds others."""
        return _CONTROLS.get(self.type)


def of_json(sample: documents.Value) -> tuple[Field, ...]:
    """The fields of an object, or of the objects of a list together. Raises `errors.Invalid` for anything else."""
    objects = sample if isinstance(sample, Sequence) and not isinstance(sample, str) else [sample]
    found = [each for each in objects if isinstance(each, Mapping)]
    if not found or len(found) < len(objects):
        raise _refused("must be a JSON object, or a list of them")
    return _fields(found)


def of_csv(sample: str, separator: str) -> tuple[Field, ...]:
    """The columns of a table whose first line names them. Raises `errors.Invalid` for a text that is none."""
    try:
        lines = list(csv.reader(sample.splitlines(keepends=True), delimiter=separator, strict=True))
    except csv.Error as e:
        raise _refused(f"is no CSV: {e}") from e
    header = lines[0] if lines else []
    if not any(title.strip() for title in header) or len(header) > MOST_COLUMNS:
        raise _refused(f"must begin with a line of up to {MOST_COLUMNS} column names")
    names: list[str] = []
    for title in header:
        names.append(assets.free_stem(assets.slug(title) if title.strip() else "column", names).replace(".", "_"))
    rows = [line for line in lines[1:] if line]
    return tuple(_column(at, name, header[at], rows) for at, name in enumerate(names))


def label(name: str) -> str:
    """What a field's name reads as: `createdAt` and `created_at` are both "Created at"."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    text = re.sub(r"[\s_.\-]+", " ", words).strip()
    return text[:1].upper() + (text[1:] if text.isupper() else text[1:].lower()) if text else name


def _fields(objects: Sequence[Mapping[str, documents.Value]]) -> tuple[Field, ...]:
    names = dict.fromkeys(name for each in objects for name in each)
    return tuple(_field(name, [each.get(name) for each in objects]) for name in names)


def _field(name: str, values: Sequence[documents.Value]) -> Field:
    present = [value for value in values if value is not None]
    plain = Field(name, label(name), _common(map(_type, present)), optional=len(present) < len(values))
    if plain.type == "object":
        return replace(plain, properties=_fields([value for value in present if isinstance(value, Mapping)]))
    if plain.type == "array":
        lists = [value for value in present if isinstance(value, Sequence) and not isinstance(value, str)]
        items = _field(name, [item for value in lists for item in value])
        # Lists of lists are told as lists of texts: a schema has no way to say more.
        return replace(plain, of="string" if items.type == "array" else items.type, properties=items.properties)
    return plain


def _column(at: int, name: str, title: str, rows: Sequence[Sequence[str]]) -> Field:
    values = [row[at].strip() if at < len(row) else "" for row in rows]
    present = [value for value in values if value]
    return Field(name, title.strip() or label(name), _common(map(_type_of_text, present)), len(present) < len(values))


def _type(value: documents.Value) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if isinstance(value, int) else "number"
    if isinstance(value, str):
        return _moment(value) or "string"
    return "object" if isinstance(value, Mapping) else "array"


def _type_of_text(text: str) -> str:
    if text.lower() in {"true", "false"}:
        return "boolean"
    if _INTEGER.fullmatch(text) and not re.match(r"[+-]?0\d", text):
        return "integer"
    if _NUMBER.fullmatch(text) and not re.match(r"[+-]?0\d", text):
        return "number"
    return _moment(text) or "string"


def _moment(text: str) -> str | None:
    try:
        if _DATE.fullmatch(text):
            date.fromisoformat(text)
            return "date"
        if _MOMENT.fullmatch(text):
            datetime.fromisoformat(text)
            return "date_time"
    except ValueError:
        return None
    return None


def _common(types: Iterable[str]) -> str:
    """The type that all values have; texts can hold whatever is mixed, and what nobody has seen."""
    found = set(types)
    if found == {"integer", "number"}:
        return "number"
    if found == {"date", "date_time"}:
        return "date_time"
    return found.pop() if len(found) == 1 else "string"


def _refused(what: str) -> errors.Invalid:
    return errors.Invalid.listing([errors.Issue("sample", what)])
