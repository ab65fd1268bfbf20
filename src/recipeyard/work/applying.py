"""Apply a package that was read: decide the plan against the workspace as it is, write all of it, in one transaction.

Whatever is wrong raises before the transaction commits, so that nothing of the package happens.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from recipeyard.archive import writer
from recipeyard.model import assets, bundles, data_tables, errors, packages, plans, tables, workspaces
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import connections, database, folders, properties, recipes, rows
from recipeyard.sql import documents as document_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import custom_connectors, linking, lookup_tables, planning, reading, starting, tags, wiring
from recipeyard.work import data_tables as data_table_deeds

ROWS_AT_ONCE = 20_000


def apply(tx: database.Tx, package: packages.Package, read: reading.Reading) -> packages.Outcome:
    """Write a package into its folder. Raises a `Failure` where it can't be; the caller's transaction then ends."""
    workspace = workspace_rows.lock(tx, package.workspace_id)
    job = planning.Import(tx, workspace, package, _target(tx, package), read)
    changes = planning.decide(job)
    if not package.options.restart_recipes:
        plans.refuse_running(changes)
    _write(job, changes)
    linked = linking.link(job, changes)
    if not package.options.restart_recipes:
        plans.refuse_rewired(linked.rewired)
    _tag(job, changes)
    _keep_state(job, changes)
    restarted = _restart(job, changes, linked.rewired)
    linking.heal(tx, workspace, [asset for asset, _ in job.written.values()])
    results = tuple(_result(job, change, restarted) for change in changes)
    warnings = (*read.warnings, *linked.unresolved, *linking.unnamed(job, changes))
    return packages.Outcome(packages.Status.COMPLETED, warnings=warnings, results=results)


def _target(tx: database.Tx, package: packages.Package) -> workspaces.Folder:
    try:
        return folders.find(tx, package.workspace_id, package.folder_id)
    except errors.NotFound as e:
        raise errors.NotFound(f"the folder {package.folder_id} that the package was imported into is gone") from e


def _write(job: planning.Import, changes: Sequence[plans.Change]) -> None:
    _keep_documents(job, changes)
    for place in sorted({change.incoming.folder for change in changes}):
        _ensure_folder(job, place)
    found = [change for change in changes if not isinstance(change, plans.Create)]
    asset_rows.make_way(job.tx, [change.existing for change in found if change.stem != change.existing.stem])
    creates = [change for change in changes if isinstance(change, plans.Create)]
    drafts = [_draft(job, change, None) for change in creates]
    made = asset_rows.create(job.tx, job.workspace.id, drafts, job.author)
    job.written |= {change.incoming.path: pair for change, pair in zip(creates, made, strict=True)}
    updates = [change for change in changes if isinstance(change, plans.Update)]
    revisions = [(change.existing, _draft(job, change, change.existing)) for change in updates]
    revised = asset_rows.revise(job.tx, revisions, job.author)
    job.written |= {change.incoming.path: pair for change, pair in zip(updates, revised, strict=True)}
    moved = [change for change in changes if isinstance(change, plans.Keep) and change.stem != change.existing.stem]
    asset_rows.place(job.tx, [(each.existing, _draft(job, each, each.existing)) for each in moved])


def _keep_documents(job: planning.Import, changes: Sequence[plans.Change]) -> None:
    needed: set[str] = set()
    for change in changes:
        if not isinstance(change, plans.Keep):
            for content in (change.incoming.arrived, change.incoming.content):
                needed |= {content.digest, *(digest for _, digest in content.sidecars)}
    known = document_rows.known(job.tx, list(needed))
    document_rows.add(job.tx, (_packed(job, digest) for digest in sorted(needed - known)))
    written = [change.incoming for change in changes if not isinstance(change, plans.Keep)]
    document_rows.describe(job.tx, (described for each in written for described in _described(job, each)))


def _described(job: planning.Import, incoming: bundles.Incoming) -> Iterator[tuple[str, str, bundles.Facts]]:
    yield incoming.arrived.digest, incoming.kind, job.read.facts[incoming.arrived.digest, incoming.kind]
    if incoming.content != incoming.arrived:
        text = job.derived[incoming.content.digest].decode()
        yield incoming.content.digest, incoming.kind, bundles.describe_text(incoming.kind, incoming.path, text)


def _packed(job: planning.Import, digest: str) -> bundles.Packed:
    if digest in job.derived:
        return writer.deflate(job.derived[digest])
    entry = job.read.sources[digest].entry
    return job.read.archive.pack(entry, digest)


def _ensure_folder(job: planning.Import, path: str) -> None:
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


def _draft(job: planning.Import, change: plans.Change, here: assets.Asset | None) -> assets.Draft:
    incoming = change.incoming
    has_rows = incoming.facts.structure is not None
    return assets.Draft(
        kind=incoming.kind,
        name=incoming.facts.name,
        stem=change.stem,
        folder_id=here.folder_id if here else _folder_id(job, incoming),
        place_id=job.workspace.root_folder_id if incoming.at_root else job.places[incoming.folder],
        content=incoming.content,
        arrived=incoming.arrived,
        provider=planning.provider(job, incoming),
        rows_digest=incoming.arrived.digest if has_rows else here.rows_digest if here else None,
    )


def _folder_id(job: planning.Import, incoming: bundles.Incoming) -> int:
    """Shared connections live in the workspace's root, or in the folder that the request names for them."""
    if incoming.at_root and incoming.facts.root_folder:
        return job.package.options.folder_id_for_home_assets or job.workspace.root_folder_id
    return job.places[incoming.folder]


