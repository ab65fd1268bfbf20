"""Which runs go on when: in their order, as many at once as their recipe says, on any number of servers."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import platforms
import running
import services
import strangers
import worlds
from recipeyard.model import assets, packages, runs
from recipeyard.runtime import interface
from recipeyard.runtime.connectors import lookup_table
from recipeyard.sql import database
from recipeyard.sql import runs as run_rows
from recipeyard.work import forgetting, import_package, starting
from recipeyard.work.running import accepting, dispatching

NOTES = {"notes.lookup_table.json": worlds.lookup_table("Notes")}


@pytest.fixture
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[worlds.World]:
    """An empty world that several servers may share."""
    chosen = services.backend("shared", tmp_path, request, is_migrated=True)
    with worlds.world(chosen.database, chosen.blobs, chosen.blob_options, tmp_path) as made:
        yield made


def noting(name: str = "A", text: str | None = None) -> worlds.Recipe:
    """A recipe that writes down its events."""
    row = {"col1": f"#{{{running.pill('payload', 'id')}}}", "col2": text or name}
    given = {"lookup_table_id": worlds.reference("notes.lookup_table.json", "Notes"), "parameters": row}
    return running.hooked(name).step("lookup_table", "add_entry", given)


def notes(place: worlds.Place) -> list[tuple[Any, Any]]:
    """What was written down, in its order."""
    found = platforms.Seat(place).do(lookup_table.CONNECTOR, "get_entries", {"lookup_table_id": "Notes"})["entries"]
    return [(each["entry"]["col1"], each["entry"]["col2"]) for each in sorted(found, key=lambda each: each["id"])]


def at_once(recipe: worlds.Recipe, concurrency: int) -> bytes:
    return worlds.document(recipe.value | {"concurrency": concurrency})


def events(db: database.Database, recipe_id: int, count: int, *, keep: bool = False) -> list[int]:
    """So many events, accepted together."""
    with db.write() as tx:
        made = [interface.Event({"payload": {"id": str(at), "deed": "meet"}}) for at in range(count)]
        return [accepting.accept(tx, recipe_id, each, keep=keep).run_id for each in made]


def loaded(world: worlds.World, files: worlds.Files, *names: str) -> tuple[worlds.Place, list[int]]:
    """A workspace in which these recipes run."""
    place = world.workspace()
    package = place.load(files)
    assert not package.error_parts, package
    for name in names:
        assert not place.start(name).all
    return place, [place.asset(assets.RECIPE, name).id for name in names]


def test_a_recipe_that_does_one_job_at_a_time_keeps_their_order(embedded: worlds.World) -> None:
    with running.running(embedded) as runner:
        place, recipe_id = runner.started(noting(), NOTES)

        begun = events(embedded.db, recipe_id, 40)
        runner.ended(begun[-1])

    assert [str(at) for at in range(40)] == [key for key, _ in notes(place)]


@pytest.mark.parametrize("concurrency", [1, 5])
def test_as_many_jobs_go_on_at_once_as_the_recipe_says(
    embedded: worlds.World, monkeypatch: pytest.MonkeyPatch, concurrency: int
) -> None:
    here: list[int] = []
    most: list[int] = []
    met = threading.Event()

    def meet(_: interface.Call) -> interface.Result:
        here.append(1)
        most.append(len(here))
        if len(here) == concurrency:
            met.set()
        met.wait(10)
        time.sleep(0.01)
        here.pop()
        return interface.Result()

    strangers.plug(monkeypatch, strangers.connector({"meet": meet}))
    files = {"a.recipe.json": at_once(strangers.asking(interface.Effect.OUTSIDE), concurrency)}
    with running.running(embedded) as runner:
        _, [recipe_id] = loaded(embedded, files, "A")
        for run_id in events(embedded.db, recipe_id, 15):
            runner.ended(run_id)

    assert concurrency == max(most)


def test_a_backlog_of_one_recipe_holds_no_other_up(embedded: worlds.World) -> None:
    files = {"a.recipe.json": noting("A").bytes, "b.recipe.json": noting("B").bytes, **NOTES}
    with running.running(embedded) as runner:
        _, [first, second] = loaded(embedded, files, "A", "B")
        events(embedded.db, first, 1000)

        runner.ended(events(embedded.db, second, 1)[0])

        with embedded.db.read() as tx:
            assert 500 < run_rows.count_pending(tx, first, 1000)


def test_a_recipe_that_stops_lets_its_events_run_to_their_end(embedded: worlds.World) -> None:
    with running.running(embedded) as runner:
        place, recipe_id = runner.started(noting(), NOTES)
        begun = events(embedded.db, recipe_id, 20)
        with embedded.db.write() as tx:
            starting.stop(tx, place.workspace.id, recipe_id)

        assert {runs.Status.SUCCEEDED} == {runner.ended(run_id).status for run_id in begun}


def test_events_that_were_kept_for_a_stopped_recipe_run_once_it_starts(embedded: worlds.World) -> None:
    with running.running(embedded) as runner:
        place = embedded.workspace()
        place.load({"a.recipe.json": noting().bytes, **NOTES})
        kept = events(embedded.db, place.asset(assets.RECIPE, "A").id, 3, keep=True)
        assert runs.Status.HELD is runner.when(kept[0], runs.Status.HELD).status

        place.load({"a.recipe.json": noting(text="newer").bytes, **NOTES})
        place.start("A")
        runner.ended(kept[-1])

    assert [("0", "newer"), ("1", "newer"), ("2", "newer")] == notes(place)


def test_jobs_that_ended_long_ago_are_forgotten_and_no_others(embedded: worlds.World) -> None:
    with running.running(embedded) as runner:
        _, recipe_id = runner.started(noting().step("clock", "wait_for_interval", {"interval": "900000"}), NOTES)
        _, other_id = runner.started(noting("B"), NOTES)
        old = runner.run(other_id, {"payload": {"id": "old"}})
        waiting = runner.accept(recipe_id, {"payload": {"id": "waiting"}})
        runner.when(waiting, runs.Status.WAITING)
    now = embedded.db.clock()
    embedded.db.clock = lambda: now + timedelta(days=31)

    forgetting.forget_jobs(embedded.deed, timedelta(days=30), threading.Event())

    with embedded.db.read() as tx:
        assert {waiting} == run_rows.by_ids(tx, [old.id, waiting]).keys()
        assert [] == run_rows.journal(tx, old.id)
        assert run_rows.journal(tx, waiting)


def test_lists_that_grew_are_whole_after_a_death(embedded: worlds.World) -> None:
    recipe = running.hooked()
    for at in range(8):
        recipe.step("workato_list", "accumulate_list_items", {"name": "L", "list_item": {"at": str(at)}})
        if at == 5:
            recipe.step("clock", "wait_for_interval", {"interval": "1"})
    grown = running.pill("list_items", line=recipe.steps[-1]["as"], provider="workato_list")
    recipe.step("logger", "log_message", {"message": f'={grown}.pluck("at").join(",")'})
    with running.running(embedded) as runner:
        _, recipe_id = runner.started(recipe)
        run_id = runner.accept(recipe_id, {})
        runner.when(run_id, runs.Status.WAITING)

        runner.again()

        assert runs.Status.SUCCEEDED is runner.ended(run_id).status
        assert {"message": "0,1,2,3,4,5,6,7"} == runner.steps(run_id)[-1][2]


def failing_once(world: worlds.World, at: int) -> list[int]:
    """The database breaks down just before one commit, the `at`-th from now; gives how many are left until then."""
    left = [at]

    def conclude(_: database.Tx) -> None:
        left[0] -= 1
        if not left[0]:
            raise sa.exc.OperationalError("COMMIT", {}, OSError("the database is gone"))

    world.deed = replace(world.deed, db=world.db.concluding(conclude))
    return left


@pytest.mark.parametrize("at", range(1, 7))
def test_a_run_outlives_a_database_that_breaks_down(
    embedded: worlds.World, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    monkeypatch.setattr(dispatching, "RETRY_S", 0.02)
    files = {"a.recipe.json": called_and_noting(), **CALLEE, **NOTES}
    place, [_, recipe_id] = loaded(embedded, files, "B", "A")
    left = failing_once(embedded, at + 1)
    with running.running(embedded) as runner:
        run_id = events(embedded.db, recipe_id, 1)[0]

        assert runs.Status.SUCCEEDED is runner.ended(run_id).status

    assert left[0] <= 0
    assert ["A", "B"] == sorted(by for _, by in notes(place))


CALLEE = {
    "b.recipe.json": worlds.Recipe("B", trigger=("workato_recipe_function", "execute"))
    .step(
        "lookup_table",
        "add_entry",
        {"lookup_table_id": worlds.reference("notes.lookup_table.json", "Notes"), "parameters": {"col2": "B"}},
    )
    .bytes
}


def called_and_noting() -> bytes:
    return noting().calls("b.recipe.json", "B").bytes


def test_runs_whose_commit_nobody_knows_of_are_taken_up_again(
    embedded: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit succeeds, and the connection breaks before anybody is told: the called run stands as under way."""
    monkeypatch.setattr(dispatching, "RETRY_S", 0.02)
    files = {"a.recipe.json": called_and_noting(), **CALLEE, **NOTES}
    place, [_, recipe_id] = loaded(embedded, files, "B", "A")
    with running.running(embedded) as runner:
        told, broken = runner.means.db.noticed, [False]

        def notice() -> None:
            if threading.current_thread().name.startswith("run") and not broken[0]:
                broken[0] = True
                raise sa.exc.OperationalError("COMMIT", {}, OSError("the database is gone"))
            told()

        runner.means.db.noticed = notice
        run_id = events(embedded.db, recipe_id, 1)[0]

        assert runs.Status.SUCCEEDED is runner.ended(run_id).status

    assert broken[0]
    assert ["A", "B"] == sorted(by for _, by in notes(place))


