"""The schema: what migrations make is what the code expects, on both databases."""

from alembic import autogenerate, migration

import worlds
from recipeyard.sql import packages, schema, tables


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
