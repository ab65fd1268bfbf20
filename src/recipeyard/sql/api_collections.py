"""API collections' endpoints: which belong to a collection, and which are active."""

from collections.abc import Iterable

import sqlalchemy as sa

from recipeyard.model import assets
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, tables

_endpoints = tables.endpoints
_assets = tables.assets


def endpoints(tx: database.Tx, workspace_id: int, collection_id: int | None = None) -> list[assets.Asset]:
    """A workspace's endpoints, or those of one collection, by id."""
    linked = sa.select(tables.links.c.version_id).where(tables.links.c.target_id == collection_id)
    where = [] if collection_id is None else [_assets.c.version_id.in_(linked)]
    return asset_rows.of_kind(tx, workspace_id, assets.API_ENDPOINT, *where)


def active(tx: database.Tx, ids: Iterable[int]) -> set[int]:
    """Which of these endpoints are active; one never enabled is not."""
    query = sa.select(_endpoints.c.asset_id).where(_endpoints.c.active)
    pieces = database.in_pieces(sorted(set(ids)))
    return {row.asset_id for piece in pieces for row in tx.all(query.where(_endpoints.c.asset_id.in_(piece)))}


def switch(tx: database.Tx, endpoint_id: int, *, active: bool) -> None:
    """An endpoint is active from now on, or no more."""
    tx.insert_new(_endpoints, [{"asset_id": endpoint_id, "active": active}])
    tx.run(sa.update(_endpoints).where(_endpoints.c.asset_id == endpoint_id).values(active=active))
