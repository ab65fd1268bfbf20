"""Mail that recipes send."""

import email
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest

import callers
import outside
from recipeyard.runtime import interface
from recipeyard.runtime.connectors import email as connector
from recipeyard.runtime.reaching import mailing, network


def send(given: dict[str, Any], key: str = "41-3") -> tuple[EmailMessage, list[str]]:
    """The mail as it arrives, and to whom."""
    with outside.post() as post:
        out = network.Network(to_private=False, mail=mailing.MailServer("127.0.0.1", post.port, "yard@x.example"))
        action = connector.CONNECTOR.action("send_mail")
        assert action
        action.run(
            interface.Call(given, {}, None, key, callers.NOW, {}, callers.Workspace(), out)  # type: ignore[arg-type]
        )
    _, recipients, content = post.mails[0]
    return email.message_from_bytes(content, policy=policy.default), recipients


def refused(**given: Any) -> str:
    with pytest.raises(interface.Failure) as caught:
        send(given)
    return caught.value.message


def test_a_mail_arrives_with_what_it_was_given() -> None:
    mail, recipients = send(
        {
            "to": "Ann <a@x.example>; b@x.example",
            "cc": ["c@x.example"],
            "bcc": [{"email": "d@x.example"}],
            "reply_to": "r@x.example",
            "subject": "Größe\nBcc: evil@x.example",
            "body": "Hello ü",
        }
    )

    assert ["a@x.example", "b@x.example", "c@x.example", "d@x.example"] == recipients
    assert ("Größe Bcc: evil@x.example", "r@x.example") == (mail["Subject"], mail["Reply-To"])
    assert ("text/plain", "Hello ü") == (mail.get_content_type(), mail.get_content().strip())
    assert mail["Bcc"] is None


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"body": "<p>Hi</p>"}, "text/html"),
        ({"body": "a < b"}, "text/plain"),
        ({"body": "<p>", "email_type": "text"}, "text/plain"),
        ({"message": "Hi", "email_type": "HTML"}, "text/html"),
    ],
)
def test_a_mail_is_text_or_html(given: dict[str, str], kind: str) -> None:
    assert kind == send({"to": "a@x.example"} | given)[0].get_content_type()


def test_a_mail_carries_files() -> None:
    files = [{"file_name": "a.pdf", "file_content": b"\xff"}, {"content": "text"}]
    mail, _ = send({"to": "a@x.example", "body": "Hi", "attachments": files})

    found = [(each.get_filename(), each.get_content_type(), each.get_content()) for each in mail.iter_attachments()]
    assert [("a.pdf", "application/pdf", b"\xff"), ("attachment-2", "application/octet-stream", b"text")] == found


def test_another_attempt_is_the_same_mail() -> None:
    given = {"to": "a@x.example", "body": "Hi"}
    once, again, other = (send(given, key)[0]["Message-ID"] for key in ("41-3", "41-3", "41-4"))

    assert once == again != other


def test_what_can_not_be_sent_is_said() -> None:
    assert "to is required" == refused(body="Hi")
    assert "cc: 'nobody' is no mail address" == refused(to="a@x.example", cc="nobody")
    large = [{"content": b"x" * (connector.MOST_BYTES // 2 + 1)}] * 2
    assert "attachments take more than" in refused(to="a@x.example", attachments=large)
