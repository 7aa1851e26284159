"""A real SMTP server on this machine, which answers as it is told."""

import asyncio
import email
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

Answer = str | Callable[[SMTP, Envelope], Awaitable[str]]


@dataclass
class Letter:
    """What was accepted: the envelope's addresses, and the message."""

    sender: str
    recipients: list[str]
    mail: EmailMessage


class PostOffice(Controller):
    """The server; `answers` says what it replies at EHLO, RCPT and DATA if not 250.

    Attributes:
        accepted: the letters it took, in order; a letter counts from the moment the server would say 250.
        asked: for whom it was asked to take a letter, in order.
        peers: who connected and said EHLO.
    """

    def __init__(self, password: str | None = None, **options: Any) -> None:
        self.answers: dict[str, Answer] = {}
        self.accepted: list[Letter] = []
        self.asked: list[str] = []
        self.peers: set[Any] = set()
        if password is not None:
            options |= {"auth_required": True, "authenticator": _authenticator(password)}
        super().__init__(_Handler(self), hostname="127.0.0.1", port=0, **options)

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    async def answer(self, step: str, server: SMTP, envelope: Envelope) -> str:
        """Return the reply of this step."""
        answer = self.answers.get(step, "250 OK")
        return answer if isinstance(answer, str) else await answer(server, envelope)

    @staticmethod
    async def hang(_server: SMTP, _envelope: Envelope) -> str:
        """Never answer."""
        return await asyncio.Event().wait() or ""

    @staticmethod
    async def drop(server: SMTP, _envelope: Envelope) -> str:
        """Cut the connection instead of answering."""
        server.transport.abort()
        raise ConnectionResetError


class _Handler:
    def __init__(self, office: PostOffice) -> None:
        self.office = office

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802 (aiosmtpd's)
        session.host_name = hostname
        self.office.peers.add(session.peer)
        await self.office.answer("EHLO", server, envelope)
        return responses

    async def handle_RCPT(self, server, _session, envelope, address, _options):  # noqa: N802 (aiosmtpd's)
        self.office.asked.append(address)
        answer = await self.office.answer("RCPT", server, envelope)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, _session, envelope):  # noqa: N802 (aiosmtpd's)
        answer = await self.office.answer("DATA", server, envelope)
        if answer.startswith("250"):
            mail = email.message_from_bytes(envelope.content, policy=default)
            self.office.accepted.append(Letter(envelope.mail_from, list(envelope.rcpt_tos), mail))
        return answer


def _authenticator(password: str) -> Callable[..., AuthResult]:
    def check(
        _server: object, _session: object, _envelope: object, _mechanism: str, given: LoginPassword
    ) -> AuthResult:
        return AuthResult(success=given.password == password.encode(), handled=False)

    return check
