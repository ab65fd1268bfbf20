"""Take a transfer back: decide what becomes of everything that it changed, and write it, in one transaction.

Whatever it changed is as it was afterwards: documents, names and places, references, run state, rows, tags, properties,
folders. It is written down as every transfer is, so that taking back can be taken back.
"""

from collections.abc import Iterator
from dataclasses import replace

from recipeyard.model import assets, diffs, packages, proposals, rollbacks, snapshots
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import connections, database, links, rows, stubs
from recipeyard.sql import packages as package_rows
from recipeyard.sql import snapshots as snapshot_rows
from recipeyard.sql import tags as tag_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import imports, proposing, recording, undo, weighing


def decide(tx: database.Tx, order: imports.Order, package: packages.Package) -> undo.Undo:
    """What taking a package back changes."""
    workspace = workspace_rows.lock(tx, order.workspace_id)
    job = undo.Undo(tx, workspace, order, package, recording.Recorder(tx))
    job.kept = {each.asset_id: each for each in snapshot_rows.of_package(tx, package.id)}
    job.known = {asset_id: state for asset_id, kept in job.kept.items() if (state := kept.before or kept.after)}
    job.paths = {each.asset_id: each.path for each in package_rows.results(tx, package.id)}
    job.now = job.recorder.seen(job.kept)
    job.here = asset_rows.by_ids(tx, workspace.id, job.kept)
    for asset_id, state in job.known.items():
        kept = job.kept[asset_id]
        _judge(job, kept, rollbacks.judge(kept, job.now.get(asset_id), order.options.policy(state.kind)))
    weighing.weigh(job)
    _spare_credentials(job)
    _refuse_used(job)
    return job


def content(job: undo.Undo) -> proposals.Content:
    """The plan of a rollback, seen before any of it is written."""
    listed = [_deleted(job, each) for each in job.deletes]
    listed += [_restored(job, asset_id, state) for asset_id, state in job.wanted.items()]
    listed += [_put_back(job, asset_id) for asset_id in job.wholes]
    return proposals.Content(
        changes=tuple(_over(job, line) for line in sorted(listed, key=lambda line: (line.path, line.asset_id or 0))),
        unchanged=len(job.kept) - len(listed),
        blockers=tuple(dict.fromkeys(job.blockers)),
        warnings=tuple(dict.fromkeys(job.warnings)),
        rests_on=tuple(_rests(job)),
    )


def _over(job: undo.Undo, line: proposals.Line) -> proposals.Line:
    """A line that tells in a digest what it overwrites, but for whether it runs: that is told elsewhere."""
    now = job.now.get(line.asset_id or 0)
    return replace(line, state=snapshot_rows.digest(replace(now, running=None))) if now else line


def _judge(job: undo.Undo, kept: snapshots.Snapshot, verdict: rollbacks.Verdict) -> None:
    asset_id, now = kept.asset_id, job.now.get(kept.asset_id)
    if verdict is rollbacks.Verdict.BLOCKED:
        what = "has been changed since" if now else "has been deleted since"
        job.blockers.append(job.notice(proposals.Code.CONFLICT, asset_id, f"{what}, by {job.who(asset_id)}"))
    elif verdict is rollbacks.Verdict.LEFT:
        job.warnings.append(job.notice(proposals.Code.KEPT, asset_id, "was changed or deleted since, and stays so"))
    elif verdict is rollbacks.Verdict.DELETE:
        job.deletes.append(asset_id)
        if now and now.runs:
            job.warnings.append(job.notice(proposals.Code.RUNNING, asset_id, "is running, and is stopped to go"))
    elif verdict is rollbacks.Verdict.PUT_BACK and kept.whole:
        job.wholes[asset_id] = kept.whole
    elif verdict is rollbacks.Verdict.WEIGHED:
        job.weighed.append(asset_id)
    if now and kept.after and not kept.before and not snapshots.stands(kept.after, now):
        job.conflicts.add(asset_id)


def _spare_credentials(job: undo.Undo) -> None:
    """A connection that holds credentials stays: nobody could give them back."""
    for asset_id in connections.holding(job.tx, job.deletes):
        job.deletes.remove(asset_id)
        job.warnings.append(job.notice(proposals.Code.KEPT, asset_id, "holds credentials, and stays"))


def _refuse_used(job: undo.Undo) -> None:
    """What is used by something that stays can't go."""
    job.users = _users(job)
    for asset_id, users in job.users.items():
        who = ", ".join(users)
        job.blockers.append(job.notice(proposals.Code.IN_USE, asset_id, f"can't go: it is used by {who}"))


