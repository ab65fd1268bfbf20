"""Custom connectors one at a time, as the API handles them: their code, their versions and releases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from recipeyard.model import assets, bundles, custom_connectors, documents, errors
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import custom_connectors as release_rows
from recipeyard.sql import database
from recipeyard.sql import documents as document_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import activities, adapters, writing


@dataclass(frozen=True, slots=True)
class Edit:
    """A connector as it is to be: members of its document as they were sent, its code, its logo."""

    members: Mapping[str, documents.Value] = field(default_factory=dict)
    code: str | None = None
    logo: custom_connectors.Logo | None = None


def listed(tx: database.Tx, workspace_id: int, title: str | None = None) -> list[custom_connectors.Connector]:
    """A workspace's connectors by id, or those of one title."""
    kind = assets.CUSTOM_ADAPTER
    if title is None:
        return _shown(tx, asset_rows.of_kind(tx, workspace_id, kind))
    return _shown(tx, asset_rows.named(tx, workspace_id, kind, [title]))


def find(tx: database.Tx, workspace_id: int, connector_id: int) -> custom_connectors.Connector:
    """The connector of that id. Raises `errors.NotFound`."""
    return _shown(tx, [asset_rows.find(tx, workspace_id, connector_id, assets.CUSTOM_ADAPTER)])[0]


def code(tx: database.Tx, workspace_id: int, connector_id: int) -> str:
    """A connector's code at its current version; bytes that are no text are shown as such. Raises `errors.NotFound`."""
    asset = asset_rows.find(tx, workspace_id, connector_id, assets.CUSTOM_ADAPTER)
    digest = dict(asset.content.sidecars).get(custom_connectors.CODE)
    return bundles.inflate(document_rows.packed(tx, digest)).decode(errors="replace") if digest else ""


def create(tx: database.Tx, workspace_id: int, edit: Edit) -> int:
    """A new connector, not released; returns its id. Raises `errors.Invalid` for a title that is taken."""
    desk = writing.Desk(tx, workspace_rows.lock(tx, workspace_id))
    title = str(edit.members.get("title") or "")
    _refuse_taken(desk, title, None)
    value = custom_connectors.document(title, dict(edit.members) | _logo_members(edit))
    here = asset_rows.of_kind(tx, workspace_id, assets.CUSTOM_ADAPTER)
    name = adapters.free_name(title, {each.provider for each in here})
    whole = writing.Whole(
        kind=assets.CUSTOM_ADAPTER,
        text=documents.spell(value),
        folder_id=desk.workspace.root_folder_id,
        provider=name,
        sidecars=_beside(edit, {}),
    )
    made = writing.create_whole(desk, whole)
    activities.record(tx, workspace_id, "custom_adapter_created", activities.of_asset(made))
    return made.id


def change(tx: database.Tx, workspace_id: int, connector_id: int, edit: Edit) -> None:
    """The connector's next version; what is sent as it stands makes none. Recipes keep the version that is released."""
    desk = writing.Desk(tx, workspace_rows.lock(tx, workspace_id))
    asset = asset_rows.find(tx, workspace_id, connector_id, assets.CUSTOM_ADAPTER)
    text, beside = desk.text(asset), desk.sidecars(asset)
    before = bundles.parse_text(text)
    wanted = dict(edit.members) | _logo_members(edit)
    changed = {name: value for name, value in wanted.items() if before.get(name) != value}
    sidecars = _beside(edit, beside)
    if not changed and sidecars == beside:
        return
    _refuse_taken(desk, str(wanted.get("title", asset.name)), asset.id)
    for name, value in (changed | {"version_no": asset.version_no + 1}).items():
        text = documents.with_member(text, name, value)
    revised = writing.revise(desk, asset, text, sidecars)
    resource = activities.of_asset(revised)
    activities.record(tx, workspace_id, "custom_adapter_updated", resource, version_no=revised.version_no)


def release(tx: database.Tx, workspace_id: int, connector_id: int) -> None:
    """Release a connector's current version. Raises `errors.Invalid` where it is released already."""
    workspace_rows.lock(tx, workspace_id)
    connector = find(tx, workspace_id, connector_id)
    number = connector.asset.version_no
    if not release_rows.release(tx, connector.asset.id, number, connector.note):
        raise errors.Invalid(f"version {number} of connector {connector.asset.name!r} is already released")
    resource = activities.of_asset(connector.asset)
    activities.record(tx, workspace_id, "custom_adapter_released", resource, version_no=number)


def release_all(tx: database.Tx, arrived: Sequence[assets.Asset]) -> None:
    """Release the current versions of connectors that a package brought; those released already stay so."""
    for connector in _shown(tx, arrived):
        release_rows.release(tx, connector.asset.id, connector.asset.version_no, connector.note)


def _refuse_taken(desk: writing.Desk, title: str, mine: int | None) -> None:
    """Packages know a connector by its title."""
    named = asset_rows.named(desk.tx, desk.workspace.id, assets.CUSTOM_ADAPTER, [title])
    if any(each.id != mine for each in named):
        raise errors.Invalid.listing([errors.Issue("title", f"{title!r} has already been taken")])


def _logo_members(edit: Edit) -> dict[str, documents.Value]:
    if edit.logo is None:
        return {}
    return {"logo_file_name": f"logo.{edit.logo.suffix}", "logo_content_type": edit.logo.media_type}


def _beside(edit: Edit, before: Mapping[str, bytes]) -> dict[str, bytes]:
    """A connector's files: a new logo takes the place of the old one, whatever its kind."""
    code = before.get(custom_connectors.CODE) if edit.code is None else edit.code.encode()
    files = {} if edit.logo else {suffix: each for suffix, each in before.items() if suffix != custom_connectors.CODE}
    files |= {edit.logo.suffix: edit.logo.content} if edit.logo else {}
    return files | ({custom_connectors.CODE: code} if code is not None else {})


def _shown(tx: database.Tx, found: Sequence[assets.Asset]) -> list[custom_connectors.Connector]:
    times = asset_rows.times(tx, [asset.id for asset in found])
    releases = release_rows.releases(tx, [asset.id for asset in found])
    shown: list[custom_connectors.Connector] = []
    for asset in found:
        value = bundles.parse_text(bundles.inflate(document_rows.packed(tx, asset.content.digest)).decode())
        note = value.get("note")
        connector = custom_connectors.Connector(
            asset=asset,
            description=str(value.get("description") or ""),
            note=note if isinstance(note, str) and note else None,
            created_at=times[asset.id][0],
            updated_at=times[asset.id][1],
            releases=releases.get(asset.id, ()),
        )
        shown.append(connector)
    return shown
