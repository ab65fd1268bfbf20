"""Connections: what a recipe reaches an app through. Here stands all of one but its secrets."""

from dataclasses import dataclass
from datetime import datetime

from recipeyard.model import assets


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection with its state; `authorized_at` is None for one that holds no credentials, or none that work.

    `error` says why those that it holds did not work when they were tested.
    """

    asset: assets.Asset
    project_id: int | None
    external_id: str | None
    parent_id: int | None
    authorized_at: datetime | None
    created_at: datetime
    updated_at: datetime
    error: str | None = None
