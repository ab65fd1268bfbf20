"""Tags and what they are put on. Handles are unique on the server, titles in their workspace."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from recipeyard.model import errors, tags
from recipeyard.sql import database, tables

_tags = tables.tags
_assigned = tables.tag_assignments


def insert(tx: database.Tx, workspace_id: int, values: Sequence[Mapping[str, Any]]) -> list[tags.Tag]:
    """New tags; each of `values` holds handle, title, and if there are any description and color."""
    fixed = {"workspace_id": workspace_id, "description": None, "color": None}
    rows = [fixed | dict(each) | {"created_at": tx.now, "updated_at": tx.now} for each in values]
    ids = tx.insert(_tags, rows)
    return [
        tags.Tag(tag_id, row["handle"], row["title"], row["description"], row["color"])
        for tag_id, row in zip(ids, rows, strict=True)
    ]


def find(tx: database.Tx, workspace_id: int, handle: str) -> tags.Tag:
    """The tag of that handle. Raises `errors.NotFound`."""
    found = by_handles(tx, workspace_id, [handle])
    if not found:
        raise errors.NotFound.of("tag", handle)
    return found[0]


def by_handles(tx: database.Tx, workspace_id: int, handles: Iterable[str]) -> list[tags.Tag]:
    """Those of these tags that are here, by id."""
    return _among(tx, workspace_id, _tags.c.handle, handles)


def by_titles(tx: database.Tx, workspace_id: int, titles: Iterable[str]) -> list[tags.Tag]:
    """Those of these tags that are here, by id."""
    return _among(tx, workspace_id, _tags.c.title, titles)


def titles(tx: database.Tx, tag_ids: Iterable[int]) -> dict[int, str]:
    """The titles of those of these tags that are still here, by id."""
    pieces = database.in_pieces(sorted(set(tag_ids)))
    query = sa.select(_tags.c.id, _tags.c.title)
    return {row.id: row.title for piece in pieces for row in tx.all(query.where(_tags.c.id.in_(piece)))}


def page(tx: database.Tx, workspace_id: int, text: str, *, offset: int, limit: int) -> list[tags.Tag]:
    """A page of the tags whose titles hold a text in any case, by title."""
    holds = sa.func.lower(_tags.c.title).contains(text.lower(), autoescape=True)
    query = sa.select(_tags).where(_tags.c.workspace_id == workspace_id, holds).order_by(_tags.c.title, _tags.c.id)
    return [_tag(row) for row in tx.all(query.offset(offset).limit(limit))]


def change(tx: database.Tx, tag: tags.Tag) -> None:
    """Write a tag's title, description and color."""
    values = {"title": tag.title, "description": tag.description, "color": tag.color, "updated_at": tx.now}
    tx.run(sa.update(_tags).where(_tags.c.id == tag.id).values(values))


def delete(tx: database.Tx, tag: tags.Tag) -> None:
    """Delete a tag, and take it from whatever bears it."""
    tx.run(sa.delete(_tags).where(_tags.c.id == tag.id))


def assign(tx: database.Tx, pairs: Iterable[tuple[int, int]]) -> None:
    """Put tags on assets, as (asset id, tag id); what is there already stays."""
    tx.insert_new(_assigned, [{"asset_id": asset_id, "tag_id": tag_id} for asset_id, tag_id in pairs])


def take(tx: database.Tx, asset_ids: Sequence[int], tag_ids: Sequence[int] | None = None) -> None:
    """Take tags from assets: these, or all of them."""
    these = [] if tag_ids is None else [_assigned.c.tag_id.in_(tag_ids)]
    for piece in database.in_pieces(asset_ids):
        tx.run(sa.delete(_assigned).where(_assigned.c.asset_id.in_(piece), *these))


def of_assets(tx: database.Tx, asset_ids: Iterable[int]) -> dict[int, list[tags.Tag]]:
    """The tags of each asset, by title; of those that bear none, an empty list."""
    query = sa.select(_assigned.c.asset_id, _tags).join(_tags, _tags.c.id == _assigned.c.tag_id)
    found: dict[int, list[tags.Tag]] = defaultdict(list)
    for piece in database.in_pieces(sorted(set(asset_ids))):
        for row in tx.all(query.where(_assigned.c.asset_id.in_(piece)).order_by(_tags.c.title, _tags.c.id)):
            found[row.asset_id].append(_tag(row))
    return found


def _among(tx: database.Tx, workspace_id: int, column: sa.ColumnElement[str], values: Iterable[str]) -> list[tags.Tag]:
    query = sa.select(_tags).where(_tags.c.workspace_id == workspace_id)
    pieces = database.in_pieces(sorted(set(values)))
    rows = [row for piece in pieces for row in tx.all(query.where(column.in_(piece)))]
    return [_tag(row) for row in sorted(rows, key=lambda row: row.id)]


def _tag(row: sa.Row[Any]) -> tags.Tag:
    return tags.Tag(row.id, row.handle, row.title, row.description, row.color)
