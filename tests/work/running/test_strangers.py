"""Connectors that others wrote: whatever they do, the step fails in words and everybody else goes on."""

import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

import pytest

import running
import strangers
import worlds
from recipeyard.model import runs
from recipeyard.runtime import interface
from recipeyard.runtime.stepping import faults
from recipeyard.sql import runs as run_rows

MIB = 1024 * 1024
NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 - it is one of the things that strangers do
RELEASED = threading.Event()


def throwing(made: BaseException) -> strangers.Deed:
    def throw(_: interface.Call) -> NoReturn:
        raise made

    return throw


def giving(made: Any) -> strangers.Deed:
    return lambda _: made


def hang(_: interface.Call) -> None:
    RELEASED.wait(30)


DEEDS: dict[str, strangers.Deed] = {
    "well": giving(interface.Result({"said": "well"})),
    "hang": hang,
    **{each.__name__: throwing(each("no")) for each in (ValueError, RecursionError, MemoryError, SystemExit)},
    "GeneratorExit": throwing(GeneratorExit()),
    "KeyboardInterrupt": throwing(KeyboardInterrupt()),
    "nothing": giving(None),
    "text": giving("text"),
    "text for an object": giving(interface.Result("text")),  # type: ignore[arg-type]
    "numbers for names": giving(interface.Result({1: 2})),  # type: ignore[dict-item]
    "no value": giving(interface.Result({"a": [object()]})),  # type: ignore[list-item]
    "no unicode": giving(interface.Result({"a": "\ud800"})),
    "updates": giving(interface.Result({}, [1])),  # type: ignore[arg-type]
    "update": giving(interface.Result({}, {"t": "text"})),  # type: ignore[dict-item]
    "reply": giving(interface.Result({}, reply="text")),  # type: ignore[arg-type]
    "wait for nothing": giving(interface.Wait({"a": 1})),
    "wait without a state": giving(interface.Wait(None, datetime(2027, 1, 1, tzinfo=UTC))),
    "wait without a zone": giving(interface.Wait({"a": 1}, NAIVE)),
    "wait for what has ended": giving(interface.Wait({"a": 1}, runs=("j-0",))),
    "50 MB": giving(interface.Result({"a": "x" * 50 * MIB})),
    "odd words": throwing(interface.Failure("a\x00b\ud800" + "x" * 50_000, "K\x00", {"a": object()})),  # type: ignore[dict-item]
}
SAID = {
    "hang": "stranger did not answer within 0.3 seconds",
    "nothing": "gave NoneType, which is no result",
    "text": "gave str, which is no result",
    "text for an object": "gave str where an object belongs",
    "numbers for names": "names are text",
    "no value": "object at a[0], which is no value",
    "no unicode": "text that is no Unicode at a",
    "updates": "gave updates that are no object",
    "update": "gave str where an object belongs",
    "reply": "gave str where an object belongs",
    "wait for nothing": "waits for nothing that could come",
    "wait without a state": "waits for nothing that could come",
    "wait without a zone": "waits for nothing that could come",
    "wait for what has ended": "goes on waiting for runs that have ended",
    "50 MB": "the limit is 10,485,760",
    "odd words": "a\ufffdb?xxx",
}


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[running.Runner]:
    folder = tmp_path_factory.mktemp("strangers")
    with (
        pytest.MonkeyPatch.context() as patch,
        worlds.world(f"sqlite:///{folder}/recipeyard.db", f"{folder}/blobs", {}, folder) as world,
    ):
        strangers.plug(patch, strangers.connector(DEEDS, seconds=0.3))
        with running.running(world) as made:
            yield made
        RELEASED.set()


@pytest.fixture(scope="module")
def recipes(runner: running.Runner) -> Mapping[interface.Effect, int]:
    return {each: runner.started(strangers.asking(each))[1] for each in interface.Effect}


@pytest.mark.parametrize("effect", interface.Effect)
def test_whatever_a_stranger_does_its_step_fails_and_says_so(
    runner: running.Runner, recipes: Mapping[interface.Effect, int], effect: interface.Effect
) -> None:
    begun = {name: runner.accept(recipes[effect], strangers.deed(name)) for name in DEEDS}

    ended = {name: runner.ended(run_id) for name, run_id in begun.items()}

    assert runs.Status.SUCCEEDED is ended.pop("well").status
    for name, run in ended.items():
        assert run.error, name
        assert 1 == run.error.step, name
        assert SAID.get(name, f"{effect.value} failed unexpectedly: {name}") in run.error.message
        assert 10_000 >= len(run.error.message)


