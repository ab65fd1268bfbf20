"""Meet connections where they are: one that an import names may stand anywhere in the workspace."""

from collections.abc import Mapping, Sequence

from recipeyard.model import assets, bundles, plans
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import folders
from recipeyard.work import wiring


def elsewhere(
    resolver: wiring.Resolver, free: Sequence[bundles.Incoming], paired: Mapping[str, assets.Asset]
) -> dict[str, assets.Asset]:
    """The connections that stand elsewhere in the workspace and are what arriving ones mean, by path."""
    tx, workspace = resolver.tx, resolver.workspace
    unmet = [each for each in free if each.kind == assets.CONNECTION and each.path not in paired]
    if not unmet:
        return {}
    named = asset_rows.named(tx, workspace.id, assets.CONNECTION, [each.facts.name for each in unmet])
    taken = {asset.id for asset in paired.values()}
    here = {asset.id: asset for asset in named if asset.id not in taken}
    nearness = _nearness(resolver)
    found: dict[str, assets.Asset] = {}
    for each in unmet:
        met = plans.elsewhere(each, [asset for asset in here.values() if asset.name == each.facts.name], nearness)
        if met:
            found[each.path] = here.pop(met.id)
    return found


def _nearness(resolver: wiring.Resolver) -> dict[int, int]:
    """How near the places of the target's project are, and the workspace's root after them."""
    tx, workspace = resolver.tx, resolver.workspace
    project = wiring.project_folder(tx, workspace, resolver.base_id)
    near = {folder.id: 1 for folder in folders.subtree(tx, workspace.id, project)}
    return {workspace.root_folder_id: 2} | near | {resolver.base_id: 0}
