"""The built-in connectors and the catalogue of operations say the same."""

import importlib
import pkgutil
import tomllib
from pathlib import Path

import pytest

from recipeyard.model import catalogue
from recipeyard.runtime import connectors, interface

_PROVIDERS = sorted(each.name for each in pkgutil.iter_modules(connectors.__path__))


def _connector(provider: str) -> interface.Connector:
    connector = importlib.import_module(f"recipeyard.runtime.connectors.{provider}").CONNECTOR
    assert isinstance(connector, interface.Connector)
    return connector


@pytest.mark.parametrize("provider", _PROVIDERS)
def test_a_built_in_connector_has_the_operations_of_the_catalogue(provider: str) -> None:
    built, known = _connector(provider), catalogue.CONNECTORS[provider]

    assert {each.name for each in known.triggers} == {each.name for each in built.triggers}
    assert {each.name for each in known.actions} == {each.name for each in built.actions}


def test_each_built_in_connector_is_an_entry_point_of_its_name() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]

    assert {each: f"recipeyard.runtime.connectors.{each}:CONNECTOR" for each in _PROVIDERS} == project["entry-points"][
        interface.GROUP
    ]
    assert _PROVIDERS == sorted(_connector(each).name for each in _PROVIDERS)
