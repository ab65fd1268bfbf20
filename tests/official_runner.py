"""A process that has imported the official client once, and forks into it for every command that it is asked for.

It runs in the client's own Python, and loads nothing of ours. A command is the client's unmodified script in a process
of its own, with the arguments, the environment, the folder and the files that it was asked with. It is spared the
import, which reads none of those, and most of what it would sleep between two looks at the server.

Asked for on a socket, one message a command; the file sent last closes when the command has ended.
"""

import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
import time
from pathlib import Path
from typing import SupportsIndex

LONGEST = 1 << 17
"""Bytes of a message: a command's arguments and environment are far fewer."""

NAP_S = 0.05
_sleep = time.sleep


def answer(channel: socket.socket) -> str:
    """Fork for each command; in the child, give the script that it is to be. Ends with whoever asks."""
    while True:
        message, files, _, _ = socket.recv_fds(channel, LONGEST, 4)
        if not message:
            sys.exit()
        if os.fork() == 0:
            channel.close()
            return become(message, files)
        for each in files:
            os.close(each)


def become(message: bytes, files: list[int]) -> str:
    """Take on everything by which one command's process differs from another's; gives its script."""
    asked = json.loads(message)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    time.sleep = nap
    for standard, given in enumerate(files[:3]):
        os.dup2(given, standard)
        os.close(given)
    for name in set(os.environ) - asked["environment"].keys():
        del os.environ[name]
    os.environ |= asked["environment"]
    os.chdir(asked["folder"])
    sys.argv = asked["arguments"]
    return sys.argv[0]


def nap(seconds: float | SupportsIndex) -> None:
    """Sleep, but not for long."""
    _sleep(min(float(seconds), NAP_S))


if __name__ == "__main__":
    sys.path[0] = str(Path(sys.argv[2]).parent)
    importlib.import_module("workato_platform_cli.cli")
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    runpy.run_path(answer(socket.socket(fileno=int(sys.argv[1]))), run_name="__main__")
