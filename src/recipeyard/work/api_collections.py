"""API collections and their endpoints, as the API handles them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from recipeyard.model import api_collections, assets, bundles, documents, errors, references
from recipeyard.sql import api_collections as endpoint_rows
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, folders, links
from recipeyard.sql import documents as document_rows
from recipeyard.sql import recipes as recipe_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import activities, wiring, writing


@dataclass(frozen=True, slots=True)
class Wanted:
    """A collection as it is to be: its name, its project if any, its version and its endpoints."""

    name: str
    project_id: int | None = None
    version: str = api_collections.FIRST_VERSION
    routes: Sequence[api_collections.Route] = ()


def listed(tx: database.Tx, workspace_id: int, *ids: int) -> list[api_collections.Collection]:
    """A workspace's collections by id, or those of them that are asked for."""
    found = asset_rows.of_kind(tx, workspace_id, assets.API_GROUP)
    wanted = [asset for asset in found if not ids or asset.id in ids]
    values = _values(tx, wanted)
    times = asset_rows.times(tx, [asset.id for asset in wanted])
    projects = folders.project_ids(tx, [asset.folder_id for asset in wanted])
    return [
        api_collections.Collection(
            asset=asset,
            project_id=projects.get(asset.folder_id),
            handle=_handle(values[asset.id], asset.name),
            version=str(values[asset.id].get("version") or api_collections.FIRST_VERSION),
            created_at=times[asset.id][0],
            updated_at=times[asset.id][1],
        )
        for asset in wanted
    ]


def find(tx: database.Tx, workspace_id: int, collection_id: int) -> api_collections.Collection:
    """The collection of that id. Raises `errors.NotFound`."""
    return listed(tx, workspace_id, asset_rows.find(tx, workspace_id, collection_id, assets.API_GROUP).id)[0]


def endpoints(tx: database.Tx, workspace_id: int, collection_id: int | None) -> list[api_collections.Endpoint]:
    """A workspace's endpoints by id, or those of one collection. Raises `errors.NotFound` for one that is not here."""
    if collection_id is not None:
        asset_rows.find(tx, workspace_id, collection_id, assets.API_GROUP)
    return _shown(tx, workspace_id, endpoint_rows.endpoints(tx, workspace_id, collection_id))


def create(tx: database.Tx, workspace_id: int, wanted: Wanted) -> int:
    """A new collection with endpoints that no recipe answers yet; returns its id. Raises `errors.Invalid`."""
    desk = writing.Desk(tx, workspace_rows.lock(tx, workspace_id))
    root_id = desk.workspace.root_folder_id
    folder_id = folders.find_project(tx, workspace_id, wanted.project_id).folder_id if wanted.project_id else root_id
    if asset_rows.named(tx, workspace_id, assets.API_GROUP, [wanted.name]):
        raise errors.Invalid.listing([errors.Issue("name", f"{wanted.name!r} has already been taken")])
    value: dict[str, documents.Value] = {
        "name": wanted.name,
        "version": wanted.version,
        "description": None,
        "handle": _free_handle(desk, wanted.name),
        "use_prefix": True,
    }
    made = writing.create(desk, assets.API_GROUP, documents.spell(value), folder_id)
    for route in wanted.routes:
        _add(desk, made, route, None)
    activities.record(
        tx, workspace_id, "api_collection_created", activities.of_asset(made), endpoints=len(wanted.routes)
    )
    return made.id


def add_endpoint(
    tx: database.Tx, workspace_id: int, collection_id: int, route: api_collections.Route, recipe_id: int | None
) -> api_collections.Endpoint:
    """A new endpoint of a collection, inactive. Raises `errors.NotFound` for a collection or recipe not here."""
    desk = writing.Desk(tx, workspace_rows.lock(tx, workspace_id))
    collection = asset_rows.find(tx, workspace_id, collection_id, assets.API_GROUP)
    recipe = asset_rows.find(tx, workspace_id, recipe_id, assets.RECIPE) if recipe_id else None
    for other in endpoints(tx, workspace_id, collection_id):
        if (other.method, other.path) == (route.method, route.path):
            what = f"{route.method} {route.path} is endpoint {other.asset.name!r} already"
            raise errors.Invalid.listing([errors.Issue("path", what)])
    made = _add(desk, collection, route, recipe)
    activities.record(tx, workspace_id, "api_endpoint_created", activities.of_asset(made), collection_id=collection.id)
    return _shown(tx, workspace_id, [made])[0]


def switch(tx: database.Tx, workspace_id: int, endpoint_id: int, *, active: bool) -> None:
    """Enable or disable an endpoint. Raises `errors.Invalid` where no running recipe would answer it."""
    workspace_rows.lock(tx, workspace_id)
    asset = asset_rows.find(tx, workspace_id, endpoint_id, assets.API_ENDPOINT)
    if active:
        _refuse_unanswered(tx, workspace_id, asset)
    if active != (asset.id in endpoint_rows.active(tx, [asset.id])):
        endpoint_rows.switch(tx, asset.id, active=active)
        event = "api_endpoint_enabled" if active else "api_endpoint_disabled"
        activities.record(tx, workspace_id, event, activities.of_asset(asset))


