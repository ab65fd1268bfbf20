"""Walking a recipe: which steps come when, with which input, and how a run ends."""

from datetime import timedelta

import walks
from recipeyard.runtime import interface
from recipeyard.runtime.stepping import telling
from walks import MIDNIGHT, action, foreach, group, meta, outputs, pill, play, recipe, shown, step, stop

CONTEXT = '{"pill_type":"job_context","path":["job_id"]}'
PROPERTY = '{"pill_type":"project_property","property_name":"region"}'


def failing(message: str = "gone", **details: object) -> walks.Answers:
    """Every step called `bad` fails."""

    def answer(asked: telling.Next, now: object) -> telling.Heard:
        if asked.place.alias == "bad":
            return telling.Failed(MIDNIGHT, interface.Failure(message, "Boom", details))  # type: ignore[arg-type]
        return telling.Done(MIDNIGHT)

    return answer


def test_steps_are_done_one_after_the_other() -> None:
    played = play(recipe(action("one"), action("two")))

    assert ["one", "two"] == played.names
    assert telling.Finished({}) == played.ending


def test_a_step_is_given_what_the_event_and_the_steps_before_it_put_out() -> None:
    document = recipe(action("one", {"id": shown("start", "id")}), action("two", {"id": shown("one", "n", "id")}))

    played = play(document, {"id": 7}, outputs(one={"n": {"id": "x"}}))

    assert [{"id": 7}, {"id": "x"}] == played.inputs


def test_a_text_with_pills_in_it_is_a_text() -> None:
    played = play(recipe(action("one", {"t": f"no. {shown('start', 'id')}!"})), {"id": 7})

    assert [{"t": "no. 7!"}] == played.inputs


def test_both_notations_of_a_pill_mean_the_same() -> None:
    played = play(recipe(action("one", {"t": "#{_('data.app.start.rows.first.id')}"})), {"rows": [{"id": 7}, {}]})

    assert [{"t": 7}] == played.inputs


def test_job_and_properties_are_pills() -> None:
    given = {"job": f"#{{_dp('{CONTEXT}')}}", "region": f"#{{_dp('{PROPERTY}')}}"}

    assert [{"job": "j-7", "region": "north"}] == play(recipe(action("one", given))).inputs


def test_a_formula_may_look_into_tables() -> None:
    found = play(recipe(action("one", {"c": '=lookup("Colours", Name: "rose")["Colour"]'})))
    gone = play(recipe(action("one", {"c": '=lookup("Gone", Name: "rose")'})))

    assert [{"c": "red"}] == found.inputs
    assert telling.Broken(1, "input.c", "there is no such table", "NotFound") == gone.ending


def test_a_step_that_did_not_run_puts_out_nothing() -> None:
    played = play(recipe(action("one", {"a": shown("later", "x"), "b": shown("nowhere")}), action("later")))

    assert {"a": None, "b": None} == played.inputs[0]


def test_a_path_through_what_has_no_keys_leads_to_nothing() -> None:
    given = {"a": shown("start", "text", "x"), "b": shown("start", "none", "x")}

    assert [{"a": None, "b": None}] == play(recipe(action("one", given)), {"text": "t", "none": None}).inputs


def test_new_outputs_of_steps_before_take_the_place_of_the_old() -> None:
    def change(_: telling.Next) -> telling.Done:
        return telling.Done(MIDNIGHT, {"ok": True}, {"variable": {"n": 2}})

    document = recipe(action("variable"), action("change"), action("use", {"n": shown("variable", "n")}))
    played = play(document, {}, outputs(variable={"n": 1}, change=change))

    assert {"n": 2} == played.inputs[2]


def test_whoever_does_a_step_sees_what_the_steps_before_put_out() -> None:
    seen = []

    def answer(asked: telling.Next, now: object) -> telling.Heard:
        seen.append(dict(asked.outputs) if isinstance(asked, telling.Perform) else {})
        return telling.Done(MIDNIGHT, {"of": asked.place.alias})

    play(recipe(action("one"), action("two")), {"id": 7}, answer)

    assert [{"start": {"id": 7}}, {"start": {"id": 7}, "one": {"of": "one"}}] == seen


def test_the_moment_is_that_of_the_step_before() -> None:
    document = recipe(action("one", {"at": "=now"}), action("two", {"at": "=now"}))

    assert [{"at": MIDNIGHT}, {"at": MIDNIGHT + timedelta(minutes=1)}] == play(document).inputs


def test_an_event_that_the_filter_does_not_let_through_has_no_job() -> None:
    document = recipe(action("one"), filter=group(("equals_to", shown("start", "kind"), "new")))

    assert telling.Filtered() == play(document, {"kind": "old"}).ending
    assert ["one"] == play(document, {"kind": "new"}).names


