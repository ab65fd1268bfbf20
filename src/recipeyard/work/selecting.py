"""Select what a manifest holds: a folder's assets or an explicit list, closed over references, each with its path."""

from collections.abc import Iterable, Set
from dataclasses import dataclass, field

from recipeyard.model import assets, bundles, errors, manifests, references, workspaces
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, folders, links
from recipeyard.sql import documents as document_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import naming


@dataclass(slots=True)
class Selection:
    """A closed selection: what goes in and where, what its documents point at, and what stays outside."""

    workspace: workspaces.Workspace
    chosen: tuple[manifests.Chosen, ...]
    facts: dict[tuple[str, str], bundles.Facts]
    targets: dict[int, dict[references.Reference, int]]
    assumed: set[tuple[int, references.Reference]]
    known: dict[int, assets.Asset]
    beyond_paths: dict[int, str]
    dangling: list[str] = field(default_factory=list)


def select(tx: database.Tx, manifest: manifests.Manifest) -> Selection:
    """What an export of the manifest holds now."""
    workspace = workspace_rows.find(tx, manifest.workspace_id)
    below = folders.subtree(tx, workspace.id, manifest.folder_id)
    if not below:
        raise errors.Invalid("the manifest's folder is gone")
    in_folders = asset_rows.in_folders(tx, workspace.id, [folder.id for folder in below])
    with_tests = manifest.options.include_test_cases
    here = {asset.id: asset for asset in in_folders if with_tests or asset.kind != assets.TEST_CASE}
    wanted = here if manifest.options.auto else _listed(tx, manifest)
    unchecked = _unchecked(manifest)
    graph = _Graph(tx, workspace, dict(wanted))
    closed, outside = graph.close(wanted, here.keys() - unchecked, unchecked)
    if with_tests and (cases := links.test_cases_of(tx, closed) - unchecked - closed):
        graph.known |= asset_rows.by_ids(tx, workspace.id, cases)
        closed, outside = graph.close(closed | cases, here.keys() - unchecked, unchecked)
    paths = folders.paths(below, manifest.folder_id)
    chosen = manifests.lay_out([graph.known[each] for each in closed], paths, _given(manifest))
    far_folders = {graph.known[each].folder_id for each in outside}
    beyond_paths = {folder_id: folders.path_of(tx, folder_id) for folder_id in far_folders}
    return Selection(
        workspace, chosen, graph.facts, graph.targets, graph.assumed, graph.known, beyond_paths, graph.dangling(closed)
    )


def _listed(tx: database.Tx, manifest: manifests.Manifest) -> dict[int, assets.Asset]:
    """An explicit manifest's assets, at the versions it names. Raises `errors.Invalid` for those that are gone."""
    checked = [line for line in manifest.selected if line.checked]
    found = asset_rows.by_ids(tx, manifest.workspace_id, [line.id for line in checked])
    issues = [
        errors.Issue(line.zip_name or line.kind, f"{line.kind} {line.id} is not here any more")
        for line in checked
        if line.id not in found
    ]
    for line in checked:
        if line.version is not None and line.id in found and line.version != found[line.id].version_no:
            older = asset_rows.at_version(tx, found[line.id], line.version)
            if older is None:
                issues.append(errors.Issue(line.zip_name or line.kind, f"has no version {line.version}"))
            else:
                found[line.id] = older
    if issues:
        raise errors.Invalid.listing(issues)
    return found


def _unchecked(manifest: manifests.Manifest) -> frozenset[int]:
    return frozenset(line.id for line in manifest.selected if not line.checked)


def _given(manifest: manifests.Manifest) -> dict[int, str]:
    if manifest.options.auto:
        return {}
    lines = enumerate(manifest.selected)
    return {line.id: line.zip_name or manifests.default_zip_name(at, line.kind) for at, line in lines if line.checked}


class _Graph:
    """What assets point at, loaded step by step as the selection grows."""

    def __init__(self, tx: database.Tx, workspace: workspaces.Workspace, known: dict[int, assets.Asset]) -> None:
        self.tx = tx
        self.workspace = workspace
        self.known = known
        self.facts: dict[tuple[str, str], bundles.Facts] = {}
        self.targets: dict[int, dict[references.Reference, int]] = {}
        self.assumed: set[tuple[int, references.Reference]] = set()
        self.points_at: dict[int, set[int]] = {}
        self.names = naming.Names(tx, workspace)

    def close(self, wanted: Iterable[int], reachable: Set[int], unchecked: frozenset[int]) -> tuple[set[int], set[int]]:
        """Close a selection; whatever belongs to the workspace as a whole is within reach beside `reachable`."""
        fresh = set(wanted)
        closed: set[int] = set()
        outside: set[int] = set()
        while fresh:
            self._load(fresh)
            seen = {target for each in fresh for target in self.points_at[each]} - self.known.keys()
            self.known |= asset_rows.by_ids(self.tx, self.workspace.id, seen)
            shared = {each.id for each in self.known.values() if self._is_shared(each)} - unchecked
            closed, outside = manifests.close(wanted, self.points_at, frozenset(reachable | shared))
            fresh = closed - self.points_at.keys()
        return closed, outside

    def dangling(self, closed: Iterable[int]) -> list[str]:
        """A sentence for each reference of the selection that meets nothing."""
        found = []
        for each in sorted(closed, key=lambda key: (self.known[key].kind, self.known[key].name, key)):
            asset = self.known[each]
            facts = self.facts[asset.content.digest, asset.kind]
            missing = [str(reference) for reference in facts.refers_to if reference not in self.targets[each]]
            missing += self.names.missing(facts, asset.folder_id)
            found += [f"{asset.kind} {asset.name!r}: {reference} is not in this workspace" for reference in missing]
        return found

    def _is_shared(self, asset: assets.Asset) -> bool:
        """Whether it goes along wherever it lies. Nothing but test cases refers to stubs."""
        return asset.kind in assets.AT_ROOT | {assets.STUB} or (
            asset.kind == assets.CONNECTION and asset.place_id == self.workspace.root_folder_id
        )

    def _load(self, ids: set[int]) -> None:
        mine = [self.known[each] for each in sorted(ids)]
        self.facts |= document_rows.facts(self.tx, [asset.content.digest for asset in mine])
        version_ids = asset_rows.version_ids_of(self.tx, {asset.id: asset.version_no for asset in mine})
        targets, assumed = links.meant(self.tx, version_ids.values())
        self.names.learn(self.facts[asset.content.digest, asset.kind] for asset in mine)
        for asset in mine:
            facts = self.facts[asset.content.digest, asset.kind]
            linked = targets.get(version_ids[asset.id], {})
            self.targets[asset.id] = {facts.refers_to[at]: to for at, to in linked.items() if at < len(facts.refers_to)}
            self.assumed |= {(asset.id, facts.refers_to[at]) for at in assumed.get(version_ids[asset.id], ())}
            self.points_at[asset.id] = set(linked.values()) | self.names.targets(facts, asset.folder_id)
