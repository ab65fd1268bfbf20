"""Histories: the versions that an asset has had, and what a folder has seen, so that people can read who did what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from recipeyard.model import assets, packages


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an asset of any kind. `package_id` is the package that made it, None for one made by hand.

    `arrived` is what that package brought, where that differs from what was kept.
    """

    id: int
    asset_id: int
    version_no: int
    content: assets.Content
    arrived: assets.Content
    author: str
    comment: str | None
    package_id: int | None
    created_at: datetime

    @property
    def rows(self) -> str | None:
        """For a table's version: the digest of the document that brought its rows, None where it brought none."""
        return self.arrived.digest if self.arrived.digest != self.content.digest else None


@dataclass(frozen=True, slots=True)
class Transfer:
    """One import or rollback into a folder, with how many assets saw what, and the plan that it was."""

    package: packages.Package
    counts: Mapping[str, int]
    plan_id: int | None


@dataclass(frozen=True, slots=True)
class Edit:
    """One version that was made by hand, and its asset."""

    version: Version
    asset: assets.Asset


@dataclass(frozen=True, slots=True)
class Touch:
    """What one import or rollback did to one asset."""

    package: packages.Package
    result: packages.Result
