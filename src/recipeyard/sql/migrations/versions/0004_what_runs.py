"""What runs: listeners, runs and their journals, files, stubs, test runs.

A copy of `sql.runtime_tables` of that day, never to change again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _table(name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
    return sa.Table(name, metadata, *columns)


def _numbered(name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
    number = sa.Column("id", _Id, primary_key=True, autoincrement=True)
    return sa.Table(name, metadata, number, *columns, sqlite_autoincrement=True)


def _ref(name: str, target: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, _Id, sa.ForeignKey(target, ondelete="CASCADE"), nullable=nullable)


def _key(name: str, target: str) -> sa.Column[int]:
    return sa.Column(name, _Id, sa.ForeignKey(target, ondelete="CASCADE"), primary_key=True)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, _Id, nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(none_as_null=True), nullable=True)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


_OLDER = ("workspaces", "assets")
_older = [sa.Table(name, metadata, sa.Column("id", _Id, primary_key=True)) for name in _OLDER]

_UNENDED = sa.text("status IN ('held', 'pending', 'running', 'waiting')")

_table(
    "listeners",
    _key("recipe_id", "assets.id"),
    _ref("workspace_id", "workspaces.id"),
    _text("kind"),
    _text("subject", nullable=True),
    _time("due_at", nullable=True),
    sa.Column("cursor", sa.LargeBinary, nullable=True),
    sa.Column("failures", sa.Integer, nullable=False),
    _text("error", nullable=True),
    sa.Index(None, "workspace_id", "subject"),
    sa.Index(None, "due_at"),
)

_numbered(
    "runs",
    _ref("workspace_id", "workspaces.id"),
    _ref("recipe_id", "assets.id"),
    _number("version_id", nullable=True),
    _text("event_key"),
    sa.Column("event", sa.LargeBinary, nullable=False),
    _text("status"),
    _text("node", nullable=True),
    _time("due_at", nullable=True),
    _json("waits_for"),
    _number("parent_id", nullable=True),
    _number("root_id", nullable=True),
    _number("repeats_id", nullable=True),
    sa.Column("depth", sa.Integer, nullable=False),
    sa.Column("chain", sa.Integer, nullable=False),
    sa.Column("deaths", sa.Integer, nullable=False),
    sa.Column("reply", sa.LargeBinary, nullable=True),
    _json("error"),
    _json("report"),
    _time("accepted_at"),
    _time("started_at", nullable=True),
    _time("ended_at", nullable=True),
    sa.UniqueConstraint("recipe_id", "event_key"),
    sa.Index(None, "recipe_id", "id"),
    sa.Index(None, "parent_id"),
    sa.Index(None, "ended_at"),
    sa.Index("ix_runs_unended", "status", "recipe_id", "id", sqlite_where=_UNENDED, postgresql_where=_UNENDED),
)

_table(
    "run_steps",
    _key("run_id", "runs.id"),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, nullable=False),
    _text("path"),
    _text("status"),
    sa.Column("attempt", sa.Integer, nullable=False),
    _flag("masked"),
    sa.Column("input", sa.LargeBinary, nullable=True),
    sa.Column("entry", sa.LargeBinary, nullable=True),
    _json("error"),
    _time("started_at"),
    _time("ended_at", nullable=True),
)

_table(
    "tallies",
    _key("recipe_id", "assets.id"),
    sa.Column("succeeded", sa.Integer, nullable=False),
    sa.Column("failed", sa.Integer, nullable=False),
    sa.Column("tasks", sa.Integer, nullable=False),
    _time("last_run_at", nullable=True),
)

_numbered(
    "files",
    _ref("workspace_id", "workspaces.id"),
    _text("path"),
    _flag("folder"),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    _time("created_at"),
    _time("updated_at"),
    sa.UniqueConstraint("workspace_id", "path"),
)

_table(
    "connection_tests",
    _key("connection_id", "assets.id"),
    _text("error"),
    _time("failed_at"),
)

_numbered(
    "stub_bindings",
    _ref("workspace_id", "workspaces.id"),
    _ref("connection_id", "assets.id", nullable=True),
    _text("provider", nullable=True),
    _ref("stub_id", "assets.id"),
    _time("created_at"),
    sa.UniqueConstraint("workspace_id", "connection_id"),
    sa.UniqueConstraint("workspace_id", "provider"),
)

_numbered(
    "test_runs",
    _ref("workspace_id", "workspaces.id"),
    _text("status"),
    _json("asked"),
    _json("asked_by"),
    _json("results"),
    _time("created_at"),
    _time("updated_at"),
    sa.Index(None, "workspace_id"),
)


def upgrade() -> None:
    """Make the tables; a recipe that runs listens from the next start of the server on."""
    metadata.create_all(op.get_bind(), tables=[each for each in metadata.sorted_tables if each not in _older])
