"""What arrives is read with suspicion: each lie is named, and so is the entry that tells it."""

import io
import zipfile
import zlib
from dataclasses import replace

import pytest

from archive import hostile
from recipeyard.archive import reader
from recipeyard.model import bundles, errors

LIMITS = bundles.Limits(entries=50, entry_bytes=4_000_000, total_bytes=6_000_000, path_bytes=300)
GOOD = hostile.File(b"a.recipe.json", b'{"name": "A"}')


def opened(content: bytes, limits: bundles.Limits = LIMITS) -> reader.Archive:
    return reader.open_archive(io.BytesIO(content), limits)


def inflated(content: bytes, limits: bundles.Limits = LIMITS) -> list[bytes]:
    archive = opened(content, limits)
    return [archive.inflate(entry) for entry in archive.entries]


def refused(content: bytes, limits: bundles.Limits = LIMITS) -> str:
    """The message with which an archive is refused, on opening or on reading it."""
    with pytest.raises(errors.Invalid) as failure:
        inflated(content, limits)
    return failure.value.message


def test_a_good_archive_gives_its_files() -> None:
    archive = opened(hostile.archive(GOOD, hostile.File(b"Sub/b.recipe.json", b"{}", method=0)))

    assert ["a.recipe.json", "Sub/b.recipe.json"] == [entry.path for entry in archive.entries]
    assert [b'{"name": "A"}', b"{}"] == [archive.inflate(entry) for entry in archive.entries]
    assert () == archive.notes


def test_a_deflated_document_is_packed_as_it_came() -> None:
    content = hostile.archive(GOOD)
    archive = opened(content)
    entry = archive.entries[0]

    packed = archive.pack(entry, bundles.digest(archive.inflate(entry)))

    assert packed.deflated in content
    assert b'{"name": "A"}' == bundles.inflate(packed)
    assert (13, zlib.crc32(b'{"name": "A"}')) == (packed.size, packed.crc32)


def test_a_stored_document_is_deflated() -> None:
    archive = opened(hostile.archive(replace(GOOD, method=0)))

    packed = archive.pack(archive.entries[0], "digest")

    assert b'{"name": "A"}' == bundles.inflate(packed)


def test_data_descriptors_and_folders_and_comments_are_fine() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = b"made by hand"
        archive.mkdir("Sub")
        with archive.open("Sub/ü.recipe.json", "w") as file:
            file.write(b"{}")
    flags = packed.getvalue()

    assert ["Sub/ü.recipe.json"] == [entry.path for entry in opened(flags).entries]


NOT_ARCHIVES = {
    "nothing": b"",
    "text": b"not a zip at all",
    "truncated": hostile.archive(GOOD, cut=30),
    "only an end": hostile.archive(GOOD)[-22:],
}


@pytest.mark.parametrize("content", NOT_ARCHIVES.values(), ids=NOT_ARCHIVES)
def test_what_is_no_whole_zip_is_refused(content: bytes) -> None:
    assert refused(content).startswith("Invalid package: not a")


def test_a_directory_that_points_before_the_file_is_refused() -> None:
    content = hostile.archive(GOOD)[:-6] + b"\xff\xff\xff\x7f\0\0"

    assert "a.recipe.json: is not where the directory says: the archive is damaged" == refused(content)


def test_a_zip_of_nothing_is_refused() -> None:
    assert "the archive holds no file" == refused(hostile.archive())


PATHS = {
    b"../a.recipe.json": "the path leads outside the archive",
    b"a/../../b.recipe.json": "the path leads outside the archive",
    b"./a.recipe.json": "the path leads outside the archive",
    b"/etc/a.recipe.json": "absolute paths are not allowed",
    b"C:/a.recipe.json": "absolute paths are not allowed",
    b"c:a.recipe.json": "absolute paths are not allowed",
    b"a\\b.recipe.json": "backslashes are not allowed in paths",
    b"a\0b.recipe.json": "control characters are not allowed in paths",
    b"a\nb.recipe.json": "control characters are not allowed in paths",
    b"a//b.recipe.json": "the path has an empty part",
    b"x" * 260 + b".recipe.json": "the path is too long (at most 300 bytes, 255 for each part)",
    b"x/" * 200 + b"a.recipe.json": "the path is too long (at most 300 bytes, 255 for each part)",
}