def test_calls_that_hang_hold_nobody_else_up(runner: running.Runner, recipes: Mapping[interface.Effect, int]) -> None:
    quick = runner.started(running.hooked("Quick").step("logger", "log_message", {"message": "here"}))[1]
    hanging = [runner.accept(recipes[each], strangers.deed("hang")) for each in interface.Effect for _ in range(3)]
    began = time.monotonic()

    run = runner.run(quick, {})

    assert runs.Status.SUCCEEDED is run.status
    assert 2 > time.monotonic() - began
    assert {runs.Status.FAILED} == {runner.ended(run_id).status for run_id in hanging}


@pytest.mark.parametrize("kind", ["Refused", faults.LIMIT])
def test_a_failure_of_a_masked_step_leaves_no_words_and_no_details(
    runner: running.Runner, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setitem(DEEDS, "tell", throwing(interface.Failure("no secret", kind, {"token": "secret"})))
    recipe = strangers.asking(interface.Effect.OUTSIDE)
    recipe.steps[0]["mask_data"] = True
    _, recipe_id = runner.started(recipe)

    run = runner.run(recipe_id, strangers.deed("tell"))

    with runner.means.db.read() as tx:
        [row] = run_rows.journal(tx, run.id)
    assert (None, None, "failed") == (row.input, row.entry, row.status)
    assert "secret" not in f"{row.error} {run.error}"


def test_the_log_tells_what_a_stranger_threw_and_where_and_not_what_it_said(
    runner: running.Runner,
    recipes: Mapping[interface.Effect, int],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def throw(_: interface.Call) -> NoReturn:
        said = "secret".upper()
        raise ValueError(said)

    monkeypatch.setitem(DEEDS, "shout", throw)

    runner.run(recipes[interface.Effect.OUTSIDE], strangers.deed("shout"))

    assert f"{interface.Effect.OUTSIDE.value} threw ValueError" in caplog.text
    assert "in throw" in caplog.text
    assert "SECRET" not in caplog.text


def test_runs_that_are_begun_and_not_waited_for_are_carried_out(
    runner: running.Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def call(asked: interface.Call) -> interface.Result:
        run_id = asked.workspace.recipes.call(str(callee), {}, waited_for=True)
        return interface.Result({"run": run_id})

    monkeypatch.setitem(DEEDS, "call", call)
    place, recipe_id = runner.started(
        strangers.asking(interface.Effect.HERE),
        {"b.recipe.json": worlds.Recipe("B", trigger=("workato_recipe_function", "execute")).bytes},
    )
    place.start("B")
    callee = place.asset("recipe", "B").id

    run = runner.run(recipe_id, strangers.deed("call"))

    assert run.error is None
    [(_, _, output)] = runner.steps(run.id)
    assert runs.Status.SUCCEEDED is runner.ended(runs.number(output["run"]) or 0).status


def test_text_that_a_database_refuses_fails_the_step_and_no_other_run(world: worlds.World) -> None:
    notes = {"lookup_table_id": worlds.reference("notes.lookup_table.json", "Notes")}
    row = {"parameters": {"col1": f"#{{{running.pill('payload', 'text')}}}"}}
    looked = f'=lookup("Notes", "Column 1": {running.pill("payload", "text")})["Column 2"]'
    recipe = running.hooked().step("lookup_table", "add_entry", notes | row)
    with running.running(world) as made:
        recipe.step("logger", "log_message", {"message": looked})
        _, recipe_id = made.started(recipe, {"notes.lookup_table.json": worlds.lookup_table("Notes")})

        odd, fine = (made.run(recipe_id, {"payload": {"text": text}}) for text in ("a\x00b", "ab"))

        assert runs.Status.SUCCEEDED is fine.status
        assert odd.status is runs.Status.SUCCEEDED or (odd.error and odd.error.step in {1, 2}), odd


def test_a_connector_gives_triggers_and_actions_and_lets_recipes_start_from_one_place(
    embedded: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll = interface.Poll(lambda asked: interface.Polled([interface.Event({}, "e-1")], asked.cursor), seconds=3600)
    recipe = worlds.Recipe("A", trigger=(strangers.NAME, "new")).step(strangers.NAME, "pure", {"deed": "greet"})
    with running.running(embedded) as made:
        strangers.plug(
            monkeypatch,
            strangers.connector(
                {"greet": lambda _: interface.Result({"said": "hello"})}, interface.Trigger("new", poll)
            ),
        )
        _, recipe_id = made.started(recipe)
        [run_id] = made.accepted(recipe_id, 1)

        assert runs.Status.SUCCEEDED is made.ended(run_id).status
        assert [(1, "done", {"said": "hello"})] == made.steps(run_id)
