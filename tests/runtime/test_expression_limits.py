"""What an expression may use, and that it can use no more: no size, no time, and nothing of Python."""

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import formula_tables
from recipeyard.runtime.stepping import expressions

GROWING = [
    '"a" * 10 ** 9',
    '"a" * 10 ** 30',
    "[0] * 10 ** 9",
    '"x".rjust(10 ** 9)',
    '"x".ljust(10 ** 9, "ab")',
    '"x".center(10 ** 9)',
    '"%1000000000d" % 1',
    '"%*d" % [10 ** 9, 1]',
    '"%.1000000000f" % 1.5',
    'now.strftime("%1000000000Y" * 1000)',
    "(1..10 ** 9).to_a",
    "(1..10 ** 9).sum",
    "(1..10 ** 30).map { |x| x }",
    "(10 ** 9).times { |x| x }",
    "2 ** 10 ** 9",
    "10 ** 1000 * 10 ** 1000",
    "1 << 10 ** 9",
    '("a" * 10 ** 6).gsub("a", "b" * 10 ** 6)',
    '("a" * 10 ** 6).gsub(/a/, "b" * 10 ** 6)',
    '("a" * 10 ** 6).gsub(/a/) { |x| x * 10 ** 6 }',
    '("a" * 10 ** 6).split("")',
    '("a" * 10 ** 7 + "b" * 10 ** 7)',
    '(1..100000).map { |x| "a" * 10 ** 6 }',
    "(1..1000).map { |x| (1..1000).map { |y| (1..1000).map { |z| z } } }",
    '["a" * 10 ** 6].in_groups_of(10 ** 9)',
    "[[1]]" + ".map { |x| [x, x] }" * 60,
    "[1]" + ".zip([1])" + ".map { |x| [x, x, x, x] }" * 40 + ".flatten.length",
    '"' + "é" * 1000 + '" * 1000000',
    '("1" * 10 ** 6).to_i',
    '("[" * 1000 + "]" * 1000).parse_json',
    '("<a>" * 1000 + "</a>" * 1000).from_xml',
    "1.round(10 ** 9)",
    "1.5.to_currency(precision: 10 ** 9)",
    "workato.pbkdf2_hmac_sha1('a', 'b', 10 ** 9)",
    "workato.render_yaml((1..400000).to_a)",
    "[1].product([1])",
    '(("a" * 1000000).scan(/a/) + ("a" * 1000000).scan(/a/)).length',
]


@pytest.mark.parametrize("formula", GROWING)
def test_a_formula_cannot_grow_without_end(formula: str) -> None:
    since = time.monotonic()

    with pytest.raises(expressions.ExpressionError):
        formula_tables.evaluated(formula)

    assert time.monotonic() - since < 10


EVIL = '("a" * 40 + "!")'
SLOW = [
    f"{EVIL}.match?(/(a|a|aa)+$/)",
    f'{EVIL}.gsub(/(a|a|aa)+$/, "")',
    f"{EVIL}.scan(/(a|a|aa)+$/)",
    f"{EVIL} =~ /(a|a|aa)+$/",
    f"{EVIL}[/(a|a|aa)+$/]",
    f"{EVIL}.split(/(a|a|aa)+$/)",
    f"{EVIL}.index(/(a|a|aa)+$/)",
    f"{EVIL}.partition(/(a|a|aa)+$/)",
    f'[{{"x" => {EVIL}}}].where(x: /(a|a|aa)+$/)',
    '(1..1000).map { |x| ("a" * 18 + "!").match?(/(a|a|aa)+$/) }',
    f"{EVIL}.starts_with?(/(a|a|aa)+$/)",
]


