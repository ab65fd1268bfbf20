"""A run that is told again: it hears what it heard before, goes on with what it waited with, and never goes astray."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

import running
import strangers
import worlds
from recipeyard.model import runs
from recipeyard.runtime import interface
from recipeyard.sql import runs as run_rows
from recipeyard.sql import runtime_tables
from recipeyard.work.running import dispatching, facts

FUNCTION = "workato_recipe_function"


def told(ask: facts.Ask) -> facts.Facts:
    return facts.Facts(started_at=datetime(2026, 3, 1, tzinfo=UTC), zone=UTC, job={}, ask=ask, seed=b"seed")


def test_what_could_not_be_answered_before_can_not_be_answered_again() -> None:
    def refuse(*_: Any) -> Any:
        raise interface.Failure("there is no such table", "NotFound")

    first = told(refuse)
    first.begin(1, None)
    with pytest.raises(interface.Failure):
        first.lookup("Gone", {})
    again = told(lambda *_: {"Colour": "red"})
    again.begin(1, first.observed)

    with pytest.raises(interface.Failure, match="there is no such table") as caught:
        again.lookup("Gone", {})

    assert "NotFound" == caught.value.kind
    assert {"Colour": "red"} == again.lookup("Gone", {})


def test_ids_are_the_same_for_the_same_place_and_differ_by_place() -> None:
    def ids(position: int) -> list[str]:
        made = told(lambda *_: None)
        made.begin(position, None)
        return [made.uuid(), made.uuid()]

    assert ids(1) == ids(1)
    assert 4 == len({*ids(1), *ids(2)})


def test_a_call_that_died_after_a_wait_goes_on_with_what_it_waited_with(
    embedded: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second call breaks off as a death would break it off; the third is not the first again."""
    monkeypatch.setattr(dispatching, "RETRY_S", 0.02)
    resumed: list[Any] = []

    def wait(call: interface.Call) -> interface.Result | interface.Wait:
        resumed.append(call.resumed)
        if len(resumed) == 1:
            return interface.Wait({"job": 7}, until=call.now)
        if len(resumed) == 2:
            raise sa.exc.OperationalError("SELECT", {}, OSError("gone"))
        return interface.Result()

    strangers.plug(monkeypatch, strangers.connector({"wait": wait}))
    with running.running(embedded) as runner:
        _, recipe_id = runner.started(strangers.asking(interface.Effect.OUTSIDE))
        run = runner.run(recipe_id, strangers.deed("wait"))
        with embedded.db.read() as tx:
            [row] = run_rows.journal(tx, run.id)

    assert runs.Status.SUCCEEDED is run.status
    assert [None, {"job": 7}, {"job": 7}] == resumed
    assert 2 == row.attempt


def test_a_run_that_would_go_another_way_than_before_fails_in_words(embedded: worlds.World) -> None:
    recipe = running.hooked().step("logger", "log_message", {"message": "a"})
    recipe.step("clock", "wait_for_interval", {"interval": "1"})
    with running.running(embedded) as runner:
        _, recipe_id = runner.started(recipe)
        run_id = runner.accept(recipe_id, {})
        runner.when(run_id, runs.Status.WAITING)
        with embedded.db.write() as tx:
            tx.run(sa.update(runtime_tables.run_steps).where(runtime_tables.run_steps.c.position == 1).values(number=9))

        run = runner.ended(run_id)

    assert run.error
    assert "step 9 was done before, and now step 1 is next" in run.error.message


@pytest.mark.parametrize("begins", [True, False])
def test_who_waits_for_a_call_goes_on_once_it_has_ended_or_was_none_of_its_business(
    world: worlds.World, *, begins: bool
) -> None:
    value = worlds.Recipe("B", trigger=(FUNCTION, "execute")).value
    condition = {"operand": "equals_to", "lhs": "1", "rhs": "1" if begins else "2"}
    value["code"]["filter"] = {"type": "compound", "operand": "and", "conditions": [condition]}
    parent = running.hooked()
    given = {"flow_id": worlds.reference("b.recipe.json", "B"), "parameters": {}}
    parent.step(FUNCTION, "call_recipe_async", given).step(FUNCTION, "call_recipe_async", given)
    jobs = [f"#{{{running.pill('job_id', line=each, provider=FUNCTION)}}}" for each in ("s1", "s2")]
    parent.step(FUNCTION, "wait_for_async_jobs", {"job_ids": ",".join(jobs)})
    place = world.workspace()
    package = place.load({"a.recipe.json": parent.bytes, "b.recipe.json": worlds.document(value)})
    assert not package.error_parts, package
    with running.running(world) as runner:
        assert not place.start("B").all
        assert not place.start("A").all
        run = runner.run(place.asset("recipe", "A").id, {})

        assert runs.Status.SUCCEEDED is run.status, run.error
        assert 2 == len(runner.steps(run.id)[-1][2]["results"])
