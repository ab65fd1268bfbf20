"""Apply a package that was read: decide the plan against the workspace as it is, write all of it, in one transaction.

Whatever is wrong raises before the transaction commits, so that nothing of the package happens.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from recipeyard.archive import writer
from recipeyard.model import (
    assets,
    bundles,
    data_tables,
    documents,
    errors,
    packages,
    plans,
    references,
    tables,
    workspaces,
)
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import connections, database, folders, properties, recipes, rows
from recipeyard.sql import documents as document_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import adapters, custom_connectors, lookup_tables, reading, starting, tags, wiring


@dataclass(slots=True)
class Apply:
    """One import under way: the workspace it changes, and what has been written so far."""

    tx: database.Tx
    workspace: workspaces.Workspace
    package: packages.Package
    target: workspaces.Folder
    read: reading.Reading
    places: dict[str, int] = field(default_factory=dict)
    derived: dict[str, bytes] = field(default_factory=dict)
    written: dict[str, tuple[assets.Asset, int]] = field(default_factory=dict)

    @property
    def author(self) -> asset_rows.Author:
        """Every version of an import bears the import's package."""
        return asset_rows.Author(f"Package {self.package.id}", package_id=self.package.id)


def apply(tx: database.Tx, package: packages.Package, read: reading.Reading) -> packages.Outcome:
    """Write a package into its folder. Raises a `Failure` where it can't be; the caller's transaction then ends."""
    workspace = workspace_rows.lock(tx, package.workspace_id)
    job = Apply(tx, workspace, package, folders.find(tx, workspace.id, package.folder_id), read)
    resolver = wiring.Resolver(tx, workspace, job.target.id)
    existing = _existing(job)
    paired = plans.pair(read.incoming, existing)
    names = adapters.settle(read.incoming, paired, resolver)
    incoming = [_as_kept(job, each, paired.get(each.path), names) for each in read.incoming]
    changes = plans.plan(incoming, paired, existing)
    if not package.options.restart_recipes:
        plans.refuse_running(changes)
    _write(job, changes, names)
    unresolved = _wire(job, changes)
    _tag(job, changes)
    _keep_state(job, changes)
    restarted = _restart(job, changes)
    results = tuple(_result(job, change, restarted) for change in changes)
    warnings = (*read.warnings, *unresolved)
    return packages.Outcome(packages.Status.COMPLETED, warnings=warnings, results=results)


def _existing(job: Apply) -> dict[plans.Place, list[assets.Asset]]:
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


def _place_id(job: Apply, place: plans.Place) -> int | None:
    """The folder of a place, None where it has yet to be made."""
    if place == plans.ROOT:
        return job.workspace.root_folder_id
    if place not in job.places:
        folder_id = folders.descend(job.tx, job.target.id, place)
        if folder_id is None:
            return None
        job.places[place] = folder_id
    return job.places[place]


def _candidates(job: Apply, place_id: int, kind: str, group: Sequence[bundles.Incoming]) -> list[assets.Asset]:
    names = {each.facts.name for each in group}
    stems = {each.stem for each in group}
    found = {asset.id: asset for asset in asset_rows.named(job.tx, job.workspace.id, kind, names, place_id)}
    at_stems = asset_rows.at_stems(job.tx, job.workspace.id, place_id, kind, stems)
    for asset in at_stems:
        if asset.id not in found:
            numbered = asset_rows.numbered(job.tx, job.workspace.id, place_id, kind, asset.stem)
            found |= {other.id: other for other in [asset, *numbered]}
    return list(found.values())


def _as_kept(
    job: Apply, incoming: bundles.Incoming, here: assets.Asset | None, names: adapters.Names
) -> bundles.Incoming:
    """An arrival with the document that will be kept, where that is not the one that arrived."""
    changed: bytes | None = None
    if renames := names.renames.get(incoming.path):
        text = _content(job, incoming).decode()
        for old, new in renames:
            text = references.rename_provider(text, old, new)
        changed = text.encode()
    elif incoming.facts.structure and not (here and plans.has_arrived(incoming, here)):
        changed = reading.structure(_content(job, incoming))
    elif incoming.kind in assets.PROPERTIES and here and incoming.arrived != here.arrived:
        changed = _with_keys_of(job, incoming, here)
    if changed is None:
        return incoming
    digest = bundles.digest(changed)
    job.derived[digest] = changed
    return plans.with_content(incoming, digest)


