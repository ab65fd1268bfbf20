"""The gates of a workspace: set, asked before a transfer is accepted, asked again in the transaction that writes it.

A refusal names every gate that is not met. Whoever gives a reason breaks the glass, where the gates allow it, and that
is written down.
"""

import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from recipeyard.model import activities, errors, gates, packages, proposals
from recipeyard.sql import database
from recipeyard.sql import gates as gate_rows
from recipeyard.sql import plans as plan_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import activities as work_activities
from recipeyard.work import inspecting


@dataclass(frozen=True, slots=True)
class Asked:
    """A transfer that wants to pass: into which workspace, which way, how, and as which plan, if it has one."""

    workspace_id: int
    operation: packages.Operation
    options: packages.Options
    plan: proposals.Plan | None = None


def change(tx: database.Tx, workspace_id: int, wanted: gates.Gates, version_no: int | None) -> gates.Kept:
    """Set a workspace's gates, all of them. `version_no` is the version that whoever asks has seen, None for any.

    Raises `errors.Conflict` where that is another one by now, `errors.Invalid`, and `errors.Unprocessable` where no
    workspace is bound as the one to trust.
    """
    workspace = workspace_rows.lock(tx, workspace_id)
    before = gate_rows.find(tx, workspace_id)
    if version_no is not None and version_no != before.version_no:
        raise errors.Conflict(f"The gates are at version {before.version_no} by now, not at {version_no}")
    if issues := gates.issues(wanted, _has_zone):
        raise errors.Invalid.listing(issues)
    if wanted.ran_in and inspecting.trusted(tx, workspace_id, wanted.ran_in) is None:
        raise errors.Unprocessable(
            f"ran_in: no workspace is bound as the {wanted.ran_in} of this one; the operator binds environments"
        )
    gate_rows.keep(tx, workspace_id, wanted, before.version_no + 1)
    resource = activities.Resource(activities.Kind.GATES, workspace.id, workspace.name)
    work_activities.record(tx, workspace_id, "gates_updated", resource, version=before.version_no + 1)
    return gate_rows.find(tx, workspace_id)


def approve(tx: database.Tx, workspace_id: int, plan_id: int, comment: str | None) -> gates.Beside:
    """Whoever acts approves a plan.

    Raises `errors.NotFound`, `errors.Invalid`, `errors.Forbidden` for whoever made it, and `errors.Conflict` for one
    that is not ready or was applied.
    """
    if "\0" in (comment or ""):
        raise errors.Invalid.listing([errors.Issue("comment", "can't hold NUL characters")])
    plan = _open(tx, workspace_id, plan_id)
    if gates.person(plan.asked_by) == gates.person(tx.actor):
        raise errors.Forbidden(f"The plan {plan.id} is {tx.actor.name}'s own; other people approve it")
    gate_rows.approve(tx, plan.id, comment)
    work_activities.record(tx, workspace_id, "plan_approved", work_activities.of_plan(plan), comment=comment)
    return beside(tx, plan)


def withdraw(tx: database.Tx, workspace_id: int, plan_id: int) -> gates.Beside:
    """Whoever acts takes their approval back. Raises `errors.NotFound` where there is none, and `errors.Conflict`."""
    plan = _open(tx, workspace_id, plan_id)
    if not gate_rows.withdraw(tx, plan.id):
        raise errors.NotFound(f"Not found: {tx.actor.name} has not approved plan {plan.id}")
    work_activities.record(tx, workspace_id, "plan_approval_withdrawn", work_activities.of_plan(plan))
    return beside(tx, plan)


def beside(tx: database.Tx, plan: proposals.Plan) -> gates.Beside:
    """What stands beside a plan now."""
    kept = gate_rows.find(tx, plan.workspace_id).gates
    asked = Asked(plan.workspace_id, plan.operation, plan.options, plan)
    unmet = _unmet(tx, asked, kept) if plan.applied_id is None else []
    approvals = tuple(gate_rows.approvals(tx, plan.id))
    return gates.Beside(approvals, gates.required(kept, plan.operation), tuple(unmet))


