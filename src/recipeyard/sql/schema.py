"""Bring a database to the schema that this release needs. Migrations are Alembic's; a released one never changes."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command, config, migration, script

from recipeyard.sql import database

_LOCK = 7_301_954_120


def migrate(db: database.Database) -> None:
    """Run every migration that is missing; two processes that start at once do it one after the other."""
    with db.write() as tx:
        if not db.is_sqlite:
            tx.run(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        settings = _settings()
        settings.attributes["connection"] = tx.connection
        command.upgrade(settings, "head")


def is_current(db: database.Database) -> bool:
    """Whether nothing is missing."""
    with db.read() as tx:
        here = migration.MigrationContext.configure(tx.connection).get_current_revision()
    return here == newest()


def newest() -> str | None:
    """The last migration of this release."""
    return script.ScriptDirectory.from_config(_settings()).get_current_head()


def _settings() -> config.Config:
    settings = config.Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return settings
