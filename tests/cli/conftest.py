"""Terminals to run commands in. No backend makes a difference to them, so the embedded one will do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import servers
import terminals


@pytest.fixture
def client(started: dict[str, servers.Server]) -> Iterator[servers.Client]:
    """A client of a new workspace."""
    with started["embedded"].workspace() as made:
        yield made


@pytest.fixture
def terminal(tmp_path: Path, client: servers.Client) -> terminals.Terminal:
    """A person whose environment names a new workspace."""
    return terminals.terminal(tmp_path, client)


@pytest.fixture
def stranger(tmp_path: Path) -> terminals.Terminal:
    """A person who is not logged in anywhere."""
    return terminals.terminal(tmp_path / "stranger")