@pytest.mark.parametrize(("name", "what"), PATHS.items())
def test_a_path_that_leads_anywhere_else_is_refused(name: bytes, what: str) -> None:
    assert what in refused(hostile.archive(hostile.File(name)))


def test_a_name_that_is_not_utf_8_is_refused() -> None:
    assert "its name is not UTF-8" in refused(hostile.archive(hostile.File(b"caf\xe9.recipe.json")))


ENTRIES = {
    "encrypted": (replace(GOOD, flags=1), "encrypted entries are not supported"),
    "unknown method": (replace(GOOD, method=12), "compression method 12 is not supported"),
    "symlink": (replace(GOOD, mode=0o120777), "symbolic links and special files are not allowed"),
    "device": (replace(GOOD, mode=0o060644), "symbolic links and special files are not allowed"),
    "one huge entry": (replace(GOOD, size=5_000_000), "inflates to 5000000 bytes; at most 4000000 are allowed"),
    "bomb by ratio": (replace(GOOD, content=bytes(3_000_000)), "is compressed more than 200 times"),
    "stored with two sizes": (replace(GOOD, method=0, size=99), "is stored, but its two sizes differ"),
    "wrong crc": (replace(GOOD, crc32=7), "has a wrong CRC: the archive is damaged"),
    "less than it says": (replace(GOOD, size=99), "is 13 bytes where the directory says 99"),
    "more than it says": (replace(GOOD, size=5), "inflates to more than the 5 bytes that the directory says"),
    "no deflate stream": (replace(GOOD, deflated=b"\xff\xff\xff"), "can't be inflated: the archive is damaged"),
    "stream without end": (
        replace(GOOD, deflated=zlib.compressobj(9, 8, -15).compress(b"x" * 9) or b"\x4a"),
        "is cut short",
    ),
    "something behind it": (
        replace(GOOD, deflated=b"\xabVJLJV\xb2R*\xc9\xcc\x4d\x55\xb2\x52\x4a\x05\x00"),
        "a.recipe.json",
    ),
    "another name inside": (replace(GOOD, local_name=b"b.recipe.json"), "has another name in its own header"),
    "not where it says": (replace(GOOD, offset=5), "is not where the directory says"),
}


@pytest.mark.parametrize(("file", "what"), ENTRIES.values(), ids=ENTRIES)
def test_an_entry_that_lies_is_refused_by_name(file: hostile.File, what: str) -> None:
    message = refused(hostile.archive(file))

    assert message.startswith("a.recipe.json: ")
    assert what in message


def test_bytes_behind_a_deflated_document_are_refused() -> None:
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = squeezer.compress(GOOD.content) + squeezer.flush() + b"hidden"

    assert "bytes behind the end" in refused(hostile.archive(replace(GOOD, deflated=packed)))


def test_an_entry_that_goes_beyond_the_end_is_refused() -> None:
    message = refused(hostile.archive(replace(GOOD, deflated_size=500)))

    assert "is cut short: the archive is truncated" in message


def test_entries_that_share_bytes_are_refused() -> None:
    inside = hostile.File(b"b.recipe.json", GOOD.content, deflated=b"", deflated_size=10, offset=0)

    assert "overlaps a.recipe.json" in refused(hostile.archive(GOOD, inside))


def test_two_entries_with_one_path_are_refused() -> None:
    assert "a.recipe.json: appears twice" == refused(hostile.archive(GOOD, GOOD))


