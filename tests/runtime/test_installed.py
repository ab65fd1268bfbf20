"""Connectors that are found by their entry points."""

import logging
import sys
from importlib import metadata
from pathlib import Path

import pytest

from recipeyard.runtime import installed, interface
from recipeyard.runtime.connectors import logger


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [each for each in sys.modules if each.endswith("_plugin")]:
        monkeypatch.delitem(sys.modules, name)
    return tmp_path


def _distribution(place: Path, name: str, points: str) -> None:
    folder = place / f"{name}-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(f"[{interface.GROUP}]\n{points}\n")


def _points(place: Path) -> list[metadata.EntryPoint]:
    found = [each.entry_points for each in metadata.distributions(path=[str(place)])]
    return [point for points in found for point in points if point.group == interface.GROUP]


_GOOD = "from recipeyard.runtime import interface\nCONNECTOR = interface.Connector('acme', 'Acme')\n"


def test_a_plugin_is_found_by_its_entry_point(plugins: Path) -> None:
    (plugins / "acme_plugin.py").write_text(_GOOD)
    _distribution(plugins, "acme", "acme = acme_plugin:CONNECTOR")

    assert {"acme": "Acme"} == {name: each.title for name, each in installed.load(_points(plugins)).items()}


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("import no_such_module\n", "connector acme (broken_plugin:CONNECTOR) can't be loaded"),
        ("raise RuntimeError('no licence')\n", "can't be loaded: no licence"),
        ("this is no Python\n", "can't be loaded"),
        ("CONNECTOR = 5\n", "it is no Connector"),
        (_GOOD.replace("'acme'", "'other'"), "it calls itself other"),
    ],
)
def test_a_plugin_that_cannot_be_loaded_is_named_and_left_out(
    plugins: Path, caplog: pytest.LogCaptureFixture, module: str, words: str
) -> None:
    (plugins / "broken_plugin.py").write_text(module)
    (plugins / "fine_plugin.py").write_text(_GOOD.replace("'acme'", "'fine'"))
    _distribution(plugins, "acme", "acme = broken_plugin:CONNECTOR\nfine = fine_plugin:CONNECTOR")

    with caplog.at_level(logging.ERROR):
        found = installed.load(_points(plugins))

    assert ["fine"] == list(found)
    assert words in caplog.text


def test_a_name_that_two_offer_is_refused(plugins: Path, caplog: pytest.LogCaptureFixture) -> None:
    (plugins / "twice_plugin.py").write_text(_GOOD)
    _distribution(plugins, "one", "acme = twice_plugin:CONNECTOR")
    _distribution(plugins, "two", "acme = twice_plugin:CONNECTOR")

    found = installed.load(_points(plugins))

    assert {} == found
    assert "connector acme is refused: one, two" in caplog.text


def test_a_plugin_does_not_take_the_place_of_a_built_in_connector(plugins: Path) -> None:
    (plugins / "loud_plugin.py").write_text(_GOOD.replace("'acme'", "'logger'"))
    _distribution(plugins, "recipeyard", "logger = recipeyard.runtime.connectors.logger:CONNECTOR")
    _distribution(plugins, "loud", "logger = loud_plugin:CONNECTOR")

    assert {"logger": logger.CONNECTOR} == installed.load(_points(plugins))


def test_what_is_installed_is_looked_for_once() -> None:
    assert installed.installed() is installed.installed()


def test_an_app_that_recipes_use_twice_is_there_under_its_second_name() -> None:
    found = installed.installed()

    assert found["rest"] is found["rest_secondary"]
    assert "logger_secondary" not in found
