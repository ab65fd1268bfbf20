"""Recipes work on data tables."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from threading import Thread
from typing import Any

import pytest

import callers
import platforms
import worlds
from platforms import DUE, NAMES, ORDER, PAID, RECORD_ID, SEEN, TOTAL
from recipeyard.model import data_columns, tables
from recipeyard.runtime import interface
from recipeyard.runtime.connectors import workato_db_table
from recipeyard.sql import rows
from recipeyard.work import data_tables
from recipeyard.work.running import platform
from recipeyard.work.running import tables as running_tables

UPDATED_AT = "61aae604_a95e_4519_9091_bb0bf754a67f"
CONNECTOR = workato_db_table.CONNECTOR
HEADER = f"record_id,created_at,updated_at,{ORDER},{TOTAL},{PAID},{DUE},{SEEN}\n"
THREE = (
    HEADER + "r1,2024-01-01T00:00:00Z,,A,7,true,2024-02-01,2024-01-01T10:00:00Z\n"
    "r2,2024-01-02T00:00:00Z,,B,007,false,,2024-01-01T11:00:00+02:00\n"
    "r3,2024-01-03T00:00:00Z,,C,12,,2024-01-15,\n"
)


def on(seat: platforms.Seat, action: str, table: int | str, **given: Any) -> Any:
    return seat.do(CONNECTOR, action, {"table_id": str(table)} | given)


def fields(**given: Any) -> dict[str, Any]:
    """Fields by the columns' ids, as recipes spell them."""
    ids = {"order": ORDER, "total": TOTAL, "paid": PAID, "due": DUE, "seen": SEEN}
    return {NAMES[ids[name]]: value for name, value in given.items()}


def names(answer: Mapping[str, Any]) -> list[str]:
    return [each[NAMES[ORDER]] for each in answer["records"]]


@pytest.fixture(scope="module")
def seat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[platforms.Seat]:
    """A workspace whose table of three orders nobody changes."""
    folder = tmp_path_factory.mktemp("tables")
    with worlds.world(f"sqlite:///{folder}/recipeyard.db", f"{folder}/blobs", {}, folder) as made:
        place = made.workspace()
        platforms.orders(place, THREE)
        yield platforms.Seat(place)


FILTERS: list[tuple[list[dict[str, Any]], str]] = [
    ([], "ABC"),
    ([{"field_id": ORDER, "op_default": "eq", "value_default": "B"}], "B"),
    ([{"field_id": ORDER, "op_default": "ne", "value_default": "B"}], "AC"),
    ([{"field_id": ORDER, "op_default": "starts_with", "value_default": "A"}], "A"),
    ([{"field_id": ORDER, "op_default": "in", "value_default": "A, C"}], "AC"),
    ([{"field_id": TOTAL, "op_integer": "eq", "value_integer": "7"}], "AB"),
    ([{"field_id": TOTAL, "op_integer": "gt", "value_integer": 7}], "C"),
    ([{"field_id": TOTAL, "op_integer": "less_or_equal", "value_integer": "7.0"}], "AB"),
    ([{"field_id": PAID, "op_boolean": "istrue"}], "A"),
    ([{"field_id": PAID, "op_boolean": "isfalse"}], "B"),
    ([{"field_id": PAID, "op_boolean": "isnull"}], "C"),
    ([{"field_id": DUE, "op_date": "isnotnull"}], "AC"),
    ([{"field_id": DUE, "op_date": "eq", "value_date": date(2024, 1, 15)}], "C"),
    ([{"field_id": SEEN, "op_date_time": "lt", "value_date_time": "2024-01-01T09:30:00"}], "B"),
    ([{"field_id": SEEN, "op_date_time": "gte", "value_date_time": datetime(2024, 1, 1, 9, tzinfo=UTC)}], "AB"),
    ([{"field_id": RECORD_ID.replace("_", "-"), "op_id": "eq", "value_default": "r2"}], "B"),
    ([{"field_id": "a5612739-5401-4ae7-bd07-782c1a6fb2d1", "op_x": "gt", "value": "2024-01-02"}], "C"),
    ([{"field_id": "Total", "op_x": "eq", "value": 7}, {"field_id": PAID, "op_boolean": "istrue"}], "A"),
    ([{"field_id": ORDER, "op_default": "eq", "value_default": ""}], ""),
]


