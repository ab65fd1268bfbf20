"""The official command line client, as it is on PyPI, run as its users run it: a process, a home, a project folder.

Most commands are forked from a process that has imported the client before: the import takes ten times as long as what
they do. Those do not sleep for long either between two looks at the server.
"""

import functools
import itertools
import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import forked
import servers

ROOT = Path(__file__).parents[1]
BINARY = ROOT / ".venv-cli" / "bin" / "workato"
PATIENCE_S = 120
NAP_S = 0.05
CRASHES = ("Traceback", "ValidationError", "AttributeError", "TypeError", "JSONDecodeError", "BadZipFile")
_numbers = itertools.count(1)


@dataclass
class Desk:
    """Where a user works: a home, the folder that commands are given in, and what the environment says."""

    client: servers.Client
    home: Path
    place: Path
    name: str
    said: dict[str, str] = field(default_factory=dict)
    is_plain: bool = False
    """Whether commands start as users start them, and import all that they need."""

    def says(self, *arguments: object, stdin: str = "", within: str = "", may_crash: bool = False) -> str:
        """What a command prints, as a user sees it: of each line what its last rewriting left."""
        assert BINARY.exists(), f"{BINARY} is missing: `make test` installs the official command line client"
        where = self.place / within
        where.mkdir(parents=True, exist_ok=True)
        command = [str(BINARY), *map(str, arguments)]
        run = _started if self.is_plain else _forked
        printed, complaints = run(command, where, self._environment, stdin.encode())
        lines = (line.rpartition("\r")[2] for line in printed.decode().split("\n"))
        text = "\n".join(lines) + complaints.decode()
        assert may_crash or not any(word in text for word in CRASHES), text
        return text

    def all_say(self, commands: Sequence[Sequence[object]]) -> list[str]:
        """What commands print, given one after another."""
        return [self.says(*command) for command in commands]

    @property
    def _environment(self) -> dict[str, str]:
        own = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("WORKATO") and "proxy" not in name.lower()
        }
        own |= {
            "HOME": str(self.home),
            "PATH": f"{BINARY.parent}:{own['PATH']}",
            "BROWSER": "true",
            "WORKATO_DISABLE_UPDATE_CHECK": "1",
            "WORKATO_DISABLE_DEPRECATION_WARNING": "1",
        }
        return own | self.said

    @property
    def project(self) -> Path:
        """The project's folder on disk."""
        return self.place / self.name

    @property
    def settings(self) -> dict[str, Any]:
        """What the client has written down of the project that it works on."""
        read: dict[str, Any] = json.loads((self.place / ".workatoenv").read_text())
        return read

    @property
    def folder_id(self) -> int:
        return int(self.settings["folder_id"])

    @property
    def project_id(self) -> int:
        return int(self.settings["project_id"])

    def put(self, files: dict[str, bytes]) -> None:
        """Write files into the project's folder."""
        for path, content in files.items():
            (self.project / path).parent.mkdir(parents=True, exist_ok=True)
            (self.project / path).write_bytes(content)

    @property
    def files(self) -> dict[str, bytes]:
        """What lies in the project's folder, but what the client keeps there for itself."""
        found = (path for path in self.project.rglob("*") if path.is_file() and path.name != ".workatoenv")
        return {path.relative_to(self.project).as_posix(): path.read_bytes() for path in found}


def _started(command: list[str], where: Path, environment: dict[str, str], typed: bytes) -> tuple[bytes, bytes]:
    """What a command prints that is started as users start it."""
    ended = subprocess.run(
        command, cwd=where, env=environment, input=typed, capture_output=True, timeout=PATIENCE_S, check=False
    )
    return ended.stdout, ended.stderr


def _forked(command: list[str], where: Path, environment: dict[str, str], typed: bytes) -> tuple[bytes, bytes]:
    """What a command prints that is spared the import."""
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        stdin.write(typed)
        stdin.seek(0)
        files = (stdin, out, err)
        _nursery().fork(command, files, folder=str(where), environment=environment, nap_s=NAP_S).wait(PATIENCE_S)
        out.seek(0)
        err.seek(0)
        return out.read(), err.read()


@functools.cache
def _nursery() -> forked.Nursery:
    return forked.Nursery(BINARY.parent / "python", BINARY.parent, "workato_platform_cli.cli")


def empty_desk(client: servers.Client, folder: Path, name: str = "Demo", *, is_plain: bool = False) -> Desk:
    """A desk of somebody who has never used the client here, for a project of that name."""
    home, place = folder / "home", folder / f"desk {next(_numbers)}"
    home.mkdir(parents=True, exist_ok=True)
    return Desk(client, home, place, name, is_plain=is_plain)


def desk(client: servers.Client, folder: Path, name: str = "Demo") -> Desk:
    """A desk with a new project, set up by the environment and by files, as pipelines do it."""
    made = empty_desk(client, folder, name)
    top = client.call("POST", "folders", json={"name": name})
    made.project.mkdir(parents=True)
    settings = {"project_id": top["project_id"], "project_name": name, "folder_id": top["id"]}
    (made.place / ".workatoenv").write_text(json.dumps(settings | {"project_path": name}))
    (made.project / ".workatoenv").write_text(json.dumps(settings))
    made.said = {"WORKATO_API_TOKEN": client.token, "WORKATO_HOST": client.server.address}
    return made


def enter(desk: Desk, *wanted: object, profile: str = "dev") -> str:
    """What `init` prints when it is given everything on the command line."""
    address = ("--region", "custom", "--api-url", desk.client.server.address)
    token = f"--api-token={desk.client.token}"
    return desk.says("init", "--non-interactive", "--profile", profile, *address, token, *wanted)


_TYPED = """
import asyncio, sys
from workato_platform_cli import Workato
from workato_platform_cli.client.workato_api.configuration import Configuration
from workato_platform_cli.client.workato_api.exceptions import ApiException

async def main(host, token, call):
    async with Workato(Configuration(access_token=token, host=host)) as client:
        try:
            print(await eval(call, {"client": client}))
        except ApiException as refused:
            print(refused.status, refused.body)

asyncio.run(main(*sys.argv[1:]))
"""


def typed(client: servers.Client, call: str) -> str:
    """What the official client's typed library answers to a call, an expression of `client`, or is refused with."""
    command = [str(BINARY.parent / "python"), "-c", _TYPED, client.server.address, client.token, call]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
    assert not ended.stderr, ended.stderr
    return ended.stdout
