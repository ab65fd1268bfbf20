"""Data tables: `/api/data_tables`. Their records have paths of their own."""

from typing import Annotated

from litestar import delete, get, post, put
from litestar.params import Parameter

from recipeyard.api import context, params
from recipeyard.model import assets, tables
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database
from recipeyard.wire import answers
from recipeyard.wire import data_tables as wire
from recipeyard.work import data_tables
from recipeyard.work import tables as any_tables

_TAGS = ["Data tables"]
_ALL = "/api/data_tables"
_ONE = f"{_ALL}/{{table_id:str}}"

TableId = Annotated[str, Parameter(description="A data table's uuid, or its number as an asset.")]


@get(_ALL, sync_to_thread=True, tags=_TAGS, summary="List data tables")
def listed(request: context.Asked, context: context.Context, paging: params.Paging) -> wire.DataTableList:
    """The workspace's data tables, oldest first."""
    offset, limit = paging.window
    with context.deed.db.read() as tx:
        found = asset_rows.of_kind(tx, request.user.id, assets.DATA_TABLE)
        shown = [_shown(tx, table) for table in any_tables.shown(tx, found[offset : offset + limit])]
    return wire.page(shown, len(found), paging.page, limit)


@post(_ALL, status_code=200, sync_to_thread=True, tags=_TAGS, summary="Create a data table")
def create(
    request: context.Asked, context: context.Context, data: wire.DataTableRequest | None = None
) -> wire.DataTableAnswer:
    """A new data table without records, in a folder."""
    with context.deed.db.write() as tx:
        made = data_tables.create(tx, request.user.id, _edit(data))
        return wire.DataTableAnswer(_shown(tx, made))


@get(_ONE, sync_to_thread=True, tags=_TAGS, summary="Get a data table")
def show(request: context.Asked, context: context.Context, table_id: TableId) -> wire.DataTableAnswer:
    """One data table, without its records."""
    with context.deed.db.read() as tx:
        return wire.DataTableAnswer(_shown(tx, data_tables.find(tx, request.user.id, table_id)))


@put(_ONE, sync_to_thread=True, tags=_TAGS, summary="Update a data table")
def update(
    request: context.Asked, context: context.Context, table_id: TableId, data: wire.DataTableRequest | None = None
) -> wire.DataTableAnswer:
    """The table as it is now. `schema` lists all columns; the values of one that is missing are deleted."""
    with context.deed.db.write() as tx:
        made = data_tables.change(tx, request.user.id, table_id, _edit(data))
        return wire.DataTableAnswer(_shown(tx, made))


@delete(_ONE, status_code=200, sync_to_thread=True, tags=_TAGS, summary="Delete a data table")
def remove(request: context.Asked, context: context.Context, table_id: TableId) -> answers.Success:
    """With all its records; one that running recipes use is refused."""
    with context.deed.db.write() as tx:
        data_tables.delete(tx, request.user.id, table_id)
    return answers.Success()


@post(f"{_ONE}/truncate", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Truncate a data table")
def truncate(request: context.Asked, context: context.Context, table_id: TableId) -> answers.Success:
    """All its records are gone, its columns stay."""
    with context.deed.db.write() as tx:
        data_tables.truncate(tx, request.user.id, table_id)
    return answers.Success()


def _shown(tx: database.Tx, table: tables.Table) -> wire.DataTable:
    return wire.table(table, data_tables.related(tx, table))


def _edit(data: wire.DataTableRequest | None) -> data_tables.Edit:
    sent = data or wire.DataTableRequest()
    return data_tables.Edit(sent.name, sent.folder_id, sent.columns)


ROUTES = [listed, create, show, update, remove, truncate]
