"""Apply a package that was read: decide the plan against the workspace as it is, write all of it, in one transaction.

Whatever is wrong raises before the transaction commits, so that nothing of the package happens.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from recipeyard.archive import writer
from recipeyard.model import assets, bundles, errors, packages, plans, proposals, workspaces
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import connections, database, folders, properties, recipes, rows
from recipeyard.sql import documents as document_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import (
    bound_values,
    custom_connectors,
    imports,
    inspecting,
    linking,
    lookup_tables,
    planning,
    proposing,
    pruning,
    reading,
    recording,
    row_overlays,
    starting,
    tags,
)
from recipeyard.work import data_tables as data_table_deeds
from recipeyard.work.running import listening

ROWS_AT_ONCE = 20_000


def apply(tx: database.Tx, order: imports.Order, read: reading.Reading) -> recording.Applied:
    """Write a package into its folder. The caller ends the transaction where anything raises or blocks."""
    workspace = workspace_rows.lock(tx, order.workspace_id)
    job = imports.Import(tx, workspace, order, _target(tx, order), read, recording.Recorder(tx))
    changes = planning.decide(job)
    job.warnings += read.warnings
    lines = proposing.lines(job, changes)
    inspecting.inspect(job, changes)
    if not order.options.restart_recipes:
        job.blockers += [*plans.running(changes), *pruning.running(job.deletes)]
    _write(job, changes)
    linked = linking.link(job, changes)
    if not order.options.restart_recipes:
        job.blockers += plans.rewired(change for change, _ in linked.rewired)
    _tag(job, changes)
    _keep_state(job, changes)
    restarted = _restart(job, changes, linked)
    healing = [*(asset for asset, _ in job.written.values()), *job.placed.values()]
    linking.heal(tx, workspace, healing, job.recorder.before)
    _note_missing(job, [*linked.unresolved, *linking.unnamed(job, changes)])
    job.warnings += linking.called_otherwise(job, changes)
    users = _delete(job)
    inspecting.try_out(job, changes)
    results = tuple(_result(job, change, restarted) for change in changes)
    outcome = packages.Outcome(
        status=packages.Status.FAILED if restarted.refused else packages.Status.COMPLETED,
        error_parts=tuple(f"{notice} (applied; it is left stopped)" for notice in restarted.refused),
        issues=tuple(notice.issue for notice in restarted.refused),
        warnings=tuple(str(notice) for notice in job.warnings),
        results=(*results, *pruning.results(job.deletes)),
    )
    content = proposing.content(job, changes, lines, (linked, restarted.ids, users))
    return recording.Applied(outcome, content, job.recorder)


def rehearse(tx: database.Tx, order: imports.Order, read: reading.Reading) -> proposals.Content:
    """What `apply` would do. It is done, in a transaction of which nothing stays."""
    return recording.rehearsed(lambda: apply(tx, order, read))


def _target(tx: database.Tx, order: imports.Order) -> workspaces.Folder:
    home_id = order.options.folder_id_for_home_assets
    if home_id is not None and not folders.exists(tx, order.workspace_id, home_id):
        raise errors.NotFound(f"the folder {home_id} that was named for shared assets is gone")
    try:
        return folders.find(tx, order.workspace_id, order.folder_id)
    except errors.NotFound as e:
        raise errors.NotFound(f"the folder {order.folder_id} that the package was imported into is gone") from e


def _write(job: imports.Import, changes: Sequence[plans.Change]) -> None:
    _keep_documents(job, changes)
    for place in sorted({change.incoming.folder for change in changes}):
        _ensure_folder(job, place)
    found = [change for change in changes if not isinstance(change, plans.Create)]
    moving = [each for each in found if each.stem != each.existing.stem or each.incoming.path in job.renamed]
    touched = [*moving, *(each for each in found if isinstance(each, plans.Update))]
    job.recorder.before([change.existing.id for change in touched])
    going = [each.existing for each in job.deletes]
    job.recorder.before_delete(asset.id for asset in going)
    asset_rows.make_way(job.tx, [*(change.existing for change in moving), *going])
    creates = [change for change in changes if isinstance(change, plans.Create)]
    drafts = [_draft(job, change, None) for change in creates]
    made = asset_rows.create(job.tx, job.workspace.id, drafts, job.author)
    job.recorder.made(asset for asset, _ in made)
    job.written |= {change.incoming.path: pair for change, pair in zip(creates, made, strict=True)}
    updates = [change for change in changes if isinstance(change, plans.Update)]
    revisions = [(change.existing, _draft(job, change, change.existing)) for change in updates]
    revised = asset_rows.revise(job.tx, revisions, job.author)
    job.written |= {change.incoming.path: pair for change, pair in zip(updates, revised, strict=True)}
    _place(job, [change for change in moving if isinstance(change, plans.Keep)])


def _place(job: imports.Import, moved: Sequence[plans.Keep]) -> None:
    """Let assets stand where they are to, under the names they are to have; their documents stay."""
    drafts = [_draft(job, change, change.existing) for change in moved]
    asset_rows.place(job.tx, [(change.existing, draft) for change, draft in zip(moved, drafts, strict=True)])
    for change, draft in zip(moved, drafts, strict=True):
        here = replace(change.existing, name=draft.name, stem=draft.stem)
        job.placed[change.incoming.path] = replace(here, folder_id=draft.folder_id, place_id=draft.place_id)


def _keep_documents(job: imports.Import, changes: Sequence[plans.Change]) -> None:
    needed: set[str] = set()
    for change in changes:
        if not isinstance(change, plans.Keep):
            for content in (change.incoming.arrived, change.incoming.content):
                needed |= {content.digest, *(digest for _, digest in content.sidecars)}
    alone = {verdict.alone for verdict in job.verdicts.values() if verdict.alone}
    job.recorder.held |= alone
    needed |= alone
    known = document_rows.known(job.tx, list(needed))
    document_rows.add(job.tx, (_packed(job, digest) for digest in sorted(needed - known)))
    written = [change.incoming for change in changes if not isinstance(change, plans.Keep)]
    document_rows.describe(job.tx, (described for each in written for described in _described(job, each)))


def _described(job: imports.Import, incoming: bundles.Incoming) -> Iterator[tuple[str, str, bundles.Facts]]:
    yield incoming.arrived.digest, incoming.kind, job.read.facts[incoming.arrived.digest, incoming.kind]
    if incoming.content != incoming.arrived:
        text = job.derived[incoming.content.digest].decode()
        yield incoming.content.digest, incoming.kind, bundles.describe_text(incoming.kind, incoming.path, text)


def _packed(job: imports.Import, digest: str) -> bundles.Packed:
    if digest in job.derived:
        return writer.deflate(job.derived[digest])
    entry = job.read.sources[digest].entry
    return job.read.archive.pack(entry, digest)


def _ensure_folder(job: imports.Import, path: str) -> None:
    step = job.target
    done = ""
    for name in path.split("/") if path else ():
        done = f"{done}/{name}" if done else name
        folder_id = folders.descend(job.tx, step.id, name)
        try:
            step = folders.find(job.tx, job.workspace.id, folder_id) if folder_id else _make_folder(job, step, name)
        except errors.Invalid as e:
            raise errors.Invalid.listing([errors.Issue(f"{done}/", e.message)]) from e
    job.places[path] = step.id


def _make_folder(job: imports.Import, parent: workspaces.Folder, name: str) -> workspaces.Folder:
    made = folders.create(job.tx, parent, name)
    job.recorder.folders.append(made.id)
    return made


def _draft(job: imports.Import, change: plans.Change, here: assets.Asset | None) -> assets.Draft:
    incoming = change.incoming
    place_id = job.workspace.root_folder_id if incoming.at_root else job.places[incoming.folder]
    return assets.Draft(
        kind=incoming.kind,
        name=incoming.facts.name,
        stem=change.stem,
        folder_id=here.folder_id if here and here.place_id == place_id else _folder_id(job, incoming),
        place_id=place_id,
        content=incoming.content,
        arrived=incoming.arrived,
        provider=imports.provider(job, incoming),
        rows_digest=_rows_digest(job, incoming, here),
    )


def _rows_digest(job: imports.Import, incoming: bundles.Incoming, here: assets.Asset | None) -> str | None:
    """The document whose rows a table has from now on, None where they are nobody's but its own."""
    if settled := job.overlays.get(incoming.path):
        return settled.rows_digest
    if incoming.facts.structure is not None:
        return incoming.arrived.digest
    return here.rows_digest if here else None


