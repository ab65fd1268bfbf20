"""Rows as the CSV that travels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipeyard.model import tables

FIELDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
ROWS = st.integers(1, 3).flatmap(lambda width: st.lists(st.lists(FIELDS, min_size=width, max_size=width), max_size=4))


@given(ROWS)
def test_rows_read_back_as_they_were_spelled(rows: list[list[str]]) -> None:
    assert rows == tables.parse(tables.spell(rows))


def test_quotes_stand_only_where_they_are_needed() -> None:
    assert 'a,"b,c","d""e",""\n' == tables.spell([["a", "b,c", 'd"e', ""]])


@pytest.mark.parametrize(
    ("value", "labels"),
    [
        ({"schema": [{"label": "A", "sticky": True}, {"label": "B", "sticky": False}, "odd"]}, ["A"]),
        ({"schema": [{"title": "T"}, {"name": "n"}, {}]}, ["T", "n", ""]),
        ({"schema": "none"}, []),
    ],
)
def test_columns_in_use_are_told_by_their_labels(value: dict[str, object], labels: list[str]) -> None:
    assert labels == tables.columns(value)  # type: ignore[arg-type]
