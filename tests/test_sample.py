"""The sample project really runs, with the stubs for its CRM, its chat and its mail that it brings with it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import platforms
import running
import worlds
from recipeyard.model import assets, runs, stubs
from recipeyard.runtime import codec
from recipeyard.runtime.connectors import workato_db_table
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import jobs as job_rows
from recipeyard.sql import runs as run_rows
from recipeyard.work import properties
from recipeyard.work import stubs as stub_deeds

SAMPLE = Path(__file__).parents[1] / "src" / "recipeyard" / "sample" / "order_desk"
FILES = {path.relative_to(SAMPLE).as_posix(): path.read_bytes() for path in SAMPLE.rglob("*.json")}
RECIPES = [json.loads(each) for path, each in FILES.items() if ".recipe." in path]
STATUS = "221da3b3_c3a9_5562_a0db_329038c9c949"


@dataclass
class Desk:
    """The sample, with its stubs bound, its properties set, and all its recipes started."""

    runner: running.Runner
    place: worlds.Place

    def recipe(self, name: str) -> int:
        return self.place.asset(assets.RECIPE, name).id

    def asked(self, name: str, **request: str) -> tuple[runs.Run, Any]:
        """What an endpoint's recipe answers, and its run."""
        run = self.runner.run(self.recipe(name), {"request": request})
        return run, self.runner.reply(run.id)

    def statuses(self) -> list[str]:
        """How the orders stand, oldest first."""
        given = {"table_id": "Orders", "order_by_field_id": platforms.RECORD_ID}
        found = platforms.Seat(self.place).do(workato_db_table.CONNECTOR, "get_records", given)["records"]
        return sorted(each[STATUS] for each in found)

    def given(self, run_id: int) -> Any:
        """What the last step of a run was given."""
        with self.runner.world.db.read() as tx:
            row = run_rows.journal(tx, run_id)[-1]
        return codec.decode(row.input or b"")

    def last(self, name: str) -> runs.Run:
        """The last run of a recipe."""
        with self.runner.world.db.read() as tx:
            page = job_rows.page(tx, self.recipe(name), job_rows.Filter(), job_rows.Window(1))
        return self.runner.ended(page[0].id)


@pytest.fixture
def desk(embedded: worlds.World) -> Iterator[Desk]:
    """The sample, running."""
    with running.running(embedded) as runner:
        place = embedded.workspace()
        assert not place.load(FILES).warnings
        with embedded.db.write() as tx:
            properties.upsert(tx, place.workspace.id, None, {"company_name": "Oak & Brass"})
            project = place.project.project_id
            values = {"tax_rate": "0.19", "warehouse": "north", "alarm_channel": "#alarms"}
            named = {f"order_desk_{name}": value for name, value in values.items()}
            properties.upsert(tx, place.workspace.id, project, named)
            connections = {e.name: e.id for e in asset_rows.of_kind(tx, place.workspace.id, assets.CONNECTION)}
            for stub in asset_rows.of_kind(tx, place.workspace.id, assets.STUB):
                mine = connections.get(stub.name)
                bound = stubs.Bound((mine,) if mine else (), without_connection=not mine)
                stub_deeds.bind(tx, place.workspace.id, stub.id, bound)
        for recipe in RECIPES:
            refusal = place.start(recipe["name"])
            assert not refusal.all, refusal
        yield Desk(runner, place)


def test_an_order_is_priced_saved_and_confirmed(desk: Desk) -> None:
    run, reply = desk.asked("API | Place order", customer="C-1001", sku="desk-oak", quantity="2")

    assert (runs.Status.SUCCEEDED, 201) == (run.status, reply["status"])
    mail = desk.last("Order placed | Confirm by mail")
    given = desk.given(mail.id)
    assert ("ada@example.com", "Your order at Oak & Brass") == (given["to"], given["subject"])
    assert "Dear Ada Marsh" in given["body"]
    assert "830.62" in given["body"]


def test_an_order_is_found_again(desk: Desk) -> None:
    placed = desk.asked("API | Place order", customer="C-1001", sku="lamp-brass", quantity="1")[1]
    order = json.loads(placed["body"])["order"]

    found = desk.asked("API | Order status", order=order)[1]
    lost = desk.asked("API | Order status", order="nowhere")[1]

    assert (200, {"status": "saved", "total": 71.28}) == (found["status"], json.loads(found["body"]))
    assert 404 == lost["status"]


@pytest.mark.parametrize(
    ("customer", "sku", "quantity", "problem"),
    [
        ("C-9", "desk-oak", "1", "unknown customer"),
        ("C-1001", "desk-glass", "1", "unknown article"),
        ("C-1001", "desk-oak", "13", "not enough in stock"),
    ],
)
def test_an_order_that_cant_be_taken_is_refused(
    desk: Desk, customer: str, sku: str, quantity: str, problem: str
) -> None:
    reply = desk.asked("API | Place order", customer=customer, sku=sku, quantity=quantity)[1]

    assert (422, {"problem": problem}) == (reply["status"], json.loads(reply["body"]))
    assert 2 == len(desk.statuses())


def test_orders_that_are_stuck_are_told_to_the_warehouse_at_night(desk: Desk) -> None:
    run = desk.runner.run(desk.recipe("Nightly | Reconcile orders"), {})

    assert runs.Status.SUCCEEDED is run.status
    assert ["picked", "picked"] == desk.statuses()


def test_an_alarm_is_raised_where_the_warehouse_does_not_answer(desk: Desk) -> None:
    crm = desk.place.asset(assets.STUB, "Order CRM")
    with desk.runner.world.db.write() as tx:
        stub_deeds.bind(tx, desk.place.workspace.id, crm.id, stubs.Bound())
    run = desk.runner.run(desk.recipe("Nightly | Reconcile orders"), {})

    assert (runs.Status.SUCCEEDED, ["picked", "saved"]) == (run.status, desk.statuses())
    assert runs.Status.SUCCEEDED is desk.last("FN | Raise alarm").status
