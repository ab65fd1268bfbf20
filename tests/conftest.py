"""What every test may ask for: the services, an empty world on each backend, a server on each backend."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

import servers
import services
import worlds
from recipeyard.sql import database, schema

LONGEST = (
    "test_cut_over.py",
    "test_fit.py",
    "test_odd_requests.py",
    "test_acceptance.py",
    "test_durability.py",
    "test_commands.py",
    "test_promises.py",
    "test_renames.py",
    "test_import.py",
    "test_official_cli.py",
    "test_killed_runs.py",
    "test_killed.py",
)
"""The files that take longest: they come first, so that no process is left with one of them in the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; all others stay in their order."""
    rank = {name: at for at, name in enumerate(LONGEST)}
    items.sort(key=lambda each: rank.get(each.path.name, len(rank)))


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server's maintenance database."""
    with services.postgresql(tmp_path_factory.mktemp("postgresql")) as url:
        yield url


@pytest.fixture(scope="session")
def migrated(postgresql: str) -> str:
    """The name of a database of which all migrations have been run, to copy."""
    name = "migrated"
    db = database.connect(services.new_database(postgresql, name), lambda: datetime.now(UTC))
    schema.migrate(db)
    db.engine.dispose()
    return name


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The URL of a bucket, and the options to reach it."""
    with services.s3(tmp_path_factory.mktemp("s3")) as bucket:
        yield bucket


@pytest.fixture(params=services.BACKENDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[worlds.World]:
    """An empty world, on each backend in turn."""
    chosen = services.backend(request.param, tmp_path, request, is_migrated=True)
    with worlds.world(chosen.database, chosen.blobs, chosen.blob_options, tmp_path) as made:
        yield made


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[worlds.World]:
    """An empty world on the embedded default, for tests that no backend makes a difference to."""
    with worlds.world(f"sqlite:///{tmp_path}/recipeyard.db", f"{tmp_path}/blobs", {}, tmp_path) as made:
        yield made


@pytest.fixture
def place(world: worlds.World) -> worlds.Place:
    """A workspace with a project, on each backend in turn."""
    return world.workspace()


@pytest.fixture(scope="session")
def started(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, servers.Server]]:
    """Servers that run for the whole session, by backend, each started when first asked for."""
    with ExitStack() as stack:
        yield servers.Started(stack, lambda name: services.backend(name, tmp_path_factory.mktemp(name), request))


@pytest.fixture(params=services.BACKENDS)
def server(request: pytest.FixtureRequest, started: dict[str, servers.Server]) -> servers.Server:
    """A running server, on each backend in turn."""
    return started[request.param]


@pytest.fixture
def client(server: servers.Server) -> Iterator[servers.Client]:
    """A client of a new workspace."""
    with server.workspace() as made:
        yield made
