"""Write down what was done, in the transaction that does it: what is taken back leaves no line."""

from collections import Counter

from recipeyard.model import activities, assets, packages, proposals, workspaces
from recipeyard.sql import activities as activity_rows
from recipeyard.sql import database

_KINDS = {
    assets.RECIPE: activities.Kind.RECIPE,
    assets.CONNECTION: activities.Kind.CONNECTION,
    assets.CUSTOM_ADAPTER: activities.Kind.CUSTOM_CONNECTOR,
    assets.LOOKUP_TABLE: activities.Kind.LOOKUP_TABLE,
    assets.DATA_TABLE: activities.Kind.DATA_TABLE,
    assets.API_GROUP: activities.Kind.API_COLLECTION,
    assets.API_ENDPOINT: activities.Kind.API_ENDPOINT,
}


_DONE = {
    packages.Operation.EXPORT: "exported",
    packages.Operation.IMPORT: "imported",
    packages.Operation.ROLLBACK: "rolled_back",
}


def record(
    tx: database.Tx, workspace_id: int, event_type: str, resource: activities.Resource, **details: object
) -> None:
    """One line in the workspace's activity log. Details never hold a value that may be secret."""
    activity_rows.insert(tx, workspace_id, event_type, resource, details)


def of_asset(asset: assets.Asset) -> activities.Resource:
    """An asset of a kind that has its own calls, as activities name it."""
    return activities.Resource(_KINDS[asset.kind], asset.id, asset.name)


def of_folder(folder: workspaces.Folder) -> tuple[str, activities.Resource]:
    """A folder as activities name it; one right below the root is a project. The word that begins its events, too."""
    if folder.is_project:
        return "project", activities.Resource(activities.Kind.PROJECT, folder.project_id, folder.name)
    return "folder", activities.Resource(activities.Kind.FOLDER, folder.id, folder.name)


def of_package(package: packages.Package) -> activities.Resource:
    """A package, as activities name it."""
    return activities.Resource(activities.Kind.PACKAGE, package.id, package.file_name)


def of_plan(plan: proposals.Plan) -> activities.Resource:
    """A plan, as activities name it."""
    return activities.Resource(activities.Kind.PLAN, plan.id, plan.file_name)


def ended(tx: database.Tx, package: packages.Package, outcome: packages.Outcome) -> None:
    """A transfer has ended: one line for all of its assets, of whoever asked for it."""
    done = outcome.status is packages.Status.COMPLETED
    event = f"package_{_DONE[package.operation]}" if done else f"package_{package.operation}_failed"
    counts = Counter(str(result.action) for result in outcome.results)
    record(
        tx.by(package.asked_by),
        package.workspace_id,
        event,
        of_package(package),
        folder_id=package.folder_id,
        **(dict(counts) if done else {"error": list(outcome.error_parts)}),
    )
