"""Plans: what an import would change, decided before anything is written.

An incoming asset meets the one of the same kind and name in the same place; where several bear the name, the one of the
same stem. What nobody matches is created. What is absent from a package is deleted where that was asked for.

Connections belong to their workspace more than to their package: one that holds credentials stays as it is, and one of
that name and app that stands elsewhere is met there.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from recipeyard.model import assets, bundles, proposals

Place = str
"""A folder's path below the import's folder; the workspace's root is spelled `ROOT`."""

ROOT: Place = "/"


@dataclass(frozen=True, slots=True)
class Create:
    """Nothing here matches: a new asset, under that stem."""

    incoming: bundles.Incoming
    stem: str


@dataclass(frozen=True, slots=True)
class Update:
    """The asset here differs from what arrives: a new version of it."""

    incoming: bundles.Incoming
    existing: assets.Asset
    stem: str


@dataclass(frozen=True, slots=True)
class Keep:
    """The asset here is what arrives."""

    incoming: bundles.Incoming
    existing: assets.Asset
    stem: str


Change = Create | Update | Keep


@dataclass(frozen=True, slots=True)
class Delete:
    """The package's folder has no such asset any more: it goes. `path` is where the folder's package would hold it.

    `drifted` says that it is not what a package deployed last.
    """

    existing: assets.Asset
    path: str
    drifted: bool = False

    @property
    def spoken(self) -> str:
        """The asset in people's words."""
        return f"{assets.spoken(self.existing.kind)} {self.existing.name!r}"


def place(incoming: bundles.Incoming) -> Place:
    """Where an incoming asset's path counts from."""
    return ROOT if incoming.at_root else incoming.folder


def pair(
    incoming: Sequence[bundles.Incoming],
    existing: Mapping[Place, Sequence[assets.Asset]],
    families: Mapping[int, str] | None = None,
) -> dict[str, assets.Asset]:
    """Which asset each incoming one meets, by the incoming path; a same stem goes before a mere same name.

    `families` tells the family of those assets here that have one: assets of one name and two families never meet.
    """
    named: dict[tuple[Place, str, str, str], list[assets.Asset]] = defaultdict(list)
    for where, here in existing.items():
        for asset in sorted(here, key=lambda each: each.id):
            named[where, asset.kind, asset.name, (families or {}).get(asset.id, "")].append(asset)
    paired: dict[str, assets.Asset] = {}
    for same_stem_only in (True, False):
        for each in incoming:
            candidates = named.get((place(each), each.kind, each.facts.name, bundles.family(each.kind, each.facts)), [])
            fits = [asset for asset in candidates if asset.stem == each.stem or not same_stem_only]
            if each.path not in paired and fits:
                paired[each.path] = fits[0]
                candidates.remove(fits[0])
    return paired


def elsewhere(
    incoming: bundles.Incoming, named: Iterable[assets.Asset], nearness: Mapping[int, int]
) -> assets.Asset | None:
    """The connection of that name and app that stands nearest to where an unmatched one arrives; None where none is.

    `nearness` ranks places, the nearest lowest; a place without a rank counts only where a single connection fits.
    """
    app = incoming.facts.provider
    fits = [each for each in named if app is None or each.provider == app]
    near = [each for each in fits if each.place_id in nearness]
    if near:
        return min(near, key=lambda each: (nearness[each.place_id], each.id))
    return fits[0] if len(fits) == 1 else None


def plan(
    incoming: Sequence[bundles.Incoming],
    paired: Mapping[str, assets.Asset],
    existing: Mapping[Place, Sequence[assets.Asset]],
    pinned: frozenset[int] = frozenset(),
) -> tuple[Change, ...]:
    """What the import changes, one change for each incoming asset, in their order; `pinned` assets stay as they are."""
    stays = {path: asset for path, asset in paired.items() if asset.id in pinned}
    moving = {path: asset for path, asset in paired.items() if path not in stays}
    stems = {path: asset.stem for path, asset in stays.items()} | _stems(
        [each for each in incoming if each.path not in stays], moving, _taken(moving, existing)
    )
    return tuple(
        Keep(each, stays[each.path], stems[each.path])
        if each.path in stays
        else _change(each, paired.get(each.path), stems[each.path])
        for each in incoming
    )


def _stems(
    incoming: Sequence[bundles.Incoming],
    paired: Mapping[str, assets.Asset],
    taken: dict[tuple[Place, str], set[str]],
) -> dict[str, str]:
    """The stem of each arrival: its own where that is free, else another."""
    stems: dict[str, str] = {}
    for each in incoming:
        used = taken[place(each), each.kind]
        if each.stem.casefold() not in used:
            stems[each.path] = each.stem
            used.add(each.stem.casefold())
    for each in incoming:
        if each.path not in stems:
            used = taken[place(each), each.kind]
            stems[each.path] = _another_stem(each, paired.get(each.path), used)
            used.add(stems[each.path].casefold())
    return stems


def running(changes: Iterable[Change]) -> list[proposals.Notice]:
    """The gate: what stands in the way of an import that may not restart, every running recipe that would change."""
    return [
        _in_the_way(proposals.Code.RUNNING, change, "is running; set restart_recipes=true")
        for change in changes
        if isinstance(change, Update) and change.existing.running
    ]


def has_arrived(incoming: bundles.Incoming, here: assets.Asset) -> bool:
    """Whether the asset here is what arrived already, rows and all."""
    return incoming.arrived == here.arrived and not incoming.anew and not _has_new_rows(incoming, here)


def differs(incoming: bundles.Incoming, here: assets.Asset) -> bool:
    """Whether the asset here would change."""
    same = incoming.content == here.content and not _has_new_rows(incoming, here)
    return not same and not has_arrived(incoming, here)


def rewired(kept: Iterable[Keep]) -> list[proposals.Notice]:
    """The gate again, for running recipes that stay as they are and would mean other assets than before."""
    what = "is running, and what it refers to would be another asset; set restart_recipes=true"
    return [_in_the_way(proposals.Code.REWIRED, change, what) for change in kept if change.existing.running]


def with_content(incoming: bundles.Incoming, digest: str) -> bundles.Incoming:
    """The same arrival, of which a changed document will be kept."""
    return replace(incoming, content=replace(incoming.content, digest=digest))


def _in_the_way(code: proposals.Code, change: Update | Keep, what: str) -> proposals.Notice:
    return proposals.Notice(code, change.incoming.path, f"recipe {change.existing.name!r} {what}")


def _taken(
    paired: Mapping[str, assets.Asset], existing: Mapping[Place, Sequence[assets.Asset]]
) -> dict[tuple[Place, str], set[str]]:
    moving = {asset.id for asset in paired.values()}
    taken: dict[tuple[Place, str], set[str]] = defaultdict(set)
    for where, here in existing.items():
        for asset in here:
            if asset.id not in moving:
                taken[where, asset.kind].add(asset.stem.casefold())
    return taken


def _another_stem(incoming: bundles.Incoming, here: assets.Asset | None, used: set[str]) -> str:
    """The stem of an arrival that can't have its own: the one it has here, else its own with a number."""
    if here and here.stem.casefold() not in used:
        return here.stem
    return assets.free_stem(incoming.stem, used)


def _change(incoming: bundles.Incoming, here: assets.Asset | None, stem: str) -> Change:
    if here is None:
        return Create(incoming, stem)
    return Update(incoming, here, stem) if differs(incoming, here) else Keep(incoming, here, stem)


def _has_new_rows(incoming: bundles.Incoming, here: assets.Asset) -> bool:
    return incoming.facts.structure is not None and here.rows_digest != incoming.arrived.digest
