"""What a value of a run becomes on its way into a data table's column, and what a record's text is in a run.

What can't be converted is left as it is: `data_tables.problem` says what is wrong with it.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from recipeyard.model import data_tables, tables

_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_BARE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?", re.ASCII)


def received(column: data_tables.Column, value: Any) -> Any:
    """A value as `data_tables.filled` takes it for a column. A blank text is no value but in a column of texts."""
    if isinstance(value, str) and not value.strip() and column.type != data_tables.STRING:
        return None
    convert = _INTO.get(column.type)
    return value if value is None or convert is None else convert(value)


def shown(column: data_tables.Column, text: str) -> Any:
    """A record's text as a run has it: numbers, dates and times typed, null where it is empty.

    A relation is an object, whose `record_id` is the record that it points at. What does not fit its column is a text.
    """
    if not text:
        return None
    if column.type == data_tables.RELATION:
        return {"record_id": text}
    if column.type == data_tables.DATE:
        return text if data_tables.comparable(column, text) is None else date.fromisoformat(text)
    if column.type == data_tables.DATE_TIME:
        return data_tables.moment(text) or text
    return data_tables.shown(column, text)


def text(value: Any) -> Any:
    """A value as a text, for a lookup table or a column of texts; lists and objects stay, to be refused."""
    if isinstance(value, datetime):
        return data_tables.stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return _decoded(value)
    nested = isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str))
    return value if nested else tables.text(value)


def _decoded(value: bytes) -> str | bytes:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def _number(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return int(value)
    except ValueError:
        pass
    try:
        return float(value)
    except ValueError:
        return value


def _integer(value: Any) -> Any:
    number = _number(value)
    is_whole = isinstance(number, float) and number.is_integer()
    return int(number) if is_whole else number


def _boolean(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    return _WORDS.get(str(value).strip().casefold(), value)


def _date(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    is_time = isinstance(value, str) and (data_tables.moment(value.strip()) or _BARE_TIME.fullmatch(value.strip()))
    return value.strip()[:10] if is_time else value


def _date_time(value: Any) -> Any:
    """A moment; one without an offset is in UTC, a date its midnight."""
    if isinstance(value, datetime):
        return data_tables.stamp(value if value.tzinfo else value.replace(tzinfo=UTC))
    if isinstance(value, date):
        return data_tables.stamp(datetime.combine(value, time(), UTC))
    if isinstance(value, str) and _BARE_TIME.fullmatch(value.strip()):
        return f"{value.strip()}Z"
    day = data_tables.Column("", "", data_tables.DATE)
    return f"{value}T00:00:00Z" if isinstance(value, str) and data_tables.comparable(day, value) else value


def _relation(value: Any) -> Any:
    return value.get("record_id") if isinstance(value, Mapping) else text(value)


_INTO = {
    data_tables.STRING: text,
    data_tables.INTEGER: _integer,
    data_tables.NUMBER: _number,
    data_tables.BOOLEAN: _boolean,
    data_tables.DATE: _date,
    data_tables.DATE_TIME: _date_time,
    data_tables.RELATION: _relation,
}
