"""What every handler is given: the parts, how credentials are sealed, and how this server is seen from outside."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from litestar import Request
from litestar.exceptions import ValidationException

from recipeyard.model import activities, clients, workspaces
from recipeyard.runtime import outbound
from recipeyard.sql import database
from recipeyard.work import parts
from recipeyard.work.running import credentials

Asked = Request[workspaces.Workspace, clients.Caller, Any]
"""A request whose token has been checked: its `user` is the workspace that the token opens, its `auth` who asks."""


class Reading(Request[Any, Any, Any]):
    """A request whose body is refused where it can't be read, however it is spoilt."""

    async def json(self) -> Any:
        """Raises `ValidationException`."""
        try:
            return await super().json()
        except UnicodeDecodeError as e:
            raise ValidationException("The body is not UTF-8") from e
        except RecursionError as e:
            raise ValidationException("The body is nested too deep") from e


_HOST = re.compile(r"[A-Za-z0-9.\-_:\[\]]{1,255}")


@dataclass(frozen=True, slots=True)
class Context:
    """Built once by `server`. `seal` encrypts credentials, `unseal` decrypts; `link_secret` signs download links.

    `events_of_stopped` says what becomes of events that come to a recipe's own address while the recipe is stopped.
    `leaving` is set once the server is told to stop.
    """

    deed: parts.Parts
    seal: Callable[[bytes], bytes]
    unseal: Callable[[bytes], bytes]
    outbound: outbound.Outbound
    keeper: credentials.Keeper
    link_secret: bytes
    link_ttl_s: int = 900
    public_url: str | None = None
    legacy_auth: bool = False
    rate_limits: bool = False
    events_of_stopped: Literal["refuse", "keep"] = "refuse"
    leaving: threading.Event = field(default_factory=threading.Event)

    def by(self, actor: activities.Actor) -> "Context":
        """The same parts, where whatever is changed is changed by somebody."""
        return self._with(self.deed.db.by(actor))

    def concluding(self, conclude: Callable[[database.Tx], None]) -> "Context":
        """The same parts, where each transaction that changes anything ends with this."""
        return self._with(self.deed.db.concluding(conclude))

    def _with(self, db: database.Database) -> "Context":
        return replace(self, deed=replace(self.deed, db=db))


def base_url(context: Context, request: Asked) -> str:
    """How this server is reached from outside, without a slash at the end."""
    if context.public_url:
        return context.public_url.rstrip("/")
    headers = request.headers
    host = headers.get("x-forwarded-host", headers.get("host", "")).split(",")[0].strip()
    scheme = headers.get("x-forwarded-proto", request.url.scheme).split(",")[0].strip()
    scheme = scheme if scheme in {"http", "https"} else "http"
    return f"{scheme}://{host if _HOST.fullmatch(host) else request.url.netloc}"
