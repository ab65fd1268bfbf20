"""One rollback under way: the package that it takes back, how things were and are, and what was decided."""

from dataclasses import dataclass, field

from recipeyard.model import (
    assets,
    bundles,
    diffs,
    field_diffs,
    packages,
    proposals,
    rollbacks,
    snapshots,
    tables,
    workspaces,
)
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, properties, rows
from recipeyard.sql import documents as document_rows
from recipeyard.work import imports, recording


@dataclass(slots=True)
class Undo:
    """One rollback under way.

    `known` is how the assets were that the package changed, or else how it left them; `now` is how they stand, `here`
    the same as assets. `wanted` is how those will be that are restored, `deletes` what goes, `wholes` what comes
    back; `users` tell who uses what goes, and stays. `reserved` are the stems that are spoken for, folded, by place and
    kind.
    """

    tx: database.Tx
    workspace: workspaces.Workspace
    order: imports.Order
    package: packages.Package
    recorder: recording.Recorder
    kept: dict[int, snapshots.Snapshot] = field(default_factory=dict)
    known: dict[int, snapshots.State] = field(default_factory=dict)
    paths: dict[int, str] = field(default_factory=dict)
    now: dict[int, snapshots.State] = field(default_factory=dict)
    here: dict[int, assets.Asset] = field(default_factory=dict)
    weighed: list[int] = field(default_factory=list)
    wanted: dict[int, snapshots.State] = field(default_factory=dict)
    runs: dict[int, rollbacks.Run] = field(default_factory=dict)
    deletes: list[int] = field(default_factory=list)
    wholes: dict[int, snapshots.Whole] = field(default_factory=dict)
    users: dict[int, tuple[str, ...]] = field(default_factory=dict)
    conflicts: set[int] = field(default_factory=set)
    reserved: set[tuple[int, str, str]] = field(default_factory=set)
    blockers: list[proposals.Notice] = field(default_factory=list)
    warnings: list[proposals.Notice] = field(default_factory=list)
    noted: dict[tuple[str, str], list[tuple[field_diffs.Field, str | None]]] = field(default_factory=dict)

    @property
    def moving(self) -> list[assets.Asset]:
        """The assets that will stand elsewhere, or under another stem."""
        stood = {asset_id: (now.place_id, now.stem) for asset_id, now in self.now.items()}
        return [self.here[each] for each, to in self.wanted.items() if (to.place_id, to.stem) != stood[each]]

    def path(self, asset_id: int) -> str:
        """Where an asset stood in the package, or would stand."""
        state = self.known[asset_id]
        return self.paths.get(asset_id) or assets.file_name(state.kind, state.stem)

    def note_beside(self, kind: str, name: str, differs: field_diffs.Field, here: str | None) -> None:
        """Something beside assets goes back: what a plan says of it; and what is `here`, which it does not say."""
        self.noted.setdefault((kind, name), []).append((differs, here))

    def beside(self) -> list[proposals.Line]:
        """What goes back beside assets."""
        return [
            proposals.Line(
                action=proposals.Action.UPDATE,
                kind=kind,
                name=name,
                path=assets.file_name(kind, assets.stem_for(kind, name)),
                diff=proposals.Difference(document=diffs.Diff(fields=tuple(differs for differs, _ in noted))),
                state=properties.digest({differs.path: here for differs, here in noted}),
            )
            for (kind, name), noted in sorted(self.noted.items())
        ]

    def who(self, asset_id: int) -> str:
        """Who made what an asset is now."""
        return asset_rows.author_of(self.tx, asset_id) or "somebody"

    def notice(self, code: proposals.Code, asset_id: int, what: str) -> proposals.Notice:
        """A notice about one asset."""
        state = self.now.get(asset_id) or self.known[asset_id]
        return proposals.Notice(code, self.path(asset_id), f"{assets.spoken(state.kind)} {state.name!r} {what}")


def rows_in(tx: database.Tx, digest: str) -> list[tables.Row]:
    """The rows of a table that a held document lists."""
    return rows.read(bundles.inflate(document_rows.packed(tx, digest)))


def text(tx: database.Tx, digest: str) -> str:
    """A document."""
    return bundles.inflate(document_rows.packed(tx, digest)).decode()
