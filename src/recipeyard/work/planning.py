"""Decide what an import changes, against the workspace as it is. Reads, and writes nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from recipeyard.model import (
    assets,
    bundles,
    conflicts,
    data_tables,
    documents,
    errors,
    packages,
    plans,
    proposals,
    references,
    selections,
    tables,
    workspaces,
)
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import connections, database, folders, rows
from recipeyard.sql import documents as document_rows
from recipeyard.work import (
    adapters,
    binding,
    meeting,
    pruning,
    reading,
    reconciling,
    recording,
    renames,
    row_overlays,
    trees,
    wiring,
)

CLASHES = 8
"""From more clashing stems than these on, all of a place is read at once rather than looked through for each."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done: into which folder of which workspace, how, and by which package; 0 where it is rehearsed."""

    workspace_id: int
    folder_id: int
    options: packages.Options
    package_id: int = 0


@dataclass(slots=True)
class Import:
    """One import under way: the workspace it changes, what arrives, what was decided, and what has been written.

    `places` are the folders that are known by their path below the target, `derived` the documents that will be kept
    instead of those that arrived, `overlays` what becomes of the rows of tables that have a rule for them, by path,
    `written` the assets made or revised, with their versions, by path. What stands in the way is gathered in
    `blockers`; whoever applies looks at them last. `deletes` are what is to go. `valued` are the property files of
    which properties got a value that is bound to them. `renamed` tells by their new paths where assets stood, `placed`
    which of them are where they are to be, with no version. `beyond` is what paths of the package that were not asked
    for mean here. `verdicts` tell what was decided on assets that were changed here, by path.
    """

    tx: database.Tx
    workspace: workspaces.Workspace
    order: Order
    target: workspaces.Folder
    read: reading.Reading
    recorder: recording.Recorder
    places: dict[str, int] = field(default_factory=dict)
    derived: dict[str, bytes] = field(default_factory=dict)
    names: adapters.Names = field(default_factory=adapters.Names)
    answers: binding.Answers = field(default_factory=binding.Answers)
    overlays: dict[str, row_overlays.Settled] = field(default_factory=dict)
    written: dict[str, tuple[assets.Asset, int]] = field(default_factory=dict)
    deletes: tuple[plans.Delete, ...] = ()
    tree: trees.Tree | None = None
    beyond: dict[str, int] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    placed: dict[str, assets.Asset] = field(default_factory=dict)
    verdicts: dict[str, conflicts.Verdict] = field(default_factory=dict)
    blockers: list[proposals.Notice] = field(default_factory=list)
    warnings: list[proposals.Notice] = field(default_factory=list)
    valued: tuple[proposals.Line, ...] = ()
    tagged: dict[int, tuple[set[str], set[str]]] = field(default_factory=dict)

    @property
    def author(self) -> asset_rows.Author:
        """Every version of an import bears the import's package."""
        number = self.order.package_id
        return asset_rows.Author(f"Package {number}", package_id=number, base_id=self.target.id)

    def resolver(self, arriving: Mapping[str, int] = MappingProxyType({})) -> wiring.Resolver:
        """What finds out what arriving references mean; `arriving` are the assets that a package brought, by path."""
        known = {**self.beyond, **arriving}
        return wiring.Resolver(self.tx, self.workspace, self.target.id, known, self.answers.stands_for)

    def asset(self, change: plans.Change) -> assets.Asset:
        """The asset that a change leaves here; for one that is written, once it has been."""
        path = change.incoming.path
        return self.placed.get(path, change.existing) if isinstance(change, plans.Keep) else self.written[path][0]

    def version_id(self, change: plans.Change, kept: Mapping[int, int]) -> int:
        """The version that a change leaves here; `kept` tells those of the assets that stay, by their ids."""
        return kept[change.existing.id] if isinstance(change, plans.Keep) else self.written[change.incoming.path][1]


