"""Export manifests: `/api/export_manifests`, and the inventory of a folder."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from litestar import delete, get, post, put
from litestar.params import Parameter

from recipeyard.api import context, params
from recipeyard.model import activities, assets, errors, manifests
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, folders
from recipeyard.sql import manifests as manifest_rows
from recipeyard.sql import packages as package_rows
from recipeyard.wire import answers
from recipeyard.wire import manifests as wire
from recipeyard.work import activities as work_activities
from recipeyard.work import export_package, selecting

_TAGS = ["Export manifests"]
_ONE = "/api/export_manifests/{manifest_id:int}"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
IncludeData = Annotated[bool, Parameter(description="Whether tables travel with their rows.")]
IncludeTests = Annotated[bool, Parameter(description="Whether test cases travel along, those of its recipes too.")]


@get("/api/export_manifests/folder_assets", sync_to_thread=True, tags=_TAGS, summary="List a folder's assets")
def folder_assets(
    request: context.Asked,
    context: context.Context,
    *,
    folder_id: params.FolderId = None,
    include_test_cases: IncludeTests = False,
    include_data: IncludeData = False,
) -> wire.FolderAssetsAnswer:
    """What an export of the folder would hold: its assets, those of the folders below, and what they depend on.

    Stubs and test cases are types that no other server has: they are listed with `include_test_cases` alone.
    """
    workspace = request.user
    listing = assets.WIRE_TYPES.keys() | (assets.OWN if include_test_cases else set())
    options = manifests.Options(auto=True, include_data=include_data, include_test_cases=include_test_cases)
    with context.deed.db.read() as tx:
        folder = folders.find(tx, workspace.id, folder_id or workspace.root_folder_id)
        whole = manifests.Manifest(0, workspace.id, folder.id, "", options, (), None, _NEVER, _NEVER)
        chosen = [each for each in selecting.select(tx, whole).chosen if each.asset.kind in listing]
        exported = package_rows.last_exported(tx, folder.id)
        paths = {folder_id: folders.path_of(tx, folder_id) for folder_id in {each.asset.folder_id for each in chosen}}
    listed = [wire.folder_asset(each, paths[each.asset.folder_id], exported.get(each.asset.id)) for each in chosen]
    return wire.FolderAssetsAnswer(wire.FolderAssets(listed))


@post("/api/export_manifests", status_code=201, sync_to_thread=True, tags=_TAGS, summary="Create an export manifest")
def create(request: context.Asked, context: context.Context, data: wire.ManifestRequest) -> wire.ManifestAnswer:
    """Of explicit assets, or (`auto_generate_assets`) of all of a folder. `auto_run` exports it at once."""
    fields = data.fields
    options = wire.options(fields, manifests.Options())
    if not (fields.name or "").strip():
        raise errors.Invalid.listing([errors.Issue("name", "can't be blank")])
    if bool(fields.assets) == options.auto:
        what = "can't go with auto_generate_assets" if options.auto else "can't be blank"
        raise errors.Invalid.listing([errors.Issue("assets", what)])
    with context.deed.db.write() as tx:
        folder = folders.find(tx, request.user.id, fields.folder_id or request.user.root_folder_id)
        selected = _selected(tx, request, fields)
        made = manifest_rows.insert(tx, (request.user.id, folder.id), fields.name or "", options, selected)
        _record(tx, "created", made)
    if fields.auto_run:
        export_package.request(context.deed, request.user.id, made.id)
    return _show(context, request, made.id)


@get(_ONE, sync_to_thread=True, tags=_TAGS, summary="Get an export manifest")
def show(request: context.Asked, context: context.Context, manifest_id: params.Key) -> wire.ManifestAnswer:
    """One manifest."""
    return _show(context, request, manifest_id)


@put(_ONE, sync_to_thread=True, tags=_TAGS, summary="Update an export manifest")
def update(
    request: context.Asked, context: context.Context, manifest_id: params.Key, data: wire.ManifestRequest | None = None
) -> wire.ManifestAnswer:
    """Name, options, or the whole list of assets; its folder stays."""
    fields = (data or wire.ManifestRequest()).fields
    with context.deed.db.write() as tx:
        before = manifest_rows.find(tx, request.user.id, manifest_id)
        options = wire.options(fields, before.options)
        selected = _selected(tx, request, fields) if fields.assets is not None else before.selected
        selected, options = _one_way(fields, selected, options)
        if fields.folder_id not in {None, before.folder_id}:
            raise errors.Invalid.listing([errors.Issue("folder_id", "can't be changed")])
        name = before.name if fields.name is None else fields.name
        if not name.strip():
            raise errors.Invalid.listing([errors.Issue("name", "can't be blank")])
        after = replace(before, name=name, options=options, selected=selected)
        manifest_rows.change(tx, after)
        _record(tx, "updated", after)
    return _show(context, request, manifest_id)


@delete(_ONE, status_code=200, sync_to_thread=True, tags=_TAGS, summary="Delete an export manifest")
def remove(request: context.Asked, context: context.Context, manifest_id: params.Key) -> wire.Deleted:
    """The packages that came from it stay."""
    with context.deed.db.write() as tx:
        found = manifest_rows.find(tx, request.user.id, manifest_id)
        manifest_rows.delete(tx, found)
        _record(tx, "deleted", found)
    return wire.Deleted(success=True, result=answers.Success())


@get("/api/export_manifests", sync_to_thread=True, tags=_TAGS, summary="List export manifests")
def listed(
    request: context.Asked,
    context: context.Context,
    paging: params.Paging,
) -> wire.ManifestList:
    """The workspace's manifests, newest first."""
    offset, limit = paging.window
    with context.deed.db.read() as tx:
        found = manifest_rows.listed(tx, request.user.id, offset=offset, limit=limit)
        shown = [wire.manifest(each, folders.path_of(tx, each.folder_id)) for each in found]
    return wire.ManifestList(wire.ManifestItems(shown))


