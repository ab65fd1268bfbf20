"""The way out made real: HTTP within limits of time and size, to addresses that this server may call.

A name is looked up once, all that it stands for is judged, and what was judged is called: so that it can't be pointed
elsewhere in between. The certificate is checked against the name all the same. Proxies of the environment are not used.
"""

import functools
import socket
import ssl
import tempfile
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import httpcore
import httpx

from recipeyard.model import addresses
from recipeyard.runtime import interface, outbound
from recipeyard.runtime.reaching import mailing

_PORTS = {"http": 80, "https": 443}
_OURS = frozenset({"content-length", "transfer-encoding", "connection", "accept-encoding"})
_BODIED = frozenset({"POST", "PUT", "PATCH"})
_INFLATED = frozenset({"gzip", "x-gzip", "deflate"})
_AT_ONCE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one request may take. The headers of an answer may have 100 KiB, as the HTTP library has it."""

    answer_bytes: int = 10 * 1024 * 1024
    connect_s: float = 10
    connections: int = 200


class Network:
    """Used by all threads at once. Without `to_private` only addresses of the internet are called.

    The mail server is the operator's choice, and may stand anywhere.
    """

    def __init__(
        self, *, to_private: bool, mail: mailing.MailServer | None = None, bounds: Bounds | None = None
    ) -> None:
        self._mail = mail
        self._bounds = bounds or Bounds()
        self._way = _Way(to_private=to_private)
        self._pool = functools.lru_cache(maxsize=32)(self._new_pool)

    def request(self, send: outbound.Send) -> outbound.Answer:
        """One HTTP request. Raises `interface.Failure`."""
        url = _url(send.url)
        now = time.monotonic()
        until = now + send.seconds
        # The way reads these as moments, not as durations, so that one end holds for all that a request does.
        ends = {
            "connect": min(now + self._bounds.connect_s, until),
            "read": until,
            "write": until,
            "pool": send.seconds,
        }
        with _told(url.host, send.seconds):
            pool = self._pool(send.certificates)
            target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
            with pool.stream(
                send.method.upper(),
                target,
                headers=_headers(send, url),
                content=send.body,
                extensions={"timeout": ends},
            ) as answer:
                headers = _joined(answer.headers)
                body = self._body(answer.iter_stream(), headers, url.host) if send.wants_body else b""
                return outbound.Answer(answer.status, headers, body)

    def mail(self, message: EmailMessage) -> None:
        """Hand a mail to the mail server. Raises `interface.Failure`."""
        if self._mail is None:
            raise interface.Failure("This server sends no mail: its setting smtp_url is not set")
        self._mail.send(message)

    def _body(self, pieces: Iterable[bytes], headers: Mapping[str, str], host: str) -> bytes:
        """The answer, inflated. What would be longer than may be is not read any further."""
        limit = self._bounds.answer_bytes
        got = bytearray()
        for piece in _inflated(pieces, headers.get("content-encoding", ""), host):
            got += piece
            if len(got) > limit:
                raise interface.Failure(f"The answer of {host} is larger than {limit} bytes", "AnswerTooLarge")
        return bytes(got)

    def _new_pool(self, certificates: outbound.Certificates) -> httpcore.ConnectionPool:
        return httpcore.ConnectionPool(
            ssl_context=_trust(certificates),
            max_connections=self._bounds.connections,
            max_keepalive_connections=20,
            keepalive_expiry=15,
            network_backend=self._way,
        )


class _Way(httpcore.NetworkBackend):
    """Connects to addresses that it has judged. Its time limits are moments (of `time.monotonic`), not durations."""

    def __init__(self, *, to_private: bool) -> None:
        self._to_private = to_private
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address of a host that takes one. Raises `interface.Failure` for a private one."""
        found = self._addresses(host, port)
        for address in found[:-1]:
            try:
                return _Watched(self._plain.connect_tcp(address, port, _left(timeout), local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return _Watched(self._plain.connect_tcp(found[-1], port, _left(timeout), local_address, socket_options))

    def _addresses(self, host: str, port: int) -> list[str]:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        named = list(dict.fromkeys(str(each[4][0]) for each in found))
        if not self._to_private and not all(addresses.is_public(address) for address in named):
            raise interface.Failure(
                f"{host} is not an address of the internet, and this server calls no other", "AddressRefused"
            )
        return named


class _Watched(httpcore.NetworkStream):
    """A connection whose time limits are moments."""

    def __init__(self, plain: httpcore.NetworkStream) -> None:
        self._plain = plain

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._plain.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _AT_ONCE):
            self._plain.write(buffer[start : start + _AT_ONCE], _left(timeout))

    def close(self) -> None:
        self._plain.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Watched(self._plain.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._plain.get_extra_info(info)


def _left(until: float | None) -> float | None:
    """How many seconds there are until a moment. Raises `httpcore.ReadTimeout` where there are none."""
    if until is None:
        return None
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise httpcore.ReadTimeout
    return seconds


def _url(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
        has_host = bool(url.host)
    except (httpx.InvalidURL, UnicodeError) as e:
        raise interface.Failure("What is to be called is no address", "AddressInvalid") from e
    if url.scheme not in _PORTS or not has_host:
        raise interface.Failure("What is called must begin with http:// or https:// and a host", "AddressInvalid")
    if url.userinfo:
        raise interface.Failure("An address can't hold a user or a password", "AddressInvalid")
    return url


def _headers(send: outbound.Send, url: httpx.URL) -> list[tuple[bytes, bytes]]:
    """What is sent beside the body; how it is framed is not the caller's to say."""
    given = {name.lower(): (name, value) for name, value in send.headers.items() if name.lower() not in _OURS}
    ours = {"host": ("Host", url.netloc.decode()), "user-agent": ("User-Agent", "Recipeyard")}
    ours |= {"accept": ("Accept", "*/*"), "accept-encoding": ("Accept-Encoding", "gzip")}
    if send.body or send.method.upper() in _BODIED:
        ours["content-length"] = ("Content-Length", str(len(send.body)))
    return [(name.encode(), value.strip().encode()) for name, value in (ours | given).values()]


def _joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by name in lower case; what stands there several times is one, separated by commas."""
    joined: dict[str, str] = {}
    for name, value in headers:
        key = name.decode("latin-1").lower()
        text = value.decode("utf-8", "replace")
        joined[key] = f"{joined[key]}, {text}" if key in joined else text
    return joined


def _inflated(pieces: Iterable[bytes], encoding: str, host: str) -> Iterator[bytes]:
    """The pieces of a body as they were before they were sent, none of them large."""
    spelled = encoding.strip().lower()
    if spelled in {"", "identity"}:
        yield from pieces
        return
    if spelled not in _INFLATED:
        raise interface.Failure(f"The answer of {host} is encoded as {spelled[:40]!r}, which was not asked for")
    engine, is_empty = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32), True
    try:
        for piece in pieces:
            rest, is_empty = piece, False
            while rest and not engine.eof:
                yield engine.decompress(rest, _AT_ONCE)
                rest = engine.unconsumed_tail
        yield engine.flush()
    except zlib.error as e:
        raise interface.Failure(f"The answer of {host} can't be inflated", "AnswerInvalid") from e
    if not engine.eof and not is_empty:
        raise interface.Failure(f"The answer of {host} ends too early", "AnswerInvalid")


@contextmanager
def _told(host: str, seconds: float) -> Iterator[None]:
    """What the library raises, as sentences that name the host and nothing more."""
    try:
        yield
    except httpcore.ConnectTimeout as e:
        raise interface.Failure(f"{host} can't be reached in time", "Timeout") from e
    except httpcore.TimeoutException as e:
        raise interface.Failure(f"{host} has not answered within {seconds:g} seconds", "Timeout") from e
    except httpcore.LocalProtocolError as e:
        raise interface.Failure(
            f"What is to be sent to {host} is no request: its method or a header is spoilt", "RequestInvalid"
        ) from e
    except httpcore.ProtocolError as e:
        raise interface.Failure(f"{host} answers, but not as HTTP has it", "AnswerInvalid") from e
    except (httpcore.NetworkError, OSError, UnicodeError) as e:
        raise interface.Failure(f"{host} can't be reached: {e or type(e).__name__}", "Unreachable") from e


def _trust(certificates: outbound.Certificates) -> ssl.SSLContext:
    """What is shown and trusted. Raises `interface.Failure` where the texts are no certificates."""
    trust = ssl.create_default_context()
    try:
        if certificates.ca:
            trust.load_verify_locations(cadata=certificates.ca)
        if certificates.client:
            with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
                file.write("\n".join(certificates.client))
                file.flush()
                trust.load_cert_chain(file.name)
    except (ssl.SSLError, ValueError) as e:
        raise interface.Failure("The certificates of the connection can't be used", "CertificateInvalid") from e
    return trust
