"""The heart: packages exported, imported, shown and downloaded. `/api/packages`."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from litestar import delete, get, post
from litestar.di import Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Redirect, Stream

from recipeyard.api import arrivals, context, documentation, links, params
from recipeyard.model import errors, packages
from recipeyard.sql import deployments as deployment_rows
from recipeyard.sql import packages as package_rows
from recipeyard.sql import plans as plan_rows
from recipeyard.sql import snapshots as snapshot_rows
from recipeyard.wire import answers
from recipeyard.wire import packages as wire
from recipeyard.wire import plans as wire_plans
from recipeyard.work import activities, export_package, gating, import_package, roll_back, settling

_TAGS = ["Packages"]
_ONE = "/api/packages/{package_id:int}"


@post(
    "/api/packages/export/{manifest_id:int}",
    status_code=200,
    sync_to_thread=True,
    tags=_TAGS,
    summary="Export a package",
)
def export(request: context.Asked, context: context.Context, manifest_id: params.Key) -> wire.Package:
    """Starts an export of a manifest, with the newest versions of its assets."""
    package = export_package.request(context.deed, request.user.id, manifest_id)
    return wire.package(package, None)


@post(
    "/api/packages/import/{folder_id:int}",
    status_code=200,
    tags=_TAGS,
    summary="Import a package",
    request_max_body_size=None,
    operation_class=documentation.ZipOperation,
    responses=documentation.ends_in(422),
    dependencies={"asked": Provide(arrivals.ImportOptions, sync_to_thread=False)},
)
async def import_(
    request: context.Asked,
    context: context.Context,
    folder_id: params.Key,
    asked: arrivals.ImportOptions,
    break_glass: arrivals.BreakGlass = None,
) -> wire.Package:
    """Starts an import of a zip into a folder. The body is the zip, whatever its content type says.

    422 names every gate that is not met.
    """
    place, options = (request.user.id, folder_id), replace(asked.options(), break_glass=arrivals.reason(break_glass))

    def accept(key: str) -> packages.Package:
        return import_package.request(context.deed, place, options, key, "data.zip")

    package = await arrivals.receive(request, context, place, options, accept)
    return wire.package(package, links.address_for(context, request, package))


@get(_ONE, sync_to_thread=True, tags=_TAGS, summary="Get a package")
def show(request: context.Asked, context: context.Context, package_id: params.Key) -> wire.Package:
    """How far a transfer is; once it has ended, what it did."""
    return shown(context, request, package_id)


@get("/api/packages", sync_to_thread=True, tags=_TAGS, summary="List packages")
def listed(
    request: context.Asked,
    context: context.Context,
    paging: params.Paging,
) -> wire.PackageList:
    """The workspace's packages, newest first, without their assets."""
    offset, limit = paging.window
    with context.deed.db.read() as tx:
        found = package_rows.listed(tx, request.user.id, offset=offset, limit=limit)
        outcomes = package_rows.recipe_results(tx, [package.id for package in found])
    shown = [wire.package(each, links.address_for(context, request, each), outcomes[each.id]) for each in found]
    return wire.PackageList(shown)


@delete(_ONE, status_code=200, sync_to_thread=True, tags=_TAGS, summary="Delete a package")
def remove(request: context.Asked, context: context.Context, package_id: params.Key) -> answers.Success:
    """Forgets the record, its plan and its archive; what an import has changed stays, and can't be rolled back."""
    with context.deed.db.write() as tx:
        package = package_rows.find(tx, request.user.id, package_id)
        if package.status is packages.Status.IN_PROGRESS:
            raise errors.Invalid("The package is in progress; it can be deleted once it has ended")
        if holder := deployment_rows.holder(tx, package.id):
            raise errors.Invalid(f"The package is part of {holder}, and stays with it")
        plan_rows.forget(tx, package.id)
        snapshot_rows.let_go(tx, package.id)
        package_rows.delete(tx, package)
        activities.record(tx, request.user.id, "package_deleted", activities.of_package(package))
    if package.blob_key:
        context.deed.blobs.delete(package.blob_key)
    return answers.Success()


