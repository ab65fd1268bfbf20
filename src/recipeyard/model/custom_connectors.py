"""Custom connectors: code that a workspace brings itself, versioned, and released one version at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from recipeyard.model import assets, documents

CODE = "rb"
"""The suffix of the file that holds a connector's code."""


@dataclass(frozen=True, slots=True)
class Release:
    """A version that recipes may use since `released_at`."""

    version_no: int
    note: str | None
    created_at: datetime
    released_at: datetime


@dataclass(frozen=True, slots=True)
class Connector:
    """A custom connector; recipes know it by its asset's provider. Releases are newest first."""

    asset: assets.Asset
    description: str
    note: str | None
    created_at: datetime
    updated_at: datetime
    releases: tuple[Release, ...]


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture, by the suffix of its file."""

    suffix: str
    media_type: str
    content: bytes


def document(title: str, members: Mapping[str, documents.Value]) -> dict[str, documents.Value]:
    """A new connector's document."""
    fixed: dict[str, documents.Value] = {"title": title, "description": ""}
    fixed |= {"logo_file_name": None, "logo_content_type": None, "version_no": 1, "note": None}
    return fixed | dict(members)
