"""Test cases played offline: what passes, and what is said of what does not."""

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import worlds
from recipeyard.model import stubs, test_cases
from recipeyard.runtime import interface
from recipeyard.runtime.cases import playing, testing
from recipeyard.runtime.connectors import workato_recipe_function
from recipeyard.runtime.stepping import programs


def _double(call: interface.Call) -> interface.Result:
    return interface.Result({"number": int(str(call.input["number"])) * 2})


def _rest_a_day(call: interface.Call) -> interface.Result | interface.Wait:
    if call.resumed is None:
        return interface.Wait(state=True, until=call.now + timedelta(days=1))
    return interface.Result({"at": call.now})


CONNECTORS = {
    "workato_recipe_function": workato_recipe_function.CONNECTOR,
    "sums": interface.Connector(
        "sums",
        "Sums",
        actions=(
            interface.Action("double", _double, effect=interface.Effect.PURE),
            interface.Action("rest", _rest_a_day, effect=interface.Effect.PURE),
            interface.Action("ask", _double, effect=interface.Effect.OUTSIDE),
            interface.Action(
                "publish",
                lambda call: interface.Result({"count": call.workspace.publish("topic:1", {})}),
                effect=interface.Effect.HERE,
            ),
        ),
    ),
}
CALLED = ("workato_recipe_function", "execute")


def pill(line: str, *path: str, provider: str = "sums") -> str:
    steps = ",".join(f'"{each}"' for each in path)
    return f'#{{_dp(\'{{"pill_type":"output","provider":"{provider}","line":"{line}","path":[{steps}]}}\')}}'


def charging() -> worlds.Recipe:
    """A recipe that doubles an amount, and charges it."""
    recipe = worlds.Recipe("Charge", trigger=CALLED)
    recipe.step("sums", "double", {"number": pill("t", "parameters", "amount", provider=CALLED[0])})
    return recipe.step("shop", "charge", {"amount": pill("s1", "number"), "currency": "EUR"})


def played(recipes: Mapping[str, worlds.Recipe], *recorded: stubs.Stub, **case: Any) -> testing.Report:
    """The report of a case for recipe 1."""
    return played_values({key: each.value for key, each in recipes.items()}, *recorded, **case)


def played_values(values: Mapping[str, dict[str, Any]], *recorded: stubs.Stub, **case: Any) -> testing.Report:
    """`played` for recipes as documents."""
    wanted: dict[str, Any] = {"name": "Case", "recipe": worlds.reference("charge.recipe.json", "Charge"), **case}
    compiled = {key: programs.compile_document(each) for key, each in values.items()}
    bench = playing.Bench(CONNECTORS, compiled.get, lambda *_: None, recorded)
    return testing.run(test_cases.parse(wanted), "1", bench)


def said(report: testing.Report) -> list[str]:
    return [each.message for each in report.findings]


AMOUNT = {"parameters": {"amount": 4}}
CHARGED = {"s2": {"output": {"id": "c1"}}}


def test_a_case_passes_where_all_is_as_expected() -> None:
    expected = {"steps": {"s2": {"input": {"amount": 8}, "ran": True, "times": 1}}}

    report = played({"1": charging()}, trigger=AMOUNT, stubs=CHARGED, expected=expected)

    assert [] == said(report)
    assert report.passed
    assert (test_cases.Status.SUCCEEDED, (1, 2), (1, 2)) == (report.status, tuple(report.ran), report.steps)


def test_a_difference_names_step_field_and_values() -> None:
    expected = {"steps": {"s2": {"input": {"amount": 9, "currency": "EUR"}}}}

    report = played({"1": charging()}, trigger=AMOUNT, stubs=CHARGED, expected=expected)

    assert ["step 2 (s2): input.amount is 8; expected: 9"] == said(report)
    assert (2, "input.amount", 9, 8) == (
        report.findings[0].step,
        report.findings[0].path,
        report.findings[0].expected,
        report.findings[0].found,
    )