def _record(tx: database.Tx, done: str, manifest: manifests.Manifest) -> None:
    resource = activities.Resource(activities.Kind.MANIFEST, manifest.id, manifest.name)
    work_activities.record(tx, manifest.workspace_id, f"export_manifest_{done}", resource)


def _show(context: context.Context, request: context.Asked, manifest_id: int) -> wire.ManifestAnswer:
    with context.deed.db.read() as tx:
        found = manifest_rows.find(tx, request.user.id, manifest_id)
        return wire.ManifestAnswer(wire.manifest(found, folders.path_of(tx, found.folder_id)))


def _selected(tx: database.Tx, request: context.Asked, fields: wire.ManifestFields) -> tuple[manifests.Selected, ...]:
    """The lines that were sent. Raises `errors.Invalid` listing those that name no asset, and paths that can't be."""
    selected = wire.selected(fields.assets or [])
    found = asset_rows.by_ids(tx, request.user.id, [line.id for line in selected])
    issues = [
        errors.Issue(f"assets[{at}].id", f"there is no {line.kind} {line.id}")
        for at, line in enumerate(selected)
        if line.id not in found or found[line.id].kind != line.kind
    ]
    if issues:
        raise errors.Invalid.listing(issues)
    manifests.check_paths(selected)
    return selected


def _one_way(
    fields: wire.ManifestFields, selected: tuple[manifests.Selected, ...], options: manifests.Options
) -> tuple[tuple[manifests.Selected, ...], manifests.Options]:
    """Explicit assets end an automatic selection, and the other way round; both at once are refused."""
    if fields.assets and fields.auto_generate_assets:
        raise errors.Invalid.listing([errors.Issue("assets", "can't go with auto_generate_assets")])
    if fields.assets:
        return selected, replace(options, auto=False)
    if fields.auto_generate_assets:
        return (), options
    if not options.auto and not selected:
        raise errors.Invalid.listing([errors.Issue("assets", "can't be blank")])
    return selected, options


ROUTES = [folder_assets, create, show, update, remove, listed]
