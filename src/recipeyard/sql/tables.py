"""Every table on one page. One text for SQLite and PostgreSQL; names are the field's, `blob` columns hold bytes.

Ids of projects start high, so that a project's id mistaken for a folder's finds nothing rather than another thing.
"""

import sqlalchemy as sa

from recipeyard.sql import columns

FIRST_PROJECT = 700_001

metadata = columns.metadata

installation = columns.table(
    "installation", sa.Column("id", columns.Id, primary_key=True, autoincrement=False), columns.text("mark")
)

nodes = columns.table("nodes", sa.Column("id", sa.Text, primary_key=True), columns.time("seen_at"))

workspaces = columns.numbered(
    "workspaces",
    sa.Column("name", sa.Text, nullable=False, unique=True),
    columns.number("root_folder_id", nullable=True),
    columns.time("created_at"),
)

tokens = columns.numbered(
    "tokens",
    columns.ref("workspace_id", "workspaces.id"),
    sa.Column("digest", sa.Text, nullable=False, unique=True),
    columns.time("created_at"),
    columns.time("revoked_at", nullable=True),
)

folders = columns.numbered(
    "folders",
    columns.ref("workspace_id", "workspaces.id"),
    columns.ref("parent_id", "folders.id", nullable=True),
    columns.number("project_id", nullable=True),
    columns.text("name"),
    columns.time("created_at"),
    columns.time("updated_at"),
    sa.UniqueConstraint("parent_id", "name"),
    sa.Index(None, "workspace_id", "parent_id"),
)

projects = sa.Table(
    "projects",
    metadata,
    sa.Column("id", columns.Id, sa.Identity(start=FIRST_PROJECT), primary_key=True),
    columns.ref("workspace_id", "workspaces.id"),
    sa.Column("folder_id", columns.Id, sa.ForeignKey("folders.id", ondelete="CASCADE"), nullable=False, unique=True),
    columns.text("description"),
    sa.Index(None, "workspace_id"),
    sqlite_autoincrement=True,
)

documents = columns.table(
    "documents",
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("crc32", sa.BigInteger, nullable=False),
    sa.Column("deflated", sa.LargeBinary, nullable=False),
    columns.text("stream", nullable=True),
    sa.Index(None, "stream"),
)

