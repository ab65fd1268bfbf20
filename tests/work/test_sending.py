"""Messages to webhooks: each is taken by one sender, outlives a death, and goes only where it may."""

import dataclasses
import signal
from datetime import timedelta

import pytest

import ears
import servers
import services
import worlds
from recipeyard.model import errors, packages, webhooks
from recipeyard.sql import webhooks as rows
from recipeyard.work import sending, settling
from recipeyard.work import webhooks as deeds

FILES = {"a.recipe.json": worlds.Recipe("A").bytes}


def waiting(place: worlds.Place, hooks: int) -> None:
    """One message to each of some webhooks."""
    with place.world.db.write() as tx:
        for _ in range(hooks):
            deeds.create(tx, place.workspace.id, {"url": "http://ci.example/"}, b"sealed")
    place.load(FILES)


def claim(place: worlds.Place, *, later: timedelta = timedelta(), many: int = 8) -> list[webhooks.Sending]:
    with place.world.db.write() as tx:
        return rows.claim(dataclasses.replace(tx, now=tx.now + later), (), many, sending.LEASE)


def test_what_one_has_taken_no_other_takes(place: worlds.Place) -> None:
    waiting(place, 3)

    first, second, third = claim(place, many=2), claim(place), claim(place)

    assert [2, 1, 0] == [len(first), len(second), len(third)]
    assert 3 == len({each.delivery.id for each in first + second})


@pytest.mark.parametrize("world", ["shared"], indirect=True)
def test_two_at_once_take_different_ones(place: worlds.Place) -> None:
    waiting(place, 2)

    with place.world.db.write() as one, place.world.db.write() as two:
        first = rows.claim(one, (), 1, sending.LEASE)
        second = rows.claim(two, (), 8, sending.LEASE)

    assert 1 == len(first)
    assert first[0].delivery.id not in {each.delivery.id for each in second}


def test_what_was_taken_and_not_settled_is_taken_again(place: worlds.Place) -> None:
    waiting(place, 1)
    first = claim(place)

    again = claim(place, later=sending.LEASE + timedelta(seconds=1))

    assert [each.delivery.id for each in first] == [each.delivery.id for each in again]
    assert [1, 2] == [each.delivery.attempts for each in first + again]


def test_a_webhook_gets_one_message_at_a_time(place: worlds.Place) -> None:
    waiting(place, 1)
    place.load(FILES)

    assert [1, 1] == [len(claim(place)), len(claim(place))]
    with place.world.db.write() as tx:
        assert not rows.is_any_due(tx, ())


def test_an_answer_to_an_attempt_before_changes_nothing(place: worlds.Place) -> None:
    waiting(place, 1)
    taken = claim(place)[0].delivery
    with place.world.db.write() as tx:
        rows.repeat(tx, taken)
        rows.settle(tx, taken, webhooks.answer(500), None)

    assert [taken.id] == [each.delivery.id for each in claim(place)]


def test_a_package_that_has_ended_is_told_once(place: worlds.Place) -> None:
    with place.world.db.write() as tx:
        deeds.create(tx, place.workspace.id, {"url": "http://ci.example/"}, b"sealed")
    package = place.load({"a.recipe.json": b"{"})
    with place.world.db.write() as tx:
        settled_again = settling.settle(tx, package, packages.failed(errors.Failure("once more")))

    assert (False, 1) == (settled_again, place.world.counts()["deliveries"])


def test_messages_that_ended_long_ago_are_forgotten(place: worlds.Place) -> None:
    waiting(place, 2)
    taken = claim(place, many=1)[0].delivery
    with place.world.db.write() as tx:
        rows.settle(tx, taken, webhooks.answer(200), None)
        rows.forget(tx, tx.now + timedelta(days=1))

    assert 1 == place.world.counts()["deliveries"]


def test_a_message_outlives_a_death_and_goes_only_where_it_may() -> None:
    backend = services.Backend("embedded", "", "")
    with (
        servers.serving(backend, webhooks_to_private="false") as server,
        server.workspace() as client,
        ears.listening() as ear,
    ):
        webhook = client.call("POST", "webhooks", json={"url": ear.url})
        client.load(client.folder(), worlds.zipped(FILES))
        refused = ears.until(client, webhook, lambda each: each["error"])
        server.stop(signal.SIGKILL)
        unheard = len(ear.heard)

        server.settings["RECIPEYARD_WEBHOOKS_TO_PRIVATE"] = "true"
        server.start()
        ears.hurry(client, refused)
        arrived = ears.until(client, webhook, lambda each: each["status"] == "delivered")

    assert "127.0.0.1 is not an address of the internet, and this server calls no other" == refused["error"]
    assert (0, 1, 2) == (unheard, len(ear.heard), arrived["attempts"])
