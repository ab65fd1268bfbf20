"""Take a transfer back: decide what becomes of everything that it changed, and write it, in one transaction.

Whatever it changed is as it was afterwards: documents, names and places, references, run state, rows, tags, properties,
folders. It is written down as every transfer is, so that taking back can be taken back.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from recipeyard.archive import writer
from recipeyard.model import (
    assets,
    bundles,
    diffs,
    merging,
    packages,
    proposals,
    rollbacks,
    snapshots,
    workspaces,
)
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import connections, database, links, rows
from recipeyard.sql import documents as document_rows
from recipeyard.sql import packages as package_rows
from recipeyard.sql import snapshots as snapshot_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import imports, proposing, recording

_CHANGED = "has been changed since"


@dataclass(slots=True)
class Undo:
    """One rollback under way.

    `known` is how the assets were that the package changed, or else how it left them; `now` is how they stand, `here`
    the same as assets. `wanted` is how those will be that are restored, `deletes` what goes, `wholes` what comes
    back. `reserved` are the stems that are spoken for, folded, by place and kind.
    """

    tx: database.Tx
    workspace: workspaces.Workspace
    order: imports.Order
    package: packages.Package
    recorder: recording.Recorder
    kept: dict[int, snapshots.Snapshot] = field(default_factory=dict)
    known: dict[int, snapshots.State] = field(default_factory=dict)
    paths: dict[int, str] = field(default_factory=dict)
    now: dict[int, snapshots.State] = field(default_factory=dict)
    here: dict[int, assets.Asset] = field(default_factory=dict)
    wanted: dict[int, snapshots.State] = field(default_factory=dict)
    deletes: list[int] = field(default_factory=list)
    wholes: dict[int, snapshots.Whole] = field(default_factory=dict)
    conflicts: set[int] = field(default_factory=set)
    reserved: set[tuple[int, str, str]] = field(default_factory=set)
    blockers: list[proposals.Notice] = field(default_factory=list)
    warnings: list[proposals.Notice] = field(default_factory=list)

    def path(self, asset_id: int) -> str:
        """Where an asset stood in the package, or would stand."""
        state = self.known[asset_id]
        return self.paths.get(asset_id) or assets.file_name(state.kind, state.stem)

    def notice(self, code: proposals.Code, asset_id: int, what: str) -> proposals.Notice:
        """A notice about one asset."""
        state = self.now.get(asset_id) or self.known[asset_id]
        return proposals.Notice(code, self.path(asset_id), f"{assets.spoken(state.kind)} {state.name!r} {what}")


def decide(tx: database.Tx, order: imports.Order, package: packages.Package) -> Undo:
    """What taking a package back changes."""
    workspace = workspace_rows.lock(tx, order.workspace_id)
    job = Undo(tx, workspace, order, package, recording.Recorder(tx))
    job.kept = {each.asset_id: each for each in snapshot_rows.of_package(tx, package.id)}
    job.known = {asset_id: state for asset_id, kept in job.kept.items() if (state := kept.before or kept.after)}
    job.paths = {each.asset_id: each.path for each in package_rows.results(tx, package.id)}
    job.now = job.recorder.seen(job.kept)
    job.here = asset_rows.by_ids(tx, workspace.id, job.kept)
    for asset_id, state in job.known.items():
        kept = job.kept[asset_id]
        _judge(job, kept, rollbacks.judge(kept, job.now.get(asset_id), order.options.policy(state.kind)))
    _spare_credentials(job)
    _refuse_used(job)
    return job


def content(job: Undo) -> proposals.Content:
    """The plan of a rollback, seen before any of it is written."""
    users = _users(job)
    listed = [_deleted(job, each, users.get(each, ())) for each in job.deletes]
    listed += [_restored(job, asset_id, state) for asset_id, state in job.wanted.items()]
    listed += [_put_back(job, asset_id) for asset_id in job.wholes]
    return proposals.Content(
        changes=tuple(sorted(listed, key=lambda line: (line.path, line.asset_id))),
        unchanged=len(job.kept) - len(listed),
        blockers=tuple(dict.fromkeys(job.blockers)),
        warnings=tuple(dict.fromkeys(job.warnings)),
        rests_on=tuple(_rests(job)),
    )


def _judge(job: Undo, kept: snapshots.Snapshot, verdict: rollbacks.Verdict) -> None:
    asset_id, now = kept.asset_id, job.now.get(kept.asset_id)
    if verdict is rollbacks.Verdict.BLOCKED:
        what = _CHANGED if now else "has been deleted since"
        job.blockers.append(job.notice(proposals.Code.CONFLICT, asset_id, f"{what}, by {_who(job, asset_id)}"))
    elif verdict is rollbacks.Verdict.LEFT:
        job.warnings.append(job.notice(proposals.Code.KEPT, asset_id, "was changed or deleted since, and stays so"))
    elif verdict is rollbacks.Verdict.DELETE:
        job.deletes.append(asset_id)
    elif verdict is rollbacks.Verdict.PUT_BACK and kept.whole:
        job.wholes[asset_id] = kept.whole
    elif verdict is rollbacks.Verdict.RESTORE and kept.before:
        job.wanted[asset_id] = kept.before
    elif verdict is rollbacks.Verdict.MERGE and kept.before and kept.after and now:
        _merge(job, kept.before, kept.after, asset_id)
    if now and kept.after and not snapshots.stands(kept.after, now):
        job.conflicts.add(asset_id)


def _merge(job: Undo, before: snapshots.State, left: snapshots.State, asset_id: int) -> None:
    """Take back only what the transfer changed, and keep what was changed since."""
    here = job.now[asset_id]
    if here.kind != assets.RECIPE:
        job.blockers.append(job.notice(proposals.Code.CONFLICT, asset_id, _CHANGED))
        return
    merged = merging.merge(*(text(job.tx, state.digest) for state in (left, here, before)))
    if merged.text is None or merged.conflicts:
        job.blockers += [job.notice(proposals.Code.CONFLICT, asset_id, each) for each in merged.conflicts]
        return
    packed = writer.deflate(merged.text.encode())
    document_rows.add(job.tx, [packed])
    described = bundles.describe_text(here.kind, job.path(asset_id), merged.text)
    document_rows.describe(job.tx, [(packed.digest, here.kind, described)])
    job.wanted[asset_id] = replace(before, name=described.name, digest=packed.digest, arrived_digest=packed.digest)


def _spare_credentials(job: Undo) -> None:
    """A connection that holds credentials stays: nobody could give them back."""
    for asset_id in connections.authorized(job.tx, job.deletes):
        job.deletes.remove(asset_id)
        job.warnings.append(job.notice(proposals.Code.KEPT, asset_id, "holds credentials, and stays"))


def _refuse_used(job: Undo) -> None:
    """What is used by something that stays can't go."""
    for asset_id, users in _users(job).items():
        who = ", ".join(users)
        job.blockers.append(job.notice(proposals.Code.IN_USE, asset_id, f"can't go: it is used by {who}"))


