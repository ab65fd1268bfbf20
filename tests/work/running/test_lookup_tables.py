"""Recipes work on lookup tables."""

from collections.abc import Mapping
from typing import Any

import pytest

import platforms
import worlds
from recipeyard.model import activities as activity_model
from recipeyard.model import assets
from recipeyard.runtime import interface
from recipeyard.runtime.connectors import lookup_table
from recipeyard.sql import activities


def on(seat: platforms.Seat, action: str, table: int | str, **given: Any) -> Any:
    return seat.do(lookup_table.CONNECTOR, action, {"lookup_table_id": str(table)} | given)


def texts(entry: Mapping[str, Any]) -> list[str]:
    return list(entry["entry"].values())


def test_entries_are_found_by_their_fields(place: worlds.Place) -> None:
    seat = platforms.Seat(place)
    table = platforms.prices(place, "a,1\nb,2\na,3\n")

    found = on(seat, "search_entries", table, parameters={"col1": "a"})["entries"]

    assert [{"col1": "a", "col2": "1"}, {"col1": "a", "col2": "3"}] == [each["entry"] for each in found]
    assert [["a", "3"]] == [
        texts(each) for each in on(seat, "search_entries", table, parameters={"Column 1": "a", "col2": 3})["entries"]
    ]
    assert [] == on(seat, "search_entries", table, parameters={"col1": None})["entries"]
    assert [["a", "1"], ["b", "2"], ["a", "3"]] == [texts(each) for each in on(seat, "get_entries", table)["entries"]]


def test_a_lookup_gives_the_first_entry_or_an_id_of_null(place: worlds.Place) -> None:
    seat = platforms.Seat(place)
    table = platforms.prices(place, "a,1\na,2\n")

    assert {"col1": "a", "col2": "1"} == on(seat, "get_entry", "Prices", parameters={"col1": "a"})["entry"]
    assert {"id": None, "entry": {}} == on(seat, "get_entry", table, parameters={"col1": "z"})


def test_entries_are_added_behind_the_others_and_changed_and_deleted(place: worlds.Place) -> None:
    seat = platforms.Seat(place)
    table = platforms.prices(place, "a,1\n")

    first = on(seat, "add_entry", table, parameters={"col1": "b", "col2": 2.5})
    batch = on(seat, "add_batch_of_entries", table, entries=[{"col1": "c"}, {"col1": "d", "col2": True}])["entries"]
    changed = on(seat, "update_entry", table, id=first["id"], parameters={"col2": "9", "col1": ""})
    on(seat, "delete_entry", table, id=str(batch[0]["id"]))

    assert {"id": first["id"], "entry": {"col1": "b", "col2": "9"}} == changed
    assert [["a", "1"], ["b", "9"], ["d", "true"]] == [
        texts(each) for each in on(seat, "get_entries", table)["entries"]
    ]
    assert {"count": 2} == on(seat, "delete_entries", table, entries=[{"id": first["id"]}, batch[1]["id"], 10**9])
    assert {"success": True, "count": 1} == on(seat, "truncate", table)
    assert [] == on(seat, "get_entries", table)["entries"]


def test_a_field_is_emptied_where_its_formula_says_clear(embedded: worlds.World) -> None:
    seat = platforms.Seat(embedded.workspace())
    table = platforms.prices(seat.place, "a,1\n")
    entry_id = on(seat, "get_entries", table)["entries"][0]["id"]
    step = {"input": {"parameters": {"col1": "#{pill}", "col2": "=_dp('{}').present? ? 1 : clear"}}}

    given = {"lookup_table_id": str(table), "id": entry_id, "parameters": {"col1": None, "col2": None}}
    changed = seat.do(lookup_table.CONNECTOR, "update_entry", given, step=step)

    assert ["a", ""] == texts(changed)


def test_an_entry_that_is_not_there_fails_unless_it_is_to_be_passed_over(embedded: worlds.World) -> None:
    seat = platforms.Seat(embedded.workspace())
    table = platforms.prices(seat.place)

    with pytest.raises(interface.Failure, match="no entry 77"):
        on(seat, "update_entry", table, id=77, parameters={"col1": "x"})
    with pytest.raises(interface.Failure, match="no entry 77"):
        on(seat, "delete_entry", table, id=77)

    assert None is on(seat, "update_entry", table, id=77, ignore_not_found="true", parameters={"col1": "x"})["id"]
    assert False is on(seat, "delete_entry", table, id=77, ignore_not_found=True)["success"]


