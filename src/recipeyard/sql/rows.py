"""Rows of lookup tables and data tables: a lookup table's fields in a list, a data table's by column."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from recipeyard.model import data_tables, errors
from recipeyard.model import tables as model
from recipeyard.sql import assets, database, tables

_rows = tables.rows
_ZEROS = "-0"
_DECODER = msgspec.json.Decoder(list[model.Row])


@dataclass(frozen=True, slots=True)
class Narrow:
    """A field must be that text; `place` is its place in a lookup table's list, or its column's key.

    A number is that one however many zeros stand before it, and whatever its sign: who asks looks again.
    """

    place: str | int
    text: str
    is_number: bool = False


def replace(tx: database.Tx, asset_id: int, rows: Sequence[Any]) -> None:
    """A table's rows are these from now on. They are as old as the table's version: only later ones have times."""
    clear(tx, asset_id)
    begin(tx, {asset_id: rows})


def clear(tx: database.Tx, asset_id: int) -> int:
    """All rows of a table go, and the table is held; how many went."""
    assets.hold(tx, asset_id)
    return tx.run(sa.delete(_rows).where(_rows.c.asset_id == asset_id))


def begin(tx: database.Tx, tables: Mapping[int, Sequence[Any]]) -> None:
    """Give rows to tables that have none, by asset id."""
    tx.run(sa.insert(_rows), [_values(key, at, row) for key, rows in tables.items() for at, row in enumerate(rows)])


def of_table(tx: database.Tx, asset_id: int) -> list[Any]:
    """The fields of a table's rows, in their order."""
    rows = tx.all(sa.select(_rows.c.fields).where(_rows.c.asset_id == asset_id).order_by(_rows.c.position))
    return [row.fields for row in rows]


def listed(tx: database.Tx, asset_id: int, *, offset: int = 0, limit: int | None = None) -> list[model.Row]:
    """A table's rows, in their order."""
    query = sa.select(_rows).where(_rows.c.asset_id == asset_id).order_by(_rows.c.position)
    return [_row(row) for row in tx.all(query.offset(offset).limit(limit))]


def spell(listed: Sequence[model.Row]) -> bytes:
    """Rows as a document that `read` gives them back from, ids and times and all."""
    return msgspec.json.encode(listed)


def read(document: bytes) -> list[model.Row]:
    """The rows of a document that `spell` made."""
    return _DECODER.decode(document)


def put_back(tx: database.Tx, asset_id: int, listed: Sequence[model.Row]) -> None:
    """A table's rows are these from now on, under the ids and with the times that they have."""
    clear(tx, asset_id)
    values = [
        _values(asset_id, at, row.fields) | {"id": row.id, "created_at": row.created_at, "updated_at": row.updated_at}
        for at, row in enumerate(listed)
    ]
    tx.run(sa.insert(_rows), values)


def find(tx: database.Tx, asset_id: int, row_id: int) -> model.Row:
    """The row of that id. Raises `errors.NotFound`."""
    return _one(tx, ("row", row_id), _rows.c.asset_id == asset_id, _rows.c.id == row_id)


def of_key(tx: database.Tx, asset_id: int, key: str) -> model.Row:
    """The record of that id, the first where a package brought several. Raises `errors.NotFound`."""
    return _one(tx, ("record", repr(key)), _rows.c.asset_id == asset_id, _rows.c.key == key)


def count(tx: database.Tx, asset_id: int) -> int:
    """How many rows a table has."""
    query = sa.select(sa.func.count()).select_from(_rows).where(_rows.c.asset_id == asset_id)
    return int(tx.connection.execute(query).scalar_one())


def end(tx: database.Tx, asset_id: int) -> int:
    """The position behind a table's last row. The table has no more rows than that, and fewer where some went."""
    query = sa.select(sa.func.max(_rows.c.position)).where(_rows.c.asset_id == asset_id)
    last = tx.connection.execute(query).scalar()
    return 0 if last is None else int(last) + 1


def add(tx: database.Tx, asset_id: int, fields: Any) -> model.Row:
    """A new row behind all others."""
    values = _values(asset_id, end(tx, asset_id), fields)
    made = tx.insert(_rows, [values | {"created_at": tx.now, "updated_at": tx.now}])
    return model.Row(made[0], fields, tx.now, tx.now)


def append(tx: database.Tx, asset_id: int, rows: Sequence[Any]) -> list[model.Row]:
    """New rows behind all others, in their order."""
    first = end(tx, asset_id)
    times = {"created_at": tx.now, "updated_at": tx.now}
    ids = tx.insert(_rows, [_values(asset_id, at, row) | times for at, row in enumerate(rows, first)])
    return [model.Row(row_id, fields, tx.now, tx.now) for row_id, fields in zip(ids, rows, strict=True)]