facts = columns.table(
    "facts",
    sa.Column("digest", sa.Text, sa.ForeignKey("documents.digest", ondelete="CASCADE"), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("facts", sa.LargeBinary, nullable=False),
    columns.text("origin", nullable=True),
    sa.Index(None, "origin"),
)

assets = columns.numbered(
    "assets",
    columns.ref("workspace_id", "workspaces.id"),
    columns.ref("folder_id", "folders.id"),
    columns.ref("place_id", "folders.id"),
    columns.text("kind"),
    columns.text("name"),
    columns.text("stem"),
    columns.text("folded_stem"),
    sa.Column("version_no", sa.Integer, nullable=False),
    columns.number("version_id", nullable=True),
    columns.text("provider", nullable=True),
    columns.text("rows_digest", nullable=True),
    columns.time("created_at"),
    columns.time("updated_at"),
    sa.UniqueConstraint("place_id", "kind", "stem"),
    sa.Index(None, "workspace_id", "kind", "name"),
    sa.Index(None, "folder_id", "kind"),
    sa.Index("ix_assets_folded_stem", "place_id", "kind", "folded_stem"),
)

versions = columns.numbered(
    "versions",
    columns.ref("asset_id", "assets.id"),
    sa.Column("version_no", sa.Integer, nullable=False),
    sa.Column("digest", sa.Text, sa.ForeignKey("documents.digest"), nullable=False),
    sa.Column("arrived_digest", sa.Text, sa.ForeignKey("documents.digest"), nullable=False),
    columns.text("author"),
    columns.text("comment", nullable=True),
    columns.number("package_id", nullable=True),
    columns.number("base_id", nullable=True),
    columns.time("ran_at", nullable=True),
    columns.time("created_at"),
    columns.time("updated_at"),
    sa.UniqueConstraint("asset_id", "version_no"),
    sa.Index(None, "digest"),
    sa.Index(None, "arrived_digest"),
)

sidecars = columns.table(
    "sidecars",
    columns.key("version_id", "versions.id"),
    sa.Column("suffix", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, sa.ForeignKey("documents.digest"), nullable=False),
    sa.Index(None, "digest"),
)

links = columns.table(
    "links",
    columns.key("version_id", "versions.id"),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("target_id", columns.Id, sa.ForeignKey("assets.id", ondelete="SET NULL"), nullable=True),
    columns.flag("assumed"),
    columns.text("kind"),
    columns.text("name"),
    sa.Index(None, "target_id"),
    sa.Index(None, "name", sqlite_where=sa.text("target_id IS NULL"), postgresql_where=sa.text("target_id IS NULL")),
)

recipes = columns.table(
    "recipes",
    columns.key("asset_id", "assets.id"),
    sa.Column("running_version_id", columns.Id, sa.ForeignKey("versions.id"), nullable=True),
    sa.Column("applications", sa.Text, nullable=False),
    columns.text("trigger_application", nullable=True),
    columns.time("stopped_at", nullable=True),
    columns.text("stop_cause", nullable=True),
    sa.Column("copy_count", sa.Integer, nullable=False),
    sa.Index(None, "running_version_id"),
)

connections = columns.table(
    "connections",
    columns.key("asset_id", "assets.id"),
    columns.text("external_id", nullable=True),
    columns.number("parent_id", nullable=True),
    columns.time("authorized_at", nullable=True),
    sa.Column("sealed_input", sa.LargeBinary, nullable=True),
)

rows = columns.numbered(
    "rows",
    columns.ref("asset_id", "assets.id"),
    sa.Column("position", sa.Integer, nullable=False),
    columns.text("key", nullable=True),
    sa.Column("fields", sa.JSON, nullable=False),
    columns.time("created_at", nullable=True),
    columns.time("updated_at", nullable=True),
    sa.UniqueConstraint("asset_id", "position"),
    sa.Index(None, "asset_id", "key"),
)

properties = columns.table(
    "properties",
    columns.key("folder_id", "folders.id"),
    sa.Column("name", sa.Text, primary_key=True),
    columns.text("value", nullable=True),
    columns.time("updated_at"),
)

manifests = columns.numbered(
    "manifests",
    columns.ref("workspace_id", "workspaces.id"),
    columns.ref("folder_id", "folders.id"),
    columns.text("name"),
    columns.json("options"),
    columns.json("assets"),
    columns.time("last_exported_at", nullable=True),
    columns.time("created_at"),
    columns.time("updated_at"),
    columns.time("deleted_at", nullable=True),
    sa.Index(None, "workspace_id"),
)

packages = columns.numbered(
    "packages",
    columns.ref("workspace_id", "workspaces.id"),
    columns.text("operation"),
    columns.text("status"),
    columns.number("folder_id"),
    columns.number("manifest_id", nullable=True),
    columns.json("options"),
    columns.json("asked_by"),
    columns.text("file_name"),
    columns.text("blob_key", nullable=True),
    columns.text("phase"),
    sa.Column("percent", sa.Integer, nullable=False),
    columns.json("error_parts"),
    columns.json("issues"),
    columns.json("warnings"),
    columns.number("rolls_back_id", nullable=True),
    sa.Column("footprint", sa.LargeBinary, nullable=True),
    columns.time("created_at"),
    columns.time("updated_at"),
    sa.Index(None, "workspace_id", "id"),
    sa.Index(None, "folder_id", "operation", "status"),
)

package_assets = columns.table(
    "package_assets",
    columns.key("package_id", "packages.id"),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    columns.number("asset_id"),
    columns.text("kind"),
    columns.text("path"),
    columns.text("name"),
    columns.text("action"),
    columns.text("digest"),
    sa.Column("version_before", sa.Integer, nullable=True),
    sa.Column("version_after", sa.Integer, nullable=True),
    columns.text("import_result", nullable=True),
    sa.Index(None, "asset_id"),
)

tags = columns.numbered(
    "tags",
    columns.ref("workspace_id", "workspaces.id"),
    sa.Column("handle", sa.Text, nullable=False, unique=True),
    columns.text("title"),
    columns.text("description", nullable=True),
    columns.text("color", nullable=True),
    columns.time("created_at"),
    columns.time("updated_at"),
    sa.UniqueConstraint("workspace_id", "title"),
)

tag_assignments = columns.table(
    "tag_assignments",
    columns.key("asset_id", "assets.id"),
    columns.key("tag_id", "tags.id"),
    sa.Index(None, "tag_id"),
)

releases = columns.table(
    "releases",
    columns.key("asset_id", "assets.id"),
    sa.Column("version_no", sa.Integer, primary_key=True, autoincrement=False),
    columns.text("note", nullable=True),
    columns.time("released_at"),
)

endpoints = columns.table("endpoints", columns.key("asset_id", "assets.id"), columns.flag("active"))

platform_clients = columns.numbered(
    "platform_clients",
    columns.ref("workspace_id", "workspaces.id"),
    columns.text("name"),
    columns.json("collection_ids"),
    columns.json("details"),
    columns.time("created_at"),
    columns.time("updated_at"),
    sa.UniqueConstraint("workspace_id", "name"),
)

platform_keys = columns.numbered(
    "platform_keys",
    columns.ref("client_id", "platform_clients.id"),
    columns.text("name"),
    columns.flag("active"),
    sa.Column("digest", sa.Text, nullable=False, unique=True),
    columns.text("masked"),
    columns.json("details"),
    columns.time("active_since"),
    columns.time("created_at"),
    columns.time("updated_at"),
    sa.UniqueConstraint("client_id", "name"),
)

environments = columns.table(
    "environments",
    columns.key("workspace_id", "workspaces.id"),
    sa.Column("type", sa.Text, primary_key=True),
    sa.Column("target_id", columns.Id, sa.ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False, unique=True),
)

builds = columns.numbered(
    "builds",
    columns.ref("workspace_id", "workspaces.id"),
    columns.number("project_id"),
    columns.text("project_name"),
    columns.number("package_id"),
    columns.text("description"),
    columns.flag("include_test_cases"),
    columns.text("performed_by"),
    columns.time("created_at"),
    sa.Index(None, "workspace_id"),
)

deployments = columns.numbered(
    "deployments",
    columns.ref("workspace_id", "workspaces.id"),
    columns.ref("build_id", "builds.id"),
    columns.text("environment"),
    columns.number("target_id"),
    columns.number("package_id", nullable=True),
    columns.text("description"),
    columns.flag("include_tags"),
    columns.text("performed_by"),
    columns.text("error", nullable=True),
    columns.time("created_at"),
    columns.time("updated_at"),
    sa.Index(None, "workspace_id"),
)

customers = columns.table(
    "customers",
    columns.key("workspace_id", "workspaces.id"),
    columns.ref("manager_id", "workspaces.id"),
    columns.text("external_id", nullable=True),
    columns.json("details"),
    columns.time("updated_at"),
    sa.UniqueConstraint("manager_id", "external_id"),
)

roles = columns.numbered(
    "roles",
    columns.ref("workspace_id", "workspaces.id"),
    columns.text("name"),
    columns.json("privileges"),
    columns.time("created_at"),
    columns.time("updated_at"),
    sa.UniqueConstraint("workspace_id", "name"),
)

developer_clients = columns.numbered(
    "developer_clients",
    columns.ref("workspace_id", "workspaces.id"),
    columns.text("name"),
    columns.ref("role_id", "roles.id", nullable=True),
    columns.ref("token_id", "tokens.id", nullable=True),
    columns.json("ip_allow_list"),
    columns.time("created_at"),
    columns.time("updated_at"),
    sa.UniqueConstraint("workspace_id", "name"),
    sa.Index(None, "token_id"),
)

activities = columns.numbered(
    "activities",
    columns.ref("workspace_id", "workspaces.id"),
    columns.text("event_type"),
    columns.text("actor"),
    columns.number("actor_id", nullable=True),
    columns.text("resource_type"),
    columns.number("resource_id", nullable=True),
    columns.text("resource_name"),
    columns.json("details"),
    columns.time("created_at"),
    sa.Index(None, "workspace_id", "id"),
)
