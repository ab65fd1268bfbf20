"""The error table: each way to fail, its status, and the one body that all of them have."""

import logging
import re
import uuid
from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from litestar import MediaType, Response
from litestar.exceptions import HTTPException, TooManyRequestsException, ValidationException
from litestar.handlers import BaseRouteHandler
from litestar.params import ParameterKwarg
from litestar.types import ExceptionHandlersMap

from recipeyard.api import context
from recipeyard.model import errors
from recipeyard.sql import database
from recipeyard.wire import answers

_STATUS: dict[type[errors.Failure], tuple[int, str]] = {
    errors.Invalid: (400, "invalid"),
    errors.Unauthenticated: (401, "unauthorized"),
    errors.Forbidden: (403, "forbidden"),
    errors.NotFound: (404, "not_found"),
    errors.Conflict: (409, "conflict"),
    errors.TooLarge: (413, "too_large"),
    errors.Unprocessable: (422, "unprocessable"),
    errors.TooMany: (429, "too_many_requests"),
}
_HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 413: {"Connection": "close"}}
_BODY = "data"
_MISSING = re.compile(r"Object missing required field `(.+)`")
_log = logging.getLogger(__name__)

Answer = Response[answers.Error]


def table() -> ExceptionHandlersMap:
    """What the server does with each exception that leaves a handler."""
    return {
        errors.Refused: _refused,
        errors.Failure: _failure,
        ValidationException: _validation,
        TooManyRequestsException: _too_many,
        HTTPException: _http,
        sa.exc.DataError: _unusable,
        sa.exc.OperationalError: _unwritten,
        OverflowError: _unusable,
        Exception: _bug,
    }


def _refused(_: context.Asked, refused: errors.Refused) -> Response[answers.Refusal]:
    return Response(answers.Refusal({refused.field: [refused.reason]}), status_code=200)


def _failure(_: context.Asked, failure: errors.Failure) -> Answer:
    status, error_type = next(_STATUS[kind] for kind in type(failure).__mro__ if kind in _STATUS)
    fields: dict[str, list[str]] = defaultdict(list)
    for issue in failure.issues if isinstance(failure, errors.Invalid) else ():
        fields[issue.where].append(issue.what)
    headers = {"Retry-After": str(failure.retry_after_s)} if isinstance(failure, errors.TooMany) else {}
    return _answer(status, failure.message, error_type, dict(fields), headers)


def _validation(request: context.Asked, failure: ValidationException) -> Answer:
    spelled = _spelled(request.route_handler)
    fields: dict[str, list[str]] = defaultdict(list)
    for each in failure.extra if isinstance(failure.extra, list) else ():
        name, what = _placed(str(each.get("key", "body")), str(each.get("message", "")))
        fields[spelled.get(name, name)].append(what)
    lines = [f"{name}: {what}" for name, wrong in fields.items() for what in wrong]
    return _answer(400, "\n".join(lines) or failure.detail, "malformed", dict(fields), {})


def _placed(name: str, what: str) -> tuple[str, str]:
    """A field at fault and what is wrong: of an object that misses a member, the member is."""
    missing = _MISSING.fullmatch(what)
    if missing is None:
        return name, what
    return (missing[1] if name == _BODY else f"{name}.{missing[1]}"), "is required"


def _spelled(handler: BaseRouteHandler) -> dict[str, str]:
    """How requests spell what a handler and its dependencies call otherwise: parameters of a query, and the body."""
    found = dict(handler.parsed_fn_signature.parameters)
    for dependency in handler.resolve_dependencies().values():
        found |= dependency.parsed_fn_signature.parameters
    spelled = {
        name: each.kwarg_definition.query
        for name, each in found.items()
        if isinstance(each.kwarg_definition, ParameterKwarg) and each.kwarg_definition.query
    }
    body = found.get(_BODY)
    kinds = [each.annotation for each in (body.inner_types or (body,))] if body else []
    has_member = any(_BODY in getattr(kind, "__struct_fields__", ()) for kind in kinds)
    return spelled if has_member else spelled | {_BODY: "body"}


def _too_many(request: context.Asked, failure: TooManyRequestsException) -> Answer:
    wait_s = max(1, int((failure.headers or {}).get("RateLimit-Reset", "1")))
    return _failure(request, errors.TooMany(f"Rate limit exceeded. Retry after {wait_s} seconds.", wait_s))


def _http(request: context.Asked, failure: HTTPException) -> Answer:
    if failure.status_code in {404, 405}:
        return _answer(404, "API not found", "not_found", {}, {})
    if failure.status_code == 413:
        return _failure(request, errors.TooLarge("The request's body is larger than this server allows"))
    if failure.status_code < 500:
        return _answer(failure.status_code, failure.detail, "malformed", {}, {})
    return _bug(request, failure)


def _unusable(_: context.Asked, __: Exception) -> Answer:
    return _answer(400, "A value is out of range or holds characters that can't be kept", "invalid", {}, {})


def _unwritten(request: context.Asked, failure: sa.exc.OperationalError) -> Answer:
    if not database.has_given_way(failure):
        return _bug(request, failure)
    return _failure(request, errors.Conflict("Somebody else changed the same at this moment; send the request again"))


def _bug(request: context.Asked, failure: Exception) -> Answer:
    incident = str(uuid.uuid4())
    _log.error("%s %s failed (incident %s)", request.method, request.url.path, incident, exc_info=failure)
    message = "Server error: the disk is full" if database.is_disk_full(failure) else "Server error"
    return _answer(500, message, "server_error", {}, {}, incident=incident)


def _answer(
    status: int,
    message: str,
    error_type: str,
    fields: dict[str, list[str]],
    headers: dict[str, str],
    **more: Any,
) -> Answer:
    body = answers.Error(message, message, error_type, fields or None, more.get("incident"))
    return Response(body, status_code=status, headers=_HEADERS.get(status, {}) | headers, media_type=MediaType.JSON)
