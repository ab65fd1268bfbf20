"""The catalogue of connectors: `/api/integrations`."""

from typing import Annotated, Any

from litestar import get
from litestar.di import Provide
from litestar.params import Parameter

from recipeyard.api import params
from recipeyard.model import catalogue
from recipeyard.wire import integrations as wire

_TAGS = ["Connectors"]
Applications = Annotated[
    str | None, Parameter(description="Connectors' names, separated by commas; in the query or in a JSON body.")
]


@get(
    "/api/integrations",
    sync_to_thread=False,
    tags=_TAGS,
    summary="Find connectors",
    dependencies={"fields": Provide(params.fields_of_body)},
)
def named(fields: dict[str, Any], applications: Applications = None) -> wire.Connectors:
    """The connectors of these names, all where none is named; unknown names are passed over."""
    asked = fields.get("applications") if applications is None else applications
    names = asked if isinstance(asked, list) else params.names(str(asked or ""))
    found = [catalogue.CONNECTORS[name] for name in names if name in catalogue.CONNECTORS]
    return wire.Connectors([wire.connector(each) for each in (found if names else catalogue.CONNECTORS.values())])


@get("/api/integrations/all", sync_to_thread=False, tags=_TAGS, summary="List connectors")
def listed(paging: params.Paging) -> wire.ConnectorPage:
    """A page of the connectors that this server knows, by name. Custom connectors have a list of their own."""
    offset, limit = paging.window
    found = list(catalogue.CONNECTORS.values())
    items = [wire.connector(each) for each in found[offset : offset + limit]]
    return wire.ConnectorPage(items, len(found), max(paging.page, 1), limit)


ROUTES = [named, listed]
