"""What an expression is evaluated in: all that is not in its own text, so that a run can be told again."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Protocol

from recipeyard.runtime import values
from recipeyard.runtime.stepping import pills


class Scope(Protocol):
    """A run at one moment: the same answers whenever the run is told again."""

    @property
    def now(self) -> datetime:
        """The moment, aware."""

    @property
    def zone(self) -> tzinfo:
        """The workspace's time zone, for `today` and for times that name none."""

    def pill(self, pill: pills.Pill) -> values.Value:
        """What a pill stands for; None where the run has no such value."""

    def lookup(self, table: str, criteria: Mapping[str, values.Value]) -> Mapping[str, values.Value] | None:
        """The first row of a lookup table (by name or id) whose columns, by label, are so; None where none is."""

    def uuid(self) -> str:
        """A new id, spelled as version 4."""