def test_a_step_that_reaches_out_needs_a_stub() -> None:
    report = played({"1": worlds.Recipe("A", trigger=CALLED).step("sums", "ask", {})})

    assert ["step 1 (s1): ask of sums needs a stub"] == said(report)
    assert report.status is None


def test_a_step_that_changes_the_workspace_needs_a_stub() -> None:
    report = played({"1": worlds.Recipe("A", trigger=CALLED).step("sums", "publish", {})})

    assert ["step 1 (s1): publish of sums publishes to topic:1"] == said(report)


def test_no_recipe_catches_that_a_stub_is_missing() -> None:
    recipe = worlds.Recipe("A", trigger=CALLED)
    ask = {"number": 2, "provider": "sums", "name": "ask", "as": "a", "keyword": "action", "input": {}}
    catch = {"number": 3, "keyword": "catch", "as": "c", "input": {}, "block": []}
    recipe.steps.append({"number": 1, "keyword": "try", "as": "y", "input": {}, "block": [ask, catch]})

    assert ["step 2 (a): ask of sums needs a stub"] == said(played({"1": recipe}))


def test_a_stubbed_error_fails_the_run_as_the_step_would() -> None:
    failing = {"s2": {"error": {"message": "card declined"}}}
    expected = {"status": "failed", "error": "declined"}

    assert [] == said(played({"1": charging()}, trigger=AMOUNT, stubs=failing, expected=expected))
    assert ["the run failed (step 2: card declined); expected: succeeded"] == said(
        played({"1": charging()}, trigger=AMOUNT, stubs=failing)
    )
    assert ["the error is 'card declined'; expected: 'expired'"] == said(
        played({"1": charging()}, trigger=AMOUNT, stubs=failing, expected={"status": "failed", "error": "expired"})
    )


def test_a_list_tells_what_a_step_comes_to_each_time() -> None:
    charge: dict[str, Any] = {"number": 2, "provider": "shop", "name": "charge", "as": "a", "keyword": "action"}
    charge["input"] = {"at": "=now.iso8601"}
    catch = {
        "number": 3, "keyword": "catch", "as": "c", "block": [],
        "input": {"max_retry_count": "1", "retry_interval": "3600"},
    }  # fmt: skip
    recipe = worlds.Recipe("A", trigger=CALLED)
    recipe.steps.append({"number": 1, "keyword": "try", "as": "y", "input": {}, "block": [charge, catch]})
    busy = {"error": {"message": "busy"}}
    expected = {"steps": {"a": {"times": 2, "input": {"at": "2026-01-01T01:00:00Z"}}}}

    assert [] == said(played({"1": recipe}, stubs={"a": [busy, {"output": {}}]}, expected=expected))
    assert ["step 2 (a): charge of shop is done 2 times, and its stubs tell of 1"] == said(
        played({"1": recipe}, stubs={"a": [busy]}, expected=expected)
    )


def test_recorded_answers_stand_in_for_steps_that_a_case_says_nothing_of() -> None:
    shop = {"name": "Shop", "provider": "shop"}
    fits = stubs.parse(shop | {"answers": [{"operation": "charge", "input": {"amount": 8}, "output": {}}]})
    empty = stubs.parse(shop | {"answers": []})

    assert [] == said(played({"1": charging()}, empty, fits, trigger=AMOUNT))
    refused = said(played({"1": charging()}, empty, trigger=AMOUNT))
    assert 'no answer recorded for charge of shop with the input {"amount":8,"currency":"EUR"}' in refused[0]


