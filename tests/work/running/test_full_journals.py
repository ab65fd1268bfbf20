"""What all steps of one run are given and put out has a limit, which the run meets wherever it is taken up again."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

import running
import worlds
from recipeyard.model import runs

MOST = 40_000
NOISE = random.Random(1).randbytes(4_000).hex()
"""What takes about as many bytes in a journal as half of its letters, since it can't be deflated further."""
LOG = ("logger", "log_message", {"message": NOISE})
WAIT = ("clock", "wait_for_interval", {"unit": "hours", "duration": "1"})


@pytest.fixture
def runner(embedded: worlds.World) -> Iterator[running.Runner]:
    with running.running(embedded, journal_bytes=MOST) as made:
        yield made


def action(name: str, given: dict[str, Any]) -> dict[str, Any]:
    provider, _, operation = name.partition(".")
    return {"keyword": "action", "provider": provider, "name": operation, "as": operation, "input": given}


def caught(*steps: dict[str, Any], catch: dict[str, Any]) -> worlds.Recipe:
    recipe = running.hooked()
    kept = {"keyword": "catch", "as": "c", "input": {"max_retry_count": "0"}, "block": [catch]}
    recipe.steps.append({"keyword": "try", "number": 1, "input": {}, "block": [*steps, kept]})
    return recipe


def test_a_run_whose_steps_hold_too_much_together_fails_and_names_the_step(runner: running.Runner) -> None:
    recipe = running.hooked()
    for _ in range(10):
        recipe.step(*LOG)
    _, recipe_id = runner.started(recipe)

    error = runner.run(recipe_id, {}).error

    assert error
    said = "All that the run's steps were given and put out takes more than 40,000 bytes with this step"
    assert (5, said, "LimitError") == (error.step, error.message, error.kind)


def test_the_job_shows_which_step_it_was(runner: running.Runner) -> None:
    recipe = running.hooked()
    for _ in range(10):
        recipe.step(*LOG)
    _, recipe_id = runner.started(recipe)

    run = runner.run(recipe_id, {})

    assert ["done"] * 4 + ["failed"] == [status for _, status, _ in runner.steps(run.id)]


def test_no_catch_keeps_a_run_from_its_limit(runner: running.Runner) -> None:
    logs = [action("logger.log_message", {"message": NOISE}) for _ in range(10)]
    _, recipe_id = runner.started(caught(*logs, catch=action("logger.log_message", {"message": "caught"})))

    run = runner.run(recipe_id, {})

    assert runs.Status.FAILED is run.status
    assert "caught" not in str(runner.steps(run.id))


def test_what_a_step_changed_is_taken_back_where_the_journal_is_full(embedded: worlds.World) -> None:
    table = {"t.lookup_table.json": worlds.lookup_table("T")}
    reference = worlds.reference("t.lookup_table.json", "T")
    recipe = running.hooked().step("lookup_table", "add_entry", {"lookup_table_id": reference, "parameters": {}})
    with running.running(embedded, journal_bytes=60) as runner:
        place, recipe_id = runner.started(recipe, table)
        run = runner.run(recipe_id, {})

    assert run.error
    assert "takes more than 60 bytes" in run.error.message
    assert 0 == place.world.counts()["rows"]


def test_a_run_that_is_taken_up_again_has_as_much_left(embedded: worlds.World, runner: running.Runner) -> None:
    recipe = running.hooked()
    for _ in range(3):
        recipe.step(*LOG)
    recipe.step(*WAIT)
    for _ in range(10):
        recipe.step(*LOG)
    _, recipe_id = runner.started(recipe)
    run_id = runner.accept(recipe_id, {})
    runner.when(run_id, runs.Status.WAITING)
    now = embedded.db.clock()
    embedded.db.clock = runner.means.db.clock = lambda: now + timedelta(hours=2)
    runner.again()

    error = runner.ended(run_id).error

    assert error
    assert 6 == error.step
