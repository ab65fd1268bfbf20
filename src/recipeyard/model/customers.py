"""Customers: workspaces that another one manages, each known to its manager by an id of the manager's own too."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from recipeyard.model import errors, workspaces

EXTERNAL_ID_LENGTH = 255
BY_EXTERNAL_ID = "E"
"""What a customer's address begins with where it names the external id."""


@dataclass(frozen=True, slots=True)
class Customer:
    """A workspace with what its manager keeps of it."""

    workspace: workspaces.Workspace
    manager_id: int
    external_id: str | None
    details: Mapping[str, str]
    updated_at: datetime


def external_id(given: str) -> str:
    """An external id as it may be. Raises `errors.Invalid`: it becomes a part of addresses."""
    wrong = None
    if not given.strip():
        wrong = "can't be blank"
    elif re.search(r"[/\x00-\x1f\x7f]", given):
        wrong = "can't contain slashes or control characters"
    elif len(given) > EXTERNAL_ID_LENGTH:
        wrong = f"is longer than {EXTERNAL_ID_LENGTH} characters"
    if wrong:
        raise errors.Invalid.listing([errors.Issue("external_id", wrong)])
    return given