def _content(job: Apply, incoming: bundles.Incoming) -> bytes:
    return job.read.archive.inflate(job.read.sources[incoming.arrived.digest].entry)


def _with_keys_of(job: Apply, incoming: bundles.Incoming, here: assets.Asset) -> bytes | None:
    """A property file never takes names away: those that are here come first, then those that arrive."""
    facts = document_rows.facts(job.tx, [here.content.digest])[here.content.digest, here.kind]
    keys = list(dict.fromkeys([*facts.keys, *incoming.facts.keys]))
    if set(keys) == set(incoming.facts.keys):
        return None
    if set(keys) == set(facts.keys):
        return bundles.inflate(document_rows.packed(job.tx, here.content.digest))
    return property_file(incoming.kind, keys).encode()


def property_file(kind: str, keys: Iterable[str]) -> str:
    """The document of a property file that declares these names."""
    declared: dict[str, documents.Value] = dict.fromkeys(keys)
    return documents.spell(declared if kind == assets.ACCOUNT_PROPERTIES else {"data": declared})


def _write(job: Apply, changes: Sequence[plans.Change], names: adapters.Names) -> None:
    _keep_documents(job, changes)
    for place in sorted({change.incoming.folder for change in changes}):
        _ensure_folder(job, place)
    found = [change for change in changes if not isinstance(change, plans.Create)]
    asset_rows.make_way(job.tx, [change.existing for change in found if change.stem != change.existing.stem])
    creates = [change for change in changes if isinstance(change, plans.Create)]
    drafts = [_draft(job, change, names, None) for change in creates]
    made = asset_rows.create(job.tx, job.workspace.id, drafts, job.author)
    job.written |= {change.incoming.path: pair for change, pair in zip(creates, made, strict=True)}
    updates = [change for change in changes if isinstance(change, plans.Update)]
    revisions = [(change.existing, _draft(job, change, names, change.existing)) for change in updates]
    revised = asset_rows.revise(job.tx, revisions, job.author)
    job.written |= {change.incoming.path: pair for change, pair in zip(updates, revised, strict=True)}
    moved = [change for change in changes if isinstance(change, plans.Keep) and change.stem != change.existing.stem]
    asset_rows.place(job.tx, [(each.existing, _draft(job, each, names, each.existing)) for each in moved])


def _keep_documents(job: Apply, changes: Sequence[plans.Change]) -> None:
    needed: set[str] = set()
    for change in changes:
        if not isinstance(change, plans.Keep):
            for content in (change.incoming.arrived, change.incoming.content):
                needed |= {content.digest, *(digest for _, digest in content.sidecars)}
    known = document_rows.known(job.tx, list(needed))
    document_rows.add(job.tx, (_packed(job, digest) for digest in sorted(needed - known)))
    written = [change.incoming for change in changes if not isinstance(change, plans.Keep)]
    document_rows.describe(job.tx, (described for each in written for described in _described(job, each)))


def _described(job: Apply, incoming: bundles.Incoming) -> Iterator[tuple[str, str, bundles.Facts]]:
    yield incoming.arrived.digest, incoming.kind, incoming.facts
    if incoming.content != incoming.arrived:
        text = job.derived[incoming.content.digest].decode()
        yield incoming.content.digest, incoming.kind, bundles.describe_text(incoming.kind, incoming.path, text)


def _packed(job: Apply, digest: str) -> bundles.Packed:
    if digest in job.derived:
        return writer.deflate(job.derived[digest])
    entry = job.read.sources[digest].entry
    return job.read.archive.pack(entry, digest)


