"""The tables of what runs: listeners, runs and their journals, files, tests of connections, stubs, test runs.

They lie beside those of `sql.tables`, in the same metadata; references go from here to there. A run's row is there from
the moment its event is accepted: the inbox and the jobs are one table.
"""

import sqlalchemy as sa

from recipeyard.sql import columns, tables

metadata = tables.metadata

UNENDED = sa.text("status IN ('held', 'pending', 'running', 'waiting')")
"""What a query of runs says in these very words, or SQLite does not use the index of those that have not ended."""

listeners = columns.table(
    "listeners",
    columns.key("recipe_id", "assets.id"),
    columns.ref("workspace_id", "workspaces.id"),
    columns.text("kind"),
    columns.text("subject", nullable=True),
    columns.time("due_at", nullable=True),
    sa.Column("cursor", sa.LargeBinary, nullable=True),
    sa.Column("failures", sa.Integer, nullable=False),
    columns.text("error", nullable=True),
    sa.Index(None, "workspace_id", "subject"),
    sa.Index(None, "due_at"),
)

runs = columns.numbered(
    "runs",
    columns.ref("workspace_id", "workspaces.id"),
    columns.ref("recipe_id", "assets.id"),
    columns.number("version_id", nullable=True),
    columns.text("event_key"),
    sa.Column("event", sa.LargeBinary, nullable=False),
    columns.text("status"),
    columns.text("node", nullable=True),
    columns.time("due_at", nullable=True),
    columns.json("waits_for"),
    columns.number("parent_id", nullable=True),
    columns.number("root_id", nullable=True),
    columns.number("repeats_id", nullable=True),
    sa.Column("depth", sa.Integer, nullable=False),
    sa.Column("chain", sa.Integer, nullable=False),
    sa.Column("deaths", sa.Integer, nullable=False),
    sa.Column("reply", sa.LargeBinary, nullable=True),
    columns.json("error"),
    columns.json("report"),
    columns.time("accepted_at"),
    columns.time("started_at", nullable=True),
    columns.time("ended_at", nullable=True),
    sa.UniqueConstraint("recipe_id", "event_key"),
    sa.Index(None, "recipe_id", "id"),
    sa.Index(None, "parent_id"),
    sa.Index(None, "ended_at"),
    sa.Index("ix_runs_unended", "status", "recipe_id", "id", sqlite_where=UNENDED, postgresql_where=UNENDED),
)

run_steps = columns.table(
    "run_steps",
    columns.key("run_id", "runs.id"),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, nullable=False),
    columns.text("path"),
    columns.text("status"),
    sa.Column("attempt", sa.Integer, nullable=False),
    columns.flag("masked"),
    sa.Column("input", sa.LargeBinary, nullable=True),
    sa.Column("entry", sa.LargeBinary, nullable=True),
    columns.json("error"),
    columns.time("started_at"),
    columns.time("ended_at", nullable=True),
)

tallies = columns.table(
    "tallies",
    columns.key("recipe_id", "assets.id"),
    sa.Column("succeeded", sa.Integer, nullable=False),
    sa.Column("failed", sa.Integer, nullable=False),
    sa.Column("tasks", sa.Integer, nullable=False),
    columns.time("last_run_at", nullable=True),
)

files = columns.numbered(
    "files",
    columns.ref("workspace_id", "workspaces.id"),
    columns.text("path"),
    columns.flag("folder"),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    columns.time("created_at"),
    columns.time("updated_at"),
    sa.UniqueConstraint("workspace_id", "path"),
)

connection_tests = columns.table(
    "connection_tests",
    columns.key("connection_id", "assets.id"),
    columns.text("error"),
    columns.time("failed_at"),
)

stub_bindings = columns.numbered(
    "stub_bindings",
    columns.ref("workspace_id", "workspaces.id"),
    columns.ref("connection_id", "assets.id", nullable=True),
    columns.text("provider", nullable=True),
    columns.ref("stub_id", "assets.id"),
    columns.time("created_at"),
    sa.UniqueConstraint("workspace_id", "connection_id"),
    sa.UniqueConstraint("workspace_id", "provider"),
)

test_runs = columns.numbered(
    "test_runs",
    columns.ref("workspace_id", "workspaces.id"),
    columns.text("status"),
    columns.json("asked"),
    columns.json("asked_by"),
    columns.json("results"),
    columns.time("created_at"),
    columns.time("updated_at"),
    sa.Index(None, "workspace_id"),
)
