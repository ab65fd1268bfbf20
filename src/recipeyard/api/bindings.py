"""Bindings: `/api/bindings`, a workspace's own answers to what packages name."""

import re
from typing import Annotated

from litestar import get, put
from litestar.params import Parameter

from recipeyard.api import context, documentation, params
from recipeyard.model import errors
from recipeyard.sql import bindings as binding_rows
from recipeyard.wire import bindings as wire
from recipeyard.work import bindings

_TAGS = ["Bindings"]
_IF_MATCH = "If-Match"
_SPELLED = r'^(\*|"?[0-9]{1,9}"?)$'
_VERSION = re.compile(_SPELLED)
IfMatch = Annotated[
    str | None,
    Parameter(
        header=_IF_MATCH,
        description="The version that the bindings are to follow; `*` is any. A `version` in the body goes before it.",
        schema_extra={"pattern": _SPELLED},
    ),
]


@get("/api/bindings", sync_to_thread=True, tags=_TAGS, summary="Show the bindings")
def show(request: context.Asked, context: context.Context) -> wire.Bindings:
    """The bindings that hold now; version 0 where none were ever set."""
    with context.deed.db.read() as tx:
        return wire.version(binding_rows.newest(tx, request.user.id))


@put(
    "/api/bindings",
    sync_to_thread=True,
    tags=_TAGS,
    summary="Set the bindings",
    responses=documentation.ends_in(409),
)
def replace(
    request: context.Asked, context: context.Context, data: wire.BindingsRequest, if_match: IfMatch = None
) -> wire.Bindings:
    """All bindings at once, each checked; refused (409) where another version than the one that was sent holds."""
    expected = data.version if data.version is not None else _expected(if_match)
    with context.deed.db.write() as tx:
        return wire.version(bindings.replace(tx, request.user.id, data.bindings, expected))


@get("/api/bindings/versions", sync_to_thread=True, tags=_TAGS, summary="List versions of the bindings")
def versions(request: context.Asked, context: context.Context, paging: params.Paging) -> wire.BindingsVersions:
    """A page of the bindings as they were set: when, by whom, and all of them but properties' values; newest first."""
    offset, limit = paging.window
    with context.deed.db.read() as tx:
        found = binding_rows.listed(tx, request.user.id, offset=offset, limit=limit)
    return wire.BindingsVersions([wire.past(each) for each in found])


def _expected(sent: str | None) -> int | None:
    if sent is None or sent == "*":
        return None
    if _VERSION.fullmatch(sent) is None:
        raise errors.Invalid.listing([errors.Issue(_IF_MATCH, f"{sent!r} is no version of the bindings")])
    return int(sent.strip('"'))


ROUTES = [show, replace, versions]
