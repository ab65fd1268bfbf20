"""How far a piece of work is, told now and then while it goes on. Work that is done soon tells nothing."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
Count = Callable[[int], None]
PACE_S = 0.5


def uncounted(_: int) -> None:
    """For work whose progress nobody wants to know."""


def along(items: Iterable[T], add: Count, weight: Callable[[T], int]) -> Iterator[T]:
    """The same items; each counts for its weight once the next is asked for."""
    for each in items:
        yield each
        add(weight(each))


class Progress:
    """Counts what is done of `total`; tells the percent it stands for, from the first to the last of `span`."""

    def __init__(
        self,
        tell: Callable[[int], None],
        span: tuple[int, int],
        total: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tell = tell
        self._first, self._last = span
        self._total = max(total, 1)
        self._clock = clock
        self._done = 0
        self._told_at = clock()

    def add(self, amount: int) -> None:
        """So much more is done. Raises what telling raises."""
        self._done += amount
        if self._clock() - self._told_at >= PACE_S:
            share = min(self._done / self._total, 1)
            self._tell(self._first + int((self._last - self._first) * share))
            self._told_at = self._clock()
