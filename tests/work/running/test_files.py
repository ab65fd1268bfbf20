"""Recipes work on the workspace's file storage."""

from collections.abc import Iterator
from typing import Any

import pytest

import platforms
import worlds
from recipeyard.runtime import interface
from recipeyard.runtime.connectors import workato_files
from recipeyard.work.running import files

CONNECTOR = workato_files.CONNECTOR
LINES = 'name,n\nred,1\n"blue, dark",2\ngreen,3\n'


def on(seat: platforms.Seat, action: str, **given: Any) -> Any:
    return seat.do(CONNECTOR, action, given)


def stored(seat: platforms.Seat, *paths: str) -> None:
    for path in paths:
        on(seat, "store_file", file_path=path, content=path)


def found(seat: platforms.Seat, folder: str = "", **given: Any) -> list[str]:
    return [each["path"] for each in on(seat, "search_files", directory_path=folder, **given)["files"]]


@pytest.fixture
def seat(embedded: worlds.World) -> platforms.Seat:
    return platforms.Seat(embedded.workspace())


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[platforms.Seat]:
    """A storage with a file and a folder, for what changes nothing."""
    folder = tmp_path_factory.mktemp("files")
    with worlds.world(f"sqlite:///{folder}/recipeyard.db", f"{folder}/blobs", {}, folder) as made:
        seat = platforms.Seat(made.workspace())
        stored(seat, "/a.txt", "/in/b.txt")
        on(seat, "store_file", file_path="/lines.csv", content=LINES)
        on(seat, "store_file", file_path="/long.csv", content="n\n" * 100_002)
        on(seat, "store_file", file_path="/odd.csv", content='a,b\n"1,2\n')
        on(seat, "store_file", file_path="/bytes", content=b"\xff\x00")
        yield seat


def test_a_file_is_stored_in_its_folder_and_read_again(place: worlds.Place) -> None:
    seat = platforms.Seat(place)

    made = on(seat, "store_file", file_path="/out", file_name="é.txt", content="grün")
    read = on(seat, "get_file_contents", file_path="out/é.txt")

    assert ("é.txt", "/out/é.txt", 5) == (made["name"], made["path"], made["size"])
    assert made | {"content": "grün"} == read


def test_another_content_takes_the_place_of_a_file_where_it_may(place: worlds.Place) -> None:
    seat = platforms.Seat(place)
    stored(seat, "/a.txt")

    with pytest.raises(interface.Failure, match="there already"):
        stored(seat, "/a.txt")
    on(seat, "store_file", file_path="/a.txt", content="new", overwrite="true")

    assert "new" == on(seat, "get_file_contents", file_path="/a.txt")["content"]


def test_what_is_appended_stands_at_the_end_of_a_file_that_is_made_where_there_is_none(place: worlds.Place) -> None:
    seat = platforms.Seat(place)

    on(seat, "append_to_file", file_path="/log.txt", content="one\n")
    second = on(seat, "append_to_file", file_path="/log.txt", content=b"two\n")

    assert (8, 4) == (second["size"], second["appended_size"])
    assert "one\ntwo\n" == on(seat, "get_file_contents", file_path="/log.txt")["content"]


def test_folders_are_made_found_and_deleted_with_what_is_in_them(place: worlds.Place) -> None:
    seat = platforms.Seat(place)
    stored(seat, "/a/1.txt", "/a/b/2.txt", "/ab/3.txt", "/A/4.txt", "/a_/5.txt")

    assert {"path": "/new/deep", "created": True} == on(
        seat, "ensure_dir_exists", directory_path="/new", directory_name="deep"
    )
    assert False is on(seat, "ensure_dir_exists", directory_path="/a/b")["created"]
    assert ["/a/1.txt", "/a/b/2.txt"] == found(seat, "/a")
    assert {"path": "/a", "count": 2} == on(seat, "delete_directory", directory_path="/a/")
    assert ["/A/4.txt", "/a_/5.txt", "/ab/3.txt"] == found(seat)
    assert {"path": "/new", "count": 0} == on(seat, "delete_directory", directory_path="new")
    assert {"path": "/ab/3.txt"} == on(seat, "delete_file", file_path="/ab/3.txt")


@pytest.mark.parametrize(
    ("given", "paths"),
    [
        ({"file_name": {"condition": "starts_with", "value": "report"}}, ["/report-1.csv", "/report-2.txt"]),
        ({"file_name": {"op": "ends_with", "value": ".csv"}}, ["/report-1.csv"]),
        ({"file_name": "other.txt"}, ["/other.txt"]),
        ({"page_size": "2", "page_offset": "1"}, ["/report-2.txt"]),
    ],
)
def test_files_are_searched_by_name_and_by_page(seat: platforms.Seat, given: dict[str, Any], paths: list[str]) -> None:
    stored(seat, "/report-1.csv", "/report-2.txt", "/other.txt")

    assert paths == found(seat, "/", **given)