def _folder_id(job: imports.Import, incoming: bundles.Incoming) -> int:
    """Shared connections live in the workspace's root, or in the folder that the request names for them."""
    if incoming.at_root and incoming.facts.root_folder:
        return job.order.options.folder_id_for_home_assets or job.workspace.root_folder_id
    return job.places[incoming.folder]


def _tag(job: imports.Import, changes: Sequence[plans.Change]) -> None:
    """Assets whose documents list tags bear exactly these; where nobody asked for tags, none were read."""
    said = {change.incoming.path: job.asset(change).id for change in changes}
    wanted = {said[path]: titles for path, titles in job.read.tags.items() if path not in job.answers.met}
    job.tagged = tags.differing(job.tx, wanted)
    job.recorder.before(job.tagged)
    tags.arrive(job.tx, job.workspace.id, wanted)


def _keep_state(job: imports.Import, changes: Sequence[plans.Change]) -> None:
    """What each kind keeps beside its documents: run state, credentials, rows, property values."""
    created, updated = _used_apps(job, changes, plans.Create), _used_apps(job, changes, plans.Update)
    recipes.add(job.tx, created)
    recipes.describe(job.tx, updated)
    new = [change for change in changes if isinstance(change, plans.Create)]
    connections.add(job.tx, [job.asset(each).id for each in new if each.incoming.kind == assets.CONNECTION])
    adapted = [each for each in changes if each.incoming.kind == assets.CUSTOM_ADAPTER]
    free = [job.asset(each) for each in adapted if each.incoming.path not in job.answers.met]
    custom_connectors.release_all(job.tx, free)
    _begin_rows(job, new)
    for change in changes:
        if not isinstance(change, plans.Keep):
            _keep_rows(job, change)
            _keep_properties(job, change.incoming)
            _keep_description(job, change.incoming)
    job.valued = bound_values.put(job, changes)


