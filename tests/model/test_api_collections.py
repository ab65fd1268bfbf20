"""Endpoints of collections: which paths are theirs, and how long their callers wait."""

from datetime import UTC, datetime
from typing import Any

import pytest

from recipeyard.model import api_collections, assets

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def endpoint(path: str) -> api_collections.Endpoint:
    content = assets.Content("digest")
    asset = assets.Asset(1, assets.API_ENDPOINT, "E", "e", 1, 1, 1, content, content)
    return api_collections.Endpoint(
        asset, 2, 3, "desk", "GET", path, legacy=False, active=True, timeout_s=30, created_at=NOW, updated_at=NOW
    )


@pytest.mark.parametrize(
    ("path", "sent", "found"),
    [
        ("orders", ["orders"], {}),
        ("orders/{id}", ["orders", "7"], {"id": "7"}),
        ("orders/{id}/lines/{line}", ["orders", "7", "lines", "a/b"], {"id": "7", "line": "a/b"}),
        ("orders/{id}", ["orders", ""], None),
        ("orders/{id}", ["orders"], None),
        ("orders/{id}", ["orders", "7", "more"], None),
        ("orders", ["Orders"], None),
        ("orders/{id}", ["orders", "{id}"], {"id": "{id}"}),
    ],
)
def test_a_path_is_an_endpoints_part_by_part(path: str, sent: list[str], found: dict[str, str] | None) -> None:
    assert found == endpoint(path).fits(sent)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [(None, 30), (25, 25), ("240", 240), (0, 1), (99999, 600), ("soon", 30), (True, 30), (2.5, 30), ("", 30)],
)
def test_callers_wait_as_long_as_the_endpoint_says_within_reason(said: Any, seconds: int) -> None:
    assert seconds == api_collections.timeout_s(said)
