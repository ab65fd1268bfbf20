"""Runs against the engine's own floor: an empty workflow with the same number of steps, on the same database.

`python -m benchmarks.runs` prints these alone.
"""

import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dbos import DBOS

import running
import servers
import services
import worlds
from recipeyard.model import runs
from recipeyard.sql import database
from recipeyard.sql import runs as run_rows

STEPS = 5
"""Four that work on values and one that writes a row, against as many that do nothing."""

AT_ONCE = 5
ALONE, TOGETHER = 60, 400
LISTENING, IDLE_S = 1000, 10
_POLL_S = 0.002


@dataclass(frozen=True, slots=True)
class Pair:
    """A figure of ours and of the floor."""

    ours: float
    floor: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What one database gives: the seconds of a run alone, and runs a second where many wait."""

    name: str
    latency_s: Pair
    runs_per_s: Pair


def main() -> None:
    """Measure and print."""
    for each in figures():
        print(each)
    print(idle())


def figures() -> list[Figures]:
    """Both databases, each with its floor."""
    with tempfile.TemporaryDirectory() as folder, services.postgresql(Path(folder) / "pg") as postgresql:
        places = {
            "SQLite": f"sqlite:///{folder}/runs.db",
            "PostgreSQL": services.new_database(postgresql, "runs"),
        }
        return [_measured(name, url, Path(folder)) for name, url in places.items()]


def idle() -> Pair:
    """Processor seconds a second of a server at rest: with a thousand recipes listening, and with none."""
    with servers.serving(services.Backend("embedded", "", "")) as server, server.workspace() as client:
        none = _used(server)
        folder = client.folder()
        files = {f"r{at}.recipe.json": running.hooked(f"R {at}").bytes for at in range(LISTENING)}
        assert client.load(folder, worlds.zipped(files))["status"] == "completed"
        for page in itertools.count(1):
            found = client.call("GET", f"recipes?folder_id={folder}&page={page}&per_page=100")["items"]
            if not found:
                break
            for recipe in found:
                assert client.call("PUT", f"recipes/{recipe['id']}/start")["success"]
        time.sleep(2)
        return Pair(_used(server), none)


def _used(server: servers.Server) -> float:
    assert server.process
    before = _ticks(server.process.pid)
    time.sleep(IDLE_S)
    return (_ticks(server.process.pid) - before) / 100 / IDLE_S


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _measured(name: str, url: str, folder: Path) -> Figures:
    with worlds.world(url, f"{folder}/blobs-{name}", {}, folder) as world:
        with running.running(world) as runner:
            recipe_id = _recipe(runner)
            ours_alone = _alone(lambda at: _run(runner, recipe_id, at))
            ours_together = _together(lambda at: _accept(runner, recipe_id, at), lambda: _rest(runner))
        with _engine(world.db):
            queue = DBOS.retrieve_queue("floor")
            assert queue
            floor_alone = _alone(lambda at: queue.enqueue(_empty, at).get_result(polling_interval_sec=_POLL_S))
            handles: list[Any] = []
            floor_together = _together(
                lambda at: handles.append(queue.enqueue(_empty, at)),
                lambda: [each.get_result(polling_interval_sec=0.01) for each in handles],
            )
    return Figures(name, Pair(ours_alone, floor_alone), Pair(ours_together, floor_together))


def _recipe(runner: running.Runner) -> int:
    recipe = running.hooked()
    told = f"#{{{running.pill('payload', 'at')}}}"
    for _ in range(STEPS - 1):
        recipe.step("logger", "log_message", {"message": told})
    table = worlds.reference("t.lookup_table.json", "T")
    recipe.step("lookup_table", "add_entry", {"lookup_table_id": table, "parameters": {"col1": told}})
    recipe.concurrency = AT_ONCE
    return runner.started(recipe, {"t.lookup_table.json": worlds.lookup_table("T")})[1]


def _accept(runner: running.Runner, recipe_id: int, at: int) -> int:
    return runner.accept(recipe_id, {"payload": {"at": at}})


def _run(runner: running.Runner, recipe_id: int, at: int) -> None:
    run_id = _accept(runner, recipe_id, at)
    while True:
        with runner.means.db.read() as tx:
            run = run_rows.by_id(tx, run_id)
        if run and run.status in runs.ENDED:
            assert run.status is runs.Status.SUCCEEDED, run.error
            return
        time.sleep(_POLL_S)


def _rest(runner: running.Runner) -> None:
    """Until nothing is left to run."""
    while True:
        with runner.means.db.read() as tx:
            if not run_rows.oldest_pending(tx, (), 1) and not run_rows.running_counts(tx):
                return
        time.sleep(0.01)


def _alone(run: Callable[[int], object]) -> float:
    took_s: list[float] = []
    for at in range(ALONE):
        began = time.perf_counter()
        run(at)
        took_s.append(time.perf_counter() - began)
    return statistics.median(took_s)


def _together(put_in: Callable[[int], object], rest: Callable[[], object]) -> float:
    began = time.perf_counter()
    for at in range(TOGETHER):
        put_in(at)
    rest()
    return TOGETHER / (time.perf_counter() - began)


@DBOS.step()
def _nothing(at: int) -> int:
    return at


@DBOS.workflow()
def _empty(at: int) -> int:
    for step in range(STEPS):
        _nothing(step)
    return at


@contextmanager
def _engine(db: database.Database) -> Iterator[None]:
    """The engine on the same database, with a queue that is looked at as often as it bears."""
    engine = database.engine_for_work(db)
    DBOS(
        config={
            "name": "floor",
            "system_database_engine": engine,
            "system_database_url": engine.url.render_as_string(hide_password=False),
            "application_version": "1",
            "executor_id": "floor",
            "console_log_level": "ERROR",
            "enable_otlp": False,
        }
    )
    DBOS.launch()
    DBOS.register_queue("floor", worker_concurrency=AT_ONCE, polling_interval_sec=0.005, on_conflict="always_update")
    try:
        yield
    finally:
        DBOS.destroy()


if __name__ == "__main__":
    print(datetime.now(UTC), file=sys.stderr)
    main()
