"""Lookup tables and their rows: `/api/lookup_tables`."""

import re
from typing import Annotated, Any

from litestar import delete, get, post, put
from litestar.params import Parameter

from recipeyard.api import context, documentation, params
from recipeyard.model import assets, errors
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import rows
from recipeyard.wire import answers
from recipeyard.wire import lookup_tables as wire
from recipeyard.work import lookup_tables
from recipeyard.work import tables as any_tables

MOST_ROWS = 1000
_TAGS = ["Lookup tables"]
_ALL = "/api/lookup_tables"
_ONE = f"{_ALL}/{{table_id:int}}"
_ROW = f"{_ONE}/rows/{{row_id:int}}"
_BY = re.compile(r"by\[(.*)\]", re.DOTALL)

RowsPage = Annotated[
    int, Parameter(ge=1, description=f"At most {MOST_ROWS}; more is read as {MOST_ROWS}.", query="per_page")
]


@get(_ALL, sync_to_thread=True, tags=_TAGS, summary="List lookup tables")
def listed(request: context.Asked, context: context.Context, paging: params.Paging) -> list[wire.LookupTable]:
    """The workspace's lookup tables, by id."""
    offset, limit = paging.window
    with context.deed.db.read() as tx:
        found = asset_rows.of_kind(tx, request.user.id, assets.LOOKUP_TABLE)[offset : offset + limit]
        return [wire.table(table) for table in any_tables.shown(tx, found)]


@post(_ALL, status_code=200, sync_to_thread=True, tags=_TAGS, summary="Create a lookup table")
def create(
    request: context.Asked, context: context.Context, data: wire.LookupTableRequest | None = None
) -> wire.LookupTable:
    """A new lookup table without rows. With a `project_id` it belongs to that project."""
    with context.deed.db.write() as tx:
        return wire.table(lookup_tables.create(tx, request.user.id, _edit(data)))


@get(_ONE, sync_to_thread=True, tags=_TAGS, summary="Get a lookup table")
def show(request: context.Asked, context: context.Context, table_id: params.Key) -> wire.LookupTable:
    """One lookup table, without its rows."""
    with context.deed.db.read() as tx:
        return wire.table(lookup_tables.find(tx, request.user.id, table_id))


@put(_ONE, sync_to_thread=True, tags=_TAGS, summary="Update a lookup table")
def update(
    request: context.Asked, context: context.Context, table_id: params.Key, data: wire.LookupTableRequest | None = None
) -> wire.LookupTable:
    """The table as it is now. `schema` lists all columns; the fields of one that is missing are deleted."""
    with context.deed.db.write() as tx:
        return wire.table(lookup_tables.change(tx, request.user.id, table_id, _edit(data)))


@delete(_ONE, status_code=200, sync_to_thread=True, tags=_TAGS, summary="Delete a lookup table")
def remove(request: context.Asked, context: context.Context, table_id: params.Key) -> answers.Success:
    """With all its rows; one that running recipes use is refused."""
    with context.deed.db.write() as tx:
        lookup_tables.delete(tx, request.user.id, [table_id])
    return answers.Success()


