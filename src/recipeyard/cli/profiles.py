"""Where a person is logged in: profiles in a file of their own, for its owner alone."""

import os
from pathlib import Path

import msgspec
import typer

from recipeyard.model import errors


class Profile(msgspec.Struct, frozen=True):
    """A workspace on a server, and the token that opens it."""

    url: str
    token: str
    workspace: str


class Profiles(msgspec.Struct):
    """Every profile by name, and which of them is meant where none is named."""

    current: str = ""
    profiles: dict[str, Profile] = {}


def file() -> Path:
    """Where the profiles of this person are kept."""
    return Path(typer.get_app_dir("recipeyard")) / "profiles.json"


def load() -> Profiles:
    """What is kept; nothing at first. Raises `errors.Invalid` for a file that is none of ours."""
    if not file().exists():
        return Profiles()
    try:
        return msgspec.json.decode(file().read_bytes(), type=Profiles)
    except msgspec.MsgspecError as e:
        raise errors.Invalid(f"{file()} does not hold profiles ({e})") from e


def save(profiles: Profiles) -> None:
    """Keep these, readable by their owner alone."""
    file().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = file().with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as handle:
        handle.write(msgspec.json.format(msgspec.json.encode(profiles), indent=2) + b"\n")
    unfinished.replace(file())


def names() -> list[str]:
    """The profiles' names, for the shell to complete."""
    return sorted(load().profiles)
