"""Write what a rollback has decided: what was made goes, what went comes back, what was changed is as it was."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from recipeyard.model import assets, field_diffs, packages, proposals, rollbacks, snapshots, workspaces
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import custom_connectors as release_rows
from recipeyard.sql import database, folders, recipes, restoring, rows
from recipeyard.sql import documents as document_rows
from recipeyard.sql import packages as package_rows
from recipeyard.sql import properties as property_rows
from recipeyard.sql import tags as tag_rows
from recipeyard.work import custom_connectors, imports, linking, recording, returning, starting, undo, undoing
from recipeyard.work.running import listening, unended


def apply(tx: database.Tx, order: imports.Order, package: packages.Package) -> recording.Applied:
    """Take a package back. The caller ends the transaction where anything raises or blocks."""
    job = undoing.decide(tx, order, package)
    told = undoing.content(job)
    for asset_id, what in unended.told(tx, job.deletes).items():
        job.blockers.append(job.notice(proposals.Code.RUNNING, asset_id, what))
    job.recorder.before(job.wanted)
    job.recorder.delete(job.deletes)
    returning.bring_back(job)
    versions = _restore(job)
    _keep_beside(job)
    _take_back_footprint(job)
    stopped = _run(job, versions)
    here = asset_rows.by_ids(tx, job.workspace.id, [*job.wanted, *job.wholes])
    linking.heal(tx, job.workspace, [here[each] for each in job.wholes if each in here], job.recorder.before)
    running = {each.id: each.name for each in here.values() if each.running}
    told = replace(
        told,
        changes=(*told.changes, *job.beside()),
        restarts=tuple(sorted(running.items())),
        blockers=tuple(dict.fromkeys([*told.blockers, *job.blockers])),
        warnings=tuple(dict.fromkeys([*told.warnings, *job.warnings])),
    )
    outcome = packages.Outcome(
        status=packages.Status.FAILED if stopped else packages.Status.COMPLETED,
        error_parts=tuple(f"{notice} (taken back; it is left stopped)" for notice in stopped),
        issues=tuple(notice.issue for notice in stopped),
        warnings=tuple(str(notice) for notice in job.warnings),
        results=_results(job, here, stopped),
    )
    return recording.Applied(outcome, told, job.recorder)


def rehearse(tx: database.Tx, order: imports.Order, package: packages.Package) -> proposals.Content:
    """What `apply` would do. It is done, in a transaction of which nothing stays."""
    return recording.rehearsed(lambda: apply(tx, order, package))


def _restore(job: undo.Undo) -> dict[int, int]:
    """Assets are as they were: a new version where their document is another one. Gives the current versions' ids."""
    gone = {asset.id for asset in job.moving}
    drafts = {each: _draft(job, each, state, moves=each in gone) for each, state in job.wanted.items()}
    changed: dict[int | None, list[tuple[assets.Asset, assets.Draft]]] = defaultdict(list)
    for asset_id, draft in drafts.items():
        here = job.here[asset_id]
        if (draft.content, draft.arrived) != (here.content, here.arrived):
            changed[job.wanted[asset_id].base_id].append((here, draft))
        else:
            asset_rows.place(job.tx, [(here, draft)])
    number = job.order.package_id
    for base_id, revisions in changed.items():
        asset_rows.revise(job.tx, revisions, asset_rows.Author(f"Package {number}", number, base_id))
    versions = asset_rows.version_ids(job.tx, job.wanted)
    restoring.wire(job.tx, {versions[each]: state.wires for each, state in job.wanted.items()})
    return versions


def _draft(job: undo.Undo, asset_id: int, state: snapshots.State, *, moves: bool) -> assets.Draft:
    is_there = folders.exists(job.tx, job.workspace.id, state.folder_id)
    at = (
        state
        if is_there
        else replace(state, folder_id=job.now[asset_id].folder_id, place_id=job.now[asset_id].place_id)
    )
    if not is_there:
        job.warnings.append(job.notice(proposals.Code.KEPT, asset_id, "stays where it is: its folder is gone"))
    return assets.Draft(
        kind=at.kind,
        name=at.name,
        stem=returning.free_stem(job, at) if moves else at.stem,
        folder_id=at.folder_id,
        place_id=at.place_id,
        content=assets.Content(at.digest, at.sidecars),
        arrived=assets.Content(at.arrived_digest, at.sidecars),
        provider=at.provider,
        rows_digest=at.rows_digest,
    )


def _keep_beside(job: undo.Undo) -> None:
    """What assets keep beside their documents: the apps of recipes, rows, tags, releases."""
    digests = [state.digest for state in job.wanted.values() if state.kind == assets.RECIPE]
    facts = document_rows.facts(job.tx, digests)
    apps = {each: facts[state.digest, state.kind] for each, state in job.wanted.items() if state.kind == assets.RECIPE}
    recipes.describe(job.tx, {each: (found.trigger, found.applications) for each, found in apps.items()})
    for asset_id, state in job.wanted.items():
        now = job.now[asset_id]
        if state.rows and rollbacks.differs(rollbacks.Facet.ROWS, now, state):
            rows.put_back(job.tx, asset_id, undo.rows_in(job.tx, state.rows))
        if state.tag_ids != now.tag_ids:
            tag_rows.take(job.tx, [asset_id])
            tag_rows.assign(job.tx, [(asset_id, tag_id) for tag_id in tag_rows.titles(job.tx, state.tag_ids)])
    adapters = {each: state for each, state in job.wanted.items() if state.kind == assets.CUSTOM_ADAPTER}
    here = asset_rows.by_ids(job.tx, job.workspace.id, adapters)
    for asset_id, state in adapters.items():
        release_rows.keep_only(job.tx, asset_id, state.releases)
    custom_connectors.release_all(job.tx, [here[each] for each, state in adapters.items() if state.released])


