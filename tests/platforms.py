"""A real workspace as steps have it: each action done in a transaction of its own, and what is told remembered.

Where a seat is accepting, recipes that listen are told instead.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import connector_calls
import worlds
from callers import Recipes
from recipeyard.model import assets, documents
from recipeyard.runtime import interface, workspace
from recipeyard.sql import database
from recipeyard.work.running import accepting, platform

ORDER, TOTAL, PAID, DUE, SEEN = (f"{at}0000000-0000-4000-8000-000000000000" for at in range(1, 6))
NAMES = {name: name.replace("-", "_") for name in (ORDER, TOTAL, PAID, DUE, SEEN)}
RECORD_ID = "11fbe9a6_a16d_4d7e_86ea_afe42ec03005"


@dataclass
class Seat:
    """Where the steps of one workspace's recipes are done."""

    place: worlds.Place
    listening: bool = True
    accepting: bool = False
    told: list[tuple[str, workspace.Row]] = field(default_factory=list)

    @contextmanager
    def opened(self) -> Iterator[platform.Workspace]:
        """The workspace in one transaction."""
        with self.place.world.db.write() as tx:
            accept = functools.partial(self._accept, tx)
            voices = platform.Voices(accept if self.accepting else self._publish, lambda *_: None)
            yield platform.Workspace(tx, self.place.workspace.id, voices, Recipes())

    def do(self, connector: interface.Connector, action: str, given: dict[str, Any], **rest: Any) -> Any:
        """What an action gives."""
        with self.opened() as here:
            return connector_calls.perform(connector, action, given, workspace=here, **rest).output

    def _accept(self, tx: database.Tx, subject: str, payload: workspace.Row) -> int:
        return accepting.publish(tx, self.place.workspace.id, subject, interface.Event(payload))

    def _publish(self, subject: str, payload: workspace.Row) -> int:
        self.told.append((subject, payload))
        return int(self.listening)


def prices(place: worlds.Place, data: str = "") -> int:
    """The id of a lookup table with two columns and these rows."""
    place.load({"prices.lookup_table.json": worlds.lookup_table("Prices", data)})
    return place.asset(assets.LOOKUP_TABLE, "Prices").id


def orders(place: worlds.Place, data: str = "") -> int:
    """The id of a data table with a column of each of five types, the first of them required, and these records."""
    kinds = {ORDER: "short-text", TOTAL: "integer", PAID: "boolean", DUE: "date", SEEN: "date-time"}
    titles = ("Order", "Total", "Paid", "Due", "Seen")
    columns: list[documents.Value] = [
        {"id": name, "title": title, "type": kind, "required": title == "Order"}
        for (name, kind), title in zip(kinds.items(), titles, strict=True)
    ]
    document = worlds.document({"name": "Orders", "schema": columns, "data": data})
    place.load({"orders.workato_db_table.json": document})
    return place.asset(assets.DATA_TABLE, "Orders").id