def change(tx: database.Tx, row_id: int, fields: Any) -> None:
    """Give a row other fields."""
    tx.run(sa.update(_rows).where(_rows.c.id == row_id).values(fields=fields, updated_at=tx.now))


def rewrite(tx: database.Tx, changed: Mapping[int, Any]) -> None:
    """Spell the fields of rows anew, by row id, because their table has other columns; the rows grow no younger."""
    statement = sa.update(_rows).where(_rows.c.id == sa.bindparam("at")).values(fields=sa.bindparam("to"))
    tx.run(statement, [{"at": row_id, "to": fields} for row_id, fields in changed.items()])


def delete(tx: database.Tx, ids: Iterable[int]) -> None:
    """Delete rows."""
    for piece in database.in_pieces(list(ids)):
        tx.run(sa.delete(_rows).where(_rows.c.id.in_(piece)))


def narrowed(
    tx: database.Tx, asset_id: int, narrow: Sequence[Narrow], *, offset: int = 0, limit: int | None = None
) -> list[model.Row]:
    """The rows of a table whose fields are so, in their order."""
    query = sa.select(_rows).where(_rows.c.asset_id == asset_id, *_are(narrow)).order_by(_rows.c.position)
    return [_row(row) for row in tx.all(query.offset(offset).limit(limit))]


def sketched(tx: database.Tx, asset_id: int, keys: Sequence[str], narrow: Sequence[Narrow]) -> list[model.Row]:
    """`narrowed` for records, of which only these columns are loaded; times only where one of them is a time's."""
    times = (
        [_rows.c.created_at, _rows.c.updated_at] if {data_tables.CREATED_AT, data_tables.UPDATED_AT} & {*keys} else []
    )
    texts = [sa.func.coalesce(_text(key), "").label(f"text_{at}") for at, key in enumerate(keys)]
    query = sa.select(_rows.c.id, _rows.c.key, *texts, *times).where(_rows.c.asset_id == asset_id, *_are(narrow))
    names = (data_tables.RECORD_ID, *keys)
    found: list[model.Row] = []
    for row in tx.all(query.order_by(_rows.c.position)):
        row_id, *rest = tuple(row)
        found.append(model.Row(row_id, dict(zip(names, rest, strict=False)), *(rest[len(names) :] or (None, None))))
    return found


def by_ids(tx: database.Tx, asset_id: int, ids: Sequence[int]) -> list[model.Row]:
    """Those of these rows that a table has, in the order of the ids."""
    query = sa.select(_rows).where(_rows.c.asset_id == asset_id)
    pieces = [query.where(_rows.c.id.in_(piece)) for piece in database.in_pieces(ids)]
    found = {row.id: _row(row) for piece in pieces for row in tx.all(piece)}
    return [found[row_id] for row_id in ids if row_id in found]


def remove(tx: database.Tx, asset_id: int, ids: Sequence[int]) -> int:
    """Delete rows of a table; how many there were."""
    mine = sa.delete(_rows).where(_rows.c.asset_id == asset_id)
    return sum(tx.run(mine.where(_rows.c.id.in_(piece))) for piece in database.in_pieces(ids))


def _are(narrow: Sequence[Narrow]) -> list[sa.ColumnElement[bool]]:
    return [_is(each) for each in narrow]


def _is(narrow: Narrow) -> sa.ColumnElement[bool]:
    if narrow.place == data_tables.RECORD_ID:
        return _rows.c.key == narrow.text
    text: sa.ColumnElement[str] = sa.func.coalesce(_text(narrow.place), "")
    return sa.func.ltrim(text, _ZEROS) == narrow.text.lstrip(_ZEROS) if narrow.is_number else text == narrow.text


def _text(place: str | int) -> sa.ColumnElement[str]:
    """The text that stands in a row, at a place in its list or under a key."""
    text: sa.ColumnElement[str] = _rows.c.fields[place].as_string()
    return text


def _one(tx: database.Tx, asked: tuple[str, object], *where: sa.ColumnElement[bool]) -> model.Row:
    row = tx.first(sa.select(_rows).where(*where).order_by(_rows.c.position).limit(1))
    if row is None:
        raise errors.NotFound.of(*asked)
    return _row(row)


def _values(asset_id: int, position: int, fields: Any) -> dict[str, Any]:
    key = fields.get(data_tables.RECORD_ID) if isinstance(fields, dict) else None
    return {"asset_id": asset_id, "position": position, "key": key, "fields": fields}


def _row(row: sa.Row[Any]) -> model.Row:
    return model.Row(row.id, row.fields, row.created_at, row.updated_at)
