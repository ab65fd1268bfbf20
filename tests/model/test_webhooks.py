"""Webhooks: signatures, and how long is waited."""

from datetime import timedelta

from recipeyard.model import webhooks


def test_a_signature_is_that_of_the_standard() -> None:
    secret = bytes.fromhex("30f50e16d9128b0ca08a961b1d2a2450773f11076e669ba7")
    signed = webhooks.sign(secret, "msg_1", 1614265330, b'{"test": 2432232314}')

    assert "v1,eU8KiPKrO2xTdjPIe6s0Sz2Ms3fA6Ra7cZiDWNS9+hA=" == signed
    assert signed != webhooks.sign(secret, "msg_1", 1614265331, b'{"test": 2432232314}')


def test_it_is_waited_longer_and_longer_and_then_given_up() -> None:
    pauses = [webhooks.pause(attempts) for attempts in range(1, 10)]

    assert [timedelta(seconds=5), timedelta(minutes=5)] == pauses[:2]
    assert [None, None] == pauses[7:]
    assert [False, True] == [webhooks.is_spent(attempts) for attempts in (8, 9)]
    assert sorted(webhooks.PAUSES) == list(webhooks.PAUSES)
