"""Gates without the engine: asked before a transfer is accepted, and again in the transaction that writes it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import worlds
from recipeyard.model import activities, assets, bindings, deployments, errors, gates, linting, packages, proposals
from recipeyard.sql import activities as activity_rows
from recipeyard.sql import environments
from recipeyard.sql import gates as gate_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import gating, import_package, plan_import, writing

ANN, BEN = activities.Actor(1, "Ann"), activities.Actor(2, "Ben")
FROZEN = gates.Freeze(datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC), "audit")
ERRORS = dict.fromkeys(linting.Rule, gates.Severity.ERROR)
DANGLING = worlds.Recipe("Pills").step("logger", "log_message", {"message": "=_('data.logger.gone.x')"})
WRONG = {"pills.recipe.json": DANGLING.bytes}


def gated(place: worlds.Place, **wanted: Any) -> None:
    with place.world.db.write() as tx:
        gating.change(tx, place.workspace.id, gates.Gates(**wanted), None)


def approve(place: worlds.Place, plan: proposals.Plan, *people: activities.Actor) -> gates.Beside:
    for actor in people:
        with place.world.db.by(actor).write() as tx:
            told = gating.approve(tx, place.workspace.id, plan.id, None)
    return told


def unmet(place: worlds.Place, plan: proposals.Plan) -> list[str]:
    with place.world.db.read() as tx:
        return [str(each) for each in gating.beside(tx, plan).unmet]


def notices(told: tuple[proposals.Notice, ...]) -> list[str]:
    return [f"{each.code} {each}" for each in told]


def content(plan: proposals.Plan) -> proposals.Content:
    assert plan.content, plan.error_parts
    return plan.content


def logged(place: worlds.Place) -> list[activities.Activity]:
    by = activities.Filter(events=("break_glass",))
    with place.world.db.read() as tx:
        return list(activity_rows.listed(tx, place.workspace.id, by, limit=10))


def test_where_nobody_has_set_gates_all_are_open(place: worlds.Place) -> None:
    with place.world.db.read() as tx:
        assert gates.Kept(gates.Gates()) == gate_rows.find(tx, place.workspace.id)


def test_a_plan_waits_for_as_many_other_people_as_are_asked_for(place: worlds.Place) -> None:
    gated(place, approvals=2)
    plan = place.plan(worlds.project())
    approve(place, plan, ANN, ANN)

    with pytest.raises(errors.Unprocessable, match=r"approvals: 2 other people must approve plan \d+, 1 did"):
        place.apply(plan)
    approve(place, plan, BEN)
    assert packages.Status.COMPLETED is place.apply(plan).status


def test_nobody_approves_a_plan_of_their_own_and_the_operators_tokens_are_one_person(place: worlds.Place) -> None:
    plan = place.plan(worlds.project())

    with pytest.raises(errors.Forbidden, match="own; other people approve it"):
        approve(place, plan, activities.Actor(None, "another token"))


def test_an_approval_is_taken_back_by_whoever_gave_it_alone(place: worlds.Place) -> None:
    gated(place, approvals=1)
    plan = place.plan(worlds.project())
    approve(place, plan, ANN)

    with place.world.db.by(BEN).write() as tx, pytest.raises(errors.NotFound):
        gating.withdraw(tx, place.workspace.id, plan.id)
    with place.world.db.by(ANN).write() as tx:
        assert () == gating.withdraw(tx, place.workspace.id, plan.id).approvals
    assert [f"approvals: 1 other person must approve plan {plan.id}, 0 did"] == unmet(place, plan)


def test_an_approval_that_is_taken_back_before_the_work_is_done_counts_no_more(place: worlds.Place) -> None:
    gated(place, approvals=1)
    plan = place.plan(worlds.project())
    approve(place, plan, ANN)
    package = plan_import.apply(place.world.deed, place.workspace.id, plan.id)
    with place.world.db.by(ANN).write() as tx:
        gate_rows.withdraw(tx, plan.id)

    import_package.run(place.world.deed, package.id)

    told = f"approvals: 1 other person must approve plan {plan.id}, 0 did"
    assert (packages.Status.FAILED, (told,)) == (
        place.package(package.id).status,
        place.package(package.id).error_parts,
    )


def test_an_applied_plan_is_approved_no_more(place: worlds.Place) -> None:
    plan = place.plan(worlds.project())
    place.apply(plan)

    with pytest.raises(errors.Conflict, match="applied already"):
        approve(place, plan, ANN)


def test_an_import_without_a_plan_is_refused_where_approvals_are_required(place: worlds.Place) -> None:
    gated(place, approvals=1, freezes=(FROZEN,))

    with pytest.raises(errors.Unprocessable) as refused:
        place.load(worlds.project())
    lines = [
        "approvals: 1 other person must approve what comes here: make a plan, have it approved, apply it",
        "change_windows: frozen until 2120-01-01T00:00+00:00: audit",
    ]
    assert lines == refused.value.message.split("\n")[1:]


def test_a_gate_that_closes_before_the_work_is_done_fails_the_import(place: worlds.Place) -> None:
    deed = place.world.deed
    deed.blobs.put("uploads/late/data.zip", [worlds.zipped(worlds.project())])
    target = (place.workspace.id, place.project.id)
    package = import_package.request(deed, target, packages.Options(), "uploads/late/data.zip", "data.zip")
    gated(place, freezes=(FROZEN,))

    import_package.run(deed, package.id)

    ended = place.package(package.id)
    assert packages.Status.FAILED is ended.status
    assert ("change_windows: frozen until 2120-01-01T00:00+00:00: audit",) == ended.error_parts


def test_outside_of_every_window_nothing_is_applied_and_the_plan_stays_good(place: worlds.Place) -> None:
    later = (datetime.now(UTC) + timedelta(days=3)).weekday()
    window = gates.Window((gates.DAYS[later],), "09:00", "10:00", "Asia/Tokyo")
    plan = place.plan(worlds.project())
    gated(place, windows=(window,))

    closed = [f"change_windows: closed now; open {gates.DAYS[later]} 09:00-10:00 Asia/Tokyo"]
    assert closed == unmet(place, plan)
    with pytest.raises(errors.Unprocessable, match="closed now"):
        place.apply(plan)
    gated(place, windows=(window, gates.Window(gates.DAYS, "00:00", "24:00", "UTC")))
    assert packages.Status.COMPLETED is place.apply(plan).status


def test_what_lint_finds_is_a_warning_or_a_blocker_with_path_and_step(place: worlds.Place) -> None:
    gated(place, lint={linting.Rule.DANGLING: gates.Severity.WARNING})
    warned = content(place.plan(WRONG))
    gated(place, lint={linting.Rule.DANGLING: gates.Severity.ERROR})
    blocked = content(place.plan(WRONG))

    told = "lint pills.recipe.json: dangling_pills: step 1: a data pill names step 'gone', which is not there"
    assert ([told], [], [], [told]) == tuple(
        notices(each) for each in (warned.warnings, warned.blockers, blocked.warnings, blocked.blockers)
    )


def test_lint_looks_at_what_is_made_or_updated_alone(place: worlds.Place) -> None:
    place.load(WRONG)
    gated(place, lint=ERRORS)

    package = place.load(WRONG | {"good.recipe.json": worlds.Recipe("Good").bytes})

    assert packages.Status.COMPLETED is package.status, package.error_parts


def test_an_import_that_lint_refuses_fails_and_leaves_its_plan(place: worlds.Place) -> None:
    gated(place, lint=ERRORS)

    package = place.load(WRONG)

    assert packages.Status.FAILED is package.status
    assert "dangling_pills: step 1" in package.error_parts[0]
    assert ["lint"] == [each.code for each in place.plan_of(package).blockers]


def test_gates_that_were_changed_since_count_as_they_are_when_a_plan_is_applied(place: worlds.Place) -> None:
    plan, other = place.plan(WRONG), place.plan(WRONG)
    gated(place, lint=ERRORS)

    refused = place.apply(plan)
    strict = place.plan(WRONG)
    gated(place)

    assert (packages.Status.FAILED, "dangling_pills" in refused.error_parts[0]) == (refused.status, True)
    assert ["lint"] == [each.code for each in content(strict).blockers]
    assert other.fingerprint == strict.fingerprint
    assert packages.Status.COMPLETED is place.apply(strict).status


class Line:
    """A test and a production of one development."""

    def __init__(self, world: worlds.World) -> None:
        self.development, self.test, self.production = (world.workspace() for _ in range(3))
        with world.db.write() as tx:
            for environment, target in (("test", self.test), ("prod", self.production)):
                wanted = deployments.Environment(environment)
                environments.bind(tx, self.development.workspace.id, wanted, target.workspace.id)


def test_only_what_ran_in_the_test_comes_to_the_production(world: worlds.World) -> None:
    line = Line(world)
    files = {"a.recipe.json": worlds.Recipe("A").bytes, "b.recipe.json": worlds.Recipe("B").bytes}
    for place in (line.test, line.development):
        place.load(files)
    assert not line.test.start("A").all + line.development.start("B").all
    gated(line.production, ran_in=gates.Trusted.TEST)

    plan = line.production.plan(files)
    line.test.start("B")

    told = ["gate b.recipe.json: ran_in: recipe 'B' has not run in the test as it would be here"]
    assert told == notices(content(plan).blockers)
    assert packages.Status.COMPLETED is line.production.load(files).status


def test_a_recipe_that_ran_counts_where_bindings_spell_it_otherwise(world: worlds.World) -> None:
    line = Line(world)
    files = {
        "a.recipe.json": worlds.Recipe("A").step("logger", "log_message", {"message": '=lookup("Codes", 1)'}).bytes
    }
    for place in (line.test, line.production):
        place.load({"codes.lookup_table.json": worlds.lookup_table(f"Codes of {place.workspace.name}")})
        made = place.asset(assets.LOOKUP_TABLE, f"Codes of {place.workspace.name}").id
        place.bind(bindings.Reference(assets.LOOKUP_TABLE, "Codes", made))
    line.test.load(files)
    assert not line.test.start("A").all
    gated(line.production, ran_in=gates.Trusted.TEST)

    package = line.production.load(files)

    assert packages.Status.COMPLETED is package.status, package.error_parts
    asset = line.production.asset(assets.RECIPE, "A")
    assert asset.content != asset.arrived


def test_a_recipe_that_is_merged_with_changes_of_here_ran_nowhere(world: worlds.World) -> None:
    line = Line(world)
    said = [worlds.Recipe("A").step("logger", "log_message", {"message": "a"}) for _ in range(3)]
    base, here, there = (each.step("logger", "log_message", {"message": "b"}).value for each in said)
    here["code"]["block"][0]["input"] = {"message": "of here"}
    there["code"]["block"][1]["input"] = {"message": "of there"}
    line.production.load({"a.recipe.json": worlds.document(base)})
    with world.db.write() as tx:
        desk = writing.Desk(tx, workspace_rows.lock(tx, line.production.workspace.id))
        writing.revise(desk, line.production.asset(assets.RECIPE, "A"), worlds.document(here).decode())
    line.test.load({"a.recipe.json": worlds.document(there)})
    line.test.start("A")
    gated(line.production, ran_in=gates.Trusted.TEST)

    merged, taken = (
        content(line.production.plan({"a.recipe.json": worlds.document(there)}, on_conflict=policy))
        for policy in (packages.Policy.MERGE, packages.Policy.INCOMING)
    )

    assert [packages.Policy.MERGE] == [each.resolution for each in merged.changes]
    assert ["gate"] == [each.code for each in merged.blockers]
    assert () == taken.blockers


def test_another_version_than_ran_in_the_development_does_not_come(world: worlds.World) -> None:
    line = Line(world)
    line.development.load({"a.recipe.json": worlds.Recipe("A").bytes})
    line.development.start("A")
    gated(line.production, ran_in=gates.Trusted.DEVELOPMENT)
    newer = {"a.recipe.json": worlds.Recipe("A").step("logger", "log_message", {"message": "x"}).bytes}

    assert packages.Status.FAILED is line.production.load(newer).status
    assert packages.Status.COMPLETED is line.production.load({"a.recipe.json": worlds.Recipe("A").bytes}).status


def test_only_a_workspace_that_the_operator_has_bound_is_trusted(world: worlds.World) -> None:
    line = Line(world)

    for place, which in ((line.development, gates.Trusted.TEST), (line.test, gates.Trusted.TEST)):
        with pytest.raises(errors.Unprocessable, match="ran_in: no workspace is bound as the test of this one"):
            gated(place, ran_in=which)


def test_where_the_trusted_workspace_is_let_go_recipes_do_not_come(world: worlds.World) -> None:
    line = Line(world)
    gated(line.production, ran_in=gates.Trusted.TEST)
    with world.db.write() as tx:
        environments.unbind(tx, line.development.workspace.id)

    package = line.production.load({"a.recipe.json": worlds.Recipe("A").bytes})

    assert ("ran_in: no workspace is bound as the test of this one any more",) == package.error_parts


def test_whoever_breaks_the_glass_passes_every_gate_and_is_written_down(world: worlds.World) -> None:
    line = Line(world)
    everything = {"approvals": 2, "freezes": (FROZEN,), "lint": ERRORS, "ran_in": gates.Trusted.TEST}
    gated(line.production, **everything)

    package = line.production.load(WRONG, break_glass="orders are lost")

    assert packages.Status.COMPLETED is package.status, package.error_parts
    assert "orders are lost" == package.options.break_glass
    [line_of_log] = logged(line.production)
    assert ("orders are lost", ["ran_in", "lint", "approvals", "change_windows"], package.id) == (
        line_of_log.details["reason"],
        line_of_log.details["gates"],
        line_of_log.resource.id,
    )


def test_a_plan_is_applied_past_its_gates_with_a_reason_and_as_it_is(place: worlds.Place) -> None:
    gated(place, approvals=1, lint=ERRORS)
    plan = place.plan(WRONG)

    package = plan_import.apply(place.world.deed, place.workspace.id, plan.id, "orders are lost")
    import_package.run(place.world.deed, package.id)

    assert packages.Status.COMPLETED is place.package(package.id).status, place.package(package.id).error_parts
    assert content(plan) == place.plan_of(package)
    assert [["lint", "approvals"]] == [each.details["gates"] for each in logged(place)]


def test_a_reason_passes_gates_and_nothing_else(place: worlds.Place) -> None:
    place.load({"a.recipe.json": worlds.Recipe("A").bytes})
    place.start("A")
    newer = {"a.recipe.json": worlds.Recipe("A").step("logger", "log_message", {"message": "x"}).bytes}

    package = place.load(newer, break_glass="orders are lost")

    assert packages.Status.FAILED is package.status
    assert "set restart_recipes=true" in package.error_parts[0]
    assert [] == logged(place)


def test_where_the_glass_may_not_be_broken_a_reason_is_refused(place: worlds.Place) -> None:
    gated(place, break_glass=False)

    with pytest.raises(errors.Unprocessable, match="break_glass: is not allowed here"):
        place.load(WRONG, break_glass="orders are lost")


def test_a_rollback_waits_for_approvals_only_where_the_gates_say_so_and_for_no_window(place: worlds.Place) -> None:
    first = place.load(worlds.project())
    gated(place, approvals=1, freezes=(FROZEN,), lint=ERRORS)
    back = place.roll_back(first)
    gated(place, approvals=1, rollbacks=True)

    assert packages.Status.COMPLETED is back.status, back.error_parts
    with pytest.raises(errors.Unprocessable, match="approvals: 1 other person"):
        place.roll_back(back)


def test_gates_are_set_whole_counted_and_logged(place: worlds.Place) -> None:
    wanted = gates.Gates(1, True, (gates.Window(("mon",), "09:00", "17:00", "UTC"),), (FROZEN,), None, ERRORS, False)
    for _ in range(2):
        gated(place, **{name: getattr(wanted, name) for name in gates.Gates.__slots__})

    with place.world.db.read() as tx:
        kept = gate_rows.find(tx, place.workspace.id)
    assert (wanted, 2, activities.OPERATOR) == (kept.gates, kept.version_no, kept.set_by)


def test_gates_that_somebody_else_has_set_since_are_not_overwritten(place: worlds.Place) -> None:
    gated(place)

    with place.world.db.write() as tx, pytest.raises(errors.Conflict, match="at version 1 by now, not at 0"):
        gating.change(tx, place.workspace.id, gates.Gates(), 0)