def refuse(tx: database.Tx, asked: Asked) -> None:
    """Raises `errors.Unprocessable` naming everything that keeps a transfer, as far as it is known, from being done."""
    content = asked.plan.content if asked.plan else None
    blockers = content.blockers if content else ()
    changed_at = gate_rows.find(tx, asked.workspace_id).updated_at
    if asked.plan and changed_at and changed_at > asked.plan.updated_at:
        blockers = tuple(each for each in blockers if each.code not in proposals.GATES)
    if standing := in_the_way(tx, asked, blockers):
        what = f"The plan {asked.plan.id} can't be applied" if asked.plan else "This workspace's gates are not met"
        raise errors.Unprocessable("\n".join([f"{what}:", *map(str, standing)]))


def in_the_way(tx: database.Tx, asked: Asked, blockers: Sequence[proposals.Notice]) -> list[proposals.Notice]:
    """What keeps a transfer from being done: those of its blockers that nobody may pass, and gates that are not met."""
    kept = gate_rows.find(tx, asked.workspace_id).gates
    if asked.options.break_glass and kept.break_glass:
        return [each for each in blockers if each.code not in proposals.GATES]
    refused = [gates.notice(gates.Gate.BREAK_GLASS, "is not allowed here")] if asked.options.break_glass else []
    return [*blockers, *_unmet(tx, asked, kept), *refused]


def record_passed(
    tx: database.Tx, package: packages.Package, plan: proposals.Plan | None, blockers: Sequence[proposals.Notice]
) -> None:
    """Write down who has broken the glass, why, and which gates were passed; where nobody has, nothing."""
    if not package.options.break_glass:
        return
    asked = Asked(package.workspace_id, package.operation, package.options, plan)
    unmet = _unmet(tx, asked, gate_rows.find(tx, package.workspace_id).gates)
    passed = [*(each for each in blockers if each.code in proposals.GATES), *unmet]
    work_activities.record(
        tx.by(package.asked_by),
        package.workspace_id,
        "break_glass",
        work_activities.of_package(package),
        reason=package.options.break_glass,
        gates=list(dict.fromkeys(gates.of(each) for each in passed)),
        passed=[str(each) for each in passed],
    )


def _unmet(tx: database.Tx, asked: Asked, kept: gates.Gates) -> list[proposals.Notice]:
    """The gates that change with time. A rollback waits for no window: taking back must always be possible."""
    found: list[proposals.Notice] = []
    if wanted := gates.required(kept, asked.operation):
        found += _unapproved(tx, asked.plan, wanted)
    if asked.operation is not packages.Operation.ROLLBACK:
        found += gates.closed(kept, tx.now, lambda zone: _local(tx.now, zone))
    return found


def _unapproved(tx: database.Tx, plan: proposals.Plan | None, wanted: int) -> list[proposals.Notice]:
    people = f"{wanted} other {'person' if wanted == 1 else 'people'}"
    if plan is None:
        what = f"{people} must approve what comes here: make a plan, have it approved, apply it"
        return [gates.notice(gates.Gate.APPROVALS, what)]
    who = {gates.person(each.by) for each in gate_rows.approvals(tx, plan.id)} - {gates.person(plan.asked_by)}
    if len(who) >= wanted:
        return []
    return [gates.notice(gates.Gate.APPROVALS, f"{people} must approve plan {plan.id}, {len(who)} did")]


def _open(tx: database.Tx, workspace_id: int, plan_id: int) -> proposals.Plan:
    """A plan that can be approved. Raises `errors.NotFound` and `errors.Conflict`."""
    plan = plan_rows.find(tx, workspace_id, plan_id)
    if plan.status is not proposals.Status.READY:
        raise errors.Conflict(f"The plan {plan.id} is not ready: it is {plan.status}")
    if plan.applied_id is not None:
        raise errors.Conflict(f"The plan {plan.id} has been applied already, by package {plan.applied_id}")
    return plan


def _has_zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return False
    return True


def _local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(zoneinfo.ZoneInfo(zone))
