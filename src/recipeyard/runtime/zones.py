"""Time zones by name: those of the IANA database, in any case."""

import functools
from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from recipeyard.runtime import interface


@functools.cache
def zone(name: str) -> tzinfo:
    """A time zone. `Failure` names one that is not known."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise interface.Failure(f"there is no time zone “{name}”", kind="UnknownTimeZone") from None
