"""What documents depend on by name alone: the tables that formulas look up, the properties that pills show."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from recipeyard.model import assets, bundles, workspaces
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, properties
from recipeyard.sql import documents as document_rows
from recipeyard.work import wiring

_ACCOUNT = "account"


@dataclass(slots=True)
class Names:
    """The names of one workspace. Answers are remembered, so it serves one transaction."""

    tx: database.Tx
    workspace: workspaces.Workspace
    tables: dict[str, int | None] = field(default_factory=dict)
    projects: dict[int, int] = field(default_factory=dict)
    declared: dict[int, frozenset[str]] = field(default_factory=dict)

    def learn(self, described: Iterable[bundles.Facts]) -> None:
        """Look up the tables of many documents at once."""
        names = {name for facts in described for name in facts.lookups} - self.tables.keys()
        found = asset_rows.named(self.tx, self.workspace.id, assets.LOOKUP_TABLE, names)
        self.tables |= dict.fromkeys(names) | {table.name: table.id for table in reversed(found)}

    def targets(self, facts: bundles.Facts, folder_id: int) -> set[int]:
        """The tables and property files that a document in a folder depends on."""
        self.learn([facts])
        found = {self.tables[name] for name in facts.lookups}
        for place_id, kind, _ in self._properties(facts, folder_id):
            found |= {asset.id for asset in asset_rows.named(self.tx, self.workspace.id, kind, [kind], place_id)}
        return {each for each in found if each is not None}

    def missing(self, facts: bundles.Facts, folder_id: int) -> list[str]:
        """What a document in a folder depends on by name and is not here, in words."""
        self.learn([facts])
        tables = [f'lookup table "{name}"' for name in facts.lookups if self.tables[name] is None]
        return tables + [
            f'{kind.removesuffix("_properties").replace("properties", _ACCOUNT)} property "{name}"'
            for place_id, kind, names in self._properties(facts, folder_id)
            for name in names
            if name not in self._declared(place_id)
        ]

    def _properties(self, facts: bundles.Facts, folder_id: int) -> list[tuple[int, str, list[str]]]:
        """Where the properties of a document are kept: the place and kind of their file, and their names."""
        mine = {scope: [name for each, name in facts.properties if each == scope] for scope, _ in facts.properties}
        found = []
        for scope, names in mine.items():
            if scope == _ACCOUNT:
                found.append((self.workspace.root_folder_id, assets.ACCOUNT_PROPERTIES, names))
            else:
                found.append((self._project(folder_id), assets.PROJECT_PROPERTIES, names))
        return found

    def _project(self, folder_id: int) -> int:
        if folder_id not in self.projects:
            self.projects[folder_id] = wiring.project_folder(self.tx, self.workspace, folder_id)
        return self.projects[folder_id]

    def _declared(self, place_id: int) -> frozenset[str]:
        if place_id not in self.declared:
            self.declared[place_id] = frozenset(properties.of_folder(self.tx, place_id))
        return self.declared[place_id]


def users(
    tx: database.Tx, workspace: workspaces.Workspace, tables: Collection[str]
) -> Iterator[tuple[str, assets.Named]]:
    """Who looks up tables of these names, as (name, asset). Where there are any, this reads the whole workspace."""
    if tables:
        for user, facts in document_rows.said_in(tx, workspace.id):
            yield from ((name, user) for name in facts.lookups if name in tables)
