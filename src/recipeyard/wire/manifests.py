"""Export manifests as the API takes and shows them, and the assets of a folder."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from recipeyard.model import assets, errors, manifests
from recipeyard.wire import answers

_KINDS = {wire_type: kind for kind, wire_type in assets.WIRE_TYPES.items()} | {kind: kind for kind in assets.OWN}


class ManifestAsset(msgspec.Struct):
    """One line of an explicit manifest."""

    id: answers.Id
    type: str
    checked: bool = True
    version: int | None = None
    folder: str | None = ""
    zip_name: str | None = ""


class ManifestFields(msgspec.Struct):
    """What a manifest is made of. Either `assets`, or `auto_generate_assets`: all of the folder, at each export."""

    name: str | None = None
    assets: list[ManifestAsset] | None = None
    folder_id: int | None = None
    auto_generate_assets: bool | None = None
    include_test_cases: bool | None = None
    include_data: bool | None = None
    include_tags: bool | None = None
    auto_run: bool | None = None


class ManifestRequest(ManifestFields):
    """The fields themselves, or wrapped in `export_manifest`."""

    export_manifest: ManifestFields | None = None

    @property
    def fields(self) -> ManifestFields:
        """The fields, whichever way they came."""
        return self.export_manifest or self


class Manifest(msgspec.Struct):
    """A stored selection of assets."""

    id: int
    name: str
    folder_id: int
    last_exported_at: str | None
    created_at: str
    updated_at: str
    deleted_at: str | None
    project_path: str
    status: str
    auto_generate_assets: bool
    include_test_cases: bool
    include_data: bool
    include_tags: bool


class ManifestAnswer(msgspec.Struct):
    """One manifest."""

    result: Manifest


class ManifestItems(msgspec.Struct):
    """Manifests, newest first."""

    items: list[Manifest]


class ManifestList(msgspec.Struct):
    """A page of manifests."""

    result: ManifestItems


class Deleted(msgspec.Struct):
    """A manifest was deleted; said in both of the ways that clients read."""

    success: bool
    result: answers.Success


class FolderAsset(msgspec.Struct):
    """An asset that an export of the folder would hold. `status` against the last one: added, updated, no change."""

    id: int
    name: str
    type: str
    version: int
    folder: str
    absolute_path: str
    root_folder: bool
    unreachable: bool
    zip_name: str
    checked: bool
    status: str


class FolderAssets(msgspec.Struct):
    """The assets of a folder, of the folders below it, and what they depend on."""

    assets: list[FolderAsset]


class FolderAssetsAnswer(msgspec.Struct):
    """The inventory of a folder."""

    result: FolderAssets


def selected(lines: Sequence[ManifestAsset]) -> tuple[manifests.Selected, ...]:
    """The lines of an explicit manifest. Raises `errors.Invalid` for types that no asset has."""
    unknown = [
        errors.Issue(f"assets[{at}].type", f"{line.type!r} is not a type of asset")
        for at, line in enumerate(lines)
        if line.type not in _KINDS
    ]
    if unknown:
        raise errors.Invalid.listing(unknown)
    return tuple(
        manifests.Selected(line.id, _KINDS[line.type], line.checked, line.version, _zip_name(line)) for line in lines
    )


def options(fields: ManifestFields, before: manifests.Options) -> manifests.Options:
    """The options that were sent, over those that stood before."""
    sent = answers.sent(
        {
            "auto": fields.auto_generate_assets,
            "include_data": fields.include_data,
            "include_tags": fields.include_tags,
            "include_test_cases": fields.include_test_cases,
        }
    )
    return replace(before, **sent)


def manifest(shown: manifests.Manifest, project_path: str) -> Manifest:
    """A manifest's answer."""
    return Manifest(
        id=shown.id,
        name=shown.name,
        folder_id=shown.folder_id,
        last_exported_at=answers.stamp_or_none(shown.last_exported_at),
        created_at=answers.stamp(shown.created_at),
        updated_at=answers.stamp(shown.updated_at),
        deleted_at=None,
        project_path=project_path,
        status="working",
        auto_generate_assets=shown.options.auto,
        include_test_cases=shown.options.include_test_cases,
        include_data=shown.options.include_data,
        include_tags=shown.options.include_tags,
    )


def folder_asset(chosen: manifests.Chosen, folder_path: str, exported: tuple[int, str] | None) -> FolderAsset:
    """An asset of a folder's inventory; `exported` is its version and path in the last export, None without one."""
    asset = chosen.asset
    status = "added" if exported is None else "updated"
    return FolderAsset(
        id=asset.id,
        name=asset.name,
        type=assets.WIRE_TYPES.get(asset.kind, asset.kind),
        version=asset.version_no,
        folder=assets.split(chosen.path)[0],
        absolute_path=f"All projects/{folder_path}" if folder_path else "Home",
        root_folder=not folder_path,
        unreachable=False,
        zip_name=chosen.path,
        checked=True,
        status="no change" if exported == (asset.version_no, chosen.path) else status,
    )


def _zip_name(line: ManifestAsset) -> str:
    """A whole path; a bare file name stands in the line's folder."""
    zip_name, folder = line.zip_name or "", (line.folder or "").strip("/")
    return assets.join(folder, zip_name) if zip_name and "/" not in zip_name else zip_name
