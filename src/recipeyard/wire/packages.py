"""Packages as the API shows them."""

from collections.abc import Sequence

import msgspec

from recipeyard.model import assets, errors, packages
from recipeyard.wire import answers


class RecipeStatus(msgspec.Struct):
    """What an import did to one recipe's run state."""

    id: int
    import_result: str


class PackageAsset(msgspec.Struct):
    """What a transfer did to one asset. `action`: created, updated, unchanged, renamed, deleted, restored or exported.

    `version_after` is null for what was deleted.
    """

    id: int
    type: str
    name: str
    zip_name: str
    action: str
    version_before: int | None
    version_after: int | None


class AssetError(msgspec.Struct):
    """One thing that keeps a package from being done, and where: `path` is an entry of the archive.

    `type` is the kind of the asset there, null where the path names none.
    """

    path: str
    type: str | None
    message: str


class Package(msgspec.Struct, omit_defaults=True):
    """One export, import or rollback.

    `status` is in_progress, completed or failed; `phase` and `percent` tell how far it is. `plan_id` is the plan that
    an import or a rollback was, `rolls_back_id` the package that a rollback takes back. `break_glass`
    is why gates were to be passed.
    """

    id: int
    operation_type: str
    status: str
    download_url: str | None
    name: str
    folder_id: int
    phase: str
    percent: int
    created_at: str
    updated_at: str
    export_manifest_id: int | msgspec.UnsetType = msgspec.UNSET
    plan_id: int | msgspec.UnsetType = msgspec.UNSET
    rolls_back_id: int | msgspec.UnsetType = msgspec.UNSET
    break_glass: str | msgspec.UnsetType = msgspec.UNSET
    recipe_status: list[RecipeStatus] | msgspec.UnsetType = msgspec.UNSET
    error: str | msgspec.UnsetType = msgspec.UNSET
    error_parts: list[str] | msgspec.UnsetType = msgspec.UNSET
    asset_errors: list[AssetError] | msgspec.UnsetType = msgspec.UNSET
    warnings: list[str] | msgspec.UnsetType = msgspec.UNSET
    assets: list[PackageAsset] | msgspec.UnsetType = msgspec.UNSET


class PackageList(msgspec.Struct):
    """A page of packages, newest first."""

    items: list[Package]


def package(
    shown: packages.Package,
    download_url: str | None,
    recipe_results: Sequence[tuple[int, str]] = (),
    results: Sequence[packages.Result] | None = None,
) -> Package:
    """A package's answer; `results` None leaves the assets out, as lists do."""
    answer = Package(
        id=shown.id,
        operation_type=shown.operation,
        status=shown.status,
        download_url=download_url,
        name=shown.file_name,
        folder_id=shown.folder_id,
        phase=shown.phase,
        percent=shown.percent,
        created_at=answers.stamp(shown.created_at),
        updated_at=answers.stamp(shown.updated_at),
    )
    if shown.manifest_id is not None:
        answer.export_manifest_id = shown.manifest_id
    if shown.rolls_back_id is not None:
        answer.rolls_back_id = shown.rolls_back_id
    if shown.options.break_glass is not None:
        answer.break_glass = shown.options.break_glass
    if shown.operation is not packages.Operation.EXPORT:
        answer.recipe_status = [RecipeStatus(recipe_id, result) for recipe_id, result in recipe_results]
    if shown.status is packages.Status.FAILED:
        answer.error = "\n".join(shown.error_parts)
        answer.error_parts = list(shown.error_parts)
        answer.asset_errors = [_asset_error(issue) for issue in shown.issues]
    if shown.warnings:
        answer.warnings = list(shown.warnings)
    if results is not None:
        answer.assets = [_asset(result) for result in results]
    return answer


def _asset_error(issue: errors.Issue) -> AssetError:
    file = assets.parse_file(assets.split(issue.where)[1])
    return AssetError(issue.where, assets.WIRE_TYPES.get(file.kind, file.kind) if file else None, issue.what)


def with_plan(answer: Package, plan_id: int) -> Package:
    """The same answer, with the plan that the package was."""
    answer.plan_id = plan_id
    return answer


def _asset(result: packages.Result) -> PackageAsset:
    return PackageAsset(
        id=result.asset_id,
        type=assets.WIRE_TYPES.get(result.kind, result.kind),
        name=result.name,
        zip_name=result.path,
        action=result.action,
        version_before=result.version_before,
        version_after=result.version_after,
    )
