"""The crown: what is exported, imported and exported again is the same."""

from pathlib import Path

import worlds

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
ROOTS = sorted(path for top in CORPUS.glob("*") for path in top.iterdir() if path.is_dir()) if CORPUS.exists() else []


def test_a_package_leaves_as_it_came(place: worlds.Place) -> None:
    files = worlds.project()

    place.load(files)

    assert files == place.export(include_data=True)


def test_a_third_round_gives_identical_bytes(world: worlds.World) -> None:
    first, second, third = (world.workspace() for _ in range(3))
    first.load(worlds.project())

    once = first.export_archive(include_data=True)
    second.load_archive(once)
    twice = second.export_archive(include_data=True)
    third.load_archive(twice)

    assert once == twice == third.export_archive(include_data=True)
