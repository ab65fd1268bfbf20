"""Decide what an import changes, against the workspace as it is. Reads, and writes nothing."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from recipeyard.model import (
    assets,
    bundles,
    conflicts,
    data_tables,
    errors,
    packages,
    plans,
    proposals,
    selections,
    tables,
)
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import connections, folders, rows
from recipeyard.sql import documents as document_rows
from recipeyard.work import (
    adapters,
    binding,
    imports,
    meeting,
    pruning,
    reconciling,
    renames,
    row_overlays,
    spellings,
    trees,
)

CLASHES = 8
"""From more clashing stems than these on, all of a place is read at once rather than looked through for each."""


def decide(job: imports.Import) -> tuple[plans.Change, ...]:
    """What the import changes, one change for each arriving asset, in the order of their paths.

    What is to go, too, is the job's own.
    """
    job.answers = binding.settle(job.tx, job.target, job.read.incoming)
    existing = _existing(job)
    by_path = {each.path: each for each in job.read.incoming}
    free = [each for each in job.read.incoming if each.path not in job.answers.met]
    paired = plans.pair(free, existing, _families(job, existing))
    elsewhere = meeting.elsewhere(job.resolver(), free, paired) | job.answers.met
    paired |= elsewhere
    paired |= _renamed(job, paired)
    if job.order.options.prune:
        _prune(job, paired, existing)
    if job.order.options.only:
        paired = _narrow(job, paired)
    job.names = adapters.settle(job.read.incoming, paired, job.resolver())
    job.answers.check_apps({path: imports.provider(job, by_path[path]) for path in job.answers.met})
    job.overlays = _overlays(job, paired)
    paired = {path: _with_rows(job, by_path[path], here) for path, here in paired.items()}
    pinned = _pinned(job, paired) | {asset.id for asset in elsewhere.values()}
    incoming = [spellings.as_kept(job, each, paired.get(each.path)) for each in job.read.incoming]
    incoming, stays = _reconciled(job, incoming, {path: a for path, a in paired.items() if a.id not in pinned})
    job.renamed = {path: stood for path, stood in job.renamed.items() if paired[path].id not in stays}
    return plans.plan(incoming, paired, existing, pinned | stays)


def _existing(job: imports.Import) -> dict[plans.Place, list[assets.Asset]]:
    """The assets that arriving ones may meet, or whose stems they may want, by place."""
    wanted: dict[tuple[plans.Place, str], list[bundles.Incoming]] = defaultdict(list)
    for each in job.read.incoming:
        wanted[plans.place(each), each.kind].append(each)
    found: dict[plans.Place, list[assets.Asset]] = defaultdict(list)
    for (place, kind), group in wanted.items():
        place_id = _place_id(job, place)
        if place_id is not None:
            found[place] += _candidates(job, place_id, kind, group)
    return found


def _families(job: imports.Import, existing: Mapping[plans.Place, Sequence[assets.Asset]]) -> dict[int, str]:
    endpoints = [asset for here in existing.values() for asset in here if asset.kind == assets.API_ENDPOINT]
    facts = document_rows.facts(job.tx, [asset.content.digest for asset in endpoints])
    return {each.id: bundles.family(each.kind, facts[each.content.digest, each.kind]) for each in endpoints}


def _place_id(job: imports.Import, place: plans.Place) -> int | None:
    """The folder of a place, None where it has yet to be made."""
    if place == plans.ROOT:
        return job.workspace.root_folder_id
    if place not in job.places:
        folder_id = folders.descend(job.tx, job.target.id, place)
        if folder_id is None:
            return None
        job.places[place] = folder_id
    return job.places[place]


def _candidates(job: imports.Import, place_id: int, kind: str, group: Sequence[bundles.Incoming]) -> list[assets.Asset]:
    names = {each.facts.name for each in group}
    found = {asset.id: asset for asset in asset_rows.named(job.tx, job.workspace.id, kind, names, place_id)}
    stems = {each.stem.casefold() for each in group} - {asset.stem.casefold() for asset in found.values()}
    at_stems = asset_rows.at_stems(job.tx, job.workspace.id, place_id, kind, stems)
    clashing = [asset.stem for asset in at_stems if asset.id not in found]
    if len(clashing) > CLASHES:
        return asset_rows.at_place(job.tx, job.workspace.id, place_id, kind)
    for stem in clashing:
        numbered = asset_rows.numbered(job.tx, job.workspace.id, place_id, kind, stem)
        found |= {other.id: other for other in numbered}
    return list(found.values())


def _renamed(job: imports.Import, paired: Mapping[str, assets.Asset]) -> Mapping[str, assets.Asset]:
    """What arrives under another name or path than it has here, by path.

    Only a package that speaks for its folder says that an asset is not in its source any more. Of any other, what looks
    much like a rename is told, and looking for that costs what arrives, not what the folder holds.
    """
    unmet = [each for each in job.read.incoming if each.path not in paired]
    if not unmet:
        return {}
    if not job.order.options.prune and all(each.path != assets.PROJECT_FILE for each in job.read.incoming):
        alike = trees.near(job.tx, job.target, unmet).without(_met(job, paired))
        job.warnings += renames.possible(renames.recognise(job.tx, job.read, paired, alike), unmet)
        return {}
    found = renames.recognise(job.tx, job.read, paired, _left(job, paired))
    job.warnings += found.unsure
    job.renamed |= found.stood
    return found.pairs


def _narrow(job: imports.Import, paired: Mapping[str, assets.Asset]) -> dict[str, assets.Asset]:
    """Pass over what was not asked for. What it would be here goes on to be what its path means."""
    selected = selections.select(job.read.incoming, job.order.options.only, paired)
    if job.order.options.dependencies is packages.Dependencies.INCLUDE:
        selected = selections.close(job.read.incoming, selected)
    what = "only[] selects nothing: no path, folder or kind of the package, and no asset here that it would meet"
    job.blockers += [proposals.Notice(proposals.Code.INVALID, word, what) for word in selected.unknown]
    job.warnings = [each for each in job.warnings if each.path in selected.all]
    job.warnings += [
        proposals.Notice(proposals.Code.PULLED_IN, path, f"pulled in by {by}") for path, by in selected.pulled.items()
    ]
    job.read = job.read.narrowed(selected.all)
    job.answers.narrow(selected.all)
    job.renamed = {path: stood for path, stood in job.renamed.items() if path in selected.all}
    beyond = paired.keys() - selected.all - job.answers.met.keys()
    job.beyond = {path: paired[path].id for path in beyond}
    return {path: asset for path, asset in paired.items() if path in selected.all}


def _left(job: imports.Import, paired: Mapping[str, assets.Asset]) -> trees.Tree:
    """What of the target's tree nothing that arrives has met, and no binding names."""
    job.tree = job.tree or trees.load(job.tx, job.target)
    return job.tree.without(_met(job, paired))


