"""Bindings in an import: what stands here for what a package names stays as it is, and is what its name means."""

import pytest

import worlds
from recipeyard.model import assets, bindings, errors, packages, proposals
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import tags as tag_rows
from recipeyard.work import plan_import

CRM = "Connections/crm.connection.json"


def bound_crm(place: worlds.Place, **more: str) -> int:
    """A connection of another name, bound to what packages call CRM."""
    made = place.make(assets.CONNECTION, worlds.connection("CRM Production"), "rest")
    place.bind(bindings.Reference(assets.CONNECTION, "CRM", made, **more))
    return made


def test_a_bound_connection_is_what_its_name_means_and_stays_as_it_is(place: worlds.Place) -> None:
    made = bound_crm(place)
    before = place.text(assets.CONNECTION, "CRM Production")

    package = place.load(worlds.project())

    assert (made, "unchanged") == (place.results(package)[CRM].asset_id, place.actions(package)[CRM])
    assert made in place.meant("First")
    assert before == place.text(assets.CONNECTION, "CRM Production")
    with place.world.db.read() as tx:
        assert [] == asset_rows.named(tx, place.workspace.id, assets.CONNECTION, ["CRM"])


def test_the_plan_shows_which_binding_was_used_where(place: worlds.Place) -> None:
    made = bound_crm(place)

    planned = place.plan_of(place.load(worlds.project()))

    assert (proposals.Bound(CRM, assets.CONNECTION, "CRM", made, "CRM Production"),) == planned.bindings


def test_a_binding_set_later_turns_what_is_here_already(place: worlds.Place) -> None:
    place.load(worlds.project())
    made = bound_crm(place)

    planned = place.plan_of(place.load(worlds.project()))

    assert made in place.meant("First")
    assert ["first.recipe.json"] == [line.path for line in planned.changes]
    assert () == place.plan_of(place.load(worlds.project())).changes


@pytest.mark.parametrize("full_path", [None, "Home/Shared/Connections"])
def test_a_reference_to_what_did_not_travel_means_what_is_bound(place: worlds.Place, full_path: str | None) -> None:
    made = bound_crm(place, folder="Connections")
    crm = worlds.reference(CRM, "CRM") | ({} if full_path is None else {"folder_full_path": full_path})
    place.load({"a.recipe.json": worlds.Recipe("A").bytes})

    package = place.load({"a.recipe.json": worlds.Recipe("A").uses("rest", crm).bytes})

    assert ({made}, ()) == (place.meant("A"), package.warnings)
    assert ["a.recipe.json"] == [each.path for each in place.plan_of(package).bindings]


def test_the_folder_and_the_app_tell_two_of_one_name_apart(place: worlds.Place) -> None:
    near, far, chat = (
        place.make(assets.CONNECTION, worlds.connection(name, app), app)
        for name, app in (("Near", "rest"), ("Far", "rest"), ("Chat", "slack"))
    )
    place.bind(
        bindings.Reference(assets.CONNECTION, "CRM", near),
        bindings.Reference(assets.CONNECTION, "CRM", far, folder="Far"),
        bindings.Reference(assets.CONNECTION, "CRM", chat, provider="slack"),
    )
    files = {
        "crm.connection.json": worlds.connection("CRM"),
        "Far/crm.connection.json": worlds.connection("CRM"),
        "Chat/crm.connection.json": worlds.connection("CRM", "slack"),
    }

    results = place.results(place.load(files))

    assert [near, far, chat] == [results[path].asset_id for path in files]


def test_two_names_may_mean_one_connection(place: worlds.Place) -> None:
    made = place.make(assets.CONNECTION, worlds.connection("All"), "rest")
    place.bind(*(bindings.Reference(assets.CONNECTION, name, made) for name in ("A", "B")))
    files = {"a.connection.json": worlds.connection("A"), "b.connection.json": worlds.connection("B")}

    results = place.results(place.load(files))

    assert {made} == {each.asset_id for each in results.values()}


def test_a_connection_renamed_at_its_source_is_a_new_one(place: worlds.Place) -> None:
    made = bound_crm(place)
    place.load(worlds.project())
    renamed = worlds.project() | {CRM: worlds.connection("CRM 2")}
    renamed["first.recipe.json"] = worlds.Recipe("First").uses("rest", worlds.reference(CRM, "CRM 2")).bytes

    planned = place.plan_of(place.load(renamed))

    assert proposals.Action.CREATE in [line.action for line in planned.changes if line.path == CRM]
    assert proposals.Code.UNAUTHORIZED in [notice.code for notice in planned.warnings]
    assert made not in place.meant("First")


