"""What clients use beside packages: rows with ids, tags, releases, the API platform, environments, customers, roles.

A copy of `sql.tables` of that day, never to change again.
"""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
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


_OLDER = ("workspaces", "assets", "tokens", "versions")
_older = [sa.Table(name, metadata, sa.Column("id", _Id, primary_key=True)) for name in _OLDER]

_links = _table(
    "links",
    _key("version_id", "versions.id"),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("target_id", _Id, sa.ForeignKey("assets.id", ondelete="SET NULL"), nullable=True),
    _flag("assumed"),
    _text("kind"),
    _text("name"),
    sa.Index(None, "target_id"),
    sa.Index(None, "name", sqlite_where=sa.text("target_id IS NULL"), postgresql_where=sa.text("target_id IS NULL")),
)

_rows = _numbered(
    "rows",
    _ref("asset_id", "assets.id"),
    sa.Column("position", sa.Integer, nullable=False),
    _text("key", nullable=True),
    sa.Column("fields", sa.JSON, nullable=False),
    _time("created_at", nullable=True),
    _time("updated_at", nullable=True),
    sa.UniqueConstraint("asset_id", "position"),
    sa.Index(None, "asset_id", "key"),
)

_numbered(
    "tags",
    _ref("workspace_id", "workspaces.id"),
    sa.Column("handle", sa.Text, nullable=False, unique=True),
    _text("title"),
    _text("description", nullable=True),
    _text("color", nullable=True),
    _time("created_at"),
    _time("updated_at"),
    sa.UniqueConstraint("workspace_id", "title"),
)

_table(
    "tag_assignments",
    _key("asset_id", "assets.id"),
    _key("tag_id", "tags.id"),
    sa.Index(None, "tag_id"),
)

_table(
    "releases",
    _key("asset_id", "assets.id"),
    sa.Column("version_no", sa.Integer, primary_key=True, autoincrement=False),
    _text("note", nullable=True),
    _time("released_at"),
)

_table("endpoints", _key("asset_id", "assets.id"), _flag("active"))

_numbered(
    "platform_clients",
    _ref("workspace_id", "workspaces.id"),
    _text("name"),
    _json("collection_ids"),
    _json("details"),
    _time("created_at"),
    _time("updated_at"),
    sa.UniqueConstraint("workspace_id", "name"),
)

_numbered(
    "platform_keys",
    _ref("client_id", "platform_clients.id"),
    _text("name"),
    _flag("active"),
    sa.Column("digest", sa.Text, nullable=False, unique=True),
    _text("masked"),
    _json("details"),
    _time("active_since"),
    _time("created_at"),
    _time("updated_at"),
    sa.UniqueConstraint("client_id", "name"),
)

_table(
    "environments",
    _key("workspace_id", "workspaces.id"),
    sa.Column("type", sa.Text, primary_key=True),
    sa.Column("target_id", _Id, sa.ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False, unique=True),
)

_numbered(
    "builds",
    _ref("workspace_id", "workspaces.id"),
    _number("project_id"),
    _text("project_name"),
    _number("package_id"),
    _text("description"),
    _flag("include_test_cases"),
    _text("performed_by"),
    _time("created_at"),
    sa.Index(None, "workspace_id"),
)

_numbered(
    "deployments",
    _ref("workspace_id", "workspaces.id"),
    _ref("build_id", "builds.id"),
    _text("environment"),
    _number("target_id"),
    _number("package_id", nullable=True),
    _text("description"),
    _flag("include_tags"),
    _text("performed_by"),
    _text("error", nullable=True),
    _time("created_at"),
    _time("updated_at"),
    sa.Index(None, "workspace_id"),
)

_table(
    "customers",
    _key("workspace_id", "workspaces.id"),
    _ref("manager_id", "workspaces.id"),
    _text("external_id", nullable=True),
    _json("details"),
    _time("updated_at"),
    sa.UniqueConstraint("manager_id", "external_id"),
)

_numbered(
    "roles",
    _ref("workspace_id", "workspaces.id"),
    _text("name"),
    _json("privileges"),
    _time("created_at"),
    _time("updated_at"),
    sa.UniqueConstraint("workspace_id", "name"),
)

_numbered(
    "developer_clients",
    _ref("workspace_id", "workspaces.id"),
    _text("name"),
    _ref("role_id", "roles.id", nullable=True),
    _ref("token_id", "tokens.id", nullable=True),
    _json("ip_allow_list"),
    _time("created_at"),
    _time("updated_at"),
    sa.UniqueConstraint("workspace_id", "name"),
    sa.Index(None, "token_id"),
)

