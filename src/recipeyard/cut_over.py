"""A cut-over under fire, through the public API alone: events flow, imports replace the recipe, the server is killed.

Events arrive at a webhook at a steady rate, each with an id; whoever sends one sends it again until it is acknowledged.
The recipe writes each into a table, together with the version that runs it. Meanwhile new versions are imported, and
the server dies at moments that nobody chose. In the end the table is counted.
"""

import io
import json
import secrets
import threading
import time
import uuid
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

SENDERS = 4
PATIENCE_S = 60
RECIPE, TABLE = "Cut-over", "Arrivals"
_EVENT, _VERSION = "0c7de0aa-5a4b-4c4e-9c52-000000000001", "0c7de0aa-5a4b-4c4e-9c52-000000000002"
_SYSTEM = (
    ("11fbe9a6-a16d-4d7e-86ea-afe42ec03005", "Record ID", "short-text"),
    ("a5612739-5401-4ae7-bd07-782c1a6fb2d1", "Created time", "date-time"),
    ("61aae604-a95e-4519-9091-bb0bf754a67f", "Last modified time", "date-time"),
)


class Host(Protocol):
    """A server that can be killed."""

    @property
    def address(self) -> str:
        """Where it answers."""

    def kill(self) -> None:
        """Let it die without a word, and start it again; returns once it answers."""


@dataclass(frozen=True, slots=True)
class Fire:
    """How much happens: so many imports and kills, events each second all the while."""

    imports: int
    kills: int
    events_per_s: float


@dataclass(frozen=True, slots=True)
class Count:
    """What came of it.

    `lost` were acknowledged and are not in the table, `repeated` stand there more often than once. `mixed` were written
    by a version that did not run when they arrived. `refused` were answered with anything but yes or silence.
    """

    events: int
    imports: int
    kills: int
    lost: int
    repeated: int
    mixed: int
    refused: int
    longest_wait_s: float

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, repeated, mixed up or refused."""
        return not (self.lost or self.repeated or self.mixed or self.refused)


@dataclass
class Range:
    """Where it all happens: a workspace's API, and the recipe's webhook."""

    host: Host
    token: str
    sent: dict[str, tuple[int, float, float]] = field(default_factory=dict)
    """Each event's id: the versions that had arrived when it was sent, and the moments of sending and of the answer."""

    refused: int = 0
    version: int = 0
    begun: int = 0
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=PATIENCE_S))

    def call(self, method: str, path: str, **more: Any) -> Any:
        """One call of the API, made again while the server is away."""
        until = time.monotonic() + PATIENCE_S
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        while True:
            try:
                answer = self.http.request(method, f"{self.host.address}/api/{path}", headers=headers, **more)
            except httpx.TransportError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)
            else:
                answer.raise_for_status()
                return answer.json()

    def load(self, folder: int, version: int) -> None:
        """Import a version of the recipe, and wait until it runs. One that arrives twice changes nothing more."""
        kind = {"Content-Type": "application/octet-stream"}
        package = self.call(
            "POST",
            f"packages/import/{folder}",
            params={"restart_recipes": True},
            content=archive(version),
            headers=kind,
        )
        while package["status"] == "in_progress":
            time.sleep(0.02)
            package = self.call("GET", f"packages/{package['id']}")
        if package["status"] != "completed":
            raise RuntimeError(f"import of version {version} {package['status']}: {package['error']}")

    def send(self, url: str, pace: "Pace", stopped: threading.Event) -> None:
        """Send events, each until it is acknowledged."""
        while not stopped.is_set():
            pace.wait()
            self._deliver(url, uuid.uuid4().hex)

    def _deliver(self, url: str, event: str) -> None:
        arrived, began = self.version, time.monotonic()
        while time.monotonic() < began + PATIENCE_S:
            with suppress(httpx.TransportError):
                answer = self.http.post(url, json={"event": event}, headers={"X-Event-Id": event}, timeout=PATIENCE_S)
                if answer.status_code == httpx.codes.OK:
                    self.sent[event] = (arrived, self.begun, time.monotonic() - began)
                    return
                self.refused += 1
            time.sleep(0.02)

    def written(self, table: str) -> Counter[tuple[str, int]]:
        """What stands in the table: how often each event, by the version that wrote it."""
        found: Counter[tuple[str, int]] = Counter()
        token: str | None = None
        while True:
            asked = {"limit": 200, "order": "$record_id", "continuation_token": token}
            page = self.call("POST", f"v1/tables/{table}/query", json={k: v for k, v in asked.items() if v})
            found.update((each["document"]["Event"], int(each["document"]["Version"])) for each in page["records"])
            token = page["continuation_token"]
            if not token:
                return found


class Pace:
    """So many times a second, whoever waits."""

    def __init__(self, per_s: float) -> None:
        self._pause_s = 1 / per_s
        self._lock = threading.Lock()
        self._next = time.monotonic()

    def wait(self) -> None:
        """Wait for one's turn; turns that nobody took are not made up for."""
        with self._lock:
            mine = max(self._next, time.monotonic())
            self._next = mine + self._pause_s
        time.sleep(max(0.0, mine - time.monotonic()))


