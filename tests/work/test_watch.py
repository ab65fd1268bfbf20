"""Who lives and who does not: one node's watch over the others."""

from collections.abc import Set
from datetime import timedelta

import sqlalchemy as sa

import worlds
from recipeyard.sql import installation, tables
from recipeyard.work import watch


def test_only_who_was_seen_lately_lives(world: worlds.World) -> None:
    with world.db.write() as tx:
        for node in ("one", "two", "three"):
            installation.beat(tx, node, watch.PATIENCE)
        long_ago = tx.now - watch.PATIENCE - timedelta(seconds=1)
        tx.run(sa.update(tables.nodes).where(tables.nodes.c.id == "two").values(seen_at=long_ago))

        assert {"one", "three"} == installation.beat(tx, "one", watch.PATIENCE)
        installation.forget(tx, "three")
        assert {"one"} == installation.beat(tx, "one", watch.PATIENCE)


def test_a_predecessor_on_the_same_data_folder_is_dead_at_once(world: worlds.World) -> None:
    told: list[Set[str]] = []
    with world.db.write() as tx:
        for node in ("before", "beside"):
            installation.beat(tx, node, watch.PATIENCE)
    mine = watch.Watch(world.db, "mine", told.append)

    mine.begin("before")
    mine.end()

    # On SQLite nobody else can live: the data folder is locked.
    assert [{"mine"} if world.db.is_sqlite else {"mine", "beside"}] == told
    with world.db.read() as tx:
        assert {"beside"} == {row.id for row in tx.all(sa.select(tables.nodes))}


def test_an_installation_keeps_its_first_mark(world: worlds.World) -> None:
    with world.db.write() as tx:
        assert "first" == installation.mark(tx, "first") == installation.mark(tx, "second")
