"""Gates as the API takes and shows them."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from recipeyard.model import errors, gates, linting
from recipeyard.wire import answers

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Severity = Literal["off", "warning", "error"]
Count = Annotated[int, msgspec.Meta(ge=0, le=100)]
Time = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
End = Annotated[str, msgspec.Meta(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
Days = Annotated[list[Day], msgspec.Meta(min_length=1, max_length=7)]
Moment = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class ApprovalRule(msgspec.Struct):
    """How many other people must approve a plan before it may be applied; of rollbacks, only with `rollbacks`."""

    required: int
    rollbacks: bool


class Window(msgspec.Struct, rename={"start": "from", "end": "to"}):
    """A weekly window in which changes may be made, from one time to before another one in a time zone.

    One that does not end later than it begins ends on the day after.
    """

    days: list[str]
    start: str
    end: str
    time_zone: str


class Freeze(msgspec.Struct, rename={"start": "from", "end": "to"}):
    """A time in which no changes are made, and why."""

    start: str
    end: str
    reason: str


class Lint(msgspec.Struct):
    """What each rule's findings come to: off, warning or error."""

    unreachable_steps: str
    dangling_pills: str
    missing_error_handling: str


class Gates(msgspec.Struct):
    """What must be true before packages and plans may change the workspace.

    `ran_in` is test or development: recipes must have run there, as they are, before they come here; null asks for
    nothing. With `require_tests` the test cases of what changes must pass. `break_glass` lets whoever gives a reason
    pass. `version` counts how often the gates were set.
    """

    version: int
    approvals: ApprovalRule
    change_windows: list[Window]
    freezes: list[Freeze]
    ran_in: str | None
    lint: Lint
    require_tests: bool
    break_glass: bool
    updated_by: str | None
    updated_at: str | None


class ApprovalRuleRequest(msgspec.Struct):
    """How many other people must approve a plan (0: none), and whether rollbacks need that too."""

    required: Count = 0
    rollbacks: bool = False


class WindowRequest(msgspec.Struct, rename={"start": "from", "end": "to"}):
    """A weekly window: on which days, from when (HH:MM) to before when (24:00 at most), in which IANA time zone."""

    days: Days
    start: Time
    end: End
    time_zone: str = "UTC"


class FreezeRequest(msgspec.Struct, rename={"start": "from", "end": "to"}):
    """A time in which no changes are made, and why."""

    start: Moment
    end: Moment
    reason: Reason


class LintRequest(msgspec.Struct):
    """What each rule's findings come to."""

    unreachable_steps: Severity = "off"
    dangling_pills: Severity = "off"
    missing_error_handling: Severity = "off"


class GatesRequest(msgspec.Struct):
    """All gates: those that are not sent are open. `version`, if sent, must be the one that is there."""

    approvals: ApprovalRuleRequest | None = None
    change_windows: Annotated[list[WindowRequest], msgspec.Meta(max_length=100)] | None = None
    freezes: Annotated[list[FreezeRequest], msgspec.Meta(max_length=100)] | None = None
    ran_in: Literal["test", "development"] | None = None
    lint: LintRequest | None = None
    require_tests: bool | None = None
    break_glass: bool | None = None
    version: int | None = None

    @property
    def gates(self) -> gates.Gates:
        """The gates that were sent. Raises `errors.Invalid` naming what should be a moment and is none."""
        approvals, lint = self.approvals or ApprovalRuleRequest(), self.lint or LintRequest()
        return gates.Gates(
            approvals=approvals.required,
            rollbacks=approvals.rollbacks,
            windows=tuple(_window(each) for each in self.change_windows or ()),
            freezes=tuple(_freeze(at, each) for at, each in enumerate(self.freezes or ())),
            ran_in=gates.Trusted(self.ran_in) if self.ran_in else None,
            lint={rule: gates.Severity(getattr(lint, rule)) for rule in linting.Rule},
            break_glass=self.break_glass is not False,
            require_tests=self.require_tests is True,
        )


def shown(kept: gates.Kept) -> Gates:
    """The gates' answer."""
    told = kept.gates
    severities = {str(rule): str(told.lint.get(rule, gates.Severity.OFF)) for rule in linting.Rule}
    return Gates(
        version=kept.version_no,
        approvals=ApprovalRule(told.approvals, told.rollbacks),
        change_windows=[Window(list(each.days), each.start, each.end, each.time_zone) for each in told.windows],
        freezes=[Freeze(answers.stamp(each.start), answers.stamp(each.end), each.reason) for each in told.freezes],
        ran_in=told.ran_in,
        lint=Lint(**severities),
        require_tests=told.require_tests,
        break_glass=told.break_glass,
        updated_by=kept.set_by.name if kept.set_by else None,
        updated_at=answers.stamp_or_none(kept.updated_at),
    )


def _freeze(at: int, sent: FreezeRequest) -> gates.Freeze:
    start, end = _moment(f"freezes.{at}.from", sent.start), _moment(f"freezes.{at}.to", sent.end)
    return gates.Freeze(start, end, sent.reason)


def _moment(field: str, sent: str) -> datetime:
    try:
        found: datetime = msgspec.convert(sent, Annotated[datetime, msgspec.Meta(tz=True)])
    except msgspec.ValidationError as e:
        what = f"{sent!r} is no moment in ISO 8601 with its offset from UTC"
        raise errors.Invalid.listing([errors.Issue(field, what)]) from e
    return found


def _window(sent: WindowRequest) -> gates.Window:
    days = tuple(day for day in gates.DAYS if day in sent.days)
    return gates.Window(days, sent.start, sent.end, sent.time_zone)
