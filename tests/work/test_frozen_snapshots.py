"""Assets that went under an earlier release come back under this one: their rows are kept as that release had them.

A migration that changes a table of assets, versions or what they hold makes these tests fail, or loses what
`test_nothing_is_lost` compares. Then say in `sql/snapshots.put_back` how rows of before are put back, and only then
count `SCHEMA` up. The rows of a release that has been out stay here as they are; new ones go beside them.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

import worlds
from recipeyard.archive import writer
from recipeyard.model import snapshots
from recipeyard.sql import documents, schema, tables
from recipeyard.sql import snapshots as snapshot_rows

THEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
DOCUMENT = writer.deflate(b"{}")


def frozen(place: worlds.Place, tag_id: int) -> snapshots.Whole:
    """An asset as migration 0003 had it, with a row in every table."""
    digest, stamps = DOCUMENT.digest, {"created_at": THEN, "updated_at": THEN}
    version = {"asset_id": 9001, "digest": digest, "arrived_digest": digest, "author": "Ada", "package_id": 7} | stamps
    rows: dict[str, list[dict[str, Any]]] = {
        "assets": [
            {
                "id": 9001, "workspace_id": place.workspace.id, "folder_id": place.project.id,
                "place_id": place.project.id, "kind": "recipe", "name": "A", "stem": "A", "folded_stem": "a",
                "version_no": 2, "version_id": 9102, "provider": "rest", "rows_digest": "5ca1e", **stamps,
            }
        ],
        "versions": [
            version | {"id": 9101, "version_no": 1, "comment": "first", "base_id": None, "ran_at": THEN},
            version | {"id": 9102, "version_no": 2, "comment": None, "base_id": 9101, "ran_at": None},
        ],
        "sidecars": [{"version_id": 9102, "suffix": "rb", "digest": digest}],
        "links": [
            {
                "version_id": 9102, "position": 0, "target_id": 9001, "assumed": False, "kind": "recipe",
                "name": "A",
            }
        ],
        "recipes": [
            {
                "asset_id": 9001, "running_version_id": 9101, "applications": "[]", "trigger_application": "clock",
                "stopped_at": THEN, "stop_cause": "by hand", "copy_count": 3,
            }
        ],
        "connections": [
            {
                "asset_id": 9001, "external_id": "crm", "parent_id": 12, "authorized_at": THEN,
                "sealed_input": b"sealed",
            }
        ],
        "rows": [{"id": 9201, "asset_id": 9001, "position": 0, "key": "k", "fields": {"col1": "k"}, **stamps}],
        "tag_assignments": [{"asset_id": 9001, "tag_id": tag_id}],
        "releases": [{"asset_id": 9001, "version_no": 1, "note": "out", "released_at": THEN}],
        "endpoints": [{"asset_id": 9001, "active": True}],
    }  # fmt: skip
    return snapshots.Whole(rows, inbound=(), folder=place.project.name, beside=(), schema="0003")


def put_back(place: worlds.Place, whole: snapshots.Whole) -> snapshots.Whole:
    """Put an asset back as its kept bytes say; gives it as it is kept today."""
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(whole), type=snapshots.Whole)
    with place.world.db.write() as tx:
        documents.add(tx, [DOCUMENT])
        snapshot_rows.put_back(tx, [kept])
        return snapshot_rows.whole(tx, [9001])[9001]


@pytest.fixture
def tag_id(place: worlds.Place) -> int:
    row = {"workspace_id": place.workspace.id, "handle": f"of-{place.workspace.id}", "title": "T"}
    with place.world.db.write() as tx:
        [made] = tx.insert(tables.tags, [row | {"created_at": tx.now, "updated_at": tx.now}])
    return made


@pytest.fixture(autouse=True)
def _alone(place: worlds.Place) -> Any:
    """Every test puts back the same ids."""
    yield
    with place.world.db.write() as tx:
        tx.run(sa.delete(tables.assets).where(tables.assets.c.id == 9001))


def test_nothing_is_lost(place: worlds.Place, tag_id: int) -> None:
    whole = frozen(place, tag_id)

    assert replace(whole, schema=snapshot_rows.SCHEMA) == put_back(place, whole)


def test_what_has_no_column_any_more_is_left_out_and_what_was_not_kept_gets_its_default(
    place: worlds.Place, tag_id: int
) -> None:
    whole = frozen(place, tag_id)
    [row] = whole.rows["endpoints"]
    versions = [{name: each[name] for name in each if name != "comment"} for each in whole.rows["versions"]]
    before: snapshots.Rows = {
        "endpoints": [{**row, "colour": "red"}],
        "versions": versions,
        "colours": [{"asset_id": 9001}],
    }

    back = put_back(place, replace(whole, rows={**whole.rows, **before}))

    assert [row] == back.rows["endpoints"]
    assert [None, None] == [each["comment"] for each in back.rows["versions"]]


def test_the_snapshots_say_which_tables_they_were_read_from() -> None:
    assert snapshot_rows.SCHEMA == schema.newest()
