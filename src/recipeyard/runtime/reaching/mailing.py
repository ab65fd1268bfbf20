"""Mail, handed to the mail server of the settings."""

import smtplib
import ssl
from dataclasses import dataclass, field
from email import policy, utils
from email.message import EmailMessage
from urllib import parse

from recipeyard.model import errors
from recipeyard.runtime import interface

_PORTS = {"smtp": 25, "smtps": 465}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_TAKEN = frozenset({250, 251})


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. Each step of that may take `seconds`."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    is_wrapped: bool = False
    seconds: float = 30

    def send(self, message: EmailMessage) -> None:
        """Hand in a mail, to all of its recipients or to none. Raises `interface.Failure`."""
        if message["From"] is None:
            message["From"] = self.sender
        recipients = [address for _, address in utils.getaddresses(_all(message)) if address]
        if not recipients:
            raise interface.Failure("The mail has no recipient", "MailRefused")
        del message["Bcc"]
        try:
            with self._open() as server:
                self._deliver(server, recipients, message.as_bytes(policy=policy.SMTP))
        except smtplib.SMTPResponseException as e:
            what = e.smtp_error.decode("utf-8", "replace") if isinstance(e.smtp_error, bytes) else e.smtp_error
            raise interface.Failure(f"The mail server refuses: {e.smtp_code} {what}", "MailRefused") from e
        except UnicodeError as e:
            raise interface.Failure(
                "An address of the mail has letters that mail servers don't take", "MailRefused"
            ) from e
        except TimeoutError as e:
            raise interface.Failure(
                f"The mail server has not answered within {self.seconds:g} seconds", "Timeout"
            ) from e
        except (smtplib.SMTPException, OSError) as e:
            raise interface.Failure(f"The mail server can't be reached: {e or type(e).__name__}", "Unreachable") from e

    def _open(self) -> smtplib.SMTP:
        trust = ssl.create_default_context()
        if self.is_wrapped:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=self.seconds, context=trust)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.seconds)
        server.ehlo_or_helo_if_needed()
        if not self.is_wrapped and server.has_extn("starttls"):
            server.starttls(context=trust)
        elif not self.is_wrapped and self.password and self.host not in _LOOPBACK:
            server.close()
            raise interface.Failure("The mail server offers no encryption, so its password is not sent", "MailRefused")
        if self.user:
            server.login(self.user, self.password)
        return server

    def _deliver(self, server: smtplib.SMTP, recipients: list[str], content: bytes) -> None:
        _, sender = utils.parseaddr(self.sender)
        code, said = server.mail(sender)
        if code != 250:
            raise smtplib.SMTPResponseException(code, said)
        for recipient in recipients:
            code, said = server.rcpt(recipient)
            if code not in _TAKEN:
                what = said.decode("utf-8", "replace")
                raise interface.Failure(f"The mail server refuses {recipient}: {code} {what}", "MailRefused")
        code, said = server.data(content)
        if code != 250:
            raise smtplib.SMTPResponseException(code, said)


def mail_server(url: str, sender: str) -> MailServer:
    """The mail server that two settings name. Raises `errors.Invalid`, without the address: it may hold a password."""
    try:
        parts = parse.urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as e:
        raise errors.Invalid("smtp_url: is no address") from e
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise errors.Invalid("smtp_url: must be smtp://user:password@host:port, or smtps://… where it is encrypted")
    if "@" not in utils.parseaddr(sender)[1]:
        raise errors.Invalid("mail_from: must be a mail address; it is whom mail comes from")
    user, password = parse.unquote(parts.username or ""), parse.unquote(parts.password or "")
    return MailServer(parts.hostname, port, sender, user, password, is_wrapped=parts.scheme == "smtps")


def _all(message: EmailMessage) -> list[str]:
    return [str(each) for name in ("To", "Cc", "Bcc") for each in message.get_all(name, [])]