@pytest.mark.parametrize(("filters", "found"), FILTERS)
def test_records_are_found_by_filters(seat: platforms.Seat, filters: list[dict[str, Any]], found: str) -> None:
    assert list(found) == names(on(seat, "get_records", "Orders", filters=filters))


def test_filters_mean_the_same_on_each_backend(place: worlds.Place) -> None:
    seat = platforms.Seat(place)
    table = platforms.orders(place, THREE)

    found = ["".join(names(on(seat, "get_records", table, filters=filters))) for filters, _ in FILTERS]

    assert [expected for _, expected in FILTERS] == found


@pytest.mark.parametrize(
    ("by", "direction", "order"),
    [
        (ORDER, "desc", "CBA"),
        (TOTAL, "asc", "ABC"),
        (DUE, "asc", "CAB"),
        (DUE, "desc", "ACB"),
        ("Total", "desc", "CAB"),
    ],
)
def test_records_come_in_the_order_that_is_asked_for(seat: platforms.Seat, by: str, direction: str, order: str) -> None:
    found = on(seat, "get_records", "Orders", order_by_field_id=by, order_direction=direction)

    assert list(order) == names(found)


@pytest.mark.parametrize("order", [{}, {"order_by_field_id": TOTAL}])
def test_a_look_goes_on_behind_the_record_that_was_last_be_it_gone(place: worlds.Place, order: dict[str, str]) -> None:
    seat = platforms.Seat(place)
    table = platforms.orders(place, THREE)
    first = on(seat, "get_records", table, limit="2", **order)

    on(seat, "delete_records_batch", table, records=[{"record_id": first["records"][1][RECORD_ID]}])
    second = on(seat, "get_records", table, limit="2", continuation_token=first["continuation_token"], **order)

    assert (["A", "B"], ["C"]) == (names(first), names(second))
    assert None is second["continuation_token"]


def test_a_record_is_shown_with_typed_values_by_ids_or_by_names(seat: platforms.Seat) -> None:
    by_id = on(seat, "get_records", "Orders", limit=1)["records"][0]
    by_name = on(seat, "get_records", "Orders", limit=1, output_format="field_name_to_value")["records"][0]

    seen = datetime(2024, 1, 1, 10, tzinfo=UTC)
    assert fields(order="A", total=7, paid=True, due=date(2024, 2, 1), seen=seen).items() <= by_id.items()
    assert ("r1", "A", 7) == (by_name["Record ID"], by_name["Order"], by_name["Total"])
    assert datetime(2024, 1, 1, tzinfo=UTC) == by_name["Created at"]


def test_a_record_is_made_of_texts_and_changed_where_something_is_sent(place: worlds.Place) -> None:
    seat = platforms.Seat(place)
    table = platforms.orders(place, THREE)
    sent = fields(order="D", total="3", paid="True", due="2024-05-06T07:08:09Z", seen="2024-05-06 07:08")

    made = on(seat, "add_record", table, parameters=sent)["record"]
    changed = on(seat, "update_record", table, record_id=made[RECORD_ID], parameters=fields(order="E", total=""))

    expected = fields(order="D", total=3, paid=True, due=date(2024, 5, 6), seen=datetime(2024, 5, 6, 7, 8, tzinfo=UTC))
    assert expected.items() <= made.items()
    assert (expected | fields(order="E")).items() <= changed["record"].items()
    assert made[UPDATED_AT] < changed["record"][UPDATED_AT]
    assert ["A", "B", "C", "E"] == names(on(seat, "get_records", table))