@post(
    f"{_ONE}/cancel",
    status_code=200,
    sync_to_thread=True,
    tags=_TAGS,
    summary="Cancel a package",
    responses=documentation.ends_in(409),
)
def cancel(request: context.Asked, context: context.Context, package_id: params.Key) -> wire.Package:
    """Ends a transfer as failed before anything comes of it. 409 once it is being applied or has ended."""
    package = settling.cancel(context.deed, request.user.id, package_id)
    return wire.package(package, links.address_for(context, request, package), results=())


@post(
    f"{_ONE}/rollback",
    status_code=200,
    sync_to_thread=True,
    tags=_TAGS,
    summary="Roll a package back",
    responses=documentation.ends_in(409, 422),
    dependencies={"asked": Provide(arrivals.RollbackOptions, sync_to_thread=False)},
)
def rollback(
    request: context.Asked, context: context.Context, package_id: params.Key, asked: arrivals.RollbackOptions
) -> wire.Package | wire_plans.Plan:
    """Starts a new package that takes back everything that this one changed. A rollback can be rolled back, too."""
    options = asked.options()
    if asked.plan_only:
        made = roll_back.plan(context.deed, request.user.id, package_id, options)
        with context.deed.db.read() as tx:
            return wire_plans.plan(made, gating.beside(tx, made))
    return wire.package(roll_back.request(context.deed, request.user.id, package_id, options), None)


@get(
    f"{_ONE}/download",
    status_code=302,
    sync_to_thread=True,
    tags=_TAGS,
    summary="Download a package",
    responses={302: ResponseSpec(None, description="The archive is at `Location`, to be had without credentials.")},
)
def download(request: context.Asked, context: context.Context, package_id: params.Key) -> Redirect:
    """Redirects to the archive; 404 where there is none (yet)."""
    with context.deed.db.read() as tx:
        package = package_rows.find(tx, request.user.id, package_id)
    address = links.address_for(context, request, package)
    if address is None:
        raise errors.NotFound(f"Not found: package {package_id} has no content")
    return Redirect(address, status_code=302)


@get(
    "/packages/zip_files/{high:str}/{middle:str}/{low:str}/original/{file_name:str}",
    sync_to_thread=True,
    include_in_schema=False,
    exclude_from_auth=True,
)
def content(request: context.Asked, context: context.Context, token: str = "") -> Stream:
    """The archive's bytes, for whoever holds a link that has not ended."""
    parts = request.path_params
    digits = f"{parts['high']}{parts['middle']}{parts['low']}"
    package_id = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else 0
    with context.deed.db.read() as tx:
        package = package_rows.by_id(tx, package_id)
        links.check(context, package_id, token, int(tx.now.timestamp()))
    if package is None or package.blob_key is None:
        raise errors.NotFound(f"Not found: package {package_id} has no content")
    size = context.deed.blobs.size(package.blob_key)
    return _stream(context.deed.blobs.stream(package.blob_key), package.file_name, size)


def shown(context: context.Context, request: context.Asked, package_id: int) -> wire.Package:
    """A package of the workspace with all that it did. Raises `errors.NotFound`."""
    with context.deed.db.read() as tx:
        package = package_rows.find(tx, request.user.id, package_id)
        results = package_rows.results(tx, package.id)
        plan_id = plan_rows.ids_applied_by(tx, [package.id]).get(package.id)
    outcomes = [(each.asset_id, each.import_result) for each in results if each.import_result]
    answer = wire.package(package, links.address_for(context, request, package), outcomes, results)
    return answer if plan_id is None else wire.with_plan(answer, plan_id)


def _stream(chunks: Iterable[bytes], file_name: str, size: int) -> Stream:
    def each() -> Iterator[bytes]:
        yield from chunks

    headers = {"Content-Disposition": f'attachment; filename="{file_name}"', "Content-Length": str(size)}
    return Stream(each, media_type="application/zip", headers=headers)


ROUTES = [export, import_, show, listed, remove, cancel, rollback, download, content]
