"""The ways a request can fail. One table in `api` turns each into a status; nothing else is spelled to the outside.

Whatever is not raised from here is a bug and stays loud.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong, and where: an entry of an archive, or a field of a request."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


class Failure(Exception):
    """A request that cannot be served, with a sentence for the person who sent it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Invalid(Failure):
    """What was sent is malformed or cannot be used; every issue found is listed."""

    def __init__(self, message: str, issues: Sequence[Issue] = ()) -> None:
        super().__init__(message)
        self.issues = tuple(issues)

    @classmethod
    def listing(cls, issues: Sequence[Issue]) -> "Invalid":
        """One failure for many issues; its message is one line for each."""
        return cls("\n".join(str(issue) for issue in issues), issues)


class Unauthenticated(Failure):
    """No token, or one that is unknown or revoked."""


class Forbidden(Failure):
    """The caller is known and may not do this."""


class NotFound(Failure):
    """Nothing of that id here; another workspace's things count as nothing."""

    @classmethod
    def of(cls, what: str, key: object) -> "NotFound":
        """The failure of a search for one thing by its id; its message names both."""
        return cls(f"Not found: there is no {what} {key} here")


class Conflict(Failure):
    """Well formed, and too late or too early: what it is asked of stands otherwise than it must."""


class Unprocessable(Failure):
    """Well formed, and impossible in this workspace as it is set up."""


class TooLarge(Failure):
    """More bytes than the limit in force."""


class TooMany(Failure):
    """More requests than the limit in force."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Refused(Failure):
    """A refusal that the wire spells as 200 with `success: false`: the field at fault and why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason
