"""`Idempotency-Key` on every POST: the same request under the same key is done once, and answered as often as it comes.

A key is noted before its request begins, and marked in each transaction that the request commits: so whoever comes
after a death is told the truth, that nothing has happened and the request is done now, or that it was done. The answer
is kept before any of it is sent. Answers of the server's own failures (5xx) are not kept, nor refusals that come before
the body was read.
"""

import functools
import hashlib
import uuid
from typing import Any

import anyio.to_thread
import msgspec
from cryptography import fernet
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from recipeyard.api import context, draining
from recipeyard.model import clients, errors, idempotency
from recipeyard.sql import database
from recipeyard.sql import idempotency as rows

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
CONCLUDE = "recipeyard_conclude"
"""Where a request's state holds what its writing transactions end with."""


class _Answer(msgspec.Struct, array_like=True):
    """An answer as it is kept."""

    content_type: str
    body: bytes


class Idempotency:
    """The middleware; it stands behind the one that knows who asks."""

    def __init__(self, app: ASGIApp, context: context.Context) -> None:
        self.app = app
        self.context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        caller = scope.get("auth")
        text = _sent(scope)
        if text is None or not isinstance(caller, clients.Caller):
            await self.app(scope, receive, send)
            return
        idempotency.check(text)
        who = f"{caller.workspace.id}:{caller.actor.id or ''}"
        key = idempotency.Key(scope["user"].id, who, text)
        attempt = _Attempt(self.context, key, _address(scope))
        body = _Body(receive, comes=_has_body(scope))
        record = await anyio.to_thread.run_sync(attempt.begin)
        if record is None:
            await self._do(scope, (body, send), attempt)
        else:
            await _replay(attempt, record, body, send)

    async def _do(self, scope: Scope, ends: tuple["_Body", Send], attempt: "_Attempt") -> None:
        body, send = ends
        scope["state"][CONCLUDE] = attempt.conclude
        answering = _Answering(attempt, body, send)
        try:
            await self.app(scope, body.receive, answering.send)
        finally:
            if not answering.is_over:
                await anyio.to_thread.run_sync(attempt.drop)


class _Attempt:
    """One request under a key, and what the database holds of it."""

    def __init__(self, context: context.Context, key: idempotency.Key, address: str) -> None:
        self._context = context
        self._db = context.deed.db
        self._key = key
        self._id = uuid.uuid4().hex
        self.address = address

    def begin(self) -> idempotency.Record | None:
        """Note that it begins; where its key is known already, what is known. Raises the `Failure` to answer with."""
        with self._db.write() as tx:
            rows.forget(tx, tx.now - idempotency.KEPT)
            record = rows.begin(tx, self._key, self.address, self._id)
            attempts = (record.attempt if record else "", self._id)
            if record and record.is_abandoned(tx.now) and rows.take_over(tx, self._key, self.address, attempts):
                return None
        if record:
            idempotency.refuse(record, self.address)
        return record

    def conclude(self, tx: database.Tx) -> None:
        """Mark the key, in a transaction of the request. Raises `errors.Conflict` where another has its place."""
        if not rows.carry_out(tx, self._key, self._id):
            raise errors.Conflict(f"The request took too long, and another one under its {HEADER} has its place")

    def keep(self, request: idempotency.Request, status: int, answer: _Answer) -> None:
        """Keep the answer."""
        with self._db.write() as tx:
            sealed = self._context.seal(msgspec.msgpack.encode(answer))
            record = idempotency.Record(
                request, self._id, carried_out=True, status=status, answer=sealed, created_at=tx.now
            )
            rows.answer(tx, self._key, record)

    def drop(self) -> None:
        """Forget the key, unless something has come of the request."""
        with self._db.write() as tx:
            rows.drop(tx, self._key, self._id)

    def recall(self, record: idempotency.Record) -> _Answer:
        """The answer that was kept."""
        try:
            return msgspec.msgpack.decode(self._context.unseal(record.answer or b""), type=_Answer)
        except fernet.InvalidToken as e:
            raise errors.Conflict("The answer was kept under another secret of this server, and can't be read") from e


class _Body:
    """A request's body: passed on, counted and digested as it comes."""

    def __init__(self, receive: Receive, *, comes: bool) -> None:
        self._receive = receive
        self._digest = hashlib.blake2b(digest_size=32)
        self.size = 0
        self.ended = not comes
        self.is_broken = False

    async def receive(self) -> Any:
        message = await self._receive()
        if message["type"] == "http.request":
            self._digest.update(message.get("body", b""))
            self.size += len(message.get("body", b""))
        else:
            self.is_broken = not self.ended
        self.ended = self.ended or not message.get("more_body", False)
        return message

    async def request(self, address: str, most: int) -> idempotency.Request:
        """What the request is, its body read to the end; of one longer than `most` bytes, no further than that."""
        while not self.ended and self.size <= most:
            await self.receive()
        return idempotency.Request(address, self._digest.hexdigest(), self.size)


class _Answering:
    """Holds an answer back until it is kept."""

    def __init__(self, attempt: _Attempt, body: _Body, send: Send) -> None:
        self._attempt = attempt
        self._body = body
        self._send = send
        self._held: list[Message] = []
        self.is_over = False

    async def send(self, message: Message) -> None:
        """Take a part of the answer; with its last one, keep and send it."""
        self._held.append(message)
        if message["type"] == "http.response.start" or message.get("more_body", False):
            return
        start: Any = self._held[0]
        is_kept = start["status"] < 400 or (start["status"] < 500 and self._body.ended and not self._body.is_broken)
        await (self._keep(start) if is_kept else anyio.to_thread.run_sync(self._attempt.drop))
        self.is_over = True
        for each in self._held:
            await self._send(each)

    async def _keep(self, start: Any) -> None:
        request = await self._body.request(self._attempt.address, self._body.size + draining.MOST_BYTES)
        content_type = next((value.decode() for name, value in start["headers"] if name == b"content-type"), "")
        content: list[Any] = [each.get("body", b"") for each in self._held[1:]]
        keep = functools.partial(self._attempt.keep, request, start["status"], _Answer(content_type, b"".join(content)))
        await anyio.to_thread.run_sync(keep)


async def _replay(attempt: _Attempt, record: idempotency.Record, body: _Body, send: Send) -> None:
    """Answer as before. Raises `errors.Unprocessable` where the body is another."""
    idempotency.refuse_other(record, await body.request(attempt.address, record.request.size))
    answer = attempt.recall(record)
    headers = [(b"content-length", str(len(answer.body)).encode()), (REPLAYED.lower().encode(), b"true")]
    headers += [(b"content-type", answer.content_type.encode())] if answer.content_type else []
    await send({"type": "http.response.start", "status": record.status or 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})


def _sent(scope: Scope) -> str | None:
    """The key that came with a POST."""
    if scope["type"] != ScopeType.HTTP or scope["method"] != "POST":
        return None
    return next((v.decode("latin-1") for name, v in scope["headers"] if name.lower() == HEADER.lower().encode()), None)


def _address(scope: Any) -> str:
    spelled = b"\0".join((scope["method"].encode(), scope["path"].encode(), scope.get("query_string", b"")))
    return hashlib.blake2b(spelled, digest_size=32).hexdigest()


def _has_body(scope: Any) -> bool:
    sent = {name.lower(): value for name, value in scope["headers"]}
    return sent.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in sent
