"""The tables of what surrounds a promotion: plans, what takes an import back, bindings, gates, webhooks.

They lie beside those of `sql.tables`, in the same metadata; references go from here to there.
"""

import sqlalchemy as sa

from recipeyard.sql import columns, tables

metadata = tables.metadata

plans = columns.numbered(
    "plans",
    columns.ref("workspace_id", "workspaces.id"),
    columns.text("operation"),
    columns.text("status"),
    columns.number("folder_id"),
    columns.number("package_id", nullable=True),
    columns.number("applied_id", nullable=True),
    columns.json("options"),
    columns.json("asked_by"),
    columns.text("file_name"),
    columns.text("blob_key", nullable=True),
    columns.text("fingerprint", nullable=True),
    sa.Column("content", sa.LargeBinary, nullable=True),
    columns.json("error_parts"),
    columns.time("created_at"),
    columns.time("updated_at"),
    sa.Index(None, "workspace_id", "id"),
    sa.Index(None, "applied_id"),
)

approvals = columns.table(
    "approvals",
    columns.key("plan_id", "plans.id"),
    sa.Column("approver", sa.Text, primary_key=True),
    columns.json("approved_by"),
    columns.text("comment", nullable=True),
    columns.time("created_at"),
)

snapshots = columns.table(
    "snapshots",
    columns.key("package_id", "packages.id"),
    sa.Column("asset_id", columns.Id, primary_key=True, autoincrement=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Index(None, "asset_id"),
)

held_documents = columns.table(
    "held_documents",
    columns.key("package_id", "packages.id"),
    sa.Column("digest", sa.Text, sa.ForeignKey("documents.digest"), primary_key=True),
    sa.Index(None, "digest"),
)

bindings = columns.table(
    "bindings",
    columns.key("workspace_id", "workspaces.id"),
    sa.Column("version_no", sa.Integer, primary_key=True, autoincrement=False),
    columns.json("content"),
    columns.json("set_by"),
    columns.time("created_at"),
)

gates = columns.table(
    "gates",
    columns.key("workspace_id", "workspaces.id"),
    sa.Column("version_no", sa.Integer, nullable=False),
    columns.json("content"),
    columns.json("set_by"),
    columns.time("updated_at"),
)

webhooks = columns.numbered(
    "webhooks",
    columns.ref("workspace_id", "workspaces.id"),
    columns.text("url"),
    columns.json("events"),
    columns.flag("active"),
    sa.Column("sealed_secret", sa.LargeBinary, nullable=False),
    columns.time("created_at"),
    columns.time("updated_at"),
    sa.Index(None, "workspace_id"),
)

deliveries = columns.numbered(
    "deliveries",
    columns.ref("webhook_id", "webhooks.id"),
    columns.number("package_id"),
    columns.text("message_id"),
    columns.text("event"),
    columns.json("payload"),
    columns.text("status"),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("answer_status", sa.Integer, nullable=True),
    columns.text("error", nullable=True),
    columns.time("due_at"),
    columns.time("created_at"),
    columns.time("updated_at"),
    sa.Index(None, "webhook_id", "id"),
    sa.Index(None, "status", "due_at"),
)

idempotency_keys = columns.table(
    "idempotency_keys",
    columns.key("workspace_id", "workspaces.id"),
    sa.Column("caller", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    columns.text("request"),
    columns.text("attempt"),
    columns.flag("carried_out"),
    sa.Column("answer_status", sa.Integer, nullable=True),
    sa.Column("answer", sa.LargeBinary, nullable=True),
    columns.time("created_at"),
    sa.Index(None, "created_at"),
)
