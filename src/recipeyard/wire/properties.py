"""Properties as the API takes them."""

import msgspec


class PropertiesRequest(msgspec.Struct):
    """Values by name; names that are missing are added."""

    properties: dict[str, str]
