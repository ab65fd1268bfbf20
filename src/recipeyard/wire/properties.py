"""Properties as the API takes them."""

from typing import Annotated, Any

import msgspec

from recipeyard.model import errors

_TEXTS = msgspec.Meta(extra_json_schema={"additionalProperties": {"type": "string"}})


class PropertiesRequest(msgspec.Struct):
    """Values by name; names that are missing are added."""

    properties: Annotated[dict[str, Any], _TEXTS]

    @property
    def values(self) -> dict[str, str]:
        """The values that were sent. Raises `errors.Invalid` naming each property whose value is no text."""
        wrong = [name for name, value in self.properties.items() if not isinstance(value, str)]
        if wrong:
            raise errors.Invalid.listing([errors.Issue(f"properties.{name}", "must be a text") for name in wrong])
        return self.properties
