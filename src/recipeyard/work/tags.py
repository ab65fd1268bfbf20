"""Tags: made and put on assets by hand, brought by packages, and written into the documents that leave."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from recipeyard.model import activities as model
from recipeyard.model import assets, errors, tags
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database
from recipeyard.sql import tags as tag_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import activities


@dataclass(frozen=True, slots=True)
class Assignment:
    """Tags by handle, and the recipes and connections that they are put on or taken from."""

    add: Sequence[str] = ()
    remove: Sequence[str] = ()
    recipe_ids: Sequence[int] = ()
    connection_ids: Sequence[int] = ()


def create(tx: database.Tx, workspace_id: int, title: str, notes: Mapping[str, Any]) -> tags.Tag:
    """A new tag; `notes` are its description and color. Raises `errors.Invalid` for a title that is wrong or taken."""
    workspace_rows.lock(tx, workspace_id)
    _check(tx, workspace_id, title, None)
    made = tag_rows.insert(tx, workspace_id, [{"handle": _handle(), "title": title} | dict(notes)])[0]
    activities.record(tx, workspace_id, "tag_created", _resource(made))
    return made


def change(tx: database.Tx, workspace_id: int, handle: str, fields: Mapping[str, Any]) -> tags.Tag:
    """A tag with other title, description or color; what is not among `fields` stays."""
    workspace_rows.lock(tx, workspace_id)
    before = tag_rows.find(tx, workspace_id, handle)
    after = replace(before, **fields)
    _check(tx, workspace_id, after.title, before)
    tag_rows.change(tx, after)
    activities.record(tx, workspace_id, "tag_updated", _resource(after), changed=sorted(fields))
    return after


def delete(tx: database.Tx, workspace_id: int, handle: str) -> None:
    """Delete a tag, and take it from whatever bears it."""
    workspace_rows.lock(tx, workspace_id)
    tag = tag_rows.find(tx, workspace_id, handle)
    tag_rows.delete(tx, tag)
    activities.record(tx, workspace_id, "tag_deleted", _resource(tag))


def assign(tx: database.Tx, workspace_id: int, wanted: Assignment) -> None:
    """Put tags on assets and take others from them. Raises `errors.NotFound` naming each id that is not here."""
    workspace_rows.lock(tx, workspace_id)
    added, removed = _known(tx, workspace_id, wanted.add), _known(tx, workspace_id, wanted.remove)
    asset_ids = _of_kind(tx, workspace_id, assets.RECIPE, wanted.recipe_ids)
    asset_ids += _of_kind(tx, workspace_id, assets.CONNECTION, wanted.connection_ids)
    tag_rows.take(tx, asset_ids, [each.id for each in removed])
    tag_rows.assign(tx, [(asset_id, each.id) for asset_id in asset_ids for each in added])
    details = {"recipe_ids": list(wanted.recipe_ids), "connection_ids": list(wanted.connection_ids)}
    for event, those in (("tag_unassigned", removed), ("tag_assigned", added)):
        for each in those:
            activities.record(tx, workspace_id, event, _resource(each), **details)


def arrive(tx: database.Tx, workspace_id: int, titles: Mapping[int, Sequence[str]]) -> None:
    """Assets bear exactly these tags from now on, by asset id; tags that are missing are made.

    The caller holds the workspace's lock.
    """
    wanted = dict.fromkeys(title for each in titles.values() for title in each)
    here = {tag.title: tag for tag in tag_rows.by_titles(tx, workspace_id, wanted)}
    missing = [{"handle": _handle(), "title": title} for title in wanted if title not in here]
    here |= {tag.title: tag for tag in tag_rows.insert(tx, workspace_id, missing)}
    tag_rows.take(tx, list(titles))
    tag_rows.assign(tx, [(asset_id, here[title].id) for asset_id, each in titles.items() for title in set(each)])


def differing(tx: database.Tx, titles: Mapping[int, Sequence[str]]) -> dict[int, tuple[set[str], set[str]]]:
    """Those of these assets that bear other tags than these, with the titles before and after."""
    here = titles_of(tx, titles)
    wanted = {asset_id: (set(here[asset_id]), set(each)) for asset_id, each in titles.items()}
    return {asset_id: (before, after) for asset_id, (before, after) in wanted.items() if before != after}


def titles_of(tx: database.Tx, asset_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """The titles of each asset's tags in their order, for every one of these assets."""
    ids = list(asset_ids)
    found = tag_rows.of_assets(tx, ids)
    return {asset_id: tuple(tag.title for tag in found.get(asset_id, ())) for asset_id in ids}


def handles_of(tx: database.Tx, asset_ids: Iterable[int]) -> dict[int, list[str]]:
    """The handles of each asset's tags, for every one of these assets."""
    ids = list(asset_ids)
    found = tag_rows.of_assets(tx, ids)
    return {asset_id: [tag.handle for tag in found.get(asset_id, ())] for asset_id in ids}


def _resource(tag: tags.Tag) -> model.Resource:
    return model.Resource(model.Kind.TAG, tag.id, tag.title)


def _handle() -> str:
    return f"tag-{secrets.token_hex(8)}"


def _check(tx: database.Tx, workspace_id: int, title: str, mine: tags.Tag | None) -> None:
    issues = [errors.Issue("title", what) for what in tags.title_issues(title)]
    if not issues and any(tag != mine for tag in tag_rows.by_titles(tx, workspace_id, [title])):
        issues.append(errors.Issue("title", f"{title!r} has already been taken"))
    if issues:
        raise errors.Invalid.listing(issues)


def _known(tx: database.Tx, workspace_id: int, handles: Sequence[str]) -> list[tags.Tag]:
    found = tag_rows.by_handles(tx, workspace_id, handles)
    _refuse_missing("tag", set(handles) - {tag.handle for tag in found})
    return found


def _of_kind(tx: database.Tx, workspace_id: int, kind: str, ids: Sequence[int]) -> list[int]:
    found = [asset.id for asset in asset_rows.by_ids(tx, workspace_id, ids).values() if asset.kind == kind]
    _refuse_missing(kind, {str(each) for each in set(ids) - set(found)})
    return found


def _refuse_missing(kind: str, missing: set[str]) -> None:
    if missing:
        raise errors.NotFound(f"Not found: there is no {kind} {', '.join(sorted(missing))}")
