"""Countries, their currencies, and the states of some of them, by any of their names or codes.

The tables lie beside this module, as lines of parts. States are known for the countries that `states.txt` names; asking
for those of another is refused. Currencies that `currencies.txt` does not name have a code and no name or symbol.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from recipeyard.runtime.formulas import frames, kinds


def _lines(name: str) -> list[list[str]]:
    text = resources.files(__package__).joinpath(name).read_text("utf-8")
    return [line.split("|") for line in text.splitlines()]


@dataclass(frozen=True, slots=True)
class Country:
    """A country by ISO 3166, with its currency by ISO 4217."""

    alpha2: str
    alpha3: str
    number: str
    currency: str
    name: str


def _countries() -> dict[str, Country]:
    found: dict[str, Country] = {}
    for alpha2, alpha3, number, currency, name, *others in _lines("countries.txt"):
        country = Country(alpha2, alpha3, number, currency, name)
        for known in (alpha2, alpha3, number, name, *others):
            found[known.casefold()] = country
    return found


_COUNTRIES: Mapping[str, Country] = _countries()
_CURRENCIES = {code: (symbol, name) for code, symbol, name in _lines("currencies.txt")}
_CODES = {country.currency for country in _COUNTRIES.values()} | _CURRENCIES.keys()
_STATES = {
    country: [(state.partition(" ")[0], state.partition(" ")[2]) for state in states]
    for country, *states in _lines("states.txt")
}


def _country(part: Callable[[Country], str]) -> Callable[..., str | None]:
    def run(_: frames.Frame, text: str) -> str | None:
        country = _COUNTRIES.get(text.strip().casefold())
        return None if country is None else part(country)

    return run


def _code(text: str) -> str | None:
    if text.upper() in _CODES:
        return text.upper()
    country = _COUNTRIES.get(text.strip().casefold())
    return country.currency if country else None


def _to_currency_code(_: frames.Frame, text: str) -> str | None:
    return _code(text)


def _to_currency_name(_: frames.Frame, text: str) -> str | None:
    return _CURRENCIES.get(_code(text) or "", (None, None))[1]


def _to_currency_symbol(_: frames.Frame, text: str) -> str | None:
    return _CURRENCIES.get(_code(text) or "", (None, None))[0]


def _state(text: str, country: Any) -> tuple[str, str] | None:
    named = _COUNTRIES.get(kinds.text(country, "the country").strip().casefold())
    if named is None:
        return None
    if named.alpha2 not in _STATES:
        raise frames.Refusal(f"the states of {named.name} are not known here, only those of {', '.join(_STATES)}")
    asked = text.strip().casefold()
    return next((state for state in _STATES[named.alpha2] if asked in (state[0].casefold(), state[1].casefold())), None)


def _to_state_code(_: frames.Frame, text: str, country: Any = "US") -> str | None:
    state = _state(text, country)
    return state[0] if state else None


def _to_state_name(_: frames.Frame, text: str, country: Any = "US") -> str | None:
    """In capitals, as the field has it."""
    state = _state(text, country)
    return state[1].upper() if state else None


TEXT: dict[str, Callable[..., Any]] = {
    "to_country_alpha2": _country(lambda country: country.alpha2),
    "to_country_alpha3": _country(lambda country: country.alpha3),
    "to_country_name": _country(lambda country: country.name),
    "to_country_number": _country(lambda country: country.number),
    "to_currency_code": _to_currency_code,
    "to_currency_name": _to_currency_name,
    "to_currency_symbol": _to_currency_symbol,
    "to_state_code": _to_state_code,
    "to_state_name": _to_state_name,
}
