"""The schema: what migrations make is what the code expects, on both databases."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import autogenerate, command, migration

import services
import worlds
from recipeyard.model import activities
from recipeyard.sql import database, packages, roles, rows, schema, tables


def now() -> datetime:
    return datetime.now(UTC)


def test_migrations_make_what_the_tables_say(world: worlds.World) -> None:
    with world.db.read() as tx:
        differences = autogenerate.compare_metadata(
            migration.MigrationContext.configure(
                tx.connection,
                opts={"include_name": lambda name, kind, _: kind != "table" or name in tables.metadata.tables},
            ),
            tables.metadata,
        )

    assert [] == differences
    assert schema.is_current(world.db)


def test_migrating_again_changes_nothing(world: worlds.World) -> None:
    place = world.workspace()
    place.load(worlds.project())
    before = world.counts()

    schema.migrate(world.db)

    assert before == world.counts()


def test_ids_are_never_given_twice(world: worlds.World) -> None:
    place = world.workspace()
    last = place.load(worlds.project())
    with world.db.write() as tx:
        packages.delete(tx, last)

    assert place.load(worlds.project()).id > last.id


def test_projects_are_numbered_far_from_folders(world: worlds.World) -> None:
    assert tables.FIRST_PROJECT == world.workspace().project.project_id


@pytest.mark.parametrize("name", services.BACKENDS)
def test_workspaces_of_the_first_schema_get_the_roles_and_keep_their_packages(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    db = database.connect(services.backend(name, tmp_path, request).database or f"sqlite:///{tmp_path}/a.db", now)
    with db.write() as tx:
        settings = schema._settings()
        settings.attributes["connection"] = tx.connection
        command.upgrade(settings, "0001")
        tx.run(sa.text("INSERT INTO workspaces (name, created_at) VALUES ('old', '2026-01-01 00:00:00.000000')"))
        tx.run(
            sa.text(
                "INSERT INTO packages (workspace_id, operation, status, folder_id, options, file_name, phase, percent,"
                " created_at, updated_at) SELECT id, 'import', 'completed', 1, '{}', 'data.zip', 'done', 100,"
                " created_at, created_at FROM workspaces"
            )
        )

    schema.migrate(db)

    with db.read() as tx:
        listed = roles.listed(tx, 1)
        package = packages.find(tx, 1, 1)
    assert ["Admin", "Operator", "Deployer"] == [role.name for role in listed]
    assert {"*": ["*"]} == listed[0].privileges
    assert activities.OPERATOR == package.asked_by
    db.engine.dispose()


def test_a_data_tables_rows_of_before_are_kept_by_column(tmp_path: Path) -> None:
    db = database.connect(f"sqlite:///{tmp_path}/before.db", lambda: datetime.now(UTC))
    settings = schema._settings()
    with db.write() as tx:
        settings.attributes["connection"] = tx.connection
        command.upgrade(settings, "0001")
        tx.run(sa.text("PRAGMA defer_foreign_keys = ON"))
        common = "1, 1, 1, 'T', 't', 1, '2026-01-01', '2026-01-01'"
        columns = "workspace_id, folder_id, place_id, name, stem, version_no, created_at, updated_at"
        workspace = "INSERT INTO workspaces (id, name, root_folder_id, created_at)"
        tx.run(sa.text(f"{workspace} VALUES (1, 'w', 1, '2026-01-01')"))
        folder = "INSERT INTO folders (id, workspace_id, name, created_at, updated_at)"
        tx.run(sa.text(f"{folder} VALUES (1, 1, 'Home', '2026-01-01', '2026-01-01')"))
        for asset_id, kind in ((1, "workato_db_table"), (2, "lookup_table")):
            tx.run(sa.text(f"INSERT INTO assets (id, kind, {columns}) VALUES ({asset_id}, '{kind}', {common})"))
            for at, fields in enumerate((["record_id", "x"], ["r1", "5"], ["", "6"])):
                row = {"asset": asset_id, "at": at, "fields": json.dumps(fields)}
                tx.run(sa.text("INSERT INTO rows (asset_id, position, fields) VALUES (:asset, :at, :fields)"), [row])

    schema.migrate(db)

    with db.read() as tx:
        first, second = rows.of_table(tx, 1)
        assert {"record_id": "r1", "x": "5"} == first == rows.of_key(tx, 1, "r1").fields
        assert ("6", True) == (second["x"], bool(second["record_id"]))
        assert [["record_id", "x"], ["r1", "5"], ["", "6"]] == rows.of_table(tx, 2)
    db.engine.dispose()


@pytest.mark.parametrize("name", services.BACKENDS)
def test_connectors_of_the_first_schema_are_released(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    db = database.connect(services.backend(name, tmp_path, request).database or f"sqlite:///{tmp_path}/a.db", now)
    at = "'2026-01-01 00:00:00.000000'"
    with db.write() as tx:
        settings = schema._settings()
        settings.attributes["connection"] = tx.connection
        command.upgrade(settings, "0001")
        tx.run(sa.text(f"INSERT INTO workspaces (name, created_at) VALUES ('old', {at})"))
        columns = "workspace_id, name, created_at, updated_at"
        tx.run(sa.text(f"INSERT INTO folders ({columns}) SELECT id, 'root', {at}, {at} FROM workspaces"))
        columns = "workspace_id, folder_id, place_id, kind, name, stem, version_no, created_at, updated_at"
        for number, kind in enumerate(["custom_adapter", "recipe"], 3):
            values = f"workspace_id, id, id, '{kind}', 'A', 'a', {number}, {at}, {at}"
            tx.run(sa.text(f"INSERT INTO assets ({columns}) SELECT {values} FROM folders"))

    schema.migrate(db)

    with db.read() as tx:
        released = tx.all(sa.select(tables.releases))
    assert [(1, 3, None, "2026-01-01")] == [
        (row.asset_id, row.version_no, row.note, row.released_at.date().isoformat()) for row in released
    ]
    db.engine.dispose()