def test_a_called_recipe_runs_where_it_is_at_hand() -> None:
    caller = worlds.Recipe("A", trigger=CALLED)
    caller.step("workato_recipe_function", "call_recipe", {"flow_id": "2", "parameters": {"amount": 4}})
    callee = worlds.Recipe("B", trigger=CALLED)
    callee.step(
        "workato_recipe_function",
        "return_result",
        {"result": {"echo": pill("t", "parameters", "amount", provider=CALLED[0])}},
    )
    caller.step(
        "workato_recipe_function",
        "return_result",
        {"result": {"got": pill("s1", "result", "echo", provider=CALLED[0])}},
    )

    assert [] == said(played({"1": caller, "2": callee}, expected={"reply": {"result": {"got": 4}}}))
    alone = said(played({"1": caller}))
    what = "needs a stub: the recipe that it calls is not at hand"
    assert [f"step 1 (s1): call_recipe of workato_recipe_function {what}"] == alone


def test_recipes_that_call_each_other_for_ever_fail() -> None:
    recipe = worlds.Recipe("A", trigger=CALLED)
    recipe.step("workato_recipe_function", "call_recipe", {"flow_id": "1"})

    report = played({"1": recipe}, expected={"status": "failed", "error": "calls nest deeper than 25"})

    assert [] == said(report)


def test_a_loop_without_end_fails_at_the_limit() -> None:
    again = {
        "type": "compound",
        "operand": "and",
        "conditions": [{"operand": "equals_to", "lhs": "1", "rhs": "1", "uuid": "u"}],
    }
    end = {"number": 2, "keyword": "while_condition", "as": "w", "input": again, "block": []}
    step = {"number": 3, "provider": "shop", "name": "charge", "as": "a", "keyword": "action", "input": {}}
    recipe = worlds.Recipe("A", trigger=CALLED)
    recipe.steps.append({"number": 1, "keyword": "repeat", "as": "r", "input": {}, "block": [step, end]})

    report = played({"1": recipe}, stubs={"a": {"output": {}}}, expected={"status": "failed", "error": "10000 steps"})

    assert [] == said(report)


def test_what_does_not_run_and_what_is_not_there_is_told() -> None:
    expected = {"steps": {"s1": {"times": 2}, "s2": {"ran": False}, "s9": {"ran": True}}}

    report = played({"1": charging()}, trigger=AMOUNT, stubs=CHARGED, expected=expected)

    assert [
        "step 1 (s1) ran 1 times; expected: 2",
        "step 2 (s2) ran; expected: it does not",
        "no step is called 's9'",
    ] == said(report)


def test_steps_of_one_name_count_together() -> None:
    recipe = charging()
    recipe.steps[0]["as"] = recipe.steps[1]["as"] = "same"
    recipe.steps[1]["input"] = {"currency": "EUR"}
    expected = {"steps": {"same": {"times": 2, "input": {"currency": "EUR"}}}}

    report = played({"1": recipe}, trigger=AMOUNT, stubs={"same": {"output": {}}}, expected=expected)

    assert [] == said(report)


def test_steps_may_be_named_by_uuid() -> None:
    recipe = charging()
    recipe.steps[1]["uuid"] = "6b1f"

    report = played(
        {"1": recipe}, trigger=AMOUNT, stubs={"6b1f": {"output": {}}}, expected={"steps": {"6b1f": {"times": 1}}}
    )

    assert [] == said(report)


def test_what_is_expected_of_steps_is_the_recipes_own() -> None:
    caller = worlds.Recipe("A", trigger=CALLED)
    caller.step("workato_recipe_function", "call_recipe", {"flow_id": "2"}).step("shop", "charge", {"own": True})
    callee = worlds.Recipe("B", trigger=CALLED).step("shop", "charge", {}).step("shop", "charge", {"own": False})
    expected = {"steps": {"s1": {"times": 1}, "s2": {"times": 1, "input": {"own": True}}}}
    told: dict[str, Any] = {"s2": {"output": {}}}
    callee.steps[0]["as"] = "first"

    report = played({"1": caller, "2": callee}, stubs=told | {"first": {"output": {}}}, expected=expected)

    assert [] == said(report)


