"""The workspace as connectors see it: everything that a step changes here, in the one transaction of that step."""

from collections.abc import Callable
from dataclasses import dataclass

from recipeyard.model import assets, bundles, data_tables, errors
from recipeyard.runtime import workspace
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database
from recipeyard.sql import documents as document_rows
from recipeyard.work.running import files as storage
from recipeyard.work.running import tables


@dataclass(frozen=True, slots=True)
class Voices:
    """How the workspace speaks: `publish` tells whoever listens to a subject (how many), `log` writes the job's log."""

    publish: Callable[[str, workspace.Row], int]
    log: Callable[[str, str], None]


class Workspace:
    """A workspace in one transaction."""

    def __init__(self, tx: database.Tx, workspace_id: int, voices: Voices, recipes: workspace.Recipes) -> None:
        self._tx = tx
        self._workspace_id = workspace_id
        self._voices = voices
        self._recipes = recipes
        self._place = tables.Place(tx, workspace_id, voices.publish)

    def lookup_table(self, table: str) -> tables.LookupTable:
        """A lookup table by id or name. `Failure` where there is none."""
        with tables.failing():
            return tables.LookupTable(self._place, self._place.find(assets.LOOKUP_TABLE, table))

    def data_table(self, table: str) -> tables.DataTable:
        """A data table by id or name. `Failure` where there is none."""
        with tables.failing():
            return tables.DataTable(self._place, self._place.find(assets.DATA_TABLE, table))

    @property
    def files(self) -> storage.Files:
        """The file storage."""
        return storage.Files(self._tx, self._workspace_id, self._voices.publish)

    @property
    def recipes(self) -> workspace.Recipes:
        """The recipes."""
        return self._recipes

    def document(self, kind: str, asset_id: str) -> workspace.Row:
        """The document of an asset of that kind. `Failure` where there is none."""
        with tables.failing():
            if not (asset_id.isascii() and asset_id.isdigit() and len(asset_id) <= data_tables.DIGITS):
                raise errors.NotFound.of(assets.spoken(kind), repr(asset_id))
            asset = asset_rows.find(self._tx, self._workspace_id, int(asset_id), kind)
            return bundles.parse_text(bundles.inflate(document_rows.packed(self._tx, asset.content.digest)).decode())

    def publish(self, subject: str, payload: workspace.Row) -> int:
        """Tell every running recipe that listens to a subject; how many do."""
        return self._voices.publish(subject, payload)

    def log(self, message: str, level: str) -> None:
        """A line in the job's log."""
        self._voices.log(message, level)
