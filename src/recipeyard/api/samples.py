"""Schemas guessed from samples: `/api/sdk/generate_schema`."""

from litestar import post

from recipeyard.api import context
from recipeyard.model import errors, samples
from recipeyard.wire import samples as wire

_TAGS = ["Connectors"]


@post(
    "/api/sdk/generate_schema/json",
    status_code=200,
    sync_to_thread=True,
    tags=_TAGS,
    summary="Guess a schema from JSON",
)
def from_json(context: context.Context, data: wire.JsonSample) -> list[wire.SchemaField]:
    """The fields of an object, or of a list of objects taken together."""
    return [wire.field(each) for each in samples.of_json(wire.sample(data, context.deed.limits))]


@post(
    "/api/sdk/generate_schema/csv", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Guess a schema from CSV"
)
def from_csv(data: wire.CsvSample) -> list[wire.SchemaField]:
    """The columns of a table, with the types that all their fields have."""
    if data.sample is None:
        raise errors.Invalid.listing([errors.Issue("sample", "can't be blank")])
    return [wire.field(each) for each in samples.of_csv(data.sample, samples.SEPARATORS[data.col_sep])]


ROUTES = [from_json, from_csv]
