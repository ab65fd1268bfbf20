"""Plans: what an import would change, seen before it is applied, and readable ever after. `/api/plans`."""

from typing import Annotated

import anyio.to_thread
from litestar import delete, get, post
from litestar.di import Provide
from litestar.params import Parameter

from recipeyard.api import arrivals, context, documentation, links, params
from recipeyard.model import errors, proposals
from recipeyard.sql import plans as plan_rows
from recipeyard.wire import answers
from recipeyard.wire import packages as wire_packages
from recipeyard.wire import plans as wire
from recipeyard.work import forgetting, gating, plan_import

_TAGS = ["Plans"]
_ONE = "/api/plans/{plan_id:int}"


@post(
    "/api/plans",
    status_code=200,
    tags=_TAGS,
    summary="Plan an import",
    request_max_body_size=None,
    operation_class=documentation.ZipOperation,
    responses=documentation.ends_in(422),
    dependencies={"asked": Provide(arrivals.ImportOptions, sync_to_thread=False)},
)
async def plan(
    request: context.Asked,
    context: context.Context,
    folder_id: Annotated[int, Parameter(ge=1, description="The folder that the package would arrive in.")],
    asked: arrivals.ImportOptions,
    package_id: Annotated[
        int | None, Parameter(ge=1, description="A package whose content is meant; then there is no body.")
    ] = None,
) -> wire.Plan:
    """Starts a plan of an import: what it would change, decided without changing anything. The body is the zip."""
    place, options = (request.user.id, folder_id), asked.options()
    if package_id is not None:
        await _refuse_body(request)
        made = await anyio.to_thread.run_sync(plan_import.request_of, context.deed, place, options, package_id)
        return await anyio.to_thread.run_sync(_shown, context, made)

    def accept(key: str) -> proposals.Plan:
        return plan_import.request(context.deed, place, options, key, "data.zip")

    made = await arrivals.receive(request, context, place, options, accept)
    return await anyio.to_thread.run_sync(_shown, context, made)


@get(_ONE, sync_to_thread=True, tags=_TAGS, summary="Get a plan")
def show(request: context.Asked, context: context.Context, plan_id: params.Key) -> wire.Plan:
    """What a plan says, once it is ready. Every import leaves one."""
    with context.deed.db.read() as tx:
        found = plan_rows.find(tx, request.user.id, plan_id)
        return wire.plan(found, gating.beside(tx, found))


@get("/api/plans", sync_to_thread=True, tags=_TAGS, summary="List plans")
def listed(request: context.Asked, context: context.Context, paging: params.Paging) -> wire.PlanList:
    """The workspace's plans, newest first, without what they say."""
    offset, limit = paging.window
    with context.deed.db.read() as tx:
        return wire.PlanList(
            [wire.record(each) for each in plan_rows.listed(tx, request.user.id, offset=offset, limit=limit)]
        )


@post(
    f"{_ONE}/apply",
    status_code=200,
    sync_to_thread=True,
    tags=_TAGS,
    summary="Apply a plan",
    responses=documentation.ends_in(409, 422),
)
def apply(
    request: context.Asked, context: context.Context, plan_id: params.Key, break_glass: arrivals.BreakGlass = None
) -> wire_packages.Package:
    """Starts an import that does exactly what the plan says.

    409 names what has moved since; 422 names the blockers, and every gate that is not met.
    """
    package = plan_import.apply(context.deed, request.user.id, plan_id, arrivals.reason(break_glass))
    return wire_packages.package(package, links.address_for(context, request, package))


@delete(
    _ONE,
    status_code=200,
    sync_to_thread=True,
    tags=_TAGS,
    summary="Delete a plan",
    responses=documentation.ends_in(409),
)
def remove(request: context.Asked, context: context.Context, plan_id: params.Key) -> answers.Success:
    """Forgets a plan that was not applied, and its archive. One that was stays with its package."""
    forgetting.delete(context.deed, request.user.id, plan_id)
    return answers.Success()


@post(
    f"{_ONE}/approvals",
    status_code=200,
    sync_to_thread=True,
    tags=_TAGS,
    summary="Approve a plan",
    responses=documentation.ends_in(409),
)
def approve(
    request: context.Asked, context: context.Context, plan_id: params.Key, data: wire.ApprovalRequest | None = None
) -> wire.Approvals:
    """Says that the plan may be applied. Whoever made it can't; who approves again has another comment."""
    with context.deed.db.write() as tx:
        return wire.approvals(gating.approve(tx, request.user.id, plan_id, data.comment if data else None))


@delete(
    f"{_ONE}/approvals",
    status_code=200,
    sync_to_thread=True,
    tags=_TAGS,
    summary="Take one's approval of a plan back",
    responses=documentation.ends_in(409),
)
def withdraw(request: context.Asked, context: context.Context, plan_id: params.Key) -> wire.Approvals:
    """One's own approval, of a plan that has not been applied; 404 where there is none."""
    with context.deed.db.write() as tx:
        return wire.approvals(gating.withdraw(tx, request.user.id, plan_id))


async def _refuse_body(request: context.Asked) -> None:
    async for chunk in request.stream():
        if chunk:
            raise errors.Invalid.listing([errors.Issue("package_id", "can't be given together with a body")])


def _shown(context: context.Context, plan: proposals.Plan) -> wire.Plan:
    with context.deed.db.read() as tx:
        return wire.plan(plan, gating.beside(tx, plan))


ROUTES = [plan, show, listed, apply, remove, approve, withdraw]
