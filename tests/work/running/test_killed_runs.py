"""`kill -9` anywhere in a run: taken up again, it ends as if nothing had happened.

At every commit, and at a sample of all statements; RECIPEYARD_KILL_EVERY=1 asks for every one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import killing
import outside
import platforms
import running
import services
import worlds
from recipeyard.model import assets, runs
from recipeyard.runtime import codec, interface
from recipeyard.runtime.connectors import lookup_table, workato_db_table
from recipeyard.sql import connections, database, runtime_tables
from recipeyard.sql import runs as run_rows
from recipeyard.work.running import accepting, dispatching

SAMPLE = {"embedded": (2, 9), "shared": (5, 27)}
"""The first statement, and every so-manieth from there on: on the other database they are the same, so it is fewer."""

ENOUGH_COMMITS, ENOUGH = 20, 200
"""Fewer commits or statements than these would mean that something else was counted, or ended by itself."""

ID = running.pill("payload", "id")
FIRST = running.pill("message", line="s1", provider="logger")
MOOD = '=lookup("Mood", "Column 1": "k")["Column 2"]'


@dataclass
class Clock:
    """The time of day, and whatever was waited for."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def jump(self, moment: datetime) -> None:
        self.ahead += max(moment - self(), timedelta(0))


@dataclass
class Mortal:
    """A workspace whose runs can be carried out by a process of its own, which is killed."""

    seat: platforms.Seat
    site: outside.Site
    sample: tuple[int, int]
    recipe_id: int = 0
    clock: Clock = field(default_factory=Clock)

    @property
    def db(self) -> database.Database:
        return self.seat.place.world.db


def noting(text: str) -> tuple[str, str, dict[str, Any]]:
    """A step that writes a row for this event."""
    given = {"lookup_table_id": worlds.reference("notes.lookup_table.json", "Notes")}
    return "lookup_table", "add_entry", given | {"parameters": {"col1": f"#{{{ID}}}", "col2": text}}


def action(alias: str, provider: str, name: str, given: Any) -> dict[str, Any]:
    return {"keyword": "action", "provider": provider, "name": name, "as": alias, "input": given}


def callee(name: str) -> bytes:
    """A recipe that notes that it was called, and answers."""
    given = running.pill("parameters", "id", provider="workato_recipe_function")
    notes = worlds.reference("notes.lookup_table.json", "Notes")
    recipe = worlds.Recipe(name, trigger=("workato_recipe_function", "execute"))
    row = {"col1": f"#{{{given}}}", "col2": name}
    recipe.step("lookup_table", "add_entry", {"lookup_table_id": notes, "parameters": row})
    return recipe.step("workato_recipe_function", "return_result", {"result": {"said": f"={given}.upcase"}}).bytes


def whole(url: str) -> bytes:
    """A recipe with a step of every sort."""
    recipe = running.hooked("Whole")
    connection = worlds.reference("site.connection.json", "Site")
    recipe.config.append({"keyword": "application", "provider": "rest", "account_id": connection})
    recipe.step("logger", "log_message", {"message": '="#{now} #{workato.uuid}"'})
    is_old = {"operand": "equals_to", "lhs": MOOD, "rhs": "old"}
    branch = {"keyword": "if", "as": "i1", "input": {"type": "compound", "operand": "and", "conditions": [is_old]}}
    otherwise = {"keyword": "else", "block": [action("n2", *noting(f"new: #{{{FIRST}}}"))]}
    recipe.steps.append(branch | {"block": [action("n1", *noting(f"old: #{{{FIRST}}}")), otherwise]})
    table = worlds.reference("orders.workato_db_table.json", "Orders")
    order = {platforms.NAMES[platforms.ORDER]: f"#{{{ID}}}"}
    recipe.steps.append(action("d1", "workato_db_table", "add_record", {"table_id": table, "parameters": order}))
    for at, (file, name) in enumerate((("called", "call_recipe"), ("later", "call_recipe_async"))):
        flow = worlds.reference(f"{file}.recipe.json", file.capitalize())
        given = {"flow_id": flow, "parameters": {"id": f"#{{{ID}}}"}}
        recipe.steps.append(action(f"c{at}", "workato_recipe_function", name, given))
    recipe.steps += [*waiting(), trying()]
    request = {"method": "POST", "url": f"{url}/#{{{ID}}}", "body": {"id": f"#{{{ID}}}"}}
    recipe.steps.append(action("r1", "rest", "make_request_v2", {"request": request, "response": {}}))
    said = running.pill("result", "said", line="c0", provider="workato_recipe_function")
    recipe.steps.append(action("n5", *noting(f"end: #{{{FIRST}}} #{{{said}}}")))
    return worlds.document(numbered(recipe.value))


def waiting() -> list[dict[str, Any]]:
    """Wait for the call that goes on meanwhile, and then by the clock."""
    job = running.pill("job_id", line="c1", provider="workato_recipe_function")
    given = {"job_ids": f"#{{{job}}}", "timeout": "60"}
    return [
        action("w1", "workato_recipe_function", "wait_for_async_jobs", given),
        action("w2", "clock", "wait_for_interval", {"interval": "3600"}),
    ]


def trying() -> dict[str, Any]:
    """Something that fails, is tried once more and then caught."""
    tries = {"max_retry_count": "1", "retry_interval": "60"}
    catch = {"keyword": "catch", "as": "e1", "input": tries, "block": [action("n4", *noting("caught"))]}
    failing = action("l2", "logger", "log_message", {"message": "=1 / 0"})
    return {"keyword": "try", "input": {}, "block": [action("n3", *noting("tried")), failing, catch]}


