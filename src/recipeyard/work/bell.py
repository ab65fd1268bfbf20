"""A bell for the queues: work that this process has put in, or ended, is noticed at once; at rest they hardly turn."""

import threading
import time

SOON_S = 0.005
ATTENTIVE_S = 0.1


class Bell:
    """What a queue's listener waits on, in the shape of an event that says stop.

    Work is seen a moment after the bell, when its transaction has committed: so after each ring the listener looks
    again and again for `ATTENTIVE_S`, and then rests for as long as it wants to.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._attentive_until = 0.0
        self._stopped = False

    def ring(self) -> None:
        """Let the listener look at its queue."""
        with self._changed:
            self._attentive_until = time.monotonic() + ATTENTIVE_S
            self._changed.notify_all()

    def set(self) -> None:
        """Let the listener stop."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def is_set(self) -> bool:
        """Whether the listener has to stop."""
        return self._stopped

    def wait(self, timeout: float) -> bool:
        """Rest for so many seconds, less where the bell rings; returns whether the listener has to stop."""
        with self._changed:
            if time.monotonic() >= self._attentive_until and not self._stopped:
                self._changed.wait(timeout)
            if not self._stopped:
                self._changed.wait(SOON_S)
            return self._stopped
