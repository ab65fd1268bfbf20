"""Lookup tables and their rows, as the API handles them."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace

from recipeyard.model import assets, documents, tables, workspaces
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, folders, rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import activities, writing
from recipeyard.work import tables as any_tables


@dataclass(frozen=True, slots=True)
class Edit:
    """A lookup table as it is to be; None leaves a thing as it is."""

    name: str | None = None
    project_id: int | None = None
    columns: Sequence[tables.Wanted] | None = None


def find(tx: database.Tx, workspace_id: int, table_id: int) -> tables.Table:
    """The lookup table of that id. Raises `errors.NotFound`."""
    return any_tables.shown(tx, [asset_rows.find(tx, workspace_id, table_id, assets.LOOKUP_TABLE)])[0]


def create(tx: database.Tx, workspace_id: int, edit: Edit) -> tables.Table:
    """A new lookup table without rows; of a project, where one is named."""
    desk = writing.Desk(tx, workspace_rows.lock(tx, workspace_id))
    folder = _folder(desk, edit.project_id)
    value: dict[str, documents.Value] = {
        "name": any_tables.named(edit.name or ""),
        "schema": tables.schema(edit.columns or ()),
        "max_allowed_entries_count": None,
    }
    if folder.project_id is not None:
        value["project_name"] = folder.name
    made = writing.create(desk, assets.LOOKUP_TABLE, documents.spell(value), folder.id)
    activities.record(tx, workspace_id, "lookup_table_created", activities.of_asset(made))
    return any_tables.shown(tx, [made])[0]


def change(tx: database.Tx, workspace_id: int, table_id: int, edit: Edit) -> tables.Table:
    """Rename a lookup table, give it other columns, or put it into another project.

    A column that stays keeps its fields in every row; the fields of one that goes are gone.
    """
    desk = writing.Desk(tx, workspace_rows.lock(tx, workspace_id))
    table = find(tx, workspace_id, table_id)
    asset, text = table.asset, desk.text(table.asset)
    if edit.name is not None and edit.name != asset.name:
        text = documents.with_member(text, "name", any_tables.named(edit.name))
    if edit.columns is not None:
        text = documents.with_member(text, "schema", tables.schema(edit.columns, table.value))
    if edit.project_id is not None and edit.project_id != table.project_id:
        folder = _folder(desk, edit.project_id)
        asset = writing.move(desk, asset, folder.id)
        text = documents.with_member(text, "project_name", folder.name)
    if text != desk.text(asset):
        asset = writing.revise(desk, asset, text)
    if asset != table.asset:
        activities.record(tx, workspace_id, "lookup_table_updated", activities.of_asset(asset))
    after = any_tables.shown(tx, [asset])[0]
    stay = None if edit.columns is None else tables.staying(edit.columns, table.value)
    carry(tx, table.asset.id, table.value, after.value, stay)
    return after


def delete(tx: database.Tx, workspace_id: int, ids: Sequence[int]) -> None:
    """Delete lookup tables, all of them or none. Raises `errors.Invalid` where running recipes use one."""
    workspace_rows.lock(tx, workspace_id)
    found = [asset_rows.find(tx, workspace_id, table_id, assets.LOOKUP_TABLE) for table_id in dict.fromkeys(ids)]
    any_tables.refuse_in_use(tx, workspace_id, found)
    asset_rows.delete(tx, [asset.id for asset in found])
    for asset in found:
        activities.record(tx, workspace_id, "lookup_table_deleted", activities.of_asset(asset))


def matching(tx: database.Tx, table: tables.Table, by: Mapping[str, str], window: tuple[int, int]) -> list[tables.Row]:
    """The rows that have these values, by label or name of their columns: so many (limit) from `offset` on."""
    offset, limit = window
    if not by:
        return rows.listed(tx, table.asset.id, offset=offset, limit=limit)
    columns = tables.columns(table.value)
    wanted = [(at, by[name]) for name, at in tables.places(table.asset.name, columns, by).items()]
    found = [
        row
        for row in rows.listed(tx, table.asset.id)
        if all(tables.padded(columns, row.fields)[at] == value for at, value in wanted)
    ]
    return found[offset : offset + limit]


def add_row(tx: database.Tx, workspace_id: int, table_id: int, data: Mapping[str, object]) -> tables.Row:
    """A new row. Raises `errors.Invalid` for a table that is full and for columns that it has not."""
    workspace_rows.lock(tx, workspace_id)
    asset_rows.hold(tx, table_id)
    table = find(tx, workspace_id, table_id)
    fields = tables.fields(table.asset.name, tables.columns(table.value), data)
    any_tables.refuse_full(tx, table.asset, tables.ROWS)
    asset_rows.forget_rows_digest(tx, table.asset.id)
    made = rows.add(tx, table.asset.id, fields)
    activities.record(tx, workspace_id, "lookup_table_row_created", activities.of_asset(table.asset), row_id=made.id)
    return made


def change_row(
    tx: database.Tx, workspace_id: int, table_id: int, row_id: int, data: Mapping[str, object]
) -> tables.Row:
    """A row under other values; what is not sent stays. Raises `errors.Invalid` for columns that are not there."""
    workspace_rows.lock(tx, workspace_id)
    asset_rows.hold(tx, table_id)
    table = find(tx, workspace_id, table_id)
    row = rows.find(tx, table.asset.id, row_id)
    fields = tables.fields(table.asset.name, tables.columns(table.value), data, row.fields)
    rows.change(tx, row.id, fields)
    asset_rows.forget_rows_digest(tx, table.asset.id)
    details = {"row_id": row.id, "fields": len(data)}
    activities.record(tx, workspace_id, "lookup_table_row_updated", activities.of_asset(table.asset), **details)
    return replace(row, fields=fields, updated_at=tx.now)


def delete_row(tx: database.Tx, workspace_id: int, table_id: int, row_id: int) -> None:
    """Delete a row."""
    workspace_rows.lock(tx, workspace_id)
    asset_rows.hold(tx, table_id)
    table = asset_rows.find(tx, workspace_id, table_id, assets.LOOKUP_TABLE)
    rows.delete(tx, [rows.find(tx, table.id, row_id).id])
    asset_rows.forget_rows_digest(tx, table.id)
    activities.record(tx, workspace_id, "lookup_table_row_deleted", activities.of_asset(table), row_id=row_id)


def carry(
    tx: database.Tx,
    table_id: int,
    before: any_tables.Value,
    after: any_tables.Value,
    stay: Container[str] | None = None,
) -> None:
    """Let the rows of a lookup table follow its columns, from those of one document to those of the next.

    `stay` are the columns that are still what they were; without it, all whose names are in both.
    """
    old, new = tables.columns(before), tables.columns(after)
    names = [column.name for column in old]
    kept = names if stay is None else stay
    if names == [column.name for column in new] and all(name in kept for name in names):
        return
    held = rows.listed(tx, table_id)
    rows.rewrite(tx, {row.id: tables.carried(row.fields, old, new, kept) for row in held})
    asset_rows.forget_rows_digest(tx, table_id)


def _folder(desk: writing.Desk, project_id: int | None) -> workspaces.Folder:
    folder_id = desk.workspace.root_folder_id
    if project_id is not None:
        folder_id = folders.find_project(desk.tx, desk.workspace.id, project_id).folder_id
    return folders.find(desk.tx, desk.workspace.id, folder_id)
