"""API endpoints, answered by recipes: `/api-endpoints/…`. Who calls is a platform client, by the key it sends.

An answer leaves as soon as the recipe has returned one, while the rest of the recipe goes on.
"""

import urllib.parse
from typing import Any

import anyio
import anyio.to_thread
from litestar import Request, Response, route

from recipeyard.api import context, hooks
from recipeyard.model import runs
from recipeyard.runtime import interface
from recipeyard.wire import answers
from recipeyard.wire import api_collections as wire
from recipeyard.work import endpoints

_FIRST_LOOK_S = 0.005
_LAST_LOOK_S = 0.1
_SLOWER = 1.3
_JOB = "X-Job-Id"
_BODILESS = {204, 304}
_SECRET = {"api-token", "authorization"}
"""Where callers' keys stand: recipes and their jobs have no business with them."""

_OURS = {"connection", "content-length", "date", "transfer-encoding", "x-job-id"}
"""Headers of answers that say how these travel; a recipe's would break them."""


@route(
    f"{wire.CALLED_AT}/{{path:path}}",
    http_method=["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"],
    status_code=200,
    include_in_schema=False,
    exclude_from_auth=True,
    request_max_body_size=hooks.LARGEST_BODY,
)
async def call(request: Request[Any, Any, Any], context: context.Context, body: bytes) -> Response[Any]:
    """A call."""
    try:
        run_id, timeout_s = await anyio.to_thread.run_sync(_begin, request, context, body)
    except endpoints.NotAllowed as e:
        said = answers.Error(e.message, e.message, "method_not_allowed")
        return Response(said, status_code=405, headers={"Allow": ", ".join(e.allowed)})
    headers = {_JOB: runs.handle(run_id)}
    answer = await _wait(context, run_id, timeout_s)
    if answer is None:
        return _failed(504, f"The recipe has not answered within {timeout_s} s; its job goes on", headers)
    if answer.reply is not None:
        return _replied(answer.reply, headers)
    if answer.error is not None:
        return _failed(500, "The recipe failed before it answered", headers)
    return Response(None, status_code=204, headers=headers)


def _begin(request: Request[Any, Any, Any], context: context.Context, body: bytes) -> tuple[int, int]:
    """The run of a call, and how many seconds it has to answer."""
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    below = raw.decode("latin-1").partition(f"{wire.CALLED_AT}/")[2].strip("/")
    parts = [urllib.parse.unquote(each) for each in below.split("/")]
    with context.deed.db.read() as tx:
        who = endpoints.caller(tx, _token(request), request.client.host if request.client else "")
        asked = endpoints.route(tx, who, request.method, parts)
    told = {name: value for name, value in hooks.headers(request).items() if name not in _SECRET}
    sent = interface.Request(request.method, hooks.query(request), told, body, path=asked.path)
    return endpoints.begin(context.deed.db, asked, who, sent), asked.endpoint.timeout_s


async def _wait(context: context.Context, run_id: int, timeout_s: int) -> endpoints.Answer | None:
    """Look for the answer, soon at first, then less often, until the time is over or the server stops."""

    def look() -> endpoints.Answer | None:
        with context.deed.db.read() as tx:
            return endpoints.answer(tx, run_id)

    pause_s, until = _FIRST_LOOK_S, anyio.current_time() + timeout_s
    while True:
        answer = await anyio.to_thread.run_sync(look)
        if answer is not None or anyio.current_time() >= until or context.leaving.is_set():
            return answer
        await anyio.sleep(pause_s)
        pause_s = min(pause_s * _SLOWER, _LAST_LOOK_S)


def _token(request: Request[Any, Any, Any]) -> str:
    scheme, _, token = request.headers.get("authorization", "").strip().partition(" ")
    return str(request.headers.get("api-token", "")).strip() or (token.strip() if scheme.lower() == "bearer" else "")


def _replied(reply: interface.Object, headers: dict[str, str]) -> Response[Any]:
    given, said, body = reply.get("status"), reply.get("headers"), reply.get("body")
    status = given if isinstance(given, int) else 200
    listed = said.items() if isinstance(said, dict) else ()
    lines = {str(name): str(value) for name, value in listed if name not in _OURS}
    media = lines.pop("content-type", "application/json; charset=utf-8")
    media = media.partition(";")[0] if media.startswith("text/") else media  # the charset is added to these
    content = None if status in _BODILESS else str(body or "").encode()
    return Response(content, status_code=status, headers=lines | headers, media_type=media)


def _failed(status: int, message: str, headers: dict[str, str]) -> Response[Any]:
    kind = "timeout" if status == 504 else "recipe_failed"
    return Response(answers.Error(message, message, kind), status_code=status, headers=headers)


ROUTES = [call]
