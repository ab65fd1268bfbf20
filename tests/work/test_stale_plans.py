"""Plans that do not hold any more: what they would overwrite has been changed since, seen or not; and those that do."""

import pytest

import worlds
from recipeyard.model import assets, bindings, packages, proposals
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import folders, properties, rows
from recipeyard.work import import_package, plan_import

TABLE = "prices.lookup_table.json"
PROPERTIES = "account_properties.properties.json"
MANY = 251


def prices(data: str) -> dict[str, bytes]:
    return {TABLE: worlds.lookup_table("Prices", data)}


def declared() -> dict[str, bytes]:
    return {PROPERTIES: worlds.document({"company": None})}


def set_company(place: worlds.Place, value: str) -> None:
    with place.world.db.write() as tx:
        properties.upsert(tx, place.workspace.root_folder_id, {"company": value})


def change_last_row(place: worlds.Place, fields: list[str]) -> None:
    table = place.asset(assets.LOOKUP_TABLE, "Prices")
    with place.world.db.write() as tx:
        rows.change(tx, rows.listed(tx, table.id)[-1].id, fields)
        asset_rows.forget_rows_digest(tx, table.id)


def of_table(place: worlds.Place) -> list[list[str]]:
    table = place.asset(assets.LOOKUP_TABLE, "Prices")
    with place.world.db.read() as tx:
        return rows.of_table(tx, table.id)


def test_a_row_that_no_plan_lists_is_not_overwritten_once_it_was_changed(place: worlds.Place) -> None:
    place.load(prices("".join(f"row {at},1\n" for at in range(MANY))))
    change_last_row(place, ["by hand", "41"])
    plan = place.plan(prices("other,2\n"))
    change_last_row(place, ["by hand", "42"])

    package = place.apply(plan)

    assert packages.Status.FAILED is package.status
    assert f"{TABLE}: what would be overwritten has been changed since" in "\n".join(package.error_parts)
    assert ["by hand", "42"] == of_table(place)[-1][:2]


def test_rows_that_stay_are_nothing_that_a_plan_rests_on(place: worlds.Place) -> None:
    place.load(prices("row,1\n"))
    renamed = {"costs.lookup_table.json": worlds.lookup_table("Prices")}
    plan = place.plan(renamed)
    change_last_row(place, ["by hand", "42"])

    package = place.apply(plan)

    assert packages.Status.COMPLETED is package.status, package.error_parts
    assert ["by hand", "42"] == of_table(place)[-1][:2]


def test_a_table_that_would_go_is_not_deleted_once_a_row_was_changed(place: worlds.Place) -> None:
    place.load(prices("row,1\n") | {"a.recipe.json": worlds.Recipe("A").bytes})
    change_last_row(place, ["by hand", "41"])
    plan = place.plan({"a.recipe.json": worlds.Recipe("A").bytes}, prune=True)
    change_last_row(place, ["by hand", "42"])

    package = place.apply(plan)

    assert packages.Status.FAILED is package.status
    assert ["by hand", "42"] == of_table(place)[-1][:2]


@pytest.mark.parametrize("arrives", [True, False])
def test_a_property_keeps_the_value_that_was_set_since(place: worlds.Place, arrives: bool) -> None:
    place.load(declared())
    set_company(place, "first")
    place.bind(bindings.Scope(None, {"company": "bound"}))
    uses = worlds.Recipe("Uses").step(
        "logger", "log_message", {"message": "#{_('data.workato.job_context.account_properties.company')}"}
    )
    plan = place.plan(declared() if arrives else {"uses.recipe.json": uses.bytes})
    set_company(place, "by hand")

    package = place.apply(plan)

    assert packages.Status.FAILED is package.status
    assert f"{PROPERTIES}: what would be overwritten has been changed since" in "\n".join(package.error_parts)


def test_a_plan_holds_no_value_of_a_property(place: worlds.Place) -> None:
    place.load(declared())
    set_company(place, "a secret of ours")
    place.bind(bindings.Scope(None, {"company": "another secret"}))

    plan = place.plan(declared())

    assert plan.content
    assert plan.content.changes
    assert "secret" not in repr(plan)


def test_a_plan_holds_once_its_warning_was_followed(place: worlds.Place) -> None:
    shop = worlds.reference("shop.connection.json", "Shop")
    files = {"shop.connection.json": worlds.connection("Shop")}
    place.load(files)
    plan = place.plan(files | {"main.recipe.json": worlds.Recipe("Main").uses("rest", shop).bytes})
    place.authorize("Shop")

    package = place.apply(plan)

    assert plan.content
    assert [proposals.Code.UNAUTHORIZED] == [each.code for each in plan.content.warnings]
    assert packages.Status.COMPLETED is package.status, package.error_parts


def test_bindings_that_were_set_after_a_plan_was_accepted_are_named(place: worlds.Place) -> None:
    plan = place.plan({"a.recipe.json": worlds.Recipe("A").bytes})
    package = plan_import.apply(place.world.deed, place.workspace.id, plan.id)
    place.bind(bindings.Scope(None, {"company": "bound"}))

    import_package.run(place.world.deed, package.id)

    assert "the bindings are others by now" in "\n".join(place.package(package.id).error_parts)


def test_a_folder_that_goes_after_a_plan_was_accepted_is_named(place: worlds.Place) -> None:
    with place.world.db.write() as tx:
        home = folders.create(tx, place.project, "Home")
    shared = {"chat.connection.json": worlds.connection("Chat", root_folder=True)}
    plan = place.plan(shared, folder_id_for_home_assets=home.id)
    package = plan_import.apply(place.world.deed, place.workspace.id, plan.id)
    with place.world.db.write() as tx:
        folders.delete(tx, home)

    import_package.run(place.world.deed, package.id)

    assert packages.Status.FAILED is place.package(package.id).status
    assert f"the folder {home.id} that was named for shared assets is gone" in place.package(package.id).error_parts
