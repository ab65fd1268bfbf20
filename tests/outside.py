"""What lies outside of the server: HTTP servers that answer as they are told, odd ones, and a mail server."""

import http.server
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Heard:
    """A request as it came. Header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """An answer to give."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Site:
    """A server, and what it has heard. `url` is its origin."""

    heard: list[Heard] = field(default_factory=list)
    url: str = ""
    connections: int = 0


@contextmanager
def site(answer: Callable[[Heard], Reply]) -> Iterator[Site]:
    """An HTTP server on this machine that answers so."""
    made = Site()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            made.connections += 1
            super().setup()

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            self.close_connection = not self.raw_requestline or not self.parse_request()
            if self.close_connection:
                return
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            made.heard.append(Heard(self.command, self.path, headers, body))
            reply = answer(made.heard[-1])
            self.send_response(reply.status)
            for name, value in ({"Content-Length": str(len(reply.body))} | reply.headers).items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as serving:
        serving.daemon_threads = True
        serving.block_on_close = False
        made.url = f"http://127.0.0.1:{serving.server_port}"
        threading.Thread(target=serving.serve_forever, args=(0.01,), daemon=True).start()
        yield made
        serving.shutdown()


@contextmanager
def odd(speak: Callable[[socket.socket], None]) -> Iterator[str]:
    """The origin of a server that speaks to each connection as it likes, once it has heard the end of some headers."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            heard = b""
            while b"\r\n\r\n" not in heard:
                piece = self.request.recv(65536)
                if not piece:
                    return
                heard += piece
            with suppress(OSError):
                speak(self.request)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as serving:
        serving.daemon_threads = True
        serving.block_on_close = False
        threading.Thread(target=serving.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_address[1]}"
        serving.shutdown()


@dataclass
class Post:
    """A mail server: what it has taken, whom it refuses."""

    port: int = 0
    mails: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    logins: list[str] = field(default_factory=list)
    is_silent: threading.Event = field(default_factory=threading.Event)


class _Clerk(socketserver.StreamRequestHandler):
    """Takes mail in, as far as the post wants it."""

    post: Post

    def handle(self) -> None:
        self.sender, self.recipients = "", list[str]()
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb, _, rest = line.partition(" ")
            if self.post.is_silent.is_set():
                continue
            if verb == "QUIT":
                self.say("221 bye")
                return
            getattr(self, f"on_{verb.lower()}", self.on_other)(rest)

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def on_ehlo(self, _: str) -> None:
        self.say("250-here\r\n250 AUTH PLAIN")

    def on_auth(self, rest: str) -> None:
        self.post.logins.append(rest.partition(" ")[2])
        self.say("235 welcome")

    def on_mail(self, rest: str) -> None:
        self.sender, self.recipients = rest.split("<")[1].split(">")[0], []
        self.say("250 ok")

    def on_rcpt(self, rest: str) -> None:
        recipient = rest.split("<")[1].split(">")[0]
        if recipient in self.post.refused:
            self.say("550 nobody of that name")
        else:
            self.recipients.append(recipient)
            self.say("250 ok")

    def on_data(self, _: str) -> None:
        self.say("354 go on")
        content = b""
        while (line := self.rfile.readline()) != b".\r\n":
            content += line
        self.post.mails.append((self.sender, self.recipients, content))
        self.say("250 taken")

    def on_other(self, _: str) -> None:
        self.say("250 ok")


@contextmanager
def post() -> Iterator[Post]:
    """A mail server on this machine."""
    made = Post()
    clerk = type("Clerk", (_Clerk,), {"post": made})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), clerk) as serving:
        serving.daemon_threads = True
        serving.block_on_close = False
        made.port = serving.server_address[1]
        threading.Thread(target=serving.serve_forever, args=(0.01,), daemon=True).start()
        yield made
        serving.shutdown()
