"""The acceptance scripts that live beside this repository, on both backends at once, each with the official client."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import official_cli
import servers
import services

SCRIPTS = Path(__file__).parents[2] / "shared" / "acceptance"


@pytest.fixture
def clients(started: dict[str, servers.Server]) -> list[tuple[str, str]]:
    """The address of a server on each backend, and the token of a new workspace in it."""
    found = []
    for name in services.BACKENDS:
        with started[name].workspace() as client:
            found.append((client.server.address, client.token))
    return found


def output(*command: str | Path) -> str:
    """What a script prints; it may fail, the text tells."""
    ended = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    return ended.stdout + ended.stderr


@pytest.mark.timeout(900)
@pytest.mark.skipif(not SCRIPTS.exists(), reason="the acceptance scripts are not here")
def test_the_command_line_client_is_accepted(clients: list[tuple[str, str]], tmp_path: Path) -> None:
    def run(client: tuple[str, str]) -> str:
        address, token = client
        where = ("--cli", official_cli.BINARY, "--url", address, f"--token={token}")
        return output(sys.executable, SCRIPTS / "accept_cli.py", *where, "--work", tmp_path / address[-5:])

    with ThreadPoolExecutor() as pool:
        said = list(pool.map(run, clients))

    assert ["27 passed, 0 failed"] * 2 == [text.strip().rpartition("\n")[2] for text in said], "\n".join(said)


@pytest.mark.skipif(not SCRIPTS.exists(), reason="the acceptance scripts are not here")
def test_the_typed_client_is_accepted(clients: list[tuple[str, str]]) -> None:
    said = [output(official_cli.BINARY.parent / "python", SCRIPTS / "accept_sdk.py", *each) for each in clients]

    assert all(text.endswith("delete True\n") and "no error" not in text for text in said), "\n".join(said)
