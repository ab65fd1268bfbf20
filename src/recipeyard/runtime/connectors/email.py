"""Mail through the mail server of the settings."""

import hashlib
import mimetypes
from collections.abc import Iterator, Mapping
from email import errors, utils
from email.message import EmailMessage

from recipeyard.runtime import fields, interface, values

MOST_BYTES = 25 * 1024 * 1024
"""What the files of one mail may take together."""

MOST_RECIPIENTS = 500
_ADDRESSED = ("To", "Cc", "Bcc", "Reply-To")
_TAGS = ("<html", "<body", "<p", "<br", "<div", "<table", "<a ", "<ul", "<b>", "<h1", "<h2", "<span")


def _send_mail(call: interface.Call) -> interface.Result:
    """One mail. Sent again at another attempt, it has the same Message-ID."""
    given = call.input
    mail = EmailMessage()
    message_id = f"<{hashlib.sha256(call.key.encode()).hexdigest()[:32]}@recipeyard>"
    try:
        for name in _ADDRESSED:
            if listed := _addresses(given, name):
                mail[name] = ", ".join(listed)
        mail["Subject"] = " ".join(fields.text(given.get("subject")).split())
    except (ValueError, errors.MessageError, IndexError) as e:
        raise interface.Failure("A mail address can't be read", "Invalid") from e
    if mail["To"] is None:
        raise interface.Failure("to is required", "Invalid")
    mail["Date"] = utils.format_datetime(call.now)
    mail["Message-ID"] = message_id
    body = fields.text(fields.first(given, "body", "message", "text", "content"))
    mail.set_content(body, subtype="html" if _is_html(given, body) else "plain")
    for file_name, content in _files(given):
        kind = (mimetypes.guess_type(file_name)[0] or "application/octet-stream").partition("/")
        mail.add_attachment(content, maintype=kind[0], subtype=kind[2], filename=file_name)
    call.outbound.mail(mail)
    return interface.Result({"result": True, "message_id": message_id})


def _addresses(given: interface.Object, header: str) -> list[str]:
    """Addresses, from a text with commas or lines between them, or from a list."""
    name = header.lower().replace("-", "_")
    value = given.get(name)
    each = value if isinstance(value, list | tuple) else [value]
    texts = [fields.text(fields.first(one, "email", "address") if isinstance(one, Mapping) else one) for one in each]
    spelled = [text.replace(";", ",").replace("\n", ",").replace("\r", ",") for text in texts]
    found = [pair for pair in utils.getaddresses(spelled) if any(pair)]
    wrong = [address or shown for shown, address in found if address.count("@") != 1 or address.startswith("@")]
    if wrong:
        raise interface.Failure(f"{name}: {wrong[0][:100]!r} is no mail address", "Invalid")
    if len(found) > MOST_RECIPIENTS:
        raise interface.Failure(f"{name} has more than {MOST_RECIPIENTS} addresses", "Invalid")
    return [utils.formataddr(pair) for pair in found]


def _is_html(given: interface.Object, body: str) -> bool:
    kind = fields.text(fields.first(given, "email_type", "body_type", "type")).lower()
    return "html" in kind if kind else any(tag in body.lower() for tag in _TAGS)


def _files(given: interface.Object) -> Iterator[tuple[str, bytes]]:
    """Attachments: their names and contents. `Failure` where they are too large together."""
    listed = fields.first(given, "attachments", "attachment", "files")
    each = listed if isinstance(listed, list | tuple) else [listed]
    left = MOST_BYTES
    for number, one in enumerate([one for one in each if isinstance(one, Mapping)], 1):
        content = _bytes(fields.first(one, "file_content", "content", "file", "data", "file_contents"))
        left -= len(content)
        if left < 0:
            raise interface.Failure(f"The attachments take more than {MOST_BYTES:,} bytes", "TooLarge")
        name = fields.text(fields.first(one, "file_name", "filename", "name") or f"attachment-{number}")
        yield " ".join(name.split()), content


def _bytes(value: values.Value) -> bytes:
    return value if isinstance(value, bytes) else fields.text(value).encode()


CONNECTOR = interface.Connector(
    name="email",
    title="Email",
    actions=(
        interface.Action(
            "send_mail",
            _send_mail,
            "Send a mail",
            input=(interface.Field("subject"), interface.Field("email_type")),
            output=(interface.Field("result", "boolean"), interface.Field("message_id")),
        ),
    ),
)
