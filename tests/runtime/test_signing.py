"""Signatures, as AWS' own examples have them."""

from datetime import UTC, datetime

import pytest

from recipeyard.runtime import outbound
from recipeyard.runtime.reaching import signing

KEY = signing.Key("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", "service")
THEN = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)


@pytest.mark.parametrize(
    ("path", "signature"),
    [
        ("/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("/?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
    ],
)
def test_a_signature_is_that_of_the_example(path: str, signature: str) -> None:
    headers = signing.signed(outbound.Send("GET", f"https://example.amazonaws.com{path}"), KEY, THEN)

    scope = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request"
    expected = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature={signature}"
    assert expected == headers["Authorization"]


def test_a_key_shows_no_secret() -> None:
    assert "EXAMPLEKEY" not in repr(KEY)
