"""Lookup tables and data tables as connectors have them, in the transaction of a step.

Whoever writes rows holds the table first: positions, limits and upserts are right whoever else writes. Rows that
recipes write leave no line in the activity log (their jobs tell of them) but for a table that is emptied.
"""

import bisect
import itertools
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from recipeyard.model import assets, conversions, data_tables, errors, queries, tables
from recipeyard.runtime import interface, workspace
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, rows
from recipeyard.work import activities
from recipeyard.work import tables as any_tables

Publish = Callable[[str, workspace.Row], int]
"""Tell whoever listens to a subject; how many do."""

RECORD_ID, CREATED_AT, UPDATED_AT = (column_id.replace("-", "_") for column_id, _, _ in data_tables.SYSTEM_COLUMNS)
_SYSTEM = (
    (RECORD_ID, "Record ID", data_tables.STRING, data_tables.RECORD_ID),
    (CREATED_AT, "Created at", data_tables.DATE_TIME, data_tables.CREATED_AT),
    (UPDATED_AT, "Updated at", data_tables.DATE_TIME, data_tables.UPDATED_AT),
)
_META = {name: f"${key}" for spelled, label, _, key in _SYSTEM for name in (spelled, label, key)}
_EXACT = frozenset({data_tables.STRING, data_tables.BOOLEAN, data_tables.DATE, data_tables.RELATION})
_OPERATORS = {name: f"${name}" for name in ("eq", "ne", "gt", "gte", "lt", "lte", "in", "starts_with")}
_FIXED = {"isnull": ("$eq", None), "isnotnull": ("$ne", None), "istrue": ("$eq", True), "isfalse": ("$eq", False)}


@contextmanager
def failing() -> Iterator[None]:
    """What the rooms below refuse is a failure of the step."""
    try:
        yield
    except errors.Failure as e:
        raise interface.Failure(e.message, type(e).__name__) from e


@dataclass(slots=True)
class Place:
    """Where tables are: the transaction, the workspace, and who is told of records."""

    tx: database.Tx
    workspace_id: int
    publish: Publish

    def find(self, kind: str, table: str) -> assets.Asset:
        """The table of that id (in digits) or name. Raises `errors.NotFound`, and `errors.Invalid` for shared names."""
        if table.isascii() and table.isdigit() and len(table) <= data_tables.DIGITS:
            return asset_rows.find(self.tx, self.workspace_id, int(table), kind)
        named = asset_rows.named(self.tx, self.workspace_id, kind, [table])
        if not named:
            raise errors.NotFound.of(assets.spoken(kind), repr(table))
        if len(named) > 1:
            raise errors.Invalid(f"{len(named)} tables have the name {table!r}: a step names one of them by its id")
        return named[0]


class _Shared:
    """What both kinds of tables have in common."""

    limit: int

    def __init__(self, place: Place, asset: assets.Asset) -> None:
        self._tx = place.tx
        self._place = place
        self._is_held = False
        self._load(asset)

    def _load(self, asset: assets.Asset) -> None:
        self._table = any_tables.shown(self._tx, [asset])[0]

    @property
    def _asset(self) -> assets.Asset:
        return self._table.asset

    def _hold(self) -> None:
        """Nobody else writes rows from now on, and the columns are those of now."""
        if self._is_held:
            return
        version_no = asset_rows.hold(self._tx, self._asset.id)
        if version_no != self._asset.version_no:
            with failing():
                found = asset_rows.find(self._tx, self._place.workspace_id, self._asset.id, self._asset.kind)
            self._load(found)
        self._is_held = True

    def _refuse_overfull(self, more: int) -> None:
        if rows.end(self._tx, self._asset.id) + more <= self.limit:
            return
        held = rows.count(self._tx, self._asset.id)
        if held + more > self.limit:
            what = f"table {self._asset.name!r} has {held} rows, and {self.limit} are the most"
            raise errors.Invalid(f"{more} more would be over the limit: {what}")

    def _touch(self) -> None:
        asset_rows.forget_rows_digest(self._tx, self._asset.id)

    def _row(self, entry_id: int) -> tables.Row | None:
        return next(iter(rows.by_ids(self._tx, self._asset.id, [entry_id])), None)

    def _found(self, entry_id: int) -> tables.Row:
        row = self._row(entry_id)
        if row is None:
            raise errors.NotFound.of("row", entry_id)
        return row

    def remove(self, entry_ids: Sequence[int]) -> int:
        """Rows go; how many did."""
        self._hold()
        self._touch()
        return rows.remove(self._tx, self._asset.id, list(dict.fromkeys(entry_ids)))

    def truncate(self) -> int:
        """All rows go; how many did."""
        count = rows.clear(self._tx, self._asset.id)
        self._touch()
        activities.record(
            self._tx,
            self._place.workspace_id,
            f"{'data_table' if self._asset.kind == assets.DATA_TABLE else 'lookup_table'}_truncated",
            activities.of_asset(self._asset),
            records=count,
        )
        return count


