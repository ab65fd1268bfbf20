"""Data tables as the API takes and shows them."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from recipeyard.model import data_columns, data_tables, errors, references, tables
from recipeyard.wire import answers

NIL = "00000000-0000-0000-0000-000000000000"


class Relation(msgspec.Struct):
    """What a column points at: a column of another table. Nil uuids where it points at nothing."""

    table_id: str
    field_id: str


class DataColumn(msgspec.Struct):
    """A column. Its `field_id` stays whatever its name is, in every workspace that a package brings it to."""

    type: str
    name: str
    optional: bool
    field_id: str
    hint: str | None
    default_value: Any
    metadata: dict[str, Any]
    multivalue: bool
    relation: Relation


class DataTable(msgspec.Struct):
    """A data table. The columns that every table has are not listed: record id, created at, updated at."""

    id: str
    name: str
    schema: list[DataColumn]
    folder_id: int
    created_at: str
    updated_at: str


class DataTableAnswer(msgspec.Struct):
    """One data table."""

    data: DataTable


class DataTableList(msgspec.Struct):
    """A page of data tables; `count` is how many there are in all."""

    data: list[DataTable]
    count: int
    page: int
    per_page: int


class RelationRequest(msgspec.Struct):
    """The table and its column that a column of type relation points at."""

    table_id: str | None = None
    field_id: str | None = None


class DataColumnRequest(msgspec.Struct):
    """A column. With the `field_id` or the name of one that is here, it is that one."""

    type: str
    name: str
    optional: bool = True
    field_id: str | None = None
    hint: str | None = None
    default_value: Any = None
    metadata: dict[str, Any] | None = None
    multivalue: bool | None = None
    relation: RelationRequest | None = None


class DataTableRequest(msgspec.Struct):
    """What a data table is made of. `schema` lists its columns, as JSON or as a text of JSON."""

    name: str | None = None
    folder_id: answers.Id | None = None
    schema: list[DataColumnRequest] | str | None = None

    @property
    def columns(self) -> list[data_columns.Wanted] | None:
        """The columns that were sent. Raises `errors.Invalid` for a text that lists none."""
        listed = self.schema
        if isinstance(listed, str):
            try:
                listed = msgspec.json.decode(listed, type=list[DataColumnRequest])
            except msgspec.MsgspecError as e:
                raise errors.Invalid.listing([errors.Issue("schema", f"is no list of columns ({e})")]) from e
        return None if listed is None else [_wanted(each) for each in listed]


def table(shown: tables.Table, related: Mapping[references.Reference, str]) -> DataTable:
    """A data table's answer; `related` are the uuids of the tables that its columns point at."""
    return DataTable(
        id=data_tables.table_id(shown.asset.id),
        name=shown.asset.name,
        schema=[_column(column, related) for column in data_tables.columns(shown.value)],
        folder_id=shown.asset.folder_id,
        created_at=answers.stamp(shown.created_at),
        updated_at=answers.stamp(shown.updated_at),
    )


def page(listed: Sequence[DataTable], count: int, page: int, per_page: int) -> DataTableList:
    """A list's answer."""
    return DataTableList(list(listed), count, max(page, 1), per_page)


def _column(column: data_tables.Column, related: Mapping[references.Reference, str]) -> DataColumn:
    table_id = related.get(column.table, NIL) if column.table else NIL
    return DataColumn(
        type=column.type,
        name=column.name,
        optional=not column.required,
        field_id=column.id,
        hint=column.hint,
        default_value=column.default,
        metadata=dict(column.metadata),
        multivalue=column.multivalue,
        relation=Relation(table_id, column.related or NIL),
    )


def _wanted(sent: DataColumnRequest) -> data_columns.Wanted:
    relation = sent.relation or RelationRequest()
    table_id, field_id = (None if each == NIL else each for each in (relation.table_id, relation.field_id))
    return data_columns.Wanted(
        name=sent.name,
        type=sent.type,
        optional=sent.optional,
        field_id=sent.field_id,
        hint=sent.hint,
        default=sent.default_value,
        metadata=sent.metadata,
        multivalue=sent.multivalue is True,
        points_at=table_id,
        related=field_id,
    )
