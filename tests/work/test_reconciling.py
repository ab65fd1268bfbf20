"""What was changed here and what was changed in what arrives, told apart, and reconciled as the import was asked."""

import pytest

import recipe_documents
import worlds
from recipeyard.model import assets, bindings, merging, packages, proposals
from recipeyard.sql import database, rows
from recipeyard.sql import documents as document_rows
from recipeyard.sql import snapshots as snapshot_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import drifting, lookup_tables, writing

PATH = "tick.recipe.json"
BASE = recipe_documents.recipe(recipe_documents.step("a"), recipe_documents.step("b"))
HERE = recipe_documents.recipe(recipe_documents.step("a", comment="here"), recipe_documents.step("b"))
THERE = recipe_documents.recipe(recipe_documents.step("a"), recipe_documents.step("b", skip=True))
AGAINST = recipe_documents.recipe(recipe_documents.step("a", input={"x": "there"}), recipe_documents.step("b"))
AT_ODDS = recipe_documents.recipe(recipe_documents.step("a", input={"x": "here"}), recipe_documents.step("b"))
Policy = packages.Policy


def load(place: worlds.Place, text: str, policy: Policy = Policy.INCOMING) -> packages.Package:
    return place.load({PATH: text.encode()}, on_conflict=policy)


def plan(place: worlds.Place, text: str, policy: Policy = Policy.INCOMING) -> proposals.Content:
    content = place.plan({PATH: text.encode()}, on_conflict=policy).content
    assert content
    return content


def edit(place: worlds.Place, text: str, kind: str = assets.RECIPE, name: str = "Tick") -> None:
    """Change an asset by hand."""
    with place.world.db.write() as tx:
        writing.revise(desk(tx, place), place.asset(kind, name), text)


def desk(tx: database.Tx, place: worlds.Place) -> writing.Desk:
    return writing.Desk(tx, workspace_rows.lock(tx, place.workspace.id))


def text_of(place: worlds.Place, kind: str = assets.RECIPE, name: str = "Tick") -> str:
    with place.world.db.write() as tx:
        return desk(tx, place).text(place.asset(kind, name))


def drifted(place: worlds.Place, here: str = HERE) -> None:
    """A recipe that a package deployed and somebody changed."""
    assert load(place, BASE).status is packages.Status.COMPLETED
    edit(place, here)


def test_what_nobody_changed_here_is_updated_without_a_word(place: worlds.Place) -> None:
    load(place, BASE)

    for policy in Policy:
        found = plan(place, THERE, policy)

        assert [(proposals.Action.UPDATE, False)] == [(line.action, line.drifted) for line in found.changes]
        assert ((), ()) == (found.blockers, found.warnings)


def test_by_default_a_change_of_here_is_overwritten_saying_whose_and_since_when(place: worlds.Place) -> None:
    drifted(place)

    found = plan(place, BASE)

    assert [(proposals.Action.UPDATE, True, None)] == [
        (line.action, line.drifted, line.resolution) for line in found.changes
    ]
    assert [proposals.Code.DRIFT] == [notice.code for notice in found.warnings]
    assert "recipe 'Tick' was changed here by API client at " in found.warnings[0].message
    assert "(version 2) since package" in found.warnings[0].message
    assert found.warnings[0].message.endswith("; that is overwritten")


def test_by_default_what_arrives_wins_a_conflict(place: worlds.Place) -> None:
    drifted(place)

    found = plan(place, THERE)
    package = load(place, THERE)

    assert [(proposals.Action.CONFLICT, True, Policy.INCOMING)] == [
        (line.action, line.drifted, line.resolution) for line in found.changes
    ]
    assert [proposals.Code.CONFLICT] == [notice.code for notice in found.warnings]
    assert packages.Status.COMPLETED is package.status
    assert THERE == text_of(place)