class LookupTable(_Shared):
    """A lookup table: its columns are `col1` and so on, its values texts."""

    limit = tables.ROWS

    def _load(self, asset: assets.Asset) -> None:
        super()._load(asset)
        self._columns = tables.columns(self._table.value)

    @property
    def columns(self) -> Sequence[workspace.Column]:
        """The columns in use, in their order."""
        return [workspace.Column(each.name, each.label) for each in self._columns]

    def entries(self, equal: workspace.Row, limit: int | None = None, offset: int = 0) -> Sequence[workspace.Entry]:
        """Rows whose columns, by name or label, hold these texts; a blank is an empty field."""
        with failing():
            at = tables.places(self._asset.name, self._columns, equal)
            wanted = tables.fields(self._asset.name, self._columns, _texts(equal))
            narrow = [rows.Narrow(place, wanted[place]) for place in at.values()]
        return [self._entry(row) for row in rows.narrowed(self._tx, self._asset.id, narrow, offset=offset, limit=limit)]

    def entry(self, entry_id: int) -> workspace.Entry | None:
        """One row by id."""
        row = self._row(entry_id)
        return None if row is None else self._entry(row)

    def add(self, new: Sequence[workspace.Row]) -> Sequence[workspace.Entry]:
        """New rows at the end. `Failure` for columns that are not there, and for a table that would be too full."""
        self._hold()
        with failing():
            fields = [tables.fields(self._asset.name, self._columns, _texts(each)) for each in new]
            self._refuse_overfull(len(fields))
        self._touch()
        return [self._entry(row) for row in rows.append(self._tx, self._asset.id, fields)]

    def change(self, entry_id: int, fields: workspace.Row) -> workspace.Entry:
        """Other texts in one row. `Failure` for one that is not there."""
        self._hold()
        with failing():
            row = self._found(entry_id)
            made = tables.fields(self._asset.name, self._columns, _texts(fields), row.fields)
        rows.change(self._tx, row.id, made)
        self._touch()
        return self._entry(replace(row, fields=made, updated_at=self._tx.now))

    def _entry(self, row: tables.Row) -> workspace.Entry:
        padded = tables.padded(self._columns, row.fields)
        fields = dict(zip((each.name for each in self._columns), padded, strict=False))
        return workspace.Entry(row.id, fields, row.created_at, row.updated_at)