def decide(job: Import) -> tuple[plans.Change, ...]:
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
    job.answers.check_apps({path: provider(job, by_path[path]) for path in job.answers.met})
    job.overlays = _overlays(job, paired)
    paired = {path: _with_rows(job, by_path[path], here) for path, here in paired.items()}
    pinned = _pinned(job, paired) | {asset.id for asset in elsewhere.values()}
    incoming = [_as_kept(job, each, paired.get(each.path)) for each in job.read.incoming]
    incoming, stays = _reconciled(job, incoming, {path: a for path, a in paired.items() if a.id not in pinned})
    job.renamed = {path: stood for path, stood in job.renamed.items() if paired[path].id not in stays}
    return plans.plan(incoming, paired, existing, pinned | stays)


def provider(job: Import, incoming: bundles.Incoming) -> str | None:
    """The app of an arriving connection, or the internal name of an arriving connector."""
    names = job.names
    return names.by_path.get(incoming.path) or names.connections.get(incoming.path) or incoming.facts.provider


def content(job: Import, incoming: bundles.Incoming) -> bytes:
    """An arriving document's own bytes."""
    return job.read.archive.inflate(job.read.sources[incoming.arrived.digest].entry)


def kept_text(job: Import, incoming: bundles.Incoming) -> str:
    """The document that an arriving asset will be kept as."""
    derived = job.derived.get(incoming.content.digest)
    return (content(job, incoming) if derived is None else derived).decode()


def properties_at(job: Import, incoming: bundles.Incoming) -> int:
    """The folder that the properties of an arriving property file are kept with, once its place is known."""
    if incoming.kind == assets.ACCOUNT_PROPERTIES:
        return job.workspace.root_folder_id
    return wiring.project_folder(job.tx, job.workspace, job.places[incoming.folder])


def rows_of(job: Import, incoming: bundles.Incoming) -> Sequence[Any]:
    """The rows that an arriving table brings."""
    data = str(bundles.parse_text(content(job, incoming).decode())["data"])
    return (data_tables.parse if incoming.kind == assets.DATA_TABLE else tables.parse)(data)


def _existing(job: Import) -> dict[plans.Place, list[assets.Asset]]:
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


def _families(job: Import, existing: Mapping[plans.Place, Sequence[assets.Asset]]) -> dict[int, str]:
    endpoints = [asset for here in existing.values() for asset in here if asset.kind == assets.API_ENDPOINT]
    facts = document_rows.facts(job.tx, [asset.content.digest for asset in endpoints])
    return {each.id: bundles.family(each.kind, facts[each.content.digest, each.kind]) for each in endpoints}


def _place_id(job: Import, place: plans.Place) -> int | None:
    """The folder of a place, None where it has yet to be made."""
    if place == plans.ROOT:
        return job.workspace.root_folder_id
    if place not in job.places:
        folder_id = folders.descend(job.tx, job.target.id, place)
        if folder_id is None:
            return None
        job.places[place] = folder_id
    return job.places[place]


def _candidates(job: Import, place_id: int, kind: str, group: Sequence[bundles.Incoming]) -> list[assets.Asset]:
    names = {each.facts.name for each in group}
    stems = {each.stem for each in group}
    found = {asset.id: asset for asset in asset_rows.named(job.tx, job.workspace.id, kind, names, place_id)}
    at_stems = asset_rows.at_stems(job.tx, job.workspace.id, place_id, kind, stems)
    clashing = [asset.stem for asset in at_stems if asset.id not in found]
    if len(clashing) > CLASHES:
        return asset_rows.at_place(job.tx, job.workspace.id, place_id, kind)
    for stem in clashing:
        numbered = asset_rows.numbered(job.tx, job.workspace.id, place_id, kind, stem)
        found |= {other.id: other for other in numbered}
    return list(found.values())


def _renamed(job: Import, paired: Mapping[str, assets.Asset]) -> Mapping[str, assets.Asset]:
    """What arrives under another name or path than it has here, by path.

    Only a package that speaks for its folder says that an asset is not in its source any more.
    """
    if all(each.path in paired for each in job.read.incoming):
        return {}
    found = renames.recognise(job.tx, job.read, paired, _left(job, paired))
    if not job.order.options.prune and all(each.path != assets.PROJECT_FILE for each in job.read.incoming):
        job.warnings += renames.possible(found, job.read.incoming)
        return {}
    job.warnings += found.unsure
    job.renamed |= found.stood
    return found.pairs


