"""The schema: what migrations make is what the code expects, on both databases."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import autogenerate, command, migration

import services
import worlds
from recipeyard.model import activities
from recipeyard.sql import database, packages, roles, schema, tables


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
