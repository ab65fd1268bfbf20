"""The way out: where it goes, where it does not, and what bounds it."""

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable
from concurrent import futures
from contextlib import ExitStack

import pytest

import outside
from recipeyard.runtime import interface, outbound
from recipeyard.runtime.reaching import network

NEAR = network.Network(to_private=True)
FAR = network.Network(to_private=False)


def refusal(of: network.Network, url: str, **more: object) -> interface.Failure:
    with pytest.raises(interface.Failure) as caught:
        of.request(outbound.Send("GET", url, **more))  # type: ignore[arg-type]
    return caught.value


def test_a_request_goes_out_and_its_answer_comes_back() -> None:
    def answer(heard: outside.Heard) -> outside.Reply:
        return outside.Reply(201, b"made", {"X-Kind": "new"})

    with outside.site(answer) as site:
        send = outbound.Send("post", f"{site.url}/a%20b?c=d&e=%2F", {"X-Own": "ü"}, b"body")
        got = NEAR.request(send)

    heard = site.heard[0]
    assert (201, b"made", "new") == (got.status, got.body, got.headers["x-kind"])
    assert ("POST", "/a%20b?c=d&e=%2F", b"body") == (heard.method, heard.path, heard.body)
    assert (site.url.removeprefix("http://"), "Recipeyard") == (heard.headers["host"], heard.headers["user-agent"])


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
        "10.1.2.3",
        "0.0.0.0",
        "[fe80::1]",
    ],
)
def test_what_is_at_home_is_not_called(host: str) -> None:
    with outside.site(lambda _: outside.Reply()) as site:
        failure = refusal(FAR, site.url.replace("127.0.0.1", host))

    assert "not an address of the internet" in failure.message
    assert "AddressRefused" == failure.kind
    assert 0 == site.connections


def test_a_name_is_looked_up_once_and_what_was_judged_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def look_up(host: str, port: int, *_: object, **__: object) -> object:
        asked.append(host)
        address = "93.184.215.14" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    called: list[str] = []

    def connect(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        called.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    refusal(FAR, "http://turning.example/")

    assert (["turning.example"], ["93.184.215.14"]) == (asked, called)


def test_a_name_that_also_stands_for_an_address_at_home_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 80)) for each in ("93.184.215.14", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    assert "AddressRefused" == refusal(FAR, "http://two.example/").kind


@pytest.mark.parametrize(
    "url",
    ["ftp://example.com/", "file:///etc/passwd", "/only/a/path", "http://", "http://a:b@example.com/", "http://xn--a/"],
)
def test_what_is_no_web_address_is_not_called(url: str) -> None:
    assert "AddressInvalid" == refusal(NEAR, url).kind


def test_a_redirect_is_an_answer_like_any_other() -> None:
    with outside.site(lambda _: outside.Reply(302, b"", {"Location": "http://127.0.0.1:1/"})) as site:
        assert 302 == NEAR.request(outbound.Send("GET", site.url)).status


def test_an_answer_without_end_is_not_read_to_the_end() -> None:
    poured = [0]

    def pour(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            poured[0] += connection.send(b"x" * 65536)

    with outside.odd(pour) as url:
        failure = refusal(NEAR, url)

    assert "The answer of 127.0.0.1 is larger than 10485760 bytes" == failure.message
    assert poured[0] < 40_000_000


def test_an_answer_that_inflates_without_end_is_not_inflated_to_the_end() -> None:
    packed = gzip.compress(b"\0" * 200_000_000, 9, mtime=0)

    with outside.site(lambda _: outside.Reply(200, packed, {"Content-Encoding": "gzip"})) as site:
        began = time.monotonic()
        failure = refusal(NEAR, site.url)

    assert "AnswerTooLarge" == failure.kind
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes)]
)
def test_an_answer_is_inflated(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    content = b"hello " * 100_000

    with outside.site(lambda _: outside.Reply(200, pack(content), {"Content-Encoding": encoding})) as site:
        assert content == NEAR.request(outbound.Send("GET", site.url)).body


@pytest.mark.parametrize(
    ("encoding", "body"), [("gzip", b"no"), ("br", b"any"), ("gzip", gzip.compress(b"hello" * 999, mtime=0)[:-20])]
)
def test_an_answer_that_can_not_be_inflated_fails(encoding: str, body: bytes) -> None:
    with outside.site(lambda _: outside.Reply(200, body, {"Content-Encoding": encoding})) as site:
        refusal(NEAR, site.url)


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"])
def test_a_server_that_hangs_is_given_up(first: bytes) -> None:
    over = threading.Event()

    def hang(connection: socket.socket) -> None:
        connection.sendall(first)
        over.wait(5)

    with outside.odd(hang) as url:
        failure = refusal(NEAR, url, seconds=0.1)
        over.set()

    assert ("127.0.0.1 has not answered within 0.1 seconds", "Timeout") == (failure.message, failure.kind)


def test_a_server_that_drips_is_given_up_when_the_time_is_over() -> None:
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not over.wait(0.02):
            connection.sendall(b"x")

    with outside.odd(drip) as url:
        began = time.monotonic()
        failure = refusal(NEAR, url, seconds=0.2)
        over.set()

    assert "Timeout" == failure.kind
    assert time.monotonic() - began < 1


def test_headers_without_end_are_not_read_to_the_end() -> None:
    def pour(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-More: " + b"x" * 1000 + b"\r\n")

    with outside.odd(pour) as url:
        assert "AnswerInvalid" == refusal(NEAR, url).kind


def test_what_is_no_http_is_told_so() -> None:
    with outside.odd(lambda connection: connection.sendall(b"hello\r\n\r\n")) as url:
        assert "127.0.0.1 answers, but not as HTTP has it" == refusal(NEAR, url).message


def test_a_failure_names_the_host_and_no_secret() -> None:
    spoilt = refusal(NEAR, "http://127.0.0.1:9/?token=s3cret", headers={"X-Key": "s3cret\r\nX-Other: s3cret"})
    nobody = refusal(NEAR, "http://127.0.0.1:9/s3cret?token=s3cret", headers={"X-Key": "s3cret"})

    assert "Connection refused" in nobody.message
    assert "s3cret" not in spoilt.message + nobody.message


def test_a_connection_is_used_again_by_all_threads() -> None:
    own = network.Network(to_private=True)
    with outside.site(lambda heard: outside.Reply(200, heard.path.encode())) as site, ExitStack() as stack:
        for number in range(20):
            own.request(outbound.Send("GET", f"{site.url}/{number}"))
        one_after_another = site.connections
        threads = stack.enter_context(futures.ThreadPoolExecutor(8))
        sends = [outbound.Send("GET", f"{site.url}/{number}") for number in range(80)]
        bodies = [got.body for got in threads.map(own.request, sends)]

    assert 1 == one_after_another
    assert [f"/{number}".encode() for number in range(80)] == bodies
    assert site.connections <= 9


def test_what_is_no_certificate_is_told_so() -> None:
    certificates = outbound.Certificates(client=("no", "certificate"))

    assert "CertificateInvalid" == refusal(NEAR, "https://127.0.0.1:9/", certificates=certificates).kind
