"""A folder with everything below it: its assets, and where each of them stands."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from recipeyard.model import assets, bundles, workspaces
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, folders
from recipeyard.sql import documents as document_rows


@dataclass(frozen=True, slots=True)
class Tree:
    """The assets of a folder and of the folders below it, by id; `paths` are the folders' own, from the first down."""

    held: Mapping[int, assets.Asset]
    paths: Mapping[int, str]

    def without(self, ids: Container[int]) -> "Tree":
        """The tree with some of its assets passed over."""
        return Tree({key: asset for key, asset in self.held.items() if key not in ids}, self.paths)

    def path(self, asset: assets.Asset) -> str:
        """Where a package of the folder would hold an asset."""
        return assets.join(self.paths.get(asset.place_id, ""), assets.file_name(asset.kind, asset.stem))


def near(tx: database.Tx, target: workspaces.Folder, arriving: Iterable[bundles.Incoming]) -> Tree:
    """What of a folder's tree has the document of something that arrives, or began as the recipe that it is.

    Costs how much there is of that and how many folders, however much the tree holds.
    """
    listed = [*arriving]
    digests = {digest for each in listed for digest in (each.arrived.digest, each.content.digest)}
    origins = {each.facts.origin for each in listed if each.kind == assets.RECIPE and each.facts.origin}
    alike = digests | document_rows.begun_as(tx, origins)
    if not (found := asset_rows.with_documents(tx, target.workspace_id, alike)):
        return Tree({}, {})
    below = folders.subtree(tx, target.workspace_id, target.id)
    paths = folders.paths(below, target.id)
    return Tree({asset.id: asset for asset in found if asset.folder_id in paths}, paths)


def load(tx: database.Tx, target: workspaces.Folder) -> Tree:
    """A folder's tree as it is now. Costs what the tree holds, whatever else the workspace does."""
    below = folders.subtree(tx, target.workspace_id, target.id)
    found = asset_rows.in_folders(tx, target.workspace_id, [folder.id for folder in below])
    return Tree({asset.id: asset for asset in found}, folders.paths(below, target.id))
