"""Stubs: recorded answers, and what they answer for. `/api/stubs`."""

from litestar import get, put

from recipeyard.api import context, params
from recipeyard.model import assets, stubs
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database
from recipeyard.sql import stubs as stub_rows
from recipeyard.wire import stubs as wire
from recipeyard.work import stubs as deeds

_TAGS = ["Stubs"]
_ONE = "/api/stubs/{stub_id:int}"


@get("/api/stubs", sync_to_thread=True, tags=_TAGS, summary="List stubs")
def listed(request: context.Asked, context: context.Context) -> wire.StubList:
    """The workspace's stubs, and what each answers for. They arrive in packages."""
    with context.deed.db.read() as tx:
        found = asset_rows.of_kind(tx, request.user.id, assets.STUB)
        bound = stub_rows.bound(tx, [each.id for each in found])
    return wire.StubList([wire.stub(each, bound.get(each.id, stubs.Bound())) for each in found])


@get(_ONE, sync_to_thread=True, tags=_TAGS, summary="Get a stub")
def show(request: context.Asked, context: context.Context, stub_id: params.Key) -> wire.StubAnswers:
    """One stub with its answers."""
    with context.deed.db.read() as tx:
        return _shown(tx, request, stub_id)


@put(f"{_ONE}/bindings", sync_to_thread=True, tags=_TAGS, summary="Bind a stub")
def bind(
    request: context.Asked, context: context.Context, stub_id: params.Key, data: wire.StubBindings
) -> wire.StubAnswers:
    """Sets all that the stub answers for; nothing unbinds it. Recipes may start with a connection that is bound."""
    with context.deed.db.write() as tx:
        deeds.bind(tx, request.user.id, stub_id, wire.bound(data))
        return _shown(tx, request, stub_id)


def _shown(tx: database.Tx, request: context.Asked, stub_id: int) -> wire.StubAnswers:
    stub = asset_rows.find(tx, request.user.id, stub_id, assets.STUB)
    bound = stub_rows.bound(tx, [stub.id]).get(stub.id, stubs.Bound())
    return wire.with_answers(wire.stub(stub, bound), deeds.content(tx, stub))


ROUTES = [listed, show, bind]
