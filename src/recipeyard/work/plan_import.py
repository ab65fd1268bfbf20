"""The whole story of a plan: accepted with its work, made by a rehearsal of which nothing stays, applied as it is."""

import uuid
from dataclasses import replace

from recipeyard.archive import reader
from recipeyard.model import assets, errors, packages, proposals
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import bindings as binding_rows
from recipeyard.sql import database, folders
from recipeyard.sql import packages as package_rows
from recipeyard.sql import plans as plan_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import activities, applying, gating, import_package, imports, parts, reading, roll_back


def request(
    deed: parts.Parts,
    place: tuple[int, int],
    options: packages.Options,
    blob_key: str,
    file_name: str,
) -> proposals.Plan:
    """Accept a plan of an uploaded archive's import into a folder; `place` is the workspace's id and the folder's.

    When this returns, the plan and its work are on disk. Raises as `import_package.request` does.
    """
    with deed.db.write() as tx:
        return _accept(deed, tx, place, options, {"blob_key": blob_key, "file_name": file_name})


def request_of(deed: parts.Parts, place: tuple[int, int], options: packages.Options, package_id: int) -> proposals.Plan:
    """`request` for a package that is here already. Raises `errors.NotFound` for one without content, too."""
    with deed.db.write() as tx:
        package = package_rows.find(tx, place[0], package_id)
        if package.blob_key is None:
            raise errors.NotFound(f"Not found: package {package_id} has no content")
        return _accept(deed, tx, place, options, {"package_id": package.id, "file_name": package.file_name})


def run(deed: parts.Parts, plan_id: int) -> None:
    """Make an accepted plan. Doing it again after it ended changes nothing."""
    with deed.db.read() as tx:
        plan = plan_rows.by_id(tx, plan_id)
        if plan is None or plan.status is not proposals.Status.IN_PROGRESS:
            return
        blob_key = _blob_key(tx, plan)
    try:
        content = _rehearse(deed, plan, blob_key)
    except errors.Failure as e:
        fail(deed, plan_id, e)
        return
    with deed.db.write() as tx:
        plan_rows.settle(tx, plan_id, content)


def fail(deed: parts.Parts, plan_id: int, failure: errors.Failure) -> None:
    """A plan can't be made: it says why, and its archive is of no more use."""
    with deed.db.write() as tx:
        plan = plan_rows.by_id(tx, plan_id)
        failed = plan_rows.fail(tx, plan_id, packages.failed(failure).error_parts)
    if failed and plan and plan.blob_key:
        deed.blobs.delete(plan.blob_key)


def apply(deed: parts.Parts, workspace_id: int, plan_id: int, break_glass: str | None = None) -> packages.Package:
    """Accept an import or a rollback that does what a plan says, and nothing else.

    `break_glass` is a reason for passing the gates.

    Raises `errors.NotFound`, `errors.Conflict` for a plan that is not ready, was applied before or rests on what has
    moved since, naming it, and `errors.Unprocessable` for one with blockers or gates that are not met.
    """
    with deed.db.read() as tx:
        plan = plan_rows.find(tx, workspace_id, plan_id)
        plan = replace(plan, options=replace(plan.options, break_glass=break_glass))
        _refuse_unready(plan)
        gating.refuse(tx, gating.Asked(workspace_id, plan.operation, plan.options, plan))
        check(tx, plan)
        source = None if plan.operation is packages.Operation.ROLLBACK else _blob_key(tx, plan)
    key = source if source is None or plan.blob_key else _copied(deed, source, plan.file_name)
    try:
        with deed.db.write() as write:
            return _accept_package(deed, write, plan, key)
    except BaseException:
        if key and key != source:
            deed.blobs.delete(key)
        raise


def check(tx: database.Tx, plan: proposals.Plan) -> None:
    """Raises `errors.Conflict` naming each thing that a plan rests on and that has moved."""
    rests = plan.content.rests_on if plan.content else ()
    here = asset_rows.by_ids(tx, plan.workspace_id, [rest.asset_id for rest in rests if rest.asset_id])
    moved = [what for rest in rests if rest.asset_id for what in _moved(rest, here.get(rest.asset_id))]
    held = plan.content.bindings_version if plan.content else 0
    asks_bindings = plan.operation is packages.Operation.IMPORT
    if asks_bindings and binding_rows.newest(tx, plan.workspace_id).number != held:
        moved.append("the bindings are others by now")
    moved += [f"{rest.path}: there is a {assets.spoken(rest.kind)} {rest.name!r} by now" for rest in _taken(tx, plan)]
    moved += _gone_folders(tx, plan)
    if moved:
        raise errors.Conflict(f"The plan {plan.id} does not hold any more:\n" + "\n".join(moved))