def delete(tx: database.Tx, workspace_id: int, collection_id: int) -> None:
    """Delete a collection with its endpoints; the recipes that answered them stay."""
    workspace_rows.lock(tx, workspace_id)
    collection = asset_rows.find(tx, workspace_id, collection_id, assets.API_GROUP)
    below = endpoint_rows.endpoints(tx, workspace_id, collection.id)
    asset_rows.delete(tx, [collection.id, *(each.id for each in below)])
    activities.record(tx, workspace_id, "api_collection_deleted", activities.of_asset(collection), endpoints=len(below))


def _add(
    desk: writing.Desk, collection: assets.Asset, route: api_collections.Route, recipe: assets.Asset | None
) -> assets.Asset:
    base_id = wiring.project_folder(desk.tx, desk.workspace, collection.folder_id)
    value: dict[str, documents.Value] = {
        "name": route.name,
        "recipe_id": _reference(desk, recipe, base_id) if recipe else None,
        "api_group_id": _reference(desk, collection, base_id),
        "method": route.method,
        "path": route.path,
        "legacy": False,
        "validate_request": False,
    }
    return writing.create(desk, assets.API_ENDPOINT, documents.spell(value), collection.folder_id)


def _reference(desk: writing.Desk, target: assets.Asset, base_id: int) -> documents.Value:
    reference = writing.reference_to(desk, target, base_id)
    spelled = {"zip_name": reference.zip_name, "name": reference.name, "folder": reference.folder}
    return spelled | ({"folder_full_path": reference.full_path} if reference.full_path else {})


def _free_handle(desk: writing.Desk, name: str) -> str:
    taken = {each.handle for each in listed(desk.tx, desk.workspace.id)}
    wanted = handle = assets.handle(name)
    number = 1
    while handle in taken:
        number += 1
        handle = f"{wanted}-{number}"
    return handle


def _refuse_unanswered(tx: database.Tx, workspace_id: int, asset: assets.Asset) -> None:
    endpoint = _shown(tx, workspace_id, [asset])[0]
    if endpoint.recipe_id is None:
        raise errors.Invalid(f"endpoint {asset.name!r} has no recipe to answer it: nothing could be enabled")
    recipe = asset_rows.find(tx, workspace_id, endpoint.recipe_id)
    trigger = recipe_rows.states(tx, [recipe.id])[recipe.id].trigger_application
    if trigger != api_collections.TRIGGER:
        what = f"whose trigger is {trigger!r}; only a recipe with a trigger of {api_collections.TRIGGER!r} can answer"
        raise errors.Invalid(f"endpoint {asset.name!r} is bound to recipe {recipe.name!r}, {what}")
    if not recipe.running:
        raise errors.Invalid(f"endpoint {asset.name!r} is answered by recipe {recipe.name!r}, which is not running")


def _shown(tx: database.Tx, workspace_id: int, found: Sequence[assets.Asset]) -> list[api_collections.Endpoint]:
    values = _values(tx, found)
    times = asset_rows.times(tx, [asset.id for asset in found])
    enabled = endpoint_rows.active(tx, [asset.id for asset in found])
    targets = _targets(tx, found)
    answering = _answering(tx, workspace_id, targets.values())
    handles = {each.asset.id: each.handle for each in listed(tx, workspace_id)}
    return [
        api_collections.Endpoint(
            asset=asset,
            collection_id=targets[asset.id].get(assets.API_GROUP),
            recipe_id=targets[asset.id].get(assets.RECIPE),
            handle=handles.get(targets[asset.id].get(assets.API_GROUP, 0), ""),
            method=str(values[asset.id].get("method") or ""),
            path=str(values[asset.id].get("path") or "").strip("/"),
            legacy=values[asset.id].get("legacy") is True,
            active=asset.id in enabled and targets[asset.id].get(assets.RECIPE) in answering,
            timeout_s=api_collections.timeout_s(values[asset.id].get("recipe_timeout")),
            created_at=times[asset.id][0],
            updated_at=times[asset.id][1],
        )
        for asset in found
    ]


def _answering(tx: database.Tx, workspace_id: int, targets: Iterable[Mapping[str | None, int]]) -> set[int]:
    """Which of the recipes that endpoints point at run."""
    ids = {each[assets.RECIPE] for each in targets if assets.RECIPE in each}
    return {recipe.id for recipe in asset_rows.by_ids(tx, workspace_id, ids).values() if recipe.running}


def _targets(tx: database.Tx, found: Sequence[assets.Asset]) -> dict[int, dict[str | None, int]]:
    """What endpoints point at, by kind: the collection and the recipe."""
    facts = document_rows.facts(tx, [asset.content.digest for asset in found])
    version_ids = asset_rows.version_ids(tx, [asset.id for asset in found])
    linked = links.targets(tx, version_ids.values())
    targets: dict[int, dict[str | None, int]] = {}
    for asset in found:
        refers_to = facts[asset.content.digest, asset.kind].refers_to
        met = references.meets(refers_to, linked.get(version_ids[asset.id], {}))
        targets[asset.id] = {reference.kind: target for reference, target in met.items()}
    return targets


def _values(tx: database.Tx, found: Sequence[assets.Asset]) -> dict[int, Mapping[str, documents.Value]]:
    """The documents of collections or endpoints, decoded; each is small."""
    packed = {
        digest: each
        for piece in database.in_pieces(sorted({asset.content.digest for asset in found}))
        for digest, each in document_rows.all_packed(tx, set(piece)).items()
    }
    return {asset.id: bundles.parse_text(bundles.inflate(packed[asset.content.digest]).decode()) for asset in found}


def _handle(value: Mapping[str, documents.Value], name: str) -> str:
    return str(value.get("handle") or assets.handle(name))
