"""Webhooks: signatures, addresses, and how long is waited."""

from datetime import timedelta

import pytest

from recipeyard.model import webhooks


def test_a_signature_is_that_of_the_standard() -> None:
    secret = bytes.fromhex("30f50e16d9128b0ca08a961b1d2a2450773f11076e669ba7")
    signed = webhooks.sign(secret, "msg_1", 1614265330, b'{"test": 2432232314}')

    assert "v1,eU8KiPKrO2xTdjPIe6s0Sz2Ms3fA6Ra7cZiDWNS9+hA=" == signed
    assert signed != webhooks.sign(secret, "msg_1", 1614265331, b'{"test": 2432232314}')


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "127.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "::1",
        "fe80::1%eth0",
        "::ffff:10.0.0.1",
        "fd00::1",
        "0.0.0.0",
        "224.0.0.1",
        "100.64.0.1",
    ],
)
def test_an_address_at_home_is_not_public(address: str) -> None:
    assert not webhooks.is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert webhooks.is_public(address)


def test_it_is_waited_longer_and_longer_and_then_given_up() -> None:
    pauses = [webhooks.pause(attempts) for attempts in range(1, 10)]

    assert [timedelta(seconds=5), timedelta(minutes=5)] == pauses[:2]
    assert [None, None] == pauses[7:]
    assert [False, True] == [webhooks.is_spent(attempts) for attempts in (8, 9)]
    assert sorted(webhooks.PAUSES) == list(webhooks.PAUSES)
