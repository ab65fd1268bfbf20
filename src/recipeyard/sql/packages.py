"""Packages: their records, what each did to which asset, and their one move from in progress to an end."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from recipeyard.model import activities, errors, packages, proposals
from recipeyard.sql import database, tables

_packages = tables.packages
_results = tables.package_assets


EXPORTS_LOOKED_AT = 20
"""How far back it is looked for the last export of an asset."""


def insert(tx: database.Tx, package: dict[str, Any]) -> packages.Package:
    """A new package in progress. `package` holds workspace_id, operation, folder_id, options and what else it has."""
    options = msgspec.to_builtins(package["options"])
    fixed = {"status": packages.Status.IN_PROGRESS, "phase": packages.Phase.QUEUED, "percent": 0}
    times = {"created_at": tx.now, "updated_at": tx.now}
    row = fixed | package | {"options": options, "asked_by": msgspec.to_builtins(tx.actor)} | times
    package_id = tx.insert(_packages, [row])[0]
    return find(tx, package["workspace_id"], package_id)


def find(tx: database.Tx, workspace_id: int, package_id: int) -> packages.Package:
    """The package of that id. Raises `errors.NotFound`."""
    row = tx.first(sa.select(_packages).where(_packages.c.id == package_id, _packages.c.workspace_id == workspace_id))
    if row is None:
        raise errors.NotFound.of("package", package_id)
    return _package(row)


def by_id(tx: database.Tx, package_id: int) -> packages.Package | None:
    """The package of that id in whichever workspace, None where it has been deleted: for work already accepted."""
    row = tx.first(sa.select(_packages).where(_packages.c.id == package_id))
    return _package(row) if row else None


def by_ids(tx: database.Tx, package_ids: Sequence[int]) -> dict[int, packages.Package]:
    """The packages of those ids in whichever workspaces, by id."""
    pieces = database.in_pieces(package_ids)
    query = sa.select(_packages)
    return {row.id: _package(row) for piece in pieces for row in tx.all(query.where(_packages.c.id.in_(piece)))}


def listed(tx: database.Tx, workspace_id: int, *, offset: int, limit: int) -> list[packages.Package]:
    """A page of a workspace's packages, newest first."""
    query = sa.select(_packages).where(_packages.c.workspace_id == workspace_id)
    rows = tx.all(query.order_by(_packages.c.id.desc()).offset(offset).limit(limit))
    return [_package(row) for row in rows]


def report(tx: database.Tx, package_id: int, phase: packages.Phase, percent: int) -> bool:
    """Say how far a transfer is. False, and nothing written, where it has ended."""
    in_progress = _packages.c.status == packages.Status.IN_PROGRESS
    values = {"phase": phase, "percent": percent, "updated_at": tx.now}
    return bool(tx.run(sa.update(_packages).where(_packages.c.id == package_id, in_progress).values(values)))


def settle(tx: database.Tx, package_id: int, outcome: packages.Outcome) -> bool:
    """End a package. False, and nothing written, where it had ended already or is gone."""
    in_progress = _packages.c.status == packages.Status.IN_PROGRESS
    values: dict[str, Any] = {
        "status": outcome.status,
        "phase": packages.Phase.DONE,
        "percent": 100,
        "error_parts": list(outcome.error_parts),
        "issues": [[issue.where, issue.what] for issue in outcome.issues],
        "warnings": list(outcome.warnings),
        "updated_at": tx.now,
    }
    if outcome.blob_key:
        values["blob_key"] = outcome.blob_key
    if not tx.run(sa.update(_packages).where(_packages.c.id == package_id, in_progress).values(values)):
        return False
    tx.run(sa.insert(_results), [_result_row(package_id, at, each) for at, each in enumerate(outcome.results)])
    return True


def leave(tx: database.Tx, package_id: int, footprint: proposals.Footprint) -> None:
    """Keep what a transfer changed beside assets."""
    encoded = msgspec.msgpack.encode(footprint)
    tx.run(sa.update(_packages).where(_packages.c.id == package_id).values(footprint=encoded))


def footprint(tx: database.Tx, package_id: int) -> proposals.Footprint | None:
    """What a transfer changed beside assets; None for one that can't be taken back, as it changed nothing."""
    row = tx.first(sa.select(_packages.c.footprint).where(_packages.c.id == package_id))
    return msgspec.msgpack.decode(row.footprint, type=proposals.Footprint) if row and row.footprint else None


