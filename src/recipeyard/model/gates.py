"""Gates: what must be true before anything changes a workspace by transfer, as its people have set them.

Time zones are not known here: whoever asks whether a window is open says what the clocks show there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from recipeyard.model import activities, errors, linting, packages, proposals

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = "24:00"
"""The end of a day. A window that ends no later than it begins ends on the day after."""


class Severity(StrEnum):
    """What a finding comes to: nothing, a warning, or a blocker."""

    OFF = "off"
    WARNING = "warning"
    ERROR = "error"


class Trusted(StrEnum):
    """The workspace in which recipes must have run: the one that deploys here, or that one's test."""

    TEST = "test"
    DEVELOPMENT = "development"


class Gate(StrEnum):
    """The gates there are, and the glass before them, as refusals call them."""

    APPROVALS = "approvals"
    WINDOWS = "change_windows"
    RAN_IN = "ran_in"
    LINT = "lint"
    TESTS = "tests"
    BREAK_GLASS = "break_glass"


@dataclass(frozen=True, slots=True)
class Window:
    """When changes may be made: on these days, from one time to before another one, as clocks there show them."""

    days: tuple[str, ...]
    start: str
    end: str
    time_zone: str

    def holds(self, local: datetime) -> bool:
        """Whether a moment, told in the window's time zone, lies in it."""
        time = local.strftime("%H:%M")
        today, yesterday = DAYS[local.weekday()], DAYS[(local - timedelta(days=1)).weekday()]
        if self.start < self.end:
            return today in self.days and self.start <= time < self.end
        return (today in self.days and self.start <= time) or (yesterday in self.days and time < self.end)

    def __str__(self) -> str:
        return f"{', '.join(self.days)} {self.start}-{self.end} {self.time_zone}"


@dataclass(frozen=True, slots=True)
class Freeze:
    """A time in which nothing is changed, and why: from its start on, to before its end."""

    start: datetime
    end: datetime
    reason: str

    def __str__(self) -> str:
        return f"frozen until {self.end.astimezone(UTC).isoformat(timespec='minutes')}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Gates:
    """All gates of one workspace. `approvals` people must approve a plan, of a rollback only where `rollbacks` says so.

    No window means that it is always open. `require_tests` has the test cases of what changes run first. `break_glass`
    lets whoever gives a reason pass.
    """

    approvals: int = 0
    rollbacks: bool = False
    windows: tuple[Window, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    ran_in: Trusted | None = None
    lint: Mapping[linting.Rule, Severity] = field(default_factory=dict)
    break_glass: bool = True
    require_tests: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """The gates of a workspace as they were set last; version 0 where nobody has set any."""

    gates: Gates
    version_no: int = 0
    set_by: activities.Actor | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """Who has approved a plan, when, and what they said."""

    by: activities.Actor
    comment: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a plan's content and changes with time: its approvals, how many it needs, what is unmet."""

    approvals: tuple[Approval, ...] = ()
    required: int = 0
    unmet: tuple[proposals.Notice, ...] = ()


def person(actor: activities.Actor) -> str:
    """What tells one person from another: the API client. All tokens that the operator made are one."""
    return "operator" if actor.id is None else f"client {actor.id}"


def issues(gates: Gates, has_zone: Callable[[str], bool]) -> list[errors.Issue]:
    """What is wrong with gates that somebody wants to set."""
    found = []
    for at, window in enumerate(gates.windows):
        if not has_zone(window.time_zone):
            found.append(errors.Issue(f"change_windows.{at}.time_zone", f"{window.time_zone!r} is no time zone"))
        if not window.days:
            found.append(errors.Issue(f"change_windows.{at}.days", "can't be empty"))
    for at, freeze in enumerate(gates.freezes):
        if freeze.end <= freeze.start:
            found.append(errors.Issue(f"freezes.{at}.to", "must be later than from"))
        if not freeze.reason.strip():
            found.append(errors.Issue(f"freezes.{at}.reason", "can't be blank"))
    return found


def required(gates: Gates, operation: packages.Operation) -> int:
    """How many people must approve a plan of that operation."""
    return gates.approvals if operation is not packages.Operation.ROLLBACK or gates.rollbacks else 0


def closed(gates: Gates, now: datetime, local: Callable[[str], datetime]) -> list[proposals.Notice]:
    """Why nothing may be changed now; `local` tells what clocks show in a time zone."""
    found = [notice(Gate.WINDOWS, str(each)) for each in gates.freezes if each.start <= now < each.end]
    if gates.windows and not any(window.holds(local(window.time_zone)) for window in gates.windows):
        found.append(notice(Gate.WINDOWS, f"closed now; open {'; '.join(map(str, gates.windows))}"))
    return found


def notice(gate: Gate, what: str, path: str = "") -> proposals.Notice:
    """A gate that is not met."""
    return proposals.Notice(proposals.Code.GATE, path, f"{gate}: {what}")


def finding(found: linting.Finding, path: str) -> proposals.Notice:
    """What lint says of a step."""
    return proposals.Notice(proposals.Code.LINT, path, f"{found.rule}: step {found.step}: {found.message}")


def of(told: proposals.Notice) -> str:
    """The gate that a notice is about."""
    named = {proposals.Code.LINT: Gate.LINT, proposals.Code.TESTS: Gate.TESTS}
    return str(named[told.code]) if told.code in named else told.message.partition(":")[0]
