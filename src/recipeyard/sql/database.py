"""Open the database and take transactions. The places where SQLite and PostgreSQL differ are all in this file.

A transaction carries the time, read once when it opened: everything written in it bears the same `now`. It also carries
who acts in it.
"""

import errno
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from recipeyard.model import activities, errors

BUSY_TIMEOUT_S = 60
CACHE_KIB = 32 * 1024
DEADLOCK_SQLSTATE = "40P01"
DISK_FULL_SQLSTATE = "53100"
_LOCK_TIMEOUT_SQLSTATE = "55P03"
_LIMIT_SQLSTATES = "54"
_DRIVERS = {"sqlite", "postgresql+psycopg"}
_OURS: dict[str, Any] = {"pool_size": 20, "max_overflow": 40, "hide_parameters": True}
IN_LIMIT = 500
"""How many values one `IN (…)` is given; longer lists are asked in pieces."""


def _nobody() -> None:
    """Nobody here carries out runs."""


@dataclass(frozen=True, slots=True)
class Tx:
    """One transaction: its connection, its time, who acts in it, and what is to be done once it has committed.

    `noticed` tells those who carry out runs that there is something for them.
    """

    connection: sa.Connection
    now: datetime
    actor: activities.Actor = activities.OPERATOR
    afterwards: list[Callable[[], None]] = field(default_factory=list)
    noticed: Callable[[], None] = _nobody

    def by(self, actor: activities.Actor) -> "Tx":
        """The same transaction, in which another one acts."""
        return replace(self, actor=actor)

    def all(self, statement: sa.Executable) -> Sequence[sa.Row[Any]]:
        """Every row a statement returns."""
        return self.connection.execute(statement).all()

    def first(self, statement: sa.Executable) -> sa.Row[Any] | None:
        """The first row, None where there is none."""
        return self.connection.execute(statement).first()

    def run(self, statement: sa.Executable, values: Sequence[dict[str, Any]] | None = None) -> int:
        """Execute a statement, once or for each of `values`; returns how many rows it touched."""
        if values is None:
            return self.connection.execute(statement).rowcount
        return self.connection.execute(statement, values).rowcount if values else 0

    def insert(self, table: sa.Table, values: Sequence[dict[str, Any]]) -> list[int]:
        """Insert rows into a table that numbers them; returns their ids in the order of the values."""
        if not values:
            return []
        statement = sa.insert(table).returning(table.c.id, sort_by_parameter_order=True)
        return [row.id for row in self.connection.execute(statement, values)]

    def insert_unless_here(self, table: sa.Table, values: dict[str, Any]) -> int | None:
        """Insert a row into a table that numbers them; its id, None where a row with such a key is here already."""
        row = self.first(self._insert(table).values(values).on_conflict_do_nothing().returning(table.c.id))
        return None if row is None else int(row.id)

    def insert_new(self, table: sa.Table, values: Sequence[dict[str, Any]]) -> None:
        """Insert rows, passing over those whose key is here already."""
        self.run(self._insert(table).on_conflict_do_nothing(), values)

    def insert_or_hold(self, table: sa.Table, values: Sequence[dict[str, Any]]) -> None:
        """Insert rows; those whose key is here already stay as they are, and nobody deletes them before this ends."""
        column = next(each for each in table.columns if not each.primary_key)
        keys, same = list(table.primary_key.columns), {column.name: column}
        held = self._insert(table).on_conflict_do_update(index_elements=keys, set_=same, where=sa.false())
        self.run(held, values)

    def _insert(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        on_sqlite = self.connection.dialect.name == "sqlite"
        return sqlite.insert(table) if on_sqlite else postgresql.insert(table)


@dataclass(eq=False)
class Database:
    """The workspace's database: `read` and `write` open transactions, in which `actor` acts.

    Writers of one process take turns: SQLite has one write lock, and those that wait for it ask for it too rarely.
    """

    engine: sa.Engine
    clock: Callable[[], datetime]
    turn: AbstractContextManager[Any]
    actor: activities.Actor = activities.OPERATOR
    conclude: Callable[[Tx], None] = lambda _: None
    noticed: Callable[[], None] = _nobody

    def by(self, actor: activities.Actor) -> "Database":
        """The same database, in whose transactions another one acts."""
        return replace(self, actor=actor)

    def concluding(self, conclude: Callable[[Tx], None]) -> "Database":
        """The same database, in whose writing transactions this is done last, before each commits."""
        return replace(self, conclude=conclude)

    def noticing(self, noticed: Callable[[], None]) -> "Database":
        """The same database, whose transactions call this once they have committed anything that is to be run."""
        return replace(self, noticed=noticed)

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A transaction that writes nothing; it sees one state of the database, whatever commits meanwhile."""
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with self.engine.connect().execution_options(**options) as connection:
            yield self._tx(connection)

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """A transaction that commits whole on leaving, or nothing of it where an exception leaves.

        On SQLite it takes the write lock at once, so that what it reads is what it changes.
        """
        with self.turn, self._writing() as connection, connection.begin():
            tx = self._tx(connection)
            yield tx
            self.conclude(tx)
        for each in tx.afterwards:
            each()

    @contextmanager
    def rehearse(self) -> Iterator[Tx]:
        """A transaction that does all that `write` does, and of which nothing stays."""
        with self.turn, self._writing() as connection:
            yield self._tx(connection)

    def _writing(self) -> sa.Connection:
        return self.engine.connect().execution_options(recipeyard_writes=True)

    def _tx(self, connection: sa.Connection) -> Tx:
        return Tx(connection, self.clock(), self.actor, noticed=self.noticed)

    def reach(self) -> None:
        """Connect once. Raises `errors.Invalid` saying why that can't be."""
        try:
            self.engine.connect().close()
        except sa.exc.DBAPIError as e:
            why = str(e.orig).strip().partition("\n")[0]
            password = self.engine.url.password
            said = "the driver refuses it" if password and str(password) in why else why
            raise errors.Invalid(f"database: can't be opened: {said}") from e

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded default."""
        return self.engine.dialect.name == "sqlite"


def connect(url: str, clock: Callable[[], datetime]) -> Database:
    """Open a database by URL (`sqlite:///…` or `postgresql+psycopg://…`). Raises `errors.Invalid` for any other."""
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        busy = {"timeout": BUSY_TIMEOUT_S}
        engine = sa.create_engine(parsed, connect_args=busy, json_serializer=_spell_json, **_OURS)
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "connect", _leave_begin_to_us)
        sa.event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = sa.create_engine(parsed, pool_pre_ping=True, json_serializer=_spell_json, **_OURS)
    turn = threading.Lock() if parsed.get_backend_name() == "sqlite" else nullcontext()
    return Database(engine, clock, turn)


def _parsed(url: str) -> sa.URL:
    with suppress(sa.exc.ArgumentError, ValueError):
        parsed = sa.make_url(url)
        if parsed.drivername in _DRIVERS:
            return parsed
    raise errors.Invalid("database: must be sqlite:////path/file.db or postgresql+psycopg://user:password@host/name")


def engine_for_work(database: Database) -> sa.Engine:
    """A second engine on the same database, for the work queue's own tables.

    It begins its transactions as its library expects, which on SQLite differs from how ours begin.
    """
    if not database.is_sqlite:
        return database.engine
    engine = sa.create_engine(database.engine.url, connect_args={"timeout": BUSY_TIMEOUT_S}, hide_parameters=True)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    return engine


def is_transient(failure: sa.exc.SQLAlchemyError) -> bool:
    """Whether the same may succeed later: the database was out of reach, or busy. Anything else is refused again."""
    if isinstance(failure, sa.exc.DBAPIError):
        is_too_large = str(getattr(failure.orig, "sqlstate", "")).startswith(_LIMIT_SQLSTATES)
        return isinstance(failure, sa.exc.OperationalError | sa.exc.InterfaceError) and not is_too_large
    return isinstance(failure, sa.exc.TimeoutError | sa.exc.DisconnectionError)


def has_given_way(failure: BaseException) -> bool:
    """Whether an exception says that two transactions waited for each other, and this one was taken back for that."""
    return isinstance(failure, sa.exc.DBAPIError) and getattr(failure.orig, "sqlstate", "") == DEADLOCK_SQLSTATE


def has_waited_too_long(failure: sa.exc.DBAPIError) -> bool:
    """Whether another transaction held a lock for longer than this one was to wait for it."""
    return getattr(failure.orig, "sqlstate", "") == _LOCK_TIMEOUT_SQLSTATE


def is_disk_full(failure: BaseException) -> bool:
    """Whether an exception says that there is no room left, in the database or on the disk."""
    if isinstance(failure, sa.exc.DBAPIError):
        cause = failure.orig
        full = getattr(cause, "sqlite_errorname", "") == "SQLITE_FULL"
        return full or getattr(cause, "sqlstate", "") == DISK_FULL_SQLSTATE
    return isinstance(failure, OSError) and failure.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def in_pieces(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """A long list in pieces that one `IN (…)` can hold."""
    for start in range(0, len(values), IN_LIMIT):
        yield values[start : start + IN_LIMIT]


def among(tx: Tx, column: sa.ColumnElement[int], ids: Iterable[int]) -> set[int]:
    """Those of these ids that a column holds."""
    pieces = in_pieces(sorted(set(ids)))
    return {row[0] for piece in pieces for row in tx.all(sa.select(column).where(column.in_(piece)))}


def _spell_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    durable = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
    for pragma in (*durable, f"busy_timeout={BUSY_TIMEOUT_S * 1000}", f"cache_size=-{CACHE_KIB}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _leave_begin_to_us(connection: Any, _record: object) -> None:
    connection.isolation_level = None


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("recipeyard_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
