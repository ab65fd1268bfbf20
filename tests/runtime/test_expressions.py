"""A leaf of a step's input: literal, text with pills, or formula; and how data pills are spelled."""

import pytest

import formula_tables
from recipeyard.runtime.stepping import expressions, pills

OUTPUT = pills.Kind.OUTPUT
ITEM, SIZE, INDEX = pills.Element.CURRENT_ITEM, pills.Element.SIZE, pills.Element.INDEX


def evaluated(text: str) -> object:
    return expressions.compile_text(text).evaluate(formula_tables.Run())


def test_a_text_without_pills_is_itself() -> None:
    expression = expressions.compile_text('puts "#{x + 1}" if a == b')

    assert expression.is_literal
    assert 'puts "#{x + 1}" if a == b' == expression.evaluate(formula_tables.Run())


def test_a_text_that_is_one_pill_keeps_the_value_as_it_is() -> None:
    assert ["b", "a", "b"] == evaluated(f"#{{{formula_tables.pill('tags')}}}")
    assert b"abc" == evaluated(f"#{{{formula_tables.pill('file')}}}")
    assert evaluated(f"#{{{formula_tables.pill('nothing')}}}") is None


def test_a_text_with_pills_is_a_text() -> None:
    name, count, nothing = map(formula_tables.pill, ("name", "count", "nothing"))

    assert "Dear Ann Lee, 3 of " == evaluated(f"Dear #{{{name}}}, #{{{count}}} of #{{{nothing}}}")


def test_a_times_text_is_iso_8601_and_a_lists_is_rubys() -> None:
    assert "at 2026-03-05T14:30:15.123456+00:00" == evaluated(f"at #{{{formula_tables.pill('moment')}}}")
    assert 'of ["b", "a", "b"]' == evaluated(f"of #{{{formula_tables.pill('tags')}}}")


def test_what_is_no_pill_stays_as_it_is_beside_pills() -> None:
    name = formula_tables.pill("name")

    assert "#{1 + 1} Ann Lee #{" + name + ".upcase}" == evaluated(f"#{{1 + 1}} #{{{name}}} #{{{name}.upcase}}")


def test_a_formula_may_be_empty_and_begin_with_spaces_and_lines() -> None:
    assert evaluated("=") is None
    assert evaluated("= \n ") is None
    assert 3 == evaluated("=\n  1 +\n  2")


def test_a_formula_goes_over_lines() -> None:
    conditional = '=if 1 > 2\n  "a"\nelsif 2 > 3 then "b"\nelse\n  # the rest\n  "c"\nend'
    chain = '=" a,b "\n  .strip\n  .split(",")\n  .map do |x|\n    x.upcase\n  end'
    branches = "=true\n  ? [\n    1,\n    2\n  ]\n  : nil"

    assert "c" == evaluated(conditional)
    assert ["A", "B"] == evaluated(chain)
    assert [1, 2] == evaluated(branches)


def test_nested_conditions_and_conditions_in_lists() -> None:
    assert "b" == evaluated('=if true\n if false\n "a"\n else\n "b"\n end\nelse\n "c"\nend')
    assert ["x", None] == evaluated('=[\n (true ? "x": nil),\n (false ? "y" : nil)\n]')


def test_an_expression_tells_its_pills_and_lookup_tables_each_once() -> None:
    name, count = map(formula_tables.pill, ("name", "count"))
    formula = expressions.compile_text(
        f'={name} + {count} + {name} + lookup("A", k: "#{{{count}}}")["v"] + lookup(\'B\')'
    )
    text = expressions.compile_text(f"#{{{count}}} and #{{{count}}}")

    assert (("name",), ("count",)) == tuple(each.path for each in formula.pills)
    assert ("A", "B") == formula.lookups
    assert (("count",),) == tuple(each.path for each in text.pills)
    assert not text.is_literal


