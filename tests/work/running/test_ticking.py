"""Schedules and polls: what is due fires once, and goes on where it was whatever becomes of the recipe meanwhile."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import running
import strangers
import worlds
from recipeyard.model import assets, runs
from recipeyard.runtime import codec, interface
from recipeyard.runtime.stepping import faults
from recipeyard.sql import listeners
from recipeyard.sql import runs as run_rows
from recipeyard.work import recipes, starting
from recipeyard.work.running import hands, ticking

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Source:
    """What a polling trigger looks at: each look gives the next answer, and remembers what it was asked."""

    answers: list[Any] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)

    def look(self, asked: interface.Asked) -> Any:
        self.asked.append(asked.cursor)
        answer = self.answers.pop(0) if self.answers else interface.Polled([], asked.cursor)
        if callable(answer):
            answer = answer()
        if isinstance(answer, BaseException):
            raise answer
        return answer


@dataclass
class Bench:
    """A workspace under a clock that stands still, and nobody who carries out its runs."""

    place: worlds.Place
    clock: Clock
    source: Source

    def start(self, recipe: bytes) -> int:
        package = self.place.load({"a.recipe.json": recipe})
        assert not package.error_parts, package
        refusal = self.place.start("A")
        assert not refusal.all, refusal
        return self.place.asset(assets.RECIPE, "A").id

    def stop(self, recipe_id: int) -> None:
        with self.place.world.db.write() as tx:
            starting.stop(tx, self.place.workspace.id, recipe_id)

    def tick(self, after: timedelta = timedelta(0)) -> None:
        """So much later, whatever is due fires and looks."""
        self.clock.now += after
        db = self.place.world.db
        for listener in ticking.fire_due(db):
            ticking.look(running.means_of(db), hands.Hands(), listener)

    def accepted(self, recipe_id: int) -> list[Any]:
        """The events of a recipe, oldest first."""
        with self.place.world.db.read() as tx:
            found = [run_rows.event(tx, each) for each in run_rows.pending_of(tx, recipe_id, 10_000)]
        return [codec.decode(each) for each in found]

    def moments(self, recipe_id: int) -> list[str]:
        return [each["scheduled_time"].strftime("%H:%M") for each in self.accepted(recipe_id)]

    def listener(self, recipe_id: int) -> listeners.Listener:
        with self.place.world.db.read() as tx:
            found = listeners.find(tx, recipe_id)
        assert found
        return found


@pytest.fixture
def bench(embedded: worlds.World, monkeypatch: pytest.MonkeyPatch) -> Bench:
    source, clock = Source(), Clock()
    embedded.db.clock = clock
    poll = interface.Trigger("new", interface.Poll(source.look, seconds=300))
    strangers.plug(monkeypatch, strangers.connector({}, poll))
    return Bench(embedded.workspace(), clock, source)


def every(minutes: int, **given: Any) -> bytes:
    value = worlds.Recipe("A").step("logger", "log_message", {"message": "tick"}).value
    value["code"]["input"] = {"time_unit": "minutes", "trigger_every": str(minutes)} | given
    return worlds.document(value)


def looking(**given: Any) -> bytes:
    value = worlds.Recipe("A", trigger=(strangers.NAME, "new")).value
    value["code"]["input"] = given
    return worlds.document(value)


def polled(*keys: str, cursor: Any = None, more: bool = False) -> interface.Polled:
    return interface.Polled([interface.Event({"id": key}, key) for key in keys], cursor, more)


def test_a_schedule_fires_when_it_is_due_and_not_before(bench: Bench) -> None:
    recipe_id = bench.start(every(5))

    bench.tick(4 * MINUTE)
    assert [] == bench.moments(recipe_id)
    bench.tick(MINUTE)
    bench.tick()
    bench.tick(5 * MINUTE)

    assert ["12:05", "12:10"] == bench.moments(recipe_id)


def test_moments_that_were_missed_are_made_up_for_by_one(bench: Bench) -> None:
    recipe_id = bench.start(every(5))

    bench.tick(62 * MINUTE)
    bench.tick()
    bench.tick(3 * MINUTE)

    assert ["12:05", "13:05"] == bench.moments(recipe_id)


def test_an_import_that_leaves_the_schedule_leaves_its_next_moment_even_where_it_is_overdue(bench: Bench) -> None:
    recipe_id = bench.start(every(5))
    bench.clock.now += 6 * MINUTE
    other = worlds.Recipe("A").step("logger", "log_message", {"message": "another"}).value
    other["code"]["input"] = {"time_unit": "minutes", "trigger_every": "5"}

    bench.place.load({"a.recipe.json": worlds.document(other)}, restart_recipes=True)

    assert NOON + 5 * MINUTE == bench.listener(recipe_id).due_at


def test_an_import_that_changes_the_schedule_begins_it_anew(bench: Bench) -> None:
    recipe_id = bench.start(every(60))
    bench.clock.now += 4 * MINUTE

    bench.place.load({"a.recipe.json": every(10)}, restart_recipes=True)

    assert NOON + 14 * MINUTE >= (bench.listener(recipe_id).due_at or NOON) > NOON + 4 * MINUTE


def test_a_rollback_takes_the_schedule_and_the_version_back(bench: Bench) -> None:
    recipe_id = bench.start(every(5))
    before = bench.listener(recipe_id).subject
    package = bench.place.load({"a.recipe.json": every(7)}, restart_recipes=True)
    changed = bench.listener(recipe_id).subject

    bench.place.roll_back(package)

    assert before == bench.listener(recipe_id).subject != changed


def test_an_import_that_stops_a_recipe_silences_it(bench: Bench) -> None:
    recipe_id = bench.start(every(5))

    bench.place.load(
        {"a.recipe.json": every(5, timezone="Mars/Olympus")}, restart_recipes=True, on_restart_failure="keep"
    )
    bench.tick(10 * MINUTE)

    assert [] == bench.moments(recipe_id)
    assert ("stopped", None) == (bench.listener(recipe_id).kind, bench.listener(recipe_id).due_at)


def test_a_time_zone_that_nobody_knows_is_refused_at_the_start(bench: Bench) -> None:
    bench.place.load({"a.recipe.json": every(5, timezone="Mars/Olympus")})

    [problem] = bench.place.start("A").all

    assert "Mars/Olympus" in problem.message


@pytest.mark.parametrize(
    "given",
    [
        {"cron_expression": "0 0 30 2 *"},
        {"time_unit": "months", "trigger_every": "12", "days_of_month": "31", "start_after": "2026-06-01"},
    ],
    ids=("cron", "months"),
)
def test_a_schedule_that_would_never_fire_is_refused_at_the_start(bench: Bench, given: Any) -> None:
    bench.place.load({"a.recipe.json": every(5, **given)})

    [problem] = bench.place.start("A").all

    assert "names no moment at which it would ever fire" in problem.message


@pytest.mark.parametrize(
    "given", [{"start_after": '="secret".to_date'}, {"timezone": "secret"}], ids=["formula", "schedule"]
)
def test_what_a_masked_trigger_can_not_begin_with_is_not_quoted(bench: Bench, given: dict[str, str]) -> None:
    recipe = json.loads(every(5, **given))
    recipe["code"]["mask_data"] = True
    bench.place.load({"a.recipe.json": worlds.document(recipe)})

    [problem] = bench.place.start("A").all

    assert faults.HIDDEN in problem.message
    assert "secret" not in problem.message


def test_a_stopped_schedule_is_silent_and_begins_anew_with_the_recipe(bench: Bench) -> None:
    recipe_id = bench.start(every(5))
    bench.stop(recipe_id)
    bench.tick(60 * MINUTE)
    bench.place.start("A")

    bench.tick()
    assert [] == bench.moments(recipe_id)
    bench.tick(5 * MINUTE)

    assert ["13:05"] == bench.moments(recipe_id)


def test_a_look_takes_up_where_the_one_before_left_off(bench: Bench) -> None:
    recipe_id = bench.start(looking())
    bench.source.answers = [polled("a", "b", cursor=2), polled("b", "c", cursor=3)]

    bench.tick()
    bench.tick(4 * MINUTE)
    bench.tick(MINUTE)

    assert [None, 2] == bench.source.asked
    assert ["a", "b", "c"] == [each["id"] for each in bench.accepted(recipe_id)]


def test_a_look_that_knows_of_more_is_followed_by_the_next_at_once(bench: Bench) -> None:
    recipe_id = bench.start(looking())
    bench.source.answers = [polled("a", cursor=1, more=True), polled("b", cursor=2)]

    bench.tick()
    bench.tick()

    assert ["a", "b"] == [each["id"] for each in bench.accepted(recipe_id)]


@pytest.mark.parametrize(
    "bad",
    [
        interface.Failure("out of order\x00", "Down"),
        ValueError("no"),
        SystemExit(),
        MemoryError(),
        "text",
        interface.Polled("text", None),  # type: ignore[arg-type]
        interface.Polled([{"id": 1}], None),  # type: ignore[list-item]
        interface.Polled([interface.Event("text")], None),  # type: ignore[arg-type]
        interface.Polled([interface.Event({}, 7)], None),  # type: ignore[arg-type]
        interface.Polled([interface.Event({"a": "x" * 11 * 1024 * 1024})], None),
        interface.Polled([], object()),  # type: ignore[arg-type]
    ],
    ids=range(11),
)
def test_looks_that_fail_come_later_and_later_and_say_why(bench: Bench, bad: Any) -> None:
    recipe_id = bench.start(looking())
    bench.source.answers = [bad, bad, polled("a")]

    bench.tick()
    first = bench.listener(recipe_id)
    bench.tick(MINUTE)
    second = bench.listener(recipe_id)
    bench.tick(2 * MINUTE)

    assert (1, NOON + MINUTE, True) == (first.failures, first.due_at, bool(first.error))
    assert (2, NOON + 3 * MINUTE) == (second.failures, second.due_at)
    assert ["a"] == [each["id"] for each in bench.accepted(recipe_id)]
    assert (0, None) == (bench.listener(recipe_id).failures, bench.listener(recipe_id).error)


def test_a_poll_goes_on_where_it_was_after_a_stop_and_an_import(bench: Bench) -> None:
    recipe_id = bench.start(looking())
    bench.source.answers = [polled("a", cursor=1), polled("b", cursor=2)]
    bench.tick()

    bench.stop(recipe_id)
    bench.tick(60 * MINUTE)
    bench.place.load({"a.recipe.json": looking(since="ever")})
    bench.place.start("A")
    bench.tick()

    assert [None, 1] == bench.source.asked


def test_a_poll_that_is_reset_begins_anew(bench: Bench) -> None:
    recipe_id = bench.start(looking())
    bench.source.answers = [polled("a", cursor=1)]
    bench.tick()

    with bench.place.world.db.write() as tx:
        recipes.reset_trigger(tx, bench.place.workspace.id, recipe_id)
    bench.tick()

    assert [None, None] == bench.source.asked


@pytest.mark.parametrize("meanwhile", ["stopped", "reset", "looked", "deleted"])
def test_a_look_that_something_overtook_counts_for_nothing(bench: Bench, meanwhile: str) -> None:
    recipe_id = bench.start(looking())
    bench.source.answers = [polled(cursor=1)]
    bench.tick()

    def overtaken() -> interface.Polled:
        with bench.place.world.db.write() as tx:
            if meanwhile in {"stopped", "deleted"}:
                starting.stop(tx, bench.place.workspace.id, recipe_id)
            if meanwhile == "deleted":
                recipes.delete(tx, bench.place.workspace.id, recipe_id)
            if meanwhile == "reset":
                recipes.reset_trigger(tx, bench.place.workspace.id, recipe_id)
            if meanwhile == "looked":
                recipes.poll_now(tx, bench.place.workspace.id, recipe_id)
        if meanwhile == "looked":
            bench.tick()
        return interface.Polled([interface.Event({"id": "a"})], 2)

    bench.source.answers = [overtaken, interface.Polled([interface.Event({"id": "a"})], 2)]
    bench.tick(5 * MINUTE)

    expected = 1 if meanwhile == "looked" else 0
    assert expected == len(bench.accepted(recipe_id))


def test_a_flooded_recipe_looks_for_no_more(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "MOST_PENDING", 2)
    recipe_id = bench.start(looking())
    bench.source.answers = [polled("a", "b", more=True), polled("c")]

    bench.tick()
    bench.tick()

    assert 1 == len(bench.source.asked)
    assert "2 events wait" in str(bench.listener(recipe_id).error)


@pytest.mark.parametrize("following", [lambda *_: NOON, lambda *_: "soon", lambda *_: 1 / 0], ids=range(3))
def test_a_schedule_that_makes_no_sense_is_refused_at_the_start(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, following: Any
) -> None:
    made = interface.Trigger("odd", interface.Schedule(following, lambda *_: {}))
    strangers.plug(monkeypatch, strangers.connector({}, made))
    bench.place.load({"a.recipe.json": worlds.Recipe("A", trigger=(strangers.NAME, "odd")).bytes})

    assert 1 == len(bench.place.start("A").all)


def test_a_schedule_that_breaks_later_pauses_and_holds_no_other_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways = [NOON + MINUTE]
    odd = interface.Trigger("odd", interface.Schedule(lambda *_: ways[0], lambda *_: {}))
    strangers.plug(monkeypatch, strangers.connector({}, odd))
    fine = bench.start(every(1))
    bench.place.load({"b.recipe.json": worlds.Recipe("B", trigger=(strangers.NAME, "odd")).bytes})
    assert not bench.place.start("B").all
    ways.clear()

    bench.tick(MINUTE)

    broken = bench.listener(bench.place.asset(assets.RECIPE, "B").id)
    assert ["12:01"] == bench.moments(fine)
    assert (1, NOON + MINUTE + ticking.LONGEST_PAUSE) == (broken.failures, broken.due_at)


def test_two_servers_let_what_is_due_fire_once_and_look_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have seen that it is due before either has said so."""
    recipe_id = bench.start(every(5))
    bench.place.load({"b.recipe.json": worlds.Recipe("B", trigger=(strangers.NAME, "new")).bytes})
    assert not bench.place.start("B").all
    bench.clock.now += 5 * MINUTE
    db = bench.place.world.db
    with db.read() as tx:
        found = listeners.due(tx, 10)
    looks = ticking.fire_due(db)
    monkeypatch.setattr(listeners, "due", lambda *_: found)

    again = ticking.fire_due(db)

    assert ["12:05"] == bench.moments(recipe_id)
    assert [] == again
    assert len(found) == 1 + len(looks)