@pytest.mark.parametrize("arriving", [BASE, THERE])
def test_fail_refuses_what_would_be_overwritten_and_changes_nothing(place: worlds.Place, arriving: str) -> None:
    drifted(place)
    before = place.world.counts()

    found = plan(place, arriving, Policy.FAIL)
    package = load(place, arriving, Policy.FAIL)

    assert 1 == len(found.blockers)
    assert packages.Status.FAILED is package.status
    assert "recipe 'Tick' was changed here by API client" in package.error_parts[0]
    assert before == place.world.counts()
    assert HERE == text_of(place)


@pytest.mark.parametrize("arriving", [BASE, THERE])
def test_target_leaves_what_is_here_as_it_is(place: worlds.Place, arriving: str) -> None:
    drifted(place)
    before = place.asset(assets.RECIPE, "Tick")

    package = load(place, arriving, Policy.TARGET)

    assert packages.Status.COMPLETED is package.status
    assert {PATH: "unchanged"} == place.actions(package)
    assert "recipe 'Tick' was changed here by API client" in package.warnings[0]
    assert before == place.asset(assets.RECIPE, "Tick")


def test_a_merge_keeps_the_changes_of_both_sides(place: worlds.Place) -> None:
    drifted(place)

    package = load(place, THERE, Policy.MERGE)

    assert packages.Status.COMPLETED is package.status, package.error_parts
    assert merging.merge(BASE, HERE, THERE).text == text_of(place)
    assert [(proposals.Action.CONFLICT, Policy.MERGE)] == [
        (line.action, line.resolution) for line in place.plan_of(package).changes
    ]


def test_a_merge_goes_on_with_the_next_package(place: worlds.Place) -> None:
    drifted(place)
    load(place, THERE, Policy.MERGE)
    later = recipe_documents.recipe(recipe_documents.step("a"), recipe_documents.step("b", skip=True), concurrency=5)

    load(place, later, Policy.MERGE)

    assert merging.merge(BASE, HERE, later).text == text_of(place)


def test_a_merge_leaves_a_change_that_nothing_arrives_for(place: worlds.Place) -> None:
    drifted(place)

    package = load(place, BASE, Policy.MERGE)

    assert {PATH: "unchanged"} == place.actions(package)
    assert package.warnings[0].endswith("; it stays as it is here")
    assert HERE == text_of(place)


def test_a_merge_refuses_what_does_not_go_together_by_step(place: worlds.Place) -> None:
    drifted(place, AT_ODDS)

    found = plan(place, AGAINST, Policy.MERGE)

    assert [proposals.Code.CONFLICT] == [notice.code for notice in found.blockers]
    assert "step" in found.blockers[0].message.partition("; ")[2]
    assert packages.Status.FAILED is load(place, AGAINST, Policy.MERGE).status
    assert AT_ODDS == text_of(place)


def test_what_no_package_ever_deployed_was_made_here(place: worlds.Place) -> None:
    with place.world.db.write() as tx:
        writing.create(desk(tx, place), assets.RECIPE, BASE, place.project.id)

    found = {policy: plan(place, THERE, policy) for policy in Policy}

    assert [proposals.Action.CONFLICT] == [line.action for line in found[Policy.INCOMING].changes]
    assert "no package ever deployed it; " in found[Policy.INCOMING].warnings[0].message
    assert () == found[Policy.TARGET].changes
    assert found[Policy.FAIL].blockers
    assert found[Policy.MERGE].blockers[0].message.endswith("without a base nothing can be merged")


def test_a_change_that_was_made_on_both_sides_is_no_drift_afterwards(place: worlds.Place) -> None:
    drifted(place)
    load(place, HERE, Policy.FAIL)
    later = recipe_documents.recipe(recipe_documents.step("a", comment="here"))

    found = plan(place, later, Policy.FAIL)

    assert ((), [False]) == (found.blockers, [line.drifted for line in found.changes])


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize("arriving", [BASE, THERE])
def test_a_plan_of_an_applied_package_is_empty_under_every_policy(
    place: worlds.Place, policy: Policy, arriving: str
) -> None:
    drifted(place)
    package = load(place, arriving, policy)

    found = plan(place, arriving, policy)

    if package.status is packages.Status.COMPLETED:
        assert ((), ()) == (found.changes, found.blockers)


