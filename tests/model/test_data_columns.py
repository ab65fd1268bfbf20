"""The columns of a data table's document, made and changed."""

import itertools
from typing import Any

import pytest

from recipeyard.model import data_columns, data_tables, errors, references

IDS = [f"00000000-0000-4000-8000-00000000000{at}" for at in range(10)]
SYSTEM = [column_id for column_id, _, _ in data_tables.SYSTEM_COLUMNS]


def schema(*wanted: data_columns.Wanted, before: list[Any] | None = None) -> list[Any]:
    fresh = itertools.chain(IDS)
    return data_columns.schema(wanted, {"schema": before or []}, lambda: next(fresh))


def text(name: str, **more: Any) -> data_columns.Wanted:
    return data_columns.Wanted(name, "string", **more)


def test_a_new_schema_begins_with_the_columns_that_every_table_has() -> None:
    made = schema(text("A", optional=False, hint="h", default="d", metadata={"m": 1}))

    assert [*SYSTEM, IDS[0]] == [each["id"] for each in made]
    assert {
        "id": IDS[0],
        "title": "A",
        "type": "short-text",
        "read_only": False,
        "hidden": False,
        "required": True,
        "metadata": {"m": 1},
        "hint": "h",
        "default_value": "d",
    } == made[-1]


def test_a_column_that_stays_keeps_its_id_and_all_that_the_request_does_not_say() -> None:
    system = {"id": SYSTEM[0], "title": "Record ID", "kept": 1}
    long_one = {"id": IDS[7], "title": "A", "type": "long-text", "hidden": True, "odd": 1, "metadata": {"m": 1}}
    other = {"id": IDS[8].upper(), "title": "B", "type": "short-text"}

    made = schema(text("New name", field_id=IDS[8]), text("A"), before=[system, long_one, other])

    assert [system, IDS[8].upper(), IDS[7]] == [made[0], made[1]["id"], made[2]["id"]]
    assert ("New name", "long-text", True, 1, {"m": 1}) == (
        made[1]["title"],
        *(made[2][key] for key in ("type", "hidden", "odd", "metadata")),
    )


def test_a_name_passes_from_one_column_to_another_by_their_ids() -> None:
    before = [{"id": IDS[7], "title": "A", "type": "short-text"}, {"id": IDS[8], "title": "B", "type": "short-text"}]

    made = schema(text("A"), text("B", field_id=IDS[7]), before=before)

    assert [("A", IDS[0]), ("B", IDS[7])] == [(each["title"], each["id"]) for each in made[3:]]


def test_another_type_is_spelled_anew_and_a_relation_goes_with_it() -> None:
    before = [{"id": IDS[7], "title": "A", "type": "relation", "relation": {"field_id": IDS[1]}}]

    made = schema(data_columns.Wanted("A", "date_time"), before=before)

    assert "date-time" == made[-1]["type"]
    assert "relation" not in made[-1]


@pytest.mark.parametrize("path", [None, "Home/Shop"])
def test_a_relation_is_spelled_as_a_reference(path: str | None) -> None:
    target = references.Reference("t.workato_db_table.json", "T", "", path)

    made = schema(data_columns.Wanted("A", "relation", table=target, related=IDS[1]))

    assert IDS[1] == made[-1]["relation"]["field_id"]
    assert target == references.parse(made[-1]["relation"]["table_id"])


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ([], "a table has at least one column"),
        ([text(" ")], "is no name of a column"),
        ([text("$A")], "is no name of a column"),
        ([text("A"), text("a")], "two columns have the name 'A'"),
        ([text("A", field_id=IDS[1]), text("B", field_id=IDS[1])], "two columns have the id"),
        ([text("A", field_id=SYSTEM[0])], "is the id of a column that every table has"),
        ([text("A", field_id="x")], "'x' is no uuid"),
        ([data_columns.Wanted("A", "short-text")], "'short-text' is not one of string, integer, "),
        ([text("A", multivalue=True)], "lists of values"),
        ([text("A", default=5)], "default_value: column 'A' takes a text, not 5"),
        ([data_columns.Wanted("A", "relation")], "a relation names a table"),
    ],
)
def test_columns_that_can_not_be_are_refused(wanted: list[data_columns.Wanted], told: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        schema(*wanted)

    assert told in refused.value.message