@contextmanager
def server(world: worlds.World, node: str) -> Iterator[dispatching.Dispatcher]:
    """One of several servers."""
    bell = dispatching.Bell()
    made = dispatching.Dispatcher(running.means_of(world.db.noticing(bell.ring), node=node), bell)
    made.start()
    try:
        yield made
    finally:
        made.stop()


def test_servers_that_share_a_database_share_the_work(shared: worlds.World) -> None:
    files = {"a.recipe.json": at_once(noting(), 5), **NOTES}
    place, [recipe_id] = loaded(shared, files, "A")
    begun = events(shared.db, recipe_id, 100)
    with server(shared, "one"), server(shared, "two"):
        ended = settled(shared, begun)

    assert {"succeeded": 100} == ended
    assert sorted(str(at) for at in range(100)) == sorted(key for key, _ in notes(place))


def test_a_server_takes_up_what_a_dead_one_was_doing(shared: worlds.World) -> None:
    place, [recipe_id] = loaded(shared, {"a.recipe.json": at_once(noting(), 5), **NOTES}, "A")
    begun = events(shared.db, recipe_id, 5)
    dead = dispatching.Dispatcher(running.means_of(shared.db, node="dead"), dispatching.Bell())
    claimed = dead._claimed(3)
    with server(shared, "heir") as heir:
        heir.take_over(["heir"])

        ended = settled(shared, begun)

    assert 3 == len(claimed)
    assert {"succeeded": 5} == ended
    assert 5 == len(notes(place))


