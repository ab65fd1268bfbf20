"""Real servers in processes of their own, and clients of their workspaces.

They are forked from a process that has imported the server before: the import takes longer than all else at a start.
"""

import functools
import itertools
import os
import resource
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

import forked
import recipeyard.__main__
import services
from recipeyard.model import tokens
from recipeyard.sql import database, workspaces

COMMAND = [sys.executable, "-m", "recipeyard"]
IMPORTED = ("recipeyard.server", "litestar.plugins.pydantic", "uvicorn.protocols.http.auto")
PATIENCE_S = 60
_numbers = itertools.count(1)


@functools.cache
def _nursery() -> forked.Nursery:
    return forked.Nursery(sys.executable, Path(recipeyard.__main__.__file__).parents[1], *IMPORTED)


@dataclass
class Server:
    """A server that can be stopped, killed and started again on the same data."""

    backend: services.Backend
    data: Path
    port: int
    settings: dict[str, str]
    process: forked.Process | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | self.backend.environment | self.settings

    def start(self) -> None:
        """Start, and wait until requests are answered."""
        command = [recipeyard.__main__.__file__, "serve", "--data", str(self.data), "--port", str(self.port)]
        with (self.data.parent / f"{self.data.name}.log").open("ab") as log, Path(os.devnull).open("rb") as nothing:
            asked = {"folder": str(Path.cwd()), "environment": self.environment}
            self.process = _nursery().fork(command, (nothing, log, log), **asked)
        for _ in range(PATIENCE_S * 50):
            with suppress(httpx.TransportError):
                httpx.get(f"{self.address}/docs")
                return
            assert not self.process.is_over(), self.log
            time.sleep(0.02)
        raise TimeoutError(self.log)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the process, and wait for its end."""
        if self.process:
            self.process.send_signal(how)
            self.process.wait(PATIENCE_S)
            self.process = None

    @property
    def log(self) -> str:
        """What the server has printed."""
        return (self.data.parent / f"{self.data.name}.log").read_text()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another of the operator's commands, on the same data."""
        command = [*COMMAND, *arguments, "--data", str(self.data)]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)

    @contextmanager
    def workspace(self) -> Iterator["Client"]:
        """A new workspace's client. The command that makes one has tests of its own."""
        token = f"ryd-{secrets.token_urlsafe()}"
        with self.db.write() as tx:
            made = workspaces.create(tx, f"workspace {next(_numbers)}")
            workspaces.add_token(tx, made, tokens.digest(token))
        with self.client(token) as client:
            yield client

    @functools.cached_property
    def db(self) -> database.Database:
        """The server's database, seen from beside it."""
        url = self.backend.database or f"sqlite:///{self.data}/recipeyard.db"
        return database.connect(url, lambda: datetime.now(UTC))

    @contextmanager
    def client(self, token: str) -> Iterator["Client"]:
        """A client that holds a token."""
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=self.address, headers=headers, timeout=PATIENCE_S) as http:
            yield Client(self, token, http)


@dataclass
class Client:
    """The API as one workspace's token sees it."""

    server: Server
    token: str
    http: httpx.Client

    def call(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        """The answer's JSON; the status must be the one expected."""
        answer = self.http.request(method, f"/api/{path}", **more)
        assert answer.status_code == status, (answer.status_code, answer.text)
        return answer.json()

    def folder(self, name: str = "", parent_id: int | None = None) -> int:
        """A new folder's id; without a parent it is a project."""
        wanted = {"name": name or f"Folder {next(_numbers)}", "parent_id": parent_id}
        return int(self.call("POST", "folders", json=wanted)["id"])

    def load(self, folder: int, content: bytes, **params: Any) -> Any:
        """Import an archive; gives the package as it ended."""
        return self.follow(self.call("POST", f"packages/import/{folder}", content=content, params=params))

    def plan(self, folder: int, content: bytes, **params: Any) -> Any:
        """Plan an import of a zip; gives the plan as it ended."""
        return self.follow(self.call("POST", "plans", params=params | {"folder_id": folder}, content=content), "plans")

    def manifest(self, folder: int, **more: Any) -> int:
        """A manifest of all of a folder."""
        wanted = {"name": "Everything", "folder_id": folder, "auto_generate_assets": True} | more
        return int(self.call("POST", "export_manifests", 201, json={"export_manifest": wanted})["result"]["id"])

    def export(self, folder: int, **more: Any) -> bytes:
        """Export all of a folder; gives the archive."""
        package = self.follow(self.call("POST", f"packages/export/{self.manifest(folder, **more)}"))
        assert package["status"] == "completed", package
        return self.http.get(f"/api/packages/{package['id']}/download", follow_redirects=True).content

    def follow(self, package: Any, noun: str = "packages") -> Any:
        """Ask until a package or a plan has ended: soon at first, then less and less often."""
        asked, pause_s = time.monotonic(), 0.005
        for _ in range(PATIENCE_S * 20):
            if package["status"] != "in_progress":
                return package
            time.sleep(pause_s)
            pause_s = min(max(0.005, (time.monotonic() - asked) * 0.1), 0.03)
            package = self.call("GET", f"{noun}/{package['id']}")
        raise TimeoutError(package)

    def recipe(self, name: str) -> Any:
        """The recipe of that name."""
        return next(each for each in self.call("GET", "recipes")["items"] if each["name"] == name)


class Started(dict[str, Server]):
    """Servers by backend, started when first asked for."""

    def __init__(self, stack: ExitStack, backend: Callable[[str], services.Backend]) -> None:
        super().__init__()
        self.stack = stack
        self.backend = backend

    def __missing__(self, name: str) -> Server:
        self[name] = self.stack.enter_context(serving(self.backend(name)))
        return self[name]


@contextmanager
def serving(backend: services.Backend, **settings: str) -> Iterator[Server]:
    """A server of its own on a backend."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "data"
        server = Server(
            backend, data, services.free_port(), {f"RECIPEYARD_{k.upper()}": v for k, v in settings.items()}
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()


def limit_files(server: Server, size_bytes: int) -> None:
    """The largest file that a running server may write; -1 lifts the limit."""
    assert server.process
    _, hard = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size_bytes, hard))
