"""Mail: one connection for many messages over SMTP, or files when no server is set up.

What an answer means (RFC 5321, 4.2.1): 4yz is transient, 5yz is final for this message. What goes wrong before a
message is offered (no connection, no TLS, a wrong password) is the server's trouble and never ends a message.
"""

import contextlib
import os
import shlex
import smtplib
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Protocol

from shopctl.errors import BadValueError, UnreachableError
from shopctl.services.notifications.values import Claim, Result
from shopctl.settings import MailSettings, Settings
from shopctl.text import safe

SUBMISSION_PORT = 587
SUBMISSIONS_PORT = 465
_PERMANENT = 500


class Transport(Protocol):
    """A way by which mail leaves."""

    def send(self, claimed: Claim) -> Result:
        """Send one message, in one attempt; it never raises."""

    def close(self) -> None:
        """Let go of what it holds."""


def transport(settings: MailSettings, shop_name: str, outbox: Path, *, deadline: float) -> Transport:
    """Return how this shop's mail leaves: by SMTP if a host is set, else as files in `outbox`."""
    sender = sender_address(settings, shop_name)
    if settings.host:
        return SmtpTransport(settings, sender, deadline)
    return FileTransport(outbox, sender)


def sender_address(settings: MailSettings, shop_name: str) -> Address:
    """Return the address that messages come from: ``mail.sender``, under the shop's name.

    Raises:
        BadValueError: ``mail.sender`` is no e-mail address.
    """
    spec = settings.sender or (settings.user if "@" in settings.user else f"shop@{settings.host or 'localhost'}")
    try:
        return Address(display_name=safe(shop_name, 100), addr_spec=spec)
    except (ValueError, IndexError, MessageError) as error:
        raise BadValueError(
            f"mail.sender {spec!r} is no e-mail address: {error}.",
            "Set it with `shopctl config set mail.sender shop@example.org`.",
        ) from None


def message_id(claimed: Claim, sender: Address) -> str:
    """Return the message's id: the same at every attempt, so that a copy can be told (RFC 5322, 3.6.4)."""
    stamp = claimed.created_at.strftime("%Y%m%d%H%M%S%f")
    return f"<shopctl.{stamp}.{claimed.id}@{sender.domain}>"


