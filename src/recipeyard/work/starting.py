"""Start and stop recipes: check that one can run, then point it at the version that runs."""

from dataclasses import dataclass

from recipeyard.model import assets, bundles, catalogue, recipes, references, workspaces
from recipeyard.runtime import installed
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import connections, database, links, stubs
from recipeyard.sql import documents as document_rows
from recipeyard.sql import recipes as recipe_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import activities
from recipeyard.work.running import listening


@dataclass(frozen=True, slots=True)
class Refusal:
    """Everything that keeps a recipe from starting; nothing where it can."""

    code: tuple[recipes.Problem, ...] = ()
    config: tuple[recipes.Problem, ...] = ()

    @property
    def all(self) -> tuple[recipes.Problem, ...]:
        """Both kinds of problems together."""
        return self.code + self.config


def start(tx: database.Tx, workspace_id: int, recipe_id: int) -> Refusal:
    """Let a recipe run its current version, unless something keeps it from that. One that runs goes on as it runs."""
    workspace = workspace_rows.lock(tx, workspace_id)
    recipe = asset_rows.find(tx, workspace_id, recipe_id, assets.RECIPE)
    if recipe.running:
        return Refusal()
    refusal = check(tx, workspace, recipe)
    if not refusal.all:
        recipe_rows.run(tx, {recipe.id: asset_rows.version_ids(tx, [recipe.id])[recipe.id]})
        listening.listen(tx, [recipe.id])
        resource = activities.of_asset(recipe)
        activities.record(tx, workspace_id, "recipe_started", resource, version_no=recipe.version_no)
    return refusal


def stop(tx: database.Tx, workspace_id: int, recipe_id: int) -> None:
    """Let a recipe run no more. One that is stopped stays as it was stopped."""
    workspace_rows.lock(tx, workspace_id)
    recipe = asset_rows.find(tx, workspace_id, recipe_id, assets.RECIPE)
    if recipe.running:
        recipe_rows.stop(tx, recipe.id)
        listening.listen(tx, [recipe.id])
        activities.record(tx, workspace_id, "recipe_stopped", activities.of_asset(recipe))


def check(tx: database.Tx, workspace: workspaces.Workspace, recipe: assets.Asset) -> Refusal:
    """What keeps a recipe's current version from running."""
    packed = document_rows.packed(tx, recipe.content.digest)
    value = bundles.parse_text(bundles.inflate(packed).decode())
    facts = document_rows.facts(tx, [recipe.content.digest])[recipe.content.digest, assets.RECIPE]
    code, config = value["code"], value.get("config")
    entries = [entry for entry in config if isinstance(entry, dict)] if isinstance(config, list) else []
    wired = wiring_of(tx, workspace, recipe, facts)
    found = recipes.code_problems(code if isinstance(code, dict) else {}, wired, facts.lookups)
    version_id = asset_rows.version_ids(tx, [recipe.id])[recipe.id]
    found += [each for each in listening.problems(tx, workspace.id, recipe.id, version_id) if each not in found]
    return Refusal(tuple(found), tuple(recipes.config_problems(code if isinstance(code, dict) else {}, entries, wired)))


def wiring_of(
    tx: database.Tx, workspace: workspaces.Workspace, recipe: assets.Asset, facts: bundles.Facts
) -> recipes.Wiring:
    """What a recipe finds in its workspace."""
    targets = targets_of(tx, recipe, facts)
    bound = stubs.of_connections(tx, targets.values())
    authorized = connections.authorized(tx, targets.values())
    tables = asset_rows.named(tx, workspace.id, assets.LOOKUP_TABLE, facts.lookups)

    def is_here(kind: str, asset_id: int) -> bool:
        found = asset_rows.by_ids(tx, workspace.id, [asset_id]).get(asset_id)
        return found is not None and found.kind == kind

    return recipes.Wiring(
        resolves=lambda reference: reference in targets,
        authorized=lambda reference: targets.get(reference) in authorized,
        is_here=is_here,
        lookup_tables=frozenset(table.name for table in tables),
        stubbed=frozenset(stubs.of_providers(tx, workspace.id)),
        connectionless=frozenset(catalogue.PLATFORM) | _connectionless(),
        bound=lambda reference: targets.get(reference) in bound,
        installed=lambda provider: installed.connector(provider) is not None,
    )


def _connectionless() -> frozenset[str]:
    """The connectors that are installed and need no connection."""
    return frozenset(name for name, each in installed.installed().items() if each.connecting is None)


def targets_of(tx: database.Tx, asset: assets.Asset, facts: bundles.Facts) -> dict[references.Reference, int]:
    """The asset that each reference of an asset's current version meets."""
    version_id = asset_rows.version_ids(tx, [asset.id])[asset.id]
    return references.meets(facts.refers_to, links.targets(tx, [version_id]).get(version_id, {}))