def test_the_first_branch_that_holds_is_taken_alone() -> None:
    def is_kind(kind: str) -> dict[str, object]:
        return group(("equals_to", shown("start", "kind"), kind))

    last = (step("elsif", action("b"), input=is_kind("b")), step("else", action("c")))
    document = recipe(step("if", action("a"), *last, input=is_kind("a")), action("end"))

    assert ["a", "end"] == play(document, {"kind": "a"}).names
    assert ["b", "end"] == play(document, {"kind": "b"}).names
    assert ["c", "end"] == play(document, {"kind": "?"}).names


def test_what_is_skipped_is_passed_over_with_all_that_is_in_it() -> None:
    always = group(("present", "x", ""))
    document = recipe(
        action("one", skip=True),
        step("if", action("two"), step("else", action("three")), input=always, skip=True),
        step("if", action("four"), step("else", action("five"), skip=True), input=group(("blank", "x", ""))),
        action("six"),
    )

    assert ["six"] == play(document).names


def test_steps_are_numbered_as_they_stand_skipped_ones_too() -> None:
    document = recipe(step("if", action("one"), input=group(("present", "", "")), skip=True), action("two"))

    assert [3] == [each.place.number for each in play(document).asked]


def test_a_loop_takes_each_item_in_its_turn() -> None:
    each = {"name": shown("row", "name", provider="foreach"), "index": meta("row", "index"), "of": meta("row", "size")}
    ends = {"first": meta("row", "is_first"), "last": meta("row", "is_last")}
    document = recipe(foreach("row", shown("start", "rows"), action("one", each | ends)), action("two"))

    played = play(document, {"rows": [{"name": "a"}, {"name": "b"}]})

    expected = [
        {"name": "a", "index": 0, "of": 2, "first": True, "last": False},
        {"name": "b", "index": 1, "of": 2, "first": False, "last": True},
    ]
    assert [*expected, {}] == played.inputs
    assert ["0", "1", ""] == list(walks.paths(played))


def test_loops_within_loops_know_their_turns() -> None:
    inner = foreach(
        "in", shown("out", "rows", provider="foreach"), action("one", {"x": shown("in", provider="foreach")})
    )
    document = recipe(foreach("out", shown("start", "rows"), inner))

    played = play(document, {"rows": [{"rows": [1, 2]}, {"rows": [3]}]})

    assert [{"x": 1}, {"x": 2}, {"x": 3}] == played.inputs
    assert ["0/0", "0/1", "1/0"] == list(walks.paths(played))


def test_a_batch_is_a_list_of_so_many_items() -> None:
    given = {"rows": shown("row", provider="foreach"), "last": meta("row", "is_last")}
    loop = foreach("row", shown("start", "rows"), action("one", given), repeat_mode="batch", batch_size="2")

    played = play(recipe(loop), {"rows": [1, 2, 3]})

    assert [{"rows": [1, 2], "last": False}, {"rows": [3], "last": True}] == played.inputs


def test_a_loop_over_nothing_takes_no_turn() -> None:
    document = recipe(foreach("row", shown("start", "rows"), action("one")), action("two"))

    assert ["two"] == play(document, {}).names
    assert ["two"] == play(document, {"rows": []}).names


def test_a_loop_over_what_is_no_list_fails() -> None:
    document = recipe(action("one"), foreach("row", shown("start", "rows"), action("two")))

    ending = play(document, {"rows": "abc"}).ending

    assert telling.Broken(2, "source", "is no list that could be gone through", "LoopError") == ending


def test_a_loop_that_clears_its_scope_forgets_its_steps_at_each_turn() -> None:
    body = (action("look", {"before": shown("found", "n")}), action("found"))
    kept = recipe(foreach("row", shown("start", "rows"), *body))
    cleared = recipe(foreach("row", shown("start", "rows"), *body, clear_scope="true"))

    def second(document: dict[str, object]) -> object:
        return play(document, {"rows": [1, 2]}, outputs(found={"n": 5})).inputs[2]

    assert {"before": 5} == second(kept)
    assert {"before": None} == second(cleared)


def test_after_a_loop_its_item_is_gone() -> None:
    after = action("after", {"x": shown("row", provider="foreach"), "i": meta("row", "index")})

    assert {"x": None, "i": None} == play(recipe(foreach("row", "=[1]"), after)).inputs[0]


def test_a_repeat_is_done_once_and_again_while_its_condition_holds() -> None:
    test = step("while_condition", input=group(("less_than", shown("one", "n"), "3")))
    turns = iter((1, 2, 3, 4))
    document = recipe(step("repeat", action("one", {"i": meta("again", "index")}), test, **{"as": "again"}))

    played = play(document, {}, outputs(one=lambda _: {"n": next(turns)}))

    assert [{"i": 0}, {"i": 1}, {"i": 2}] == played.inputs