def results(tx: database.Tx, package_id: int) -> list[packages.Result]:
    """What a package did to each asset, in the order of its paths."""
    rows = tx.all(sa.select(_results).where(_results.c.package_id == package_id).order_by(_results.c.position))
    return [result(row) for row in rows]


def recipe_results(tx: database.Tx, package_ids: Iterable[int]) -> dict[int, list[tuple[int, str]]]:
    """What became of each recipe's run state, as (recipe id, result), by package."""
    ids = list(package_ids)
    has_one = _results.c.import_result.is_not(None)
    query = sa.select(_results.c.package_id, _results.c.asset_id, _results.c.import_result)
    found: dict[int, list[tuple[int, str]]] = {package_id: [] for package_id in ids}
    for row in tx.all(query.where(_results.c.package_id.in_(ids), has_one).order_by(_results.c.position)):
        found[row.package_id].append((row.asset_id, row.import_result))
    return found


def last_exported(tx: database.Tx, folder_id: int) -> dict[int, tuple[int, str]]:
    """The version and path of each asset when it was last exported with a folder, by asset id.

    Only the last exports of the folder are looked at: an asset that was in none of them is absent.
    """
    query = sa.select(_packages.c.id).where(
        _packages.c.folder_id == folder_id,
        _packages.c.operation == packages.Operation.EXPORT,
        _packages.c.status == packages.Status.COMPLETED,
    )
    ids = [row.id for row in tx.all(query.order_by(_packages.c.id.desc()).limit(EXPORTS_LOOKED_AT))]
    columns = (_results.c.asset_id, _results.c.version_after, _results.c.path)
    rows = tx.all(sa.select(*columns).where(_results.c.package_id.in_(ids)).order_by(_results.c.package_id))
    return {row.asset_id: (row.version_after, row.path) for row in rows}


def delete(tx: database.Tx, package: packages.Package) -> None:
    """Forget a package's record. Its archive's bytes are the caller's to delete, once this has committed."""
    tx.run(sa.delete(_packages).where(_packages.c.id == package.id))


def blob_keys(tx: database.Tx, workspace_id: int | None = None) -> set[str]:
    """Every archive that a package holds, of one workspace or of all."""
    query = sa.select(_packages.c.blob_key)
    if workspace_id is not None:
        query = query.where(_packages.c.workspace_id == workspace_id)
    return {row.blob_key for row in tx.all(query) if row.blob_key}


def in_progress(tx: database.Tx, workspace_id: int) -> bool:
    """Whether a transfer of a workspace has not ended."""
    mine = (_packages.c.workspace_id == workspace_id, _packages.c.status == packages.Status.IN_PROGRESS)
    return tx.first(sa.select(_packages.c.id).where(*mine)) is not None


def _result_row(package_id: int, position: int, result: packages.Result) -> dict[str, Any]:
    fields = ("asset_id", "kind", "path", "name", "action", "digest", "version_before", "version_after")
    row = {name: getattr(result, name) for name in fields}
    return row | {"package_id": package_id, "position": position, "import_result": result.import_result}


def result(row: sa.Row[Any]) -> packages.Result:
    """What a package did to one asset, as it is kept."""
    return packages.Result(
        asset_id=row.asset_id,
        kind=row.kind,
        path=row.path,
        name=row.name,
        action=packages.Action(row.action),
        version_before=row.version_before,
        version_after=row.version_after,
        digest=row.digest,
        import_result=packages.ImportResult(row.import_result) if row.import_result else None,
    )


def _texts(value: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(value or ())


def _package(row: sa.Row[Any]) -> packages.Package:
    return packages.Package(
        id=row.id,
        workspace_id=row.workspace_id,
        operation=packages.Operation(row.operation),
        status=packages.Status(row.status),
        folder_id=row.folder_id,
        manifest_id=row.manifest_id,
        options=msgspec.convert(row.options or {}, packages.Options),
        asked_by=activities.Actor(**row.asked_by) if row.asked_by else activities.OPERATOR,
        file_name=row.file_name,
        blob_key=row.blob_key,
        phase=packages.Phase(row.phase),
        percent=row.percent,
        error_parts=_texts(row.error_parts),
        issues=tuple(errors.Issue(where, what) for where, what in row.issues or ()),
        warnings=_texts(row.warnings),
        rolls_back_id=row.rolls_back_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
