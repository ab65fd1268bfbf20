"""The whole story of an export: accepted with its work in one transaction, selected, packed, settled."""

import functools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from recipeyard.archive import writer
from recipeyard.model import (
    assets,
    bundles,
    data_tables,
    documents,
    errors,
    manifests,
    packages,
    references,
    tables,
    tags,
)
from recipeyard.sql import database, rows
from recipeyard.sql import documents as document_rows
from recipeyard.sql import manifests as manifest_rows
from recipeyard.sql import packages as package_rows
from recipeyard.wire import documents as wire_documents
from recipeyard.work import import_package, parts, progress, selecting, settling
from recipeyard.work import tags as work_tags

READ_AHEAD = 100
AHEAD_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the archive, of an asset: a document as it is kept, or a changed one where `changed` says so."""

    path: str
    asset: assets.Asset
    digest: str
    changed: bytes | None = None


def request(deed: parts.Parts, workspace_id: int, manifest_id: int) -> packages.Package:
    """Accept an export of a manifest. When this returns, the package and its work are on disk.

    Raises `errors.NotFound` for an unknown manifest.
    """
    with deed.db.write() as tx:
        package = accept(tx, manifest_rows.find(tx, workspace_id, manifest_id))
        deed.enqueue(tx, parts.Queue.EXPORTS, workspace_id, package.id)
        return package


def accept(tx: database.Tx, manifest: manifests.Manifest) -> packages.Package:
    """An export in progress. Its work is the caller's to enqueue."""
    manifest_rows.exported(tx, manifest)
    return package_rows.insert(
        tx,
        {
            "workspace_id": manifest.workspace_id,
            "operation": packages.Operation.EXPORT,
            "folder_id": manifest.folder_id,
            "manifest_id": manifest.id,
            "options": packages.Options(include_tags=manifest.options.include_tags),
            "file_name": f"{assets.handle(manifest.name)}.zip",
        },
    )


def run(deed: parts.Parts, package_id: int) -> None:
    """Do the work of an accepted export. Running it again, after it ended or beside another, changes nothing."""
    with deed.db.read() as tx:
        package = package_rows.by_id(tx, package_id)
    if package is None or package.status is not packages.Status.IN_PROGRESS or package.manifest_id is None:
        return
    try:
        _carry_out(deed, package, package.manifest_id)
    except errors.Failure as e:
        import_package.fail(deed, package_id, e)


def _carry_out(deed: parts.Parts, package: packages.Package, manifest_id: int) -> None:
    import_package.report(deed, package.id, packages.Phase.PACKING, 10)
    key = f"packages/{package.id}-{uuid.uuid4().hex[:12]}/{package.file_name}"
    with deed.db.read() as tx:
        manifest = manifest_rows.by_id(tx, manifest_id)
        selection = selecting.select(tx, manifest)
        if not selection.chosen:
            raise errors.Invalid("the manifest selects no asset")
        tell = functools.partial(import_package.report, deed, package.id, packages.Phase.PACKING)
        count = progress.Progress(
            tell, (10, 90), sum(1 + len(each.asset.content.sidecars) for each in selection.chosen)
        )
        packed = _packed(tx, _parts(tx, selection, manifest.options), deed.limits)
        deed.blobs.put(key, writer.write(progress.along(packed, count.add, lambda _: 1)))
    results = tuple(_result(chosen) for chosen in selection.chosen)
    done = packages.Status.COMPLETED
    outcome = packages.Outcome(done, warnings=tuple(selection.dangling), results=results, blob_key=key)
    with deed.db.write() as write:
        settled = settling.settle(write, package, outcome)
    if not settled:
        deed.blobs.delete(key)


@dataclass(frozen=True, slots=True)
class _Rewrite:
    """What must stand otherwise in a document than it is kept; `titles` None leaves its tags alone."""

    references: dict[references.Reference, references.Reference]
    titles: tuple[str, ...] | None
    with_rows: bool


def _parts(tx: database.Tx, selection: selecting.Selection, options: manifests.Options) -> Iterator[Part]:
    paths = {chosen.asset.id: chosen.path for chosen in selection.chosen}
    tagged = [chosen.asset.id for chosen in selection.chosen if chosen.asset.kind in tags.KINDS]
    titles = work_tags.titles_of(tx, tagged) if options.include_tags else {}
    for chosen in selection.chosen:
        asset = chosen.asset
        with_rows = options.include_data and asset.kind in assets.TABLES
        yield _document(tx, chosen, _Rewrite(_changes(selection, asset, paths), titles.get(asset.id), with_rows))
        stem = chosen.path.removesuffix(f".{assets.JSON}")
        for suffix, digest in asset.content.sidecars:
            yield Part(f"{stem}.{suffix}", asset, digest)