def test_a_repeat_without_end_fails_naming_the_loop_and_the_limit() -> None:
    test = step("while_condition", input=group(("present", "x", "")))
    document = recipe(action("first"), step("repeat", action("one"), test))

    played = play(document, bounds=telling.Bounds(steps=50))

    message = "A run may take 50 steps, and the loop at step 2 goes on"
    assert telling.Broken(2, "", message, "LimitError") == played.ending
    assert 50 > len(played.asked)


def test_formulas_that_take_too_much_together_fail_naming_step_and_limit() -> None:
    document = recipe(foreach("row", "=[1] * 1000", action("one", {"x": '="a" + "b" + "c"'})))

    ending = play(document, bounds=telling.Bounds(operations=1_500)).ending

    assert isinstance(ending, telling.Broken)
    assert (2, "input.x", "LimitError") == (ending.number, ending.where, ending.kind)
    assert "the run's formulas take more than 1500 operations" == ending.message


def test_a_limit_of_the_run_is_told_of_a_masked_step_too() -> None:
    ending = play(recipe(action("one", {"x": "=1"}, mask_data=True)), bounds=telling.Bounds(operations=0)).ending

    assert "the run's formulas take more than 0 operations" == getattr(ending, "message", None)


def test_regular_expressions_that_take_too_long_together_fail_the_step() -> None:
    document = recipe(action("one", {"x": '="aab".gsub(/a+/, "")'}), action("two", {"x": "=1"}))

    ending = play(document, bounds=telling.Bounds(pattern_seconds=1e-9)).ending

    assert isinstance(ending, telling.Broken)
    assert (2, "the run's regular expressions take longer than 1e-09 seconds") == (ending.number, ending.message)


def test_too_many_steps_after_a_loop_are_not_the_loops_fault() -> None:
    document = recipe(foreach("row", "=[1]", action("one")), action("two"), action("three"))

    ending = play(document, bounds=telling.Bounds(steps=3)).ending

    assert telling.Broken(4, "", "A run may take 3 steps", "LimitError") == ending


def test_a_repeat_without_any_step_ends_as_well() -> None:
    document = recipe(step("repeat", step("while_condition", input=group(("present", "x", "")))))

    assert "LimitError" == getattr(play(document).ending, "kind", None)


def test_no_try_catches_the_limit_of_steps() -> None:
    test = step("while_condition", input=group(("present", "x", "")))
    catch = step("catch", action("caught"), input={"max_retry_count": "3"})

    played = play(recipe(step("try", step("repeat", test), catch)), bounds=telling.Bounds(steps=50))

    assert isinstance(played.ending, telling.Broken)
    assert [] == played.asked


def test_a_step_that_fails_breaks_the_run() -> None:
    played = play(recipe(action("one"), action("bad"), action("three")), {}, failing())

    assert ["one", "bad"] == played.names
    assert telling.Broken(2, "", "gone", "Boom") == played.ending


def test_a_formula_that_fails_breaks_the_run_naming_step_field_and_place() -> None:
    document = recipe(action("one"), action("two", {"a": {"b": [f"={pill('start', 'x')}.upcase"]}}))

    ending = play(document, {"x": None}).ending

    assert isinstance(ending, telling.Broken)
    assert (2, "input.a.b.0", "FormulaError") == (ending.number, ending.where, ending.kind)
    assert "at character" in ending.message


def test_a_stop_ends_the_run_with_its_reason() -> None:
    played = play(recipe(action("one"), stop(reason=f"enough of {shown('start', 'x')}"), action("two")), {"x": "it"})

    assert ["one"] == played.names
    assert telling.Finished({}, "enough of it") == played.ending


def test_a_stop_with_an_error_fails_the_run_inside_a_try_too() -> None:
    document = recipe(step("try", stop(error=True, reason="no"), step("catch", action("caught"))))

    assert telling.Broken(2, "", "no", telling.STOPPED) == play(document).ending


def test_the_jobs_own_columns_say_what_is_there_at_the_end() -> None:
    report = {"custom_column_1": shown("one", "n"), "custom_column_2": shown("two", "n"), "custom_column_3": "=1.x"}
    document = recipe(action("one"), job_report_config=report)
    broken = recipe(action("one"), action("bad"), job_report_config=report)

    assert telling.Finished({"custom_column_1": 5}) == play(document, {}, outputs(one={"n": 5})).ending
    assert telling.Broken(2, "", "gone", "Boom") == play(broken, {}, failing()).ending


def test_a_masked_step_says_so() -> None:
    document = recipe(action("one", mask_data=True), action("two"))

    assert [True, False] == [each.place.masked for each in play(document).asked]