class DataTable(_Shared):
    """A data table: its columns go by their ids, spelled with `_`; its values are typed."""

    limit = data_tables.ROWS

    def _load(self, asset: assets.Asset) -> None:
        super()._load(asset)
        self._columns = data_tables.columns(self._table.value)
        self._known = data_tables.by_reference(self._columns)

    @property
    def columns(self) -> Sequence[workspace.Column]:
        """A record's id and times, then the table's own columns in their order."""
        system = [workspace.Column(name, label, kind) for name, label, kind, _ in _SYSTEM]
        return [*system, *(workspace.Column(_spelled(each), each.name, each.type) for each in self._columns)]

    def entries(self, equal: workspace.Row, limit: int | None = None, offset: int = 0) -> Sequence[workspace.Entry]:
        """Records whose columns, by id or label, have these values."""
        conditions = [workspace.Condition(name, "eq", value) for name, value in equal.items()]
        most = None if limit is None else limit + offset
        return self.select(workspace.Query(conditions, limit=most))[offset:]

    def select(self, query: workspace.Query) -> Sequence[workspace.Entry]:
        """The records that are asked for. Costs what it must look at, and loads whole only what it gives."""
        with failing():
            read = queries.read(self._asset.name, self._columns, self._asked(query))
        narrow = [each for condition in read.conditions if (each := _narrow(condition))]
        if read.order is None and query.after is None and all(_is_exact(each) for each in read.conditions):
            return [self._entry(row) for row in rows.narrowed(self._tx, self._asset.id, narrow, limit=query.limit)]
        ordered = list(read.sort(self._sketched(read, narrow, query.after)))
        start = 0
        if query.after:
            start = 1 + next(at for at, each in enumerate(ordered) if each.row_id == query.after.entry_id)
        met = (each.row_id for each in itertools.islice(ordered, start, None) if read.meets(each))
        return [
            self._entry(row) for row in rows.by_ids(self._tx, self._asset.id, list(itertools.islice(met, query.limit)))
        ]

    def _sketched(
        self, read: queries.Query, narrow: Sequence[rows.Narrow], after: workspace.After | None
    ) -> list[data_tables.Record]:
        """What a query must look at, with the record that was seen last in its place, be it gone by now."""
        if any('"' in key for key in read.keys):
            held = rows.listed(self._tx, self._asset.id)
        else:
            held = rows.sketched(self._tx, self._asset.id, read.keys, narrow)
        if after and all(row.id != after.entry_id for row in held):
            texts = {data_tables.RECORD_ID: ""}
            if read.order:
                column = read.order.column
                texts[column.key] = data_tables.text(conversions.received(column, after.value))
            seen = tables.Row(after.entry_id, texts, None, None)
            held.insert(bisect.bisect([row.id for row in held], after.entry_id), seen)
        if {data_tables.CREATED_AT, data_tables.UPDATED_AT} & set(read.keys):
            return [data_tables.record(self._table, row) for row in held]
        at = self._table.updated_at
        return [data_tables.Record(row.id, "", at, at, row.fields) for row in held]

    def record(self, record_id: str) -> workspace.Entry | None:
        """One record by its own id."""
        return next(iter(self.entries({RECORD_ID: record_id}, limit=1)), None)

    def entry(self, entry_id: int) -> workspace.Entry | None:
        """One record by its row's id."""
        row = self._row(entry_id)
        return None if row is None else self._entry(row)

    def add(self, new: Sequence[workspace.Row]) -> Sequence[workspace.Entry]:
        """New records at the end; columns that are not named have their default value."""
        self._hold()
        with failing():
            given = data_tables.defaults(self._columns)
            texts = [self._filled(each, given) for each in new]
            self._refuse_overfull(len(texts))
        system = (data_tables.new_texts(str(uuid.uuid4()), self._tx.now) for _ in texts)
        made = [mine | each for mine, each in zip(system, texts, strict=True)]
        self._touch()
        entries = [self._entry(row) for row in rows.append(self._tx, self._asset.id, made)]
        self._tell([{"action": "created", "record": each.fields} for each in entries])
        return entries

    def change(self, entry_id: int, fields: workspace.Row) -> workspace.Entry:
        """Other values in one record. `Failure` for one that is not there."""
        self._hold()
        with failing():
            row = self._found(entry_id)
            texts = self._filled(fields, row.fields) | {data_tables.UPDATED_AT: data_tables.stamp(self._tx.now)}
        rows.change(self._tx, row.id, texts)
        self._touch()
        before, after = self._entry(row), self._entry(replace(row, fields=texts, updated_at=self._tx.now))
        self._tell([{"action": "updated", "record": after.fields, "old_record": before.fields}])
        return after

    def upsert(self, column: str, fields: workspace.Row) -> tuple[workspace.Entry, bool]:
        """The first record with that value in a column is changed, or a new one made; whether it is new."""
        self._hold()
        with failing():
            named = {self._reference(name): value for name, value in fields.items()}
            key = self._reference(column)
            if named.get(key) in (None, ""):
                raise errors.Invalid(f"column {column!r} tells records apart here, and has no value")
        here = self.entries({key: named[key]}, limit=1)
        return (self.change(here[0].id, fields), False) if here else (self.add([fields])[0], True)

    def _filled(self, fields: workspace.Row, texts: Mapping[str, str]) -> dict[str, str]:
        named = {self._reference(name): value for name, value in fields.items()}
        known = self._known
        sent = {n: conversions.received(known[n], value) if n in known else value for n, value in named.items()}
        return data_tables.filled(self._asset.name, self._columns, sent, texts)

    def _asked(self, query: workspace.Query) -> queries.Asked:
        known = self._known | {column.name: column for column in queries.META}
        where: list[Any] = []
        for each in query.conditions:
            name = self._reference(each.column)
            column = known.get(name)
            operator, value = _FIXED.get(each.operator, (_OPERATORS.get(each.operator, each.operator), each.value))
            where.append({name: {operator: _operand(column, value) if column else value}})
        order = None
        if query.order_by is not None:
            order = {"by": self._reference(query.order_by), "order": "desc" if query.descending else "asc"}
        return queries.Asked(where={"$and": where}, order=order)

    def _reference(self, name: str) -> str:
        """A column as the rooms below call it."""
        if name in self._known:
            return name
        if system := _META.get(name) or _META.get(name.replace("-", "_")):
            return system
        hyphened = name.replace("_", "-").lower()
        return hyphened if data_tables.is_uuid(hyphened) else name

    def _entry(self, row: tables.Row) -> workspace.Entry:
        record = data_tables.record(self._table, row)
        return workspace.Entry(row.id, _fields(self._columns, record), record.created_at, record.updated_at)

    def _tell(self, payloads: Sequence[workspace.Row]) -> None:
        """Whoever listens is told of each; where nobody listens to the first, nobody is asked again."""
        with failing():
            for each in payloads:
                if not self._place.publish(subject(self._asset), each):
                    return


