"""The workspace as `users/me` shows it to the holder of a token."""

from datetime import datetime

import msgspec

from recipeyard.model import workspaces
from recipeyard.wire import answers


class User(msgspec.Struct):
    """The workspace that a token opens. There is no billing: the period is the calendar year."""

    id: int
    name: str
    created_at: str
    expert: bool
    avatar_url: str
    recipes_count: int
    active_recipes_count: int
    interested_applications: list[str]
    company_name: str | None
    location: str | None
    last_seen: str
    contact_phone: str | None
    contact_email: str | None
    about_me: str | None
    email: str
    phone: str
    root_folder_id: int
    plan_id: str
    current_billing_period_start: str
    current_billing_period_end: str


def user(shown: workspaces.Workspace, recipes: tuple[int, int], now: datetime) -> User:
    """A workspace's answer; `recipes` counts all of them, and those that run."""
    year = now.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    return User(
        id=shown.id,
        name=shown.name,
        created_at=answers.stamp(shown.created_at),
        expert=False,
        avatar_url="",
        recipes_count=recipes[0],
        active_recipes_count=recipes[1],
        interested_applications=[],
        company_name=None,
        location=None,
        last_seen=answers.stamp(now),
        contact_phone=None,
        contact_email=None,
        about_me=None,
        email=f"workspace-{shown.id}@recipeyard.invalid",
        phone="",
        root_folder_id=shown.root_folder_id,
        plan_id="self_hosted",
        current_billing_period_start=answers.stamp(year),
        current_billing_period_end=answers.stamp(year.replace(year=year.year + 1)),
    )
