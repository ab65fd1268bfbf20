"""Tries: what is caught, how often it is tried again, and what the catch step knows."""

from datetime import datetime
from typing import Any

import pytest

from recipeyard.runtime import interface
from recipeyard.runtime.stepping import telling
from walks import MIDNIGHT, action, foreach, group, outputs, pill, play, recipe, shown, step

ERROR = ("message", "type", "line_number", "adapter", "action", "uuid", "error_type_id", "retry_count", "error_at")


def catch(*block: dict[str, Any], **more: Any) -> dict[str, Any]:
    return step("catch", *block, **{"as": "error", "input": {"max_retry_count": "0", "retry_interval": "2"}} | more)


def told(path: str) -> str:
    return shown("error", *path.split("."), provider="catch")


def failed(message: str = "gone", **details: Any) -> telling.Failed:
    return telling.Failed(MIDNIGHT, interface.Failure(message, "Boom", details))


def test_what_works_is_not_caught() -> None:
    document = recipe(step("try", action("one"), catch(action("caught"))), action("end"))

    assert ["one", "end"] == play(document).names


def test_a_failure_is_caught_and_the_run_goes_on_after_it() -> None:
    document = recipe(step("try", action("bad"), action("not"), catch(action("caught"))), action("end"))

    played = play(document, {}, outputs(bad=failed()))

    assert ["bad", "caught", "end"] == played.names
    assert telling.Finished({}) == played.ending


def test_a_catch_knows_what_failed_and_where() -> None:
    seen = action("caught", {key: told(key) for key in ERROR} | {"code": told("http_response.code")})
    document = recipe(action("one"), step("try", action("bad", uuid="u-1"), catch(seen)))

    played = play(document, {}, outputs(bad=failed(http_response={"code": 404}, error_type_id="not_found")))

    expected = {
        "message": "gone",
        "type": "Boom",
        "line_number": 3,
        "adapter": "app",
        "action": "do",
        "uuid": "u-1",
        "error_type_id": "not_found",
        "retry_count": 0,
        "error_at": MIDNIGHT,
        "code": 404,
    }
    assert expected == played.inputs[-1]


def test_a_formula_that_fails_is_caught_like_a_step() -> None:
    seen = {"type": told("type"), "line": told("line_number")}
    document = recipe(step("try", action("one", {"x": f"={pill('start')}.nonsense"}), catch(action("caught", seen))))

    assert [{"type": "FormulaError", "line": 2}] == play(document).inputs


@pytest.mark.parametrize(
    "inside",
    [
        foreach("row", "=1"),
        step("if", input=group(("greater_than", shown("start", "no"), "1"))),
        step("repeat", step("while_condition", input=group(("less_than", shown("start", "no"), "1")))),
    ],
    ids=lambda inside: str(inside["keyword"]),
)
def test_conditions_and_loops_that_fail_are_caught(inside: dict[str, Any]) -> None:
    assert ["caught"] == play(recipe(step("try", inside, catch(action("caught"))))).names


def test_a_failure_inside_a_loop_is_caught_outside_of_it() -> None:
    loop = foreach("row", "=[1, 2]", action("bad"))
    after = foreach("again", "=[1]", action("end"))

    played = play(recipe(step("try", loop, catch(action("caught"))), after), {}, outputs(bad=failed()))

    assert [("bad", "0"), ("caught", ""), ("end", "0")] == [
        (each.place.alias, each.path) for each in played.asked
    ]  # fmt: skip


def test_it_is_tried_again_after_a_rest_as_often_as_said() -> None:
    document = recipe(
        step("try", action("one"), action("bad"), catch(action("caught", {"n": told("retry_count")}),
             input={"max_retry_count": "2", "retry_interval": "5"}))
    )  # fmt: skip

    played = play(document, {}, outputs(bad=failed()))

    rests = [each.seconds for each in played.asked if isinstance(each, telling.Rest)]
    assert ["one", "bad", "error", "one", "bad", "error", "one", "bad", "caught"] == played.names
    assert [5, 5] == rests
    assert {"n": 2} == played.inputs[-1]


def test_a_try_that_works_at_last_is_not_caught() -> None:
    ways = iter((failed(), telling.Done(MIDNIGHT)))
    document = recipe(step("try", action("bad"), catch(action("caught"), input={"max_retry_count": "3"})))

    assert ["bad", "bad"] == play(document, {}, outputs(bad=lambda _: next(ways))).names


def test_it_is_tried_again_only_if_the_condition_holds() -> None:
    only = group(("not_contains", told("message"), "401"))
    document = recipe(
        step("try", action("bad"), catch(action("caught"), filter=only, input={"max_retry_count": "1"}))
    )  # fmt: skip

    assert ["bad", "caught"] == play(document, {}, outputs(bad=failed("401 Unauthorized"))).names
    assert ["bad", "bad", "caught"] == play(document, {}, outputs(bad=failed("timeout"))).names


def test_what_fails_in_a_catch_is_caught_by_the_try_around_it() -> None:
    inner = step("try", action("bad"), catch(action("worse"), **{"as": "inner"}))
    document = recipe(step("try", inner, catch(action("caught", {"m": told("message")}))))

    played = play(document, {}, outputs(bad=failed("one"), worse=failed("two")))

    assert {"m": "two"} == played.inputs[-1]


def test_a_catch_that_is_skipped_catches_nothing() -> None:
    played = play(recipe(step("try", action("bad"), catch(action("caught"), skip=True))), {}, outputs(bad=failed()))

    assert telling.Broken(2, "", "gone", "Boom") == played.ending


@pytest.mark.parametrize("number", ["many", "9e999", -1, True])
def test_a_number_of_tries_that_is_none_breaks_the_run_at_the_catch(number: Any) -> None:
    document = recipe(step("try", action("bad"), catch(input={"max_retry_count": shown("start", "n")})))

    ending = play(document, {"n": number}, outputs(bad=failed())).ending

    assert telling.Broken(3, "input.max_retry_count", "must be a number from 0 to 31536000", "FormulaError") == ending


def test_the_moment_of_a_failure_is_when_it_was_heard_of() -> None:
    def answer(asked: telling.Next, now: datetime) -> telling.Heard:
        alias = asked.place.alias
        return telling.Failed(now, interface.Failure("gone")) if alias == "bad" else telling.Done(now)

    document = recipe(action("one"), step("try", action("bad"), catch(action("caught", {"at": told("error_at")}))))

    assert MIDNIGHT.replace(minute=2) == play(document, {}, answer).inputs[-1]["at"]
