"""What runs in the process of a Python snippet: it limits itself, runs `snippet.py`, and writes what `main` returns.

A script by its own, started by `snippets` in a directory that holds the snippet and its input. It knows the standard
library alone, and is never imported.
"""

import json
import os
import resource
import runpy
import sys
from datetime import date
from pathlib import Path

_REFUSED = (
    "socket.",
    "sqlite3.",
    "subprocess.",
    "ctypes.",
    "pty.",
    "os.exec",
    "os.fork",
    "os.kill",
    "os.posix_spawn",
    "os.spawn",
)
_TWO_PATHS = frozenset({"os.rename", "os.link", "os.symlink"})
_MAKING = frozenset({"os.mkdir", "os.link", "os.symlink"})
_BESIDE = ("/usr/share/zoneinfo", "/dev/null", "/dev/urandom")
_NO_PATH = frozenset({"os.putenv", "os.unsetenv"})
_READING = frozenset({"os.listdir", "os.scandir"})
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def _limit(limits: dict[str, int]) -> None:
    for name, most in limits.items():
        kind = getattr(resource, name)
        hard = resource.getrlimit(kind)[1]
        within = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (within, within))


class _Guard:
    """An audit hook: no network, no processes, no files but those of this directory and the standard library's.

    Of files and folders in this directory it may make so many.
    """

    def __init__(self, home: str, files: int) -> None:
        self.files = self._left = files
        self._writable = (home,)
        self._readable = (home, os.path.realpath(Path(os.__file__).parent), *_BESIDE)

    def spare(self) -> None:
        """One more file may be made."""
        self._left += 1

    def __call__(self, event: str, given: tuple[object, ...]) -> None:
        if event.startswith(_REFUSED) or event == "os.system":
            raise PermissionError(f"a snippet may not do that ({event})")
        if event == "open":
            self._opened(given[0], given[2] if len(given) > 2 and isinstance(given[2], int) else 0)
        elif event.startswith("os.") and event not in _NO_PATH:
            for path in given[: 2 if event in _TWO_PATHS else 1]:
                self._check(path, writing=event not in _READING)
            if event in _MAKING:
                self._count()

    def _opened(self, path: object, flags: int) -> None:
        self._check(path, writing=bool(flags & _WRITING))
        if flags & os.O_CREAT and isinstance(path, str | bytes) and not os.path.lexists(path):
            self._count()

    def _check(self, path: object, *, writing: bool) -> None:
        if not isinstance(path, str | bytes):
            return
        where = os.path.realpath(os.fsdecode(path))
        roots = self._writable if writing else self._readable
        if not any(where == root or where.startswith(f"{root}/") for root in roots):
            raise PermissionError(f"a snippet may not reach {where}")

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise PermissionError(f"a snippet may not make more than {self.files} files")


def _said(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"main returned something of the type {type(value).__name__}, which JSON has no word for")


def _run() -> None:
    home = str(Path.cwd())
    call = json.loads(Path("call.json").read_text())
    _limit(call["limits"])
    guard = _Guard(home, call["files"])
    sys.addaudithook(guard)
    main = runpy.run_path("snippet.py", run_name="snippet").get("main")
    if not callable(main):
        raise SystemExit("the code has no function main(input)")
    returned = main(call["input"])
    guard.spare()
    Path(home, "result.json").write_text(json.dumps(returned, default=_said))


_run()