def test_a_bound_asset_that_is_gone_keeps_a_package_from_being_applied(place: worlds.Place) -> None:
    made = bound_crm(place)
    with place.world.db.write() as tx:
        asset_rows.delete(tx, [made])

    package = place.load(worlds.project())

    assert packages.Status.FAILED is package.status
    assert f"{CRM}: connection 'CRM' is bound to {made}, which is here no more" in package.error_parts
    assert proposals.Code.BINDING in [notice.code for notice in place.plan_of(package).blockers]


@pytest.mark.parametrize("travels", [True, False])
def test_a_bound_connection_of_another_app_keeps_a_package_from_being_applied(
    place: worlds.Place, travels: bool
) -> None:
    made = place.make(assets.CONNECTION, worlds.connection("Chat", "slack"), "slack")
    place.bind(bindings.Reference(assets.CONNECTION, "CRM", made))
    files = {"a.recipe.json": worlds.Recipe("A").uses("rest", worlds.reference(CRM, "CRM")).bytes}
    files |= {CRM: worlds.connection("CRM")} if travels else {}

    package = place.load(files)

    path = CRM if travels else "a.recipe.json"
    assert (f"{path}: connection 'Chat' is bound here, and is for 'slack', not for 'rest'",) == package.error_parts


def test_a_plan_does_not_hold_once_bindings_are_others(place: worlds.Place) -> None:
    plan = place.plan(worlds.project())
    bound_crm(place)

    with pytest.raises(errors.Conflict, match="the bindings are others by now"):
        plan_import.apply(place.world.deed, place.workspace.id, plan.id)


def test_other_kinds_are_bound_too(place: worlds.Place) -> None:
    topic = place.make("topic", worlds.document({"name": "Orders Live", "schema": []}))
    place.bind(bindings.Reference("topic", "Orders", topic))
    listens = worlds.Recipe("A").step("workato_pub_sub", "publish", {"topic_id": worlds.reference("o.topic.json", "O")})
    listens.steps[0]["input"]["topic_id"] |= {"name": "Orders"}

    package = place.load({"a.recipe.json": listens.bytes, "o.topic.json": worlds.document({"name": "Orders"})})

    assert ({topic}, "unchanged") == (place.meant("A"), place.actions(package)["o.topic.json"])


def test_tags_that_arrive_are_not_put_on_what_is_bound(place: worlds.Place) -> None:
    made = bound_crm(place)
    tagged = worlds.document({"name": "CRM", "provider": "rest", "root_folder": False, "tags": ["Dev"]})

    place.load({CRM: tagged}, include_tags=True)

    with place.world.db.read() as tx:
        assert {} == {key: titles for key, titles in tag_rows.of_assets(tx, [made]).items() if titles}


def test_pruning_passes_over_what_is_bound(place: worlds.Place) -> None:
    recipe = {"a.recipe.json": worlds.Recipe("A").bytes}
    place.load(recipe | {f"{name}.connection.json": worlds.connection(name) for name in ("live", "old")})
    live, old = (place.asset(assets.CONNECTION, name).id for name in ("live", "old"))
    place.bind(bindings.Reference(assets.CONNECTION, "CRM", live))

    place.load(recipe, prune=True)

    with place.world.db.read() as tx:
        assert {live} == asset_rows.by_ids(tx, place.workspace.id, [live, old]).keys()


def test_a_recipe_that_runs_is_not_turned_without_leave(place: worlds.Place) -> None:
    place.load(worlds.project())
    for name in ("CRM", "Chat"):
        place.authorize(name)
    for name in ("Second", "First"):
        place.start(name)
    bound_crm(place)
    place.authorize("CRM Production")

    refused, allowed = place.load(worlds.project()), place.load(worlds.project(), restart_recipes=True)

    assert [proposals.Code.REWIRED] == [each.code for each in place.plan_of(refused).blockers]
    assert packages.Status.COMPLETED is allowed.status, allowed.error_parts


def test_a_reference_to_what_did_not_travel_is_turned_too(place: worlds.Place) -> None:
    place.load(worlds.project())
    uses = {"a.recipe.json": worlds.Recipe("A").uses("rest", worlds.reference(CRM, "CRM")).bytes}
    place.load(uses)
    made = bound_crm(place)

    place.load(uses)

    assert {made} == place.meant("A")


def test_what_a_kept_out_document_names_is_nobodys_concern(place: worlds.Place) -> None:
    made = place.make(assets.RECIPE, worlds.Recipe("A Live").bytes)
    place.bind(bindings.Reference(assets.RECIPE, "A", made))
    looks = worlds.Recipe("A").step("logger", "log_message", {"message": "=lookup('Nowhere', 1)"})

    package = place.load({"a.recipe.json": looks.bytes})

    assert ((), {"a.recipe.json": "unchanged"}) == (package.warnings, place.actions(package))
