"""Lookup tables and their rows, as the API handles them; and what both kinds of tables have in common."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace

from recipeyard.model import assets, bundles, documents, errors, tables, workspaces
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, folders, rows
from recipeyard.sql import documents as document_rows
from recipeyard.sql import recipes as recipe_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import writing

Value = Mapping[str, documents.Value]


@dataclass(frozen=True, slots=True)
class Edit:
    """A lookup table as it is to be; None leaves a thing as it is."""

    name: str | None = None
    project_id: int | None = None
    columns: Sequence[tables.Wanted] | None = None


def shown(tx: database.Tx, found: Sequence[assets.Asset]) -> list[tables.Table]:
    """Tables with their documents, in the order given."""
    times = asset_rows.times(tx, [asset.id for asset in found])
    projects = folders.project_ids(tx, [asset.folder_id for asset in found])
    made: list[tables.Table] = []
    for piece in database.in_pieces(found):
        packed = document_rows.all_packed(tx, {asset.content.digest for asset in piece})
        for asset in piece:
            value = bundles.parse_text(bundles.inflate(packed[asset.content.digest]).decode())
            made.append(tables.Table(asset, value, projects[asset.folder_id], *times[asset.id]))
    return made


def find(tx: database.Tx, workspace_id: int, table_id: int) -> tables.Table:
    """The lookup table of that id. Raises `errors.NotFound`."""
    return shown(tx, [asset_rows.find(tx, workspace_id, table_id, assets.LOOKUP_TABLE)])[0]


def create(tx: database.Tx, workspace_id: int, edit: Edit) -> tables.Table:
    """A new lookup table without rows; of a project, where one is named."""
    desk = writing.Desk(tx, workspace_rows.lock(tx, workspace_id))
    folder = _folder(desk, edit.project_id)
    value: dict[str, documents.Value] = {
        "name": named(edit.name or ""),
        "schema": tables.schema(edit.columns or ()),
        "max_allowed_entries_count": None,
    }
    if folder.project_id is not None:
        value["project_name"] = folder.name
    return shown(tx, [writing.create(desk, assets.LOOKUP_TABLE, documents.spell(value), folder.id)])[0]


def change(tx: database.Tx, workspace_id: int, table_id: int, edit: Edit) -> tables.Table:
    """Rename a lookup table, give it other columns, or put it into another project.

    A column that stays keeps its fields in every row; the fields of one that goes are gone.
    """
    desk = writing.Desk(tx, workspace_rows.lock(tx, workspace_id))
    table = find(tx, workspace_id, table_id)
    asset, text = table.asset, desk.text(table.asset)
    if edit.name is not None and edit.name != asset.name:
        text = documents.with_member(text, "name", named(edit.name))
    if edit.columns is not None:
        text = documents.with_member(text, "schema", tables.schema(edit.columns, table.value))
    if edit.project_id is not None and edit.project_id != table.project_id:
        folder = _folder(desk, edit.project_id)
        asset = writing.move(desk, asset, folder.id)
        text = documents.with_member(text, "project_name", folder.name)
    if text != desk.text(asset):
        asset = writing.revise(desk, asset, text)
    after = shown(tx, [asset])[0]
    stay = None if edit.columns is None else tables.staying(edit.columns, table.value)
    carry(tx, table.asset.id, (table.value, after.value), stay)
    return after


def delete(tx: database.Tx, workspace_id: int, ids: Sequence[int]) -> None:
    """Delete lookup tables, all of them or none. Raises `errors.Invalid` where running recipes use one."""
    workspace_rows.lock(tx, workspace_id)
    found = [asset_rows.find(tx, workspace_id, table_id, assets.LOOKUP_TABLE) for table_id in dict.fromkeys(ids)]
    refuse_in_use(tx, workspace_id, found)
    asset_rows.delete(tx, [asset.id for asset in found])


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
    table = find(tx, workspace_id, table_id)
    fields = tables.fields(table.asset.name, tables.columns(table.value), data)
    refuse_full(tx, table.asset, tables.ROWS)
    asset_rows.forget_rows_digest(tx, table.asset.id)
    return rows.add(tx, table.asset.id, fields)


def change_row(
    tx: database.Tx, workspace_id: int, table_id: int, row_id: int, data: Mapping[str, object]
) -> tables.Row:
    """A row under other values; what is not sent stays. Raises `errors.Invalid` for columns that are not there."""
    workspace_rows.lock(tx, workspace_id)
    table = find(tx, workspace_id, table_id)
    row = rows.find(tx, table.asset.id, row_id)
    fields = tables.fields(table.asset.name, tables.columns(table.value), data, row.fields)
    rows.change(tx, row.id, fields)
    asset_rows.forget_rows_digest(tx, table.asset.id)
    return replace(row, fields=fields, updated_at=tx.now)


def delete_row(tx: database.Tx, workspace_id: int, table_id: int, row_id: int) -> None:
    """Delete a row."""
    workspace_rows.lock(tx, workspace_id)
    table = asset_rows.find(tx, workspace_id, table_id, assets.LOOKUP_TABLE)
    rows.delete(tx, [rows.find(tx, table.id, row_id).id])
    asset_rows.forget_rows_digest(tx, table.id)


def named(name: str) -> str:
    """A name that an asset may have. Raises `errors.Invalid` for any other."""
    if issues := [errors.Issue("name", what) for what in bundles.name_issues("name", name)]:
        raise errors.Invalid.listing(issues)
    return name


def carry(tx: database.Tx, table_id: int, values: tuple[Value, Value], stay: Container[str] | None = None) -> None:
    """Let the rows of a lookup table follow its columns, from its document of before to that of now.

    `stay` are the columns that are still what they were; without it, all whose names are in both.
    """
    old, new = (tables.columns(value) for value in values)
    names = [column.name for column in old]
    kept = names if stay is None else stay
    if names == [column.name for column in new] and all(name in kept for name in names):
        return
    held = rows.listed(tx, table_id)
    rows.rewrite(tx, {row.id: tables.carried(row.fields, old, new, kept) for row in held})
    asset_rows.forget_rows_digest(tx, table_id)


def refuse_full(tx: database.Tx, table: assets.Asset, limit: int) -> None:
    """Raises `errors.Invalid` where a table can take no more rows."""
    if rows.count(tx, table.id) >= limit:
        raise tables.full(table.name, limit)


def refuse_in_use(tx: database.Tx, workspace_id: int, found: Sequence[assets.Asset]) -> None:
    """Raises `errors.Invalid` naming the running recipes that use any of these tables, be it in a formula."""
    running = recipe_rows.running_digests(tx, workspace_id)
    facts = document_rows.facts(tx, [digest for _, digest in running])
    looks_up = [(name, facts[digest, assets.RECIPE].lookups) for name, digest in running]
    lines: list[str] = []
    for table in found:
        names = set(recipe_rows.running_with(tx, table.id))
        if table.kind == assets.LOOKUP_TABLE:
            names |= {name for name, lookups in looks_up if table.name in lookups}
        if names:
            listed = ", ".join(repr(name) for name in sorted(names))
            lines.append(f"table {table.name!r} is in use by running recipes: {listed}")
    if lines:
        raise errors.Invalid("\n".join(lines))


def _folder(desk: writing.Desk, project_id: int | None) -> workspaces.Folder:
    folder_id = desk.workspace.root_folder_id
    if project_id is not None:
        folder_id = folders.find_project(desk.tx, desk.workspace.id, project_id).folder_id
    return folders.find(desk.tx, desk.workspace.id, folder_id)
