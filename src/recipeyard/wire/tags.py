"""Tags as the API takes and shows them."""

import msgspec

from recipeyard.model import tags
from recipeyard.wire import answers


class Tag(msgspec.Struct):
    """A tag; its handle is what calls name it by."""

    handle: str
    title: str
    description: str | None
    color: str | None


class TagItems(msgspec.Struct):
    """Tags, by title."""

    tags: list[Tag]


class TagList(msgspec.Struct):
    """A page of tags."""

    data: TagItems


class TagRequest(msgspec.Struct):
    """What a tag is made of."""

    title: str | None = None
    description: str | None = None
    color: str | None = None


class AssignmentRequest(msgspec.Struct):
    """Tags, by handle, to put on recipes and connections or to take from them."""

    add_tags: list[str] = []
    remove_tags: list[str] = []
    recipe_ids: list[answers.Id] = []
    connection_ids: list[answers.Id] = []


def tag(shown: tags.Tag) -> Tag:
    """A tag's answer."""
    return Tag(shown.handle, shown.title, shown.description, shown.color)