def test_an_upsert_changes_the_record_that_is_there_or_makes_one(place: worlds.Place) -> None:
    seat = platforms.Seat(place)
    table = platforms.orders(place, THREE)

    changed = on(seat, "upsert_record", table, primary_field_id=ORDER, parameters=fields(order="B", total=1))
    made = on(seat, "upsert_record", table, primary_field_id=ORDER, parameters=fields(order="Z", total=2))

    assert (False, "r2", 1) == (changed["created"], changed["record"][RECORD_ID], changed["record"][NAMES[TOTAL]])
    assert (True, 2) == (made["created"], made["record"][NAMES[TOTAL]])
    assert ["A", "B", "C", "Z"] == names(on(seat, "get_records", table))


def test_records_go_by_id_by_condition_and_all_at_once(place: worlds.Place) -> None:
    seat = platforms.Seat(place)
    table = platforms.orders(place, THREE)

    assert {"success": True} == on(seat, "delete_record", table, record_id="r1")
    assert {"success": False} == on(seat, "delete_record", table, record_id="r1")
    gone = on(seat, "delete_records_by_condition", table, filters=[{"field_id": TOTAL, "op_x": "gt", "value": 7}])
    assert {"success": True, "count": 1} == gone
    assert {"success": True, "count": 1} == on(seat, "truncate_table", table)


