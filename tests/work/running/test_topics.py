"""Recipes publish messages to topics, and hear of them."""

from typing import Any

import pytest

import connector_calls
import platforms
import worlds
from recipeyard.runtime import interface
from recipeyard.runtime.connectors import workato_pub_sub

CONNECTOR = workato_pub_sub.CONNECTOR


@pytest.fixture
def seat(embedded: worlds.World) -> platforms.Seat:
    return platforms.Seat(embedded.workspace())


def topic(seat: platforms.Seat) -> str:
    """The id of a topic whose messages have a kind, and a number if there is one."""
    schema = [{"name": "kind", "type": "string"}, {"name": "n", "type": "integer"}]
    return str(seat.place.make("topic", worlds.document({"name": "News", "schema": schema, "retention": 604800})))


def test_who_listens_hears_a_message_of_the_topics_types(seat: platforms.Seat) -> None:
    topic_id = topic(seat)
    trigger = CONNECTOR.triggers[0].listening
    assert isinstance(trigger, interface.Subject)

    sent = seat.do(CONNECTOR, "publish_to_topic", {"topic_id": topic_id, "message": {"kind": "a", "n": "5"}})

    (subject, payload), expected = seat.told[0], {"kind": "a", "n": 5}
    assert trigger.of({"topic_id": topic_id}) == subject
    heard: Any = trigger.event({}, payload)
    assert (expected, sent["message_id"], connector_calls.NOW) == (
        heard["message"],
        heard["message_id"],
        heard["published_at"],
    )


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({}, "topic_id is required"),
        ({"topic_id": "77"}, "no topic 77"),
        ({"topic_id": "News"}, "no topic 'News'"),
        ({"message": {"kind": "a", "n": "many"}}, "message.n must be a whole number"),
    ],
)
def test_what_cant_be_published_is_a_failure(seat: platforms.Seat, given: dict[str, Any], what: str) -> None:
    asked = given if not given or "topic_id" in given else {"topic_id": topic(seat)} | given

    with pytest.raises(interface.Failure, match=what):
        seat.do(CONNECTOR, "publish_to_topic", asked)
