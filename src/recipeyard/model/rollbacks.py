"""Rollbacks: what becomes of each asset that a transfer changed, when that transfer is taken back.

What was made goes, what went comes back, what was changed is as it was. Where something has changed since, that stands
on top: a policy says what becomes of it.
"""

from enum import StrEnum

from recipeyard.model import packages, snapshots


class Verdict(StrEnum):
    """What is to be done with one asset. `LEFT` stays as it is by policy, and is told."""

    NOTHING = "nothing"
    DELETE = "delete"
    RESTORE = "restore"
    MERGE = "merge"
    PUT_BACK = "put_back"
    LEFT = "left"
    BLOCKED = "blocked"


def judge(kept: snapshots.Snapshot, now: snapshots.State | None, policy: packages.Policy) -> Verdict:
    """What becomes of an asset that stands like this now."""
    if kept.after is None:
        return Verdict.PUT_BACK if kept.before and now is None else Verdict.NOTHING
    if kept.before is None:
        return Verdict.NOTHING if now is None else _unless_on_top(kept.after, now, policy, Verdict.DELETE)
    if now is None:
        return Verdict.BLOCKED if policy is packages.Policy.FAIL else Verdict.LEFT
    return _changed(kept.before, kept.after, now, policy)


def _changed(before: snapshots.State, left: snapshots.State, now: snapshots.State, policy: packages.Policy) -> Verdict:
    """The verdict on an asset that was here before, and is here still."""
    is_beside = snapshots.stands(before, left)
    if now == before or (snapshots.stands(before, now) and not is_beside):
        return Verdict.NOTHING
    if is_beside:
        return Verdict.RESTORE if snapshots.stands(left, now) else Verdict.NOTHING
    return _unless_on_top(left, now, policy, Verdict.RESTORE)


def _unless_on_top(left: snapshots.State, now: snapshots.State, policy: packages.Policy, wanted: Verdict) -> Verdict:
    """The verdict where nothing has changed since; else the policy's."""
    if snapshots.stands(left, now) or policy is packages.Policy.INCOMING:
        return wanted
    if policy is packages.Policy.TARGET:
        return Verdict.LEFT
    if policy is packages.Policy.MERGE and wanted is Verdict.RESTORE:
        return Verdict.MERGE
    return Verdict.BLOCKED