def test_a_table_that_would_be_too_full_takes_no_record_of_a_batch(
    embedded: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat = platforms.Seat(embedded.workspace())
    table = platforms.orders(seat.place, THREE)
    monkeypatch.setattr(running_tables.DataTable, "limit", 4)

    with pytest.raises(interface.Failure, match="has 3 rows, and 4 are the most"):
        on(seat, "create_records_batch", table, records=[fields(order="D"), fields(order="E")])
    on(seat, "delete_record", table, record_id="r1")
    on(seat, "create_records_batch", table, records=[fields(order="D"), fields(order="E")])

    assert ["B", "C", "D", "E"] == names(on(seat, "get_records", table))


def test_who_listens_is_told_of_new_and_changed_records(embedded: worlds.World) -> None:
    seat = platforms.Seat(embedded.workspace())
    table = platforms.orders(seat.place, THREE)
    subjects = {each.name: each.listening for each in CONNECTOR.triggers}
    fresh, changed = subjects["new_records_realtime"], subjects["updated_records_realtime"]
    assert isinstance(fresh, interface.Subject)
    assert isinstance(changed, interface.Subject)

    on(seat, "create_records_batch", table, records=[fields(order="D"), fields(order="E")])
    on(seat, "update_record", table, record_id="r1", parameters=fields(total=8))

    assert {changed.of({"table_id": table})} == {subject for subject, _ in seat.told}
    created: list[Any] = [event for _, told in seat.told if (event := fresh.event({}, told))]
    assert ["D", "E"] == [each["record"][NAMES[ORDER]] for each in created]
    events: list[Any] = [changed.event({}, told) for _, told in seat.told]
    assert [None, None, 7] == [each["old_record"].get(NAMES[TOTAL]) for each in events]
    assert [None, None, 8] == [each["record"][NAMES[TOTAL]] for each in events]


def test_where_nobody_listens_a_batch_asks_once(embedded: worlds.World) -> None:
    seat = platforms.Seat(embedded.workspace(), listening=False)
    table = platforms.orders(seat.place)

    on(seat, "create_records_batch", table, records=[fields(order=str(at)) for at in range(50)])

    assert 1 == len(seat.told)


@pytest.mark.parametrize(
    ("action", "given", "what"),
    [
        ("get_records", {"table_id": "99999"}, "no data table"),
        ("get_records", {"limit": "2000"}, "limit must be a whole number from 0 to 1000"),
        ("get_records", {"filters": [{"field_id": ORDER, "op_default": "like"}]}, "operator unknown: 'like'"),
        ("get_records", {"filters": [{"field_id": "", "op_default": "eq"}]}, "field_id of filter 1 is required"),
        ("get_records", {"filters": [{"field_id": "Nope", "op_default": "eq"}]}, "column unknown"),
        ("get_records", {"filters": [{"field_id": TOTAL, "op_x": "eq", "value": "many"}]}, "takes an integer"),
        ("get_records", {"order_by_field_id": "Nope"}, "column unknown"),
        ("get_records", {"continuation_token": "abc"}, "none that an earlier look gave"),
        ("add_record", {"parameters": fields(total=1)}, "'Order' is required"),
        ("add_record", {"parameters": fields(order="D", total="many")}, 'takes an integer, not "many"'),
        ("add_record", {"parameters": fields(order="D", due="soon")}, "takes a date"),
        ("add_record", {"parameters": {"Nope": 1}}, "column unknown"),
        ("add_record", {"parameters": {RECORD_ID: "x"} | fields(order="D")}, "column unknown"),
        ("update_record", {"record_id": "r9", "parameters": fields(total=1)}, "no record 'r9'"),
        ("upsert_record", {"primary_field_id": ORDER, "parameters": fields(total=1)}, "has no value"),
        ("delete_records_batch", {"records": [{"name": "x"}]}, "item 1 of the list has no record_id"),
        ("delete_records_by_condition", {}, "say which records go"),
    ],
)
def test_what_cant_be_done_is_a_failure(seat: platforms.Seat, action: str, given: dict[str, Any], what: str) -> None:
    with pytest.raises(interface.Failure, match=what):
        seat.do(CONNECTOR, action, {"table_id": "Orders"} | given)


def test_one_record_of_a_large_table_is_found_without_loading_the_others(
    embedded: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat = platforms.Seat(embedded.workspace(), listening=False)
    table = platforms.orders(seat.place, HEADER + "".join(f"r{at},,,o{at},{at},,,\n" for at in range(2000)))
    loaded: list[int] = []
    spelled = rows._row

    def noted(row: Any) -> tables.Row:
        loaded.append(row.id)
        return spelled(row)

    monkeypatch.setattr(rows, "_row", noted)

    on(seat, "upsert_record", table, primary_field_id=TOTAL, parameters=fields(order="o1500", total=1500))
    on(seat, "update_record", table, record_id="r700", parameters=fields(paid=True))
    found = on(seat, "get_records", table, order_by_field_id=TOTAL, order_direction="desc", limit=1)

    assert ["o1999"] == names(found)
    assert len(loaded) < 10


def test_steps_that_write_at_once_lose_nothing(world: worlds.World) -> None:
    place = world.workspace()
    table = platforms.orders(place)
    failures: list[BaseException] = []

    def write(mine: int) -> None:
        seat = platforms.Seat(place, listening=False)
        try:
            for at in range(10):
                on(seat, "add_record", table, parameters=fields(order=f"{mine}.{at}"))
                on(seat, "upsert_record", table, primary_field_id=ORDER, parameters=fields(order="one", total=at))
        except interface.Failure as e:
            failures.append(e)

    threads = [Thread(target=write, args=(mine,)) for mine in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    found = names(on(platforms.Seat(place), "get_records", table, limit=1000))
    assert [] == failures
    assert sorted(["one", *(f"{mine}.{at}" for mine in range(3) for at in range(10))]) == sorted(found)


def test_columns_that_changed_meanwhile_are_those_of_now(embedded: worlds.World) -> None:
    seat = platforms.Seat(embedded.workspace())
    table = platforms.orders(seat.place)

    with embedded.db.write() as tx:
        voices = platform.Voices(lambda *_: 0, lambda *_: None)
        here = platform.Workspace(tx, seat.place.workspace.id, voices, callers.Recipes()).data_table("Orders")
        columns = [data_columns.Wanted("Order", "string"), data_columns.Wanted("Note", "string")]
        data_tables.change(tx, seat.place.workspace.id, str(table), data_tables.Edit(columns=columns))
        made = here.add([{"Order": "A", "Note": "new"}])

    assert ["Record ID", "Created at", "Updated at", "Order", "Note"] == [each.label for each in here.columns]
    assert ["A", "new"] == list(made[0].fields.values())[3:]
