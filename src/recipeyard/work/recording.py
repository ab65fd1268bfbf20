"""Write down what a transfer changes while it changes it, so that it can be taken back.

Whoever is about to change an asset says so first; at the end what was and what is are laid side by side, and only what
differs is kept.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from recipeyard.archive import writer
from recipeyard.model import assets, bundles, errors, packages, proposals, snapshots
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, folders, properties, rows
from recipeyard.sql import documents as document_rows
from recipeyard.sql import packages as package_rows
from recipeyard.sql import snapshots as snapshot_rows


@dataclass(slots=True)
class Recorder:
    """What one transaction has changed so far. A recorder that never keeps anything costs little and leaves nothing.

    `held` are documents that no version has, and that are kept as long as the transfer can be taken back.
    """

    tx: database.Tx
    states: dict[int, snapshots.State | None] = field(default_factory=dict)
    left: dict[int, snapshots.State] = field(default_factory=dict)
    wholes: dict[int, snapshots.Whole] = field(default_factory=dict)
    row_lists: dict[str, bundles.Packed] = field(default_factory=dict)
    folders: list[int] = field(default_factory=list)
    properties: dict[tuple[int, str], tuple[bool, str | None]] = field(default_factory=dict)
    descriptions: dict[int, str] = field(default_factory=dict)
    removed: list[proposals.Removed] = field(default_factory=list)
    held: set[str] = field(default_factory=set)

    def before(self, asset_ids: Iterable[int]) -> None:
        """These assets are about to change; the rows of tables, too."""
        new = [each for each in asset_ids if each not in self.states]
        for asset_id, state in snapshot_rows.states(self.tx, new).items():
            self.states[asset_id] = self._with_rows(asset_id, state, always=True)

    def made(self, made: Iterable[assets.Asset]) -> None:
        """These assets were not here before. How they are left is known, but for what their references mean."""
        for asset in made:
            self.states[asset.id] = None
            self.left[asset.id] = self._with_rows(asset.id, _made(asset), always=False)

    def brought_back(self, asset_ids: Iterable[int]) -> None:
        """These assets were not here before, and were once."""
        self.states |= dict.fromkeys(asset_ids)

    def before_delete(self, asset_ids: Iterable[int]) -> None:
        """These assets are about to go; until they do, anything may be done to them."""
        ids = [each for each in asset_ids if each not in self.wholes]
        self.before(ids)
        self.wholes |= snapshot_rows.whole(self.tx, ids)

    def delete(self, asset_ids: Sequence[int]) -> None:
        """Take assets out so that they can be put back; what refers to them means nothing from now on."""
        self.before_delete(asset_ids)
        asset_rows.take_out(self.tx, asset_ids)

    def before_properties(self, folder_id: int, names: Iterable[str]) -> None:
        """These properties of a folder are about to be declared, set or taken away."""
        here = properties.of_folder(self.tx, folder_id)
        for name in names:
            self.properties.setdefault((folder_id, name), (name in here, here.get(name)))

    def keep(self, package_id: int) -> None:
        """Keep what takes the package back."""
        kept = [each for each in self._snapshots() if each.before != each.after or each.whole]
        needed = {each.before.rows for each in kept if each.before}
        document_rows.add(self.tx, [packed for digest, packed in self.row_lists.items() if digest in needed])
        snapshot_rows.keep(self.tx, package_id, kept, self.held)
        package_rows.leave(self.tx, package_id, self._footprint())

    def _snapshots(self) -> Iterable[snapshots.Snapshot]:
        now = self.left | self.seen(self.states.keys() - self.left.keys())
        for asset_id, before in sorted(self.states.items()):
            yield snapshots.Snapshot(asset_id, before, now.get(asset_id), self.wholes.get(asset_id))

    def seen(self, asset_ids: Iterable[int]) -> dict[int, snapshots.State]:
        """How these assets are now, whether they will change or not; with rows that no package brought."""
        found = snapshot_rows.states(self.tx, asset_ids)
        return {asset_id: self._with_rows(asset_id, state, always=False) for asset_id, state in found.items()}

    def _with_rows(self, asset_id: int, state: snapshots.State, *, always: bool) -> snapshots.State:
        if state.kind not in assets.TABLES or (state.rows_digest and not always):
            return state
        asset_rows.hold(self.tx, asset_id)
        listed = rows.listed(self.tx, asset_id)
        packed = writer.deflate(rows.spell(listed))
        self.row_lists[packed.digest] = packed
        return replace(state, rows=packed.digest)

    def _footprint(self) -> proposals.Footprint:
        here = {folder_id: properties.of_folder(self.tx, folder_id) for folder_id, _ in self.properties}
        now = folders.descriptions(self.tx, self.descriptions)
        return proposals.Footprint(
            folders=tuple(self.folders),
            removed=tuple(self.removed),
            properties=tuple(
                proposals.Turned(folder_id, name, *was, here[folder_id].get(name))
                for (folder_id, name), was in sorted(self.properties.items())
                if was != (name in here[folder_id], here[folder_id].get(name))
            ),
            descriptions=tuple((key, was, now.get(key, "")) for key, was in sorted(self.descriptions.items())),
        )


def _made(asset: assets.Asset) -> snapshots.State:
    return snapshots.State(
        kind=asset.kind,
        name=asset.name,
        stem=asset.stem,
        folder_id=asset.folder_id,
        place_id=asset.place_id,
        digest=asset.content.digest,
        arrived_digest=asset.arrived.digest,
        sidecars=asset.content.sidecars,
        provider=asset.provider,
        rows_digest=asset.rows_digest,
    )


@dataclass(frozen=True, slots=True)
class Applied:
    """A transfer that has been written: how it ended, the plan that it was, and what takes it back."""

    outcome: packages.Outcome
    content: proposals.Content
    recorder: Recorder


def rehearsed(apply: Callable[[], Applied]) -> proposals.Content:
    """The plan that a transfer would be; what can't even be written blocks it."""
    try:
        return apply().content
    except errors.Invalid as e:
        issues = e.issues or (errors.Issue("", e.message),)
        notices = [proposals.Notice(proposals.Code.INVALID, issue.where, issue.what) for issue in issues]
        return proposals.Content(blockers=tuple(notices))
