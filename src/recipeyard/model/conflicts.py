"""Conflicts: what was changed here since a package deployed it, told from what was changed in what arrives.

Three things are laid side by side: the base, which is what a package left of an asset last; what is here; and what
arrives. Content is compared with content and what arrives with what arrived, as something may have had to change on the
way in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from recipeyard.model import assets, bundles, histories, packages, proposals


class Fate(StrEnum):
    """What becomes of the asset here."""

    TAKEN = "taken"
    STAYS = "stays"
    MERGED = "merged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Standing:
    """Who changed what since the base: what is here, what arrives; `rows_alone` says that no document here did."""

    drifted: bool
    arrives: bool
    rows_alone: bool = False

    @property
    def is_conflict(self) -> bool:
        """Whether both sides did."""
        return self.drifted and self.arrives


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided on an asset that drifted, and by which policy.

    `alone` is for one that is merged the digest of what would be kept if nothing had been changed here.
    """

    standing: Standing
    fate: Fate
    policy: packages.Policy
    alone: str | None = None

    @property
    def resolution(self) -> packages.Policy | None:
        """The policy that decides a conflict, None where there is none."""
        return self.policy if self.standing.is_conflict else None


NEVER = frozenset({*assets.PROPERTIES, assets.PROJECT})
"""Kinds that never conflict: what they declare is united."""


def standing(
    base: histories.Version | None, here: assets.Asset, incoming: bundles.Incoming, rows_here: int | None = None
) -> Standing:
    """Who changed what, of an asset that would change. What is here and is what arrives was not changed here.

    Without a base, both did. `rows_here` counts the rows of a table whose rows would be replaced and are not those that
    a package brought; None for all else.
    """
    if base is None:
        return Standing(drifted=True, arrives=True)
    document = here.content not in (base.content, incoming.content)
    rows = rows_here is not None and (rows_here > 0 or base.rows is not None)
    return Standing(
        drifted=document or rows,
        arrives=incoming.anew or incoming.arrived != base.arrived,
        rows_alone=rows and not document,
    )


def has_drifted(base: histories.Version | None, here: assets.Asset) -> bool:
    """Whether what is here is not what a package left, be it that none ever did."""
    return base is None or here.content != base.content or here.rows_digest != base.rows


def fate(found: Standing, kind: str, policy: packages.Policy, *, has_base: bool) -> Fate:
    """What becomes of an asset under a policy."""
    if not found.drifted or policy is packages.Policy.INCOMING:
        return Fate.TAKEN
    if policy is packages.Policy.FAIL:
        return Fate.REFUSED
    if policy is packages.Policy.TARGET or not found.arrives:
        return Fate.STAYS
    return Fate.MERGED if kind == assets.RECIPE and has_base else Fate.REFUSED


@dataclass(frozen=True, slots=True)
class Change:
    """The last change by hand of an asset: what it is, who made it, when, and the version that it made."""

    asset: assets.Asset
    author: str
    at: datetime
    version_no: int


def notices(
    path: str, verdict: Verdict, last: Change, base: histories.Version | None, why: Iterable[str] = ()
) -> list[proposals.Notice]:
    """What people should know of an asset that drifted: one sentence; where `why` names what can't be merged, one each.

    They stand in the way where the fate is to be refused.
    """
    code = proposals.Code.CONFLICT if verdict.standing.is_conflict else proposals.Code.DRIFT
    told = _drift(verdict.standing, last, base)
    parts = [*why] or [_ending(verdict, last.asset.kind, base)]
    return [proposals.Notice(code, path, f"{told}; {part}") for part in parts]


def _drift(found: Standing, last: Change, base: histories.Version | None) -> str:
    what = f"{assets.spoken(last.asset.kind)} {last.asset.name!r}"
    by = f"by {last.author} at {last.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC (version {last.version_no})"
    if base is None:
        return f"{what} was last changed here {by}, and no package ever deployed it"
    if found.rows_alone:
        since = f" since package {base.package_id} brought them" if base.rows and base.package_id else ""
        return f"the rows of {what} were changed here{since}"
    since = f"package {base.package_id} deployed version {base.version_no}" if base.package_id else "it was deployed"
    return f"{what} was changed here {by} since {since}"


def _ending(verdict: Verdict, kind: str, base: histories.Version | None) -> str:
    also = "what arrives was changed too, " if verdict.standing.is_conflict else ""
    if verdict.fate is Fate.TAKEN:
        return f"{also}and takes its place" if also else "that is overwritten"
    if verdict.fate is Fate.STAYS:
        return f"{also}and is left out" if also else "it stays as it is here"
    if verdict.fate is Fate.MERGED:
        return f"{also}and both changes are kept"
    if verdict.policy is packages.Policy.FAIL:
        return f"{also}and would take its place" if also else "that would be overwritten"
    lack = "without a base nothing can be merged" if base is None and kind == assets.RECIPE else "only recipes merge"
    return f"{also}and {lack}"
