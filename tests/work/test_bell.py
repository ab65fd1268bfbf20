"""The bell that queues' listeners wait on."""

import threading
import time

from recipeyard.work import bell

LONG_S = 30.0


def test_a_ring_ends_a_rest_at_once() -> None:
    listened = bell.Bell()
    began = time.monotonic()
    threading.Timer(0.05, listened.ring).start()

    assert not listened.wait(LONG_S)
    assert time.monotonic() - began < LONG_S / 2


def test_after_a_ring_the_listener_looks_again_and_again_before_it_rests() -> None:
    listened = bell.Bell()
    listened.ring()
    began, looks = time.monotonic(), 0
    while time.monotonic() - began < bell.ATTENTIVE_S / 2:
        assert not listened.wait(LONG_S)
        looks += 1

    assert looks > 1


def test_a_stop_ends_a_rest_for_good() -> None:
    listened = bell.Bell()
    threading.Timer(0.05, listened.set).start()

    assert listened.wait(LONG_S)
    assert listened.is_set()
    assert listened.wait(LONG_S)
