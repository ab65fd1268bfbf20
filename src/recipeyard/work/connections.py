"""Connections one at a time, as the API handles them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from recipeyard.model import assets, bundles, catalogue, documents, errors
from recipeyard.runtime import interface
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import connections as connection_rows
from recipeyard.sql import database, folders
from recipeyard.sql import recipes as recipe_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import activities, connecting, wiring, writing
from recipeyard.work.running import accepting, credentials


@dataclass(frozen=True, slots=True)
class Edit:
    """A connection as it is to be. `notes` holds `external_id` and `parent_id`; `sealed_input` its credentials.

    `error` says why these did not work when they were tried.
    """

    name: str | None = None
    folder_id: int | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)
    sealed_input: bytes | None = None
    error: str | None = None


def create(tx: database.Tx, workspace_id: int, provider: str, edit: Edit) -> int:
    """A new connection; returns its id. Without credentials that work it is not authorized. Raises `errors.Invalid`."""
    desk = writing.Desk(tx, workspace_rows.lock(tx, workspace_id))
    folder_id = folders.find(tx, workspace_id, edit.folder_id or desk.workspace.root_folder_id).id
    value: dict[str, documents.Value] = {
        "name": edit.name or "",
        "provider": _provider(desk, provider, folder_id),
        "root_folder": folder_id == desk.workspace.root_folder_id,
    }
    made = writing.create(desk, assets.CONNECTION, documents.spell(value), folder_id, provider)
    connection_rows.add(tx, [made.id])
    activities.record(tx, workspace_id, "connection_created", activities.of_asset(made))
    _note(tx, workspace_id, made, edit)
    return made.id


def change(tx: database.Tx, workspace_id: int, connection_id: int, edit: Edit) -> None:
    """Rename or move a connection, or give it other credentials."""
    desk = writing.Desk(tx, workspace_rows.lock(tx, workspace_id))
    asset = asset_rows.find(tx, workspace_id, connection_id, assets.CONNECTION)
    moved = edit.folder_id is not None and edit.folder_id != asset.folder_id
    if edit.folder_id is not None and moved:
        asset = writing.move(desk, asset, edit.folder_id)
    text = desk.text(asset)
    before = bundles.parse_text(text)
    wanted: dict[str, documents.Value] = {"root_folder": asset.folder_id == desk.workspace.root_folder_id}
    wanted |= {"name": edit.name} if edit.name is not None else {}
    changed = {name: value for name, value in wanted.items() if before.get(name, False) != value}
    for name, value in changed.items():
        text = documents.with_member(text, name, value)
    if changed:
        writing.revise(desk, asset, text)
    names = sorted({*changed, *edit.notes, *(["folder_id"] if moved else [])})
    if names:
        activities.record(tx, workspace_id, "connection_updated", activities.of_asset(asset), changed=names)
    _note(tx, workspace_id, asset, edit)


def disconnect(tx: database.Tx, workspace_id: int, connection_id: int, *, force: bool) -> None:
    """Forget a connection's credentials. Raises `errors.Invalid` where recipes run with it, unless forced."""
    workspace_rows.lock(tx, workspace_id)
    asset = asset_rows.find(tx, workspace_id, connection_id, assets.CONNECTION)
    if not force:
        _refuse_in_use(tx, asset)
    connection_rows.disconnect(tx, asset.id)
    told: interface.Object = {
        "connection_id": asset.id,
        "connection_name": asset.name,
        "provider": asset.provider,
        "disconnected_at": tx.now,
    }
    accepting.publish(tx, workspace_id, "connection_disconnected", interface.Event(told))
    activities.record(tx, workspace_id, "connection_disconnected", activities.of_asset(asset))


