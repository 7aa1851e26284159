"""What is done later: events handed to their subscribers, messages delivered. Plain functions of (shop, ids…).

Each can be run twice, or by two workers at once: the rows decide what is still to be done.
"""

import contextlib
import logging
import os
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Connection

from shopctl import events
from shopctl.errors import ShopError
from shopctl.events import Recorded
from shopctl.services import notifications, orders
from shopctl.services.notifications import DEADLINE, Message, mail

if TYPE_CHECKING:
    from shopctl.shop import Shop

log = logging.getLogger("shopctl.worker")

Compose = Callable[[Connection, Recorded], list[Message]]

SUBSCRIBERS: dict[str, tuple[Compose, ...]] = {
    "OrderDrafted": (),
    "DraftLapsed": (),
    "OrderPlaced": (notifications.order_confirmation,),
    "OrderExpired": (),
    "OrderHeld": (),
    "OrderUnheld": (),
    "NoteAdded": (),
    "OrderEdited": (),
    "OrderCancelled": (notifications.cancellation,),
    "LinesCancelled": (),
    "PaymentAuthorized": (),
    "PaymentVoided": (),
    "PaymentCaptured": (),
    "PaymentRefunded": (),
    "PickingStarted": (),
    "ParcelPacked": (),
    "ParcelUnpacked": (),
    "ShipmentSent": (),
    "ShipmentUndone": (),
    "ShipmentTracked": (),
    "ShipmentDelivered": (),
    "ShipmentLost": (),
    "ShipmentReturned": (),
    "ReturnRequested": (),
    "ReturnWithdrawn": (),
    "ReturnReceived": (),
    "ReturnInspected": (),
    "ClaimOpened": (),
    "StockAllocated": (),
    "StockFellShort": (),
    "CustomerForgotten": (),
    "DocumentIssued": (),
}
"""Who is told of what. An event with no subscribers is listed as having none."""

BATCH = 50
_SOON = 60.0


def sweep(shop: "Shop") -> None:
    """Do all that is due: what a worker was woken for, and what a crash left behind.

    A worker outlives a locked database or a full disk: it says so, and tries again within a minute.
    """
    try:
        expire(shop)
        relay(shop)
        deliver_all(shop)
    except ShopError as error:
        log.warning("%s %s", error.message, error.hint)


def expire(shop: "Shop") -> int:
    """Let go of drafts and unpaid orders whose time is up; return how many. Readers count them as gone already."""
    with shop.read() as conn:
        due = orders.due(conn)
    lapsed = 0
    while due > 0:
        with shop.write(command="expire") as conn:
            lapsed += orders.lapse(conn, BATCH)
        due -= BATCH
    return lapsed


def relay(shop: "Shop") -> int:
    """Hand the events that wait to their subscribers; return how many were handed on.

    Messages are rendered outside any write transaction. An event whose messages cannot be rendered stays, with the
    reason.
    """
    handed, last = 0, 0
    while True:
        with shop.read() as conn:
            batch = events.unhandled(conn, BATCH, after=last)
            composed = [(event, _composed(conn, event)) for event in batch]
        if not batch:
            return handed
        last = batch[-1].id
        with shop.write(command="relay") as conn:
            handed += _enqueue(conn, composed, delay=shop.settings.notifications.delay)


def relay_within(conn: Connection, ids: Sequence[int], *, delay: float) -> None:
    """Hand these events on inside the transaction that recorded them, so that a dry run can show their messages."""
    mine = [event for event in events.unhandled(conn, len(ids), after=min(ids) - 1) if event.id in ids]
    _enqueue(conn, [(event, _composed(conn, event)) for event in mine], delay=delay)


class Delivery(msgspec.Struct, frozen=True):
    """How many messages were sent, and why it ended early if the mail server could not be reached."""

    sent: int
    unreachable: str = ""


def deliver_all(shop: "Shop") -> Delivery:
    """Send the messages that are due, over as many connections as the shop has threads."""
    with ThreadPoolExecutor(shop.threads, thread_name_prefix="deliver") as pool:
        done = list(pool.map(deliver, [shop] * shop.threads))
    return Delivery(sum(d.sent for d in done), next((d.unreachable for d in done if d.unreachable), ""))


def deliver(shop: "Shop") -> Delivery:
    """Send the messages that are due, one after the other over one connection.

    When the mail server cannot be reached, the others stay for the next time.
    """
    settings = shop.settings
    scale = settings.notifications.retry_scale
    owner = f"{socket.gethostname()}:{os.getpid()}:{os.urandom(4).hex()}"
    sent = 0
    claimed: notifications.Claim | None = None
    result: notifications.Result | None = None
    way = mail.transport(settings.mail, settings.shop.name, shop.home / "outbox", deadline=DEADLINE * scale)
    with contextlib.closing(way):
        while True:
            with shop.write(command="deliver") as conn:
                if claimed is not None and result is not None:
                    notifications.finish(conn, claimed, result, scale=scale)
                reachable = result is None or result.reachable
                claimed = notifications.claim(conn, owner, scale=scale) if reachable else None
            if claimed is None:
                break
            result = way.send(claimed)
            sent += result.outcome == "accepted"
            _tell(claimed, result)
    _wake_for_next(shop)
    return Delivery(sent, "" if result is None or result.reachable else result.answer)


def _composed(conn: Connection, event: Recorded) -> list[Message] | str:
    """Return the messages of an event, or why they cannot be composed."""
    try:
        return [message for compose in SUBSCRIBERS[event.type] for message in compose(conn, event)]
    except Exception as error:  # a broken template or event must neither stop the others nor be lost
        log.warning("event %s (%s of %s) cannot be handed on: %s", event.id, event.type, event.subject, error)
        return f"{type(error).__name__}: {error}"


def _enqueue(conn: Connection, composed: Sequence[tuple[Recorded, list[Message] | str]], *, delay: float) -> int:
    handled = []
    waiting = events.still_unhandled(conn, [event.id for event, _ in composed])
    for event, messages in composed:
        if event.id not in waiting:  # another worker was quicker, or the person was forgotten meanwhile
            continue
        if isinstance(messages, str):
            events.mark_failed(conn, event.id, messages)
        else:
            notifications.enqueue(conn, messages, delay=delay)
            handled.append(event.id)
    events.mark_handled(conn, handled)
    return len(handled)


def _tell(claimed: notifications.Claim, result: notifications.Result) -> None:
    about = f"{claimed.template.replace('_', ' ')} of order {claimed.order_number} to {claimed.recipient}"
    level = logging.INFO if result.outcome == "accepted" else logging.WARNING
    log.log(level, "message %s, %s: %s", claimed.id, about, result.answer)


def _wake_for_next(shop: "Shop") -> None:
    """Have the next message sent on time if that is in under a minute; the sweep sees to the others."""
    with shop.read() as conn:
        upcoming = notifications.queue(conn).next_due_at
    if upcoming is not None and shop.awake is not None:
        seconds = (upcoming - shop.clock()).total_seconds()
        if seconds < _SOON:
            with contextlib.suppress(Exception):  # the sweep sees to it within a minute
                shop.awake.wake_in("sweep", max(0.0, seconds))