def test_a_step_that_waits_goes_on_at_once_and_later() -> None:
    recipe = (
        worlds.Recipe("A", trigger=CALLED).step("sums", "rest", {}).step("shop", "charge", {"at": pill("s1", "at")})
    )
    expected = {"steps": {"s2": {"input": {"at": "2026-01-02T00:00:00+00:00"}}}}

    assert [] == said(played({"1": recipe}, stubs={"s2": {"output": {}}}, expected=expected))


def test_a_connector_that_throws_fails_the_run_alone() -> None:
    recipe = worlds.Recipe("A", trigger=CALLED).step("sums", "double", {"number": "many"})

    report = played({"1": recipe}, expected={"status": "failed", "error": "double failed unexpectedly: ValueError"})

    assert [] == said(report)


def test_the_jobs_own_columns_are_compared() -> None:
    recipe = charging()
    value = recipe.value
    value["code"]["job_report_config"] = {"custom_column_1": pill("s1", "number")}
    case = {"trigger": AMOUNT, "stubs": CHARGED, "expected": {"report": {"custom_column_1": 9}}}

    assert ["report.custom_column_1 is 8; expected: 9"] == said(played_values({"1": value}, **case))


def test_actions_wherever_they_stand_count_as_steps() -> None:
    recipe = worlds.Recipe("A", trigger=CALLED)
    charge: dict[str, Any] = {"provider": "shop", "name": "charge", "keyword": "action", "input": {}}
    one, two, three = (charge | {"number": at, "as": f"a{at}"} for at in (2, 4, 6))
    catch = {"number": 3, "keyword": "catch", "as": "c", "input": {}, "block": [two]}
    recipe.steps.append({"number": 1, "keyword": "try", "as": "y", "input": {}, "block": [one, catch]})
    each: dict[str, Any] = {
        "number": 5,
        "keyword": "foreach",
        "as": "f",
        "source": "=[1, 2]",
        "input": {},
        "block": [three],
    }
    recipe.steps.append(each)

    report = played(
        {"1": recipe}, stubs={"a2": {"output": {}}, "a6": {"output": {}}}, expected={"steps": {"a6": {"times": 2}}}
    )

    assert ([], (2, 4, 6), [2, 6]) == (said(report), report.steps, sorted(report.ran))


def test_members_that_mean_nothing_fail_a_case() -> None:
    report = played({"1": charging()}, trigger=AMOUNT, stubs=CHARGED, expcted={})

    assert ["expcted means nothing in a test case"] == said(report)


def test_a_case_without_its_recipe_or_with_a_strange_time_zone_can_not_be_played() -> None:
    assert ["its recipe is not here"] == said(played({}))
    assert ["time_zone: there is no time zone 'Mars'"] == said(played({"1": charging()}, time_zone="Mars"))


def test_properties_lookups_and_the_moment_are_the_cases() -> None:
    recipe = worlds.Recipe("A", trigger=CALLED)
    recipe.step(
        "shop",
        "charge",
        {
            "name": '=lookup("Countries", "Code": "DE")["Name"]',
            "at": "=now.iso8601",
            "currency": '#{_dp(\'{"pill_type":"project_property","property_name":"currency"}\')}',
        },
    )
    wanted = {"name": "Germany", "at": "2026-05-01T12:00:00+02:00", "currency": "EUR"}

    report = played(
        {"1": recipe},
        stubs={"s1": {"output": {}}},
        properties={"currency": "EUR"},
        lookups={"Countries": [{"Code": "FR", "Name": "France"}, {"Code": "DE", "Name": "Germany"}]},
        now="2026-05-01T10:00:00Z",
        time_zone="Europe/Berlin",
        expected={"steps": {"s1": {"input": wanted}}},
    )

    assert [] == said(report)


def test_a_case_takes_milliseconds() -> None:
    cases = 200
    began = time.perf_counter()

    for _ in range(cases):
        played({"1": charging()}, trigger=AMOUNT, stubs=CHARGED)

    assert (time.perf_counter() - began) / cases < 0.05
