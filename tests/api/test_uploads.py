"""Uploads: every way that clients send a zip, and every way to send something else."""

import base64
import socket
import time
from collections.abc import Iterator

import httpx
import pytest

import servers
import services
import worlds

ZIP = worlds.zipped({"a.recipe.json": worlds.Recipe("A").bytes})
TYPES = [
    "application/octet-stream",
    "application/zip",
    "application/octet-type",
    "application/octet-steam",
    "application/json",
    "text/plain",
    "",
]


@pytest.fixture(scope="module")
def small() -> Iterator[servers.Server]:
    """A server that takes archives of at most 100,000 bytes."""
    with servers.serving(services.Backend("embedded", "", ""), max_archive_bytes="100000") as server:
        yield server


@pytest.mark.parametrize("content_type", TYPES)
def test_a_raw_zip_is_taken_whatever_its_type_says(started: dict[str, servers.Server], content_type: str) -> None:
    with started["embedded"].workspace() as client:
        answer = client.call(
            "POST", f"packages/import/{client.folder()}", content=ZIP, headers={"Content-Type": content_type}
        )

        assert client.follow(answer)["status"] == "completed"


def test_a_chunked_upload_is_taken(client: servers.Client) -> None:
    chunks = (ZIP[at : at + 100] for at in range(0, len(ZIP), 100))

    answer = client.call("POST", f"packages/import/{client.folder()}", content=chunks)

    assert client.follow(answer)["status"] == "completed"


@pytest.mark.parametrize("name", ["file", "package", "anything"])
def test_the_first_file_of_a_form_is_taken(client: servers.Client, name: str) -> None:
    form = {"note": "a field that is no file"}

    answer = client.call(
        "POST", f"packages/import/{client.folder()}", data=form, files={name: ("p.zip", ZIP), "z": ("z.zip", b"no")}
    )

    assert client.follow(answer)["status"] == "completed"
    assert client.http.get(f"/api/packages/{answer['id']}/download", follow_redirects=True).content == ZIP


def test_a_zip_in_base64_is_taken(client: servers.Client) -> None:
    answer = client.call("POST", f"packages/import/{client.folder()}", content=base64.encodebytes(ZIP))

    assert client.follow(answer)["status"] == "completed"


NOT_ZIPS = {
    "nothing": b"",
    "text": b"hello",
    "json": b'{"file": "x"}',
    "a few bytes": b"PK",
    "bad base64": b"UEsDBB!!!!" + b"A" * 100,
    "another archive": b"\x1f\x8b\x08\x00" + bytes(100),
    "a truncated zip": ZIP[: len(ZIP) // 2],
    "zip without directory": ZIP[:-30],
}


@pytest.mark.parametrize("content", NOT_ZIPS.values(), ids=NOT_ZIPS)
def test_what_is_no_zip_is_refused_at_once(client: servers.Client, content: bytes) -> None:
    answer = client.call("POST", f"packages/import/{client.folder()}", 400, content=content)

    assert answer["message"].startswith("Invalid package")
    assert answer["message"] == answer["error"]
    assert client.call("GET", "packages")["items"] == []


FORMS = {
    "no boundary": ("multipart/form-data", b"--x"),
    "no file": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--',
    ),
    "not a form": ("multipart/form-data; boundary=x", b"PK\3\4 this is no form"),
    "cut short": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"; filen'),
}


@pytest.mark.parametrize(("content_type", "content"), FORMS.values(), ids=FORMS)
def test_a_form_without_a_file_is_refused(
    started: dict[str, servers.Server], content_type: str, content: bytes
) -> None:
    with started["embedded"].workspace() as client:
        answer = client.call(
            "POST", f"packages/import/{client.folder()}", 400, content=content, headers={"Content-Type": content_type}
        )

        assert answer["message"].startswith("Invalid package")


def test_an_unknown_folder_is_refused_before_the_body_is_kept(client: servers.Client) -> None:
    answer = client.call("POST", "packages/import/999999", 404, content=ZIP)

    assert answer["message"] == "Not found: there is no folder 999999 here"


def test_a_body_over_the_limit_gets_its_413_and_the_server_goes_on(small: servers.Server) -> None:
    with small.workspace() as client:
        folder = client.folder()

        announced = client.http.post(f"/api/packages/import/{folder}", content=b"PK\3\4" + bytes(5_000_000))
        streamed = client.http.post(f"/api/packages/import/{folder}", content=iter([b"PK\3\4", *[bytes(9999)] * 99]))

        assert [announced.status_code, streamed.status_code] == [413, 413]
        assert announced.json()["message"] == "The package is larger than 100000 bytes"
        assert set() == blobs_of(small)
        assert client.load(folder, ZIP)["status"] == "completed"


def test_who_waits_for_100_continue_is_refused_without_sending(small: servers.Server) -> None:
    with small.workspace() as client, socket.create_connection(("127.0.0.1", small.port)) as wire:
        head = (
            f"POST /api/packages/import/{client.folder()} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
            f"Authorization: Bearer {client.token}\r\nContent-Length: 900000000\r\n\r\n"
        )
        wire.sendall(head.encode())

        assert wire.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_a_client_that_goes_away_leaves_nothing_behind(small: servers.Server) -> None:
    with small.workspace() as client:
        before = blobs_of(small)
        with socket.create_connection(("127.0.0.1", small.port)) as wire:
            head = (
                f"POST /api/packages/import/{client.folder()} HTTP/1.1\r\nHost: x\r\n"
                f"Authorization: Bearer {client.token}\r\nContent-Length: 90000\r\n\r\n"
            )
            wire.sendall(head.encode() + ZIP)
            for _ in range(200):
                if blobs_of(small) != before:
                    break
                time.sleep(0.01)
        for _ in range(200):
            if blobs_of(small) == before:
                break
            time.sleep(0.01)

        assert before == blobs_of(small)
        assert [] == client.call("GET", "packages")["items"]


def blobs_of(server: servers.Server) -> set[str]:
    return {str(path) for path in (server.data / "blobs").glob("*/*")}


def test_an_upload_without_a_token_is_refused_after_its_body(small: servers.Server) -> None:
    answer = httpx.post(f"{small.address}/api/packages/import/1", content=bytes(20_000_000))

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
