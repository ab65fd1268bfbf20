"""What surrounds a promotion: plans, what takes an import back, bindings, gates, webhooks.

A copy of `sql.promotion_tables` of that day, never to change again.
"""

import json
import zlib

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
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


_OLDER = ("workspaces", "packages")
_older = [sa.Table(name, metadata, sa.Column("id", _Id, primary_key=True)) for name in _OLDER]
_older.append(sa.Table("documents", metadata, sa.Column("digest", sa.Text, primary_key=True)))

_numbered(
    "plans",
    _ref("workspace_id", "workspaces.id"),
    _text("operation"),
    _text("status"),
    _number("folder_id"),
    _number("package_id", nullable=True),
    _number("applied_id", nullable=True),
    _json("options"),
    _json("asked_by"),
    _text("file_name"),
    _text("blob_key", nullable=True),
    _text("fingerprint", nullable=True),
    sa.Column("content", sa.LargeBinary, nullable=True),
    _json("error_parts"),
    _time("created_at"),
    _time("updated_at"),
    sa.Index(None, "workspace_id", "id"),
    sa.Index(None, "applied_id"),
)

_table(
    "approvals",
    _key("plan_id", "plans.id"),
    sa.Column("approver", sa.Text, primary_key=True),
    _json("approved_by"),
    _text("comment", nullable=True),
    _time("created_at"),
)

_table(
    "snapshots",
    _key("package_id", "packages.id"),
    sa.Column("asset_id", _Id, primary_key=True, autoincrement=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Index(None, "asset_id"),
)

_table(
    "held_documents",
    _key("package_id", "packages.id"),
    sa.Column("digest", sa.Text, sa.ForeignKey("documents.digest"), primary_key=True),
    sa.Index(None, "digest"),
)

_table(
    "bindings",
    _key("workspace_id", "workspaces.id"),
    sa.Column("version_no", sa.Integer, primary_key=True, autoincrement=False),
    _json("content"),
    _json("set_by"),
    _time("created_at"),
)

_table(
    "gates",
    _key("workspace_id", "workspaces.id"),
    sa.Column("version_no", sa.Integer, nullable=False),
    _json("content"),
    _json("set_by"),
    _time("updated_at"),
)

_numbered(
    "webhooks",
    _ref("workspace_id", "workspaces.id"),
    _text("url"),
    _json("events"),
    _flag("active"),
    sa.Column("sealed_secret", sa.LargeBinary, nullable=False),
    _time("created_at"),
    _time("updated_at"),
    sa.Index(None, "workspace_id"),
)

_numbered(
    "deliveries",
    _ref("webhook_id", "webhooks.id"),
    _number("package_id"),
    _text("message_id"),
    _text("event"),
    _json("payload"),
    _text("status"),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("answer_status", sa.Integer, nullable=True),
    _text("error", nullable=True),
    _time("due_at"),
    _time("created_at"),
    _time("updated_at"),
    sa.Index(None, "webhook_id", "id"),
    sa.Index(None, "status", "due_at"),
)

_table(
    "idempotency_keys",
    _key("workspace_id", "workspaces.id"),
    sa.Column("caller", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    _text("request"),
    _text("attempt"),
    _flag("carried_out"),
    sa.Column("answer_status", sa.Integer, nullable=True),
    sa.Column("answer", sa.LargeBinary, nullable=True),
    _time("created_at"),
    sa.Index(None, "created_at"),
)


def upgrade() -> None:
    """Create what is new; packages learn what is wrong where and what they take back, versions if they ever ran."""
    metadata.create_all(op.get_bind(), [each for each in metadata.sorted_tables if each not in _older])
    op.add_column("packages", _json("issues"))
    op.add_column("packages", _number("rolls_back_id", nullable=True))
    op.add_column("packages", sa.Column("footprint", sa.LargeBinary, nullable=True))
    op.add_column("versions", _time("ran_at", nullable=True))
    op.execute(
        "UPDATE versions SET ran_at = updated_at"
        " WHERE id IN (SELECT running_version_id FROM recipes WHERE running_version_id IS NOT NULL)"
    )
    _tell_origins()


def _tell_origins() -> None:
    """Recipes that began as one have the uuid of their trigger in common; it is known of each document from now on."""
    connection = op.get_bind()
    op.add_column("facts", _text("origin", nullable=True))
    recipes = "SELECT digest FROM facts WHERE kind = 'recipe'"
    kept = sa.text("SELECT deflated FROM documents WHERE digest = :digest")
    told = sa.text("UPDATE facts SET origin = :origin WHERE digest = :digest AND kind = 'recipe'")
    for digest in connection.execute(sa.text(recipes)).scalars().all():
        deflated = connection.execute(kept, {"digest": digest}).scalar_one()
        code = json.loads(zlib.decompress(deflated, -zlib.MAX_WBITS), parse_int=str).get("code")
        origin = code.get("uuid") if isinstance(code, dict) else None
        if isinstance(origin, str) and 0 < len(origin) <= 100 and "\0" not in origin:
            connection.execute(told, {"digest": digest, "origin": origin})
    op.create_index("ix_facts_origin", "facts", ["origin"])
