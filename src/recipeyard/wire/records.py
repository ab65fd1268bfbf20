"""Records of data tables as the API takes and shows them."""

from collections.abc import Mapping
from typing import Any

import msgspec

from recipeyard.model import data_tables, queries
from recipeyard.wire import answers


class Record(msgspec.Struct):
    """A record: its values by the names of their columns, null where it has none."""

    record_id: str
    created_at: str
    updated_at: str
    document: dict[str, Any]


class QueryRequest(msgspec.Struct):
    """Which records are wanted, how they are ordered, and how many at a time (100; at most 200).

    `where` holds conditions by column, all of which must be met: `{"Total": {"$gte": 5}}`; more of them for one column
    stand in `$and`. A column is called by its name or `$` and its id; so may be `$record_id`, `$created_at` and
    `$updated_at`.
    """

    select: list[str] | None = None
    where: dict[str, Any] | None = None
    order: str | dict[str, Any] | None = None
    limit: int | None = None
    continuation_token: str | None = None


class QueryField(msgspec.Struct):
    """A column as a query's answer names it."""

    name: str
    type: str
    field_id: str | None


class QueryAnswer(msgspec.Struct):
    """The records that were asked for, twice: by name in `records`, and by place in `data`, as `schema` says.

    `continuation_token` asks for the next page; it is null where there is none.
    """

    records: list[Record]
    schema: list[list[QueryField]]
    data: list[list[list[Any]]]
    count: int
    limit: int
    continuation_token: str | None


def record(shown: data_tables.Record, columns: Mapping[str, data_tables.Column]) -> Record:
    """A record's answer, with these columns."""
    document = {label: data_tables.shown(each, shown.texts.get(each.key, "")) for label, each in columns.items()}
    return Record(shown.id, answers.stamp(shown.created_at), answers.stamp(shown.updated_at), document)


def page(found: queries.Page) -> QueryAnswer:
    """A query's answer."""
    records = [record(each, found.columns) for each in found.records]
    every = [QueryField(column.name, column.type, None) for column in queries.META]
    own = [QueryField(label, column.type, column.id) for label, column in found.columns.items()]
    return QueryAnswer(
        records=records,
        schema=[every, own],
        data=[[[r.record_id, r.created_at, r.updated_at], list(r.document.values())] for r in records],
        count=len(records),
        limit=found.limit,
        continuation_token=found.next,
    )
