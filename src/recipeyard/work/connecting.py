"""Connections before they are kept: their fields are checked against what their connector asks for, and tried."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from recipeyard.model import errors
from recipeyard.runtime import fields, installed, interface, outbound
from recipeyard.work.running import credentials

_HIDDEN = "[hidden]"
_SHORTEST = 4
"""Shorter secrets are no secrets, and would hide half a sentence."""


@dataclass(frozen=True, slots=True)
class Tried:
    """The fields to keep, and why they do not work; None where they do, or where nobody here can tell."""

    given: Mapping[str, Any]
    error: str | None = None


def attempt(
    connecting: interface.Connecting | None,
    given: Mapping[str, Any],
    outbound: outbound.Outbound,
    renew: credentials.Renew | None = None,
) -> Tried:
    """What becomes of fields that a connection is given. Outside of any transaction.

    Stale ones are got again by `renew`, where the connection is kept already. Raises `errors.Invalid` listing the
    fields at fault. Those that the connector does not know are kept as they are.
    """
    if connecting is None:
        return Tried(given)
    issues = [errors.Issue(f"input.{name}", what) for name, what in _wrong(connecting.fields, given)]
    if issues:
        raise errors.Invalid.listing(issues)
    tried = [given]

    def renewed(before: interface.Object) -> interface.Object:
        tried.append(renew(before) if renew else credentials.renewed(connecting, before, outbound))
        return tried[-1]

    try:
        return Tried(credentials.tested(connecting, given, outbound, renewed))
    except interface.Failure as e:
        message = e.message
        for each in tried:
            message = _without_secrets(message, connecting.fields, each)
        return Tried(tried[-1], message)


def connecting_of(provider: str) -> interface.Connecting | None:
    """How connections of an app are made here; None where its connector is not installed, or needs none."""
    connector = installed.connector(provider)
    return connector.connecting if connector else None


def _wrong(known: tuple[interface.Field, ...], given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field in known:
        value = given.get(field.name)
        if value is None or value == "":
            if not field.optional:
                yield field.name, "can't be blank"
        elif field.choices and str(value) not in field.choices:
            yield field.name, f"must be one of {', '.join(field.choices)}"
        elif not _KINDS.get(field.type, _anything)(value):
            yield field.name, f"must be of the type {field.type}"


def _is_text(value: object) -> bool:
    return isinstance(value, str | int | float)


def _is_switch(value: object) -> bool:
    return isinstance(value, bool | str | int) and fields.truth(value) is not None


def _is_number(value: object) -> bool:
    try:
        return isinstance(value, str | int | float) and float(value) == float(value)
    except (ValueError, OverflowError):
        return False


def _is_object(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _anything(_: object) -> bool:
    return True


_KINDS: Mapping[str, Callable[[object], bool]] = {
    "string": _is_text,
    "boolean": _is_switch,
    "integer": _is_number,
    "number": _is_number,
    "object": _is_object,
    "array": _is_list,
}


def _without_secrets(message: str, known: tuple[interface.Field, ...], given: Mapping[str, Any]) -> str:
    """A failure's sentence, whatever a connector may quote in it."""
    secrets = [given[each.name] for each in known if each.secret and isinstance(given.get(each.name), str)]
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            message = message.replace(secret, _HIDDEN)
    return message
