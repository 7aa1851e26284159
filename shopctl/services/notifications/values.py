"""What a message is, from its composition to its delivery."""

from datetime import datetime
from typing import Literal

import msgspec

Outcome = Literal["accepted", "retry", "refused", "unknown"]


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was composed and is to be queued.

    Attributes:
        cause: why it is sent: ``event:ID``.
        recipient: an e-mail address, or "".
        hold: it waits for ``notifications.delay``, so that it can be taken back.
        suppressed: why it is recorded and not sent, or "".
    """

    cause: str
    recipient: str
    template: str
    order_number: str | None
    subject: str
    text: str
    html: str
    channel: str = "email"
    hold: bool = False
    suppressed: str = ""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A message that this worker, and no other, may send until its lease ends."""

    id: int
    recipient: str
    template: str
    order_number: str | None
    subject: str
    text: str
    html: str
    created_at: datetime
    attempt: int
    owner: str


class Result(msgspec.Struct, frozen=True):
    """How an attempt ended, and what the server answered. `reachable` is False when there was nobody to answer."""

    outcome: Outcome
    answer: str
    reachable: bool = True


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """A message and how far it came."""

    id: int
    order_number: str | None
    channel: str
    template: str
    recipient: str
    state: str
    attempts: int
    next_attempt_at: datetime | None
    sent_at: datetime | None
    last_error: str | None
    subject: str
    created_at: datetime


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try to deliver a message."""

    number: int
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    answer: str
    owner: str


class NotificationDetail(Notification, frozen=True, kw_only=True):
    """A message, whole: what it says and each attempt to deliver it."""

    cause: str
    text: str
    html: str
    attempt_log: list[Attempt]


class NotificationFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which messages: in a state, about an order; the latest first."""

    state: str | None = None
    order: str | None = None
    limit: int | None = None


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """How many messages are in which state; how many of those that wait are due now or later, and when."""

    states: dict[str, int]
    due: int
    later: int
    oldest_due_at: datetime | None
    next_due_at: datetime | None
