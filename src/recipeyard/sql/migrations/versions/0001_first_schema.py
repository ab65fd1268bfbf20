"""The first schema, as it stood when it was released: a copy of `sql.tables` of that day, never to change again."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
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


def _id() -> sa.Column[int]:
    return sa.Column("id", _Id, primary_key=True, autoincrement=True)


def _numbered(name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
    return sa.Table(name, metadata, _id(), *columns, sqlite_autoincrement=True)


def _ref(name: str, target: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, _Id, sa.ForeignKey(target, ondelete="CASCADE"), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(none_as_null=True), nullable=True)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


_numbered(
    "workspaces",
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("root_folder_id", _Id, nullable=True),
    _time("created_at"),
)

_numbered(
    "tokens",
    _ref("workspace_id", "workspaces.id"),
    sa.Column("digest", sa.Text, nullable=False, unique=True),
    _time("created_at"),
    _time("revoked_at", nullable=True),
)

_numbered(
    "folders",
    _ref("workspace_id", "workspaces.id"),
    _ref("parent_id", "folders.id", nullable=True),
    sa.Column("project_id", _Id, nullable=True),
    _text("name"),
    _time("created_at"),
    _time("updated_at"),
    sa.UniqueConstraint("parent_id", "name"),
    sa.Index(None, "workspace_id", "parent_id"),
)

sa.Table(
    "projects",
    metadata,
    sa.Column("id", _Id, sa.Identity(start=700_001), primary_key=True),
    _ref("workspace_id", "workspaces.id"),
    sa.Column("folder_id", _Id, sa.ForeignKey("folders.id", ondelete="CASCADE"), nullable=False, unique=True),
    _text("description"),
    sa.Index(None, "workspace_id"),
    sqlite_autoincrement=True,
)

sa.Table(
    "documents",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("crc32", sa.BigInteger, nullable=False),
    sa.Column("deflated", sa.LargeBinary, nullable=False),
)

sa.Table(
    "facts",
    metadata,
    sa.Column("digest", sa.Text, sa.ForeignKey("documents.digest", ondelete="CASCADE"), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("facts", sa.LargeBinary, nullable=False),
)

_numbered(
    "assets",
    _ref("workspace_id", "workspaces.id"),
    _ref("folder_id", "folders.id"),
    _ref("place_id", "folders.id"),
    _text("kind"),
    _text("name"),
    _text("stem"),
    sa.Column("version_no", sa.Integer, nullable=False),
    sa.Column("version_id", _Id, nullable=True),
    _text("provider", nullable=True),
    _text("rows_digest", nullable=True),
    _time("created_at"),
    _time("updated_at"),
    sa.UniqueConstraint("place_id", "kind", "stem"),
    sa.Index(None, "workspace_id", "kind", "name"),
    sa.Index(None, "folder_id", "kind"),
)

_numbered(
    "versions",
    _ref("asset_id", "assets.id"),
    sa.Column("version_no", sa.Integer, nullable=False),
    sa.Column("digest", sa.Text, sa.ForeignKey("documents.digest"), nullable=False),
    sa.Column("arrived_digest", sa.Text, sa.ForeignKey("documents.digest"), nullable=False),
    _text("author"),
    _text("comment", nullable=True),
    sa.Column("package_id", _Id, nullable=True),
    _time("created_at"),
    _time("updated_at"),
    sa.UniqueConstraint("asset_id", "version_no"),
    sa.Index(None, "digest"),
    sa.Index(None, "arrived_digest"),
)

sa.Table(
    "sidecars",
    metadata,
    sa.Column("version_id", _Id, sa.ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("suffix", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, sa.ForeignKey("documents.digest"), nullable=False),
    sa.Index(None, "digest"),
)

sa.Table(
    "links",
    metadata,
    sa.Column("version_id", _Id, sa.ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    _ref("target_id", "assets.id"),
    sa.Column("assumed", sa.Boolean, nullable=False),
    sa.Index(None, "target_id"),
)

sa.Table(
    "recipes",
    metadata,
    sa.Column("asset_id", _Id, sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("running_version_id", _Id, sa.ForeignKey("versions.id"), nullable=True),
    sa.Column("applications", sa.Text, nullable=False),
    _text("trigger_application", nullable=True),
    _time("stopped_at", nullable=True),
    _text("stop_cause", nullable=True),
    sa.Column("copy_count", sa.Integer, nullable=False),
    sa.Index(None, "running_version_id"),
)

sa.Table(
    "connections",
    metadata,
    sa.Column("asset_id", _Id, sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
    _text("external_id", nullable=True),
    sa.Column("parent_id", _Id, nullable=True),
    _time("authorized_at", nullable=True),
    sa.Column("sealed_input", sa.LargeBinary, nullable=True),
)

sa.Table(
    "rows",
    metadata,
    sa.Column("asset_id", _Id, sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("fields", sa.JSON, nullable=False),
)

sa.Table(
    "properties",
    metadata,
    sa.Column("folder_id", _Id, sa.ForeignKey("folders.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    _text("value", nullable=True),
    _time("updated_at"),
)

_numbered(
    "manifests",
    _ref("workspace_id", "workspaces.id"),
    _ref("folder_id", "folders.id"),
    _text("name"),
    _json("options"),
    _json("assets"),
    _time("last_exported_at", nullable=True),
    _time("created_at"),
    _time("updated_at"),
    _time("deleted_at", nullable=True),
    sa.Index(None, "workspace_id"),
)

_numbered(
    "packages",
    _ref("workspace_id", "workspaces.id"),
    _text("operation"),
    _text("status"),
    sa.Column("folder_id", _Id, nullable=False),
    sa.Column("manifest_id", _Id, nullable=True),
    _json("options"),
    _text("file_name"),
    _text("blob_key", nullable=True),
    _text("phase"),
    sa.Column("percent", sa.Integer, nullable=False),
    _json("error_parts"),
    _json("warnings"),
    _time("created_at"),
    _time("updated_at"),
    sa.Index(None, "workspace_id", "id"),
    sa.Index(None, "folder_id", "operation", "status"),
)

sa.Table(
    "package_assets",
    metadata,
    sa.Column("package_id", _Id, sa.ForeignKey("packages.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("asset_id", _Id, nullable=False),
    _text("kind"),
    _text("path"),
    _text("name"),
    _text("action"),
    _text("digest"),
    sa.Column("version_before", sa.Integer, nullable=True),
    sa.Column("version_after", sa.Integer, nullable=True),
    _text("import_result", nullable=True),
    sa.Index(None, "asset_id"),
)


def upgrade() -> None:
    """Create every table; on SQLite, tell its numbering where projects start."""
    connection = op.get_bind()
    metadata.create_all(connection)
    if connection.dialect.name == "sqlite":
        op.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('projects', 700000)")
