"""What a path may be, wherever it comes from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipeyard.model import paths

UNSOUND = ["a:b", "Q: x", "__MACOSX", "._x", "Thumbs.db", ".DS_Store", "project.json", "Project.JSON", "a\n", "ü" * 128]


@pytest.mark.parametrize("name", UNSOUND)
def test_a_folders_name_that_no_archive_brings_home_is_refused(name: str) -> None:
    folder = f"{name}/a.recipe.json"

    assert [*paths.name_issues(name)]
    assert [*paths.issues(folder)] or paths.is_litter(folder)


@pytest.mark.parametrize(
    "name", ["Phase 1 : Ariba", "a & b", "Thumbs.db.old", "x.recipe.json", "12:30", ".hidden", "ü:"]
)
def test_other_names_are_fine_wherever_they_stand(name: str) -> None:
    for path in (f"{name}/a.recipe.json", f"Sub/{name}/a.recipe.json"):
        assert [] == [*paths.issues(path), *paths.name_issues(name)]
        assert not paths.is_litter(path)


def test_any_folder_may_be_an_exports_root_so_that_no_part_may_look_like_a_drive() -> None:
    assert ["absolute paths are not allowed"] == [*paths.issues("a:b/c.recipe.json")]
    assert ["a part of the path begins like a drive letter"] == [*paths.issues("Sub/a:b.recipe.json")]


def test_a_folder_is_not_called_what_a_project_file_is() -> None:
    assert [] == [*paths.issues("Sub/project.json")]
    assert ["a folder can't be called project.json"] == [*paths.issues("project.json/")]


def test_the_deepest_folder_has_room_for_the_longest_file() -> None:
    folder = "/".join(["x" * 255] * 3)

    assert paths.FOLDER_BYTES == len(folder) + 1
    assert [] == [*paths.issues(f"{folder}/{'y' * 255}")]


@given(st.text(alphabet="aü.", min_size=1, max_size=300), st.integers(1, 9999))
def test_a_number_never_makes_a_stem_too_long(stem: str, number: int) -> None:
    numbered = paths.numbered(stem, number)

    assert numbered.endswith(f".{number}")
    assert len(numbered.encode()) <= paths.STEM_BYTES
