"""The whole story of an import: accepted with its work in one transaction, read, applied whole, settled."""

import functools

from recipeyard.archive import reader
from recipeyard.model import errors, packages
from recipeyard.sql import database, folders
from recipeyard.sql import packages as package_rows
from recipeyard.work import applying, gating, imports, parts, progress, reading, settling


def request(
    deed: parts.Parts,
    place: tuple[int, int],
    options: packages.Options,
    blob_key: str,
    file_name: str,
) -> packages.Package:
    """Accept an import of an uploaded archive into a folder; `place` is the workspace's id and the folder's.

    When this returns, the package and its work are on disk. Raises `errors.NotFound` for an unknown folder and
    `errors.Unprocessable` where shared assets can't go to the folder named for them, or gates are not met.
    """
    with deed.db.write() as tx:
        gating.refuse(tx, gating.Asked(place[0], packages.Operation.IMPORT, options))
        return accept(deed, tx, place, options, (blob_key, file_name))


def accept(
    deed: parts.Parts,
    tx: database.Tx,
    place: tuple[int, int],
    options: packages.Options,
    blob: tuple[str, str],
) -> packages.Package:
    """`request` as part of a transaction; `blob` is the archive's key, which the package owns from now on, and name."""
    check_place(tx, place, options)
    workspace_id, folder_id = place
    blob_key, file_name = blob
    package = package_rows.insert(
        tx,
        {
            "workspace_id": workspace_id,
            "operation": packages.Operation.IMPORT,
            "folder_id": folder_id,
            "options": options,
            "file_name": file_name,
            "blob_key": blob_key,
        },
    )
    deed.enqueue(tx, parts.Queue.IMPORTS, workspace_id, package.id)
    return package


def check_place(tx: database.Tx, place: tuple[int, int], options: packages.Options) -> None:
    """Whether a request can be met at all, and the folders that it names are there."""
    if issues := options.issues():
        raise errors.Invalid.listing(issues)
    workspace_id, folder_id = place
    folders.find(tx, workspace_id, folder_id)
    home_id = options.folder_id_for_home_assets
    if home_id is not None:
        try:
            home = folders.find(tx, workspace_id, home_id)
        except errors.NotFound as e:
            raise errors.Unprocessable(f"folder_id_for_home_assets: there is no folder {home_id}") from e
        if home.parent_id is None:
            raise errors.Unprocessable("folder_id_for_home_assets: can't be the workspace's root folder")


def check_archive(deed: parts.Parts, blob_key: str) -> None:
    """Whether an uploaded archive can be opened. Raises `errors.Invalid` with everything that its directory tells."""
    with deed.blobs.local(blob_key) as file:
        reader.open_archive(file, deed.limits)


def run(deed: parts.Parts, package_id: int) -> None:
    """Do the work of an accepted import. Running it again after it ended changes nothing."""
    with deed.db.read() as tx:
        package = package_rows.by_id(tx, package_id)
    if package is None or package.blob_key is None or package.status is not packages.Status.IN_PROGRESS:
        return
    try:
        _carry_out(deed, package, package.blob_key)
    except errors.Failure as e:
        fail(deed, package_id, e)


def fail(deed: parts.Parts, package_id: int, failure: errors.Failure) -> None:
    """End a package as failed, saying why; what kept it from being applied is the plan that it leaves."""
    with deed.db.write() as tx:
        if package := package_rows.by_id(tx, package_id):
            settling.settle_failed(tx, package, failure)


def _carry_out(deed: parts.Parts, package: packages.Package, blob_key: str) -> None:
    report(deed, package.id, packages.Phase.READING, 10)
    with deed.blobs.local(blob_key) as file:
        archive = reader.open_archive(file, deed.limits)
        tell = functools.partial(report, deed, package.id, packages.Phase.READING)
        count = progress.Progress(tell, (10, 60), sum(entry.deflated_size for entry in archive.entries))
        read = reading.read(archive, deed.db, deed.limits, with_tags=package.options.include_tags, add=count.add)
        report(deed, package.id, packages.Phase.APPLYING, 60)
        order = imports.Order(package.workspace_id, package.folder_id, package.options, package.id)
        with deed.db.write() as tx:
            settling.settle_applied(tx, package, applying.apply(tx, order, read))


def report(deed: parts.Parts, package_id: int, phase: packages.Phase, percent: int) -> None:
    """Say how far a package is. Raises `errors.Conflict` where it has ended meanwhile, as one that is cancelled has."""
    with deed.db.write() as tx:
        if not package_rows.report(tx, package_id, phase, percent):
            raise errors.Conflict("the package has ended")
