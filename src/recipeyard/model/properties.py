"""Properties: what their names may be, whether the API sets them or a package's property file declares them."""

from collections.abc import Iterator

NAME_LENGTH = 100


def name_issues(name: str) -> Iterator[str]:
    """What is wrong with a property's name."""
    if not name.strip():
        yield "names can't be blank"
    if "\0" in name:
        yield "names can't hold NUL characters"
    if len(name) > NAME_LENGTH:
        yield f"names are at most {NAME_LENGTH} characters long"
