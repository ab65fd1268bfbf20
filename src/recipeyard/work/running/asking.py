"""What formulas ask of a workspace: its properties, and rows of its lookup tables."""

from typing import Any

from recipeyard.model import assets
from recipeyard.runtime.stepping import telling
from recipeyard.sql import database, workspaces
from recipeyard.sql import properties as property_rows
from recipeyard.work import wiring
from recipeyard.work.running import facts, tables


def of_folder(tx: database.Tx, workspace_id: int, folder_id: int) -> facts.Ask:
    """The answers of a workspace, for a recipe in a folder of it, as one transaction sees them."""

    def ask(what: str, name: str, criteria: telling.Object) -> Any:
        if what == facts.PROPERTY:
            return _property(tx, workspace_id, folder_id, name)
        return _row(tx, workspace_id, name, criteria)

    return ask


def _property(tx: database.Tx, workspace_id: int, folder_id: int, name: str) -> str | None:
    """The value of the project's property of that name, else of the workspace's."""
    workspace = workspaces.find(tx, workspace_id)
    for at in (wiring.project_folder(tx, workspace, folder_id), workspace.root_folder_id):
        found = property_rows.of_folder(tx, at, name)
        if found.get(name) is not None:
            return found[name]
    return None


def _row(tx: database.Tx, workspace_id: int, table: str, criteria: telling.Object) -> telling.Object | None:
    """The first row that is so, by column labels; blank columns are there as well."""
    with tables.failing():
        place = tables.Place(tx, workspace_id, lambda *_: 0)
        found = tables.LookupTable(place, place.find(assets.LOOKUP_TABLE, table))
        labels = {each.name: each.label for each in found.columns}
        rows = found.entries(criteria, limit=1)
    return {labels.get(name, name): value for name, value in rows[0].fields.items()} if rows else None