def _note_missing(job: imports.Import, missing: Sequence[proposals.Notice]) -> None:
    """References may mean nothing for now, but where all that is depended on must be here."""
    if job.order.options.dependencies is packages.Dependencies.REQUIRE:
        job.blockers += missing
    else:
        job.warnings += missing


def _delete(job: imports.Import) -> pruning.Users:
    """Let go what the package's folder no longer has. Who would still need it stands in the way, and is told."""
    users = pruning.users(job.tx, job.workspace, job.deletes)
    job.blockers += [*pruning.in_use(job.deletes, users), *pruning.unended(job.tx, job.deletes)]
    job.recorder.delete([each.existing.id for each in job.deletes])
    return users


def _used_apps(
    job: imports.Import, changes: Iterable[plans.Change], how: type[plans.Change]
) -> dict[int, tuple[str | None, Sequence[str]]]:
    return {
        job.asset(change).id: (change.incoming.facts.trigger, change.incoming.facts.applications)
        for change in changes
        if isinstance(change, how) and change.incoming.kind == assets.RECIPE
    }


def _begin_rows(job: imports.Import, new: Iterable[plans.Create]) -> None:
    """The rows of new tables, many tables at once."""
    fresh: dict[int, Sequence[Any]] = {}
    count = 0
    for change in new:
        if change.incoming.facts.structure:
            settled = job.overlays.get(change.incoming.path)
            arrived = settled.after if settled else imports.rows_of(job, change.incoming)
            fresh[job.asset(change).id] = arrived
            count += len(arrived)
        if count > ROWS_AT_ONCE:
            rows.begin(job.tx, fresh)
            fresh, count = {}, 0
    rows.begin(job.tx, fresh)


def _keep_rows(job: imports.Import, change: plans.Create | plans.Update) -> None:
    """Rows that arrive replace those that are here, unless a rule lays them over; those that stay follow columns."""
    asset = job.asset(change)
    if asset.kind not in assets.TABLES or isinstance(change, plans.Create):
        return
    settled = job.overlays.get(change.incoming.path)
    if change.incoming.facts.structure and (settled is None or settled.replaces):
        rows.replace(job.tx, asset.id, imports.rows_of(job, change.incoming))
    else:
        value = bundles.parse_text(imports.content(job, change.incoming).decode())
        packed = document_rows.packed(job.tx, change.existing.content.digest)
        before = bundles.parse_text(bundles.inflate(packed).decode())
        follow = data_table_deeds.carry if asset.kind == assets.DATA_TABLE else lookup_tables.carry
        follow(job.tx, asset.id, before, value)
    if settled and settled.overlay:
        row_overlays.write(job.tx, asset.id, settled)


def _keep_properties(job: imports.Import, incoming: bundles.Incoming) -> None:
    if incoming.kind in assets.PROPERTIES:
        at = imports.properties_at(job, incoming)
        job.recorder.before_properties(at, incoming.facts.keys)
        properties.declare(job.tx, at, incoming.facts.keys)


