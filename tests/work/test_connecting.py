"""Connections before they are kept."""

from typing import Any

import pytest

from recipeyard.model import errors
from recipeyard.runtime import interface, outbound
from recipeyard.runtime.reaching import network
from recipeyard.work import connecting

NOWHERE = network.Network(to_private=False)
FIELDS = (
    interface.Field("url", optional=False),
    interface.Field("token", secret=True),
    interface.Field("port", "integer"),
    interface.Field("safe", "boolean"),
    interface.Field("kind", choices=("a", "b")),
    interface.Field("more", "object"),
    interface.Field("list", "array"),
)


def quoting(given: interface.Object, _: outbound.Outbound) -> None:
    raise interface.Failure(f"{given['url']!r} refuses {given['token']!r}")


def passing(_: interface.Object, __: outbound.Outbound) -> None:
    """All is well."""


def test_what_works_is_kept_as_it_was_given() -> None:
    given = {"url": "u", "port": "42", "safe": "false", "kind": "b", "more": {}, "list": [], "unknown": 1}

    assert connecting.Tried(given) == connecting.attempt(interface.Connecting(FIELDS, passing), given, NOWHERE)


def test_what_nobody_here_can_test_is_kept_as_it_was_given() -> None:
    assert connecting.Tried({"a": "b"}) == connecting.attempt(None, {"a": "b"}, NOWHERE)


def test_why_it_does_not_work_is_said_without_secrets() -> None:
    tried = connecting.attempt(interface.Connecting(FIELDS, quoting), {"url": "u", "token": "s3cret"}, NOWHERE)

    assert "'u' refuses '[hidden]'" == tried.error


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, "url"),
        ({"url": ""}, "url"),
        ({"url": ["u"]}, "url"),
        ({"url": "u", "port": "s3cret"}, "port"),
        ({"url": "u", "safe": "s3cret"}, "safe"),
        ({"url": "u", "kind": "s3cret"}, "kind"),
        ({"url": "u", "more": "s3cret"}, "more"),
        ({"url": "u", "list": "s3cret"}, "list"),
    ],
)
def test_a_field_at_fault_is_named_and_not_shown(given: dict[str, Any], name: str) -> None:
    with pytest.raises(errors.Invalid) as caught:
        connecting.attempt(interface.Connecting(FIELDS, quoting), given, NOWHERE)

    assert [f"input.{name}"] == [issue.where for issue in caught.value.issues]
    assert "s3cret" not in str(caught.value)