@contextmanager
def applying(place: worlds.Place, recipe_id: int, files: worlds.Files) -> Iterator[None]:
    """An import has moved the recipe's version, and commits on leaving."""
    world, reached, released = place.world, threading.Event(), threading.Event()
    with world.db.read() as read:
        before = run_rows.running_version(read, recipe_id, held=False)

    def conclude(tx: database.Tx) -> None:
        if run_rows.running_version(tx, recipe_id, held=False) != before:
            reached.set()
            released.wait(10)

    deed = replace(world.deed, db=world.db.concluding(conclude))
    deed.blobs.put("uploads/cut-over/data.zip", [worlds.zipped(files)])
    at, options = (place.workspace.id, place.project.id), packages.Options(restart_recipes=True)
    package = import_package.request(deed, at, options, "uploads/cut-over/data.zip", "data.zip")
    importer = threading.Thread(target=import_package.run, args=(deed, package.id))
    importer.start()
    assert reached.wait(10)
    yield
    released.set()
    importer.join(10)


def test_events_wait_for_an_import_that_is_being_applied_and_run_its_version(shared: worlds.World) -> None:
    place, [recipe_id] = loaded(shared, {"a.recipe.json": noting(text="old").bytes, **NOTES}, "A")
    taken: list[int] = []
    sender = threading.Thread(target=lambda: taken.extend(events(shared.db, recipe_id, 1)))
    with applying(place, recipe_id, {"a.recipe.json": noting(text="new").bytes, **NOTES}):
        sender.start()
        sender.join(0.3)
        waits = sender.is_alive()
    sender.join(10)

    with server(shared, "one"):
        assert {"succeeded": 1} == settled(shared, taken)
    assert waits
    assert [("0", "new")] == notes(place)


def settled(world: worlds.World, run_ids: list[int]) -> dict[str, int]:
    """How many of these runs ended so, once all have."""
    until = time.monotonic() + running.PATIENCE_S
    while time.monotonic() < until:
        with world.db.read() as tx:
            found = [run.status for run in run_rows.by_ids(tx, run_ids).values()]
        if set(found) <= runs.ENDED:
            return {status.value: found.count(status) for status in set(found)}
        time.sleep(0.02)
    raise AssertionError(found)


def test_an_event_with_any_key_is_known_again(world: worlds.World) -> None:
    _, [recipe_id] = loaded(world, {"a.recipe.json": running.hooked().bytes}, "A")
    keys = ["plain", "a\x00b", "a\ud800b", "x" * 10_000, "x" * 10_000 + "y"]

    def take(key: str) -> tuple[int, bool]:
        with world.db.write() as tx:
            accepted = accepting.accept(tx, recipe_id, interface.Event({}, key))
        return accepted.run_id, accepted.new

    first, second = ([take(key) for key in keys] for _ in range(2))

    assert [(run_id, False) for run_id, _ in first] == second
    assert len(keys) == len({run_id for run_id, _ in first})


def test_an_event_that_is_too_large_is_refused(embedded: worlds.World) -> None:
    _, [recipe_id] = loaded(embedded, {"a.recipe.json": running.hooked().bytes}, "A")

    with (
        embedded.db.write() as tx,
        pytest.raises(interface.Failure, match=r"The event takes .* the limit is 10,485,760"),
    ):
        accepting.accept(tx, recipe_id, interface.Event({"a": "x" * 50 * 1024 * 1024}))