def test_paths_that_differ_in_case_alone_are_refused() -> None:
    other = replace(GOOD, name=b"A.recipe.json")

    assert "A.recipe.json: differs from a.recipe.json in case alone" == refused(hostile.archive(GOOD, other))


def test_a_file_where_a_folder_must_be_is_refused() -> None:
    below = hostile.File(b"A.recipe.json/b.recipe.json")

    assert "needs a folder where a.recipe.json is a file" in refused(hostile.archive(GOOD, below))


def test_more_entries_than_allowed_are_refused() -> None:
    many = [hostile.File(f"{number}.recipe.json".encode()) for number in range(51)]

    assert "the archive has 51 entries; at most 50 are allowed" == refused(hostile.archive(*many))


@pytest.mark.parametrize("comment", [b"", b"a comment"])
@pytest.mark.parametrize("wide", [False, True])
def test_more_entries_than_the_end_admits_are_not_even_taken_in(comment: bytes, *, wide: bool) -> None:
    many = [hostile.File(f"{number}.recipe.json".encode()) for number in range(51)]
    hidden = hostile.archive(*many, count=1, wide=wide, comment=comment)
    fitting = hostile.archive(*many[:50], count=1, wide=wide, comment=comment)

    assert "the archive has more entries than it says; at most 50 are allowed" == refused(hidden)
    assert 50 == len(opened(fitting).entries)


def test_more_bytes_in_total_than_allowed_are_refused() -> None:
    parts = [hostile.File(f"{at}.recipe.json".encode(), size=3_000_000, deflated=bytes(20_000)) for at in range(3)]

    assert "inflates to more than 6000000 bytes" in refused(hostile.archive(*parts))


def test_everything_wrong_is_listed_up_to_a_hundred() -> None:
    wrong = [hostile.File(f"../{number}.recipe.json".encode()) for number in range(120)]

    lines = refused(hostile.archive(*wrong), replace(LIMITS, entries=500)).splitlines()

    assert (101, "and 20 more") == (len(lines), lines[-1])


def test_messages_show_no_control_characters_and_no_endless_paths() -> None:
    message = refused(hostile.archive(hostile.File(b"\x1b[31m" + b"x/" * 149 + b"y")))

    assert "\x1b" not in message
    assert max(len(line) for line in message.splitlines()) < 300


def test_what_desktops_add_is_passed_over_and_reported() -> None:
    litter = [hostile.File(name) for name in (b"__MACOSX/._a.recipe.json", b".DS_Store", b"Sub/Thumbs.db", b"._x")]

    archive = opened(hostile.archive(GOOD, *litter))

    assert ["a.recipe.json"] == [entry.path for entry in archive.entries]
    assert 4 == len(archive.notes)


def test_a_repacked_folder_is_read_as_the_package_it_holds() -> None:
    files = [hostile.File(b"Orders/a.recipe.json"), hostile.File(b"Orders/Sub/b.recipe.json")]

    archive = opened(hostile.archive(*files, hostile.File(b"__MACOSX/Orders/._a.recipe.json")))

    assert ["a.recipe.json", "Sub/b.recipe.json"] == [entry.path for entry in archive.entries]
    assert "Orders/: extra top folder of a repacked archive; its content was read" == str(archive.notes[-1])
    assert b"{}" == archive.inflate(archive.entries[0])


def test_one_top_folder_alone_is_no_repack() -> None:
    archive = opened(hostile.archive(hostile.File(b"Orders/a.recipe.json")))

    assert ["Orders/a.recipe.json"] == [entry.path for entry in archive.entries]


def test_two_entries_at_one_offset_whose_second_is_listed_first_are_seen() -> None:
    files = hostile.archive(GOOD, hostile.File(b"b.recipe.json"))

    assert 2 == len(opened(files).entries)


def test_a_self_extracting_prefix_is_refused() -> None:
    assert refused(hostile.archive(GOOD, before=b"#!/bin/sh\n")).startswith("Invalid package: not a zip")
