"""The activity log: `/api/activity_logs`, and the cache of secrets that there is none of."""

from dataclasses import dataclass, replace
from typing import Annotated

from litestar import get, post
from litestar.di import Provide
from litestar.params import Parameter

from recipeyard.api import context, params
from recipeyard.model import activities as model
from recipeyard.sql import activities as activity_rows
from recipeyard.wire import activities as wire
from recipeyard.wire import answers

MOST_A_PAGE = 100
_TAGS = ["Activity"]
_KINDS = ", ".join(f"`{kind}`" for kind in model.Kind)


@dataclass(frozen=True, slots=True)
class Words:
    """What an activity log may be narrowed by, apart from page and time."""

    user_ids: Annotated[list[int] | None, Parameter(query="users_ids[]", description="API clients' ids.")] = None
    kinds: Annotated[list[str] | None, Parameter(query="include_resource_types[]", description=_KINDS)] = None
    but_kinds: Annotated[list[str] | None, Parameter(query="exclude_resource_types[]", description=_KINDS)] = None
    events: Annotated[
        list[str] | None, Parameter(query="include_event_types[]", description="As `event_type` in the log.")
    ] = None
    but_events: Annotated[
        list[str] | None, Parameter(query="exclude_event_types[]", description="As `event_type` in the log.")
    ] = None
    event_type: Annotated[str | None, Parameter(description="Only events of this one type.")] = None

    @property
    def filter(self) -> model.Filter:
        """The words as a filter."""
        one = [self.event_type] if self.event_type else []
        return model.Filter(
            actor_ids=tuple(self.user_ids or ()),
            kinds=tuple(self.kinds or ()),
            but_kinds=tuple(self.but_kinds or ()),
            events=(*(self.events or ()), *one),
            but_events=tuple(self.but_events or ()),
        )


@dataclass(frozen=True, slots=True)
class Span:
    """Which page of an activity log is asked for, and from when to when."""

    after: Annotated[
        int | None, Parameter(query="page[after]", ge=1, le=2**63 - 1, description="Only what is older than this id.")
    ] = None
    size: Annotated[int, Parameter(query="page[size]", ge=1, description=f"At most {MOST_A_PAGE}.")] = MOST_A_PAGE
    since: Annotated[
        str | None, Parameter(query="from", description=f"{params.MOMENT}.", schema_extra=params.IS_MOMENT)
    ] = None
    until: Annotated[
        str | None, Parameter(query="to", description=f"{params.MOMENT}.", schema_extra=params.IS_MOMENT)
    ] = None


@get(
    "/api/activity_logs",
    sync_to_thread=True,
    tags=_TAGS,
    summary="Show the activity log",
    dependencies={"words": Provide(Words, sync_to_thread=False), "span": Provide(Span, sync_to_thread=False)},
)
def listed(request: context.Asked, context: context.Context, words: Words, span: Span) -> wire.ActivityList:
    """What was changed in the workspace, when and by whom, newest first."""
    since, until = params.moment("from", span.since), params.moment("to", span.until)
    by = replace(words.filter, before_id=span.after, since=since, until=until)
    with context.deed.db.read() as tx:
        found = activity_rows.listed(tx, request.user.id, by, min(span.size, MOST_A_PAGE))
    return wire.ActivityList([wire.activity(each, request.user) for each in found], len(found))


@post(
    "/api/secrets_management/clear_cache",
    status_code=200,
    sync_to_thread=False,
    tags=["Workspace"],
    summary="Clear the cache of secrets",
)
def clear_cache() -> answers.Success:
    """Done: this server keeps no secrets of other systems in a cache."""
    return answers.Success()


ROUTES = [listed, clear_cache]
