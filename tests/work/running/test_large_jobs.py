"""What a job's steps hold that is too large to be shown is not even read."""

import running
import worlds
from recipeyard.sql import jobs


def test_large_inputs_and_outputs_stay_in_the_database(world: worlds.World) -> None:
    recipe = running.hooked()
    recipe.step("logger", "log_message", {"message": "x" * 200})
    recipe.step("logger", "log_message", {"message": "y"})
    with running.running(world) as runner:
        _, recipe_id = runner.started(recipe)
        run = runner.run(recipe_id, {})
    with world.db.read() as tx:
        large, small = jobs.steps(tx, run.id, 10, 100)

    assert (True, None) == (large.input_is_large, large.step.input)
    assert (False, False) == (small.input_is_large, small.step.input is None)