def subject(table: assets.Asset) -> str:
    """Under what the news of a data table's records is published."""
    return f"records:{table.id}"


def news(table: tables.Table, row: tables.Row, before: tables.Row | None = None) -> workspace.Row:
    """The news of a record that is new, or that was another one before."""
    columns = data_tables.columns(table.value)
    told: dict[str, Any] = {"action": "updated" if before else "created"}
    told["record"] = _fields(columns, data_tables.record(table, row))
    return told | ({"old_record": _fields(columns, data_tables.record(table, before))} if before else {})


def _texts(fields: workspace.Row) -> dict[str, Any]:
    return {name: conversions.text(value) for name, value in fields.items()}


def _fields(columns: Sequence[data_tables.Column], record: data_tables.Record) -> dict[str, Any]:
    system: dict[str, Any] = {RECORD_ID: record.id, CREATED_AT: record.created_at, UPDATED_AT: record.updated_at}
    return system | {_spelled(each): conversions.shown(each, record.texts.get(each.key, "")) for each in columns}


def _spelled(column: data_tables.Column) -> str:
    return column.id.replace("-", "_")


def _operand(column: data_tables.Column, value: Any) -> Any:
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [conversions.received(column, each) for each in value]
    return conversions.received(column, value)


def _is_exact(condition: queries.Condition) -> bool:
    """Whether `_narrow` says all that the condition does."""
    return _narrow(condition) is not None and condition.column.type in _EXACT


def _narrow(condition: queries.Condition) -> rows.Narrow | None:
    """What a condition comes to where the database looks at texts; None where it can't be asked there."""
    column, operand = condition.column, condition.operand
    if condition.operator != "$eq" or operand is None or condition.fold or '"' in column.key:
        return None
    if column.type in _EXACT:
        return rows.Narrow(column.key, data_tables.text(operand))
    if column.type == data_tables.INTEGER:
        return rows.Narrow(column.key, str(operand), is_number=True)
    return None
