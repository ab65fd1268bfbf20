"""Events, steps and imports meet on one database: whoever has to wait waits for an end, never for one another."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import services
import worlds
from recipeyard.model import assets, packages
from recipeyard.runtime import interface
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import recipes, runs
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work.running import accepting

PATIENCE_S = 20


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Somebody else, at the same time."""
    with ThreadPoolExecutor(1) as pool:
        yield pool


def begun(place: worlds.Place, name: str) -> int:
    """The id of a recipe that runs."""
    place.load({f"{name.lower()}.recipe.json": worlds.Recipe(name).bytes})
    assert not place.start(name).all
    return place.asset(assets.RECIPE, name).id


def until_it_waits(world: worlds.World, other: Future[Any]) -> None:
    """Until the other one has ended, or waits for a lock."""
    waiting = sa.text("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
    ends_at = time.monotonic() + PATIENCE_S
    while not other.done() and time.monotonic() < ends_at:
        with world.db.read() as tx:
            if tx.first(waiting):
                return
        time.sleep(0.01)


def accept(world: worlds.World, recipe_id: int) -> accepting.Accepted:
    """An event for a recipe."""
    with world.db.write() as tx:
        return accepting.accept(tx, recipe_id, interface.Event({}))


@pytest.fixture
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[worlds.World]:
    """An empty world on PostgreSQL: on SQLite writers take turns."""
    chosen = services.backend("shared", tmp_path, request, is_migrated=True)
    with worlds.world(chosen.database, chosen.blobs, chosen.blob_options, tmp_path) as made:
        yield made


def test_an_event_is_accepted_while_an_import_has_not_moved_its_recipe_yet(
    shared: worlds.World, pool: ThreadPoolExecutor
) -> None:
    place = shared.workspace()
    recipe_id = begun(place, "A")

    with shared.db.write() as importing:
        workspace_rows.lock(importing, place.workspace.id)
        accepted = pool.submit(accept, shared, recipe_id)
        until_it_waits(shared, accepted)
        recipes.describe(importing, {recipe_id: ("clock", ())})

    assert accepted.result().new


def test_an_event_waits_for_an_import_that_calls_its_recipe_otherwise(
    shared: worlds.World, pool: ThreadPoolExecutor
) -> None:
    place = shared.workspace()
    recipe_id = begun(place, "A")
    with shared.db.write() as importing:
        asset_rows.make_way(importing, [place.asset(assets.RECIPE, "A")])
        accepted = pool.submit(accept, shared, recipe_id)
        until_it_waits(shared, accepted)
        recipes.describe(importing, {recipe_id: ("clock", ())})

    assert accepted.result().new


def test_an_import_and_a_step_that_tells_recipes_of_news_take_them_in_one_order(
    shared: worlds.World, pool: ThreadPoolExecutor
) -> None:
    place = shared.workspace()
    first, second = begun(place, "B"), begun(place, "A")
    changed = {f"{name.lower()}.recipe.json": worlds.Recipe(name).bytes + b"\n" for name in "AB"}
    with shared.db.write() as step:
        runs.running_version(step, first)
        importing = pool.submit(place.load, changed, restart_recipes=True)
        until_it_waits(shared, importing)
        runs.running_version(step, second)

    assert packages.Status.COMPLETED is importing.result().status