def _tag(job: planning.Import, changes: Sequence[plans.Change]) -> None:
    """Assets whose documents list tags bear exactly these; where nobody asked for tags, none were read."""
    said = {change.incoming.path: job.asset(change).id for change in changes}
    tags.arrive(job.tx, job.workspace.id, {said[path]: titles for path, titles in job.read.tags.items()})


def _keep_state(job: planning.Import, changes: Sequence[plans.Change]) -> None:
    """What each kind keeps beside its documents: run state, credentials, rows, property values."""
    created, updated = _used_apps(job, changes, plans.Create), _used_apps(job, changes, plans.Update)
    recipes.add(job.tx, created)
    recipes.describe(job.tx, updated)
    new = [change for change in changes if isinstance(change, plans.Create)]
    connections.add(job.tx, [job.asset(each).id for each in new if each.incoming.kind == assets.CONNECTION])
    adapted = [job.asset(change) for change in changes if change.incoming.kind == assets.CUSTOM_ADAPTER]
    custom_connectors.release_all(job.tx, adapted)
    _begin_rows(job, new)
    for change in changes:
        if not isinstance(change, plans.Keep):
            _keep_rows(job, change)
            _keep_properties(job, change.incoming)
            _keep_description(job, change.incoming)


def _used_apps(
    job: planning.Import, changes: Iterable[plans.Change], how: type[plans.Change]
) -> dict[int, tuple[str | None, Sequence[str]]]:
    return {
        job.asset(change).id: (change.incoming.facts.trigger, change.incoming.facts.applications)
        for change in changes
        if isinstance(change, how) and change.incoming.kind == assets.RECIPE
    }


def _begin_rows(job: planning.Import, new: Iterable[plans.Create]) -> None:
    """The rows of new tables, many tables at once."""
    fresh: dict[int, Sequence[Any]] = {}
    count = 0
    for change in new:
        if change.incoming.facts.structure:
            fresh[job.asset(change).id] = arrived = _rows(job, change.incoming)
            count += len(arrived)
        if count > ROWS_AT_ONCE:
            rows.begin(job.tx, fresh)
            fresh, count = {}, 0
    rows.begin(job.tx, fresh)


def _rows(job: planning.Import, incoming: bundles.Incoming) -> Sequence[Any]:
    value = bundles.parse_text(planning.content(job, incoming).decode())
    return (data_tables.parse if incoming.kind == assets.DATA_TABLE else tables.parse)(str(value["data"]))


def _keep_rows(job: planning.Import, change: plans.Create | plans.Update) -> None:
    """Rows that arrive replace those that are here; without them, those that are here follow their columns."""
    asset = job.asset(change)
    if asset.kind not in assets.TABLES or isinstance(change, plans.Create):
        return
    if change.incoming.facts.structure:
        rows.replace(job.tx, asset.id, _rows(job, change.incoming))
    else:
        value = bundles.parse_text(planning.content(job, change.incoming).decode())
        packed = document_rows.packed(job.tx, change.existing.content.digest)
        before = bundles.parse_text(bundles.inflate(packed).decode())
        follow = data_table_deeds.carry if asset.kind == assets.DATA_TABLE else lookup_tables.carry
        follow(job.tx, asset.id, before, value)


def _keep_properties(job: planning.Import, incoming: bundles.Incoming) -> None:
    if incoming.kind == assets.ACCOUNT_PROPERTIES:
        properties.declare(job.tx, job.workspace.root_folder_id, incoming.facts.keys)
    elif incoming.kind == assets.PROJECT_PROPERTIES:
        project = wiring.project_folder(job.tx, job.workspace, job.places[incoming.folder])
        properties.declare(job.tx, project, incoming.facts.keys)


def _keep_description(job: planning.Import, incoming: bundles.Incoming) -> None:
    """A project that nobody has described yet takes the description that its package brings."""
    if incoming.kind != assets.PROJECT or incoming.folder or not job.target.is_project or not job.target.project_id:
        return
    description = bundles.parse_text(planning.content(job, incoming).decode()).get("description")
    project = folders.find_project(job.tx, job.workspace.id, job.target.project_id)
    if isinstance(description, str) and not project.description:
        folders.describe_project(job.tx, project, description)


def _restart(job: planning.Import, changes: Sequence[plans.Change], rewired: Sequence[plans.Keep]) -> set[int]:
    """Point running recipes at their new versions. One that can't run as it is now refuses the whole import."""
    updated = [change for change in changes if isinstance(change, plans.Update) and change.existing.running]
    running: list[plans.Update | plans.Keep] = [*updated, *[each for each in rewired if each.existing.running]]
    issues = [issue for change in running for issue in _cannot_run(job, change)]
    if issues:
        raise errors.Invalid.listing(issues)
    recipes.run(job.tx, {change.existing.id: job.written[change.incoming.path][1] for change in updated})
    return {change.existing.id for change in running}


def _cannot_run(job: planning.Import, change: plans.Update | plans.Keep) -> Iterator[errors.Issue]:
    refusal = starting.check(job.tx, job.workspace, job.asset(change))
    for problem in refusal.all:
        what = f"can't run its new version: step {problem.step}: {problem.path}: {problem.message}"
        yield errors.Issue(change.incoming.path, what)


def _result(job: planning.Import, change: plans.Change, restarted: set[int]) -> packages.Result:
    asset = job.asset(change)
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
