"""A bell for the queues: work that this process has put in, or ended, is noticed at once; at rest they hardly turn."""

import threading
import time

LOOKS_S = (0.005, 0.015, 0.035, 0.075, 0.155)
"""When the listener looks again for what it expects. A look costs as much as a request, so there are few."""


class Bell:
    """What a queue's listener waits on, in the shape of an event that says stop.

    Work that was put in is seen by the first look, for the bell rings when it has been committed; but where it has to
    wait behind other work, and when work has ended but its end is not written yet, the listener looks again a few
    times before it rests for as long as it wants to.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._looks: list[float] = []
        self._waiting = 0
        self._stopped = False

    def put_in(self) -> None:
        """Work has been put in, and can be seen."""
        self._expect(1, (0.0, *LOOKS_S))

    def begin(self) -> None:
        """Work was taken; where that was all, there is nothing to look for."""
        with self._changed:
            self._waiting = max(0, self._waiting - 1)
            if not self._waiting:
                self._looks = []

    def ring(self) -> None:
        """Work ends, or comes back: soon something may be there to take, whoever put it in."""
        self._expect(0, LOOKS_S)

    def set(self) -> None:
        """Let the listener stop."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def is_set(self) -> bool:
        """Whether the listener has to stop."""
        return self._stopped

    def wait(self, timeout: float) -> bool:
        """Rest for so many seconds, less where there is something to look for; whether the listener has to stop."""
        rested = time.monotonic() + timeout
        with self._changed:
            while not self._stopped and (pause_s := min([rested, *self._looks]) - time.monotonic()) > 0:
                self._changed.wait(pause_s)
            now = time.monotonic()
            self._looks = [each for each in self._looks if each > now]
            return self._stopped

    def _expect(self, more: int, looks_s: tuple[float, ...]) -> None:
        with self._changed:
            self._waiting += more
            now = time.monotonic()
            self._looks = [now + each for each in looks_s]
            self._changed.notify_all()