def _narrow(job: Import, paired: Mapping[str, assets.Asset]) -> dict[str, assets.Asset]:
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


def _left(job: Import, paired: Mapping[str, assets.Asset]) -> trees.Tree:
    """What of the target's tree nothing that arrives has met, and no binding names."""
    met = {asset.id for asset in paired.values()} | job.answers.targets.keys()
    job.tree = job.tree or trees.load(job.tx, job.target)
    return job.tree.without(met)


def _prune(job: Import, paired: Mapping[str, assets.Asset], existing: dict[plans.Place, list[assets.Asset]]) -> None:
    """Decide what goes, whose stems are free from then on."""
    found, kept = pruning.decide(job.tx, _left(job, paired))
    bases = reconciling.Bases(job.tx, [each.existing for each in found])
    judged = (replace(each, drifted=conflicts.has_drifted(bases.of(each.existing.id), each.existing)) for each in found)
    job.deletes, forbidden, spared = pruning.spare(judged, job.order.options.policy)
    job.blockers += forbidden
    job.warnings += spared
    job.warnings += kept
    going = {each.existing.id for each in job.deletes}
    existing |= {place: [asset for asset in here if asset.id not in going] for place, here in existing.items()}


def _pinned(job: Import, paired: Mapping[str, assets.Asset]) -> frozenset[int]:
    """The connections that hold credentials: they stay as they are, and must be for the app that arrives."""
    met = [(each, paired[each.path]) for each in job.read.incoming if each.path in paired]
    free = [(each, here) for each, here in met if each.path not in job.answers.met]
    mine = [(each, here) for each, here in free if each.kind == assets.CONNECTION]
    authorized = connections.authorized(job.tx, [here.id for _, here in mine])
    for each, here in mine:
        app = provider(job, each)
        if here.id in authorized and app != here.provider:
            what = f"connection {here.name!r} is authorized for {here.provider!r} here, not for {app!r}"
            job.blockers.append(proposals.Notice(proposals.Code.INVALID, each.path, what))
    return frozenset(authorized)


def _reconciled(
    job: Import, incoming: Sequence[bundles.Incoming], paired: Mapping[str, assets.Asset]
) -> tuple[list[bundles.Incoming], set[int]]:
    """What arrives once it has been reconciled with what was changed here, and the assets that stay as they are."""
    met = [(each, paired[each.path]) for each in incoming if each.path in paired]
    ruled = {path for path, settled in job.overlays.items() if not settled.replaces}
    asked = reconciling.Asked(job.order.options.policy, lambda each: kept_text(job, each), ruled)
    done = reconciling.reconcile(job.tx, met, asked)
    job.verdicts |= done.verdicts
    job.renamed = {path: stood for path, stood in job.renamed.items() if path not in done.stays}
    job.derived |= done.derived
    job.blockers += done.blockers
    job.warnings += done.warnings
    return [done.changed.get(each.path, each) for each in incoming], {*done.stays.values()}


def _as_kept(job: Import, incoming: bundles.Incoming, here: assets.Asset | None) -> bundles.Incoming:
    """An arrival with the document that will be kept, where that is not the one that arrived."""
    names = job.answers.names(incoming)
    facts = names.put(incoming.facts, binding.scope_of(incoming.kind))
    incoming = replace(incoming, facts=facts, anew=here is not None and _is_outdated(job, incoming, facts, here))
    changed: bytes | None = None
    if incoming.kind in assets.PROPERTIES:
        is_here = here is not None and incoming.arrived == here.arrived and not incoming.anew
        changed = None if is_here else _declared(job, incoming, here)
    elif incoming.facts.structure:
        changed = None if here and plans.has_arrived(incoming, here) else reading.structure(content(job, incoming))
    elif names or job.names.renames.get(incoming.path):
        changed = _respelled(job, incoming, names)
    if changed is None:
        return incoming
    digest = bundles.digest(changed)
    job.derived[digest] = changed
    return plans.with_content(incoming, digest)


def spelling(job: Import, arriving: bundles.Incoming) -> str:
    """The digest of an arriving document as it is spelled here, where nothing else is made of it."""
    names = job.answers.names(arriving)
    is_respelled = names or arriving.path in job.names.renames
    return bundles.digest(_respelled(job, arriving, names)) if is_respelled else arriving.arrived.digest


