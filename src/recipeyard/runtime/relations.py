"""Tables in memory that one SQL query reads: SQLite's dialect, nothing but reading, within limits."""

import contextlib
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from recipeyard.runtime import fields, interface, values

MOST_ROWS = 100_000
"""How many rows a table, or an answer, may have."""

MOST_COLUMNS = 500
"""How many columns a table may have."""

MOST_BYTES = 10 * 1024 * 1024
"""What the cells of an answer may take together."""

MOST_STEPS = 100_000_000
"""How many steps of SQLite's machine one query may take."""

MOST_SECONDS = 30.0
"""How long one query may take: a step may be slow, and sorting writes to disk."""

_STRIDE = 1_000
_READING = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
_REFUSED = frozenset({"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"})

Row = Sequence[values.Value]


@dataclass(frozen=True, slots=True)
class Relation:
    """A table: its name and columns as SQL may spell them, and rows in the order of the columns."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query found."""

    columns: tuple[str, ...]
    rows: Sequence[Row]


def identifier(words: str) -> str:
    """A name that SQL may spell without quotes."""
    found = re.sub(r"\W+", "_", words.strip(), flags=re.ASCII).strip("_") or "_"
    return f"_{found}" if found[0].isdigit() else found


def relation(name: str, records: Sequence[values.Value]) -> Relation:
    """A table of records; its columns are their fields, in the order in which they come up. `Failure` names a limit."""
    named: dict[str, str] = {}
    for record in records:
        for key in record if isinstance(record, Mapping) else ("value",):
            if key not in named:
                named[key] = _unlike(identifier(key), named.values())
    if len(named) > MOST_COLUMNS:
        raise interface.Failure(f"the list {name} has more than {MOST_COLUMNS} columns", kind="TooLarge")
    rows = [[record.get(key) for key in named] if isinstance(record, Mapping) else [record] for record in records]
    return bounded(Relation(identifier(name), tuple(named.values()), rows))


def bounded(table: Relation) -> Relation:
    """The same table. `Failure` where it has too many rows."""
    if len(table.rows) > MOST_ROWS:
        raise interface.Failure(f"the list {table.name} has more than {MOST_ROWS:,} rows", kind="TooLarge")
    return table


def _unlike(name: str, others: Iterable[str]) -> str:
    """A name that is none of the others, as SQL tells names apart: in any case."""
    taken = {each.lower() for each in others}
    return next(each for each in _numbered(name) if each.lower() not in taken)


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}_{number}" for number in range(2, MOST_ROWS))


def query(tables: Iterable[Relation], sql: str, seconds: float = MOST_SECONDS) -> Answer:
    """What one SELECT finds in tables. `Failure` says what is wrong with it, or which limit it reaches."""
    count = _Count(seconds)
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        for table in tables:
            _load(connection, table)
        connection.commit()
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.set_authorizer(_authorize)
        connection.set_progress_handler(count, _STRIDE)
        try:
            return _answer(connection.execute(sql))
        except sqlite3.OperationalError as error:
            if str(error) == "interrupted":
                raise interface.Failure(f"the query takes more than {count.limit}", kind="TooLarge") from None
            raise interface.Failure(f"the query can't be done: {error}", kind="InvalidQuery") from None
        except (sqlite3.Error, sqlite3.Warning, OverflowError) as error:
            raise interface.Failure(f"the query can't be done: {error}", kind="InvalidQuery") from None


def shaped(answer: Answer, known: Sequence[interface.Field], by: str = "index") -> list[values.Value]:
    """Rows as objects: with the names of a recipe's schema in its order (`index`), or by `name`; without one, with
    those of the query.
    """
    columns = list(answer.columns)
    if by != "name":
        columns[: len(known)] = [each.name for each in known][: len(columns)]
    named = {identifier(each.name).lower(): each.name for each in known}
    names = [named.get(each.lower(), each) for each in columns]
    return [fields.fit(known, dict(zip(names, row, strict=True))) for row in answer.rows]


class _Count:
    """Stops SQLite once it has taken its steps, or its time. `limit` is which of them it was."""

    def __init__(self, seconds: float) -> None:
        self.limit = f"{MOST_STEPS:,} steps of SQLite"
        self._left = MOST_STEPS // _STRIDE
        self._seconds = seconds
        self._until = time.monotonic() + seconds

    def __call__(self) -> int:
        self._left -= 1
        if time.monotonic() > self._until:
            self.limit = f"{self._seconds:g} seconds"
            return 1
        return int(self._left < 0)


def _authorize(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    del first
    if action not in _READING or (action == sqlite3.SQLITE_FUNCTION and second in _REFUSED):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _load(connection: sqlite3.Connection, table: Relation) -> None:
    columns = ", ".join(_quoted(each) for each in table.columns) or '"_"'
    places = ", ".join("?" for _ in table.columns) or "?"
    name = _quoted(table.name)
    try:
        connection.execute(f"CREATE TABLE {name} ({columns})")
        connection.executemany(
            " ".join(("INSERT INTO", name, "VALUES", f"({places})")),
            ([_cell(each) for each in row] for row in table.rows),
        )
    except (sqlite3.Error, OverflowError) as error:
        raise interface.Failure(f"the list {table.name} can't be read: {error}", kind="Invalid") from None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _cell(value: values.Value) -> str | int | float | bytes | None:
    """A value as SQLite keeps it: times as ISO 8601, switches as 1 and 0, lists and objects as JSON."""
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value)
    if value is None or isinstance(value, int | float | str | bytes):
        return value
    return value.isoformat() if isinstance(value, date) else fields.text(value)


def _answer(cursor: sqlite3.Cursor) -> Answer:
    columns = tuple(each[0] for each in cursor.description or ())
    if len(columns) > MOST_COLUMNS:
        raise interface.Failure(f"the query finds more than {MOST_COLUMNS} columns", kind="TooLarge")
    rows: list[Row] = []
    size = 0
    for row in cursor:
        rows.append(list(row))
        size += sum(len(cell) if isinstance(cell, str | bytes) else 8 for cell in row)
        if len(rows) > MOST_ROWS:
            raise interface.Failure(f"the query finds more than {MOST_ROWS:,} rows", kind="TooLarge")
        if size > MOST_BYTES:
            raise interface.Failure(f"the query finds more than {MOST_BYTES:,} bytes", kind="TooLarge")
    return Answer(columns, rows)
