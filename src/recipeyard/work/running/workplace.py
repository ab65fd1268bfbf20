"""The workspace as one step has it, in that step's transaction; and as one that needs none of it has it."""

import logging
from dataclasses import dataclass
from typing import Any

from recipeyard.model import runs
from recipeyard.runtime import interface, workspace
from recipeyard.sql import database
from recipeyard.work.running import accepting, platform, recipes

_log = logging.getLogger("recipeyard.jobs")


@dataclass(frozen=True, slots=True)
class Nowhere:
    """The workspace of an action that says it needs none: it may speak to the log, and that is all."""

    run_id: int

    def log(self, message: str, level: str) -> None:
        """A line in the server's log; the job shows the message anyway."""
        _log.log(_LEVELS.get(level, logging.INFO), "%s: %s", runs.handle(self.run_id), message)

    def __getattr__(self, name: str) -> Any:
        """Raises `interface.Failure`."""
        raise interface.Failure(f"an action that uses the workspace ({name}) must have the effect 'here'", "Connector")


_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def open_workspace(tx: database.Tx, run: runs.Run, key: str, mine: tuple[str, list[int]]) -> workspace.Workspace:
    """The workspace in a step's transaction; `mine` is the node, and the runs that it is given to carry out."""

    def publish(subject: str, payload: workspace.Row) -> int:
        return accepting.publish(tx, run.workspace_id, subject, interface.Event(payload), run)

    node, begun = mine
    voices = platform.Voices(publish, Nowhere(run.id).log)
    return platform.Workspace(tx, run.workspace_id, voices, recipes.Recipes(tx, run, key, node, begun))
