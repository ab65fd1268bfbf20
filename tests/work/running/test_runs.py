"""Runs: an event goes in, steps are done in their order, and what they came to is told."""

from collections.abc import Iterator
from typing import Any

import pytest

import running
import worlds
from recipeyard.model import assets, errors, packages, runs
from recipeyard.runtime.stepping import faults
from recipeyard.sql import jobs
from recipeyard.sql import packages as package_rows
from recipeyard.sql import runs as run_rows
from recipeyard.work import connections, folders, recipes, starting

LOG = ("logger", "log_message")


@pytest.fixture
def runner(world: worlds.World) -> Iterator[running.Runner]:
    with running.running(world) as made:
        yield made


def test_a_run_does_its_steps_in_their_order(runner: running.Runner) -> None:
    recipe = running.hooked().step(*LOG, {"message": f"first #{{{running.pill('payload', 'id')}}}"})
    _, recipe_id = runner.started(recipe.step(*LOG, {"message": "second"}))

    run = runner.run(recipe_id, {"payload": {"id": 7}})

    assert runs.Status.SUCCEEDED is run.status, run.error
    assert [(1, "done", {"message": "first 7"}), (2, "done", {"message": "second"})] == runner.steps(run.id)


def test_an_event_that_arrives_again_is_the_same_run(runner: running.Runner) -> None:
    _, recipe_id = runner.started(running.hooked())

    assert runner.accept(recipe_id, {}, "e-1") == runner.accept(recipe_id, {}, "e-1")


def test_a_failing_step_ends_the_run_and_names_itself(runner: running.Runner) -> None:
    recipe = running.hooked().step(*LOG, {"message": "fine"}).step(*LOG, {"message": "=1 / 0"})
    _, recipe_id = runner.started(recipe)

    run = runner.run(recipe_id, {})

    assert run.error
    assert (runs.Status.FAILED, 2, "input.message") == (run.status, run.error.step, run.error.where)


def test_what_a_failing_step_changed_here_is_taken_back(runner: running.Runner) -> None:
    table = {"t.lookup_table.json": worlds.lookup_table("T")}
    given = {"lookup_table_id": worlds.reference("t.lookup_table.json", "T"), "entries": "no list of entries"}
    place, recipe_id = runner.started(running.hooked().step("lookup_table", "add_batch_of_entries", given), table)

    run = runner.run(recipe_id, {})

    assert runs.Status.FAILED is run.status
    assert 0 == place.world.counts()["rows"]


def test_a_stopped_recipe_takes_no_events(runner: running.Runner) -> None:
    place, recipe_id = runner.started(running.hooked())
    with runner.means.db.write() as tx:
        starting.stop(tx, place.workspace.id, recipe_id)

    with pytest.raises(errors.Conflict):
        runner.accept(recipe_id, {})


def test_events_run_the_version_that_ran_when_they_arrived(runner: running.Runner) -> None:
    def version(word: str) -> worlds.Recipe:
        waits = running.hooked().step("clock", "wait_for_interval", {"unit": "seconds", "duration": "1"})
        return waits.step(*LOG, {"message": word})

    place, recipe_id = runner.started(version("old"))
    before = [runner.accept(recipe_id, {}) for _ in range(3)]
    place.load({"a.recipe.json": version("new").bytes}, restart_recipes=True)
    after = runner.accept(recipe_id, {})

    told = [runner.steps(runner.ended(run_id).id)[-1][2]["message"] for run_id in (*before, after)]

    assert ["old", "old", "old", "new"] == told


def test_jobs_are_counted(runner: running.Runner) -> None:
    _, recipe_id = runner.started(running.hooked().step(*LOG, {"message": f"=1 / {running.pill('payload', 'by')}"}))
    for by in (1, 0, 1):
        runner.run(recipe_id, {"payload": {"by": by}})

    with runner.means.db.read() as tx:
        tally = run_rows.tallies(tx, [recipe_id])[recipe_id]

    assert (2, 1) == (tally.succeeded, tally.failed)


