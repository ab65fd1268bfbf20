"""What stepper and shell tell each other: the next thing to do, what came of it, and how a run ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Protocol, TypeAlias

from recipeyard.runtime import interface, values

Object: TypeAlias = Mapping[str, values.Value]

STOPPED = "Stopped"
"""The kind of a run's failure that a stop step asked for."""


@dataclass(frozen=True, slots=True)
class Place:
    """A step of the recipe: its number, its name in pills, what it calls, and whether its data is to be hidden."""

    number: int
    alias: str
    uuid: str
    provider: str
    operation: str
    masked: bool
    source: Object
    """The step as the recipe has it."""


@dataclass(frozen=True, slots=True)
class Perform:
    """Do this step with this input. `path` says in which turn of which loops (`3/0`), empty outside of loops.

    `outputs` are those of the steps before, by `as`; they change as the walk goes on.
    """

    place: Place
    input: Object
    path: str = ""
    outputs: Mapping[str, values.Value] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Rest:
    """Wait for so long, and go on: a catch step tries again."""

    place: Place
    seconds: float
    path: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """A step was done, or the rest is over, at that moment. `updates` are new outputs of steps before, by `as`."""

    at: datetime
    output: Object = field(default_factory=dict)
    updates: Mapping[str, Object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failed:
    """A step could not be done, at that moment."""

    at: datetime
    failure: interface.Failure


@dataclass(frozen=True, slots=True)
class Exhausted:
    """With this step the run has met a limit of its own: it fails, and no catch keeps it from that."""

    message: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The run has come to its end, or a stop step that is no error (`reason`). `report` are the job's own columns."""

    report: Object
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """The run fails: at which step, in which field of it (empty where it is none's fault), and why."""

    number: int
    where: str
    message: str
    kind: str = "Error"
    report: Object = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filtered:
    """The trigger's conditions do not hold: nothing is to be done for this event, and there is no job."""


Next: TypeAlias = Perform | Rest
Heard: TypeAlias = Done | Failed | Exhausted
Ending: TypeAlias = Finished | Broken | Filtered


class Facts(Protocol):
    """What a walk asks of the run it tells. Told again, a run gives the same answers."""

    @property
    def started_at(self) -> datetime:
        """When the run began: the first moment."""

    @property
    def zone(self) -> tzinfo:
        """The workspace's time zone."""

    @property
    def job(self) -> Object:
        """The job's context: job_id, job_url, job_created_at, recipe_id, recipe_name, recipe_url, recipe_path,
        repeat_count, …
        """

    def property_of(self, name: str) -> str | None:
        """A property's value: the project's, else the workspace's."""

    def lookup(self, table: str, criteria: Object) -> Object | None:
        """The first row of a lookup table that is so, by column labels."""

    def uuid(self) -> str:
        """A new id, spelled as version 4."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one run may take. `operations` and `pattern_seconds` are those of all its formulas together, `grown_bytes`
    are those of all that its lists have grown by, `journal_bytes` those of its whole journal as it is kept.
    """

    steps: int = 100_000
    output_bytes: int = 10 * 1024 * 1024
    grown_bytes: int = 100 * 1024 * 1024
    journal_bytes: int = 256 * 1024 * 1024
    operations: int = 500_000_000
    pattern_seconds: float = 60
