"""Tokens: got, used, and got again; and the tests of HTTP connections."""

import base64
from typing import Any
from urllib import parse

import pytest

import outside
from recipeyard.runtime import interface
from recipeyard.runtime.connectors import rest
from recipeyard.runtime.reaching import access, network
from recipeyard.work.running import credentials

OUT = network.Network(to_private=True)
CLIENT = {"auth_type": access.CLIENT, "oauth2_client_id": "me", "oauth2_client_secret": "s3cret"}


class Issuer:
    """A server that gives tokens, and answers those who have the newest."""

    def __init__(self) -> None:
        self.given = 0
        self.asked: list[tuple[dict[str, str], str]] = []
        self.refuses = False

    def answer(self, heard: outside.Heard) -> outside.Reply:
        if heard.path != "/token":
            is_new = heard.headers.get("authorization") == f"Bearer t{self.given}"
            return outside.Reply(200 if is_new and self.given else 401, b"{}")
        self.asked.append((dict(parse.parse_qsl(heard.body.decode())), heard.headers.get("authorization", "")))
        if self.refuses:
            return outside.Reply(400, b'{"error": "invalid_client", "error_description": "s3cret"}')
        self.given += 1
        return outside.Reply(200, b'{"access_token": "t%d", "refresh_token": "r%d"}' % (self.given, self.given))


def kept_of(given: interface.Object) -> interface.Object:
    assert rest.CONNECTOR.connecting
    how = rest.CONNECTOR.connecting
    return credentials.tested(how, given, OUT, lambda before: credentials.renewed(how, before, OUT))


def refused(given: interface.Object) -> str:
    with pytest.raises(interface.Failure) as caught:
        kept_of(given)
    return caught.value.message


def test_a_token_is_got_for_a_client() -> None:
    issuer = Issuer()
    with outside.site(issuer.answer) as site:
        kept = kept_of(
            CLIENT | {"oauth2_token_url": f"{site.url}/token", "oauth2_scope": "a b", "test_url": f"{site.url}/me"}
        )

    wanted = {"grant_type": "client_credentials", "scope": "a b"}
    assert [(wanted, "Basic " + base64.b64encode(b"me:s3cret").decode())] == issuer.asked
    assert "t1" == kept["access_token"]


def test_a_client_may_say_who_it_is_in_the_body() -> None:
    issuer = Issuer()
    with outside.site(issuer.answer) as site:
        kept_of(CLIENT | {"oauth2_token_url": f"{site.url}/token", "param_type": "payload"})

    wanted = {"grant_type": "client_credentials", "client_id": "me", "client_secret": "s3cret"}
    assert [(wanted, "")] == issuer.asked


def test_a_token_is_got_again_and_what_it_was_got_for_is_kept() -> None:
    issuer = Issuer()
    before = CLIENT | {"auth_type": access.CODE, "access_token": "old", "refresh_token": "r0"}
    with outside.site(issuer.answer) as site:
        kept = kept_of(before | {"oauth2_token_url": f"{site.url}/token", "test_url": f"{site.url}/me"})

    assert {"grant_type": "refresh_token", "refresh_token": "r0"} == issuer.asked[0][0]
    assert ("t1", "r1") == (kept["access_token"], kept["refresh_token"])


def test_a_code_is_given_for_tokens_once() -> None:
    issuer = Issuer()
    before = CLIENT | {"auth_type": access.CODE, "authorization_code": "c", "oauth2_redirect_uri": "https://x/y"}
    with outside.site(issuer.answer) as site:
        kept = kept_of(before | {"oauth2_token_url": f"{site.url}/token"})

    wanted = {"grant_type": "authorization_code", "code": "c", "redirect_uri": "https://x/y"}
    assert wanted == issuer.asked[0][0]
    assert "authorization_code" not in kept


def test_a_server_that_gives_no_token_is_told_without_secrets() -> None:
    issuer = Issuer()
    issuer.refuses = True
    with outside.site(issuer.answer) as site:
        message = refused(CLIENT | {"oauth2_token_url": f"{site.url}/token"})

    assert "No token was got: the server answered 400, invalid_client" == message


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (CLIENT, "oauth2_token_url"),
        ({"auth_type": access.CLIENT, "oauth2_token_url": "http://h/"}, "oauth2_client_id"),
        (CLIENT | {"auth_type": access.CODE}, "refresh_token"),
        (CLIENT | {"auth_type": access.AZURE_CLIENT}, "tenant_id"),
        ({"auth_type": access.HEADERS, "header_pair": "s3cret"}, "header_pair"),
        ({"auth_type": access.QUERY, "url_param": "s3cret"}, "url_param"),
        ({"auth_type": access.AWS}, "aws_access_key_id"),
    ],
)
def test_what_a_connection_lacks_is_named(given: dict[str, Any], named: str) -> None:
    message = refused(given)

    assert named in message
    assert "s3cret" not in message


def test_a_tenants_tokens_come_from_azure() -> None:
    asked: list[str] = []

    class Out(network.Network):
        def request(self, send: Any) -> Any:
            asked.append(send.url)
            raise interface.Failure("enough")

    with pytest.raises(interface.Failure, match="enough"):
        access.renew(CLIENT | {"auth_type": access.AZURE_CLIENT, "tenant_id": "t/1"}, Out(to_private=False))

    assert ["https://login.microsoftonline.com/t%2F1/oauth2/v2.0/token"] == asked


def test_a_connection_with_nothing_to_test_is_taken_as_it_is() -> None:
    assert {"a": "b"} == kept_of({"a": "b"})


def test_a_test_that_is_refused_says_by_whom() -> None:
    with outside.site(lambda _: outside.Reply(403)) as site:
        message = refused({"base_url": site.url, "test_url": "/me?token=s3cret"})

    assert "127.0.0.1 answered 403 Forbidden" == message
