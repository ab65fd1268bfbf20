"""Parameters that many routes share, each described once for the OpenAPI document."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

import msgspec
from litestar import Request
from litestar.params import Parameter

from recipeyard.model import errors

MOST_A_PAGE = 500
_LARGEST = 2**63 - 1
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_FROM_0 = {"minimum": 0}  # the document leaves a limit of 0 out

Key = Annotated[int, Parameter(ge=1, le=_LARGEST, description="An object's id.")]
FolderId = Annotated[
    int | None, Parameter(ge=0, le=_LARGEST, description="A folder's id; absent or 0, the root.", schema_extra=_FROM_0)
]
OptionalKey = Annotated[int | None, Parameter(ge=0, le=_LARGEST, description="An object's id.", schema_extra=_FROM_0)]
Page = Annotated[int, Parameter(ge=0, le=10**9, description="Counted from 1; 0 is read as 1.")]
PerPage = Annotated[int, Parameter(ge=1, description=f"At most {MOST_A_PAGE}; more is read as {MOST_A_PAGE}.")]
Force = Annotated[bool, Parameter(description="Do it even where something is in the way that may be.")]
MOMENT = "A date (ISO 8601, midnight UTC), a moment (ISO 8601, UTC unless it says otherwise) or seconds since 1970"
IS_MOMENT = {"format": "date-time"}
TAGS = "tags"
Includes = Annotated[list[str] | None, Parameter(query="includes[]", description="`tags`")]


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page of a list is asked for."""

    page: Page = 1
    per_page: PerPage = 100

    @property
    def window(self) -> tuple[int, int]:
        """The page as (offset, limit)."""
        limit = min(self.per_page, MOST_A_PAGE)
        return (max(self.page, 1) - 1) * limit, limit


def moment(name: str, sent: str | None) -> datetime | None:
    """The moment that a parameter tells, None where it tells none; a date is its midnight.

    Raises `errors.Invalid` naming the parameter.
    """
    if sent is None or sent.lower() == "null":
        return None
    try:
        kind = date if _DATE.fullmatch(sent) else datetime
        told = msgspec.convert(sent, kind, strict=False)
    except (msgspec.ValidationError, ValueError) as e:
        what = f"{sent!r} is no date, no moment in ISO 8601, and no seconds since 1970"
        raise errors.Invalid.listing([errors.Issue(name, what)]) from e
    at = told if isinstance(told, datetime) else datetime.combine(told, time())
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def names(listed: str | None) -> tuple[str, ...]:
    """The parts of a comma-separated parameter."""
    return tuple(part for part in (listed or "").split(",") if part)


async def fields_of_body(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The JSON object that came with a request of a kind that has no body of its own; empty where none came."""
    content = await request.body()
    try:
        sent = msgspec.json.decode(content) if content.strip() else {}
    except (msgspec.MsgspecError, ValueError, RecursionError) as e:
        raise errors.Invalid("The body is not JSON") from e
    return sent if isinstance(sent, dict) else {}
