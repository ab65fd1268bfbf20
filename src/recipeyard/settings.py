"""The settings: what there is to set, and where each comes from. Who reads the environment is `server`."""

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from recipeyard.model import bundles, errors

DEFAULT_DATA = "recipeyard-data"
PREFIX = "RECIPEYARD_"
_CLIENTS_OWN = {"RECIPEYARD_URL", "RECIPEYARD_TOKEN"}
_LIMITS = bundles.Limits()
_Positive = Annotated[int, msgspec.Meta(ge=1)]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every setting; `docs/operating.md` has the table. Each comes from `RECIPEYARD_<NAME>` or from the TOML file."""

    data: Path
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8765
    database: str = ""
    blobs: str = ""
    blob_options: dict[str, str] = {}
    secret: str = ""
    public_url: str = ""
    legacy_auth: bool | None = None
    rate_limits: bool = False
    webhooks_to_private: bool = True
    outbound_to_private: bool = False
    smtp_url: str = ""
    mail_from: str = ""
    events_of_stopped: Literal["refuse", "keep"] = "refuse"
    link_ttl_s: _Positive = 900
    plans_kept_days: Annotated[int, msgspec.Meta(ge=1, le=36500)] = 30
    jobs_kept_days: Annotated[int, msgspec.Meta(ge=1, le=36500)] = 30
    max_archive_bytes: _Positive = _LIMITS.archive_bytes
    max_total_bytes: _Positive = _LIMITS.total_bytes
    max_entry_bytes: _Positive = _LIMITS.entry_bytes
    max_entries: _Positive = _LIMITS.entries

    @property
    def limits(self) -> bundles.Limits:
        """What a package may ask of this server."""
        return bundles.Limits(
            archive_bytes=self.max_archive_bytes,
            total_bytes=self.max_total_bytes,
            entry_bytes=self.max_entry_bytes,
            entries=self.max_entries,
        )


def read(environment: Mapping[str, str], given: Mapping[str, Any]) -> Settings:
    """The settings: what was given on the command line, over the environment, over the file, over the defaults.

    Raises `errors.Invalid` naming the setting at fault.
    """
    own = {name: value for name, value in environment.items() if name.startswith(PREFIX) and name not in _CLIENTS_OWN}
    named = {name.removeprefix(PREFIX).lower(): value for name, value in own.items()}
    config = named.pop("config", None)
    if "blob_options" in named:
        pairs = (pair.partition("=") for pair in named.pop("blob_options").split())
        named |= {"blob_options": {name: value for name, _, value in pairs}}  # type: ignore[dict-item]
    chosen = {name: value for name, value in given.items() if value is not None}
    data = Path(chosen.get("data") or named.get("data") or DEFAULT_DATA).expanduser().absolute()
    file = Path(config) if config else data / "recipeyard.toml"
    with blaming("config", file):
        written = tomllib.loads(file.read_bytes().decode()) if config or file.exists() else {}
    try:
        return msgspec.convert(written | named | chosen | {"data": data}, Settings, strict=False, dec_hook=_path)
    except msgspec.ValidationError as e:
        raise errors.Invalid(f"settings: {e}") from e


@contextmanager
def blaming(setting: str, value: object) -> Iterator[None]:
    """What goes wrong is this setting's fault, and is said in a sentence that names it."""
    try:
        yield
    except OSError as e:
        raise errors.Invalid(f"{setting}: {value}: {e.strerror or e}") from e
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as e:
        raise errors.Invalid(f"{setting}: {value}: {e}") from e


def _path(kind: type, value: Any) -> Any:
    return kind(value) if kind is Path else value
