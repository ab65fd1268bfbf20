"""What answers share: moments, plain success, and the one body that every error has."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

Id = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
"""An object's id: a positive integer; in requests a text of digits will do."""


class Success(msgspec.Struct):
    """A change was made, and there is nothing to show."""

    success: bool = True


class Refusal(msgspec.Struct):
    """A change was not made, for a reason that lies in the thing itself: by field, what keeps it from changing."""

    errors: dict[str, list[str]]
    success: bool = False


class Error(msgspec.Struct, omit_defaults=True):
    """The body of every error. `errors` names fields or archive entries; `id` finds a server error in the log."""

    message: str
    error: str
    error_type: str | None = None
    errors: dict[str, list[str]] | None = None
    id: str | None = None


def stamp(moment: datetime) -> str:
    """A moment as the API spells it: ISO 8601, milliseconds, numeric offset."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def stamp_or_none(moment: datetime | None) -> str | None:
    """`stamp` for what may not have happened yet."""
    return stamp(moment) if moment else None


def sent(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Those of these fields that were sent. A field that is null counts as not sent, as it does to clients."""
    return {name: value for name, value in fields.items() if value is not None}