def test_an_event_that_does_not_pass_the_filter_is_no_job(runner: running.Runner) -> None:
    recipe = running.hooked()
    value = recipe.value
    condition = {"operand": "equals_to", "lhs": f"#{{{running.pill('payload', 'kind')}}}", "rhs": "order"}
    value["code"]["filter"] = {"type": "compound", "operand": "and", "conditions": [condition]}
    place = runner.world.workspace()
    place.load({"a.recipe.json": worlds.document(value)})
    place.start("A")
    recipe_id = place.asset(assets.RECIPE, "A").id

    ended = [runner.run(recipe_id, {"payload": {"kind": kind}}).status for kind in ("order", "offer")]

    assert [runs.Status.SUCCEEDED, runs.Status.FILTERED] == ended
    with runner.means.db.read() as tx:
        assert 1 == jobs.count(tx, recipe_id, jobs.Filter())


def test_a_run_that_waits_goes_on_after_a_death(runner: running.Runner) -> None:
    recipe = running.hooked().step(*LOG, {"message": "=workato.uuid"})
    recipe.step("clock", "wait_for_interval", {"unit": "seconds", "duration": "1"})
    recipe.step(*LOG, {"message": f"#{{{running.pill('message', line='s1', provider='logger')}}}"})
    _, recipe_id = runner.started(recipe)
    run_id = runner.accept(recipe_id, {})
    runner.when(run_id, runs.Status.WAITING)

    runner.again()

    assert runs.Status.SUCCEEDED is runner.ended(run_id).status
    first, _, last = (output for _, _, output in runner.steps(run_id))
    assert first == last


def test_a_masked_steps_formula_that_fails_shows_nothing_of_what_it_failed_at(runner: running.Runner) -> None:
    recipe = running.hooked().step(*LOG, {"message": f"={running.pill('pin')}.to_date"})
    recipe.steps[0]["mask_data"] = True
    _, recipe_id = runner.started(recipe)

    run = runner.run(recipe_id, {"pin": "secret"})

    assert run.error
    assert (1, "input.message", faults.HIDDEN) == (run.error.step, run.error.where, run.error.message)


def test_a_catch_is_told_why_a_masked_step_failed_when_its_run_goes_on_later_too(runner: running.Runner) -> None:
    recipe = running.hooked()
    parse: dict[str, Any] = {
        "keyword": "action",
        "provider": "json_parser",
        "name": "parse_json",
        "as": "p",
        "uuid": "p",
    }
    parse |= {"input": {"document": "{"}, "mask_data": True}
    said = f"#{{{running.pill('message', line='c', provider='catch')}}}"
    rest: dict[str, Any] = {
        "keyword": "action",
        "provider": "clock",
        "name": "wait_for_interval",
        "as": "w",
        "uuid": "w",
    }
    log = {"keyword": "action", "provider": LOG[0], "name": LOG[1], "as": "l", "uuid": "l", "input": {"message": said}}
    catch: dict[str, Any] = {
        "keyword": "catch",
        "as": "c",
        "uuid": "c",
        "input": {"max_retry_count": "0", "retry_interval": "0"},
    }
    catch |= {"block": [rest | {"input": {"interval": "1"}}, log]}
    recipe.steps.append({"keyword": "try", "as": "y", "uuid": "y", "input": {}, "block": [parse, catch]})
    _, recipe_id = runner.started(recipe)

    run = runner.run(recipe_id, {})

    assert runner.steps(run.id)[-1][2]["message"].startswith("document is no JSON")


def test_masked_steps_leave_nothing_behind(runner: running.Runner) -> None:
    recipe = running.hooked().step(*LOG, {"message": "secret"})
    recipe.steps[0]["mask_data"] = True
    recipe.step(*LOG, {"message": f"#{{{running.pill('message', line='s1', provider='logger')}}}!"})
    _, recipe_id = runner.started(recipe)

    run = runner.run(recipe_id, {})

    with runner.means.db.read() as tx:
        masked, open_one = run_rows.journal(tx, run.id)
    assert (None, None) == (masked.input, masked.entry)
    assert open_one.entry
    assert "secret!" == runner.steps(run.id)[1][2]["message"]


