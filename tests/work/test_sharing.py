"""Several transactions at once. SQLite lets one writer in at a time, so that some of it is PostgreSQL's alone."""

import pytest
import sqlalchemy as sa

import worlds
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import documents, tables

RECIPE = worlds.Recipe("Shared").bytes


def test_a_reader_sees_one_state_whatever_commits_meanwhile(world: worlds.World) -> None:
    place = world.workspace()
    count = sa.select(sa.func.count()).select_from(tables.assets)

    with world.db.read() as tx:
        before = tx.connection.execute(count).scalar_one()
        place.load({"a.recipe.json": RECIPE})
        after = tx.connection.execute(count).scalar_one()

    assert before == after


@pytest.mark.parametrize("world", ["shared"], indirect=True)
@pytest.mark.parametrize("how", ["known", "added"])
def test_a_document_that_is_about_to_be_used_is_not_collected(world: worlds.World, how: str) -> None:
    giving, using = world.workspace(), world.workspace()
    giving.load({"a.recipe.json": RECIPE})
    using.load({"b.recipe.json": worlds.Recipe("Other").bytes})
    last, other = giving.asset("recipe", "Shared"), using.asset("recipe", "Other")
    draft = {"asset_id": other.id, "version_no": 2, "author": "", "digest": last.content.digest}

    with world.db.write() as importing:
        if how == "known":
            assert {last.content.digest} == documents.known(importing, [last.content.digest])
        else:
            documents.add(importing, [documents.packed(importing, last.content.digest)])
        with world.db.write() as deleting:
            asset_rows.delete(deleting, [last.id])
        times = {"created_at": importing.now, "updated_at": importing.now}
        importing.insert(tables.versions, [draft | times | {"arrived_digest": last.content.digest}])

    with world.db.read() as tx:
        assert last.content.digest == documents.packed(tx, last.content.digest).digest


def test_a_document_that_nobody_wants_any_more_is_collected(world: worlds.World) -> None:
    place = world.workspace()
    place.load({"a.recipe.json": RECIPE})
    last = place.asset("recipe", "Shared")

    with world.db.write() as tx:
        asset_rows.delete(tx, [last.id])

    with world.db.read() as tx:
        assert set() == documents.known(tx, [last.content.digest])