def written(claimed: Claim, sender: Address) -> EmailMessage:
    """Return the message as mail: text and HTML, marked as sent by a program (RFC 3834)."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = claimed.recipient
    mail["Subject"] = claimed.subject
    mail["Date"] = format_datetime(claimed.created_at)
    mail["Message-ID"] = message_id(claimed, sender)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(claimed.text)
    mail.add_alternative(claimed.html, subtype="html")
    return mail


def try_out(settings: Settings, recipient: str, outbox: Path, *, at: datetime) -> Result:
    """Send a test message to `recipient` now, by the way that all mail takes."""
    text = f"This is a test message of {settings.shop.name}. Its mail arrives.\n"
    message = Claim(
        id=0,
        recipient=recipient,
        template="test",
        order_number=None,
        subject=f"Test message of {settings.shop.name}",
        text=text,
        html=f"<p>{escape(text)}</p>",
        created_at=at,
        attempt=1,
        owner="test",
    )
    way = transport(settings.mail, settings.shop.name, outbox, deadline=20.0)
    with contextlib.closing(way):
        return way.send(message)


class FileTransport:
    """Writes each message as an ``.eml`` file, which mail readers open."""

    def __init__(self, outbox: Path, sender: Address) -> None:
        self.outbox = outbox
        self.sender = sender

    def send(self, claimed: Claim) -> Result:
        """Write the message; written again, it replaces itself."""
        name = f"{claimed.id:06d}-{claimed.template.replace('_', '-')}-{claimed.order_number or 'message'}.eml"
        path = self.outbox / name
        draft = path.with_suffix(".new")
        try:
            self.outbox.mkdir(mode=0o700, exist_ok=True)
            data = bytes(written(claimed, self.sender))
            with open(draft, "wb", opener=_own_file) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError as error:
            return Result("retry", f"could not write {path}: {error}", reachable=False)
        except (ValueError, UnicodeError) as error:
            return Result("refused", f"the message cannot be written as mail: {error}")
        return Result("accepted", f"written to {path.name}")

    def close(self) -> None:
        """Nothing is held."""


def _own_file(name: str, flags: int) -> int:
    return os.open(name, flags | os.O_NOFOLLOW, 0o600)


class SmtpTransport:
    """Sends messages over one SMTP connection, opened on the first and kept for the next."""

    def __init__(self, settings: MailSettings, sender: Address, deadline: float) -> None:
        self.settings = settings
        self.sender = sender
        self.deadline = deadline
        self._connection: smtplib.SMTP | None = None
        self._expired = False

    def send(self, claimed: Claim) -> Result:
        """Send one message within the deadline, all in all."""
        try:
            mail = written(claimed, self.sender)
        except (ValueError, UnicodeError) as error:
            return Result("refused", f"the message cannot be written as mail: {error}")
        with self._deadline():
            try:
                connection = self._ready()
            except (OSError, smtplib.SMTPException, UnreachableError, UnicodeError) as error:
                self.close()
                return Result("retry", self._failed(error), reachable=False)
            try:
                connection.send_message(mail, from_addr=self.sender.addr_spec, to_addrs=[claimed.recipient])
            except smtplib.SMTPResponseException as error:
                return self._answered(error.smtp_code, error.smtp_error)
            except smtplib.SMTPRecipientsRefused as error:
                code, said = error.recipients[claimed.recipient]
                return self._answered(code, said)
            except (smtplib.SMTPNotSupportedError, UnicodeError, ValueError) as error:
                self.close()
                return Result("refused", f"{self.where} cannot take this message: {_said(error)}")
            except (OSError, smtplib.SMTPException) as error:
                self.close()
                return Result("retry", self._failed(error))
        return Result("accepted", f"accepted by {self.where}")

    def close(self) -> None:
        """Say goodbye, if the server still listens."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                connection.quit()
            connection.close()

    @property
    def where(self) -> str:
        """The server, as a person names it."""
        return f"{self.settings.host}:{self._port}"

    @property
    def _port(self) -> int:
        return self.settings.port or (SUBMISSIONS_PORT if self.settings.security == "tls" else SUBMISSION_PORT)

    def _failed(self, error: Exception) -> str:
        """Return what went wrong on the way to the server."""
        return f"{self.where}: {f'no answer within {self.deadline:g} seconds' if self._expired else _said(error)}"

    def _answered(self, code: int, said: bytes | str) -> Result:
        """Return what the server's answer to this message means; the connection stays for the next one."""
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        return Result("refused" if code >= _PERMANENT else "retry", f"{code} {safe(text, 300)}")

    def _ready(self) -> smtplib.SMTP:
        """Return the open connection; one that the server has closed meanwhile is opened anew."""
        if self._connection is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                if self._connection.noop()[0] == 250:
                    return self._connection
            self.close()
        self._connection = self._opened()
        return self._connection

    def _opened(self) -> smtplib.SMTP:
        settings, trusted = self.settings, ssl.create_default_context()
        name = _host_name()
        connection: smtplib.SMTP
        if settings.security == "tls":
            connection = smtplib.SMTP_SSL(
                settings.host, self._port, local_hostname=name, timeout=self.deadline, context=trusted
            )
        else:
            connection = smtplib.SMTP(settings.host, self._port, local_hostname=name, timeout=self.deadline)
        self._connection = connection
        connection.ehlo_or_helo_if_needed()
        offered = connection.has_extn("starttls")
        if settings.security == "starttls" or (settings.security == "auto" and (offered or settings.user)):
            if not offered:
                raise UnreachableError("the server offers no STARTTLS, and a password is never sent without it")
            connection.starttls(context=trusted)
            connection.ehlo()
        if settings.user:
            connection.login(settings.user, password(settings))
        return connection

    @contextlib.contextmanager
    def _deadline(self) -> Iterator[None]:
        """End the attempt when its time is over; a socket's own timeout begins anew with every byte."""
        self._expired = False
        timer = threading.Timer(self.deadline, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _cut(self) -> None:
        self._expired = True
        connection = self._connection
        if connection is not None and connection.sock is not None:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)


def password(settings: MailSettings, environ: os._Environ[str] = os.environ) -> str:
    """Return the mail password: from the environment, else from the command that prints it.

    Raises:
        UnreachableError: there is none, or the command fails.
    """
    if given := environ.get("SHOPCTL_MAIL__PASSWORD"):
        return given
    if not settings.password_command:
        raise UnreachableError("no password: set SHOPCTL_MAIL__PASSWORD or mail.password_command")
    try:
        done = subprocess.run(  # noqa: S603 (the shop's owner wrote this command)
            shlex.split(settings.password_command), capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise UnreachableError(f"mail.password_command failed: {error}") from None
    return done.stdout.splitlines()[0] if done.stdout else ""


def _host_name() -> str:
    """Return what to say in EHLO, without asking a name server (`socket.getfqdn` can take seconds)."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return f"{error.smtp_code} {safe(said, 300)}"
    return safe(str(error) or type(error).__name__, 300)