def test_an_expression_is_compiled_once() -> None:
    text = f"={formula_tables.pill('name')}.upcase"

    assert expressions.compile_text(text) is expressions.compile_text(text)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (
            '_dp(\'{"pill_type":"output","provider":"p","line":"ab12","path":["a",{"path_element_type":"current_item"},"b"]}\')',
            pills.Pill(OUTPUT, "p", "ab12", ("a", ITEM, "b")),
        ),
        (
            '_dp(\'{"pill_type":"output","provider":"p","line":"x","path":["a",{"path_element_type":"size"}]}\')',
            pills.Pill(OUTPUT, "p", "x", ("a", SIZE)),
        ),
        (
            '_dp(\'{"pill_type":"output","provider":"p","line":"x","path":["a",{"path_element_type":"current_index"}]}\')',
            pills.Pill(OUTPUT, "p", "x", ("a", INDEX)),
        ),
        (
            '_dp(\'{"pill_type":"output","provider":"s","line":"x","path":[{"path_element_type":"join","action":"get",'
            '"src_key":"Room__c","dst_key":"id","args":{}},"Name"]}\')',
            pills.Pill(OUTPUT, "s", "x", ("Room__c", "Name")),
        ),
        (
            '_dp(\'{"pill_type":"output","provider":"foreach","line":"l1","path":[]}\')',
            pills.Pill(OUTPUT, "foreach", "l1"),
        ),
        (
            '_dp(\'{"pill_type":"output","provider":"p","line":"x","path":["it\\\'s"]}\')',
            pills.Pill(OUTPUT, "p", "x", ("it's",)),
        ),
        ('_dp(\'{"pill_type":"job_context","path":["job_id"]}\')', pills.Pill(pills.Kind.JOB, name="job_id")),
        (
            '_dp(\'{"pill_type":"project_property","property_name":"a.b"}\')',
            pills.Pill(pills.Kind.PROJECT_PROPERTY, name="a.b"),
        ),
        (
            '_dp(\'{"pill_type":"account_property","property_name":"key"}\')',
            pills.Pill(pills.Kind.ACCOUNT_PROPERTY, name="key"),
        ),
        (
            '_dp(\'{"pill_type":"foreach_meta","line":"l1","key":"is_first"}\')',
            pills.Pill(pills.Kind.LOOP, "foreach", "l1", name="is_first"),
        ),
        ("_('data.okta.a1.groups.first.id')", pills.Pill(OUTPUT, "okta", "a1", ("groups", ITEM, "id"))),
        (
            "_('data.gmail.m.attachments.first.____Size', 'list_meta', '____Size', 'data.gmail.m.attachments')",
            pills.Pill(OUTPUT, "gmail", "m", ("attachments", SIZE)),
        ),
        ("_('data.foreach.l1.index','foreach_meta')", pills.Pill(pills.Kind.LOOP, "foreach", "l1", name="index")),
        ("_('data.foreach.l1.index')", pills.Pill(OUTPUT, "foreach", "l1", ("index",))),
        ("_('data.catch.c1.message')", pills.Pill(OUTPUT, "catch", "c1", ("message",))),
        ("_('data.workato.job_context.job_id')", pills.Pill(pills.Kind.JOB, name="job_id")),
        (
            "_('data.workato.job_context.account_properties.host', 'account_property', 'host')",
            pills.Pill(pills.Kind.ACCOUNT_PROPERTY, name="host"),
        ),
        (
            "_('data.workato.job_context.project_properties.host')",
            pills.Pill(pills.Kind.PROJECT_PROPERTY, name="host"),
        ),
    ],
)
def test_both_spellings_of_pills_are_read(call: str, expected: pills.Pill) -> None:
    assert (expected,) == expressions.compile_text(f"={call}").pills
    assert (expected,) == expressions.compile_text(f"a #{{{call}}}").pills


@pytest.mark.parametrize(
    "call",
    [
        "_dp('{')",
        "_dp('[]')",
        '_dp(\'{"pill_type":"output"}\')',
        '_dp(\'{"pill_type":"spell"}\')',
        '_dp(\'{"pill_type":"output","provider":"p","line":"x","path":[{"path_element_type":"magic"}]}\')',
        "_('x')",
        "_('data.p')",
        "_('data.workato.job_context')",
    ],
)
def test_what_is_spelled_as_a_pill_and_is_none_is_refused_with_its_position(call: str) -> None:
    with pytest.raises(expressions.ExpressionError, match="no data pill") as error:
        expressions.compile_text(f"ab #{{{call}}}")

    assert 5 == error.value.position


def test_values_of_other_kinds_than_lists_and_dicts_are_read_as_those() -> None:
    formula = expressions.compile_text(f"={formula_tables.pill('numbers')}.sum")

    assert 6 == formula.evaluate(formula_tables.Run())
