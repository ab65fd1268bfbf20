"""Gates: what must be true before packages and plans may change a workspace. `/api/gates`."""

from litestar import get, put

from recipeyard.api import context, documentation
from recipeyard.sql import gates as gate_rows
from recipeyard.wire import gates as wire
from recipeyard.work import gating

_TAGS = ["Gates"]


@get("/api/gates", sync_to_thread=True, tags=_TAGS, summary="Get the gates")
def show(request: context.Asked, context: context.Context) -> wire.Gates:
    """The workspace's gates; all are open where nobody has set any, and `version` is 0."""
    with context.deed.db.read() as tx:
        return wire.shown(gate_rows.find(tx, request.user.id))


@put(
    "/api/gates",
    sync_to_thread=True,
    tags=_TAGS,
    summary="Set the gates",
    responses=documentation.ends_in(409, 422),
)
def change(request: context.Asked, context: context.Context, data: wire.GatesRequest) -> wire.Gates:
    """Sets all gates; those that are not sent are open. 409 where `version` is sent and is another one by now."""
    with context.deed.db.write() as tx:
        return wire.shown(gating.change(tx, request.user.id, data.gates, data.version))


ROUTES = [show, change]