def test_policies_are_each_kinds_own(place: worlds.Place) -> None:
    files = {PATH: BASE.encode(), "crm.connection.json": worlds.connection("CRM")}
    place.load(files)
    edit(place, HERE)
    edit(place, worlds.connection("CRM", "slack").decode(), assets.CONNECTION, "CRM")

    package = place.load(files, on_conflict=Policy.TARGET, by_kind=((assets.RECIPE, Policy.INCOMING),))

    assert {PATH: "updated", "crm.connection.json": "unchanged"} == place.actions(package)


def test_kinds_that_do_not_merge_are_refused_in_a_conflict_and_stay_otherwise(place: worlds.Place) -> None:
    table = {"t.lookup_table.json": worlds.lookup_table("T", "a,1\n")}
    place.load(table)
    with place.world.db.write() as tx:
        found = place.asset(assets.LOOKUP_TABLE, "T")
        lookup_tables.add_row(tx, place.workspace.id, found.id, {"Column 1": "b"})

    same = place.load(table, on_conflict=Policy.MERGE)
    other = place.load({"t.lookup_table.json": worlds.lookup_table("T", "c,3\n")}, on_conflict=Policy.MERGE)

    assert {"t.lookup_table.json": "unchanged"} == place.actions(same)
    assert "the rows of lookup table 'T' were changed here since package" in same.warnings[0]
    assert "only recipes merge" in other.error_parts[0]
    with place.world.db.read() as tx:
        assert ["a", "b"] == [row[0] for row in rows.of_table(tx, found.id)]


def test_rows_that_were_changed_here_are_drift_only_where_rows_arrive(place: worlds.Place) -> None:
    place.load({"t.lookup_table.json": worlds.lookup_table("T", "a,1\n")})
    with place.world.db.write() as tx:
        found = place.asset(assets.LOOKUP_TABLE, "T")
        lookup_tables.add_row(tx, place.workspace.id, found.id, {"Column 1": "b"})

    with_rows = place.load({"t.lookup_table.json": worlds.lookup_table("T", "a,1\n")}, on_conflict=Policy.FAIL)
    without = place.load({"t.lookup_table.json": worlds.lookup_table("T")}, on_conflict=Policy.FAIL)

    assert packages.Status.FAILED is with_rows.status
    assert packages.Status.COMPLETED is without.status, without.error_parts


def test_property_files_are_united_and_never_conflict(place: worlds.Place) -> None:
    path = "account_properties.properties.json"
    place.load({path: worlds.document({"a": None})})
    place.load({path: worlds.document({"b": None})})

    package = place.load({path: worlds.document({"a": None, "c": None})}, on_conflict=Policy.FAIL)

    assert packages.Status.COMPLETED is package.status, package.error_parts


def renamed_connector(*messages: str) -> dict[str, bytes]:
    """A recipe that calls a custom connector by another name than it has here."""
    reference = worlds.reference("my_api.custom_adapter.json", "My API")
    recipe = worlds.Recipe("Uses").uses("old_connector", worlds.reference("mine.connection.json", "Mine"))
    for message in messages:
        recipe.step("logger", "log_message", {"message": message})
    return {
        "my_api.custom_adapter.json": worlds.document({"title": "My API"}),
        "my_api.custom_adapter.rb": b"{ title: 'My API' }",
        "mine.connection.json": worlds.document({"name": "Mine", "provider": reference, "root_folder": False}),
        "uses.recipe.json": recipe.bytes,
    }


@pytest.fixture
def renamed(place: worlds.Place) -> worlds.Place:
    """A place where that recipe was changed on its way in."""
    place.load({name: content for name, content in renamed_connector().items() if "uses" not in name})
    place.load(renamed_connector("log"))
    recipe = place.asset(assets.RECIPE, "Uses")
    assert recipe.content != recipe.arrived
    return place


def test_recipes_that_call_a_connector_by_its_name_here_have_not_drifted(renamed: worlds.Place) -> None:
    package = renamed.load(renamed_connector("log", "more"), on_conflict=Policy.FAIL)

    assert packages.Status.COMPLETED is package.status, package.error_parts
    assert [False] == [line.drifted for line in renamed.plan_of(package).changes]


