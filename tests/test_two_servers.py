"""Two servers on one database and one store: neither does the other's work while it lives, each when it is dead."""

import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import servers
import services
import worlds
from recipeyard.sql import tables

STATUS = sa.table("workflow_status", sa.column("status"), sa.column("executor_id"), sa.column("name"), schema="dbos")
FILES = {f"r{at}.recipe.json": worlds.Recipe(f"R{at}").bytes for at in range(20)}


@pytest.fixture
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> services.Backend:
    """A PostgreSQL database and an S3 bucket."""
    return services.backend("shared", tmp_path, request)


@pytest.fixture
def first(backend: services.Backend) -> Iterator[servers.Server]:
    """The server that accepts the work."""
    with servers.serving(backend, secret="shared") as server:
        yield server


def under_way(server: servers.Server) -> dict[str, int]:
    """How much work each node has in hand."""
    query = sa.select(STATUS.c.executor_id, sa.func.count().label("many")).where(STATUS.c.status == "PENDING")
    with server.db.read() as tx:
        return {row.executor_id: row.many for row in tx.all(query.group_by(STATUS.c.executor_id))}


def wait_for(server: servers.Server, many: int) -> dict[str, int]:
    """Until so much work is in hand."""
    for _ in range(1200):
        found = under_way(server)
        if sum(found.values()) >= many:
            return found
        time.sleep(0.05)
    raise TimeoutError(found)


def kill(server: servers.Server) -> None:
    """End a server, and let it be long ago that it was seen."""
    server.stop(signal.SIGKILL)
    with server.db.write() as tx:
        tx.run(
            sa.update(tables.nodes)
            .where(tables.nodes.c.id == node(server))
            .values(seen_at=datetime(2000, 1, 1, tzinfo=UTC))
        )


def node(server: servers.Server) -> str:
    """The name of a server's process."""
    return (server.data / "node.id").read_text()


def test_the_work_of_a_server_that_dies_is_taken_up_and_that_of_one_that_lives_is_not(
    backend: services.Backend, first: servers.Server
) -> None:
    with first.workspace() as client:
        folder = client.folder()
        client.load(folder, worlds.zipped(FILES))
        manifest = client.manifest(folder)
        with first.db.write() as held:
            held.run(sa.text("LOCK TABLE assets IN ACCESS EXCLUSIVE MODE"))
            asked = [client.call("POST", f"packages/export/{manifest}") for _ in range(3)]
            changed = worlds.zipped({path: text + b"\n" for path, text in FILES.items()})
            asked += [client.call("POST", f"packages/import/{folder}", content=changed) for _ in range(2)]
            in_hand = wait_for(first, 4)
            assert {node(first)} == in_hand.keys()

            with servers.serving(backend, secret="shared") as second:
                assert in_hand == under_way(first)
                kill(first)
                held.connection.rollback()
                with second.client(client.token) as other:
                    ended = [other.follow(package) for package in asked]
                    archives = [download(other, package) for package in ended]

    assert {"completed"} == {package["status"] for package in ended}
    assert [20] * 5 == [len(worlds.unzipped(archive)) for archive in archives]


def download(client: servers.Client, package: Any) -> bytes:
    """A package's archive."""
    answer = client.http.get(f"/api/packages/{package['id']}/download", follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.content


def test_the_librarys_record_of_ended_work_is_removed_at_the_next_start() -> None:
    with servers.serving(services.Backend("embedded", "", "")) as server, server.workspace() as client:
        client.load(client.folder(), worlds.zipped(FILES))
        query = sa.text("SELECT count(*) FROM workflow_status")
        with server.db.read() as tx:
            assert 1 == tx.connection.execute(query).scalar_one()

        server.stop()
        server.start()

        with server.db.read() as tx:
            assert 0 == tx.connection.execute(query).scalar_one()


def test_a_store_that_another_installation_has_marked_is_refused(tmp_path: Path) -> None:
    blobs = f"{tmp_path}/blobs"
    with servers.serving(services.Backend("embedded", "", blobs)), pytest.raises(AssertionError) as refused:
        servers.serving(services.Backend("embedded", "", blobs)).__enter__()

    assert f"recipeyard: blobs: {blobs} belongs to another installation" in str(refused.value)