def _met(job: imports.Import, paired: Mapping[str, assets.Asset]) -> set[int]:
    return {asset.id for asset in paired.values()} | job.answers.targets.keys()


def _prune(
    job: imports.Import, paired: Mapping[str, assets.Asset], existing: dict[plans.Place, list[assets.Asset]]
) -> None:
    """Decide what goes, whose stems are free from then on."""
    found, kept = pruning.decide(job.tx, _left(job, paired), {each.kind for each in job.read.incoming})
    bases = reconciling.Bases(job.tx, [each.existing for each in found])
    judged = (replace(each, drifted=conflicts.has_drifted(bases.of(each.existing.id), each.existing)) for each in found)
    job.deletes, forbidden, spared = pruning.spare(judged, job.order.options.policy)
    job.blockers += forbidden
    job.warnings += spared
    job.warnings += kept
    going = {each.existing.id for each in job.deletes}
    existing |= {place: [asset for asset in here if asset.id not in going] for place, here in existing.items()}


def _pinned(job: imports.Import, paired: Mapping[str, assets.Asset]) -> frozenset[int]:
    """The connections that hold credentials: they stay as they are, and must be for the app that arrives."""
    met = [(each, paired[each.path]) for each in job.read.incoming if each.path in paired]
    free = [(each, here) for each, here in met if each.path not in job.answers.met]
    mine = [(each, here) for each, here in free if each.kind == assets.CONNECTION]
    holding = connections.holding(job.tx, [here.id for _, here in mine])
    for each, here in mine:
        app = imports.provider(job, each)
        if here.id in holding and app != here.provider:
            what = f"connection {here.name!r} is authorized for {here.provider!r} here, not for {app!r}"
            job.blockers.append(proposals.Notice(proposals.Code.INVALID, each.path, what))
    return frozenset(holding)


def _reconciled(
    job: imports.Import, incoming: Sequence[bundles.Incoming], paired: Mapping[str, assets.Asset]
) -> tuple[list[bundles.Incoming], set[int]]:
    """What arrives once it has been reconciled with what was changed here, and the assets that stay as they are."""
    met = [(each, paired[each.path]) for each in incoming if each.path in paired]
    ruled = {path for path, settled in job.overlays.items() if not settled.replaces}
    asked = reconciling.Asked(job.order.options.policy, lambda each: imports.kept_text(job, each), ruled)
    done = reconciling.reconcile(job.tx, met, asked)
    job.verdicts |= done.verdicts
    job.renamed = {path: stood for path, stood in job.renamed.items() if path not in done.stays}
    job.derived |= done.derived
    job.blockers += done.blockers
    job.warnings += done.warnings
    return [done.changed.get(each.path, each) for each in incoming], {*done.stays.values()}


def _overlays(job: imports.Import, paired: Mapping[str, assets.Asset]) -> dict[str, row_overlays.Settled]:
    """What becomes of the rows of arriving tables that have a rule for them, by path."""
    found: dict[str, row_overlays.Settled] = {}
    for each in job.read.incoming:
        if each.facts.structure is None:
            continue
        if rule := job.answers.rule(each, paired.get(each.path)):
            arriving = (each, bundles.parse_text(imports.content(job, each).decode()), imports.rows_of(job, each))
            try:
                found[each.path] = row_overlays.settle(job.tx, rule, arriving, paired.get(each.path))
            except errors.Invalid as e:
                job.blockers.append(proposals.Notice(proposals.Code.BINDING, each.path, e.message))
    return found


def _with_rows(job: imports.Import, incoming: bundles.Incoming, here: assets.Asset) -> assets.Asset:
    """The table here as one that holds the rows that arrive, where it holds all that is wanted of them."""
    settled = job.overlays.get(incoming.path)
    if settled and not settled.replaces:
        return replace(here, rows_digest=None if settled.overlay else incoming.arrived.digest)
    if incoming.facts.structure is None or here.rows_digest == incoming.arrived.digest:
        return here
    told: Callable[[Any], object] = data_tables.told if incoming.kind == assets.DATA_TABLE else tables.told
    is_same = [*map(told, imports.rows_of(job, incoming))] == [*map(told, rows.of_table(job.tx, here.id))]
    return replace(here, rows_digest=incoming.arrived.digest) if is_same else here
