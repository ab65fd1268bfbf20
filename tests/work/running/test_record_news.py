"""Recipes that listen to a data table run for its records, whoever writes them."""

import time
from typing import Any

import platforms
import running
import worlds
from platforms import NAMES, ORDER
from recipeyard.runtime.connectors import lookup_table, workato_db_table
from recipeyard.work import records


def noting(trigger: str) -> bytes:
    """A recipe that notes the order of each record that it hears of."""
    order = running.pill("record", NAMES[ORDER], provider="workato_db_table")
    before = running.pill("old_record", NAMES[ORDER], provider="workato_db_table")
    given = {
        "lookup_table_id": worlds.reference("prices.lookup_table.json", "Prices"),
        "parameters": {"col1": f"#{{{order}}}", "col2": f"#{{{before}}}"},
    }
    value = worlds.Recipe("A", trigger=("workato_db_table", trigger)).step("lookup_table", "add_entry", given).value
    value["code"]["input"] = {"table_id": worlds.reference("orders.workato_db_table.json", "Orders")}
    return worlds.document(value)


def noted(seat: platforms.Seat, count: int) -> list[list[Any]]:
    """What the recipe has noted, once it is so much."""
    until = time.monotonic() + running.PATIENCE_S
    while time.monotonic() < until:
        found = seat.do(lookup_table.CONNECTOR, "get_entries", {"lookup_table_id": "Prices"})["entries"]
        if len(found) >= count:
            break
        time.sleep(0.02)
    return sorted(list(each["entry"].values()) for each in found)


def listened(runner: running.Runner, trigger: str) -> tuple[platforms.Seat, str]:
    """A workspace in which that recipe runs, and the id of its table."""
    place = runner.world.workspace()
    platforms.prices(place)
    table = platforms.orders(place)
    place.load({"a.recipe.json": noting(trigger)})
    assert not place.start("A").all
    return platforms.Seat(place), str(table)


def test_a_record_that_the_api_or_a_step_makes_is_heard_of_once(world: worlds.World) -> None:
    with running.running(world) as runner:
        seat, table = listened(runner, "new_records_realtime")
        with world.db.write() as tx:
            records.add(tx, seat.place.workspace.id, table, {"Order": "by hand"})
        seat.accepting = True
        given = {"table_id": table, "records": [{NAMES[ORDER]: "A"}, {NAMES[ORDER]: "B"}]}
        seat.do(workato_db_table.CONNECTOR, "create_records_batch", given)

        assert [["A", ""], ["B", ""], ["by hand", ""]] == noted(seat, 3)


def test_a_record_that_the_api_changes_is_told_with_what_it_was(embedded: worlds.World) -> None:
    with running.running(embedded) as runner:
        seat, table = listened(runner, "updated_records_realtime")
        workspace_id = seat.place.workspace.id
        with embedded.db.write() as tx:
            made, _ = records.add(tx, workspace_id, table, {"Order": "A"})
        with embedded.db.write() as tx:
            records.change(tx, workspace_id, table, made.id, {"Order": "B"})

        assert [["A", ""], ["B", "A"]] == noted(seat, 2)