@post(f"{_ALL}/batch_delete", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Delete lookup tables")
def remove_all(
    request: context.Asked, context: context.Context, data: wire.LookupTableIds | None = None
) -> answers.Success:
    """All of them, or none where one is not here or in use by running recipes."""
    with context.deed.db.write() as tx:
        lookup_tables.delete(tx, request.user.id, (data or wire.LookupTableIds()).ids)
    return answers.Success()


@get(
    f"{_ONE}/rows",
    sync_to_thread=True,
    tags=_TAGS,
    summary="List a lookup table's rows",
    operation_class=documentation.FilterOperation,
)
def listed_rows(
    request: context.Asked,
    context: context.Context,
    table_id: params.Key,
    page: params.Page = 1,
    per_page: RowsPage = 500,
) -> list[wire.LookupRow]:
    """A page of the rows, in the order in which they came."""
    with context.deed.db.read() as tx:
        table = lookup_tables.find(tx, request.user.id, table_id)
        limit = min(per_page, MOST_ROWS)
        window = ((max(page, 1) - 1) * limit, limit)
        return [wire.row(table, row) for row in lookup_tables.matching(tx, table, _by(request), window)]


@get(
    f"{_ONE}/lookup",
    sync_to_thread=True,
    tags=_TAGS,
    summary="Look a row up",
    operation_class=documentation.FilterOperation,
)
def looked_up(request: context.Asked, context: context.Context, table_id: params.Key) -> wire.LookupRow:
    """The first row with these values; 404 where there is none."""
    by = _by(request)
    if not by:
        raise errors.Invalid.listing([errors.Issue("by", "must name a column: by[column]=value")])
    with context.deed.db.read() as tx:
        table = lookup_tables.find(tx, request.user.id, table_id)
        found = lookup_tables.matching(tx, table, by, (0, 1))
    if not found:
        raise errors.NotFound(f"Not found: no row of table {table.asset.name!r} has {_spelled(by)}")
    return wire.row(table, found[0])


@post(f"{_ONE}/rows", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Add a row")
def add_row(
    request: context.Asked, context: context.Context, table_id: params.Key, data: wire.LookupRowRequest | None = None
) -> wire.LookupRow:
    """A new row behind all others; columns that are not sent are empty in it."""
    with context.deed.db.write() as tx:
        row = lookup_tables.add_row(tx, request.user.id, table_id, _values(data))
        return wire.row(lookup_tables.find(tx, request.user.id, table_id), row)


@get(_ROW, sync_to_thread=True, tags=_TAGS, summary="Get a row")
def show_row(
    request: context.Asked, context: context.Context, table_id: params.Key, row_id: params.Key
) -> wire.LookupRow:
    """One row."""
    with context.deed.db.read() as tx:
        table = lookup_tables.find(tx, request.user.id, table_id)
        return wire.row(table, rows.find(tx, table.asset.id, row_id))


@put(_ROW, sync_to_thread=True, tags=_TAGS, summary="Update a row")
def update_row(
    request: context.Asked,
    context: context.Context,
    table_id: params.Key,
    row_id: params.Key,
    data: wire.LookupRowRequest | None = None,
) -> wire.LookupRow:
    """The row as it is now; columns that are not sent keep their values."""
    with context.deed.db.write() as tx:
        row = lookup_tables.change_row(tx, request.user.id, table_id, row_id, _values(data))
        return wire.row(lookup_tables.find(tx, request.user.id, table_id), row)


@delete(_ROW, status_code=200, sync_to_thread=True, tags=_TAGS, summary="Delete a row")
def remove_row(
    request: context.Asked, context: context.Context, table_id: params.Key, row_id: params.Key
) -> answers.Success:
    """The row is gone; the others stay in their order."""
    with context.deed.db.write() as tx:
        lookup_tables.delete_row(tx, request.user.id, table_id, row_id)
    return answers.Success()


def _edit(data: wire.LookupTableRequest | None) -> lookup_tables.Edit:
    fields = (data or wire.LookupTableRequest()).fields
    return lookup_tables.Edit(fields.name, fields.project_id, fields.columns)


def _values(data: wire.LookupRowRequest | None) -> dict[str, Any]:
    return (data or wire.LookupRowRequest()).values


def _spelled(by: dict[str, str]) -> str:
    return " and ".join(f"{value!r} in {name!r}" for name, value in by.items())


def _by(request: context.Asked) -> dict[str, str]:
    """The values that rows are asked for by, as `by[column]=value`. Raises `errors.Invalid` for a `by` alone."""
    if "by" in request.query_params:
        raise errors.Invalid.listing([errors.Issue("by", "must name a column: by[column]=value")])
    found = {_BY.fullmatch(name): value for name, value in request.query_params.items()}
    return {match[1]: value for match, value in found.items() if match}


ROUTES = [
    listed,
    create,
    show,
    update,
    remove,
    remove_all,
    listed_rows,
    looked_up,
    add_row,
    show_row,
    update_row,
    remove_row,
]
