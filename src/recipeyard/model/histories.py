"""Histories: the versions that an asset has had, and what a folder has seen, so that people can read who did what."""

import math
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from recipeyard.model import assets, packages, proposals


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


def base(newest_first: Iterable[Version], left: Container[int], returned: Mapping[int, int]) -> Version | None:
    """The version of an asset that counts as what a package left last, None where no package left any.

    `left` are the ids of versions that packages brought or found. Rollbacks leave what was left before: `returned` has
    the ids of their versions, with the number of the version that each went back to.
    """
    last: float = math.inf
    for version in newest_first:
        if version.version_no <= last:
            if version.id in left:
                return version
            last = returned.get(version.id, last)
    return None


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
class Event:
    """One thing that happened to an asset: a version that was made, what a package did to it, or both.

    `name` is what it was called then. `diff` is what differs from the version before, None for the first.
    """

    at: datetime
    by: str
    name: str
    action: packages.Action
    version: Version | None = None
    package: packages.Package | None = None
    path: str | None = None
    current: bool = False
    running: bool = False
    diff: proposals.Difference | None = None


class Status(StrEnum):
    """How an asset stands to what a package left of it."""

    DRIFTED = "drifted"
    DELETED = "deleted"
    NEVER_DEPLOYED = "never_deployed"


@dataclass(frozen=True, slots=True)
class Drift:
    """One asset that is not what a package left. `path` counts from the folder that was asked about.

    `package_id` deployed it last, at `deployed_at`. `changed_by` and `changed_at` tell of the last version that was
    made by hand, None where it is gone or only rows were changed.
    """

    status: Status
    asset_id: int
    kind: str
    name: str
    path: str
    package_id: int | None = None
    deployed_at: datetime | None = None
    version_no: int | None = None
    changed_by: str | None = None
    changed_at: datetime | None = None
    diff: proposals.Difference | None = None