def test_lines_come_in_batches_by_their_header(filled: platforms.Seat) -> None:
    batch = on(filled, "get_csv_file_contents", file_path="/lines.csv", batch_size="2", batch_offset="1")

    assert [{"name": "blue, dark", "n": "2"}, {"name": "green", "n": "3"}] == batch["lines"]
    assert (2, 1) == (batch["batch_size"], batch["batch_offset"])


def test_lines_are_named_as_the_step_has_them(filled: platforms.Seat) -> None:
    column = {"name": "col_n", "label": "n", "type": "string"}
    step = {"extended_output_schema": [{"name": "csv_lines", "type": "array", "properties": [column]}]}

    read = filled.do(CONNECTOR, "get_csv_file_contents", {"file_path": "/lines.csv", "batch_size": 1}, step=step)

    assert [{"name": "red", "col_n": "1"}] == read["csv_lines"]


def test_a_new_file_is_news_and_another_content_none(seat: platforms.Seat) -> None:
    stored(seat, "/in/a.txt")
    on(seat, "store_file", file_path="/in/a.txt", content="x", overwrite=True)
    on(seat, "append_to_file", file_path="/in/b.csv", content=LINES)
    new, lines = (each.listening for each in CONNECTOR.triggers)
    assert isinstance(new, interface.Subject)
    assert isinstance(lines, interface.Subject)
    (subject, text), (_, csv) = seat.told
    texts: Any = new.event({"directory_path": "/in"}, text)
    rows: Any = lines.event({}, csv)

    assert new.of({}) == lines.of({}) == subject
    assert ("/in/a.txt", "/in/a.txt") == (texts["path"], texts["content"])
    assert None is new.event({"directory_path": "/i"}, text)
    assert None is lines.event({}, text)
    assert ["red", "blue, dark", "green"] == [each["name"] for each in rows["lines"]]


@pytest.mark.parametrize(
    ("action", "given", "what"),
    [
        ("store_file", {"content": "x"}, "file_path is required"),
        ("store_file", {"file_path": "/", "content": "x"}, "file_path is required|has a name"),
        ("store_file", {"file_path": "/../x", "content": "x"}, r"is \. or \.\."),
        ("store_file", {"file_path": "/a\0b", "content": "x"}, "control characters"),
        ("store_file", {"file_path": "/" + "long/" * 300, "content": "x"}, "longer than 1024 bytes"),
        ("store_file", {"file_path": "/a.txt/b", "content": "x"}, "'/a.txt' is a file, and no folder"),
        ("store_file", {"file_path": "/in", "content": "x"}, "'/in' is a folder, and no file"),
        ("store_file", {"file_path": "/c", "content": b"x" * (files.MOST + 1)}, "10000000 are the most"),
        ("get_file_contents", {"file_path": "/in"}, "no file '/in'"),
        ("get_file_contents", {"file_path": "/none"}, "no file '/none'"),
        ("get_csv_file_contents", {"file_path": "/odd.csv"}, "no CSV file"),
        ("get_csv_file_contents", {"file_path": "/bytes"}, "no CSV file"),
        ("get_csv_file_contents", {"file_path": "/long.csv"}, "more than 100,000 lines"),
        ("get_csv_file_contents", {"file_path": "/lines.csv", "batch_size": 60_000}, "from 0 to 50000"),
        ("delete_file", {"file_path": "/in"}, "no file '/in'"),
        ("delete_directory", {"directory_path": "/none"}, "no folder '/none'"),
        ("delete_directory", {"directory_path": "/a.txt"}, "is a file, and no folder"),
        ("delete_directory", {"directory_path": "//"}, "whole storage|required"),
        ("ensure_dir_exists", {"directory_path": "/a.txt"}, "is a file, and no folder"),
        ("search_files", {"file_name": {"condition": "like", "value": "x"}}, "'like' is not one of"),
        ("search_files", {"page_size": "500"}, "from 0 to 100"),
    ],
)
def test_what_cant_be_done_is_a_failure(filled: platforms.Seat, action: str, given: dict[str, Any], what: str) -> None:
    with pytest.raises(interface.Failure, match=what):
        on(filled, action, **given)


def test_a_file_grows_to_its_limit_and_no_further(seat: platforms.Seat) -> None:
    on(seat, "store_file", file_path="/big", content=b"x" * files.MOST)

    with pytest.raises(interface.Failure, match="10000000 are the most"):
        on(seat, "append_to_file", file_path="/big", content="y")


def test_what_is_no_text_stays_bytes(filled: platforms.Seat) -> None:
    assert b"\xff\x00" == on(filled, "get_file_contents", file_path="/bytes")["content"]


def test_files_of_other_workspaces_are_not_here(filled: platforms.Seat) -> None:
    other = platforms.Seat(filled.place.world.workspace())

    assert [] == found(other)