def under_fire(host: Host, token: str, fire: Fire, tell: Callable[[str], None] = lambda _: None) -> Count:
    """Let it happen in a workspace, and count what came of it."""
    place = Range(host, token)
    folder = int(place.call("POST", "folders", json={"name": RECIPE})["id"])
    place.load(folder, 0)
    recipe = next(each for each in place.call("GET", f"recipes?folder_id={folder}")["items"] if each["name"] == RECIPE)
    started = place.call("PUT", f"recipes/{recipe['id']}/start")
    if not started["success"]:
        raise RuntimeError(f"the recipe does not start: {started}")
    table = next(each["id"] for each in place.call("GET", "data_tables")["data"] if each["name"] == TABLE)
    url = place.call("GET", f"recipes/{recipe['id']}")["webhook_url"]
    stopped, pace = threading.Event(), Pace(fire.events_per_s)
    senders = [threading.Thread(target=place.send, args=(url, pace, stopped), daemon=True) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    _replace(place, folder, fire, tell)
    stopped.set()
    for sender in senders:
        sender.join()
    return _count(place, str(table), fire)


def _replace(place: Range, folder: int, fire: Fire, tell: Callable[[str], None]) -> None:
    """Import one version after another, while the server dies now and then."""
    chance = secrets.SystemRandom()
    deadly = sorted(chance.sample(range(1, fire.imports + 1), min(fire.kills, fire.imports)))
    for version in range(1, fire.imports + 1):
        death = None
        if version in deadly:
            death = threading.Timer(chance.random() * 0.1, place.host.kill)
            death.start()
        place.begun = version
        place.load(folder, version)
        place.version = version
        if death:
            death.join()
            tell(f"killed while version {version} arrived; {len(place.sent)} events acknowledged so far")


def _count(place: Range, table: str, fire: Fire) -> Count:
    """Wait until what was acknowledged has been run, as long as there is progress, and count."""
    written: Counter[tuple[str, int]] = Counter()
    quiet_until = time.monotonic() + PATIENCE_S
    while time.monotonic() < quiet_until:
        before, written = len(written), place.written(table)
        if len({event for event, _ in written}) >= len(place.sent):
            break
        if len(written) > before:
            quiet_until = time.monotonic() + PATIENCE_S
        time.sleep(0.2)
    times: Counter[str] = Counter()
    mixed = 0
    for (event, version), count in written.items():
        times[event] += count
        least, most, _ = place.sent.get(event, (version, version, 0))
        mixed += not least <= version <= most
    return Count(
        events=len(place.sent),
        imports=fire.imports,
        kills=fire.kills,
        lost=sum(event not in times for event in place.sent),
        repeated=sum(count > 1 for count in times.values()),
        mixed=mixed,
        refused=place.refused,
        longest_wait_s=max((waited for _, _, waited in place.sent.values()), default=0.0),
    )


def archive(version: int) -> bytes:
    """The package with one version of the recipe, and the table."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for path, value in (("cut_over.recipe.json", _recipe(version)), ("arrivals.workato_db_table.json", _table())):
            file.writestr(path, json.dumps(value, indent=2))
    return packed.getvalue()


def _recipe(version: int) -> Mapping[str, Any]:
    event = {"pill_type": "output", "provider": "workato_webhooks", "line": "arrival", "path": ["payload", "event"]}
    table = {"zip_name": "arrivals.workato_db_table.json", "name": TABLE, "folder": ""}
    written = {_EVENT: f"#{{_dp('{json.dumps(event, separators=(',', ':'))}')}}", _VERSION: str(version)}
    step = {
        "number": 1, "provider": "workato_db_table", "name": "add_record", "as": "written", "keyword": "action",
        "input": {"table_id": table, "parameters": {key.replace("-", "_"): value for key, value in written.items()}},
        "uuid": "5f4a1b8e-0000-4000-8000-000000000001",
    }  # fmt: skip
    trigger = {
        "number": 0, "provider": "workato_webhooks", "name": "new_event", "as": "arrival", "keyword": "trigger",
        "input": {"webhook_suffix": "arrival"}, "block": [step], "uuid": "5f4a1b8e-0000-4000-8000-000000000000",
    }  # fmt: skip
    apps = ("workato_webhooks", "workato_db_table")
    config = [{"keyword": "application", "provider": app, "skip_validation": False, "account_id": None} for app in apps]
    return {
        "name": RECIPE, "description": None, "version": version + 1, "private": True, "concurrency": 5,
        "code": trigger, "config": config,
    }  # fmt: skip


def _table() -> Mapping[str, Any]:
    own = [(_EVENT, "Event", "short-text"), (_VERSION, "Version", "integer")]
    columns = [
        {
            "id": key, "title": title, "type": kind, "read_only": (key, title, kind) in _SYSTEM,
            "hidden": (key, title, kind) in _SYSTEM,
            "required": False, "metadata": {},
        }
        for key, title, kind in (*_SYSTEM, *own)
    ]  # fmt: skip
    return {"name": TABLE, "schema": columns, "project_name": RECIPE}