def numbered(value: dict[str, Any]) -> dict[str, Any]:
    def every(step: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield step
        for each in step.get("block", ()):
            yield from every(each)

    for number, step in enumerate(every(value["code"])):
        step["number"] = number
    return value


@pytest.fixture(params=services.BACKENDS)
def mortal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mortal]:
    """On each database in turn."""
    chosen = services.backend(request.param, tmp_path, request, is_migrated=True)
    with (
        worlds.world(chosen.database, f"{tmp_path}/blobs", {}, tmp_path) as world,
        outside.site(lambda _: outside.Reply(200, b"{}")) as site,
    ):
        made = Mortal(platforms.Seat(world.workspace()), site, SAMPLE[request.param])
        world.db.clock = made.clock
        place = made.seat.place
        platforms.orders(place)
        files = {
            "mood.lookup_table.json": worlds.lookup_table("Mood", "k,old\n"),
            "notes.lookup_table.json": worlds.lookup_table("Notes"),
            "site.connection.json": worlds.connection("Site"),
            "called.recipe.json": callee("Called"),
            "later.recipe.json": callee("Later"),
            "whole.recipe.json": whole(site.url),
        }
        package = place.load(files)
        assert not package.error_parts, package
        with world.db.write() as tx:
            connections.authorize(tx, place.asset(assets.CONNECTION, "Site").id, b'sealed:{"auth_type":"no_auth"}')
        for name in ("Called", "Later", "Whole"):
            refusal = place.start(name)
            assert not refusal.all, refusal
        made.recipe_id = place.asset(assets.RECIPE, "Whole").id
        yield made


def drive(db: database.Database, clock: Clock, node: str) -> None:
    """Carry out whatever there is to be carried out, one thing after another, and wait for nothing."""
    means = running.means_of(db, node=node)
    dispatcher = dispatching.Dispatcher(means, dispatching.Bell())
    dispatcher.take_over([])
    while True:
        claimed = dispatcher._claimed(8)
        for run_id in claimed:
            dispatcher._carry(run_id)
        if not claimed:
            with db.read() as tx:
                due_at = run_rows.next_due(tx)
            if due_at is None:
                return
            clock.jump(due_at)


def test_a_run_that_is_killed_anywhere_ends_as_if_nothing_had_happened(mortal: Mortal) -> None:
    attempts: set[int] = set()

    commits, statements = (
        next(moment for moment in moments if not run_and_die(mortal, moment, attempts))
        for moments in killing.sampled(*mortal.sample)
    )

    assert commits.number > ENOUGH_COMMITS
    assert statements.number > ENOUGH
    assert {1, 2} == attempts


def run_and_die(mortal: Mortal, moment: killing.Moment, attempts: set[int]) -> bool:
    """One run that may be killed; adds how often it asked the world outside."""
    event = str(moment)
    with mortal.db.write() as tx:
        run_id = accepting.accept(tx, mortal.recipe_id, interface.Event({"payload": {"id": event}})).run_id

    killed = killing.kill_at(moment, mortal.db, lambda db: drive(db, mortal.clock, "mortal"))
    change_mood(mortal, moment.number)
    drive(mortal.db, mortal.clock, "heir")

    assert_ended(mortal, run_id, event)
    attempts.add(attempt_outside(mortal, run_id, event))
    return killed


def change_mood(mortal: Mortal, number: int) -> None:
    """What formulas look up is another thing from now on."""
    table = {"lookup_table_id": "Mood"}
    [entry] = mortal.seat.do(lookup_table.CONNECTOR, "get_entries", table)["entries"]
    mood = {"col1": "k", "col2": "new" if number % 2 else "old"}
    mortal.seat.do(lookup_table.CONNECTOR, "update_entry", table | {"id": entry["id"], "parameters": mood})


def assert_ended(mortal: Mortal, run_id: int, key: str) -> None:
    """Each row is there once, and each callee was called once."""
    runs_of = runtime_tables.runs.c
    with mortal.db.read() as tx:
        run = run_rows.by_id(tx, run_id)
        children = tx.all(sa.select(runs_of.status).where(runs_of.parent_id == run_id))
        first = codec.decode(run_rows.journal(tx, run_id)[0].entry or b"")
    assert run
    assert runs.Status.SUCCEEDED is run.status, (key, run.error)
    assert isinstance(first, dict)
    said = first["output"]["message"]
    rows: dict[str, Any] = {"lookup_table_id": "Notes", "parameters": {"col1": key}}
    entries = mortal.seat.do(lookup_table.CONNECTOR, "search_entries", rows)["entries"]
    notes = [each["entry"]["col2"] for each in entries]
    mood = next((each.partition(":")[0] for each in notes if each.startswith("new")), "old")
    expected = ["Called", "Later", "caught", f"end: {said} {key.upper()}", f"{mood}: {said}", "tried", "tried"]
    assert sorted(expected) == sorted(notes), key
    assert ["succeeded", "succeeded"] == [each.status for each in children], key
    wanted = [{"field_id": platforms.ORDER, "op_default": "eq", "value_default": key}]
    asked: dict[str, Any] = {"table_id": "Orders", "filters": wanted}
    assert 1 == len(mortal.seat.do(workato_db_table.CONNECTOR, "get_records", asked)["records"]), key


def attempt_outside(mortal: Mortal, run_id: int, key: str) -> int:
    """How often the journal says that the world outside was asked: at least as often as it was, with one key."""
    with mortal.db.read() as tx:
        row = next(each for each in run_rows.journal(tx, run_id) if each.attempt > 1 or each.number == 16)
    keys = [each.headers["idempotency-key"] for each in mortal.site.heard if each.path == f"/{key}"]

    assert 1 <= len(keys) <= row.attempt <= 2, key
    assert 1 == len(set(keys)), key
    return row.attempt
