"""A server that hears what webhooks are told."""

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

import servers
from recipeyard.sql import promotion_tables

_deliveries = promotion_tables.deliveries


@dataclass
class Ear:
    """A little server that hears messages, and answers each as it is told to; then with 204."""

    answers: list[int] = field(default_factory=list)
    heard: list[tuple[Any, bytes]] = field(default_factory=list)
    url: str = ""


@contextmanager
def listening(*answers: int) -> Iterator[Ear]:
    """A server that gives these answers, one after the other."""
    ear = Ear(list(answers))

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            ear.heard.append((self.headers, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(ear.answers.pop(0) if ear.answers else 204)
            self.send_header("Location", f"{ear.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as serving:
        ear.url = f"http://127.0.0.1:{serving.server_port}/hook"
        threading.Thread(target=serving.serve_forever, args=(0.01,), daemon=True).start()
        yield ear
        serving.shutdown()


def deliveries(client: servers.Client, webhook: Any) -> Any:
    """What is on its way to a webhook, and what was."""
    return client.call("GET", f"webhooks/{webhook['id']}/deliveries")["items"]


def until(client: servers.Client, webhook: Any, holds: Callable[[Any], bool]) -> Any:
    """The newest delivery, once it is as it shall be."""
    for _ in range(600):
        found = deliveries(client, webhook)
        if found and holds(found[0]):
            return found[0]
        time.sleep(0.05)
    raise TimeoutError(found)


def hurry(client: servers.Client, delivery: Any) -> None:
    """Let the next attempt be due now."""
    with client.server.db.write() as tx:
        mine = _deliveries.c.id == delivery["id"]
        tx.run(sa.update(_deliveries).where(mine).values(due_at=datetime(2000, 1, 1, tzinfo=UTC)))