def _respelled(job: Import, incoming: bundles.Incoming, names: binding.Names) -> bytes:
    """A document that calls custom connectors, and what it knows by name alone, as they are called here."""
    text = content(job, incoming).decode()
    if renames := job.names.renames.get(incoming.path):
        text = references.rename_providers(text, dict(renames))
    return references.rename_named(text, names.tables, names.properties).encode()


def _is_outdated(job: Import, incoming: bundles.Incoming, facts: bundles.Facts, here: assets.Asset) -> bool:
    """Whether what arrived before, the same, is kept under names that are not those of now."""
    if not job.answers.version.number or incoming.arrived != here.arrived or incoming.kind in assets.TABLES:
        return False
    renames = dict(job.names.renames.get(incoming.path, ()))
    if here.content == here.arrived and facts == incoming.facts and not renames:
        return False
    kept = _facts(job, here)
    apps = {renames.get(app, app) for app in facts.applications}
    said = ((facts.lookups, kept.lookups), (facts.properties, kept.properties), (facts.keys, kept.keys))
    return not all(set(now) <= set(before) for now, before in (*said, (apps, kept.applications)))


def _overlays(job: Import, paired: Mapping[str, assets.Asset]) -> dict[str, row_overlays.Settled]:
    """What becomes of the rows of arriving tables that have a rule for them, by path."""
    found: dict[str, row_overlays.Settled] = {}
    for each in job.read.incoming:
        if each.facts.structure is None:
            continue
        if rule := job.answers.rule(each, paired.get(each.path)):
            arriving = (each, bundles.parse_text(content(job, each).decode()), rows_of(job, each))
            try:
                found[each.path] = row_overlays.settle(job.tx, rule, arriving, paired.get(each.path))
            except errors.Invalid as e:
                job.blockers.append(proposals.Notice(proposals.Code.BINDING, each.path, e.message))
    return found


def _with_rows(job: Import, incoming: bundles.Incoming, here: assets.Asset) -> assets.Asset:
    """The table here as one that holds the rows that arrive, where it holds all that is wanted of them."""
    settled = job.overlays.get(incoming.path)
    if settled and not settled.replaces:
        return replace(here, rows_digest=None if settled.overlay else incoming.arrived.digest)
    if incoming.facts.structure is None or here.rows_digest == incoming.arrived.digest:
        return here
    told: Callable[[Any], object] = data_tables.told if incoming.kind == assets.DATA_TABLE else tables.told
    is_same = [*map(told, rows_of(job, incoming))] == [*map(told, rows.of_table(job.tx, here.id))]
    return replace(here, rows_digest=incoming.arrived.digest) if is_same else here


def _declared(job: Import, incoming: bundles.Incoming, here: assets.Asset | None) -> bytes | None:
    """A property file never takes names away, and never brings values: None where what arrived can be kept."""
    value = bundles.parse_text(content(job, incoming).decode())
    values = value if incoming.kind == assets.ACCOUNT_PROPERTIES else value["data"]
    told = [name for name, each in values.items() if each is not None] if isinstance(values, Mapping) else []
    if told:
        what = f"values never travel; those of {', '.join(told)} were left out"
        job.warnings.append(proposals.Notice(proposals.Code.ARCHIVE, incoming.path, what))
    before = _facts(job, here).keys if here else ()
    keys = list(dict.fromkeys([*before, *incoming.facts.keys]))
    if not told and set(keys) == set(job.read.facts[incoming.arrived.digest, incoming.kind].keys):
        return None
    if here and set(keys) == set(before):
        return bundles.inflate(document_rows.packed(job.tx, here.content.digest))
    return property_file(incoming.kind, keys).encode()


def _facts(job: Import, here: assets.Asset) -> bundles.Facts:
    return document_rows.facts(job.tx, [here.content.digest])[here.content.digest, here.kind]


def property_file(kind: str, keys: Iterable[str]) -> str:
    """The document of a property file that declares these names."""
    declared: dict[str, documents.Value] = dict.fromkeys(keys)
    return documents.spell(declared if kind == assets.ACCOUNT_PROPERTIES else {"data": declared})
