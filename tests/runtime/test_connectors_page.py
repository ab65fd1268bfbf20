"""The page on connectors is true: its example is a plugin that works, and its table has every built-in connector."""

import json
import pkgutil
import re
import tomllib
from dataclasses import dataclass, field
from email.message import EmailMessage
from importlib import metadata
from pathlib import Path

import pytest

import connector_calls
from recipeyard.runtime import connectors, fields, installed, interface, outbound

_PAGE = (Path(__file__).parents[2] / "docs" / "connectors.md").read_text()
_CONNECTION: interface.Object = {"url": "https://desk.example", "token": "t0ken"}


def _block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", _PAGE, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> interface.Connector:
    """The page's example, installed as the page says."""
    project = tomllib.loads(_block("toml"))["project"]
    (tmp_path / "ticket_desk.py").write_text(_block("python"))
    folder = tmp_path / f"{project['name']}-{project['version']}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    points = project["entry-points"][interface.GROUP]
    lines = "\n".join(f"{name} = {value}" for name, value in points.items())
    (folder / "entry_points.txt").write_text(f"[{interface.GROUP}]\n{lines}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    (installation,) = metadata.distributions(path=[str(tmp_path)])

    return installed.load(installation.entry_points)["ticket_desk"]


@dataclass
class Desk:
    """The ticket desk, on the other side of the way out."""

    status: int = 200
    answer: object = None
    asked: list[outbound.Send] = field(default_factory=list)

    def request(self, send: outbound.Send) -> outbound.Answer:
        self.asked.append(send)
        return outbound.Answer(self.status, {}, json.dumps(self.answer).encode())

    def mail(self, message: EmailMessage) -> None:
        raise interface.Failure(f"no mail: {message}")


def test_the_examples_action_hands_its_key_on_and_gives_the_ticket(desk: interface.Connector) -> None:
    other = Desk(answer={"id": 7, "subject": "Printer", "open": False})

    result = connector_calls.perform(desk, "close_ticket", {"id": "7"}, connection=_CONNECTION, outbound=other)

    assert {"id": 7, "subject": "Printer", "open": False} == result.output
    assert [("POST", "https://desk.example/tickets/7/close")] == [(each.method, each.url) for each in other.asked]
    assert "run-1:3" == other.asked[0].headers["idempotency-key"]


def test_the_examples_trigger_finds_what_is_new_and_remembers_where_it_was(desk: interface.Connector) -> None:
    trigger = desk.trigger("new_ticket")
    assert trigger is not None
    assert isinstance(trigger.listening, interface.Poll)
    other = Desk(answer=[{"id": 8, "subject": "Door"}])
    asked = interface.Asked({}, {}, _CONNECTION, 7, connector_calls.NOW, connector_calls.Bare(), other)

    polled = trigger.listening.look(asked)

    assert [interface.Event({"id": 8, "subject": "Door"}, "8")] == list(polled.events)
    assert 8 == polled.cursor
    assert "https://desk.example/tickets?since=7" == other.asked[0].url


def test_the_examples_failures_are_told(desk: interface.Connector) -> None:
    assert desk.connecting is not None
    with pytest.raises(interface.Failure, match="the desk answered 401"):
        desk.connecting.test(_CONNECTION, Desk(status=401))
    with pytest.raises(interface.Failure, match="id is required"):
        fields.take(desk.actions[0].input, {})


def test_the_table_has_every_built_in_connector() -> None:
    told = set(
        re.findall(r"^\| `(\w+)` \|", _PAGE[_PAGE.index("## Built in") : _PAGE.index("## What works")], re.MULTILINE)
    )

    assert {each.name for each in pkgutil.iter_modules(connectors.__path__)} <= told
