"""What is bound to stubs: connections, and providers whose steps have no connection."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from recipeyard.model import assets, stubs
from recipeyard.sql import database, runtime_tables, tables

_bindings = runtime_tables.stub_bindings


@dataclass(frozen=True, slots=True)
class Answering:
    """The stubs that answer in a workspace: by the connection, and by the provider where a step has none."""

    connections: Mapping[int, int] = field(default_factory=dict)
    providers: Mapping[str, int] = field(default_factory=dict)

    def stub(self, provider: str, connection_id: int | None) -> int | None:
        """The stub that answers for steps of a provider with this connection, or without one."""
        return self.providers.get(provider) if connection_id is None else self.connections.get(connection_id)


def bind(tx: database.Tx, workspace_id: int, stub_id: int, bound: stubs.Bound, provider: str) -> None:
    """Let a stub answer for these and nothing else; another stub answers for them no more."""
    taken: list[sa.ColumnElement[bool]] = [
        _bindings.c.connection_id.in_(piece) for piece in database.in_pieces(sorted(bound.connection_ids))
    ]
    if bound.without_connection:
        taken.append(_bindings.c.provider == provider)
    for each in [_bindings.c.stub_id == stub_id, *taken]:
        tx.run(sa.delete(_bindings).where(_bindings.c.workspace_id == workspace_id, each))
    rows = [_row(tx, workspace_id, stub_id, each, None) for each in bound.connection_ids]
    rows += [_row(tx, workspace_id, stub_id, None, provider)] if bound.without_connection else []
    tx.run(sa.insert(_bindings), rows)


def bound(tx: database.Tx, stub_ids: Iterable[int]) -> dict[int, stubs.Bound]:
    """What each of these stubs answers for; nothing where it is not named."""
    connections: dict[int, list[int]] = {}
    without: set[int] = set()
    query = sa.select(_bindings.c.stub_id, _bindings.c.connection_id).order_by(_bindings.c.connection_id)
    for piece in database.in_pieces(sorted(set(stub_ids))):
        for row in tx.all(query.where(_bindings.c.stub_id.in_(piece))):
            if row.connection_id is None:
                without.add(row.stub_id)
            else:
                connections.setdefault(row.stub_id, []).append(row.connection_id)
    return {
        each: stubs.Bound(tuple(connections.get(each, ())), each in without) for each in connections.keys() | without
    }


def of_connections(tx: database.Tx, connection_ids: Iterable[int]) -> dict[int, int]:
    """The stubs that answer for connections, by the connection's id."""
    query = sa.select(_bindings.c.connection_id, _bindings.c.stub_id)
    pieces: Sequence[Sequence[int]] = list(database.in_pieces(sorted(set(connection_ids))))
    rows = [row for piece in pieces for row in tx.all(query.where(_bindings.c.connection_id.in_(piece)))]
    return {row.connection_id: row.stub_id for row in rows}


def answering(tx: database.Tx, workspace_id: int) -> Answering:
    """Which stubs answer in a workspace."""
    columns = (_bindings.c.connection_id, _bindings.c.provider, _bindings.c.stub_id)
    rows = tx.all(sa.select(*columns).where(_bindings.c.workspace_id == workspace_id))
    return Answering(
        {row.connection_id: row.stub_id for row in rows if row.connection_id is not None},
        {row.provider: row.stub_id for row in rows if row.connection_id is None},
    )


def are_bound(tx: database.Tx, workspace_id: int) -> bool:
    """Whether any stub answers for anything in a workspace."""
    return tx.first(sa.select(_bindings.c.id).where(_bindings.c.workspace_id == workspace_id).limit(1)) is not None


def of_providers(tx: database.Tx, workspace_id: int) -> dict[str, int]:
    """The stubs that answer for steps without a connection, by the provider."""
    query = sa.select(_bindings.c.provider, _bindings.c.stub_id)
    query = query.where(_bindings.c.workspace_id == workspace_id, _bindings.c.provider.is_not(None))
    return {row.provider: row.stub_id for row in tx.all(query)}


def users(tx: database.Tx, stub_ids: Iterable[int]) -> list[tuple[int, assets.Named]]:
    """The recipes that run with what these stubs answer for, as (stub's id, recipe)."""
    recipes, owners, links, targets = tables.recipes, tables.assets, tables.links, tables.assets.alias()
    linked = sa.select(links.c.version_id).join(targets, targets.c.id == links.c.target_id)
    linked = linked.where(links.c.version_id == recipes.c.running_version_id)
    has_app = recipes.c.applications.contains(sa.literal("\n") + _bindings.c.provider + "\n")
    has_none = ~linked.where(targets.c.kind == assets.CONNECTION, targets.c.provider == _bindings.c.provider).exists()
    answered = sa.or_(linked.where(links.c.target_id == _bindings.c.connection_id).exists(), sa.and_(has_app, has_none))
    joined = _bindings.join(owners, owners.c.workspace_id == _bindings.c.workspace_id)
    joined = joined.join(recipes, recipes.c.asset_id == owners.c.id)
    runs = recipes.c.running_version_id.is_not(None)
    query = sa.select(_bindings.c.stub_id, owners.c.kind, owners.c.name, owners.c.id).select_from(joined)
    query = query.where(runs, answered)
    pieces = database.in_pieces(sorted(set(stub_ids)))
    rows = [row for piece in pieces for row in tx.all(query.where(_bindings.c.stub_id.in_(piece)))]
    return [(row.stub_id, assets.Named(row.kind, row.name, row.id)) for row in rows]


def _row(
    tx: database.Tx, workspace_id: int, stub_id: int, connection_id: int | None, provider: str | None
) -> dict[str, Any]:
    return {
        "workspace_id": workspace_id,
        "stub_id": stub_id,
        "connection_id": connection_id,
        "provider": provider,
        "created_at": tx.now,
    }
