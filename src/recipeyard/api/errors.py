"""The error table: each way to fail, its status, and the one body that all of them have."""

import logging
import uuid
from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from litestar import MediaType, Response
from litestar.exceptions import HTTPException, TooManyRequestsException, ValidationException
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
    errors.TooLarge: (413, "too_large"),
    errors.Unprocessable: (422, "unprocessable"),
    errors.TooMany: (429, "too_many_requests"),
}
_HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 413: {"Connection": "close"}}
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
        OverflowError: _unusable,
        ValueError: _value,
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


def _validation(_: context.Asked, failure: ValidationException) -> Answer:
    fields: dict[str, list[str]] = defaultdict(list)
    for each in failure.extra if isinstance(failure.extra, list) else ():
        fields[str(each.get("key", "body"))].append(str(each.get("message", "")))
    lines = [f"{name}: {what}" for name, wrong in fields.items() for what in wrong]
    return _answer(400, "\n".join(lines) or failure.detail, "malformed", dict(fields), {})


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


def _value(request: context.Asked, failure: ValueError) -> Answer:
    """The second after the year 9999 is the one moment that the decoder lets by and then can't make."""
    if str(failure) == "year 10000 is out of range":
        return _unusable(request, failure)
    return _bug(request, failure)


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
