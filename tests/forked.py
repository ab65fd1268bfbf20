"""Processes that are forked from one that has imported their program before: see `nursery`."""

import json
import os
import select
import signal
import socket
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

NURSERY = Path(__file__).with_name("nursery.py")


@dataclass
class Process:
    """A process that somebody else has forked for us."""

    pid: int
    end: int

    def is_over(self, patience_s: float = 0) -> bool:
        """Whether it has ended, or does so in time."""
        return bool(select.select([self.end], [], [], patience_s)[0])

    def wait(self, patience_s: float) -> None:
        """Until its end. Raises TimeoutError where that doesn't come in time."""
        if not self.is_over(patience_s):
            raise TimeoutError(self.pid)

    def send_signal(self, which: signal.Signals) -> None:
        """Send a signal; nothing comes of it where it has ended."""
        if not self.is_over():
            signal.pidfd_send_signal(self.end, which)

    def __del__(self) -> None:
        os.close(self.end)


class Nursery:
    """Forks commands of one program."""

    def __init__(self, python: Path | str, folder: Path, *modules: str) -> None:
        """Start the process that imports modules of the program. It ends with this one."""
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        with theirs:
            number = theirs.fileno()
            subprocess.Popen([python, NURSERY, str(number), str(folder), *modules], pass_fds=[number])

    def fork(self, arguments: Sequence[str], files: Sequence[IO[bytes]], **asked: Any) -> Process:
        """A process of a script, its arguments behind it; asked with a folder, an environment and its three files.

        With `nap_s` it never sleeps for longer than that at a time.
        """
        message = json.dumps({"arguments": list(arguments), "nap_s": 0} | asked).encode()
        with self._lock:
            socket.send_fds(self._channel, [message], [each.fileno() for each in files])
            pid, ends, _, _ = socket.recv_fds(self._channel, 32, 1)
        return Process(int(pid), ends[0])
