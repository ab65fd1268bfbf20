"""`kill -9` anywhere in an apply and in a rollback: the workspace is as before or as after, never between.

At every commit, and at a sample of all statements; RECIPEYARD_KILL_EVERY=1 asks for every one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import sqlalchemy as sa

import killing
import services
import states
import worlds
from recipeyard.model import packages
from recipeyard.sql import promotion_tables, tables
from recipeyard.work import import_package, parts, roll_back

SAMPLE = {"embedded": {"apply": (1, 4), "rollback": (3, 4)}, "shared": {"apply": (2, 12), "rollback": (4, 12)}}
"""The first statement, and every so-manieth from there on: on the other database they are the same, so it is fewer."""

ENOUGH_COMMITS, ENOUGH = 1, 20
"""Fewer commits or statements than these would mean that something else was counted, or ended by itself."""


@dataclass(frozen=True)
class Mortal:
    """A world whose work can be done by a process of its own, and how its moments to die at are drawn."""

    world: worlds.World
    sample: dict[str, tuple[int, int]]

    def kill_at(self, moment: killing.Moment, work: Callable[[parts.Parts, int], None], package_id: int) -> bool:
        """Do a package's work in a process that is killed; false where it ended before."""
        deed = self.world.deed
        return killing.kill_at(moment, deed.db, lambda db: work(replace(deed, db=db), package_id))


@pytest.fixture(params=services.BACKENDS)
def mortal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mortal]:
    """On each database in turn."""
    chosen = services.backend(request.param, tmp_path, request)
    with worlds.world(chosen.database, f"{tmp_path}/blobs", {}, tmp_path) as made:
        yield Mortal(made, SAMPLE[request.param])


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


def test_an_apply_that_is_killed_anywhere_leaves_before_or_after(mortal: Mortal) -> None:
    commits, statements = die_at_each(mortal, mortal.sample["apply"], apply_and_die)

    assert commits > ENOUGH_COMMITS
    assert statements > ENOUGH


def test_a_rollback_that_is_killed_anywhere_leaves_before_or_after(mortal: Mortal) -> None:
    commits, statements = die_at_each(mortal, mortal.sample["rollback"], roll_back_and_die)

    assert commits > ENOUGH_COMMITS
    assert statements > ENOUGH


def die_at_each(
    mortal: Mortal, sample: tuple[int, int], and_die: Callable[[Mortal, killing.Moment], bool]
) -> list[int]:
    """Let work be killed at each commit, and at each moment of a sample; gives the two numbers that were too late."""
    ends = [next(moment for moment in moments if not and_die(mortal, moment)) for moments in killing.sampled(*sample)]
    return [end.number for end in ends]


def apply_and_die(mortal: Mortal, moment: killing.Moment) -> bool:
    """One import that may be killed."""
    place = mortal.world.workspace()
    place.load(before())
    package_id = requested(place, after()).id
    untouched = states.of(place)

    killed = mortal.kill_at(moment, import_package.run, package_id)
    found = states.of(place)
    import_package.run(place.world.deed, package_id)

    assert found in (untouched, states.of(place)), moment
    assert packages.Status.COMPLETED is place.package(package_id).status
    assert once(place, package_id), moment
    return killed


def roll_back_and_die(mortal: Mortal, moment: killing.Moment) -> bool:
    """One rollback that may be killed."""
    options = packages.Options(restart_recipes=True, on_conflict=packages.Policy.FAIL)
    place = mortal.world.workspace()
    place.load(before())
    wanted = states.of(place)
    package = place.load(after(), prune=True)
    imported = states.of(place)
    back = roll_back.request(place.world.deed, place.workspace.id, package.id, options)

    killed = mortal.kill_at(moment, roll_back.run, back.id)
    found = states.of(place)
    roll_back.run(place.world.deed, back.id)

    assert found in (imported, wanted), moment
    assert wanted == states.of(place), moment
    assert once(place, back.id), moment
    return killed


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
