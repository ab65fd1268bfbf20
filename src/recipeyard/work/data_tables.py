"""Data tables, as the API handles them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from recipeyard.model import assets, data_columns, data_tables, documents, errors, references, tables
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, folders, rows
from recipeyard.sql import documents as document_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import activities, starting, wiring, writing
from recipeyard.work import tables as any_tables


@dataclass(frozen=True, slots=True)
class Edit:
    """A data table as it is to be; None leaves a thing as it is."""

    name: str | None = None
    folder_id: int | None = None
    columns: Sequence[data_columns.Wanted] | None = None


def find(tx: database.Tx, workspace_id: int, key: str) -> tables.Table:
    """The data table of that uuid, or of that number. Raises `errors.NotFound`."""
    return any_tables.shown(tx, [_asset(tx, workspace_id, key)])[0]


def related(tx: database.Tx, table: tables.Table) -> dict[references.Reference, str]:
    """The uuids of the tables that a table's columns point at, where these are here."""
    facts = document_rows.facts(tx, [table.asset.content.digest])[table.asset.content.digest, assets.DATA_TABLE]
    targets = starting.targets_of(tx, table.asset, facts)
    return {reference: data_tables.table_id(asset_id) for reference, asset_id in targets.items()}


def create(tx: database.Tx, workspace_id: int, edit: Edit) -> tables.Table:
    """A new data table without records, in a folder."""
    if edit.folder_id is None:
        raise errors.Invalid.listing([errors.Issue("folder_id", "can't be blank")])
    desk = writing.Desk(tx, workspace_rows.lock(tx, workspace_id))
    folder = folders.find(tx, workspace_id, edit.folder_id)
    value: dict[str, documents.Value] = {
        "name": any_tables.named(edit.name or ""),
        "schema": _schema(desk, folder.id, edit.columns or (), {}),
    }
    if name := _project_name(desk, folder.id):
        value["project_name"] = name
    made = writing.create(desk, assets.DATA_TABLE, documents.spell(value), folder.id)
    activities.record(tx, workspace_id, "data_table_created", activities.of_asset(made))
    return any_tables.shown(tx, [made])[0]


def change(tx: database.Tx, workspace_id: int, key: str, edit: Edit) -> tables.Table:
    """Rename a data table, move it, or give it other columns; the values of a column that goes are gone.

    Raises `errors.Invalid` for a column whose type would be one that its values are not of.
    """
    desk = writing.Desk(tx, workspace_rows.lock(tx, workspace_id))
    table = find(tx, workspace_id, key)
    asset, before = table.asset, desk.text(table.asset)
    text = before
    if edit.folder_id is not None and edit.folder_id != asset.folder_id:
        asset = writing.move(desk, asset, edit.folder_id)
        text = _with_project_name(desk, text, asset.folder_id)
    if edit.name is not None and edit.name != asset.name:
        text = documents.with_member(text, "name", any_tables.named(edit.name))
    if edit.columns is not None:
        text = documents.with_member(text, "schema", _schema(desk, asset.folder_id, edit.columns, table.value))
    if text != before:
        asset = writing.revise(desk, asset, text)
    after = any_tables.shown(tx, [asset])[0]
    _refuse_misfits(tx, table, after)
    carry(tx, asset.id, table.value, after.value)
    if asset != table.asset:
        activities.record(tx, workspace_id, "data_table_updated", activities.of_asset(asset))
    return after


def truncate(tx: database.Tx, workspace_id: int, key: str) -> None:
    """Delete all records of a data table."""
    workspace_rows.lock(tx, workspace_id)
    asset = _asset(tx, workspace_id, key)
    asset_rows.hold(tx, asset.id)
    held = rows.count(tx, asset.id)
    rows.replace(tx, asset.id, [])
    asset_rows.forget_rows_digest(tx, asset.id)
    activities.record(tx, workspace_id, "data_table_truncated", activities.of_asset(asset), records=held)


def delete(tx: database.Tx, workspace_id: int, key: str) -> None:
    """Delete a data table. Raises `errors.Invalid` where running recipes use it."""
    workspace_rows.lock(tx, workspace_id)
    asset = _asset(tx, workspace_id, key)
    any_tables.refuse_in_use(tx, workspace_id, [asset])
    asset_rows.delete(tx, [asset.id])
    activities.record(tx, workspace_id, "data_table_deleted", activities.of_asset(asset))


def carry(tx: database.Tx, table_id: int, before: any_tables.Value, after: any_tables.Value) -> None:
    """Let the records of a table follow its columns: the values of those that it has no longer are gone."""
    left = {column.key for column in data_tables.columns(after)}
    gone = {column.key for column in data_tables.columns(before)} - left
    if gone:
        held = rows.listed(tx, table_id)
        rows.rewrite(tx, {row.id: {key: row.fields[key] for key in row.fields if key not in gone} for row in held})
        asset_rows.forget_rows_digest(tx, table_id)


def _asset(tx: database.Tx, workspace_id: int, key: str) -> assets.Asset:
    if data_tables.is_uuid(key):
        for asset in asset_rows.of_kind(tx, workspace_id, assets.DATA_TABLE):
            if data_tables.table_id(asset.id) == key.lower():
                return asset
    if not key.isascii() or not key.isdigit() or len(key) > 18:
        raise errors.NotFound.of("data table", repr(key))
    return asset_rows.find(tx, workspace_id, int(key), assets.DATA_TABLE)


def _schema(
    desk: writing.Desk, folder_id: int, wanted: Sequence[data_columns.Wanted], before: any_tables.Value
) -> list[documents.Value]:
    base_id = wiring.project_folder(desk.tx, desk.workspace, folder_id)
    pointed = [replace(each, table=_pointed(desk, each, base_id)) if each.points_at else each for each in wanted]
    return data_columns.schema(pointed, before, lambda: str(uuid.uuid4()))


def _pointed(desk: writing.Desk, wanted: data_columns.Wanted, base_id: int) -> references.Reference:
    """The reference to the table that a relation points at."""
    try:
        target = find(desk.tx, desk.workspace.id, wanted.points_at or "")
    except errors.NotFound as e:
        what = f"column {wanted.name!r} points at a table that is not here"
        raise errors.Invalid.listing([errors.Issue("schema", what)]) from e
    if wanted.related not in {column.id for column in data_tables.columns(target.value)} | data_tables.SYSTEM_IDS:
        what = f"column {wanted.name!r} points at a column that table {target.asset.name!r} has not"
        raise errors.Invalid.listing([errors.Issue("schema", what)])
    return writing.reference_to(desk, target.asset, base_id)


def _project_name(desk: writing.Desk, folder_id: int) -> str:
    """The name of the project that owns a folder, "" for the root."""
    steps = folders.trail(desk.tx, folder_id)
    return steps[0][1] if steps else ""


def _with_project_name(desk: writing.Desk, text: str, folder_id: int) -> str:
    name = _project_name(desk, folder_id)
    return documents.with_member(text, "project_name", name) if name else documents.without_member(text, "project_name")


def _refuse_misfits(tx: database.Tx, before: tables.Table, after: tables.Table) -> None:
    old = {column.key: column.type for column in data_tables.columns(before.value)}
    changed = [each for each in data_tables.columns(after.value) if old.get(each.key, each.type) != each.type]
    held = rows.of_table(tx, after.asset.id) if changed else []
    misfits = [what for texts in held for column in changed if (what := data_tables.misfit(column, texts))]
    if misfits:
        raise errors.Invalid.listing([errors.Issue("schema", what) for what in dict.fromkeys(misfits[:10])])
