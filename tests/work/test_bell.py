"""The bell that queues' listeners wait on."""

import threading
import time

from recipeyard.work import bell

LONG_S = 30.0


def looks(listened: bell.Bell, for_s: float) -> int:
    """How often a listener that would rest for long looks within so many seconds."""
    threading.Timer(for_s, listened.set).start()
    count = 0
    while not listened.wait(LONG_S):
        count += 1
    return count


def test_work_that_was_put_in_ends_a_rest_at_once() -> None:
    listened = bell.Bell()
    began = time.monotonic()
    threading.Timer(0.05, listened.put_in).start()

    assert not listened.wait(LONG_S)
    assert time.monotonic() - began < LONG_S / 2


def test_work_that_was_begun_is_not_looked_for() -> None:
    listened = bell.Bell()
    listened.put_in()
    assert not listened.wait(LONG_S)
    listened.begin()

    assert looks(listened, 2 * bell.LOOKS_S[-1]) == 0


def test_work_that_has_to_wait_is_looked_for_a_few_times() -> None:
    listened = bell.Bell()
    listened.put_in()
    listened.put_in()
    assert not listened.wait(LONG_S)
    listened.begin()

    assert 0 < looks(listened, 2 * bell.LOOKS_S[-1]) <= len(bell.LOOKS_S)


def test_after_work_has_ended_the_listener_looks_a_few_times_whoever_put_work_in() -> None:
    listened = bell.Bell()
    listened.begin()
    listened.ring()

    assert 0 < looks(listened, 2 * bell.LOOKS_S[-1]) <= len(bell.LOOKS_S)


def test_a_stop_ends_a_rest_for_good() -> None:
    listened = bell.Bell()
    threading.Timer(0.05, listened.set).start()

    assert listened.wait(LONG_S)
    assert listened.is_set()
    assert listened.wait(LONG_S)
