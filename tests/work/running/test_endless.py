"""Recipes that would never end, or take all there is: each meets a limit, and says at which step."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

import outside
import running
import worlds
from recipeyard.model import assets, runs
from recipeyard.sql import connections
from recipeyard.sql import runs as run_rows

STEPS, GROWN = 300, 100_000
FUNCTION = "workato_recipe_function"
SELF = {"flow_id": worlds.reference("a.recipe.json", "A"), "parameters": {}}
RUNAWAY = '=("a" * 40 + "b").match?(/(a|a|aa)+$/)'
BIG = '="x" * 9_000_000'


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[running.Runner]:
    folder = tmp_path_factory.mktemp("endless")
    with (
        worlds.world(f"sqlite:///{folder}/recipeyard.db", f"{folder}/blobs", {}, folder) as world,
        running.running(world, steps=STEPS, grown_bytes=GROWN) as made,
    ):
        yield made


@pytest.fixture
def neighbour(runner: running.Runner) -> Iterator[None]:
    """Another recipe, which does its work afterwards as it did before."""
    _, recipe_id = runner.started(running.hooked("Neighbour").step("logger", "log_message", {"message": "here"}))
    yield
    assert runs.Status.SUCCEEDED is runner.run(recipe_id, {}).status


def forever() -> worlds.Recipe:
    recipe = running.hooked()
    always = {"operand": "equals_to", "lhs": "1", "rhs": "1"}
    again = {"keyword": "while_condition", "input": {"type": "compound", "operand": "and", "conditions": [always]}}
    log = {"keyword": "action", "provider": "logger", "name": "log_message", "as": "l", "input": {"message": "on"}}
    recipe.steps.append({"keyword": "repeat", "as": "r", "number": 1, "input": {}, "block": [log, again]})
    return recipe


def one(provider: str, name: str, given: Any) -> worlds.Recipe:
    return running.hooked().step(provider, name, given)


@pytest.mark.parametrize(
    ("recipe", "step", "said"),
    [
        (forever(), 1, f"A run may take {STEPS} steps, and the loop at step 1 goes on"),
        (one("logger", "log_message", {"message": RUNAWAY}), 1, "egular expression"),
        (one("logger", "log_message", {"message": '="x" * 1_000_000_000'}), 1, "10485760"),
        (one("logger", "log_message", {"message": "=(1..100_000_000).to_a.length"}), 1, "500000"),
        (one("logger", "log_message", {"message": BIG, "more": BIG}), 1, "the limit is 10,485,760"),
        (one("clock", "wait_for_interval", {"interval": "99999999999"}), 1, "732 days"),
    ],
    ids=["loop", "pattern", "text", "list", "input", "wait"],
)
@pytest.mark.usefixtures("neighbour")
def test_what_takes_too_much_fails_at_its_step(
    runner: running.Runner, recipe: worlds.Recipe, step: int, said: str
) -> None:
    _, recipe_id = runner.started(recipe)

    run = runner.run(recipe_id, {})

    assert run.error
    assert (runs.Status.FAILED, step) == (run.status, run.error.step), run.error
    assert said in run.error.message


@pytest.mark.usefixtures("neighbour")
def test_a_recipe_that_calls_itself_and_waits_ends_where_calls_may_nest_no_deeper(runner: running.Runner) -> None:
    recipe = worlds.Recipe("A", trigger=(FUNCTION, "execute")).step(FUNCTION, "call_recipe", SELF)
    _, recipe_id = runner.started(recipe)

    run = runner.run(recipe_id, {})

    assert run.error
    assert f"Calls nest deeper than {runs.MOST_NESTED} recipes" in run.error.message
    with runner.means.db.read() as tx:
        assert {recipe_id: 0} == {recipe_id: run_rows.count_pending(tx, recipe_id, 10)}


def test_lists_that_grow_without_end_meet_a_limit(runner: running.Runner) -> None:
    recipe = forever()
    item = {"name": "L", "list_item": {"text": '="x" * 2_000'}}
    grow = {"keyword": "action", "provider": "workato_list", "name": "accumulate_list_items", "as": "l", "input": item}
    recipe.steps[0]["block"][0] = grow
    _, recipe_id = runner.started(recipe)

    run = runner.run(recipe_id, {})

    assert run.error
    assert "the run's lists have grown by" in run.error.message
    assert f"the limit is {GROWN:,}" in run.error.message


def ended(runner: running.Runner, recipe_id: int, count: int) -> list[runs.Run]:
    """The runs of a recipe, oldest first, once so many are there and have ended."""
    found: list[runs.Run] = []
    with runner.means.db.read() as tx:
        first = run_rows.by_key(tx, recipe_id, "first")
    assert first
    for at in range(count):
        found.append(runner.ended(first.id + at))
    with runner.means.db.read() as tx:
        assert run_rows.by_id(tx, first.id + count) is None
    return found


def quiet(runner: running.Runner, recipe_id: int) -> list[runs.Run]:
    """The runs of a recipe, once none of them is under way."""
    until = time.monotonic() + running.PATIENCE_S
    while time.monotonic() < until:
        with runner.means.db.read() as tx:
            if not run_rows.count_unended(tx, [recipe_id]):
                return list(run_rows.by_ids(tx, run_rows.of_recipe(tx, recipe_id)).values())
        time.sleep(0.01)
    raise AssertionError(f"recipe {recipe_id} goes on")


@pytest.mark.usefixtures("neighbour")
def test_a_recipe_that_calls_itself_and_goes_on_ends_with_the_longest_chain(
    runner: running.Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "LONGEST_CHAIN", 20)
    recipe = worlds.Recipe("A", trigger=(FUNCTION, "execute")).step(FUNCTION, "call_recipe_async", SELF)
    _, recipe_id = runner.started(recipe)
    runner.accept(recipe_id, {}, "first")

    *others, last = ended(runner, recipe_id, 21)

    assert {runs.Status.SUCCEEDED} == {run.status for run in others}
    assert last.error
    assert (1, "More than 20 recipes called on one after another") == (last.error.step, last.error.message)


def test_a_recipe_that_calls_itself_twice_fails_where_too_many_wait_for_it(
    runner: running.Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "LONGEST_CHAIN", 5)
    monkeypatch.setattr(runs, "MOST_CALLED", 3)
    recipe = worlds.Recipe("A", trigger=(FUNCTION, "execute")).step(FUNCTION, "call_recipe_async", SELF)
    _, recipe_id = runner.started(recipe.step(FUNCTION, "call_recipe_async", SELF))
    runner.accept(recipe_id, {}, "first")

    said = {run.error.message for run in quiet(runner, recipe_id) if run.error}

    assert f"3 jobs wait for recipe {recipe_id}, and it takes no more" in said


@pytest.mark.usefixtures("neighbour")
def test_a_recipe_that_tells_itself_news_ends_with_the_longest_chain(
    runner: running.Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "LONGEST_CHAIN", 20)
    topic = {"topic_id": worlds.reference("t.topic.json", "T")}
    value = (
        worlds.Recipe("A", trigger=("workato_pub_sub", "subscribe_to_topic"))
        .step("workato_pub_sub", "publish_to_topic", topic | {"message": {}})
        .value
    )
    value["code"]["input"] = topic
    place = runner.world.workspace()
    document = worlds.document({"name": "T", "schema": [], "retention": 604800})
    package = place.load({"a.recipe.json": worlds.document(value), "t.topic.json": document})
    assert not package.error_parts, package
    assert not place.start("A").all
    recipe_id = place.asset(assets.RECIPE, "A").id
    runner.accept(recipe_id, {"message": {}}, "first")

    *others, last = ended(runner, recipe_id, 21)

    assert {runs.Status.SUCCEEDED} == {run.status for run in others}
    assert last.error
    assert 1 == last.error.step


@pytest.mark.usefixtures("neighbour")
def test_an_answer_without_end_is_cut_and_the_step_fails(runner: running.Runner) -> None:
    def speak(connection: Any) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
        while True:
            connection.sendall(b"x" * 1024 * 1024)

    with outside.odd(speak) as url:
        request = {"method": "GET", "url": url}
        recipe = one("rest", "make_request_v2", {"request": request, "response": {"output_type": "rawdata"}})
        place = runner.world.workspace()
        recipe.config.append(
            {"keyword": "application", "provider": "rest", "account_id": worlds.reference("s.connection.json", "S")}
        )
        place.load({"a.recipe.json": recipe.bytes, "s.connection.json": worlds.connection("S")})
        with runner.means.db.write() as tx:
            connections.authorize(tx, place.asset(assets.CONNECTION, "S").id, b'sealed:{"auth_type":"no_auth"}')
        assert not place.start("A").all

        run = runner.run(place.asset(assets.RECIPE, "A").id, {})

    assert run.error
    assert 1 == run.error.step
    assert "10" in run.error.message


def test_an_event_that_fails_each_time_fails_alone(runner: running.Runner) -> None:
    by = running.pill("payload", "by")
    _, recipe_id = runner.started(one("logger", "log_message", {"message": f"=1 / {by}"}))

    ended = [runner.run(recipe_id, {"payload": {"by": by}}).status for by in (0, 1, 0, 1)]

    assert [runs.Status.FAILED, runs.Status.SUCCEEDED] * 2 == ended
