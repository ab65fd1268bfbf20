"""How packages end: each once, in the transaction that does its work, with everything that tells of its end."""

from recipeyard.model import errors, packages
from recipeyard.sql import database
from recipeyard.sql import packages as package_rows
from recipeyard.work import activities, parts


def settle(tx: database.Tx, package: packages.Package, outcome: packages.Outcome) -> bool:
    """End a package. False, and nothing written, where it had ended already or is gone."""
    if not package_rows.settle(tx, package.id, outcome):
        return False
    activities.ended(tx, package, outcome)
    return True


def cancel(deed: parts.Parts, workspace_id: int, package_id: int) -> packages.Package:
    """End a package that nothing has come of yet as failed, saying who wanted that.

    Whichever commits first, this or the package's own end, takes the other back. Raises `errors.NotFound`, and
    `errors.Conflict` where the package is being applied or has ended.
    """
    with deed.db.read() as tx:
        _refuse_late(package_rows.find(tx, workspace_id, package_id))
    with deed.db.write() as write:
        package = package_rows.find(write, workspace_id, package_id)
        _refuse_late(package)
        if not package_rows.settle(
            write, package_id, packages.failed(errors.Failure(f"cancelled by {write.actor.name}"))
        ):
            raise errors.Conflict("The package has ended meanwhile; it can't be cancelled any more")
        activities.record(write, workspace_id, "package_cancelled", activities.of_package(package))
        return package_rows.find(write, workspace_id, package_id)


def _refuse_late(package: packages.Package) -> None:
    if package.status is not packages.Status.IN_PROGRESS:
        raise errors.Conflict(f"The package has ended: it is {package.status}")
    if package.phase is packages.Phase.APPLYING:
        raise errors.Conflict("The package is being applied; it can't be cancelled any more")
