"""Send what webhooks are to be told: each message until it arrives or is given up, to each webhook one at a time.

What is due stands in the database, and is taken for a while by whoever sends it: so a death loses nothing, and two
servers do not send the same at once. A message may come twice where a server dies between sending and writing it down.
"""

import logging
import threading
from collections.abc import Callable
from concurrent import futures
from datetime import timedelta

import sqlalchemy as sa
from cryptography import fernet

from recipeyard.model import webhooks
from recipeyard.runtime import interface, outbound
from recipeyard.runtime.reaching import network
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


class Sender:
    """One process's sender. `unseal` gives webhooks' secrets; without `to_private` only public addresses are called."""

    def __init__(self, db: database.Database, unseal: Callable[[bytes], bytes], *, to_private: bool) -> None:
        self._db = db
        self._unseal = unseal
        self._network = network.Network(to_private=to_private)
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
            return webhooks.answer(self._post(sending, secret))
        except fernet.InvalidToken:
            return webhooks.Answer(None, "its secret was sealed under another secret of this server")
        except interface.Failure as e:
            return webhooks.Answer(None, e.message)

    def _post(self, sending: webhooks.Sending, secret: bytes) -> int:
        """The status of the answer; its body is not read. Raises `interface.Failure`."""
        body = wire.body(sending.delivery.payload)
        headers = self._headers(sending.delivery, secret, body)
        send = outbound.Send("POST", sending.url, headers, body, seconds=TIMEOUT_S, wants_body=False)
        return self._network.request(send).status

    def _headers(self, delivery: webhooks.Delivery, secret: bytes, body: bytes) -> dict[str, str]:
        timestamp = int(self._db.clock().timestamp())
        return {
            "Content-Type": "application/json",
            "User-Agent": "Recipeyard",
            "webhook-id": delivery.message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": webhooks.sign(secret, delivery.message_id, timestamp, body),
        }