def _take_back_footprint(job: undo.Undo) -> None:
    footprint = package_rows.footprint(job.tx, job.package.id) or proposals.Footprint()
    for turned in footprint.properties:
        if folders.exists(job.tx, job.workspace.id, turned.folder_id):
            _turn_back(job, turned)
    for project_id, before, after in footprint.descriptions:
        found = folders.projects(job.tx, job.workspace.id)
        for project in [each for each in found if each.id == project_id]:
            _describe(job, project, (before, after))
    for folder_id in reversed(footprint.folders):
        if removed := restoring.remove_folder(job.tx, folder_id):
            job.recorder.removed.append(removed)


def _turn_back(job: undo.Undo, turned: proposals.Turned) -> None:
    """A property is as it was, unless it was set since. A name that came without a value and has one by now stays."""
    here = property_rows.of_folder(job.tx, turned.folder_id)
    if here.get(turned.name) == turned.after or _goes_back_anyway(
        job, f"property {turned.name!r}", blocks=turned.was_there or turned.after is not None
    ):
        job.recorder.before_properties(turned.folder_id, [turned.name])
        restoring.set_property(job.tx, turned)
        _note_value(job, turned, here.get(turned.name))


def _note_value(job: undo.Undo, turned: proposals.Turned, here: str | None) -> None:
    """Tell of a value that goes back; names are told by their file."""
    if turned.before != here:
        is_own = turned.folder_id == job.workspace.root_folder_id
        kind = assets.ACCOUNT_PROPERTIES if is_own else assets.PROJECT_PROPERTIES
        field = field_diffs.Field(f"values.{turned.name}", "changed", None, None, cosmetic=False)
        job.note_beside(kind, kind, field, here)


def _describe(job: undo.Undo, project: workspaces.Project, described: tuple[str, str]) -> None:
    """A project's description is as it was, unless it was written since."""
    before, after = described
    if project.description == after or _goes_back_anyway(job, f"the description of {project.name!r}", blocks=True):
        job.recorder.descriptions[project.id] = project.description
        folders.describe_project(job.tx, project, before)
        field = field_diffs.Field("description", "changed", project.description, before, cosmetic=False)
        job.note_beside(assets.PROJECT, project.name, field, project.description)


def _goes_back_anyway(job: undo.Undo, what: str, *, blocks: bool) -> bool:
    """Whether what was changed since goes back. What does not is told, and blocks where it may and has to."""
    policy = job.order.options.policy(assets.PROJECT_PROPERTIES)
    if policy is packages.Policy.INCOMING:
        return True
    blocks = blocks and policy is packages.Policy.FAIL
    code = proposals.Code.CONFLICT if blocks else proposals.Code.KEPT
    notice = proposals.Notice(code, "", f"{what} has been set since{'' if blocks else ', and stays'}")
    (job.blockers if blocks else job.warnings).append(notice)
    return False


def _run(job: undo.Undo, versions: Mapping[int, int]) -> list[proposals.Notice]:
    """Recipes run what they ran; gives why others can't, where those are left stopped."""
    for asset_id, state in job.wanted.items():
        run = job.runs.get(asset_id)
        if run and state.running:
            version_id = versions[asset_id] if run.current else state.running.version_id
            restoring.run(job.tx, asset_id, replace(state.running, version_id=version_id))
    here = asset_rows.by_ids(job.tx, job.workspace.id, [*job.wanted, *job.wholes])
    stopped: list[proposals.Notice] = []
    for asset in sorted(here.values(), key=lambda each: each.id):
        problems = starting.check(job.tx, job.workspace, asset).all if asset.running else ()
        notices = [
            job.notice(
                proposals.Code.CANNOT_RUN,
                asset.id,
                f"can't run: step {problem.step}: {problem.path}: {problem.message}",
            )
            for problem in problems
        ]
        if notices and job.order.options.on_restart_failure is packages.RestartFailure.KEEP:
            recipes.stop(job.tx, asset.id, "; ".join(notice.message for notice in notices))
            job.warnings += notices
            stopped += notices
        else:
            job.blockers += notices
    left = [asset_id for asset_id, asset in here.items() if asset.kind == assets.RECIPE]
    listening.listen(job.tx, sorted(left))
    return stopped


def _results(
    job: undo.Undo, here: Mapping[int, assets.Asset], stopped: list[proposals.Notice]
) -> tuple[packages.Result, ...]:
    left = {notice.path for notice in stopped}
    results = [_result(job, each, None, packages.Action.DELETED) for each in job.deletes]
    results += [_result(job, each, here.get(each), packages.Action.UPDATED) for each in job.wanted]
    results += [_result(job, each, here.get(each), packages.Action.RESTORED) for each in job.wholes]
    ordered = sorted(results, key=lambda result: (result.path, result.asset_id))
    return tuple(
        replace(each, import_result=packages.ImportResult.STOPPED) if each.path in left else each for each in ordered
    )


def _result(job: undo.Undo, asset_id: int, after: assets.Asset | None, action: packages.Action) -> packages.Result:
    before, state = job.here.get(asset_id), job.known[asset_id]
    outcome = packages.ImportResult.UNTOUCHED
    if after and after.running:
        outcome = packages.ImportResult.RESTARTED
    elif before and before.running:
        outcome = packages.ImportResult.STOPPED
    return packages.Result(
        asset_id=asset_id,
        kind=state.kind,
        path=job.path(asset_id),
        name=after.name if after else state.name,
        action=action,
        version_before=before.version_no if before else None,
        version_after=after.version_no if after else None,
        digest=after.content.digest if after else state.digest,
        import_result=outcome if state.kind == assets.RECIPE else None,
    )
