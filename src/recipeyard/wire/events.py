"""What happens to a package, as server-sent events: `progress`, one `asset` for each asset, and `end`."""

from collections.abc import Iterator
from itertools import chain

import msgspec

from recipeyard.wire import packages

END = "end"
_ASSET = "asset-"
BEAT = b": still there\n\n"
"""What is said where there is nothing to say, so that nobody in between takes the connection for dead."""


class Event(msgspec.Struct):
    """One event: its name is progress, asset or end, its data JSON of a shape of its own."""

    event: str
    id: str
    data: str


class Progress(msgspec.Struct):
    """How far a package is."""

    phase: str
    percent: int


class Asset(msgspec.Struct):
    """What a package did to one asset; `action` is failed, with a `message`, where that keeps it from being done."""

    path: str
    type: str | None
    name: str | None
    action: str
    id: int | None
    message: str | None


def has_ended(package: packages.Package) -> bool:
    """Whether nothing more will happen to a package."""
    return package.status != "in_progress"


def since(package: packages.Package, last: str) -> Iterator[tuple[str, bytes]]:
    """The events of a package after the one of that id, each with its id. Empty is before the first."""
    told = int(last.removeprefix(_ASSET)) if _is_asset(last) else 0
    progress = f"{package.phase}-{package.percent}"
    if not told and last not in {progress, END}:
        yield progress, _spelled("progress", progress, Progress(package.phase, package.percent))
    if has_ended(package) and last != END:
        for at, asset in enumerate(_assets(package), 1):
            if at > told:
                yield f"{_ASSET}{at}", _spelled("asset", f"{_ASSET}{at}", asset)
        yield END, _spelled(END, END, package)


def _assets(package: packages.Package) -> Iterator[Asset]:
    done = (Asset(each.zip_name, each.type, each.name, each.action, each.id, None) for each in package.assets or ())
    failed = (Asset(each.path, each.type, None, "failed", None, each.message) for each in package.asset_errors or ())
    return chain(done, failed)


def _is_asset(event_id: str) -> bool:
    digits = event_id.removeprefix(_ASSET)
    return event_id != digits and digits.isascii() and digits.isdigit() and len(digits) < 10


def _spelled(name: str, event_id: str, data: msgspec.Struct) -> bytes:
    event = Event(name, event_id, msgspec.json.encode(data).decode())
    return f"event: {event.event}\nid: {event.id}\ndata: {event.data}\n\n".encode()
