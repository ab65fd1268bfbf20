"""What is wrong with a document is found when it is compiled, all of it at once."""

from typing import Any

import pytest

from recipeyard.runtime.stepping import programs
from walks import action, foreach, group, problems, recipe, shown, step, stop


def test_a_program_knows_what_surrounds_its_steps() -> None:
    entry = {"keyword": "application", "provider": "app", "account_id": 5}
    document = recipe(action("one")) | {"concurrency": 5, "config": [entry]}

    program = programs.compile_document(document)

    assert (5, {"app": entry}) == (program.concurrency, program.config)
    assert ("app", "event", "start", 0) == (
        program.trigger.provider, program.trigger.operation, program.trigger.alias, program.trigger.number,
    )  # fmt: skip


def test_a_step_carries_what_the_recipe_says_of_it_but_not_its_block() -> None:
    program = programs.compile_document(recipe(action("one", extended_output_schema=[{"name": "x"}])))

    assert [{"name": "x"}] == program.body[0].place.source["extended_output_schema"]
    assert "block" not in program.trigger.source


WRONG = [
    (action("one", {"a": {"b": "=1 +"}}), (1, "input.a.b", "can't be understood at character")),
    (action("one", {"a": "#{_dp('{}')}"}), (1, "input.a", "no data pill")),
    (action("one", provider=None), (1, "provider", "can't be blank")),
    (action("one", name=""), (1, "name", "can't be blank")),
    (action("one", "a text"), (1, "input", "must be an object")),
    (action("one", {"____source": "=[]"}), (1, "input", "must be an object")),
    ({"keyword": "jump"}, (1, "keyword", "is not a known kind of step")),
    (step("if", input=group(("equals", "1", "1"))), (1, "input.conditions.0.operand", "is not a known operator")),
    (step("if", input=group(("equals_to", "=1 +", "1"))), (1, "input.conditions.0.lhs", "can't be understood")),
    (step("if", input={}), (1, "input", "must be a group of conditions")),
    (step("if", input=group(operand="nor")), (1, "input.operand", "must be and, or or")),
    (foreach("row", None), (1, "input.source", "must be a list")),
    (foreach("row", "a text"), (1, "source", "must be a list")),
    (foreach("row", "=["), (1, "source", "can't be understood")),
    (foreach("row", "=[]", repeat_mode="batch", batch_size="0"), (1, "batch_size", "must be a number from 1 to")),
    (step("try", action("one")), (1, "block", "must end with catch")),
    (step("repeat", action("one")), (1, "block", "must end with while_condition")),
    (step("try", step("catch", input={"max_retry_count": "x"})), (2, "input.max_retry_count", "must be a number")),
    (step("try", step("catch", filter=group(("x", "", "")))), (2, "filter.conditions.0.operand", "known operator")),
    (stop(reason="=1 +"), (1, "input.stop_reason", "can't be understood")),
    (step("else"), (1, "keyword", "must stand inside if")),
    (step("try", step("catch"), action("late")), (2, "keyword", "must be the last step of its try")),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "expected"), WRONG, ids=lambda each: str(each)[:40])
def test_what_is_wrong_is_named_by_step_and_field(wrong: dict[str, Any], expected: tuple[int, str, str]) -> None:
    found = problems(recipe(wrong))

    assert [expected[:2]] == [each[:2] for each in found]
    assert expected[2] in found[0][2]


def test_everything_wrong_is_said_at_once_in_the_order_of_the_steps() -> None:
    document = recipe(
        action("one", {"a": "=(", "b": "=("}),
        step("if", action("two", {"c": "=("}), input=group(("nope", "", ""))),
        filter=group(("nope", "", "")),
        job_report_config={"custom_column_1": "=("},
    )

    expected = [
        (0, "filter.conditions.0.operand"),
        (0, "job_report_config.custom_column_1"),
        (1, "input.a"),
        (1, "input.b"),
        (2, "input.conditions.0.operand"),
        (3, "input.c"),
    ]
    assert expected == [each[:2] for each in problems(document)]


def test_what_is_skipped_may_be_wrong() -> None:
    wrong = action("one", {"a": "=("})

    assert [] == problems(recipe(wrong | {"skip": True}, step("try", wrong, step("catch"), skip=True)))


def test_a_document_without_a_trigger_is_refused() -> None:
    assert [(0, "code", "must be a trigger step")] == problems({"name": "Empty", "code": None})
    assert [(0, "keyword", "must be the first step, and the only trigger")] == problems({"code": action("one")})


def test_steps_and_fields_may_nest_only_so_deep() -> None:
    deep, fields = action("end"), "x"
    for _ in range(200):
        deep = step("if", deep, input=group(("present", "x", "")))
        fields = {"a": fields}  # type: ignore[assignment]

    assert [(60, "block", "nests deeper than 60 levels")] == problems(recipe(deep))
    assert ["nests deeper than 60 levels"] == [each[2] for each in problems(recipe(action("one", fields)))]


def test_a_source_may_stand_in_the_input_as_well() -> None:
    both = foreach("row", shown("start", "rows"), input={"source": shown("start", "rows")})

    assert [] == problems(recipe(both, foreach("other", None, input={"source": shown("start", "rows")})))
