"""Plans that nobody applied are forgotten, with their archives; those that were stay."""

from datetime import timedelta

import pytest

import worlds
from recipeyard.model import errors, packages, proposals
from recipeyard.sql import plans as plan_rows
from recipeyard.work import forgetting, plan_import

KEPT = timedelta(days=30)


def archives(place: worlds.Place) -> list[str]:
    with place.world.db.read() as tx:
        return sorted(plan_rows.blob_keys(tx, place.workspace.id))


def is_kept(place: worlds.Place, key: str) -> bool:
    try:
        return bool(b"".join(place.world.deed.blobs.stream(key)))
    except errors.NotFound:
        return False


def later(place: worlds.Place, days: int) -> None:
    now = place.world.db.clock()
    place.world.db.clock = lambda: now + timedelta(days=days)


def test_a_plan_that_nobody_applies_is_forgotten_in_time(place: worlds.Place) -> None:
    plan = place.plan(worlds.project())
    [key] = archives(place)

    later(place, 31)
    forgetting.forget(place.world.deed, KEPT)

    assert not is_kept(place, key)
    with pytest.raises(errors.NotFound):
        place.planned(plan.id)


def test_a_young_plan_stays(place: worlds.Place) -> None:
    plan = place.plan(worlds.project())
    [key] = archives(place)

    later(place, 29)
    forgetting.forget(place.world.deed, KEPT)

    assert is_kept(place, key)
    assert plan == place.planned(plan.id)


def test_a_plan_that_was_applied_stays(place: worlds.Place) -> None:
    plan = place.plan(worlds.project())
    package = place.apply(plan)

    later(place, 31)
    forgetting.forget(place.world.deed, KEPT)

    assert package.id == place.planned(plan.id).applied_id
    assert package.blob_key
    assert is_kept(place, package.blob_key)


def test_a_plan_that_was_applied_while_it_was_looked_at_is_not_deleted(place: worlds.Place) -> None:
    plan = place.plan(worlds.project())
    place.apply(plan)

    with place.world.db.write() as tx:
        is_gone = plan_rows.delete(tx, plan)

    assert not is_gone
    assert place.planned(plan.id).applied_id


def test_a_plan_that_failed_gives_up_its_archive(place: worlds.Place) -> None:
    key = "uploads/failing/data.zip"
    place.world.deed.blobs.put(key, [worlds.zipped({"a.recipe.json": b"{"})])
    made = plan_import.request(
        place.world.deed, (place.workspace.id, place.project.id), packages.Options(), key, "data.zip"
    )

    plan_import.run(place.world.deed, made.id)

    assert proposals.Status.FAILED is place.planned(made.id).status
    assert place.planned(made.id).blob_key is None
    assert not is_kept(place, key)


def test_it_is_forgotten_as_soon_as_it_is_begun(embedded: worlds.World) -> None:
    place = embedded.workspace()
    plan = place.plan(worlds.project())
    later(place, 31)
    forgetter = forgetting.Forgetter(embedded.deed, KEPT, KEPT)

    forgetter.start()
    forgetter.stop()

    with pytest.raises(errors.NotFound):
        place.planned(plan.id)
