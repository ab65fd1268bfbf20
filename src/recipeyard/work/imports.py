"""One import under way: what it was asked to do, what arrives, what was decided and written so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from recipeyard.model import (
    assets,
    bundles,
    conflicts,
    data_tables,
    packages,
    plans,
    proposals,
    tables,
    workspaces,
)
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database
from recipeyard.work import (
    adapters,
    binding,
    reading,
    recording,
    row_overlays,
    trees,
    wiring,
)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done: into which folder of which workspace, how, and by which package; 0 where it is rehearsed."""

    workspace_id: int
    folder_id: int
    options: packages.Options
    package_id: int = 0


@dataclass(slots=True)
class Import:
    """One import under way: the workspace it changes, what arrives, what was decided, and what has been written.

    `places` are the folders that are known by their path below the target, `derived` the documents that will be kept
    instead of those that arrived, `overlays` what becomes of the rows of tables that have a rule for them, by path,
    `written` the assets made or revised, with their versions, by path. What stands in the way is gathered in
    `blockers`; whoever applies looks at them last. `deletes` are what is to go. `valued` are the property files of
    which properties got a value that is bound to them. `renamed` tells by their new paths where assets stood, `placed`
    which of them are where they are to be, with no version. `beyond` is what paths of the package that were not asked
    for mean here. `verdicts` tell what was decided on assets that were changed here, by path.
    """

    tx: database.Tx
    workspace: workspaces.Workspace
    order: Order
    target: workspaces.Folder
    read: reading.Reading
    recorder: recording.Recorder
    places: dict[str, int] = field(default_factory=dict)
    derived: dict[str, bytes] = field(default_factory=dict)
    names: adapters.Names = field(default_factory=adapters.Names)
    answers: binding.Answers = field(default_factory=binding.Answers)
    overlays: dict[str, row_overlays.Settled] = field(default_factory=dict)
    written: dict[str, tuple[assets.Asset, int]] = field(default_factory=dict)
    deletes: tuple[plans.Delete, ...] = ()
    tree: trees.Tree | None = None
    beyond: dict[str, int] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    placed: dict[str, assets.Asset] = field(default_factory=dict)
    verdicts: dict[str, conflicts.Verdict] = field(default_factory=dict)
    blockers: list[proposals.Notice] = field(default_factory=list)
    warnings: list[proposals.Notice] = field(default_factory=list)
    valued: tuple[proposals.Line, ...] = ()
    tagged: dict[int, tuple[set[str], set[str]]] = field(default_factory=dict)

    @property
    def author(self) -> asset_rows.Author:
        """Every version of an import bears the import's package."""
        number = self.order.package_id
        return asset_rows.Author(f"Package {number}", package_id=number, base_id=self.target.id)

    def resolver(self, arriving: Mapping[str, int] = MappingProxyType({})) -> wiring.Resolver:
        """What finds out what arriving references mean; `arriving` are the assets that a package brought, by path."""
        known = {**self.beyond, **arriving}
        return wiring.Resolver(self.tx, self.workspace, self.target.id, known, self.answers.stands_for)

    def asset(self, change: plans.Change) -> assets.Asset:
        """The asset that a change leaves here; for one that is written, once it has been."""
        path = change.incoming.path
        return self.placed.get(path, change.existing) if isinstance(change, plans.Keep) else self.written[path][0]

    def version_id(self, change: plans.Change, kept: Mapping[int, int]) -> int:
        """The version that a change leaves here; `kept` tells those of the assets that stay, by their ids."""
        return kept[change.existing.id] if isinstance(change, plans.Keep) else self.written[change.incoming.path][1]


def provider(job: Import, incoming: bundles.Incoming) -> str | None:
    """The app of an arriving connection, or the internal name of an arriving connector."""
    names = job.names
    return names.by_path.get(incoming.path) or names.connections.get(incoming.path) or incoming.facts.provider


def content(job: Import, incoming: bundles.Incoming) -> bytes:
    """An arriving document's own bytes."""
    return job.read.archive.inflate(job.read.sources[incoming.arrived.digest].entry)


def kept_text(job: Import, incoming: bundles.Incoming) -> str:
    """The document that an arriving asset will be kept as."""
    derived = job.derived.get(incoming.content.digest)
    return (content(job, incoming) if derived is None else derived).decode()


def properties_at(job: Import, incoming: bundles.Incoming) -> int:
    """The folder that the properties of an arriving property file are kept with, once its place is known."""
    if incoming.kind == assets.ACCOUNT_PROPERTIES:
        return job.workspace.root_folder_id
    return wiring.project_folder(job.tx, job.workspace, job.places[incoming.folder])


def rows_of(job: Import, incoming: bundles.Incoming) -> Sequence[Any]:
    """The rows that an arriving table brings."""
    data = str(bundles.parse_text(content(job, incoming).decode())["data"])
    return (data_tables.parse if incoming.kind == assets.DATA_TABLE else tables.parse)(data)
