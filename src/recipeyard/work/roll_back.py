"""The whole story of a rollback: asked for with a package, planned first if wanted, done whole, itself a package."""

from recipeyard.model import errors, packages, proposals
from recipeyard.sql import database
from recipeyard.sql import packages as package_rows
from recipeyard.sql import plans as plan_rows
from recipeyard.work import gating, imports, parts, restoring, settling


def request(deed: parts.Parts, workspace_id: int, package_id: int, options: packages.Options) -> packages.Package:
    """Accept a rollback of a package. When this returns, the rollback's package and its work are on disk.

    Raises `errors.NotFound`, and `errors.Unprocessable` for a package that changed nothing, or where gates
    are not met.
    """
    with deed.db.write() as tx:
        package = _taken_back(tx, workspace_id, package_id)
        gating.refuse(tx, gating.Asked(workspace_id, packages.Operation.ROLLBACK, options))
        return accept(deed, tx, package, options)


def accept(
    deed: parts.Parts, tx: database.Tx, package: packages.Package, options: packages.Options
) -> packages.Package:
    """`request` as part of a transaction."""
    made = package_rows.insert(
        tx,
        {
            "workspace_id": package.workspace_id,
            "operation": packages.Operation.ROLLBACK,
            "folder_id": package.folder_id,
            "options": options,
            "file_name": package.file_name,
            "rolls_back_id": package.id,
        },
    )
    deed.enqueue(tx, parts.Queue.ROLLBACKS, package.workspace_id, made.id)
    return made


def plan(deed: parts.Parts, workspace_id: int, package_id: int, options: packages.Options) -> proposals.Plan:
    """What a rollback would change, ready at once. Raises as `request` does."""
    with deed.db.rehearse() as tx:
        package = _taken_back(tx, workspace_id, package_id)
        order = imports.Order(workspace_id, package.folder_id, options)
        content = restoring.rehearse(tx, order, package)
    with deed.db.write() as write:
        values = {"workspace_id": workspace_id, "operation": packages.Operation.ROLLBACK, "options": options}
        about = {"folder_id": package.folder_id, "package_id": package.id, "file_name": package.file_name}
        made = plan_rows.insert(write, values | about)
        plan_rows.settle(write, made.id, content)
        return plan_rows.find(write, workspace_id, made.id)


def run(deed: parts.Parts, package_id: int) -> None:
    """Do the work of an accepted rollback. Running it again after it ended changes nothing."""
    with deed.db.read() as tx:
        package = package_rows.by_id(tx, package_id)
    if package is None or package.status is not packages.Status.IN_PROGRESS or package.rolls_back_id is None:
        return
    try:
        with deed.db.write() as write:
            back = _taken_back(write, package.workspace_id, package.rolls_back_id)
            order = imports.Order(package.workspace_id, package.folder_id, package.options, package.id)
            settling.settle_applied(write, package, restoring.apply(write, order, back))
    except errors.Failure as e:
        fail(deed, package_id, e)


def fail(deed: parts.Parts, package_id: int, failure: errors.Failure) -> None:
    """End a rollback as failed, saying why; nothing of it has happened."""
    with deed.db.write() as tx:
        if package := package_rows.by_id(tx, package_id):
            settling.settle_failed(tx, package, failure)


def _taken_back(tx: database.Tx, workspace_id: int, package_id: int) -> packages.Package:
    package = package_rows.find(tx, workspace_id, package_id)
    if package.status is packages.Status.IN_PROGRESS:
        raise errors.Conflict(f"Package {package_id} is in progress; it can be taken back once it has ended")
    if package_rows.footprint(tx, package_id) is None:
        raise errors.Unprocessable(f"Package {package_id} has changed nothing that could be taken back")
    return package