def _ensure_folder(job: Apply, path: str) -> None:
    step = job.target
    done = ""
    for name in path.split("/") if path else ():
        done = f"{done}/{name}" if done else name
        folder_id = folders.descend(job.tx, step.id, name)
        try:
            step = (
                folders.find(job.tx, job.workspace.id, folder_id) if folder_id else folders.create(job.tx, step, name)
            )
        except errors.Invalid as e:
            raise errors.Invalid.listing([errors.Issue(f"{done}/", e.message)]) from e
    job.places[path] = step.id


def _draft(job: Apply, change: plans.Change, names: adapters.Names, here: assets.Asset | None) -> assets.Draft:
    incoming = change.incoming
    has_rows = incoming.facts.structure is not None
    provider = names.by_path.get(incoming.path) or names.connections.get(incoming.path) or incoming.facts.provider
    return assets.Draft(
        kind=incoming.kind,
        name=incoming.facts.name,
        stem=change.stem,
        folder_id=here.folder_id if here else _folder_id(job, incoming),
        place_id=job.workspace.root_folder_id if incoming.at_root else job.places[incoming.folder],
        content=incoming.content,
        arrived=incoming.arrived,
        provider=provider,
        rows_digest=incoming.arrived.digest if has_rows else here.rows_digest if here else None,
    )


def _folder_id(job: Apply, incoming: bundles.Incoming) -> int:
    """Shared connections live in the workspace's root, or in the folder that the request names for them."""
    if incoming.at_root and incoming.facts.root_folder:
        return job.package.options.folder_id_for_home_assets or job.workspace.root_folder_id
    return job.places[incoming.folder]


def _wire(job: Apply, changes: Sequence[plans.Change]) -> list[str]:
    """Link every reference to what it meets; returns a sentence for each that meets nothing."""
    arriving = {change.incoming.path: _asset(job, change).id for change in changes}
    resolver = wiring.Resolver(job.tx, job.workspace, job.target.id, arriving)
    kept = [change.existing.id for change in changes if isinstance(change, plans.Keep)]
    version_ids = asset_rows.version_ids(job.tx, kept)
    before = asset_rows.links(job.tx, version_ids.values())
    linked: dict[int, dict[int, int]] = {}
    assumed: set[tuple[int, int]] = asset_rows.assumed(job.tx, version_ids.values())
    unresolved: list[str] = []
    for change in changes:
        facts = change.incoming.facts
        version_id = _version_id(job, change, version_ids)
        targets = before.get(version_id, {})
        if len(targets) < len(facts.refers_to):
            found = resolver.targets(facts) | targets
            if found != targets:
                linked[version_id] = found
            targets = found
        for position, reference in enumerate(facts.refers_to):
            if reference in resolver.assumed:
                assumed.add((version_id, position))
            if position not in targets:
                unresolved.append(f"{change.incoming.path}: {reference} is neither in the package nor here")
    asset_rows.link_all(job.tx, linked, assumed)
    return unresolved


def _version_id(job: Apply, change: plans.Change, kept: Mapping[int, int]) -> int:
    return kept[change.existing.id] if isinstance(change, plans.Keep) else job.written[change.incoming.path][1]


def _asset(job: Apply, change: plans.Change) -> assets.Asset:
    return change.existing if isinstance(change, plans.Keep) else job.written[change.incoming.path][0]


def _tag(job: Apply, changes: Sequence[plans.Change]) -> None:
    """Assets whose documents list tags bear exactly these; where nobody asked for tags, none were read."""
    said = {change.incoming.path: _asset(job, change).id for change in changes}
    tags.arrive(job.tx, job.workspace.id, {said[path]: titles for path, titles in job.read.tags.items()})