def test_what_was_merged_and_changed_on_its_way_in_is_merged_again(renamed: worlds.Place) -> None:
    edit(renamed, text_of(renamed, name="Uses").replace('"concurrency": 1', '"concurrency": 7'), name="Uses")
    for messages in (("other",), ("other", "more")):
        package = renamed.load(renamed_connector(*messages), on_conflict=Policy.MERGE)
        assert packages.Status.COMPLETED is package.status, package.error_parts
        assert [True] == [line.drifted for line in renamed.plan_of(package).changes]

    left = text_of(renamed, name="Uses")

    assert '"concurrency": 7' in left
    assert '"more"' in left
    assert "old_connector" not in left


def test_a_merge_that_was_taken_back_to_is_merged_again(place: worlds.Place) -> None:
    drifted(place)
    load(place, THERE, Policy.MERGE)
    later = recipe_documents.recipe(recipe_documents.step("a"), recipe_documents.step("b", skip=True), concurrency=5)
    unwanted = load(place, recipe_documents.recipe(recipe_documents.step("a")))
    taken_back = place.roll_back(unwanted)
    assert packages.Status.COMPLETED is taken_back.status, taken_back.error_parts

    load(place, later, Policy.MERGE)

    assert merging.merge(BASE, HERE, later).text == text_of(place)


def test_what_a_merge_rests_on_is_forgotten_with_its_package(renamed: worlds.Place) -> None:
    edit(renamed, text_of(renamed, name="Uses").replace('"concurrency": 1', '"concurrency": 7'), name="Uses")
    package = renamed.load(renamed_connector("other"), on_conflict=Policy.MERGE)
    alone = renamed.results(package)["uses.recipe.json"].digest

    with renamed.world.db.write() as tx:
        before = document_rows.known(tx, [alone])
        snapshot_rows.let_go(tx, package.id)
        after = document_rows.known(tx, [alone])

    assert ({alone}, set()) == (before, after)


def test_rows_that_a_rule_mixes_are_no_drift(place: worlds.Place) -> None:
    place.bind(bindings.Rule(assets.LOOKUP_TABLE, "T", bindings.Policy.INSERT, ("Column 1",)))
    place.load({"t.lookup_table.json": worlds.lookup_table("T", "a,1\n")})
    with place.world.db.write() as tx:
        found = place.asset(assets.LOOKUP_TABLE, "T")
        lookup_tables.add_row(tx, place.workspace.id, found.id, {"Column 1": "b"})

    package = place.load({"t.lookup_table.json": worlds.lookup_table("T", "a,1\nc,3\n")}, on_conflict=Policy.FAIL)

    assert packages.Status.COMPLETED is package.status, package.error_parts
    with place.world.db.read() as tx:
        assert ["a", "b", "c"] == [row[0] for row in rows.of_table(tx, found.id)]
        assert () == drifting.drift(tx, place.workspace, place.project.id).items


def test_what_was_moved_there_stays_where_it_is_with_a_change_of_here(place: worlds.Place) -> None:
    files = {PATH: BASE.encode(), "project.json": worlds.document({"description": ""})}
    place.load(files)
    edit(place, HERE)

    package = place.load(
        {f"Sub/{PATH}": BASE.encode(), "project.json": files["project.json"]}, on_conflict=Policy.TARGET
    )

    assert packages.Status.COMPLETED is package.status, package.error_parts
    assert place.project.id == place.asset(assets.RECIPE, "Tick").folder_id


def test_what_stays_goes_on_to_refer_to_what_it_refers_to(place: worlds.Place) -> None:
    files = worlds.project()
    place.load(files)
    edit(place, worlds.Recipe("First").step("logger", "log_message", {}).bytes.decode(), name="First")

    package = place.load(
        files | {"first.recipe.json": worlds.Recipe("First").calls("x", "X").bytes}, on_conflict=Policy.TARGET
    )

    assert set() == place.meant("First")
    assert 1 == len(package.warnings)