def _users(job: Undo) -> dict[int, tuple[str, ...]]:
    """Who uses what is to go, and stays as it is."""
    going = {*job.deletes, *job.wanted}
    found: dict[int, dict[str, None]] = {}
    for target_id, user in links.users(job.tx, job.deletes):
        if user.id not in going:
            found.setdefault(target_id, {})[f"{assets.spoken(user.kind)} {user.name!r}"] = None
    return {target_id: tuple(sorted(users)) for target_id, users in found.items()}


def text(tx: database.Tx, digest: str) -> str:
    """A document."""
    return bundles.inflate(document_rows.packed(tx, digest)).decode()


def _deleted(job: Undo, asset_id: int, users: tuple[str, ...]) -> proposals.Line:
    now = job.now[asset_id]
    return proposals.Line(
        action=proposals.Action.DELETE,
        kind=now.kind,
        name=now.name,
        path=job.path(asset_id),
        asset_id=asset_id,
        digest_before=now.digest,
        drifted=asset_id in job.conflicts,
        used_by=users,
    )


def _put_back(job: Undo, asset_id: int) -> proposals.Line:
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


def _restored(job: Undo, asset_id: int, wanted: snapshots.State) -> proposals.Line:
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
        restarts=wanted.runs,
        drifted=in_conflict,
        resolution=job.order.options.policy(wanted.kind) if in_conflict else None,
    )


def _difference(job: Undo, asset_id: int, now: snapshots.State, wanted: snapshots.State) -> proposals.Difference:
    before = (assets.Content(now.digest, now.sidecars), text(job.tx, now.digest))
    after = (assets.Content(wanted.digest, wanted.sidecars), text(job.tx, wanted.digest))
    found = proposing.difference(wanted.kind, before, after)
    if wanted.rows:
        listed = [row.fields for row in rows.read(text(job.tx, wanted.rows).encode())]
        differing = diffs.rows(rows.of_table(job.tx, asset_id), listed)
        found = replace(found, document=diffs.with_rows(found.document, differing))
    if now.digest == wanted.digest:
        turned = [new.name for old, new in zip(now.wires, wanted.wires, strict=False) if old != new]
        found = replace(found, references=tuple(turned))
    return found


def _rests(job: Undo) -> Iterator[proposals.Rest]:
    for asset_id in sorted({*job.wanted, *job.deletes, *job.wholes}):
        here, path = job.here.get(asset_id), job.path(asset_id)
        state = job.known[asset_id]
        if here:
            yield proposals.Rest(path, here.kind, here.name, here.id, here.version_no, here.running)
        else:
            yield proposals.Rest(path, state.kind, state.name)


def _who(job: Undo, asset_id: int) -> str:
    return asset_rows.author_of(job.tx, asset_id) or "somebody"
