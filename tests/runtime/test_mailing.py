"""Mail, handed in."""

from email.message import EmailMessage

import pytest

import outside
from recipeyard.model import errors
from recipeyard.runtime import interface
from recipeyard.runtime.reaching import mailing, network


def mail(**headers: str) -> EmailMessage:
    made = EmailMessage()
    for name, value in ({"To": "a@x.example", "Subject": "Hi"} | headers).items():
        made[name] = value
    made.set_content("Hello")
    return made


def near(post: outside.Post, **more: object) -> mailing.MailServer:
    return mailing.MailServer("127.0.0.1", post.port, "Yard <yard@x.example>", **more)  # type: ignore[arg-type]


def test_a_mail_reaches_all_of_its_recipients_and_hides_some() -> None:
    with outside.post() as post:
        near(post).send(mail(Cc="B <b@x.example>, c@x.example", Bcc="hidden@x.example"))

    sender, recipients, content = post.mails[0]
    assert ("yard@x.example", ["a@x.example", "b@x.example", "c@x.example", "hidden@x.example"]) == (sender, recipients)
    assert b"From: Yard <yard@x.example>" in content
    assert b"hidden@x.example" not in content


def test_a_mail_to_somebody_unknown_reaches_nobody() -> None:
    with outside.post() as post:
        post.refused.add("b@x.example")
        with pytest.raises(interface.Failure, match=r"refuses b@x\.example: 550 nobody of that name"):
            near(post).send(mail(Cc="b@x.example"))

    assert [] == post.mails


def test_a_mail_server_that_hangs_is_given_up() -> None:
    with outside.post() as post:
        post.is_silent.set()
        with pytest.raises(interface.Failure, match="timed out"):
            near(post, seconds=0.1).send(mail())


def test_a_mail_server_that_is_not_there_is_told_so() -> None:
    with pytest.raises(interface.Failure, match="can't be reached"):
        mailing.MailServer("127.0.0.1", 9, "a@b").send(mail())


def test_a_user_logs_in() -> None:
    with outside.post() as post:
        near(post, user="me", password="secret").send(mail())

    assert 1 == len(post.logins)


def test_without_a_mail_server_no_mail_is_sent() -> None:
    with pytest.raises(interface.Failure, match="smtp_url is not set"):
        network.Network(to_private=False).mail(mail())


def test_a_mail_server_is_read_from_its_settings() -> None:
    plain = mailing.mail_server("smtp://me:p%40ss@mail.example", "yard@x.example")
    wrapped = mailing.mail_server("smtps://mail.example:1465/", "Yard <yard@x.example>")

    assert ("mail.example", 25, "me", "p@ss", False) == (
        plain.host,
        plain.port,
        plain.user,
        plain.password,
        plain.is_wrapped,
    )
    assert (1465, True) == (wrapped.port, wrapped.is_wrapped)
    assert "p@ss" not in repr(plain)


@pytest.mark.parametrize(
    ("url", "sender", "named"),
    [
        ("mail.example", "a@b", "smtp_url"),
        ("http://me:secret@mail.example", "a@b", "smtp_url"),
        ("smtp://me:secret@mail.example:x", "a@b", "smtp_url"),
        ("smtp://mail.example", "", "mail_from"),
        ("smtp://mail.example", "nobody", "mail_from"),
    ],
)
def test_settings_of_mail_that_are_wrong_are_named(url: str, sender: str, named: str) -> None:
    with pytest.raises(errors.Invalid, match=named) as caught:
        mailing.mail_server(url, sender)

    assert "secret" not in str(caught.value)