def _keep_description(job: imports.Import, incoming: bundles.Incoming) -> None:
    """A project that nobody has described yet takes the description that its package brings."""
    if incoming.kind != assets.PROJECT or incoming.folder or not job.target.is_project or not job.target.project_id:
        return
    description = bundles.parse_text(imports.content(job, incoming).decode()).get("description")
    project = folders.find_project(job.tx, job.workspace.id, job.target.project_id)
    if isinstance(description, str) and description and not project.description:
        job.recorder.descriptions[project.id] = project.description
        folders.describe_project(job.tx, project, description)


@dataclass(frozen=True, slots=True)
class _Restarted:
    """The recipes that run what they are now, by id; and why others can't, which are stopped."""

    ids: tuple[int, ...] = ()
    stopped: frozenset[int] = frozenset()
    refused: tuple[proposals.Notice, ...] = ()


def _restart(job: imports.Import, changes: Sequence[plans.Change], linked: linking.Linked) -> _Restarted:
    """Point running recipes at their new versions. What one that can't run means is the order's to say."""
    updated = [change for change in changes if isinstance(change, plans.Update) and change.existing.running]
    rewired = [change for change, _ in linked.rewired if change.existing.running]
    running: list[plans.Update | plans.Keep] = [*updated, *rewired]
    refused = {change.existing.id: list(_cannot_run(job, change)) for change in running}
    recipes.run(job.tx, {change.existing.id: job.written[change.incoming.path][1] for change in updated})
    stopped = [asset_id for asset_id, problems in refused.items() if problems]
    notices = tuple(notice for problems in refused.values() for notice in problems)
    ids = tuple(change.existing.id for change in running if change.existing.id not in stopped)
    if job.order.options.on_restart_failure is packages.RestartFailure.ROLLBACK:
        job.blockers += notices
        listening.listen(job.tx, ids)
        return _Restarted(ids)
    job.recorder.before(stopped)
    for asset_id in stopped:
        recipes.stop(job.tx, asset_id, "; ".join(notice.message for notice in refused[asset_id]))
    job.warnings += notices
    job.warnings += _called_in_vain(job, [change for change in running if change.existing.id in stopped])
    listening.listen(job.tx, [change.existing.id for change in running])
    return _Restarted(ids, frozenset(stopped), notices)


def _called_in_vain(job: imports.Import, stopped: Sequence[plans.Update | plans.Keep]) -> Iterator[proposals.Notice]:
    """Running recipes that call one which is left stopped: their calls fail until it starts."""
    for change in stopped:
        if callers := recipes.running_with(job.tx, change.existing.id):
            listed = ", ".join(repr(name) for name in callers)
            what = f"is left stopped, and running recipes call it: {listed}"
            yield proposals.Notice(proposals.Code.CANNOT_RUN, change.incoming.path, what)


def _cannot_run(job: imports.Import, change: plans.Update | plans.Keep) -> Iterator[proposals.Notice]:
    refusal = starting.check(job.tx, job.workspace, job.asset(change))
    for problem in refusal.all:
        what = f"can't run its new version: step {problem.step}: {problem.path}: {problem.message}"
        yield proposals.Notice(proposals.Code.CANNOT_RUN, change.incoming.path, what)


def _result(job: imports.Import, change: plans.Change, restarted: _Restarted) -> packages.Result:
    asset = job.asset(change)
    verdict = job.verdicts.get(change.incoming.path)
    before = None if isinstance(change, plans.Create) else change.existing.version_no
    outcome = packages.ImportResult.RESTARTED if asset.id in restarted.ids else packages.ImportResult.UNTOUCHED
    outcome = packages.ImportResult.STOPPED if asset.id in restarted.stopped else outcome
    return packages.Result(
        asset_id=asset.id,
        kind=change.incoming.kind,
        path=change.incoming.path,
        name=change.incoming.facts.name,
        action=packages.Action.RENAMED if change.incoming.path in job.renamed else _ACTIONS[type(change)],
        version_before=before,
        version_after=asset.version_no,
        digest=verdict.alone if verdict and verdict.alone else change.incoming.content.digest,
        import_result=outcome if change.incoming.kind == assets.RECIPE else None,
    )


_ACTIONS = {
    plans.Create: packages.Action.CREATED,
    plans.Update: packages.Action.UPDATED,
    plans.Keep: packages.Action.UNCHANGED,
}