_numbered(
    "activities",
    _ref("workspace_id", "workspaces.id"),
    _text("event_type"),
    _text("actor"),
    _number("actor_id", nullable=True),
    _text("resource_type"),
    _number("resource_id", nullable=True),
    _text("resource_name"),
    _json("details"),
    _time("created_at"),
    sa.Index(None, "workspace_id", "id"),
)

_table("installation", sa.Column("id", _Id, primary_key=True, autoincrement=False), _text("mark"))

_table("nodes", sa.Column("id", sa.Text, primary_key=True), _time("seen_at"))


def upgrade() -> None:
    """Name documents by their streams too, give rows ids and times, and create what is new."""
    op.add_column("documents", sa.Column("stream", sa.Text, nullable=True))
    op.create_index("ix_documents_stream", "documents", ["stream"])
    op.add_column("versions", sa.Column("base_id", _Id, nullable=True))
    op.execute("CREATE TABLE rows_before AS SELECT asset_id, position, fields FROM rows")
    op.drop_table("rows")
    op.execute("CREATE TABLE links_before AS SELECT version_id, position, target_id, assumed FROM links")
    op.drop_table("links")
    metadata.create_all(op.get_bind(), [each for each in metadata.sorted_tables if each not in _older])
    op.execute(
        "INSERT INTO rows (asset_id, position, fields)"
        " SELECT asset_id, position, fields FROM rows_before ORDER BY asset_id, position"
    )
    op.drop_table("rows_before")
    op.execute(
        "INSERT INTO links (version_id, position, target_id, assumed, kind, name)"
        " SELECT b.version_id, b.position, b.target_id, b.assumed, a.kind, a.name"
        " FROM links_before b JOIN assets a ON a.id = b.target_id"
    )
    op.drop_table("links_before")
    _fold_stems()
    _name_fields()
    op.add_column("packages", _json("asked_by"))
    _add_roles()
    _release_connectors()


def _fold_stems() -> None:
    """Stems that differ in case alone are one path on many disks: so each is kept folded too."""
    op.add_column("assets", sa.Column("folded_stem", sa.Text, nullable=False, server_default=""))
    assets = sa.table("assets", sa.column("id"), sa.column("stem"), sa.column("folded_stem"))
    here = op.get_bind()
    folded = [{"key": row.id, "to": row.stem.casefold()} for row in here.execute(sa.select(assets.c.id, assets.c.stem))]
    if folded:
        update = sa.update(assets).where(assets.c.id == sa.bindparam("key"))
        here.execute(update.values(folded_stem=sa.bindparam("to")), folded)
    op.create_index("ix_assets_folded_stem", "assets", ["place_id", "kind", "folded_stem"])


def _name_fields() -> None:
    """A data table's first row was the header of those that follow."""
    connection = op.get_bind()
    ids = connection.execute(sa.text("SELECT id FROM assets WHERE kind = 'workato_db_table'")).scalars().all()
    for asset_id in ids:
        mine = sa.select(_rows).where(_rows.c.asset_id == asset_id).order_by(_rows.c.position)
        held = connection.execute(mine).all()
        for header in held[:1]:
            connection.execute(sa.delete(_rows).where(_rows.c.id == header.id))
        for row in held[1:]:
            fields = dict(zip(held[0].fields, row.fields, strict=False))
            fields["record_id"] = fields.get("record_id") or str(uuid.uuid4())
            values = {"fields": fields, "key": fields["record_id"]}
            connection.execute(sa.update(_rows).where(_rows.c.id == row.id).values(values))


def _add_roles() -> None:
    """Every workspace has the system's roles: rows without privileges."""
    columns = "(workspace_id, name, created_at, updated_at)"
    rows = "SELECT id, CAST(:role AS TEXT), created_at, created_at FROM workspaces ORDER BY id"
    for role in ("Admin", "Operator", "Deployer"):
        op.get_bind().execute(sa.text(f"INSERT INTO roles {columns} " + rows), {"role": role})


def _release_connectors() -> None:
    """Custom connectors came in packages alone, and what a package brings is released."""
    op.execute(
        "INSERT INTO releases (asset_id, version_no, released_at)"
        " SELECT id, version_no, updated_at FROM assets WHERE kind = 'custom_adapter'"
    )
