"""Rollbacks: what becomes of each asset that a transfer changed, when that transfer is taken back.

What was made goes, what went comes back. What was changed is weighed facet by facet: one that the transfer changed and
nobody since is as it was; one that the transfer left alone stays as it is by now; one that was changed since as well
clashes, and a policy says what becomes of it. Whether a recipe runs never clashes: what people have done about that
since, they have done for a reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from recipeyard.model import assets, packages, references, snapshots


class Verdict(StrEnum):
    """What is to be done with an asset. `LEFT` stays as it is by policy, and is told; `WEIGHED` facet by facet."""

    NOTHING = "nothing"
    DELETE = "delete"
    PUT_BACK = "put_back"
    WEIGHED = "weighed"
    LEFT = "left"
    BLOCKED = "blocked"


class Facet(StrEnum):
    """What of an asset a transfer may change, in words."""

    DOCUMENT = "what it says"
    PLACE = "where it is"
    ROWS = "its rows"
    TAGS = "its tags"


_FIELDS: Mapping[Facet, tuple[str, ...]] = {
    Facet.DOCUMENT: ("name", "digest", "arrived_digest", "sidecars", "provider", "base_id", "releases", "released"),
    Facet.PLACE: ("stem", "folder_id", "place_id"),
    Facet.ROWS: ("rows_digest", "rows", "arrived_digest"),
    Facet.TAGS: ("tag_ids",),
}


@dataclass(frozen=True, slots=True)
class Weighed:
    """The facets that are as they were before, and those that were changed by the transfer and since."""

    back: frozenset[Facet]
    clash: frozenset[Facet]


@dataclass(frozen=True, slots=True)
class Run:
    """A recipe's run state to be: of before, or as it is by now; `current` says that what runs is its current version.

    `overruled` says that the transfer changed it, and somebody since.
    """

    running: snapshots.Running
    current: bool
    overruled: bool


Wires = Mapping[references.Reference, snapshots.Wire]
"""What each reference of a document means."""


def judge(kept: snapshots.Snapshot, now: snapshots.State | None, policy: packages.Policy) -> Verdict:
    """What becomes of an asset that stands like this now."""
    if kept.after is None:
        return Verdict.PUT_BACK if kept.before and now is None else Verdict.NOTHING
    if kept.before is None:
        return Verdict.NOTHING if now is None else _gone(kept.after, now, policy)
    if now is None:
        return Verdict.BLOCKED if policy is packages.Policy.FAIL else Verdict.LEFT
    return Verdict.WEIGHED


def weigh(before: snapshots.State, left: snapshots.State, now: snapshots.State) -> Weighed:
    """What of an asset goes back, and what clashes."""
    changed = {each for each in Facet if _value(before, each) != _value(left, each)}
    since = {each for each in changed if _value(left, each) != _value(now, each)}
    clash = {each for each in since if _value(before, each) != _value(now, each)}
    return Weighed(frozenset(changed - since), frozenset(clash))


def differs(facet: Facet, one: snapshots.State, other: snapshots.State) -> bool:
    """Whether two states differ in a facet."""
    return _value(one, facet) != _value(other, facet)


def with_facets(now: snapshots.State, of: snapshots.State, facets: frozenset[Facet]) -> snapshots.State:
    """A state with these facets of another one."""
    return replace(now, **{name: getattr(of, name) for facet in facets for name in _FIELDS[facet]})


def run(before: snapshots.State, left: snapshots.State, now: snapshots.State) -> Run | None:
    """The run state to be; None for what is no recipe."""
    if not (before.running and left.running and now.running):
        return None
    since = _runs(left) != _runs(now)
    chosen, running = (now, now.running) if since or _runs(before) == _runs(now) else (before, before.running)
    current = chosen.runs and running.digest == chosen.digest
    return Run(running, current, since and _runs(before) != _runs(left))


def wire(
    document: tuple[references.Reference, ...], sides: tuple[Wires, Wires, Wires], *, all_back: bool
) -> tuple[tuple[snapshots.Wire, ...], tuple[references.Reference, ...]]:
    """What the references of a document are to mean, and those that were turned since the transfer turned them.

    `sides` are what they meant before, as the transfer left them, and now. With `all_back` those are turned back too.
    """
    before, left, now = sides
    wires: list[snapshots.Wire] = []
    turned: list[references.Reference] = []
    for reference in document:
        old, new, here = before.get(reference), left.get(reference), now.get(reference)
        by_transfer = old is not None and new is not None and old.target_id != new.target_id
        since = here is not None and new is not None and here.target_id not in {new.target_id, None}
        if by_transfer and since and here != old:
            turned.append(reference)
        chosen = old if by_transfer and (all_back or not since) else here
        nothing = snapshots.Wire(None, assumed=False, kind=reference.kind or "", name=reference.name)
        wires.append(chosen or old or new or nothing)
    return tuple(wires), tuple(turned)


def _gone(left: snapshots.State, now: snapshots.State, policy: packages.Policy) -> Verdict:
    if snapshots.stands(left, now) or policy is packages.Policy.INCOMING:
        return Verdict.DELETE
    return Verdict.LEFT if policy is packages.Policy.TARGET else Verdict.BLOCKED


def _value(state: snapshots.State, facet: Facet) -> object:
    if facet is Facet.DOCUMENT:
        arrived = None if state.kind in assets.TABLES else state.arrived_digest  # a table's arrives with its rows
        return state.name, state.digest, arrived, state.sidecars
    if facet is Facet.PLACE:
        return state.folder_id, state.stem
    return state.rows_digest or state.rows if facet is Facet.ROWS else state.tag_ids


def _runs(state: snapshots.State) -> object:
    return (state.running.digest if state.running else None) if state.runs else None
