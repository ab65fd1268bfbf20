"""`kill -9` at every statement of an apply and of a rollback: the workspace is as before or as after, never between."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import services
import states
import worlds
from recipeyard.model import packages
from recipeyard.sql import database, promotion_tables, tables
from recipeyard.work import import_package, parts, roll_back

MOST = 1000
STEP = {"embedded": 1, "shared": 3}
"""Every statement on one database, every third on the other: they are the same statements."""

ENOUGH = 20
"""Fewer statements than these would mean that something else was counted."""

Work = Callable[[parts.Parts, int], None]


@dataclass(frozen=True)
class Mortal:
    """A world whose work can be done by a process of its own, and the statements at which that is killed."""

    world: worlds.World
    statements: range


@pytest.fixture(params=services.BACKENDS)
def mortal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mortal]:
    """On each database in turn."""
    chosen = services.backend(request.param, tmp_path, request, is_migrated=True)
    with worlds.world(chosen.database, f"{tmp_path}/blobs", {}, tmp_path) as made:
        yield Mortal(made, range(1, MOST, STEP[request.param]))


def before() -> dict[str, bytes]:
    """A project of three assets."""
    return {
        "first.recipe.json": worlds.Recipe("First").bytes,
        "second.recipe.json": worlds.Recipe("Second").bytes,
        "prices.lookup_table.json": worlds.lookup_table("Prices", "a,1\nb,2\n"),
    }


def after() -> dict[str, bytes]:
    """The same with a change of every sort: one asset is made, two are changed, one goes."""
    return {
        "first.recipe.json": worlds.Recipe("First").step("logger", "log_message", {"message": "hello"}).bytes,
        "prices.lookup_table.json": worlds.lookup_table("Prices", "a,1\nb,2\nc,3\n"),
        "New/third.recipe.json": worlds.Recipe("Third").calls("first.recipe.json", "First").bytes,
        "account_properties.properties.json": worlds.document({"company": None, "region": None}),
    }


def kill_at(statement: int, deed: parts.Parts, work: Work, package_id: int) -> bool:
    """Do work in a process that is killed before a statement or a commit; false where there were fewer."""
    child = os.fork()
    if child == 0:
        _die_at(statement, deed, work, package_id)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _die_at(statement: int, deed: parts.Parts, work: Work, package_id: int) -> None:
    """In the child: never returns."""
    try:
        db = database.connect(deed.db.engine.url.render_as_string(hide_password=False), deed.db.clock)
        left = [statement]

        def count(*_: Any) -> None:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

        for event in ("before_cursor_execute", "commit"):
            sa.event.listen(db.engine, event, count)
        work(replace(deed, db=db), package_id)
    finally:
        os._exit(0)


def test_an_apply_that_is_killed_anywhere_leaves_before_or_after(mortal: Mortal) -> None:
    for statement in mortal.statements:
        place = mortal.world.workspace()
        place.load(before())
        package_id = requested(place, after()).id
        untouched = states.of(place)

        killed = kill_at(statement, place.world.deed, import_package.run, package_id)
        found = states.of(place)
        import_package.run(place.world.deed, package_id)

        assert found in (untouched, states.of(place)), statement
        assert packages.Status.COMPLETED is place.package(package_id).status
        assert once(place, package_id), statement
        if not killed:
            break

    assert not killed
    assert statement > ENOUGH


def test_a_rollback_that_is_killed_anywhere_leaves_before_or_after(mortal: Mortal) -> None:
    options = packages.Options(restart_recipes=True, on_conflict=packages.Policy.FAIL)
    for statement in mortal.statements:
        place = mortal.world.workspace()
        place.load(before())
        wanted = states.of(place)
        package = place.load(after(), prune=True)
        imported = states.of(place)
        back = roll_back.request(place.world.deed, place.workspace.id, package.id, options)

        killed = kill_at(statement, place.world.deed, roll_back.run, back.id)
        found = states.of(place)
        roll_back.run(place.world.deed, back.id)

        assert found in (imported, wanted), statement
        assert wanted == states.of(place), statement
        assert once(place, back.id), statement
        if not killed:
            break

    assert not killed
    assert statement > ENOUGH


def requested(place: worlds.Place, files: dict[str, bytes]) -> packages.Package:
    """An import that was accepted and not begun."""
    deed = place.world.deed
    key = f"uploads/killed-{place.workspace.id}/data.zip"
    deed.blobs.put(key, [worlds.zipped(files)])
    options = packages.Options(prune=True)
    return import_package.request(deed, (place.workspace.id, place.project.id), options, key, "data.zip")


def once(place: worlds.Place, package_id: int) -> bool:
    """Whether a package has made at most one version of each asset, and left one plan."""
    with place.world.db.read() as tx:
        made = tables.versions
        asked = sa.select(made.c.asset_id).where(made.c.package_id == package_id)
        ids = [row.asset_id for row in tx.all(asked)]
        kept = promotion_tables.plans
        plans = tx.all(sa.select(kept.c.id).where(kept.c.applied_id == package_id))
    return len(ids) == len(set(ids)) and len(plans) == 1
