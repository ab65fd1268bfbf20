"""Write one asset by hand, as the API does: its document kept and described, a version made, its references wired."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace

from recipeyard.archive import writer
from recipeyard.model import assets, bundles, errors, references, workspaces
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, folders, links
from recipeyard.sql import documents as document_rows
from recipeyard.work import linking, starting, wiring


@dataclass(frozen=True, slots=True)
class Desk:
    """One transaction in which a workspace's assets are changed by hand, under the workspace's lock."""

    tx: database.Tx
    workspace: workspaces.Workspace

    @property
    def author(self) -> asset_rows.Author:
        """Every version that is made here bears the name of whoever acts."""
        return asset_rows.Author(self.tx.actor.name)

    def text(self, asset: assets.Asset) -> str:
        """An asset's document."""
        return bundles.inflate(document_rows.packed(self.tx, asset.content.digest)).decode()

    def sidecars(self, asset: assets.Asset) -> dict[str, bytes]:
        """What stands beside an asset's document, by suffix."""
        return {
            suffix: bundles.inflate(document_rows.packed(self.tx, digest)) for suffix, digest in asset.content.sidecars
        }


@dataclass(frozen=True, slots=True)
class Whole:
    """An asset about to be written, with what stands beside its document, by suffix."""

    kind: str
    text: str
    folder_id: int
    provider: str | None = None
    sidecars: Mapping[str, bytes] = field(default_factory=dict)


def create(desk: Desk, kind: str, text: str, folder_id: int, provider: str | None = None) -> assets.Asset:
    """A new asset with this document in a folder. Raises `errors.Invalid` for a document of the wrong shape."""
    return create_whole(desk, Whole(kind, text, folder_id, provider))


def create_whole(desk: Desk, whole: Whole) -> assets.Asset:
    """`create` for an asset that may have files beside its document."""
    folder = folders.find(desk.tx, desk.workspace.id, whole.folder_id)
    content, facts = _keep(desk, whole.kind, whole.text)
    content = replace(content, sidecars=_keep_beside(desk, whole.sidecars))
    place_id = place_of(desk, whole.kind, folder.id)
    stem = free_stem(desk, whole.kind, place_id, assets.stem_for(whole.kind, facts.name))
    draft = assets.Draft(whole.kind, facts.name, stem, folder.id, place_id, content, content, whole.provider)
    made, version_id = asset_rows.create(desk.tx, desk.workspace.id, [draft], desk.author)[0]
    _wire(desk, made, version_id, facts, {})
    return made


def revise(desk: Desk, asset: assets.Asset, text: str, sidecars: Mapping[str, bytes] | None = None) -> assets.Asset:
    """The next version of an asset, with this document and, unless they stay as they are, these files beside it.

    The path stays: it is what other workspaces know it by.
    """
    before = starting.targets_of(desk.tx, asset, facts_of(desk, asset))
    content, facts = _keep(desk, asset.kind, text)
    beside = asset.content.sidecars if sidecars is None else _keep_beside(desk, sidecars)
    content = replace(content, sidecars=beside)
    draft = replace(draft_of(asset), name=facts.name, content=content, arrived=content)
    author = replace(desk.author, base_id=linking.base_of(desk.tx, desk.workspace, asset))
    made, version_id = asset_rows.revise(desk.tx, [(asset, draft)], author)[0]
    _wire(desk, made, version_id, facts, before)
    return replace(made, running=asset.running)


def move(desk: Desk, asset: assets.Asset, folder_id: int) -> assets.Asset:
    """An asset in another folder. Raises `errors.NotFound` for one that is not there."""
    folder = folders.find(desk.tx, desk.workspace.id, folder_id)
    place_id = place_of(desk, asset.kind, folder.id)
    stem = asset.stem if place_id == asset.place_id else free_stem(desk, asset.kind, place_id, asset.stem)
    draft = replace(draft_of(asset), folder_id=folder.id, place_id=place_id, stem=stem)
    asset_rows.place(desk.tx, [(asset, draft)])
    linking.heal(desk.tx, desk.workspace, [asset])
    return replace(asset, folder_id=folder.id, place_id=place_id, stem=stem)


def facts_of(desk: Desk, asset: assets.Asset) -> bundles.Facts:
    """What is known of an asset's document."""
    return document_rows.facts(desk.tx, [asset.content.digest])[asset.content.digest, asset.kind]


def place_of(desk: Desk, kind: str, folder_id: int) -> int:
    """Where the path of an asset that lives in a folder counts from."""
    return desk.workspace.root_folder_id if kind in assets.AT_ROOT else folder_id


def free_stem(desk: Desk, kind: str, place_id: int, wanted: str) -> str:
    """The stem that is wished for, or the next one that is free."""
    here = asset_rows.numbered(desk.tx, desk.workspace.id, place_id, kind, wanted)
    return assets.free_stem(wanted, [asset.stem for asset in here])


def draft_of(asset: assets.Asset) -> assets.Draft:
    """An asset as it would be written again."""
    return assets.Draft(**{name: getattr(asset, name) for name in assets.Draft.__slots__})


def reference_to(desk: Desk, target: assets.Asset, base_id: int) -> references.Reference:
    """How a document whose references count from the folder `base_id` names an asset."""
    filename = assets.file_name(target.kind, target.stem)
    if target.place_id == desk.workspace.root_folder_id:
        return references.inside(filename, target.name)
    trail = folders.trail(desk.tx, target.place_id)
    ids = [folder_id for folder_id, _ in trail]
    if base_id in ids:
        inner = "/".join(name for _, name in trail[ids.index(base_id) + 1 :])
        return references.inside(assets.join(inner, filename), target.name)
    return references.outside("/".join(name for _, name in trail), filename, target.name)


def _keep(desk: Desk, kind: str, text: str) -> tuple[assets.Content, bundles.Facts]:
    facts = _described(kind, text)
    packed = writer.deflate(text.encode())
    document_rows.add(desk.tx, [packed])
    document_rows.describe(desk.tx, [(packed.digest, kind, facts)])
    return assets.Content(packed.digest), facts


def _described(kind: str, text: str) -> bundles.Facts:
    """What a document says of itself. What is wrong with it is told by its member, or by its kind."""
    try:
        return bundles.describe_text(kind, "", text)
    except errors.Invalid as e:
        members = bundles.parse_text(text).keys()
        raise errors.Invalid.listing([_placed(issue, kind, members) for issue in e.issues]) from e


def _placed(issue: errors.Issue, kind: str, members: Container[str]) -> errors.Issue:
    first, _, rest = issue.what.partition(" ")
    return errors.Issue(first, rest) if first in members else errors.Issue(assets.spoken(kind), issue.what)


def _keep_beside(desk: Desk, sidecars: Mapping[str, bytes]) -> tuple[tuple[str, str], ...]:
    packed = {suffix: writer.deflate(content) for suffix, content in sorted(sidecars.items())}
    document_rows.add(desk.tx, packed.values())
    return tuple((suffix, each.digest) for suffix, each in packed.items())


def _wire(
    desk: Desk,
    asset: assets.Asset,
    version_id: int,
    facts: bundles.Facts,
    before: dict[references.Reference, int],
) -> None:
    """A reference that stood in the version before goes on to mean what it meant."""
    resolver = wiring.Resolver(desk.tx, desk.workspace, linking.base_of(desk.tx, desk.workspace, asset))
    links.write(desk.tx, {version_id: resolver.links(facts, before)})
    linking.heal(desk.tx, desk.workspace, [asset])
