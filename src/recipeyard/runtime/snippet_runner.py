"""What runs in the process of a Python snippet: it limits itself, runs `snippet.py`, and writes what `main` returns.

A script by its own, started by `snippets` in a directory that holds the snippet and its input. It knows the standard
library alone, and is never imported.
"""

import json
import os
import resource
import runpy
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

_REFUSED = ("socket.", "subprocess.", "ctypes.", "pty.", "os.exec", "os.fork", "os.kill", "os.posix_spawn", "os.spawn")
_READING = frozenset({"os.listdir", "os.scandir"})
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def _limit(limits: dict[str, int]) -> None:
    for name, most in limits.items():
        kind = getattr(resource, name)
        hard = resource.getrlimit(kind)[1]
        within = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (within, within))


def _guard(home: str) -> Callable[[str, tuple[object, ...]], None]:
    """An audit hook: no network, no processes, no files but those of this directory and the standard library's."""
    real = os.path.realpath
    library = (real(Path(os.__file__).parent), "/usr/share/zoneinfo", "/dev/null", "/dev/urandom")

    def check(path: object, *, writing: bool) -> None:
        if not isinstance(path, str | bytes):
            return
        where = real(os.fsdecode(path))
        roots = (home,) if writing else (home, *library)
        if not any(where == root or where.startswith(f"{root}/") for root in roots):
            raise PermissionError(f"a snippet may not reach {where}")

    def hook(event: str, given: tuple[object, ...]) -> None:
        if event.startswith(_REFUSED) or event == "os.system":
            raise PermissionError(f"a snippet may not do that ({event})")
        if event == "open":
            flags = given[2] if len(given) > 2 and isinstance(given[2], int) else 0
            check(given[0], writing=bool(flags & _WRITING))
        elif event.startswith("os.") and given:
            check(given[0], writing=event not in _READING)

    return hook


def _said(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"main returned something of the type {type(value).__name__}, which JSON has no word for")


def _run() -> None:
    home = str(Path.cwd())
    call = json.loads(Path("call.json").read_text())
    _limit(call["limits"])
    sys.addaudithook(_guard(home))
    main = runpy.run_path("snippet.py", run_name="snippet").get("main")
    if not callable(main):
        raise SystemExit("the code has no function main(input)")
    returned = main(call["input"])
    Path(home, "result.json").write_text(json.dumps(returned, default=_said))


_run()
