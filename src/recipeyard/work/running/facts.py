"""What a walk asks of its run. The workspace's answers are kept in the journal, so a run told again hears the same."""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from recipeyard.runtime import interface
from recipeyard.runtime.stepping import telling

PROPERTY, LOOKUP = "property", "lookup"
_REFUSED = "\x00refused"

Ask = Callable[[str, str, telling.Object], telling.Object | str | None]
"""Asks the workspace: (`PROPERTY`, name, nothing) or (`LOOKUP`, table, criteria)."""


@dataclass
class Facts:
    """The facts of one run. `begin` is told before each step what was observed on the way to it the last time."""

    started_at: datetime
    zone: tzinfo
    job: telling.Object
    ask: Ask
    seed: bytes
    _known: list[Any] = field(default_factory=list)
    _observed: list[Any] = field(default_factory=list)
    _position: int = 0
    _made: int = 0

    def begin(self, position: int, observed: list[Any] | None) -> None:
        """The walk goes on to a step; `observed` are the answers of the last time, None where it is the first."""
        self._position, self._made = position, 0
        self._known, self._observed = list(observed or ()), []

    @property
    def observed(self) -> list[Any]:
        """The answers given since `begin`."""
        return self._observed

    def property_of(self, name: str) -> str | None:
        """A property's value: the project's, else the workspace's."""
        found = self._answer(PROPERTY, name, {})
        return found if isinstance(found, str) else None

    def lookup(self, table: str, criteria: telling.Object) -> telling.Object | None:
        """The first row of a lookup table that is so, by column labels."""
        found = self._answer(LOOKUP, table, criteria)
        return found if isinstance(found, dict) else None

    def uuid(self) -> str:
        """A new id, which is the same when the run is told again."""
        self._made += 1
        told = hashlib.blake2b(f"{self._position}.{self._made}".encode(), key=self.seed, digest_size=16)
        return str(uuid.UUID(bytes=told.digest(), version=4))

    def _answer(self, what: str, name: str, criteria: telling.Object) -> Any:
        found = self._known.pop(0) if self._known else self._asked(what, name, criteria)
        self._observed.append(found)
        if isinstance(found, dict) and _REFUSED in found:
            raise interface.Failure(*found[_REFUSED])
        return found

    def _asked(self, what: str, name: str, criteria: telling.Object) -> Any:
        try:
            return self.ask(what, name, criteria)
        except interface.Failure as e:
            return {_REFUSED: [e.message, e.kind]}
