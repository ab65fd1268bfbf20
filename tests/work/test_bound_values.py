"""Values that are bound to properties; and a promotion that, once all is bound, needs nobody to say anything."""

import pytest

import worlds
from recipeyard.model import assets, bindings, packages, proposals
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import properties, rows

ACCOUNT_FILE, PROJECT_FILE = "account_properties.properties.json", "properties.project_properties.json"
PILL = "#{_('data.workato.job_context.account_properties.url')}"
USES = {"a.recipe.json": worlds.Recipe("A").step("logger", "log_message", {"message": PILL}).bytes}


def values(place: worlds.Place) -> dict[str, str | None]:
    """The properties of the workspace, and then those of the project."""
    with place.world.db.read() as tx:
        own = properties.of_folder(tx, place.workspace.root_folder_id)
        return own | {f"project {name}": value for name, value in properties.of_folder(tx, place.project.id).items()}


def lines(place: worlds.Place, package: packages.Package) -> dict[str, proposals.Line]:
    """What a package's plan said, by path."""
    return {line.path: line for line in place.plan_of(package).changes}


def test_values_are_set_in_their_scope_and_no_others(place: worlds.Place) -> None:
    place.bind(
        bindings.Scope(None, {"company": "Live Ltd.", "elsewhere": "x"}),
        bindings.Scope("Project", {"rate": "3"}),
    )

    package = place.load(worlds.project())

    assert {"company": "Live Ltd.", "project rate": "3"} == values(place)
    assert proposals.Code.UNSET_PROPERTY not in [each.code for each in place.plan_of(package).warnings]


def test_the_plan_says_which_values_change_and_not_what_they_are(place: worlds.Place) -> None:
    place.load(worlds.project())
    place.bind(bindings.Scope(None, {"company": "Live Ltd."}))

    package = place.load(worlds.project())
    again = place.load(worlds.project())

    line = lines(place, package)[ACCOUNT_FILE]
    assert line.diff
    assert line.diff.document
    assert [("values.company", "added", None, None)] == [
        (each.path, each.change, each.before, each.after) for each in line.diff.document.fields
    ]
    assert "Live" not in str(place.plan_of(package))
    assert {} == lines(place, again)
    bound = proposals.Bound(ACCOUNT_FILE, assets.ACCOUNT_PROPERTIES, "company", None, "a value of its own")
    assert (bound,) == place.plan_of(again).bindings


def test_a_property_that_is_only_used_has_its_value_too(place: worlds.Place) -> None:
    place.bind(bindings.Scope(None, {"url": "https://live"}))

    package = place.load(USES)

    assert ({"url": "https://live"}, ()) == (values(place), package.warnings)
    assert {"a.recipe.json", ACCOUNT_FILE} == lines(place, package).keys()
    assert {} == lines(place, place.load(USES))


def test_a_value_that_somebody_changed_is_set_again(place: worlds.Place) -> None:
    place.bind(bindings.Scope(None, {"company": "Live Ltd."}))
    place.load(worlds.project())
    with place.world.db.write() as tx:
        properties.upsert(tx, place.workspace.root_folder_id, {"company": "Other"})

    place.load(worlds.project())

    assert "Live Ltd." == values(place)["company"]


def test_a_value_may_belong_to_another_name_here(place: worlds.Place) -> None:
    place.bind(bindings.Scope(None, {"live url": "https://live"}, {"url": "live url"}))

    place.load(USES)

    assert {"live url": "https://live"} == values(place)


@pytest.mark.parametrize("before", [None, "Other"])
def test_a_rollback_gives_values_back(place: worlds.Place, before: str | None) -> None:
    place.load(worlds.project())
    if before:
        with place.world.db.write() as tx:
            properties.upsert(tx, place.workspace.root_folder_id, {"company": before})
    place.bind(bindings.Scope(None, {"company": "Live Ltd.", "url": "https://live"}))
    package = place.load(worlds.project() | USES)
    after = values(place)

    place.roll_back(package)

    assert ({"company": before, "project rate": None}) == values(place)
    assert {"company": "Live Ltd.", "url": "https://live", "project rate": None} == after


def test_a_rollback_gives_rows_and_links_back(place: worlds.Place) -> None:
    place.load(worlds.project())
    table, crm = place.asset(assets.LOOKUP_TABLE, "Prices").id, place.asset(assets.CONNECTION, "CRM").id
    live = place.make(assets.CONNECTION, worlds.connection("CRM Live"), "rest")
    place.bind(
        bindings.Reference(assets.CONNECTION, "CRM", live),
        bindings.Rule(assets.LOOKUP_TABLE, "Prices", bindings.Policy.UPDATE, ("Column 1",)),
    )
    with place.world.db.read() as tx:
        before = rows.listed(tx, table)
    package = place.load(worlds.project() | {"prices.lookup_table.json": worlds.lookup_table("Prices", "b,3\nc,4\n")})
    turned = place.meant("First")

    back = place.roll_back(package)

    assert packages.Status.COMPLETED is back.status, back.error_parts
    with place.world.db.read() as tx:
        assert before == rows.listed(tx, table)
    assert (live in turned, crm in place.meant("First")) == (True, True)


def test_the_second_promotion_needs_no_input_at_all(place: worlds.Place) -> None:
    source = place.world.workspace()
    source.load(worlds.project())
    live = place.make(assets.CONNECTION, worlds.connection("CRM Live"), "rest")
    place.authorize("CRM Live")
    place.bind(
        bindings.Reference(assets.CONNECTION, "CRM", live),
        bindings.Scope(None, {"company": "Live Ltd."}),
        bindings.Rule(assets.LOOKUP_TABLE, "Prices", bindings.Policy.UPDATE, ("Column 1",)),
    )
    first = place.load_archive(source.export_archive(include_data=True))
    with place.world.db.write() as tx:
        rows.add(tx, place.asset(assets.LOOKUP_TABLE, "Prices").id, ["local", "9"])
        asset_rows.forget_rows_digest(tx, place.asset(assets.LOOKUP_TABLE, "Prices").id)
    changed = worlds.project() | {"prices.lookup_table.json": worlds.lookup_table("Prices", "b,3\nc,4\n")}
    crm = worlds.reference("Connections/crm.connection.json", "CRM")
    changed["first.recipe.json"] = worlds.Recipe("First").uses("rest", crm).step("logger", "log", {"n": 1}).bytes
    source.load(changed)

    second = place.load_archive(source.export_archive(include_data=True))

    assert {packages.Status.COMPLETED} == {first.status, second.status}
    assert {"first.recipe.json", "prices.lookup_table.json"} == lines(place, second).keys()
    assert ({live}, "Live Ltd.") == (place.meant("First"), values(place)["company"])
    with place.world.db.read() as tx:
        found = rows.of_table(tx, place.asset(assets.LOOKUP_TABLE, "Prices").id)
        named = asset_rows.named(tx, place.workspace.id, assets.CONNECTION, ["CRM"])
    assert ([["a", "1"], ["b", "3"], ["local", "9"], ["c", "4"]], []) == (found, named)
