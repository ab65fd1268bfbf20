"""Calls of connectors' actions as a run makes them, in a workspace that has nothing but what a test gives it."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn

from recipeyard.runtime import codec, fields, interface, outbound, workspace

NOW = datetime(2024, 5, 15, 10, 30, tzinfo=UTC)


@dataclass
class Bare:
    """A workspace of documents alone, that remembers what is logged."""

    documents: Mapping[tuple[str, str], workspace.Row] = field(default_factory=dict)
    logged: list[tuple[str, str]] = field(default_factory=list)

    def document(self, kind: str, asset_id: str) -> workspace.Row:
        try:
            return self.documents[kind, asset_id]
        except KeyError:
            raise interface.Failure(f"there is no {kind} {asset_id}") from None

    def log(self, message: str, level: str) -> None:
        self.logged.append((message, level))

    def lookup_table(self, table: str) -> NoReturn:
        raise interface.Failure(f"there is no lookup table {table}")

    def data_table(self, table: str) -> NoReturn:
        raise interface.Failure(f"there is no data table {table}")

    @property
    def files(self) -> NoReturn:
        raise interface.Failure("there are no files")

    @property
    def recipes(self) -> NoReturn:
        raise interface.Failure("there are no recipes")

    def publish(self, subject: str, payload: workspace.Row) -> int:
        raise interface.Failure(f"nobody listens to {subject}: {payload}")


class Closed:
    """No way out."""

    def request(self, send: outbound.Send) -> outbound.Answer:
        raise interface.Failure(f"{send.url} can't be reached")

    def mail(self, message: object) -> None:
        raise interface.Failure(f"{message} does not go out")


def call(given: interface.Object, **rest: Any) -> interface.Call:
    """A call with that input; `rest` are other fields of the call."""
    plain = interface.Call(
        input=given,
        step={},
        connection=None,
        key="run-1:3",
        now=NOW,
        outputs={},
        workspace=Bare(),
        outbound=Closed(),
    )
    return dataclasses.replace(plain, **rest)


def perform(connector: interface.Connector, action: str, given: interface.Object, **rest: Any) -> interface.Result:
    """What an action comes to at once: its input typed before, its output checked after, as a run does it."""
    known = connector.action(action)
    assert known is not None
    result = known.run(call(fields.take(known.input, given), **rest))
    assert isinstance(result, interface.Result)
    codec.encode(result.output, f"{connector.name}/{action}")
    return result
