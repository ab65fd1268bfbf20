"""What tables are made of: one metadata, and the columns that many of them have, each spelled for both databases."""

from datetime import UTC, datetime

import sqlalchemy as sa


class Instant(sa.types.TypeDecorator[datetime]):
    """A moment in UTC, aware on the way in and out; SQLite keeps it as text."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        """Give SQLite's naive answer its zone back."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def table(name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
    """A table whose rows are named by what they hold."""
    return sa.Table(name, metadata, *columns)


def numbered(name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
    """A table that numbers its rows and never gives a number twice: clients keep ids, and so does the work queue."""
    number = sa.Column("id", Id, primary_key=True, autoincrement=True)
    return sa.Table(name, metadata, number, *columns, sqlite_autoincrement=True)


def ref(name: str, target: str, *, nullable: bool = False) -> sa.Column[int]:
    """What belongs to a row of another table, and goes when that row goes."""
    return sa.Column(name, Id, sa.ForeignKey(target, ondelete="CASCADE"), nullable=nullable)


def key(name: str, target: str) -> sa.Column[int]:
    """`ref` as (a part of) the table's own key."""
    return sa.Column(name, Id, sa.ForeignKey(target, ondelete="CASCADE"), primary_key=True)


def number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    """An id that may outlive what it named."""
    return sa.Column(name, Id, nullable=nullable)


def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    """A text of any length."""
    return sa.Column(name, sa.Text, nullable=nullable)


def json(name: str) -> sa.Column[object]:
    """A small value that is only ever read whole; null where there is none."""
    return sa.Column(name, sa.JSON(none_as_null=True), nullable=True)


def flag(name: str) -> sa.Column[bool]:
    """Yes or no."""
    return sa.Column(name, sa.Boolean, nullable=False)


def time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    """A moment."""
    return sa.Column(name, Instant, nullable=nullable)