@pytest.mark.parametrize(
    ("action", "given", "what"),
    [
        ("search_entries", {"lookup_table_id": "99999"}, "no lookup table 99999"),
        ("search_entries", {"lookup_table_id": "Nowhere"}, "no lookup table 'Nowhere'"),
        ("search_entries", {"lookup_table_id": ""}, "lookup_table_id is required"),
        ("search_entries", {"parameters": {"col9": "x"}}, "col9: column unknown"),
        ("get_entry", {}, "at least one of its fields"),
        ("add_entry", {"parameters": {"col1": ["a"]}}, "is no text"),
        ("add_entry", {"parameters": {"col1": "a\0"}}, "NUL"),
        ("add_batch_of_entries", {}, "entries must be a list"),
        ("add_batch_of_entries", {"entries": ["a"]}, "item 1 of the list"),
        ("update_entry", {"id": "one"}, "no id of an entry"),
        ("delete_entries", {"entries": [{"id": None}]}, "item 1 of the list has no id"),
    ],
)
def test_what_cant_be_done_is_a_failure(seat: platforms.Seat, action: str, given: dict[str, Any], what: str) -> None:
    with pytest.raises(interface.Failure, match=what):
        seat.do(lookup_table.CONNECTOR, action, {"lookup_table_id": "Prices"} | given)


@pytest.fixture(scope="module")
def seat(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("lookup")
    with worlds.world(f"sqlite:///{folder}/recipeyard.db", f"{folder}/blobs", {}, folder) as made:
        place = made.workspace()
        platforms.prices(place, "a,1\n")
        yield platforms.Seat(place)


def test_tables_of_other_workspaces_are_not_here(embedded: worlds.World) -> None:
    table = platforms.prices(embedded.workspace(), "a,1\n")
    seat = platforms.Seat(embedded.workspace())

    with pytest.raises(interface.Failure, match="no lookup table"):
        on(seat, "get_entries", table)


def test_entries_of_other_tables_stay(embedded: worlds.World) -> None:
    seat = platforms.Seat(embedded.workspace())
    table = platforms.prices(seat.place, "a,1\n")
    seat.place.load({"other.lookup_table.json": worlds.lookup_table("Other", "b,2\n")})
    other = on(seat, "get_entries", "Other")["entries"][0]["id"]

    assert {"count": 0} == on(seat, "delete_entries", table, entries=[other])
    assert other == on(seat, "get_entries", "Other")["entries"][0]["id"]


def test_a_batch_that_is_refused_adds_nothing(embedded: worlds.World) -> None:
    seat = platforms.Seat(embedded.workspace())
    table = platforms.prices(seat.place, "a,1\n")

    with pytest.raises(interface.Failure, match="10000 are the most"):
        on(seat, "add_batch_of_entries", table, entries=[{"col1": str(at)} for at in range(10_000)])

    assert 1 == len(on(seat, "get_entries", table)["entries"])


def test_rows_that_recipes_write_leave_no_line_and_a_truncation_one(embedded: worlds.World) -> None:
    seat = platforms.Seat(embedded.workspace())
    table = platforms.prices(seat.place, "a,1\n")
    on(seat, "add_batch_of_entries", table, entries=[{"col1": "b"}, {"col1": "c"}])
    on(seat, "delete_entry", table, id=on(seat, "get_entries", table)["entries"][0]["id"])
    on(seat, "truncate", table)

    with embedded.db.read() as tx:
        listed = activities.listed(tx, seat.place.workspace.id, activity_model.Filter(), 100)
    lines = [(each.event_type, each.details) for each in listed if each.resource.kind == "LookupTable"]
    assert [("lookup_table_truncated", {"records": 2})] == lines


def test_a_table_that_recipes_wrote_no_longer_has_the_rows_of_its_package(embedded: worlds.World) -> None:
    seat = platforms.Seat(embedded.workspace())
    table = platforms.prices(seat.place, "a,1\n")

    before = seat.place.asset(assets.LOOKUP_TABLE, "Prices").rows_digest
    on(seat, "add_entry", table, parameters={"col1": "b"})

    assert before
    assert None is seat.place.asset(assets.LOOKUP_TABLE, "Prices").rows_digest
