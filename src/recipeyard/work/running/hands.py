"""Calls that leave this server have a thread of their own: one that hangs is given up, and nobody waits for it."""

import logging
import math
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Generic, TypeVar

from recipeyard.runtime import interface

GRACE_S = 10
"""How long a server that is stopping waits for calls under way."""

MOST_STUCK = 20
"""How many calls of one provider may hang before no more are made."""

_log = logging.getLogger(__name__)
_Given = TypeVar("_Given")


class Left(Exception):
    """The server stops, and the call was still under way: nobody knows yet what comes of it."""


class Hung(interface.Failure):
    """A call was given up: it may still go on, and nobody hears of it."""


class _Hand(threading.Thread, Generic[_Given]):
    """One call under way."""

    def __init__(self, work: Callable[[], _Given], name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._work = work
        self.given: list[_Given] = []
        self.failure: BaseException | None = None

    def run(self) -> None:
        """Make the call, and keep what came of it: whatever is thrown is thrown to who waits for it."""
        try:
            self.given.append(self._work())
        except BaseException as e:  # noqa: BLE001 - it is raised again where the call is waited for
            self.failure = e


class Hands:
    """Makes calls within a time, and counts those that never came back. `away` is entered while one is waited for."""

    def __init__(self, away: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        self._away = away
        self._stuck: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._leaves_at = math.inf

    def leave(self) -> None:
        """Wait for calls under way for a little while, and for none after that."""
        self._leaves_at = time.monotonic() + GRACE_S

    @property
    def leaving(self) -> bool:
        """Whether nothing new is to be begun."""
        return self._leaves_at < math.inf

    def within(self, seconds: float, provider: str, work: Callable[[], _Given]) -> _Given:
        """What a call gives. Raises `interface.Failure`, also where it takes too long or too many hang already.

        Raises `Left` where the server stops meanwhile.
        """
        with self._lock:
            stuck = self._stuck[provider]
        if stuck >= MOST_STUCK:
            raise interface.Failure(f"{stuck} calls of {provider} never came back, so no more are made", "Hanging")
        hand = _Hand(work, f"call-{provider}")
        hand.start()
        with self._away():
            self._wait(hand, time.monotonic() + seconds)
        if hand.is_alive() and self.leaving:
            raise Left
        if hand.is_alive():
            threading.Thread(target=self._mourn, args=(hand, provider), daemon=True).start()
            raise Hung(f"{provider} did not answer within {seconds:g} seconds", "Timeout")
        if hand.failure is not None:
            raise hand.failure
        return hand.given[0]

    def _wait(self, hand: threading.Thread, until: float) -> None:
        while hand.is_alive() and (left := min(until, self._leaves_at) - time.monotonic()) > 0:
            hand.join(min(left, 1))

    def _mourn(self, hand: threading.Thread, provider: str) -> None:
        with self._lock:
            self._stuck[provider] += 1
        hand.join()
        with self._lock:
            self._stuck[provider] -= 1
