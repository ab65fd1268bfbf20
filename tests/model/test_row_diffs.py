"""What differs between two sets of rows."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from recipeyard.model import diffs

LISTS = st.lists(st.lists(st.sampled_from("ab"), min_size=2, max_size=2), max_size=5)
RECORDS = st.lists(st.fixed_dictionaries({"record_id": st.sampled_from("123"), "x": st.sampled_from("ab")}), max_size=5)


def spelled(row: Any) -> str:
    return json.dumps(row, sort_keys=True)


@given(st.tuples(LISTS, LISTS) | st.tuples(RECORDS, RECORDS), st.booleans())
def test_rows_differ_where_one_stands_more_often(pair: tuple[list[Any], list[Any]], keyed: bool) -> None:
    before, after = pair
    key = None if not keyed else ["record_id"] if any(isinstance(each, dict) for each in before + after) else [0]
    found = diffs.rows(before, after, key)

    assert (sorted(map(spelled, before)) != sorted(map(spelled, after))) == (found is not None)


@given(LISTS, LISTS)
def test_what_is_told_leads_from_one_set_to_the_other(before: list[Any], after: list[Any]) -> None:
    found = diffs.rows(before, after) or diffs.Rows()
    left = list(before)
    for row in [*found.removed, *(each.before for each in found.changed)]:
        left.remove(row)

    assert sorted(after) == sorted([*left, *found.added, *(each.after for each in found.changed)])


def test_rows_are_told_by_their_key() -> None:
    before = [["1", "a", "x"], ["2", "b", "x"], ["3", "c", "x"]]
    after = [["3", "c", "x"], ["1", "z", "y"], ["4", "b", "x"]]

    assert (
        diffs.Rows(
            added=(["4", "b", "x"],),
            removed=(["2", "b", "x"],),
            changed=(diffs.ChangedRow(["1", "a", "x"], ["1", "z", "y"]),),
        )
        == diffs.rows(before, after, [0])
    )  # fmt: skip


def test_records_are_told_by_their_id() -> None:
    before = [{"record_id": "1", "x": "a"}, {"record_id": "2", "x": "b"}]
    after = [{"record_id": "2", "x": "b"}, {"record_id": "1", "x": "c"}]

    assert diffs.Rows(changed=(diffs.ChangedRow(before[0], after[1]),)) == diffs.rows(before, after, ["record_id"])


def test_without_a_key_the_row_that_kept_most_is_the_same() -> None:
    before = [["a", "b", "c"], ["a", "b", "x"]]
    after = [["a", "b", "y"], ["q", "q", "c"]]

    assert (
        diffs.Rows((["q", "q", "c"],), (["a", "b", "x"],), (diffs.ChangedRow(before[0], after[0]),))
        == diffs.rows(before, after)
    )  # fmt: skip


def test_a_row_that_kept_less_than_half_is_another() -> None:
    assert diffs.Rows((["a", "y", "z"],), (["a", "b", "c"],)) == diffs.rows([["a", "b", "c"]], [["a", "y", "z"]])


def test_many_rows_without_a_key_are_added_and_removed() -> None:
    found = diffs.rows([[str(at), "x"] for at in range(101)], [[str(at), "y"] for at in range(100)])

    assert found is not None
    assert (100, 101, 0) == (len(found.added), len(found.removed), len(found.changed))


def test_rows_of_one_key_are_told_by_all_their_fields() -> None:
    before = [["1", "a"], ["1", "b"], ["1", "b"]]

    assert diffs.Rows(removed=(["1", "b"],), added=(["1", "c"],)) == diffs.rows(
        before, [["1", "b"], ["1", "c"], ["1", "a"]], [0]
    )


def test_of_very_many_rows_the_first_are_listed_and_the_rest_counted() -> None:
    before = [[str(at), "same"] for at in range(100_000)]
    after = [[str(at), "same" if at % 2 else "other"] for at in range(50_000, 100_300)]
    found = diffs.rows(before, after, [0])

    assert found is not None
    assert (200, 49_800) == (len(found.removed), found.more_removed)
    assert (200, 24_800) == (len(found.changed), found.more_changed)
    assert (200, 100) == (len(found.added), found.more_added)


def test_a_long_text_in_a_row_is_told_by_its_digest() -> None:
    found = diffs.rows([], [["x" * 2001]])

    assert found is not None
    assert [2001] == [each.size for each in found.added[0]]


def test_rows_make_a_diff_mean_something() -> None:
    rows = diffs.Rows(added=(["a"],))

    assert diffs.Diff(rows=rows) == diffs.with_rows(None, rows)
    assert diffs.Diff(rows=rows) == diffs.with_rows(diffs.Diff(cosmetic=True, form=True), rows)
    assert diffs.with_rows(None, None) is None