@pytest.mark.parametrize("formula", SLOW)
def test_regular_expressions_have_a_time(formula: str) -> None:
    limits = expressions.Limits(pattern_seconds=0.05)
    since = time.monotonic()

    with pytest.raises(expressions.ExpressionError, match=r"take longer than 0\.05 seconds"):
        expressions.compile_text(f"={formula}").evaluate(formula_tables.Run(), limits)

    assert time.monotonic() - since < 1


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("1" + " + 1" * 40_000, "longer than 65536"),
        ("!" * 200 + "1", "nests deeper than 100 levels"),
        ("1" + ".abs" * 200, "nests deeper than 100 levels"),
        ("-(" * 200 + "1" + ")" * 200, "nests deeper than 100 levels"),
        ("[" * 200 + "]" * 200, "nests deeper than 100 levels"),
        ("1" * 2_000, "too large"),
        ('"x".match?(/' + "a" * 3_000 + "/)", "no longer than 2000 characters"),
        ('"x".match?(/#{"a" * 3000}/)', "no longer than 2000 characters"),
    ],
)
def test_a_formula_itself_has_limits(formula: str, message: str) -> None:
    with pytest.raises(expressions.ExpressionError, match=message):
        formula_tables.evaluated(formula)


def test_long_rows_of_additions_and_conditions_are_no_nesting() -> None:
    assert 5_001 == formula_tables.evaluated("1" + " + 1" * 5_000)
    assert "b" == formula_tables.evaluated('1 == 2 ? "a" : ' * 1_000 + '"b"')
    assert 7 == formula_tables.evaluated("(" * 1_000 + "7" + ")" * 1_000)


@pytest.mark.parametrize(
    "text",
    [
        "=1" + " + 1" * 16_000,
        "=if 1" + "\n" * 60_000,
        "=" + "(" * 60_000,
        "=" + '"#{' * 20_000,
        "=" + "-" * 60_000 + "1",
        "#{_dp('" * 100_000,
        "#{_('a'" + ", b" * 200_000,
    ],
    ids=["additions", "lines", "parentheses", "interpolations", "signs", "half pills", "half old pills"],
)
def test_compiling_takes_as_long_as_a_text_is_long(text: str) -> None:
    since = time.monotonic()
    with contextlib.suppress(expressions.ExpressionError):
        expressions.compile_text(text)

    assert time.monotonic() - since < 5


def test_limits_are_the_callers() -> None:
    limits = expressions.Limits(operations=10)
    expression = expressions.compile_text("=(1..20).sum")

    with pytest.raises(expressions.ExpressionError, match="more than 10 operations"):
        expression.evaluate(formula_tables.Run(), limits)

    assert 210 == expression.evaluate(formula_tables.Run())


PIECES = """
$name $rows $nothing 1 2.5 nil "a" 'b' [ ] { } ( ) |x| x . &. map where gsub first days ago to_s , ? : + - * / % ** <<
=> a: :a == && || ! if then else end now #{ " /b/ .. &:to_s
""".split()  # fmt: skip
METHODS = sorted({line[1].rpartition(".")[2].partition("(")[0] for line in formula_tables.lines()})
ARGUMENTS = ["1", "-1", "nil", '"a"', "[1]", "{a: 1}", "/a/", "1..2", "now", "$file", "1.5", "true", "2.days"]


def refusal(formula: str) -> expressions.ExpressionError | None:
    """Why a formula was refused; None where it was not."""
    limits = expressions.Limits(operations=50_000, pattern_seconds=0.1)
    try:
        expressions.compile_text(f"={formula_tables.spelled(formula)}").evaluate(formula_tables.Run(), limits)
    except expressions.ExpressionError as error:
        return error
    return None


@given(st.lists(st.sampled_from([*PIECES, " ", "\n"]), max_size=12).map("".join))
@settings(max_examples=400, deadline=None)
def test_any_text_comes_to_a_value_or_an_error_of_ours(formula: str) -> None:
    error = refusal(formula)

    assert error is None or "cannot do this" not in error.message
    assert error is None or 0 <= error.position <= 1 + len(formula_tables.spelled(formula))


@given(
    st.sampled_from(sorted(formula_tables.PILLS)),
    st.sampled_from(METHODS),
    st.lists(st.sampled_from(ARGUMENTS), max_size=3),
)
@settings(max_examples=600, deadline=None)
def test_any_method_of_any_value_comes_to_a_value_or_an_error_of_ours(pill: str, method: str, given: list[str]) -> None:
    error = refusal(f"${pill}.{method}({', '.join(given)})")

    assert error is None or "cannot do this" not in error.message
