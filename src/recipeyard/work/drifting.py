"""Ask a folder what of it is not what packages left there. Reads, and writes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from recipeyard.model import (
    assets,
    bindings,
    bundles,
    conflicts,
    data_tables,
    diffs,
    histories,
    packages,
    proposals,
    tables,
    workspaces,
)
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import bindings as binding_rows
from recipeyard.sql import database, folders, rows
from recipeyard.sql import documents as document_rows
from recipeyard.sql import histories as history_rows
from recipeyard.sql import packages as package_rows
from recipeyard.work import proposing, reconciling


@dataclass(frozen=True, slots=True)
class Found:
    """What a question came to: what is not as it was left, by path; and how many assets are."""

    items: tuple[histories.Drift, ...]
    in_sync: int


@dataclass(frozen=True, slots=True)
class _Asked:
    """The folders of a question by their paths, and what is known of the packages that were deployed there last."""

    tx: database.Tx
    workspace: workspaces.Workspace
    paths: Mapping[int, str]
    results: Mapping[int, Sequence[packages.Result]]
    packages: Mapping[int, packages.Package]
    bases: reconciling.Bases
    by_hand: Mapping[int, histories.Version]
    bound: bindings.Bindings


def drift(tx: database.Tx, workspace: workspaces.Workspace, folder_id: int) -> Found:
    """What of a folder and everything below it is not what a package left.

    What lives elsewhere counts where the package that deployed it last arrived here. Raises `errors.NotFound`.
    """
    folder = folders.find(tx, workspace.id, folder_id)
    below = folders.subtree(tx, workspace.id, folder.id)
    paths = folders.paths(below, folder.id)
    last = {each.id: each for each in history_rows.last_imports(tx, workspace.id, list(paths))}
    results = {package_id: package_rows.results(tx, package_id) for package_id in last}
    mine = {each.id: each for each in asset_rows.in_folders(tx, workspace.id, paths)}
    shared = asset_rows.in_folders(tx, workspace.id, [workspace.root_folder_id])
    touched = {result.asset_id for each in results.values() for result in each}
    others = {each.id: each for each in shared} | asset_rows.by_ids(tx, workspace.id, touched)
    judged = [each for each in (others | mine).values() if each.kind not in conflicts.NEVER]
    bases = reconciling.Bases(tx, judged)
    deployers = {base.package_id for each in judged if (base := bases.of(each.id)) and base.package_id}
    known = last | package_rows.by_ids(tx, sorted(deployers))
    hand = history_rows.by_hand(tx, [each.id for each in judged])
    asked = _Asked(tx, workspace, paths, results, known, bases, hand, binding_rows.newest(tx, workspace.id).bindings)
    counted = [each for each in judged if each.id in mine or _arrived_here(asked, each)]
    found = [item for each in counted if (item := _judge(asked, each))]
    gone = [item for package_id in last for item in _deleted(asked, package_id, others.keys() | mine.keys())]
    ordered = sorted([*found, *gone], key=lambda item: (item.path, item.asset_id))
    return Found(tuple(ordered), len(counted) - len(found))


def differences(
    tx: database.Tx, kind: str, before: histories.Version, after: histories.Version
) -> proposals.Difference:
    """What differs between two versions; between the rows that both brought, too."""
    texts = [_text(tx, each.content.digest) for each in (before, after)]
    found = proposing.difference(kind, (before.content, texts[0]), (after.content, texts[1]))
    if kind not in assets.TABLES or before.rows is None or after.rows is None or before.rows == after.rows:
        return found
    differing = diffs.rows(_brought(tx, kind, before.rows), _brought(tx, kind, after.rows))
    return replace(found, document=diffs.with_rows(found.document, differing))


def _arrived_here(asked: _Asked, asset: assets.Asset) -> bool:
    base = asked.bases.of(asset.id)
    package = asked.packages.get(base.package_id) if base and base.package_id else None
    return package is not None and package.folder_id in asked.paths


def _judge(asked: _Asked, here: assets.Asset) -> histories.Drift | None:
    """How an asset drifted, None where it did not."""
    base, hand = asked.bases.of(here.id), asked.by_hand.get(here.id)
    path = assets.join(asked.paths.get(here.place_id, ""), assets.file_name(here.kind, here.stem))
    item = histories.Drift(histories.Status.DRIFTED, here.id, here.kind, here.name, path, version_no=here.version_no)
    by_hand = replace(item, changed_by=hand.author, changed_at=hand.created_at) if hand else item
    if base is None:
        return replace(by_hand, status=histories.Status.NEVER_DEPLOYED)
    package = asked.packages.get(base.package_id) if base.package_id else None
    at = package.updated_at if package else base.created_at
    differing = _rows(asked, here, base)
    if here.content == base.content and differing is None:
        return None
    item = item if here.content == base.content else by_hand
    before, after = (_text(asked.tx, each.digest) for each in (base.content, here.content))
    diff = proposing.difference(here.kind, (base.content, before), (here.content, after))
    diff = replace(diff, document=diffs.with_rows(diff.document, differing))
    return replace(item, package_id=base.package_id, deployed_at=at, diff=diff)


def _rows(asked: _Asked, here: assets.Asset, base: histories.Version) -> diffs.Rows | None:
    """What differs between the rows that a package brought and those that are here, where no rule mixes them."""
    rule = asked.bound.rule(here.kind, here.name)
    is_mixed = rule is not None and rule.policy is not bindings.Policy.MIRROR
    if here.kind not in assets.TABLES or here.rows_digest is not None or base.rows is None or is_mixed:
        return None
    return diffs.rows(_brought(asked.tx, here.kind, base.rows), rows.of_table(asked.tx, here.id))


def _deleted(asked: _Asked, package_id: int, here: frozenset[int] | set[int]) -> Iterator[histories.Drift]:
    """What the last package into a folder left there and is here no more, though no package deleted it."""
    package = asked.packages[package_id]
    lost = [each for each in asked.results[package_id] if each.asset_id not in here]
    meant = history_rows.deleted_since(asked.tx, [each.asset_id for each in lost], package_id)
    for each in lost:
        if each.asset_id not in meant and each.action is not packages.Action.DELETED:
            yield histories.Drift(
                status=histories.Status.DELETED,
                asset_id=each.asset_id,
                kind=each.kind,
                name=each.name,
                path=assets.join(asked.paths[package.folder_id], each.path),
                package_id=package_id,
                deployed_at=package.updated_at,
            )


def _brought(tx: database.Tx, kind: str, digest: str) -> Sequence[Any]:
    data = str(bundles.parse_text(_text(tx, digest)).get("data") or "")
    return (data_tables.parse if kind == assets.DATA_TABLE else tables.parse)(data)


def _text(tx: database.Tx, digest: str) -> str:
    return bundles.inflate(document_rows.packed(tx, digest)).decode()
