"""Recipes for which too many jobs wait: they hear no more, and keep nothing from the others."""

import pytest

import running
import worlds
from recipeyard.model import assets, runs
from recipeyard.runtime import interface
from recipeyard.sql import runs as run_rows
from recipeyard.work.running import accepting, ending


def accepted(place: worlds.Place, recipe_id: int) -> runs.Run:
    """A run that nobody carries out."""
    with place.world.db.write() as tx:
        made = accepting.accept(tx, recipe_id, interface.Event({}))
        run = run_rows.by_id(tx, made.run_id)
    assert run
    return run


def started(place: worlds.Place, *recipes: worlds.Recipe) -> list[int]:
    """Recipes of a workspace that run, by id."""
    place.load({f"{each.name}.recipe.json": each.bytes for each in recipes})
    for each in recipes:
        refusal = place.start(each.name)
        assert not refusal.all, refusal
    return [place.asset(assets.RECIPE, each.name).id for each in recipes]


def test_a_failure_is_told_to_the_listeners_after_one_that_takes_no_more(
    embedded: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "MOST_CALLED", 1)
    place = embedded.workspace()
    keepers = [worlds.Recipe(name, trigger=("workato_app", "job_error")) for name in ("K", "L")]
    broken, *listening = started(place, running.hooked("Broken"), *keepers)
    full, other = sorted(listening)
    waiting, failed = accepted(place, full), accepted(place, broken)

    with place.world.db.write() as tx:
        ending.fail(tx, failed, "broken")

    with place.world.db.read() as tx:
        assert [waiting.id] == run_rows.of_recipe(tx, full)
        assert 1 == len(run_rows.of_recipe(tx, other))


def test_jobs_that_wait_far_apart_are_counted_one_by_one(world: worlds.World) -> None:
    place = world.workspace()
    (recipe_id,) = started(place, running.hooked("Slow"))
    _, ended, _ = (accepted(place, recipe_id) for _ in range(3))

    with place.world.db.write() as tx:
        ending.fail(tx, ended, "broken")

    with place.world.db.read() as tx:
        assert [True, False] == [run_rows.has_pending(tx, recipe_id, many) for many in (2, 3)]
