"""Records of data tables: `/api/v1/tables`, which the field serves from a host of its own."""

from typing import Annotated, Any

from litestar import delete, get, post, put
from litestar.params import Parameter

from recipeyard.api import context, data_tables, documentation
from recipeyard.model import errors, queries
from recipeyard.wire import answers
from recipeyard.wire import records as wire
from recipeyard.work import data_tables as table_deeds
from recipeyard.work import records

_TAGS = ["Data table records"]
_NO_FILES = "this server keeps no files in records"
_TABLE = "/api/v1/tables/{table_id:str}"
_ALL = f"{_TABLE}/records"
_ONE = f"{_ALL}/{{record_id:str}}"

RecordId = Annotated[str, Parameter(description="A record's id.")]
FieldId = Annotated[str, Parameter(description="A column's uuid.")]
Values = dict[str, Any]
"""A record's values, by the names of their columns or by `$` and their ids."""


@post(f"{_TABLE}/query", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Query records")
def query(
    request: context.Asked,
    context: context.Context,
    table_id: data_tables.TableId,
    data: wire.QueryRequest | None = None,
) -> wire.QueryAnswer:
    """A page of the records that meet all conditions; without an order, as they came."""
    sent = data or wire.QueryRequest()
    asked = queries.Asked(sent.select, sent.where, sent.order, sent.limit, sent.continuation_token)
    with context.deed.db.read() as tx:
        return wire.page(records.query(tx, request.user.id, table_id, asked))


@post(_ALL, status_code=200, sync_to_thread=True, tags=_TAGS, summary="Create a record")
def create(
    request: context.Asked, context: context.Context, table_id: data_tables.TableId, data: Values | None = None
) -> wire.Record:
    """A new record; columns that are not sent have their default value."""
    with context.deed.db.write() as tx:
        return wire.record(*records.add(tx, request.user.id, table_id, _values(data)))


@get(_ONE, sync_to_thread=True, tags=_TAGS, summary="Get a record")
def show(
    request: context.Asked, context: context.Context, table_id: data_tables.TableId, record_id: RecordId
) -> wire.Record:
    """One record."""
    with context.deed.db.read() as tx:
        return wire.record(*records.find(tx, request.user.id, table_id, record_id))


@put(_ONE, sync_to_thread=True, tags=_TAGS, summary="Update a record")
def update(
    request: context.Asked,
    context: context.Context,
    table_id: data_tables.TableId,
    record_id: RecordId,
    data: Values | None = None,
) -> wire.Record:
    """The record as it is now; columns that are not sent keep their values, null deletes one."""
    with context.deed.db.write() as tx:
        return wire.record(*records.change(tx, request.user.id, table_id, record_id, _values(data)))


@delete(_ONE, status_code=200, sync_to_thread=True, tags=_TAGS, summary="Delete a record")
def remove(
    request: context.Asked, context: context.Context, table_id: data_tables.TableId, record_id: RecordId
) -> answers.Success:
    """The record is gone; the others stay in their order."""
    with context.deed.db.write() as tx:
        records.delete(tx, request.user.id, table_id, record_id)
    return answers.Success()


@post(
    f"{_TABLE}/fields/{{field_id:str}}/file",
    status_code=200,
    sync_to_thread=True,
    tags=_TAGS,
    summary="Upload a file",
    responses=documentation.ends_in(422),
)
def upload(
    request: context.Asked, context: context.Context, table_id: data_tables.TableId, field_id: FieldId
) -> answers.Success:
    """Refused: this server keeps no files in records."""
    with context.deed.db.read() as tx:
        table_deeds.find(tx, request.user.id, table_id)
    raise errors.Unprocessable(f"A file for column {field_id!r} can't be kept: {_NO_FILES}")


@get(
    f"{_ONE}/fields/{{field_id:str}}/file",
    sync_to_thread=True,
    tags=_TAGS,
    summary="Download a file",
    responses=documentation.ends_in(422),
)
def download(
    request: context.Asked,
    context: context.Context,
    table_id: data_tables.TableId,
    record_id: RecordId,
    field_id: FieldId,
) -> answers.Success:
    """Refused: this server keeps no files in records."""
    with context.deed.db.read() as tx:
        records.find(tx, request.user.id, table_id, record_id)
    raise errors.Unprocessable(f"There is no file in column {field_id!r}: {_NO_FILES}")


def _values(data: Values | None) -> Values:
    """A record's values, themselves or in `document`, as answers hold them."""
    sent = data or {}
    wrapped = sent.get("document")
    return wrapped if len(sent) == 1 and isinstance(wrapped, dict) else sent


ROUTES = [query, create, show, update, remove, upload, download]