def _accept(
    deed: parts.Parts,
    tx: database.Tx,
    place: tuple[int, int],
    options: packages.Options,
    source: dict[str, object],
) -> proposals.Plan:
    import_package.check_place(tx, place, options)
    workspace_id, folder_id = place
    fixed = {"workspace_id": workspace_id, "folder_id": folder_id, "options": options}
    plan = plan_rows.insert(tx, fixed | {"operation": packages.Operation.IMPORT} | source)
    deed.enqueue(tx, parts.Queue.PLANS, workspace_id, plan.id)
    return plan


def _accept_package(deed: parts.Parts, tx: database.Tx, plan: proposals.Plan, key: str | None) -> packages.Package:
    workspace_rows.lock(tx, plan.workspace_id)
    package = _accepted(deed, tx, plan, key)
    if not plan_rows.apply(tx, plan, package.id):
        raise errors.Conflict(f"The plan {plan.id} has been applied or deleted meanwhile")
    activities.record(tx, plan.workspace_id, "plan_applied", activities.of_plan(plan), package_id=package.id)
    return package


def _accepted(deed: parts.Parts, tx: database.Tx, plan: proposals.Plan, key: str | None) -> packages.Package:
    if key is None:
        back = package_rows.find(tx, plan.workspace_id, plan.package_id or 0)
        return roll_back.accept(deed, tx, back, plan.options)
    place = (plan.workspace_id, plan.folder_id)
    return import_package.accept(deed, tx, place, plan.options, (key, plan.file_name))


def _refuse_unready(plan: proposals.Plan) -> None:
    if plan.status is not proposals.Status.READY or plan.content is None:
        raise errors.Conflict(f"The plan {plan.id} is not ready: it is {plan.status}")
    if plan.applied_id is not None:
        raise errors.Conflict(f"The plan {plan.id} has been applied already, by package {plan.applied_id}")


def _rehearse(deed: parts.Parts, plan: proposals.Plan, blob_key: str) -> proposals.Content:
    with deed.blobs.local(blob_key) as file:
        archive = reader.open_archive(file, deed.limits)
        read = reading.read(archive, deed.db, deed.limits, with_tags=plan.options.include_tags)
        order = imports.Order(plan.workspace_id, plan.folder_id, plan.options)
        with deed.db.rehearse() as tx:
            return applying.rehearse(tx, order, read)


def _blob_key(tx: database.Tx, plan: proposals.Plan) -> str:
    """Where a plan's archive is: its own, or its package's. Raises `errors.Conflict` where that is gone."""
    package = package_rows.by_id(tx, plan.package_id) if plan.package_id else None
    key = plan.blob_key or (package.blob_key if package else None)
    if key is None:
        raise errors.Conflict(f"The plan {plan.id} can't be applied: package {plan.package_id} is gone")
    return key


def _copied(deed: parts.Parts, key: str, file_name: str) -> str:
    """A copy of a package's archive: a package's bytes are its own."""
    copied = f"uploads/{uuid.uuid4().hex}/{file_name}"
    deed.blobs.put(copied, deed.blobs.stream(key))
    return copied


def _moved(rest: proposals.Rest, here: assets.Asset | None) -> list[str]:
    what = f"{assets.spoken(rest.kind)} {rest.name!r}"
    if here is None:
        return [f"{rest.path}: {what} is gone"]
    found = []
    if here.version_no != rest.version_no:
        found.append(f"{rest.path}: {what} is at version {here.version_no} by now, not at {rest.version_no}")
    if here.name != rest.name:
        found.append(f"{rest.path}: {what} is called {here.name!r} by now")
    if here.running != rest.running:
        found.append(f"{rest.path}: {what} has been {'started' if here.running else 'stopped'}")
    return found


def _gone_folders(tx: database.Tx, plan: proposals.Plan) -> list[str]:
    """A sentence for each folder that an import would go to and that is gone."""
    if plan.operation is not packages.Operation.IMPORT:
        return []
    home_id = plan.options.folder_id_for_home_assets
    named = {"folder_id": plan.folder_id} | ({"folder_id_for_home_assets": home_id} if home_id else {})
    gone = {name: at for name, at in named.items() if not folders.exists(tx, plan.workspace_id, at)}
    return [f"{name}: the folder {at} is gone" for name, at in gone.items()]


def _taken(tx: database.Tx, plan: proposals.Plan) -> list[proposals.Rest]:
    """What would be made and is here by now."""
    found: list[proposals.Rest] = []
    for rest in plan.content.rests_on if plan.content else ():
        if rest.asset_id is None:
            at = folders.descend(tx, plan.folder_id, assets.split(rest.path)[0])
            if at and asset_rows.named(tx, plan.workspace_id, rest.kind, [rest.name], at):
                found.append(rest)
    return found