def watching(trigger: str) -> worlds.Recipe:
    return worlds.Recipe("Watch", trigger=("workato_app", trigger)).step(*LOG, {"message": "seen"})


def seen(runner: running.Runner, place: worlds.Place) -> list[runs.Run]:
    """The ended runs of the recipe that watches."""
    with runner.means.db.read() as tx:
        return list(map(runner.ended, run_rows.of_recipe(tx, place.asset(assets.RECIPE, "Watch").id)))


def test_a_recipe_hears_that_another_one_stops(runner: running.Runner) -> None:
    place, _ = runner.started(watching("recipe_stopped"), {"b.recipe.json": running.hooked("B").bytes})
    place.start("B")

    with runner.means.db.write() as tx:
        starting.stop(tx, place.workspace.id, place.asset(assets.RECIPE, "B").id)

    assert [runs.Status.SUCCEEDED] == [run.status for run in seen(runner, place)]


def test_a_recipe_hears_that_a_connection_is_disconnected(runner: running.Runner) -> None:
    place, _ = runner.started(watching("shared_account_disconnected"), {"c.connection.json": worlds.connection("C")})
    place.authorize("C")

    with runner.means.db.write() as tx:
        connections.disconnect(tx, place.workspace.id, place.asset(assets.CONNECTION, "C").id, force=False)

    assert [runs.Status.SUCCEEDED] == [run.status for run in seen(runner, place)]


def waiting(runner: running.Runner) -> tuple[worlds.Place, int]:
    """A stopped recipe with a job that waits."""
    recipe = running.hooked().step("clock", "wait_for_interval", {"unit": "hours", "duration": "1"})
    place, recipe_id = runner.started(recipe)
    runner.when(runner.accept(recipe_id, {}), runs.Status.WAITING)
    with runner.means.db.write() as tx:
        starting.stop(tx, place.workspace.id, recipe_id)
    return place, recipe_id


def test_a_recipe_stays_until_its_jobs_have_ended(runner: running.Runner) -> None:
    place, recipe_id = waiting(runner)

    with pytest.raises(errors.Refused, match="has 1 job that must end first"), runner.means.db.write() as tx:
        recipes.delete(tx, place.workspace.id, recipe_id)
    with pytest.raises(errors.Refused, match="has 1 job that must end first"), runner.means.db.write() as tx:
        folders.delete_project(tx, place.workspace.id, place.project.project_id or 0)


def test_no_prune_takes_a_recipe_whose_jobs_have_not_ended(runner: running.Runner) -> None:
    place, _ = waiting(runner)

    package = place.load({"b.recipe.json": running.hooked("B").bytes}, prune=True, restart_recipes=True)

    assert packages.Status.FAILED is package.status
    assert ("a.recipe.json: recipe 'A' has 1 job that must end first",) == package.error_parts


def test_no_rollback_takes_a_recipe_whose_jobs_have_not_ended(runner: running.Runner) -> None:
    place, _ = waiting(runner)
    with runner.means.db.read() as tx:
        [first] = package_rows.listed(tx, place.workspace.id, offset=0, limit=1)

    package = place.roll_back(first, packages.Policy.INCOMING)

    assert packages.Status.FAILED is package.status
    assert any("has 1 job that must end first" in part for part in package.error_parts)


def test_an_event_that_has_run_is_known_when_its_recipe_has_stopped(runner: running.Runner) -> None:
    place, recipe_id = runner.started(running.hooked())
    first = runner.accept(recipe_id, {}, "e-1")
    with runner.means.db.write() as tx:
        starting.stop(tx, place.workspace.id, recipe_id)

    assert first == runner.accept(recipe_id, {}, "e-1")
