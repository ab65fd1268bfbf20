"""What is promised of plans, applies and rollbacks, over workspaces and packages drawn at random."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

import generated
import states
import worlds
from recipeyard.model import assets, errors, packages, proposals
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import folders, links, properties, snapshots
from recipeyard.sql import tags as tag_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import import_package, plan_import, starting, tags, writing

many = generated.examples(50)


@pytest.fixture(scope="module")
def many_places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[worlds.World]:
    """One world in which every example has a workspace of its own."""
    folder = tmp_path_factory.mktemp("promises")
    with worlds.world(f"sqlite:///{folder}/recipeyard.db", f"{folder}/blobs", {}, folder) as made:
        sa.event.listen(made.db.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
        made.db.engine.dispose()
        yield made


def prepared(world: worlds.World, data: st.DataObject) -> worlds.Place:
    """A workspace with an import or none in it, some of it changed by hand, some of it running."""
    place = world.workspace()
    if data.draw(st.booleans(), "has anything"):
        place.load(data.draw(generated.files(), "here"), include_tags=data.draw(st.booleans()))
    place.bind(*data.draw(generated.bound(), "bound"))
    for _ in range(data.draw(st.integers(0, 2), "changes by hand")):
        meddle(place, data)
    return place


def meddle(place: worlds.Place, data: st.DataObject) -> None:
    """Change something by hand: start or stop a recipe, write its document, authorize a connection."""
    found = here(place)
    chosen = data.draw(st.sampled_from(found) if found else st.none(), "changed")
    if chosen is None:
        return
    if chosen.kind == assets.CONNECTION:
        place.authorize(chosen.name)
    elif chosen.kind == assets.RECIPE and data.draw(st.booleans(), "runs"):
        with place.world.db.write() as tx:
            starting.start(tx, place.workspace.id, chosen.id)
    elif chosen.kind == assets.RECIPE:
        recipe = worlds.Recipe(chosen.name).step("logger", "log_message", {"message": data.draw(generated.MESSAGES)})
        with place.world.db.write() as tx:
            writing.revise(writing.Desk(tx, workspace_rows.lock(tx, place.workspace.id)), chosen, recipe.bytes.decode())


def tag(place: worlds.Place, data: st.DataObject) -> None:
    """Put a tag on a recipe, or delete every tag."""
    ids = [asset.id for asset in here(place) if asset.kind == assets.RECIPE]
    with place.world.db.write() as tx:
        found = tag_rows.by_titles(tx, place.workspace.id, ["red", "blue", "late"])
        if data.draw(st.booleans(), "deletes a tag") and found:
            tag_rows.delete(tx, found[0])
        elif ids:
            tags.arrive(tx, place.workspace.id, {data.draw(st.sampled_from(ids), "tagged"): ["late"]})


def rename_folder(place: worlds.Place, data: st.DataObject) -> None:
    """Give the folder below the project another name."""
    with place.world.db.write() as tx:
        for folder in folders.children(tx, place.workspace.id, place.project.id):
            folders.change(tx, folder, name=data.draw(st.sampled_from(("Other", "Sub")), "name"), parent=None)


def set_property(place: worlds.Place, data: st.DataObject) -> None:
    """Set a property of the project."""
    with place.world.db.write() as tx:
        properties.upsert(tx, place.project.id, {"rate": data.draw(generated.MESSAGES)})


def remove(place: worlds.Place, data: st.DataObject) -> None:
    """Delete a stopped recipe, but none that one calls that runs: no rollback would start that one again."""
    recipes = {asset.id: asset.running for asset in here(place) if asset.kind == assets.RECIPE}
    with place.world.db.write() as tx:
        needed = {target for target, user in links.users(tx, recipes) if recipes.get(user.id)}
        free = [each for each, running in recipes.items() if not running and each not in needed]
        if free:
            asset_rows.delete(tx, [data.draw(st.sampled_from(free), "deleted")])


def here(place: worlds.Place) -> list[assets.Asset]:
    """Every asset of a workspace, by id."""
    with place.world.db.read() as tx:
        return sorted(asset_rows.select(tx, place.workspace.id), key=lambda each: each.id)


def arriving(data: st.DataObject) -> tuple[dict[str, bytes], dict[str, Any]]:
    return data.draw(generated.files(), "arrives"), data.draw(generated.options(), "options")


def content(plan: proposals.Plan) -> proposals.Content:
    assert plan.content, plan.error_parts
    return plan.content


@many
@given(data=st.data())
def test_an_applied_plan_leaves_exactly_what_it_said(many_places: worlds.World, data: st.DataObject) -> None:
    place = prepared(many_places, data)
    files, options = arriving(data)
    before = states.of(place)
    plan = place.plan(files, **options)
    said = content(plan)

    assert before == states.of(place)
    if said.blockers:
        with pytest.raises(errors.Unprocessable):
            place.apply(plan)
        assert packages.Status.FAILED is place.load(files, **options).status
        assert before == states.of(place)
        return
    package = place.apply(plan)
    assert packages.Status.COMPLETED is package.status, package.error_parts
    assert said == place.plan_of(package)
    now = standing(place)
    results = place.results(package)
    for line in said.changes:
        asset_id = line.asset_id or results[line.path].asset_id
        assert (line.digest_after, line.name) == ((now[asset_id].digest, now[asset_id].name) if asset_id in now
                                                  else (None, line.name))  # fmt: skip
    touched = {line.asset_id or results[line.path].asset_id for line in said.changes}
    unchanged = {key: value for key, value in before["assets"].items() if key not in touched}
    after = states.of(place)["assets"]
    assert {key: value[:2] for key, value in unchanged.items()} == {key: after[key][:2] for key in unchanged}
    assert set(after) == set(before["assets"]) - {key for key in touched if key not in now} | (touched & set(now))


@many
@given(data=st.data())
def test_a_rollback_gives_the_state_before_and_its_rollback_the_state_after(
    many_places: worlds.World, data: st.DataObject
) -> None:
    place = prepared(many_places, data)
    files, options = arriving(data)
    before = states.of(place)
    package = place.load(files, **options)
    if package.status is not packages.Status.COMPLETED:
        assert before == states.of(place)
        return
    after = states.of(place)

    back = place.roll_back(package)
    assert packages.Status.COMPLETED is back.status, back.error_parts
    assert before == states.of(place)

    again = place.roll_back(back)
    assert packages.Status.COMPLETED is again.status, again.error_parts
    assert after == states.of(place)


@many
@given(data=st.data())
def test_a_rollback_over_later_changes_is_refused_whole_or_takes_back_and_can_be_taken_back(
    many_places: worlds.World, data: st.DataObject
) -> None:
    place = prepared(many_places, data)
    files, options = arriving(data)
    package = place.load(files, **options)
    if package.status is not packages.Status.COMPLETED:
        return
    for _ in range(data.draw(st.integers(1, 3), "later changes")):
        data.draw(st.sampled_from((meddle, tag, rename_folder, set_property, remove)), "how")(place, data)
    before = states.of(place)

    back = place.roll_back(package, data.draw(st.sampled_from(packages.Policy), "policy"))
    assert not any("Server error" in part for part in back.error_parts)
    if back.status is packages.Status.FAILED:
        assert before == states.of(place)
        return
    again = place.roll_back(back)
    assert packages.Status.COMPLETED is again.status, again.error_parts
    assert before == states.of(place)


@many
@given(data=st.data())
def test_a_plan_of_what_was_applied_is_empty_and_equal_plans_are_equal(
    many_places: worlds.World, data: st.DataObject
) -> None:
    place = prepared(many_places, data)
    files, options = arriving(data)
    first, second = place.plan(files, **options), place.plan(files, **options)
    package = place.load(files, **options)

    assert content(first) == content(second)
    assert first.fingerprint == second.fingerprint
    if package.status is packages.Status.COMPLETED:
        assert content(first) == place.plan_of(package)
        assert () == content(place.plan(files, **options)).changes


@many
@given(data=st.data())
def test_a_stale_plan_never_applies(many_places: worlds.World, data: st.DataObject) -> None:
    place = prepared(many_places, data)
    files, options = arriving(data)
    plan = place.plan(files, **options)
    unmoved = states.of(place)
    meddle(place, data)
    if data.draw(st.booleans(), "another import"):
        place.load(data.draw(generated.files(), "between"), restart_recipes=True)
    moved = states.of(place)
    expected = content(place.plan(files, **options)) if moved != unmoved else content(plan)

    try:
        package = plan_import.apply(many_places.deed, place.workspace.id, plan.id)
    except (errors.Conflict, errors.Unprocessable):
        assert moved == states.of(place)
        return
    import_package.run(many_places.deed, package.id)
    if place.package(package.id).status is packages.Status.COMPLETED:
        assert proposals.binding_part(content(plan)) == proposals.binding_part(expected)
    else:
        assert moved == states.of(place)


def standing(place: worlds.Place) -> dict[int, Any]:
    """The state of every asset, by id."""
    with place.world.db.read() as tx:
        return snapshots.states(tx, [asset.id for asset in asset_rows.select(tx, place.workspace.id)])
