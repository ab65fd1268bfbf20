"""A server that answers what it is told to: for what no server of ours ever says."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from recipeyard import client

Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]


@contextmanager
def server(*said: Answer) -> Iterator[tuple[client.Client, list[str]]]:
    """A client of a server that gives these answers one after the other, the last for ever, and the requests it saw."""
    left, seen = list(said), list[str]()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        seen.append(f"{handler.command} {handler.path}")
        status, body, *headers = left.pop(0) if len(left) > 1 else left[0]
        if status == 0:
            handler.close_connection = True
            return
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | dict(*headers)).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    methods = {f"do_{method}": answer for method in ("GET", "POST", "PUT", "DELETE")}
    handler = type("Handler", (BaseHTTPRequestHandler,), methods | {"log_message": lambda *_: None})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as listening:
        threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True).start()
        with client.Client(f"http://127.0.0.1:{listening.server_port}/api/", "t") as made:
            yield made, seen
        listening.shutdown()
