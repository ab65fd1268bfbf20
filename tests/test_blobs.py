"""Blobs: whole or not at all, in a folder and in S3 alike."""

import asyncio
import gc
import os
import urllib.request
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from recipeyard import blobs
from recipeyard.model import errors

KEY = "uploads/abc/data.zip"
LARGE = bytes(range(256)) * 40_000


class Broken(Exception):
    """What a source breaks off with."""


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> blobs.Blobs:
    """An open store; in the bucket, what a test left is the next one's to overwrite."""
    if request.param == "folder":
        return blobs.open_blobs(f"file://{tmp_path}/blobs", {}, tmp_path)
    url, options = request.getfixturevalue("s3")
    return blobs.open_blobs(url, options, tmp_path)


async def chunks(*parts: bytes, broken: bool = False) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
    if broken:
        raise Broken


def broken(*parts: bytes) -> Iterator[bytes]:
    yield from parts
    raise Broken


def test_what_is_received_is_kept(store: blobs.Blobs) -> None:
    size = asyncio.run(store.receive(KEY, chunks(LARGE[:5], b"", LARGE[5:])))

    assert len(LARGE) == size == store.size(KEY)
    assert LARGE == b"".join(store.stream(KEY))
    with store.local(KEY) as file:
        file.seek(-3, 2)
        assert LARGE[-3:] == file.read()


def test_no_file_stays_open(store: blobs.Blobs, tmp_path: Path) -> None:
    store.put(KEY, [b"warm"])
    before = open_files(tmp_path)

    for _ in range(5):
        store.put(KEY, [LARGE])
        asyncio.run(store.receive(KEY, chunks(LARGE)))
        with pytest.raises(Broken):
            store.put(KEY, broken(b"a"))
        with store.local(KEY) as file:
            file.read(1)
        next(store.stream(KEY))

    assert set() == open_files(tmp_path) - before


def open_files(below: Path) -> set[tuple[str, str]]:
    """The files of a folder that this process holds open, deleted ones too, by descriptor."""
    gc.collect()
    held = {(each.name, os.path.realpath(each)) for each in Path("/dev/fd").iterdir()}
    return {(number, path) for number, path in held if Path(path).is_relative_to(below.resolve())}


def test_what_is_put_replaces_what_was_there(store: blobs.Blobs) -> None:
    store.put(KEY, [b"old"])

    store.put(KEY, iter([b"new", b"er"]))

    assert b"newer" == b"".join(store.stream(KEY))


def test_an_upload_that_breaks_leaves_nothing(store: blobs.Blobs) -> None:
    key = "uploads/broken/data.zip"

    with pytest.raises(Broken):
        asyncio.run(store.receive(key, chunks(LARGE, broken=True)))
    with pytest.raises(Broken):
        store.put(key, broken(LARGE))

    with pytest.raises(errors.NotFound):
        store.size(key)


def test_an_upload_that_breaks_leaves_the_old_one(store: blobs.Blobs) -> None:
    store.put(KEY, [b"old"])

    with pytest.raises(Broken):
        store.put(KEY, broken(b"new"))

    assert b"old" == b"".join(store.stream(KEY))


def test_a_deleted_blob_is_gone_and_may_be_deleted_again(store: blobs.Blobs) -> None:
    store.put(KEY, [b"x"])

    store.delete(KEY)
    store.delete(KEY)

    for ask in (store.size, lambda key: list(store.stream(key)), lambda key: store.local(key).__enter__()):
        with pytest.raises(errors.NotFound):
            ask(KEY)


def test_a_sweep_takes_what_nobody_holds_and_is_old_enough(store: blobs.Blobs) -> None:
    kept, orphan = "packages/1/kept.zip", "packages/2/orphan.zip"
    for key in (kept, orphan):
        store.put(key, [b"x"])
    now = datetime.now(UTC)

    store.sweep({kept}, now - timedelta(hours=1))
    assert 1 == store.size(orphan)
    store.sweep({kept}, now + timedelta(hours=1))

    assert 1 == store.size(kept)
    with pytest.raises(errors.NotFound):
        store.size(orphan)


def test_a_sweep_leaves_alone_what_is_not_the_servers_own(tmp_path: Path) -> None:
    theirs = ["docs/thesis.txt", "thesis.txt", "packages/notes.txt", "packages/1/My photos.ZIP", "uploads/a/b/c.zip"]
    ours = ["packages/1/all.zip", "uploads/abc/.partial-x"]
    for name in (*theirs, *ours):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")

    blobs.open_blobs(str(tmp_path), {}, tmp_path).sweep(set(), datetime.now(UTC) + timedelta(hours=1))

    left = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert sorted(theirs) == left


def test_a_store_is_one_installations_alone(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url, options = request.getfixturevalue("s3")
    for own in (f"{tmp_path}/own", f"{url}/{tmp_path.name}"):
        store = blobs.open_blobs(own, options, tmp_path)
        store.claim("mine")
        store.claim("mine")

        with pytest.raises(errors.Invalid) as refused:
            blobs.open_blobs(own, options, tmp_path).claim("theirs")

        assert f"blobs: {own} belongs to another installation" in refused.value.message
        store.put(KEY, [b"x"])
        store.sweep(set(), datetime.now(UTC) + timedelta(hours=1))
        store.claim("mine")


@pytest.mark.parametrize(
    ("url", "options", "message"),
    [
        ("ftp://user:hunter2@host", {}, "blobs: must be a folder, or a URL"),
        ("s3://b", {"odd": "hunter2"}, "blobs or blob_options: Configuration key: 'odd' is not valid"),
        ("gs://b", {"service_account_key": "hunter2"}, "blobs or blob_options: Generic GCS error"),
        ("s3://b", {"virtual_hosted_style_request": "hunter2"}, 'failed to parse "…" as boolean'),
        (__file__, {}, f"blobs: {__file__}: File exists"),
    ],
)
def test_a_store_that_cant_be_opened_is_said(tmp_path: Path, url: str, options: dict[str, str], message: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        blobs.open_blobs(url, options, tmp_path)

    assert message in refused.value.message
    assert "hunter2" not in refused.value.message
    assert 1 == len(refused.value.message.splitlines())


def test_a_link_gives_the_blob_without_credentials(s3: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    store = blobs.open_blobs(*s3, tmp_path)
    store.put(KEY, [b"content"])

    address = store.link(KEY, 60)

    assert address
    with urllib.request.urlopen(address) as answer:
        assert (b"content", 'attachment; filename="data.zip"') == (answer.read(), answer.headers["content-disposition"])


def test_a_folder_has_no_links(tmp_path: Path) -> None:
    assert blobs.open_blobs(str(tmp_path), {}, tmp_path).link(KEY, 60) is None


@pytest.mark.parametrize("key", ["../x.zip", "/x.zip", "a/../b.zip", "a//b.zip", "A.zip", "a", "", ".partial-x.zip"])
def test_a_key_that_leads_elsewhere_is_a_bug(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="is not a blob's key"):
        blobs.open_blobs(str(tmp_path), {}, tmp_path).put(key, [b"x"])
