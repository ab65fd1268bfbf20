"""The activity log as the API shows it."""

from typing import Any

import msgspec

from recipeyard.model import activities, workspaces
from recipeyard.wire import answers


class ActingUser(msgspec.Struct):
    """Who acted: an API client; without an id, the holder of a token that the operator made."""

    id: int | None
    name: str
    email: str | None


class Resource(msgspec.Struct):
    """What was changed, by the name it bore then."""

    type: str
    id: int | None
    name: str


class Workspace(msgspec.Struct):
    """Where it was changed."""

    id: int
    name: str


class Activity(msgspec.Struct):
    """One change."""

    id: int
    event_type: str
    timestamp: str
    user: ActingUser
    details: dict[str, Any]
    resource: Resource
    workspace: Workspace


class ActivityList(msgspec.Struct):
    """A page of activities, newest first; `total` counts those on it."""

    data: list[Activity]
    total: int


def activity(shown: activities.Activity, workspace: workspaces.Workspace) -> Activity:
    """An activity's answer."""
    return Activity(
        id=shown.id,
        event_type=shown.event_type,
        timestamp=answers.stamp(shown.created_at),
        user=ActingUser(shown.actor.id, shown.actor.name, None),
        details=dict(shown.details),
        resource=Resource(shown.resource.kind, shown.resource.id, shown.resource.name),
        workspace=Workspace(workspace.id, workspace.name),
    )
