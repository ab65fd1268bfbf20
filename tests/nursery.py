"""A process that has imported a program once, and forks into it for every command that it is asked for.

It runs in the program's own Python, and loads nothing of the tests. A command is the program's unmodified script in a
process of its own, with the arguments, the environment, the folder and the files that it was asked with. It is spared
the import alone, which must read none of those.

Asked for on a socket, one message a command; answered with the process's number and a file that tells of its end.
"""

import gc
import importlib
import json
import os
import runpy
import socket
import sys
import time
from contextlib import suppress
from typing import Any, SupportsIndex

LONGEST = 1 << 17
"""Bytes of a message: a command's arguments and environment are far fewer."""

_sleep = time.sleep


def answer(channel: socket.socket) -> str:
    """Fork for each command; in the child, give the script that it is to be. Ends with whoever asks."""
    while True:
        message, files, _, _ = socket.recv_fds(channel, LONGEST, 3)
        if not message:
            sys.exit()
        reap()
        child = os.fork()
        if child == 0:
            channel.close()
            return become(json.loads(message), files)
        ends = os.pidfd_open(child)
        socket.send_fds(channel, [str(child).encode()], [ends])
        for each in (ends, *files):
            os.close(each)


def reap() -> None:
    """Forget the children that have ended. Until then nobody else gets their numbers."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def become(asked: dict[str, Any], files: list[int]) -> str:
    """Take on everything by which one command's process differs from another's; gives its script."""
    if asked["nap_s"]:
        time.sleep = lambda seconds: _nap(seconds, asked["nap_s"])
    for standard, given in enumerate(files):
        os.dup2(given, standard)
        os.close(given)
    for name in set(os.environ) - asked["environment"].keys():
        del os.environ[name]
    os.environ |= asked["environment"]
    os.chdir(asked["folder"])
    sys.argv = asked["arguments"]
    return sys.argv[0]


def _nap(seconds: float | SupportsIndex, most_s: float) -> None:
    """Sleep, but not for long."""
    _sleep(min(float(seconds), most_s))


if __name__ == "__main__":
    sys.path[0] = sys.argv[2]
    for name in sys.argv[3:]:
        importlib.import_module(name)
    gc.freeze()
    runpy.run_path(answer(socket.socket(fileno=int(sys.argv[1]))), run_name="__main__")
