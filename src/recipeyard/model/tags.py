"""Tags: words that people put on assets. Packages carry them by title, the API names them by handle."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from recipeyard.model import assets

KINDS = frozenset({assets.RECIPE, assets.CONNECTION, assets.DATA_TABLE})
"""Kinds whose documents list their tags' titles in a member `tags`; in other kinds that member means something else."""

MEMBER = "tags"
TITLE_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of a workspace. Its title is unique there, its handle everywhere."""

    id: int
    handle: str
    title: str
    description: str | None
    color: str | None


def title_issues(title: str) -> Iterator[str]:
    """What is wrong with a tag's title."""
    if not title.strip():
        yield "can't be blank"
    elif "\0" in title:
        yield "has a NUL character"
    elif len(title) > TITLE_LENGTH:
        yield f"is longer than {TITLE_LENGTH} characters"


def differ(assigned: Iterable[str], said: Iterable[str] | None) -> bool:
    """Whether a document says other tags than are assigned; their order says nothing, and no member means none."""
    return set(assigned) != set(said or ())
