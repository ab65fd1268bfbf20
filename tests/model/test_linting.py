"""Lint: what steps tell of themselves, by examples."""

import json
from typing import Any

import pytest

import recipe_documents
from recipeyard.model import documents, linting

PILL = "#{_dp('%s')}"


def found(*block: Any, rule: linting.Rule = linting.Rule.UNREACHABLE) -> list[tuple[int, str]]:
    code = documents.read(recipe_documents.recipe(*block))["code"]
    return [(each.step, each.message) for each in linting.findings(code, [rule])]


def step(alias: str, *block: Any, **more: Any) -> dict[str, Any]:
    return recipe_documents.step(alias, *block, **more)


def stop(**more: Any) -> dict[str, Any]:
    return {"keyword": "stop", "input": {"stop_with_error": "false"}} | more


def branch(keyword: str, condition: tuple[str, str, str] | None, *block: Any, **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if condition:
        left, operand, right = condition
        sides = [{"operand": operand, "lhs": left, "rhs": right, "uuid": str(id(block))}]
        given = {"input": {"type": "compound", "operand": "and", "conditions": sides}}
    return {"keyword": keyword, "block": list(block)} | given | more


def pill(line: str, provider: str = "log") -> str:
    return PILL % json.dumps({"pill_type": "output", "provider": provider, "line": line, "path": ["x"]})


MAYBE = ("#{_dp('{}')}", "equals_to", "a")


def test_what_stands_behind_a_stop_in_its_block_can_not_be_reached() -> None:
    assert [(2, "can't be reached: step 1 always ends the job")] == found(stop(), step("a"))


def test_what_stands_around_a_block_that_stops_can_be_reached() -> None:
    assert [] == found(branch("if", MAYBE, stop()), step("a"))


def test_where_every_branch_stops_what_follows_can_not_be_reached() -> None:
    every = branch("if", MAYBE, stop(), branch("elsif", ("#{b}", "present", ""), stop()), branch("else", None, stop()))
    some = branch("if", MAYBE, stop(), branch("elsif", ("#{b}", "present", "")), branch("else", None, stop()))

    what = "can't be reached: step 1 always ends the job"
    assert [(7, what), (8, what)] == found(every, step("a"), step("b"))
    assert [] == found(some, step("a"), step("b"))


def test_an_if_without_else_a_loop_and_a_try_never_end_a_job_for_sure() -> None:
    for keyword in ("if", "foreach", "try"):
        assert [] == found(branch(keyword, None, stop()), step("a"))


def test_a_stop_that_is_disabled_stops_nothing_and_disabled_steps_are_passed_over() -> None:
    assert [] == found(stop(skip=True), step("a"))
    assert [] == found(stop(), step("a", skip=True))
    assert [] == found(branch("foreach", None, stop(), step("a"), skip=True))


def test_the_tails_of_a_block_do_not_stand_behind_its_steps() -> None:
    assert [] == found(branch("if", MAYBE, stop(), branch("else", None, step("a"))))
    assert [] == found(branch("try", None, stop(), branch("catch", None, step("a"))))


def test_of_a_part_that_can_not_be_reached_only_its_top_is_told() -> None:
    assert [2] == [number for number, _ in found(stop(), branch("foreach", None, stop(), step("a")))]


@pytest.mark.parametrize(
    "condition",
    [("", "present", ""), ("a", "blank", ""), ("a", "equals_to", "b"), ("a", "not_equals_to", "a"),
     ("false", "is_true", ""), ("true", "is_not_true", "")],
)  # fmt: skip
def test_a_branch_whose_condition_never_holds_is_never_taken(condition: tuple[str, str, str]) -> None:
    assert [(2, "can't be reached: the condition of step 1 never holds")] == found(branch("if", condition, step("a")))


@pytest.mark.parametrize(
    "condition",
    [MAYBE, ("=now", "blank", ""), ("1", "equals_to", "1.0"), ("a", "contains", "b"), (" ", "present", ""),
     ("_('data.log.s.x')", "equals_to", "a"), ("yes", "is_true", "")],
)  # fmt: skip
def test_of_a_condition_that_depends_on_something_nothing_is_told(condition: tuple[str, str, str]) -> None:
    assert [] == found(branch("if", condition, step("a"), branch("else", None, step("b"))))


def test_what_follows_a_condition_that_always_holds_is_never_taken() -> None:
    always = branch("if", ("a", "present", ""), step("a"), branch("elsif", MAYBE), branch("else", None, step("b")))

    what = "can't be reached: the condition of step 1 always holds"
    assert [(3, what), (4, what)] == found(always)


def test_the_same_condition_again_is_never_taken_but_for_formulas() -> None:
    twice = branch("if", MAYBE, step("a"), branch("elsif", MAYBE, step("b")))
    formulas = branch("if", ("=rand", "blank", ""), step("a"), branch("elsif", ("=rand", "blank", ""), step("b")))

    assert [(3, "can't be reached: step 1 has the same condition")] == found(twice)
    assert [] == found(formulas)


def test_any_and_all_conditions_count_as_they_say() -> None:
    sides = [{"operand": "present", "lhs": "a", "rhs": ""}, {"operand": "present", "lhs": "", "rhs": ""}]
    either = {"type": "compound", "operand": "or", "conditions": sides}

    assert [] == found(branch("if", None, step("a"), input=either))
    assert [2] == [number for number, _ in found(branch("if", None, step("a"), input=either | {"operand": "and"}))]


def dangling(*block: Any) -> list[tuple[int, str]]:
    return found(*block, rule=linting.Rule.DANGLING)


def test_a_pill_of_a_step_before_it_is_well() -> None:
    assert [] == dangling(branch("if", MAYBE, step("a")), step("b", input={"x": [pill("a") + pill("t", "clock")]}))


def test_a_pill_of_no_step_dangles() -> None:
    assert [(1, "a data pill names step 'gone', which is not there")] == dangling(step("a", input={"x": pill("gone")}))


def test_a_pill_in_a_formula_and_in_a_condition_dangles_too() -> None:
    formula = "=" + pill("gone")[2:-1] + ".upcase"

    assert [1] == [number for number, _ in dangling(step("a", input={"x": formula}))]
    assert [1] == [number for number, _ in dangling(branch("if", (pill("gone"), "present", "")))]


def test_a_pill_in_the_old_notation_dangles_too() -> None:
    properties = "_('data.workato.job_context.account_properties.rate','account_property')"

    assert [1] == [number for number, _ in dangling(step("a", input={"x": "=_('data.log.gone.x')"}))]
    assert [] == dangling(step("a", input={"x": f"=_('data.clock.t.x') + {properties}"}))


def test_a_pill_of_a_step_further_down_dangles() -> None:
    what = "a data pill names step 'b', which stands further down, at 2"

    assert [(1, what)] == dangling(step("a", input={"x": pill("b")}), step("b"))


@pytest.mark.parametrize("keyword", ["foreach", "catch"])
def test_what_a_loop_and_an_error_handler_give_has_a_value_inside_them_alone(keyword: str) -> None:
    inside = step("l", step("a", input={"x": pill("l", keyword)}), keyword=keyword)
    outside = step("b", input={"x": pill("l", keyword)})

    assert [(3, f"a data pill names step 'l' ({keyword}), outside of which it stands")] == dangling(inside, outside)


def test_pills_of_the_job_of_properties_and_of_disabled_steps_name_no_step() -> None:
    job = PILL % json.dumps({"pill_type": "job_context", "path": ["job_id"]})

    assert [] == dangling(step("a", input={"x": job}), step("b", input={"x": pill("gone")}, skip=True))
    assert [] == dangling(step("a", input={"x": "#{_dp('{not json')}"}))


def unhandled(*block: Any) -> list[tuple[int, str]]:
    return found(*block, rule=linting.Rule.UNHANDLED)


def test_an_action_of_an_app_outside_any_try_has_no_error_handling() -> None:
    app = step("a", provider="salesforce", name="search")

    assert [(1, "action search of salesforce stands outside any try")] == unhandled(app)
    assert [2] == [number for number, _ in unhandled(branch("foreach", None, app))]


def test_inside_a_try_and_its_catch_all_is_handled_however_deep() -> None:
    app = step("a", provider="salesforce", name="search")

    assert [] == unhandled(branch("try", None, branch("foreach", None, app), branch("catch", None, app)))


def test_the_platforms_own_actions_and_disabled_ones_need_no_error_handling() -> None:
    assert [] == unhandled(step("a", provider="logger", name="log_message"), step("b", provider="jira", skip=True))


def test_findings_come_in_the_order_of_the_steps() -> None:
    code = documents.read(
        recipe_documents.recipe(step("a", provider="jira", input={"x": pill("gone")}), stop(), stop())
    )["code"]

    told = linting.findings(code, list(linting.Rule))

    assert [(1, "dangling_pills"), (1, "missing_error_handling"), (3, "unreachable_steps")] == [
        (each.step, str(each.rule)) for each in told
    ]


def test_what_is_no_step_tree_has_no_findings() -> None:
    assert [] == linting.findings(None, list(linting.Rule))
