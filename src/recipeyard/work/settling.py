"""How packages end: each once, in the transaction that does its work, with everything that tells of its end."""

from collections.abc import Sequence

from recipeyard.model import errors, packages, proposals
from recipeyard.sql import database
from recipeyard.sql import packages as package_rows
from recipeyard.sql import plans as plan_rows
from recipeyard.work import activities, gating, parts, recording, webhooks


def settle(tx: database.Tx, package: packages.Package, outcome: packages.Outcome) -> bool:
    """End a package. False, and nothing written, where it had ended already or is gone."""
    if not package_rows.settle(tx, package.id, outcome):
        return False
    activities.ended(tx, package, outcome)
    webhooks.tell(tx, package.id)
    return True


class Blocked(errors.Invalid):
    """What stands in the way of a transfer, all of it; and the plan that it would have been."""

    def __init__(self, content: proposals.Content, standing: Sequence[proposals.Notice]) -> None:
        issues = [notice.issue for notice in standing]
        super().__init__("\n".join(str(issue) for issue in issues), issues)
        self.content = content


def settle_applied(tx: database.Tx, package: packages.Package, applied: recording.Applied) -> None:
    """End a package whose changes are written, keeping its plan and what takes it back.

    Raises `Blocked` where something stands in the way, gates among it, `errors.Conflict` where its plan said otherwise,
    and `errors.NotFound` where the package has ended already: whatever raises takes everything back.
    """
    plan = plan_rows.applied_by(tx, package.id)
    asked = gating.Asked(package.workspace_id, package.operation, package.options, plan)
    if standing := gating.in_the_way(tx, asked, applied.content.blockers):
        raise Blocked(applied.content, standing)
    if plan and plan.content and plan.fingerprint != plan_rows.fingerprint(applied.content):
        moved = "\n".join(proposals.moved(plan.content, plan_rows.as_kept(applied.content)))
        raise errors.Conflict(f"The plan {plan.id} does not hold any more:\n{moved}")
    if not settle(tx, package, applied.outcome):
        raise errors.NotFound("the package has ended, or is gone; nothing was applied")
    gating.record_passed(tx, package, plan, applied.content.blockers)
    if plan is None:
        plan_rows.record(tx, package, applied.content)
    applied.recorder.keep(package.id)


def settle_failed(tx: database.Tx, package: packages.Package, failure: errors.Failure) -> None:
    """End a package as failed, saying why; what kept it from being applied is the plan that it leaves."""
    settled = settle(tx, package, packages.failed(failure))
    if settled and isinstance(failure, Blocked) and plan_rows.applied_by(tx, package.id) is None:
        plan_rows.record(tx, package, failure.content)


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
        webhooks.tell(write, package_id)
        return package_rows.find(write, workspace_id, package_id)


def _refuse_late(package: packages.Package) -> None:
    if package.status is not packages.Status.IN_PROGRESS:
        raise errors.Conflict(f"The package has ended: it is {package.status}")
    if package.phase is packages.Phase.APPLYING:
        raise errors.Conflict("The package is being applied; it can't be cancelled any more")
