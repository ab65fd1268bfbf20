"""People at terminals: each has a home and a directory of their own, and runs our client's commands in it."""

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer.testing

import servers
from recipeyard import server as operator


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one object on standard output."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Terminal:
    """A person's home and directory, and whom the environment says to speak to."""

    home: Path
    directory: Path
    environment: dict[str, str]

    def run(self, *arguments: str, code: int = 0, typed: str = "", **environment: str) -> Ran:
        """Run a command; it must end as expected."""
        self.directory.mkdir(parents=True, exist_ok=True)
        own = {"XDG_CONFIG_HOME": str(self.home), "COLUMNS": "80", "TERM": "dumb"} | self.environment | environment
        with contextlib.chdir(self.directory):
            result = typer.testing.CliRunner().invoke(operator.cli, arguments, input=typed, env=own)
        assert code == result.exit_code, (result.stdout, result.stderr, result.exc_info)
        return Ran(result.exit_code, result.stdout, result.stderr)

    def at(self, directory: str) -> "Terminal":
        """The same person in another directory."""
        return Terminal(self.home, self.directory.parent / directory, self.environment)

    def write(self, files: dict[str, bytes]) -> None:
        """Put files into the directory."""
        for path, content in files.items():
            (self.directory / path).parent.mkdir(parents=True, exist_ok=True)
            (self.directory / path).write_bytes(content)

    def files(self) -> dict[str, bytes]:
        """The directory's files by path, but the hidden ones."""
        found = {path.relative_to(self.directory): path for path in self.directory.rglob("*") if path.is_file()}
        return {
            path.as_posix(): file.read_bytes()
            for path, file in sorted(found.items())
            if not any(part.startswith(".") for part in path.parts)
        }


def terminal(folder: Path, client: servers.Client | None = None) -> Terminal:
    """A new person's terminal; with a client, the environment says to speak to its workspace."""
    environment = {"RECIPEYARD_URL": client.server.address, "RECIPEYARD_TOKEN": client.token} if client else {}
    return Terminal(folder / "home", folder / "work", environment)
