"""Custom connectors as the API takes and shows them."""

import base64

import msgspec

from recipeyard.model import custom_connectors, errors
from recipeyard.wire import answers

LOGO_BYTES = 1024 * 1024
_PICTURES = {
    b"\x89PNG\r\n\x1a\n": ("png", "image/png"),
    b"\xff\xd8\xff": ("jpg", "image/jpeg"),
    b"GIF8": ("gif", "image/gif"),
}


class ConnectorRelease(msgspec.Struct):
    """A released version."""

    version: int
    version_note: str | None
    created_at: str
    released_at: str


class CustomConnector(msgspec.Struct):
    """A custom connector. `name` is how recipes call it; `latest_released_version` is 0 where none is released."""

    id: int
    name: str
    title: str
    description: str
    latest_version: int
    latest_version_note: str | None
    latest_released_version: int
    latest_released_version_note: str | None
    released_versions: list[ConnectorRelease]
    static_webhook_url: str | None
    created_at: str
    updated_at: str


class CustomConnectors(msgspec.Struct):
    """Custom connectors, by id."""

    result: list[CustomConnector]


class FoundConnectors(msgspec.Struct):
    """Custom connectors of one title."""

    data: list[CustomConnector]


class ConnectorCode(msgspec.Struct):
    """A connector's code."""

    code: str


class ConnectorCodeAnswer(msgspec.Struct):
    """A connector's code at its current version."""

    data: ConnectorCode


class CustomConnectorUpdate(msgspec.Struct):
    """What can be changed of a connector. `logo` is a PNG, JPEG or GIF in base64."""

    title: str | None = None
    code: str | None = None
    description: str | None = None
    note: str | None = None
    logo: str | None = None


class ConnectorReleased(msgspec.Struct):
    """What was done."""

    message: str


class OauthProfiles(msgspec.Struct):
    """Custom OAuth profiles: there are none."""

    result: list[str]


def connector(shown: custom_connectors.Connector) -> CustomConnector:
    """A connector's answer."""
    latest = shown.releases[0] if shown.releases else None
    return CustomConnector(
        id=shown.asset.id,
        name=shown.asset.provider or "",
        title=shown.asset.name,
        description=shown.description,
        latest_version=shown.asset.version_no,
        latest_version_note=shown.note,
        latest_released_version=latest.version_no if latest else 0,
        latest_released_version_note=latest.note if latest else None,
        released_versions=[_release(each) for each in shown.releases],
        static_webhook_url=None,
        created_at=answers.stamp(shown.created_at),
        updated_at=answers.stamp(shown.updated_at),
    )


def logo(sent: str | None) -> custom_connectors.Logo | None:
    """The picture that a text is. Raises `errors.Invalid` for what is no picture, or too large a one."""
    if not sent:
        return None
    try:
        content = base64.b64decode(sent.rpartition(",")[2], validate=True)
    except ValueError as e:
        raise _invalid("is not base64") from e
    if len(content) > LOGO_BYTES:
        raise _invalid(f"is larger than {LOGO_BYTES} bytes")
    for beginning, (suffix, media_type) in _PICTURES.items():
        if content.startswith(beginning):
            return custom_connectors.Logo(suffix, media_type, content)
    raise _invalid("is neither a PNG nor a JPEG nor a GIF")


def _release(shown: custom_connectors.Release) -> ConnectorRelease:
    return ConnectorRelease(
        shown.version_no, shown.note, answers.stamp(shown.created_at), answers.stamp(shown.released_at)
    )


def _invalid(what: str) -> errors.Invalid:
    return errors.Invalid.listing([errors.Issue("logo", what)])
