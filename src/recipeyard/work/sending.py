"""Send what webhooks are to be told: each message until it arrives or is given up, to each webhook one at a time.

What is due stands in the database, and is taken for a while by whoever sends it: so a death loses nothing, and two
servers do not send the same at once. A message may come twice where a server dies between sending and writing it down.
"""

import asyncio
import logging
import ssl
import threading
from collections.abc import Callable
from concurrent import futures
from datetime import timedelta

import httpx
import sqlalchemy as sa
from cryptography import fernet

from recipeyard.model import webhooks
from recipeyard.sql import database
from recipeyard.sql import webhooks as rows
from recipeyard.wire import webhooks as wire

REST_S = 0.5
RETRY_S = 5
TIMEOUT_S = 10
LEASE = timedelta(seconds=60)
KEPT = timedelta(days=30)
AT_ONCE = 8
SWEEP_ROUNDS = 7200
_log = logging.getLogger(__name__)


class _Private(Exception):
    """An address that nothing is sent to."""


class Sender:
    """One process's sender. `unseal` gives webhooks' secrets; without `to_private` only public addresses are called."""

    def __init__(self, db: database.Database, unseal: Callable[[bytes], bytes], *, to_private: bool) -> None:
        self._db = db
        self._unseal = unseal
        self._to_private = to_private
        self._trust = ssl.create_default_context()
        self._stopped = threading.Event()
        self._under_way: dict[int, futures.Future[None]] = {}
        self._thread = threading.Thread(target=self._go_on, name="webhooks", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """Send no more; what is under way ends before this returns."""
        self._stopped.set()
        self._thread.join()

    def _go_on(self) -> None:
        rounds = 0
        with futures.ThreadPoolExecutor(AT_ONCE, "webhook") as threads:
            while not self._stopped.wait(REST_S):
                try:
                    self._look(threads)
                    if rounds % SWEEP_ROUNDS == 0:
                        self._sweep()
                except sa.exc.SQLAlchemyError:
                    _log.exception("webhooks can't be looked after; trying again")
                    self._stopped.wait(RETRY_S)
                rounds += 1

    def _look(self, threads: futures.ThreadPoolExecutor) -> None:
        """Take up what is due, as far as there are hands for it."""
        done = {webhook: each for webhook, each in self._under_way.items() if each.done()}
        for webhook, each in done.items():
            del self._under_way[webhook]
            if failure := each.exception():
                _log.error("sending to webhook %s failed", webhook, exc_info=failure)
        hands = AT_ONCE - len(self._under_way)
        if not hands:
            return
        with self._db.read() as tx:
            if not rows.is_any_due(tx, self._under_way):
                return
        with self._db.write() as write:
            taken = rows.claim(write, self._under_way, hands, LEASE)
        for sending in taken:
            self._under_way[sending.delivery.webhook_id] = threads.submit(self._send, sending)

    def _sweep(self) -> None:
        with self._db.write() as tx:
            rows.forget(tx, tx.now - KEPT)

    def _send(self, sending: webhooks.Sending) -> None:
        """Make one attempt, and write down what came of it; where that can't be, it is made again later."""
        answer = self._attempt(sending)
        pause = webhooks.pause(sending.delivery.attempts)
        try:
            with self._db.write() as tx:
                rows.settle(tx, sending.delivery, answer, tx.now + pause if pause else None)
        except sa.exc.SQLAlchemyError:
            _log.exception("what came of delivery %s can't be written", sending.delivery.id)

    def _attempt(self, sending: webhooks.Sending) -> webhooks.Answer:
        if webhooks.is_spent(sending.delivery.attempts):
            return webhooks.Answer(None, "the server died or failed at the last attempt; its log may tell more")
        try:
            secret = self._unseal(sending.sealed_secret)
            return asyncio.run(self._within_time(sending, secret))
        except fernet.InvalidToken:
            return webhooks.Answer(None, "its secret was sealed under another secret of this server")
        except TimeoutError:
            return webhooks.Answer(None, f"no answer within {TIMEOUT_S} seconds")
        except _Private as e:
            return webhooks.Answer(None, str(e))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as e:
            return webhooks.Answer(None, f"can't be reached: {e or type(e).__name__}")

    async def _within_time(self, sending: webhooks.Sending, secret: bytes) -> webhooks.Answer:
        async with asyncio.timeout(TIMEOUT_S):
            return webhooks.answer(await self._post(sending, secret))

    async def _post(self, sending: webhooks.Sending, secret: bytes) -> int:
        """The status of the answer. Its body is not read, and nothing of the environment is used."""
        body = wire.body(sending.delivery.payload)
        url, extensions = httpx.URL(sending.url), {}
        headers = {"Host": url.netloc.decode()} | self._headers(sending.delivery, secret, body)
        if not self._to_private:
            extensions = {"sni_hostname": url.host}
            url = url.copy_with(host=await _public_address(url))
        async with (
            httpx.AsyncClient(verify=self._trust, trust_env=False, timeout=TIMEOUT_S) as client,
            client.stream("POST", url, content=body, headers=headers, extensions=extensions) as answer,
        ):
            return answer.status_code

    def _headers(self, delivery: webhooks.Delivery, secret: bytes, body: bytes) -> dict[str, str]:
        timestamp = int(self._db.clock().timestamp())
        return {
            "Content-Type": "application/json",
            "User-Agent": "Recipeyard",
            "webhook-id": delivery.message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": webhooks.sign(secret, delivery.message_id, timestamp, body),
        }


async def _public_address(url: httpx.URL) -> str:
    """The address that a host has now, to be called and no other. Raises `_Private` unless all it has are public."""
    port = url.port or (443 if url.scheme == "https" else 80)
    found = [str(each[4][0]) for each in await asyncio.get_running_loop().getaddrinfo(url.host, port)]
    if not found or not all(webhooks.is_public(address) for address in found):
        raise _Private(f"{url.host} is not an address of the internet, and this server calls no other")
    return found[0]
