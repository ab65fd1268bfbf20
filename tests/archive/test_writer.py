"""What leaves is the same bytes each time, and any tool can read it."""

import io
import zipfile
from pathlib import Path

import worlds
from recipeyard.archive import reader, writer
from recipeyard.model import bundles


def written(*parts: tuple[str, bytes]) -> bytes:
    return b"".join(writer.write((path, writer.deflate(content)) for path, content in parts))


def test_the_standard_library_reads_what_was_written() -> None:
    parts = [("a.recipe.json", b"{}"), ("Sub/Deep/ü.recipe.json", b'{"a": 1}')]

    content = written(*parts)

    assert dict(parts) == worlds.unzipped(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert ["a.recipe.json", "Sub/Deep/", "Sub/Deep/ü.recipe.json"] == archive.namelist()
        assert {(1980, 1, 1, 0, 0, 0)} == {info.date_time for info in archive.infolist()}


def test_equal_parts_give_equal_bytes() -> None:
    assert written(("a.recipe.json", b"{}")) == written(("a.recipe.json", b"{}"))


def test_our_own_reader_takes_what_was_written() -> None:
    archive = reader.open_archive(io.BytesIO(written(("a.recipe.json", b"{}"))), bundles.Limits())

    assert b"{}" == archive.inflate(archive.entries[0])


def test_what_readers_would_take_for_a_bomb_is_stored() -> None:
    content = written(("a.lookup_table.json", b"y" * 1_500_000), ("b.recipe.json", b"{}"))

    archive = reader.open_archive(io.BytesIO(content), bundles.Limits())
    stored, deflated = archive.entries
    assert (False, True) == (stored.is_deflated, deflated.is_deflated)
    assert b"y" * 1_500_000 == archive.inflate(stored)
    assert {"a.lookup_table.json": b"y" * 1_500_000, "b.recipe.json": b"{}"} == worlds.unzipped(content)
    assert content == written(("a.lookup_table.json", b"y" * 1_500_000), ("b.recipe.json", b"{}"))


def test_more_entries_than_16_bits_count_are_written() -> None:
    packed = writer.deflate(b"{}")

    content = b"".join(writer.write((f"{number}.recipe.json", packed) for number in range(66_000)))

    assert 66_000 == len(zipfile.ZipFile(io.BytesIO(content)).infolist())


def test_an_archive_beyond_4_gib_is_read_by_the_standard_library(tmp_path: Path) -> None:
    """The payload is a hole in a sparse file: only the headers are written."""
    large = bundles.Packed("digest", 1, 0, bytes(64 * 1024 * 1024))
    path = tmp_path / "large.zip"

    with path.open("wb") as file:
        for chunk in writer.write((f"{number}.recipe.json", large) for number in range(70)):
            if chunk is large.deflated:
                file.seek(len(chunk), io.SEEK_CUR)
            else:
                file.write(chunk)

    with zipfile.ZipFile(path) as archive:
        last = archive.infolist()[-1]
        with path.open("rb") as file:
            file.seek(last.header_offset)
            assert b"PK\3\4" == file.read(4)
    assert (70, "69.recipe.json") == (len(archive.infolist()), last.filename)
    assert last.header_offset > 2**32
