"""Two transactions that wait for each other: the one that is taken back is done once more, or says so."""

import time
from collections.abc import Iterator
from concurrent import futures

import pytest
import sqlalchemy as sa

import servers
import worlds
from recipeyard.sql import database, runs
from recipeyard.sql import workspaces as workspace_rows

WAITING = sa.text("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
PATIENT = sa.text("SET LOCAL deadlock_timeout = '1min'")


@pytest.fixture
def client(started: dict[str, servers.Server]) -> Iterator[servers.Client]:
    """A client of a new workspace on PostgreSQL: on SQLite writers take turns."""
    with started["shared"].workspace() as made:
        yield made


def until_somebody_waits(db: database.Database) -> None:
    for _ in range(1000):
        with db.read() as tx:
            if tx.first(WAITING):
                return
        time.sleep(0.01)


def running(client: servers.Client, folder: int, *names: str) -> list[int]:
    """The ids of recipes that run."""
    client.load(folder, worlds.zipped({f"{name}.recipe.json": worlds.Recipe(name).bytes for name in names}))
    found = {each["name"]: each["id"] for each in client.call("GET", f"recipes?folder_id={folder}")["items"]}
    for name in names:
        client.call("PUT", f"recipes/{found[name]}/start")
    return [found[name] for name in names]


def test_an_import_that_gives_way_is_done_once_more(client: servers.Client) -> None:
    folder = client.folder()
    first, second = sorted(running(client, folder, "A", "B"))
    changed = worlds.zipped({f"{name}.recipe.json": worlds.Recipe(name).bytes + b"\n" for name in "AB"})
    with futures.ThreadPoolExecutor(1) as pool:
        with client.server.db.write() as tx:
            tx.run(PATIENT)
            runs.running_version(tx, second)
            loaded = pool.submit(client.load, folder, changed, restart_recipes=True)
            until_somebody_waits(client.server.db)
            runs.running_version(tx, first)

        assert "completed" == loaded.result()["status"]


def test_a_request_that_gives_way_is_told_to_come_again(client: servers.Client) -> None:
    (recipe,) = running(client, client.folder(), "A")
    with futures.ThreadPoolExecutor(1) as pool:
        with client.server.db.write() as tx:
            tx.run(PATIENT)
            workspace, _ = runs.running_version(tx, recipe)
            stopped = pool.submit(client.http.put, f"/api/recipes/{recipe}/stop")
            until_somebody_waits(client.server.db)
            workspace_rows.lock(tx, workspace)

        assert 409 == stopped.result().status_code
