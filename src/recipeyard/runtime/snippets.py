"""Python snippets of recipes, each run in a process of its own: another interpreter, no environment, limits.

It keeps mistakes away from the server: loops without end, memory without end, files and connections that nobody meant.
It is no wall against malice: the process has the rights of the server's user.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from recipeyard.runtime import codec, fields, interface, values

MOST_CODE = 1024 * 1024
"""How long a snippet may be, in characters."""

MOST_LOG = 10_000
"""How much of what it prints is kept, in characters."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one snippet may take: seconds of the processor and in all, bytes of memory and of each file, and files."""

    processor_seconds: int = 10
    seconds: float = 30
    memory: int = 256 * 1024 * 1024
    written: int = 10 * 1024 * 1024
    files: int = 30

    def resources(self) -> dict[str, int]:
        """The limits of its process."""
        return {
            "RLIMIT_AS": self.memory,
            "RLIMIT_CPU": self.processor_seconds,
            "RLIMIT_FSIZE": self.written,
            "RLIMIT_NOFILE": 64,
            "RLIMIT_NPROC": 0,
            "RLIMIT_CORE": 0,
        }


LIMITS = Limits()
"""What snippets may take."""

_RUNNER = Path(__file__).with_name("snippet_runner.py")
_LINE = re.compile(r'File "[^"]*snippet\.py", line (\d+)')


@dataclass(frozen=True, slots=True)
class Outcome:
    """What `main` returned, and what the snippet printed."""

    returned: Mapping[str, values.Value]
    log: str


def run(code: str, given: interface.Object, limits: Limits = LIMITS) -> Outcome:
    """What the snippet's `main` returns for that input. `Failure` says what it raised, or which limit it reached."""
    if len(code) > MOST_CODE:
        raise interface.Failure(f"the code is longer than {MOST_CODE:,} characters", kind="TooLarge")
    with tempfile.TemporaryDirectory(prefix="snippet-") as name:
        home = Path(name).resolve()
        (home / "snippet.py").write_text(code, encoding="utf-8", errors="surrogatepass")
        call = {
            "input": {key: _json(value) for key, value in given.items()},
            "limits": limits.resources(),
            "files": limits.files,
        }
        (home / "call.json").write_text(json.dumps(call))
        with (home / "printed.txt").open("w+b") as printed, (home / "errors.txt").open("w+b") as said:
            status = _process(home, limits, printed, said)
            log, errors = _start(printed), _end(said)
        if status != 0:
            raise interface.Failure(*_failed(status, errors, limits), {"logs": log})
        return Outcome(_returned(home / "result.json", log), log)


def _json(value: values.Value) -> values.Value:
    """A value as the snippet gets it: bytes as text where they are, else in Base64; times as ISO 8601."""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return codec.base64_text(value)
    if isinstance(value, Mapping):
        return {key: _json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_json(each) for each in value]
    return codec.plain(value)


def _process(home: Path, limits: Limits, printed: BinaryIO, errors: BinaryIO) -> int:
    """The snippet's process from beginning to end; its status, negative for a signal."""
    command = [sys.executable, "-I", "-S", "-B", "-X", "utf8", str(_RUNNER)]
    process = subprocess.Popen(
        command, cwd=home, env={}, stdin=subprocess.DEVNULL, stdout=printed, stderr=errors, start_new_session=True
    )
    try:
        return process.wait(limits.seconds)
    except subprocess.TimeoutExpired:
        raise interface.Failure(f"the code takes longer than {limits.seconds:g} seconds", kind="TimedOut") from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _start(stream: BinaryIO) -> str:
    """The beginning of what was written."""
    stream.seek(0)
    return stream.read(MOST_LOG * 4).decode(errors="replace")[:MOST_LOG]


def _end(stream: BinaryIO) -> str:
    """The end of what was written, where a traceback has its point."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - MOST_LOG))
    return stream.read(MOST_LOG).decode(errors="replace")


def _failed(status: int, errors: str, limits: Limits) -> tuple[str, str]:
    """What to say of a process that failed, and the kind of failure."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    said = lines[-1] if lines else ""
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        return f"the code takes more than {limits.processor_seconds} seconds of the processor", "TimedOut"
    if said.startswith("MemoryError"):
        return f"the code takes more than {limits.memory:,} bytes of memory", "TooLarge"
    if said.startswith("PermissionError: a snippet may not make more than"):
        return f"the code makes more than {limits.files} files", "TooLarge"
    if "[Errno 27]" in said or status == -signal.SIGXFSZ:
        return f"the code writes more than {limits.written:,} bytes", "TooLarge"
    if status < 0:
        return f"the code's process was ended by signal {-status}", "CodeError"
    places = _LINE.findall(errors)
    return f"the code failed: {said[:500]}" + (f" (line {places[-1]})" if places else ""), "CodeError"


def _returned(path: Path, log: str) -> Mapping[str, values.Value]:
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError:
        raise interface.Failure("the code ended before main returned", "CodeError", {"logs": log}) from None
    except (ValueError, RecursionError):
        raise interface.Failure("what main returned can't be read", "CodeError", {"logs": log}) from None
    if not isinstance(found, dict):
        shown = fields.text(found)[:60]
        raise interface.Failure(f"main must return an object, not “{shown}”", "CodeError", {"logs": log})
    return found