def _users(job: undo.Undo) -> dict[int, tuple[str, ...]]:
    """Who uses what is to go, and stays as it is; of stubs, recipes that run with what these answer for.

    Recipes that are to be others are asked in the end whether they can run so.
    """
    going = {*job.deletes}
    meant = {each: {wire.target_id for wire in state.wires} for each, state in job.wanted.items()}
    found: dict[int, dict[str, None]] = {}
    leaning = [(stub_id, user) for stub_id, user in stubs.users(job.tx, job.deletes) if user.id not in job.wanted]
    for target_id, user in [*links.users(job.tx, job.deletes), *leaning]:
        if user.id not in going and target_id in meant.get(user.id, {target_id}):
            found.setdefault(target_id, {})[f"{assets.spoken(user.kind)} {user.name!r}"] = None
    return {target_id: tuple(sorted(users)) for target_id, users in found.items()}


def _deleted(job: undo.Undo, asset_id: int) -> proposals.Line:
    now = job.now[asset_id]
    return proposals.Line(
        action=proposals.Action.DELETE,
        kind=now.kind,
        name=now.name,
        path=job.path(asset_id),
        asset_id=asset_id,
        digest_before=now.digest,
        drifted=asset_id in job.conflicts,
        used_by=job.users.get(asset_id, ()),
    )


def _put_back(job: undo.Undo, asset_id: int) -> proposals.Line:
    before = job.known[asset_id]
    return proposals.Line(
        action=proposals.Action.CREATE,
        kind=before.kind,
        name=before.name,
        path=job.path(asset_id),
        asset_id=asset_id,
        digest_after=before.digest,
        restarts=before.runs,
    )


def _restored(job: undo.Undo, asset_id: int, wanted: snapshots.State) -> proposals.Line:
    now = job.now[asset_id]
    renamed = now.name != wanted.name or now.folder_id != wanted.folder_id
    action = proposals.Action.RENAME if renamed else proposals.Action.UPDATE
    in_conflict = asset_id in job.conflicts
    return proposals.Line(
        action=proposals.Action.CONFLICT if in_conflict else action,
        kind=wanted.kind,
        name=wanted.name,
        path=job.path(asset_id),
        asset_id=asset_id,
        digest_before=now.digest,
        digest_after=wanted.digest,
        diff=_difference(job, asset_id, now, wanted),
        previous_name=now.name if renamed else None,
        restarts=wanted.runs and (wanted.digest != now.digest or not now.runs),
        drifted=in_conflict,
        resolution=job.order.options.policy(wanted.kind) if in_conflict else None,
    )


def _difference(job: undo.Undo, asset_id: int, now: snapshots.State, wanted: snapshots.State) -> proposals.Difference:
    before = (assets.Content(now.digest, now.sidecars), undo.text(job.tx, now.digest))
    after = (assets.Content(wanted.digest, wanted.sidecars), undo.text(job.tx, wanted.digest))
    found = proposing.difference(wanted.kind, before, after)
    if wanted.rows and rollbacks.differs(rollbacks.Facet.ROWS, now, wanted):
        listed = [row.fields for row in undo.rows_in(job.tx, wanted.rows)]
        differing = diffs.rows(rows.of_table(job.tx, asset_id), listed)
        found = replace(found, document=diffs.with_rows(found.document, differing))
    if now.digest == wanted.digest:
        turned = [new.name for old, new in zip(now.wires, wanted.wires, strict=False) if old != new]
        found = replace(found, references=tuple(turned))
    titles = tag_rows.titles(job.tx, {*now.tag_ids, *wanted.tag_ids})
    added = tuple(sorted(titles[each] for each in titles.keys() & set(wanted.tag_ids) - set(now.tag_ids)))
    removed = tuple(sorted(titles[each] for each in titles.keys() & set(now.tag_ids) - set(wanted.tag_ids)))
    return replace(found, tags_added=added, tags_removed=removed)


def _rests(job: undo.Undo) -> Iterator[proposals.Rest]:
    for asset_id in sorted({*job.wanted, *job.deletes, *job.wholes}):
        here, path = job.here.get(asset_id), job.path(asset_id)
        state = job.known[asset_id]
        if here:
            yield proposals.Rest(path, here.kind, here.name, here.id, here.version_no, here.running)
        else:
            yield proposals.Rest(path, state.kind, state.name)
