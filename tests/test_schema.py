"""The schema: what migrations make is what the code expects, on both databases."""

import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import autogenerate, command, migration

import services
import worlds
from recipeyard.model import activities
from recipeyard.sql import (
    database,
    packages,
    roles,
    rows,
    runtime_tables,
    schema,
    tables,
    workspaces,
)


def now() -> datetime:
    return datetime.now(UTC)


def test_migrations_make_what_the_tables_say(world: worlds.World) -> None:
    with world.db.read() as tx:
        differences = autogenerate.compare_metadata(
            migration.MigrationContext.configure(
                tx.connection,
                opts={"include_name": lambda name, kind, _: kind != "table" or name in runtime_tables.metadata.tables},
            ),
            runtime_tables.metadata,
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


AT = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = ("recipe", "connection", "lookup_table", "workato_db_table", "custom_adapter")
"""The assets of the project before, by their ids from 1; each at version 3."""


def deflated(number: int) -> bytes:
    """A document as it is kept; a recipe's trigger has a uuid."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(b'{"code": {"uuid": "u%d", "number": 1}}' % number) + packer.flush()


def project() -> dict[str, list[dict[str, Any]]]:
    """A small project in a workspace as the first schema keeps it: rows by table, in the order to insert them."""
    made = {"created_at": AT, "updated_at": AT}
    mine = {"workspace_id": 1} | made
    here = {"folder_id": 2, "place_id": 2, "version_no": 3}
    ids = range(1, len(KINDS) + 1)
    package = {"status": "completed", "folder_id": 2, "options": {}, "file_name": "data.zip", "phase": "done"}
    transferred = {"kind": "recipe", "path": "a1.recipe.json", "name": "A1", "action": "created", "digest": "d1"}
    lines = {3: [["x", "1"], ["y", "2"]], 4: [["record_id", "x"], ["r1", "5"], ["", "6"]]}
    return {
        "workspaces": [{"id": 1, "name": "old", "root_folder_id": 1, "created_at": AT}],
        "tokens": [{"workspace_id": 1, "digest": "t", "created_at": AT}],
        "folders": [
            {"id": 1, "name": "Home"} | mine,
            {"id": 2, "parent_id": 1, "project_id": 7, "name": "Demo"} | mine,
        ],
        "projects": [{"id": 7, "workspace_id": 1, "folder_id": 2, "description": "Demo"}],
        "documents": [{"digest": f"d{n}", "size": n, "crc32": n, "deflated": deflated(n)} for n in ids],
        "facts": [{"digest": "d1", "kind": "recipe", "facts": b"{}"}],
        "assets": [
            {"id": n, "kind": KINDS[n - 1], "name": f"A{n}", "stem": f"A{n}", "version_id": n} | here | mine
            for n in ids
        ],
        "versions": [
            {"id": n, "asset_id": n, "version_no": 3, "digest": f"d{n}", "arrived_digest": f"d{n}", "author": "me"}
            | made
            for n in ids
        ],
        "sidecars": [{"version_id": 5, "suffix": "rb", "digest": "d5"}],
        "links": [{"version_id": 1, "position": n, "target_id": n, "assumed": n == 3} for n in (2, 3)],
        "recipes": [{"asset_id": 1, "running_version_id": 1, "applications": "rest", "copy_count": 1}],
        "connections": [{"asset_id": 2, "external_id": "crm", "authorized_at": AT, "sealed_input": b"sealed"}],
        "rows": [
            {"asset_id": table, "position": at, "fields": fields}
            for table, held in lines.items()
            for at, fields in enumerate(held)
        ],
        "properties": [{"folder_id": 2, "name": "url", "value": "x", "updated_at": AT}],
        "manifests": [{"id": 1, "folder_id": 2, "name": "M", "options": {}, "assets": []} | mine],
        "packages": [{"id": 1, "operation": "import", "percent": 100} | package | mine],
        "package_assets": [{"package_id": 1, "position": 0, "asset_id": 1} | transferred],
    }


def held(tx: database.Tx, table: sa.Table) -> list[str]:
    """The rows of a table, in an order of their own; of a data table none: their shape is another now."""
    found = tx.all(sa.select(table))
    return sorted(repr(row) for row in found if table.name != "rows" or row.asset_id != 4)


@dataclass(frozen=True, slots=True)
class Upgraded:
    """A database that came from the first schema, and what its tables held there."""

    db: database.Database
    first: sa.MetaData
    before: dict[str, list[str]]


@pytest.fixture(scope="module", params=services.BACKENDS)
def upgraded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    """The small project, brought from the first schema to the newest, on each backend in turn."""
    db = database.connect(services.backend(request.param, tmp_path_factory.mktemp("first"), request).database, now)
    first = sa.MetaData()
    with db.write() as tx:
        settings = schema._settings()
        settings.attributes["connection"] = tx.connection
        command.upgrade(settings, "0001")
        first.reflect(tx.connection)
        first.remove(first.tables["alembic_version"])
        for name, values in project().items():
            for each in values:
                tx.connection.execute(sa.insert(first.tables[name]).values(each))
        before = {table.name: held(tx, table) for table in first.sorted_tables}
    schema.migrate(db)
    yield Upgraded(db, first, before)
    db.engine.dispose()


def test_an_upgrade_of_the_first_schema_loses_nothing(upgraded: Upgraded) -> None:
    with upgraded.db.read() as tx:
        after = {table.name: held(tx, table) for table in upgraded.first.sorted_tables}

    assert set() == {name for name, rows_ in upgraded.before.items() if not rows_}
    assert upgraded.before == after


def test_workspaces_of_the_first_schema_get_the_roles_and_keep_their_packages(upgraded: Upgraded) -> None:
    with upgraded.db.read() as tx:
        listed = roles.listed(tx, 1)
        package = packages.find(tx, 1, 1)

    assert ["Admin", "Operator", "Deployer"] == [role.name for role in listed]
    assert {"*": ["*"]} == listed[0].privileges
    assert activities.OPERATOR == package.asked_by


def test_a_data_tables_rows_of_before_are_kept_by_column(upgraded: Upgraded) -> None:
    with upgraded.db.read() as tx:
        first, second = rows.of_table(tx, 4)

        assert {"record_id": "r1", "x": "5"} == first == rows.of_key(tx, 4, "r1").fields
        assert ("6", True) == (second["x"], bool(second["record_id"]))
        assert [["x", "1"], ["y", "2"]] == rows.of_table(tx, 3)


def test_connectors_of_the_first_schema_are_released(upgraded: Upgraded) -> None:
    with upgraded.db.read() as tx:
        released = tx.all(sa.select(tables.releases))

    assert [(5, 3, None, AT.date())] == [
        (row.asset_id, row.version_no, row.note, row.released_at.date()) for row in released
    ]


def test_links_of_the_first_schema_know_the_words_they_meant(upgraded: Upgraded) -> None:
    with upgraded.db.read() as tx:
        found = tx.all(sa.select(tables.links).order_by(tables.links.c.position))

    assert [(2, "connection", "A2"), (3, "lookup_table", "A3")] == [
        (link.target_id, link.kind, link.name) for link in found
    ]


def test_recipes_of_the_first_schema_are_known_by_their_triggers(upgraded: Upgraded) -> None:
    with upgraded.db.read() as tx:
        found = tx.all(sa.select(tables.facts.c.digest, tables.facts.c.kind, tables.facts.c.origin))

    assert [("d1", "recipe", "u1")] == [tuple(row) for row in found]


def test_stems_of_the_first_schema_are_found_in_any_case(upgraded: Upgraded) -> None:
    with upgraded.db.read() as tx:
        found = tx.all(sa.select(tables.assets.c.folded_stem).order_by(tables.assets.c.id))

    assert ["a1", "a2", "a3", "a4", "a5"] == [row.folded_stem for row in found]


def test_what_is_to_be_done_after_a_transaction_is_done_once_it_has_committed(world: worlds.World) -> None:
    seen: list[bool] = []
    with world.db.write() as tx:
        workspace = workspaces.create(tx, "afterwards")
        tx.by(activities.OPERATOR).afterwards.append(lambda: seen.append(exists(world, workspace.id)))
        assert not seen

    assert seen == [True]


def test_nothing_is_done_after_a_transaction_that_was_taken_back(world: worlds.World) -> None:
    seen: list[str] = []

    with suppress(LookupError), world.db.write() as tx:
        tx.afterwards.append(lambda: seen.append("done"))
        raise LookupError

    assert not seen


def exists(world: worlds.World, workspace_id: int) -> bool:
    """Whether a workspace can be seen by others."""
    with world.db.read() as tx:
        return tx.first(sa.select(tables.workspaces.c.id).where(tables.workspaces.c.id == workspace_id)) is not None


def test_a_statement_that_fails_does_not_say_what_it_was_given(world: worlds.World) -> None:
    with pytest.raises(sa.exc.SQLAlchemyError) as failure, world.db.write() as tx:
        tx.run(sa.insert(tables.tokens), [{"workspace_id": 0, "digest": "not to be told", "created_at": tx.now}])

    assert "not to be told" not in str(failure.value)
