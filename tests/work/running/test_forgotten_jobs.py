"""Jobs that ended long ago are forgotten with their steps, a few at a time; all others stay."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

import running
import worlds
from recipeyard.model import runs as model
from recipeyard.sql import runs, runtime_tables
from recipeyard.work import forgetting

KEPT = timedelta(days=30)
RUNS, STEPS = runtime_tables.runs, runtime_tables.run_steps


@pytest.fixture
def ids(world: worlds.World) -> list[int]:
    """Three jobs of two steps, the first two of which ended long ago."""
    recipe = running.hooked()
    for message in "ab":
        recipe.step("logger", "log_message", {"message": message})
    with running.running(world) as runner:
        _, recipe_id = runner.started(recipe)
        made = [runner.run(recipe_id, {}).id for _ in range(3)]
    with world.db.write() as tx:
        tx.run(sa.update(RUNS).where(RUNS.c.id.in_(made[:2])).values(ended_at=tx.now - KEPT - timedelta(hours=1)))
    return made


def kept(world: worlds.World) -> set[tuple[int, int]]:
    """The jobs that are here, with how many steps each has."""
    joined = RUNS.outerjoin(STEPS, STEPS.c.run_id == RUNS.c.id)
    query = sa.select(RUNS.c.id, sa.func.count(STEPS.c.run_id).label("steps")).select_from(joined).group_by(RUNS.c.id)
    with world.db.read() as tx:
        return {(row.id, row.steps) for row in tx.all(query)}


def test_jobs_that_ended_long_ago_go(world: worlds.World, ids: list[int]) -> None:
    forgetting.forget_jobs(world.deed, KEPT, threading.Event())

    assert {(ids[2], 2)} == kept(world)


@pytest.mark.parametrize("most", [1, 3, 5])
def test_they_go_in_small_pieces_and_at_least_one_at_a_time(world: worlds.World, ids: list[int], most: int) -> None:
    with world.db.write() as tx:
        count = runs.forget_ended(tx, tx.now - KEPT, most)

    assert 1 == count
    assert {(ids[1], 2), (ids[2], 2)} == kept(world)


def test_a_job_that_has_not_ended_stays_however_old(world: worlds.World, ids: list[int]) -> None:
    with world.db.write() as tx:
        tx.run(sa.update(RUNS).where(RUNS.c.id == ids[0]).values(ended_at=None, status=model.Status.WAITING))

    forgetting.forget_jobs(world.deed, KEPT, threading.Event())

    assert {(ids[0], 2), (ids[2], 2)} == kept(world)


def test_nothing_more_is_forgotten_once_the_server_stops(world: worlds.World, ids: list[int]) -> None:
    stopped = threading.Event()
    stopped.set()

    forgetting.forget_jobs(world.deed, KEPT, stopped)

    assert {(each, 2) for each in ids} == kept(world)
