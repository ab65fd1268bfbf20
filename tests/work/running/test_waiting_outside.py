"""Runs that wait for somebody outside leave their place to others."""

import threading

import running
import worlds
from recipeyard.model import assets, runs
from recipeyard.runtime import interface
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import recipes as recipe_rows
from recipeyard.work.running import dispatching, listening


def run_unchecked(place: worlds.Place, name: str) -> int:
    """Let a recipe run whose connector only this test has."""
    recipe_id = place.asset(assets.RECIPE, name).id
    with place.world.db.write() as tx:
        recipe_rows.run(tx, asset_rows.version_ids(tx, [recipe_id]))
        listening.listen(tx, [recipe_id])
    return recipe_id


def test_recipes_that_wait_outside_hold_nobody_up(embedded: worlds.World) -> None:
    free = threading.Event()

    def wait(_: interface.Call) -> interface.Result:
        free.wait(running.PATIENCE_S)
        return interface.Result()

    slow = interface.Connector("slow", "Slow", actions=(interface.Action("wait", wait),))
    with running.running(embedded, {"slow": slow}) as runner:
        place = embedded.workspace()
        waits = running.hooked("Waits").step("slow", "wait", {})
        waits.concurrency = 2 * dispatching.THREADS
        place.load({"a.recipe.json": waits.bytes, "b.recipe.json": running.hooked("Goes on").bytes})
        waiting, goes_on = run_unchecked(place, "Waits"), run_unchecked(place, "Goes on")

        held = [runner.accept(waiting, {}) for _ in range(waits.concurrency)]
        for run_id in held:
            runner.when(run_id, runs.Status.RUNNING)

        assert runs.Status.SUCCEEDED is runner.run(goes_on, {}).status
        free.set()
        assert {runs.Status.SUCCEEDED} == {runner.ended(run_id).status for run_id in held}
