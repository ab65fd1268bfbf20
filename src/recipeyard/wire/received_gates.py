"""Gates as a client reads them; `received` says which keys are required."""

import msgspec


class Approval(msgspec.Struct, frozen=True):
    """Who has approved a plan, when, and what they said."""

    by: str
    at: str
    comment: str | None = None


class Approvals(msgspec.Struct, frozen=True):
    """A plan's approvals, and how many its workspace asks for."""

    approvals: tuple[Approval, ...] = ()
    approvals_required: int = 0


class Needed(msgspec.Struct, frozen=True):
    """How many other people must approve a plan, and whether rollbacks need that too."""

    required: int = 0
    rollbacks: bool = False


class Window(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """A weekly window in which changes may be made."""

    days: tuple[str, ...]
    start: str
    end: str
    time_zone: str = "UTC"


class Freeze(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """A time in which no changes are made, and why."""

    start: str
    end: str
    reason: str = ""


class Gates(msgspec.Struct, frozen=True):
    """What must be true before packages and plans may change the workspace; `lint` has each rule's severity."""

    version: int
    approvals: Needed = Needed()
    change_windows: tuple[Window, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    ran_in: str | None = None
    lint: dict[str, str] = {}
    require_tests: bool = False
    break_glass: bool = True
    updated_by: str | None = None
    updated_at: str | None = None
