"""Cut-overs under fire: real servers that die, real imports, events that flow all the while."""

import os
import signal
from dataclasses import dataclass

import pytest

import servers
import services
from recipeyard import cut_over


@dataclass
class Host:
    """A server that can be killed."""

    server: servers.Server

    @property
    def address(self) -> str:
        return self.server.address

    def kill(self) -> None:
        self.server.stop(signal.SIGKILL)
        self.server.start()


@pytest.mark.parametrize("name", services.BACKENDS)
def test_nothing_is_lost_or_repeated_while_recipes_are_replaced_and_the_server_dies(
    name: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    imports = int(os.environ.get("IMPORTS_UNDER_FIRE", "100"))
    backend = services.backend(name, tmp_path_factory.mktemp(name), request)
    fire = cut_over.Fire(imports=imports, kills=max(2, imports // 20), events_per_s=25)
    with servers.serving(backend) as server, server.workspace() as client:
        count = cut_over.under_fire(Host(server), client.token, fire, print)

    assert count.is_clean, count
    assert imports < count.events
