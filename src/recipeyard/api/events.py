"""Follow a package: what happens to it, as it happens. `/api/packages/{package_id}/events`.

Whoever listens costs one short look a second, in a thread that is free again at once, and nothing after going away.
"""

import functools
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Annotated

import anyio
import anyio.to_thread
from litestar import get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter
from litestar.response import Stream

from recipeyard.api import context, packages, params
from recipeyard.model import errors
from recipeyard.wire import events as wire
from recipeyard.wire import packages as wire_packages

FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 1.0
BEAT_S = 15.0
_MEDIA_TYPE = "text/event-stream"
_TOLD = "Server-sent events: `progress`, one `asset` for each asset once it has ended, and `end` with the package."

LastEvent = Annotated[str, Parameter(header="Last-Event-ID", description="The id of the last event that was heard.")]


@get(
    "/api/packages/{package_id:int}/events",
    tags=["Packages"],
    summary="Follow a package",
    media_type=_MEDIA_TYPE,
    responses={200: ResponseSpec(wire.Event, generate_examples=False, description=_TOLD, media_type=_MEDIA_TYPE)},
)
async def events(
    request: context.Asked, context: context.Context, package_id: params.Key, last_event: LastEvent = ""
) -> Stream:
    """What happens to a transfer, as server-sent events, until it has ended. Of one that has: all at once."""
    look = functools.partial(packages.shown, context, request, package_id)
    first = await anyio.to_thread.run_sync(look)
    told = _told(look, first, last_event, context.leaving)
    return Stream(told, media_type=_MEDIA_TYPE, headers={"X-Accel-Buffering": "no"})


async def _told(
    look: Callable[[], wire_packages.Package], first: wire_packages.Package, heard: str, leaving: threading.Event
) -> AsyncIterator[bytes]:
    """What is to be told of a package from one event on, until it has ended, is gone, or the server stops."""
    package, pause_s, spoken_at = first, FIRST_PAUSE_S, time.monotonic()
    yield wire.BEAT
    while True:
        pause_s = min(pause_s * 1.5, LONGEST_PAUSE_S)
        for event_id, event in wire.since(package, heard):
            yield event
            heard, pause_s, spoken_at = event_id, FIRST_PAUSE_S, time.monotonic()
        if wire.has_ended(package) or leaving.is_set():
            return
        if time.monotonic() - spoken_at > BEAT_S:
            yield wire.BEAT
            spoken_at = time.monotonic()
        await anyio.sleep(pause_s)
        try:
            package = await anyio.to_thread.run_sync(look)
        except errors.NotFound:
            return


ROUTES = [events]