def _changes(
    selection: selecting.Selection, asset: assets.Asset, paths: dict[int, str]
) -> dict[references.Reference, references.Reference]:
    """The references of a document that must be spelled otherwise in this archive.

    One that was only assumed to mean its target keeps the words it came with.
    """
    targets = selection.targets[asset.id]
    changed: dict[references.Reference, references.Reference] = {}
    for reference, target_id in targets.items():
        target = selection.known[target_id]
        spelled = manifests.mention(reference, target, paths, selection.beyond_paths)
        if spelled != reference and (asset.id, reference) not in selection.assumed:
            changed[reference] = spelled
    return changed


def _document(tx: database.Tx, chosen: manifests.Chosen, wanted: _Rewrite) -> Part:
    asset, changes = chosen.asset, wanted.references
    came_with_rows = wanted.with_rows and asset.rows_digest == asset.arrived.digest
    kept = asset.arrived.digest if came_with_rows else asset.content.digest
    says_others = _says_other_tags(tx, kept, wanted.titles)
    if not changes and not says_others and came_with_rows >= wanted.with_rows:
        return Part(chosen.path, asset, kept)
    text = bundles.inflate(document_rows.packed(tx, asset.content.digest)).decode()
    if wanted.with_rows:
        text = documents.with_member(text, "data", _spelled(asset.kind, text, rows.of_table(tx, asset.id)))
    text = references.rewrite(text, lambda reference: changes.get(reference, reference))
    if says_others:
        text = documents.with_member(text, tags.MEMBER, wanted.titles)
    return Part(chosen.path, asset, "", text.encode())


def _says_other_tags(tx: database.Tx, digest: str, titles: tuple[str, ...] | None) -> bool:
    if titles is None:
        return False
    return tags.differ(titles, wire_documents.tags(bundles.inflate(document_rows.packed(tx, digest))))


def _spelled(kind: str, text: str, held: list[Any]) -> str:
    return data_tables.spell(bundles.parse_text(text), held) if kind == assets.DATA_TABLE else tables.spell(held)


def _packed(tx: database.Tx, wanted: Iterator[Part], limits: bundles.Limits) -> Iterator[tuple[str, bundles.Packed]]:
    """Parts with their documents, a few read ahead at a time. Raises `errors.Invalid` for one that no import takes."""
    batch: list[Part] = []
    weight = 0
    for part in wanted:
        batch.append(part)
        weight += len(part.changed or b"")
        if len(batch) == READ_AHEAD or weight > AHEAD_BYTES:
            yield from _in_turn(tx, batch, limits)
            batch, weight = [], 0
    yield from _in_turn(tx, batch, limits)


def _in_turn(tx: database.Tx, batch: list[Part], limits: bundles.Limits) -> Iterator[tuple[str, bundles.Packed]]:
    """Parts with their documents, no more of them in memory than may be read ahead."""
    weights = document_rows.weights(tx, {part.digest for part in batch})
    turn: list[Part] = []
    weight = 0
    for part in batch:
        turn.append(part)
        weight += weights.get(part.digest, 0)
        if weight > AHEAD_BYTES:
            yield from _loaded(tx, turn, limits)
            turn, weight = [], 0
    yield from _loaded(tx, turn, limits)


def _loaded(tx: database.Tx, batch: list[Part], limits: bundles.Limits) -> Iterator[tuple[str, bundles.Packed]]:
    kept = document_rows.all_packed(tx, {part.digest for part in batch if part.changed is None})
    for part in batch:
        packed = kept[part.digest] if part.changed is None else writer.deflate(part.changed)
        if packed.size > limits.entry_bytes:
            what = f"{assets.spoken(part.asset.kind)} {part.asset.name!r} would be {packed.size} bytes here"
            issue = errors.Issue(part.path, f"{what}; at most {limits.entry_bytes} are allowed")
            raise errors.Invalid.listing([issue])
        yield part.path, packed


def _result(chosen: manifests.Chosen) -> packages.Result:
    asset = chosen.asset
    return packages.Result(
        asset_id=asset.id,
        kind=asset.kind,
        path=chosen.path,
        name=asset.name,
        action=packages.Action.EXPORTED,
        version_before=asset.version_no,
        version_after=asset.version_no,
        digest=asset.content.digest,
    )
