"""Why an order does not go on: what blocks its next step, and the command that clears it."""

import msgspec
from sqlalchemy import Connection

from shopctl import clock
from shopctl.database import shop
from shopctl.money import Money
from shopctl.services.orders.queries import get
from shopctl.services.orders.values import Order


class Reason(msgspec.Struct, frozen=True):
    """Something that an order waits for, and the command that clears it ("" if there is none)."""

    what: str
    command: str


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """What an order waits for, the most pressing first."""

    number: str
    status: str
    next: str
    reasons: list[Reason]


def why(conn: Connection, number: str) -> Why:
    """Return what blocks the next step of an order, and how each is cleared.

    Raises:
        NotFoundError: there is no such order.
    """
    order = get(conn, number)
    until = clock.shown(order.expires_at, clock.zone(shop(conn).timezone)) if order.expires_at else ""
    return Why(number=order.number, status=order.status, next=order.next, reasons=_reasons(order, until))


def _reasons(order: Order, until: str) -> list[Reason]:
    number, found = order.number, []
    if order.owed.amount:
        found.append(Reason(f"{order.owed.shown()} are owed to the customer.", f"shopctl order refund {number}"))
    if order.status == "draft":
        return [*found, *_draft(order, until)]
    if order.status in ("cancelled", "expired"):
        return found or [Reason(f"It is {order.status}: nothing more happens.", "")]
    if order.on_hold:
        found.append(Reason(f"It is on hold{_because(order)}.", f"shopctl order unhold {number}"))
    money, goods = _money(order), [*_short(order), *([] if order.on_hold else _goods(order)), *_sent(order)]
    found += [*money, *goods] if order.next == "pay" else [*goods, *money]
    return [*found, *_returns(order)] or [Reason("It is done: everything was shipped and paid.", "")]


def _draft(order: Order, until: str) -> list[Reason]:
    held = any(step.type == "DraftLapsed" for step in order.timeline[-1:]) or not until
    holds = "and its hold has ended" if held else f"and holds its stock until {until}"
    return [Reason(f"It is a draft, {holds}.", f"shopctl order confirm {order.number}")]


def _because(order: Order) -> str:
    held = [step.summary for step in order.timeline if step.type == "OrderHeld"]
    return f" ({held[-1].partition(': ')[2]})" if held else ""


def _money(order: Order) -> list[Reason]:
    number = order.number
    if order.next == "pay" and order.refunded.amount and order.paid == order.refunded:
        return [
            Reason(
                f"All of {order.paid.shown()} was refunded, and it is not cancelled.", f"shopctl order cancel {number}"
            )
        ]
    promised = order.authorized.amount
    if promised:
        text = f"{order.authorized.shown()} are authorized and not captured."
        return [Reason(text, f"shopctl order capture {number}")]
    if order.due.amount > 0:
        text = f"{Money(order.due.amount, order.currency).shown()} are to be paid."
        return [Reason(text, f"shopctl order pay {number}")]
    return []


def _short(order: Order) -> list[Reason]:
    return [
        Reason(
            f"{line.short:,} of {line.sku} are not there; the next ones are for the oldest order. When they come:",
            f"shopctl stock receive {line.sku} {line.short}",
        )
        for line in order.lines
        if line.short
    ]


def _returns(order: Order) -> list[Reason]:
    number = order.number
    waiting = [(line, line.returned - line.restocked - line.written_off) for line in order.lines]
    found = [
        Reason(
            f"{units:,} of {line.sku} came back, to be inspected: --restock or --write-off.",
            f"shopctl order inspect {number} {line.sku}={units} --restock",
        )
        for line, units in waiting
        if units
    ]
    announced = sum(line.quantity for back in order.returns if back.status == "requested" for line in back.lines)
    if announced:
        found.append(Reason(f"{_count(announced)} to come back.", f"shopctl order return {number} --receive"))
    return found


def _goods(order: Order) -> list[Reason]:
    number, found = order.number, []
    for parcel in order.shipments:
        units = _count(sum(line.quantity for line in parcel.lines))
        if parcel.status == "pending":
            found.append(Reason(f"Parcel {parcel.number} is being picked ({units}).", f"shopctl order pack {number}"))
        elif parcel.status == "packed":
            command = f"shopctl order ship {number} --parcel {parcel.number}"
            found.append(Reason(f"Parcel {parcel.number} is packed ({units}).", command))
    pending = sum(line.quantity for parcel in order.shipments if parcel.status == "pending" for line in parcel.lines)
    shelf = sum(line.reserved - line.packed for line in order.lines) - pending
    if shelf > 0:
        found.append(Reason(f"{_count(shelf)} on the shelf, to be picked.", f"shopctl order pick {number}"))
    return found


def _sent(order: Order) -> list[Reason]:
    """Return what is on its way, and what was lost and nobody has claimed or given up yet."""
    number, found = order.number, []
    lines = {line.line: line for line in order.lines}
    for parcel in order.shipments:
        if parcel.status == "shipped" and any(
            lines[part.line].returned < lines[part.line].shipped for part in parcel.lines
        ):
            command = f"shopctl order deliver {number} --parcel {parcel.number}"
            found.append(Reason(f"Parcel {parcel.number} is on its way.", command))
        open_ones = [part for part in parcel.lines if lines[part.line].claimed < part.quantity]
        if parcel.status == "lost" and open_ones:
            units = " ".join(f"{part.sku}={part.quantity}" for part in open_ones)
            command = f"shopctl order claim {number} {units} --lost --replace"
            found.append(Reason(f"Parcel {parcel.number} was lost, and nothing was claimed for it.", command))
    return found


def _count(units: int) -> str:
    return f"{units:,} unit" if units == 1 else f"{units:,} units"
