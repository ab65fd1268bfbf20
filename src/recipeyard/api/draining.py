"""Read on before refusing: a client that is still sending would lose an answer that comes with a closed connection."""

from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 256 * 1024 * 1024
"""How much of a refused body is read and thrown away; whoever sends more than that sees the connection close."""


class Draining:
    """An application whose refusals wait for the request's end; who waits for `100 Continue` is told at once."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != ScopeType.HTTP or _waits(scope):
            await self.app(scope, receive, send)
            return
        body = _Body(receive)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                await body.drain()
            await send(message)

        await self.app(scope, body.receive, sending)


class _Body:
    """A request's body, and whether it has ended."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.ended = False

    async def receive(self) -> Any:
        message = await self._receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            self.ended = True
        return message

    async def drain(self) -> None:
        read = 0
        while not self.ended and read < MOST_BYTES:
            message = await self.receive()
            read += len(message.get("body", b""))


def _waits(scope: Scope) -> bool:
    return (b"expect", b"100-continue") in [(name.lower(), value.lower()) for name, value in scope["headers"]]