def delete(tx: database.Tx, workspace_id: int, connection_id: int) -> None:
    """Delete a connection that holds no credentials and that no recipe runs with."""
    workspace_rows.lock(tx, workspace_id)
    asset = asset_rows.find(tx, workspace_id, connection_id, assets.CONNECTION)
    _refuse_in_use(tx, asset)
    if connection_rows.holding(tx, [asset.id]):
        raise errors.Invalid(f"connection {asset.name!r} is connected; disconnect it first")
    asset_rows.delete(tx, [asset.id])
    activities.record(tx, workspace_id, "connection_deleted", activities.of_asset(asset))


@dataclass(frozen=True, slots=True)
class Testable:
    """A connection that can be tested, with its credentials opened."""

    provider: str
    connecting: interface.Connecting
    given: Mapping[str, Any] = field(repr=False)


def to_test(tx: database.Tx, workspace_id: int, connection_id: int, unseal: credentials.Transform) -> Testable:
    """What testing a connection takes. Raises `errors.Invalid` where there is nothing to test, or nobody who could."""
    asset = asset_rows.find(tx, workspace_id, connection_id, assets.CONNECTION)
    provider, held = asset.provider or "", connection_rows.sealed(tx, connection_id)
    how = connecting.connecting_of(provider)
    if how is None:
        raise errors.Invalid(f"This server has no connector that could test connections for {provider!r}")
    if held is None:
        raise errors.Invalid(f"connection {asset.name!r} holds no credentials that could be tested")
    try:
        return Testable(provider, how, credentials.opened(held[0], unseal))
    except interface.Failure as e:
        raise errors.Invalid(e.message) from e


def settle(
    tx: database.Tx, workspace_id: int, connection_id: int, tried: connecting.Tried, unseal: credentials.Transform
) -> None:
    """Write down what the test of a connection came to; nothing, where it holds other credentials than those tried."""
    workspace_rows.lock(tx, workspace_id)
    asset = asset_rows.find(tx, workspace_id, connection_id, assets.CONNECTION)
    held = connection_rows.sealed(tx, connection_id)
    if held is None or credentials.opened(held[0], unseal) != tried.given:
        return
    worked = held[1]
    if not worked or tried.error is not None:
        _hold(tx, workspace_id, asset, held[0], tried.error)


def _note(tx: database.Tx, workspace_id: int, connection: assets.Asset, edit: Edit) -> None:
    connection_rows.annotate(tx, connection.id, dict(edit.notes))
    if edit.sealed_input is not None:
        _hold(tx, workspace_id, connection, edit.sealed_input, edit.error)


def _hold(tx: database.Tx, workspace_id: int, connection: assets.Asset, sealed: bytes, error: str | None) -> None:
    if error is None:
        connection_rows.authorize(tx, connection.id, sealed)
        activities.record(tx, workspace_id, "connection_connected", activities.of_asset(connection))
    else:
        connection_rows.fail(tx, connection.id, sealed, error)
        names = ["authorization_status"]
        activities.record(tx, workspace_id, "connection_updated", activities.of_asset(connection), changed=names)


def _refuse_in_use(tx: database.Tx, asset: assets.Asset) -> None:
    if names := recipe_rows.running_with(tx, asset.id):
        listed = ", ".join(repr(name) for name in names)
        raise errors.Invalid(f"connection {asset.name!r} is in use by running recipes: {listed}")


def _provider(desk: writing.Desk, provider: str, folder_id: int) -> documents.Value:
    """An app's name; for a custom connector of the workspace, the reference that packages carry instead.

    Raises `errors.Invalid` for what is neither: a connection to it would be of no use to any recipe.
    """
    adapters = asset_rows.of_kind(desk.tx, desk.workspace.id, assets.CUSTOM_ADAPTER)
    for adapter in adapters:
        if adapter.provider == provider:
            base_id = wiring.project_folder(desk.tx, desk.workspace, folder_id)
            reference = writing.reference_to(desk, adapter, base_id)
            return {"zip_name": reference.zip_name, "name": reference.name, "folder": reference.folder}
    if provider not in catalogue.CONNECTORS:
        what = f"{provider!r} is neither an app that this server knows nor a custom connector of this workspace"
        raise errors.Invalid.listing([errors.Issue("provider", what)])
    return provider