def _keep_state(job: Apply, changes: Sequence[plans.Change]) -> None:
    """What each kind keeps beside its documents: run state, credentials, rows, property values."""
    created, updated = _used_apps(job, changes, plans.Create), _used_apps(job, changes, plans.Update)
    recipes.add(job.tx, created)
    recipes.describe(job.tx, updated)
    new = [change for change in changes if isinstance(change, plans.Create)]
    connections.add(job.tx, [_asset(job, each).id for each in new if each.incoming.kind == assets.CONNECTION])
    adapted = [_asset(job, change) for change in changes if change.incoming.kind == assets.CUSTOM_ADAPTER]
    custom_connectors.release_all(job.tx, adapted)
    for change in changes:
        if not isinstance(change, plans.Keep):
            _keep_rows(job, change)
            _keep_properties(job, change.incoming)


def _used_apps(
    job: Apply, changes: Iterable[plans.Change], how: type[plans.Change]
) -> dict[int, tuple[str | None, Sequence[str]]]:
    return {
        _asset(job, change).id: (change.incoming.facts.trigger, change.incoming.facts.applications)
        for change in changes
        if isinstance(change, how) and change.incoming.kind == assets.RECIPE
    }


def _keep_rows(job: Apply, change: plans.Change) -> None:
    """Rows that arrive replace those that are here; without them, those of a lookup table follow its columns."""
    if change.incoming.facts.structure:
        value = bundles.parse_text(_content(job, change.incoming).decode())
        parse = data_tables.parse if change.incoming.kind == assets.DATA_TABLE else tables.parse
        rows.replace(job.tx, _asset(job, change).id, parse(str(value["data"])))
    elif isinstance(change, plans.Update) and change.existing.kind == assets.LOOKUP_TABLE:
        before = bundles.inflate(document_rows.packed(job.tx, change.existing.content.digest))
        values = (bundles.parse_text(before.decode()), bundles.parse_text(_content(job, change.incoming).decode()))
        lookup_tables.carry(job.tx, change.existing.id, values)


def _keep_properties(job: Apply, incoming: bundles.Incoming) -> None:
    if incoming.kind == assets.ACCOUNT_PROPERTIES:
        properties.declare(job.tx, job.workspace.root_folder_id, incoming.facts.keys)
    elif incoming.kind == assets.PROJECT_PROPERTIES:
        project = wiring.project_folder(job.tx, job.workspace, job.places[incoming.folder])
        properties.declare(job.tx, project, incoming.facts.keys)


def _restart(job: Apply, changes: Sequence[plans.Change]) -> set[int]:
    """Point running recipes at their new versions. One that can't run its new version refuses the whole import."""
    running = [change for change in changes if isinstance(change, plans.Update) and change.existing.running]
    issues = [issue for change in running for issue in _cannot_run(job, change)]
    if issues:
        raise errors.Invalid.listing(issues)
    recipes.run(job.tx, {change.existing.id: job.written[change.incoming.path][1] for change in running})
    return {change.existing.id for change in running}


def _cannot_run(job: Apply, change: plans.Update) -> Iterator[errors.Issue]:
    refusal = starting.check(job.tx, job.workspace, job.written[change.incoming.path][0])
    for problem in refusal.all:
        what = f"can't run its new version: step {problem.step}: {problem.path}: {problem.message}"
        yield errors.Issue(change.incoming.path, what)


def _result(job: Apply, change: plans.Change, restarted: set[int]) -> packages.Result:
    asset = _asset(job, change)
    before = None if isinstance(change, plans.Create) else change.existing.version_no
    outcome = packages.ImportResult.RESTARTED if asset.id in restarted else packages.ImportResult.UNTOUCHED
    return packages.Result(
        asset_id=asset.id,
        kind=change.incoming.kind,
        path=change.incoming.path,
        name=change.incoming.facts.name,
        action=_ACTIONS[type(change)],
        version_before=before,
        version_after=asset.version_no,
        digest=change.incoming.content.digest,
        import_result=outcome if change.incoming.kind == assets.RECIPE else None,
    )


_ACTIONS = {
    plans.Create: packages.Action.CREATED,
    plans.Update: packages.Action.UPDATED,
    plans.Keep: packages.Action.UNCHANGED,
}
