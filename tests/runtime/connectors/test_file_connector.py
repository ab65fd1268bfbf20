"""Archives made and opened, contents read."""

import gzip
import io
import tarfile
import zipfile

import pytest

import connector_calls
from recipeyard.runtime import interface, values
from recipeyard.runtime.connectors import file_connector

_FILES: values.Value = [
    {"file_name": "a.txt", "file_contents": "one"},
    {"file_name": "b/c.bin", "file_contents": b"\x00"},
]
_OPENED = [
    {"file_name": "a.txt", "file_contents": b"one", "file_size": 3},
    {"file_name": "b/c.bin", "file_contents": b"\x00", "file_size": 1},
]


def _perform(action: str, given: interface.Object) -> interface.Object:
    return connector_calls.perform(file_connector.CONNECTOR, action, given).output


def _zip(entries: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return written.getvalue()


@pytest.mark.parametrize(
    "kind", [{}, {"compression_format": "zip"}, {"compression_format": "gzip", "archive_format": "tar"}]
)
def test_an_archive_opens_to_what_was_put_in_it(kind: interface.Object) -> None:
    archive = _perform("compress_file", {"files": _FILES, **kind})["compressed_file_contents"]

    assert _OPENED == _perform("uncompress_file", {"file_contents": archive})["files"]


def test_the_same_files_at_the_same_moment_are_the_same_bytes() -> None:
    assert _perform("compress_file", {"files": _FILES}) == _perform("compress_file", {"files": _FILES})


def test_gzip_holds_one_file_named_after_the_archive() -> None:
    given: interface.Object = {"compression_format": "gzip", "files": [{"file_name": "a", "file_contents": "one"}]}

    archive = _perform("compress_file", given)["compressed_file_contents"]

    assert isinstance(archive, bytes)
    assert b"one" == gzip.decompress(archive)
    assert [{"file_name": "a.txt", "file_contents": b"one", "file_size": 3}] == _perform(
        "uncompress_file", {"file_contents": archive, "file_name": "a.txt.gz"}
    )["files"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "files is required"),
        ({"files": _FILES, "password": "x"}, "without a password"),
        ({"files": _FILES, "compression_format": "gzip"}, "gzip holds one file"),
        ({"files": ["x"]}, r"files\[0\] must have a name and contents"),
        ({"files": [{"file_contents": b"x" * 11_000_000}]}, "more than 10,485,760 bytes"),
        ({"files": [{"file_contents": "x"}] * 1001}, "holds 1,000 files, not 1,001"),
        ({"files": [{"file_name": "n" * 1_025, "file_contents": ""}]}, "a name of more than 1,024 bytes"),
    ],
)
def test_an_archive_that_cannot_be_made_says_why(given: interface.Object, words: str) -> None:
    with pytest.raises(interface.Failure, match=words):
        _perform("compress_file", given)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "file_contents is required"),
        (b"plain text", "neither zip, gzip nor tar"),
        (b"PK\x03\x04 broken", "the archive can't be read"),
        (_zip({"ü.txt": b""}).replace("ü".encode(), b"\xff\xff"), "the archive can't be read"),
        (gzip.compress(b"x" * 100, mtime=0)[:-12], "the archive can't be read"),
        (_zip({"bomb": bytes(11_000_000)}), "more than 10,485,760 bytes"),
        (_zip({"a": bytes(6_000_000), "b": bytes(6_000_000)}), "more than 10,485,760 bytes"),
        (gzip.compress(bytes(11_000_000), mtime=0), "more than 10,485,760 bytes"),
        (_zip({f"{number}": b"" for number in range(1_001)}), "more than 1,000 files"),
    ],
)
def test_an_archive_that_is_broken_or_swells_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(interface.Failure, match=words):
        _perform("uncompress_file", {"file_contents": content})


def test_names_in_a_tar_that_are_no_unicode_are_spelled_as_far_as_they_can_be() -> None:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", encoding="latin-1", format=tarfile.GNU_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo("grün"))

    assert [{"file_name": "gr\ufffdn", "file_contents": b"", "file_size": 0}] == _perform(
        "uncompress_file", {"file_contents": written.getvalue()}
    )["files"]


def test_a_file_is_read_as_text_and_as_the_lines_that_the_recipe_wants() -> None:
    column: values.Value = {"name": "id", "type": "integer"}
    step: interface.Object = {"extended_output_schema": [{"name": "lines", "type": "array", "properties": [column]}]}

    result = connector_calls.perform(
        file_connector.CONNECTOR,
        "read_file",
        {"file_contents": "id\n7\n".encode("utf-16"), "encoding": "utf-16"},
        step=step,
    )

    assert {"content": "id\n7\n", "size": 12, "lines": [{"id": 7}]} == result.output


def test_a_file_without_contents_is_refused() -> None:
    with pytest.raises(interface.Failure, match="file_contents is required"):
        _perform("read_file", {})
