"""The demo's server: a process of its own on the demo's folder, that can be killed, started again and found later."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

PATIENCE_S = 60
_PORT = 8765


@dataclass
class Server:
    """A server on a folder. It outlives this process, and is found again by its number in the folder."""

    folder: Path
    port: int = field(default_factory=lambda: _free_port())
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and return once it answers. Ends the demo where it does not."""
        serve = ["serve", "--data", str(self.folder), "--port", str(self.port)]
        command = [sys.executable, "-m", "recipeyard", *serve]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )
        (self.folder / "server.pid").write_text(str(self.process.pid))
        for _ in range(PATIENCE_S * 20):
            with suppress(httpx.TransportError):
                httpx.get(f"{self.address}/docs")
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise SystemExit(f"The server did not start; {self.folder / 'server.log'} says why.")

    def kill(self) -> None:
        """Let it die without a word, and start it again."""
        if self.process:
            self.process.kill()
            self.process.wait()
        self.start()


def stop_last(folder: Path) -> bool:
    """Stop the server that was started last on a folder; whether one still ran."""
    file = folder / "server.pid"
    if not file.exists():
        return False
    pid = int(file.read_text())
    file.unlink()
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return False
    for _ in range(PATIENCE_S * 10):
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            break
        time.sleep(0.1)
    return True


def _free_port() -> int:
    for port in (_PORT, 0):
        with socket.socket() as listener, suppress(OSError):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            return int(listener.getsockname()[1])
    raise SystemExit("No port is free.")
