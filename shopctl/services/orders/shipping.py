"""Parcels on their way: shipped, delivered, lost, sent back, or recorded by mistake. Stock is deducted at shipment."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, update

from shopctl import events
from shopctl.database import idempotent, now, operation_id, remember
from shopctl.errors import BadValueError, RefusedError
from shopctl.services import inventory
from shopctl.services.inventory import Units
from shopctl.services.orders import expiring, packing, parcels, remarks, searching
from shopctl.services.orders.events import (
    ShipmentSent,
    ShipmentTracked,
    ShipmentUndone,
)
from shopctl.services.orders.queries import get
from shopctl.services.orders.status import refresh
from shopctl.services.orders.tables import order_line
from shopctl.services.orders.unpicking import mark
from shopctl.services.orders.values import Choice, Order
from shopctl.text import checked

LABEL_LIMITS = {"carrier": 60, "tracking": 100, "link": 500}
"""How many characters each text of a parcel's label may have."""
SCOPE = "shipment"
_LINKS = {
    "dhl": "https://www.dhl.com/global-en/home/tracking.html?tracking-id={}",
    "ups": "https://www.ups.com/track?tracknum={}",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr={}",
    "dpd": "https://tracking.dpd.de/status/en_US/parcel/{}",
    "gls": "https://gls-group.eu/track/{}",
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
    "royal mail": "https://www.royalmail.com/track-your-item#/tracking-results/{}",
    "colissimo": "https://www.laposte.fr/outils/suivre-vos-envois?code={}",
}
"""Where each carrier shows a parcel's way, by its public tracking page."""
_SHIP = (
    update(order_line)
    .where(
        order_line.c.order_id == bindparam("of_order"),
        order_line.c.line == bindparam("of_line"),
        order_line.c.cancelled + order_line.c.shipped + bindparam("units") <= order_line.c.ordered,
        order_line.c.shipped + bindparam("units") >= order_line.c.returned,
        order_line.c.shipped + bindparam("units") >= order_line.c.claimed,
    )
    .values(shipped=order_line.c.shipped + bindparam("units"), operation_id=bindparam("made_by"))
)


def ship(
    conn: Connection,
    number: str,
    choices: Sequence[Choice] = (),
    *,
    carrier: str = "",
    tracking: str = "",
    link: str = "",
    parcel: str | None = None,
    key: str | None = None,
) -> Order:
    """Record that a parcel left: its units are deducted from the stock. A repeated `key` changes nothing.

    Which: the `parcel` that is named; else the chosen units; else what is packed; else what is being picked; else all
    that is on the shelf. What is not packed yet is packed now.

    Raises:
        NotFoundError: no such order, line or parcel.
        RefusedError: it is on hold, less is there, or several parcels would get one tracking number.
        BadValueError: a text cannot be used.
        ConflictError: the key was used for another request.
    """
    request = ("ship", number, choices, carrier, tracking, link, parcel)
    if idempotent(conn, SCOPE, key, request) is None:
        row = packing.servable(conn, number)
        leaving = _leaving(conn, row, choices, parcel)
        if tracking and len(leaving) > 1:
            numbers = ", ".join(f"{row.number}-{found.parcel}" for found in leaving)
            raise RefusedError(
                f"Order {row.number} has {len(leaving)} parcels, and one tracking number was given.",
                f"Name the parcel with --parcel: {numbers}.",
            )
        for found in leaving:
            _send(conn, row, found, labelled(found, carrier, tracking, link))
        if tracking:
            searching.reindex(conn, row.id)
        refresh(conn, row.id)
        remember(conn, SCOPE, key, request, row.number)
    return get(conn, number)


def track(
    conn: Connection, number: str, *, parcel: str, carrier: str = "", tracking: str = "", link: str = ""
) -> Order:
    """Give a parcel that left its carrier, tracking number or link.

    Raises:
        NotFoundError: no such order or parcel.
        BadValueError: a text cannot be used.
    """
    row = expiring.opened(conn, number)
    found = parcels.named(parcels.rows(conn, row.id), row.number, parcel)
    labels = labelled(found, carrier, tracking, link)
    if any(getattr(found, name) != text for name, text in labels.items()):
        mark(conn, found, found.status, labels)
        said = remarks.said(conn, row.id, "tracking", " ".join(filter(None, (carrier, tracking))))
        events.record(conn, ShipmentTracked(number=row.number, parcel=found.parcel, remark=said))
        searching.reindex(conn, row.id)
        refresh(conn, row.id)
    return get(conn, number)


def unship(conn: Connection, number: str, *, reason: str, parcel: str | None = None) -> Order:
    """Take back the record of a parcel that did not leave: the exact inverse of `ship`. It is packed again.

    Without `parcel`, the one that was shipped last.

    Raises:
        NotFoundError: no such order or parcel.
        RefusedError: it was not shipped, or units of it were returned or claimed.
        BadValueError: there is no reason.
    """
    reason = checked(reason, "reason", limit=500, required=True)
    row = expiring.opened(conn, number)
    found = sent(conn, row, parcel)[-1]
    if row.status in ("cancelled", "expired"):
        raise RefusedError(f"Order {row.number} is {row.status}.", "Record a return instead.")
    units = packing.inside(conn, row, found)
    if not _move_lines(conn, row, units, by=-1):
        raise RefusedError(
            f"Parcel {row.number}-{found.parcel} cannot be taken back: units of it were returned or claimed.",
            f"Look at it: `shopctl order show {row.number}`.",
        )
    inventory.unship(conn, row.number, units)
    mark(conn, found, "packed", {"shipped_at": None, "delivered_at": None})
    said = remarks.write(conn, row.id, "unship", reason)
    total = sum(part.quantity for part in units)
    events.record(conn, ShipmentUndone(number=row.number, parcel=found.parcel, units=total, remark=said))
    refresh(conn, row.id)
    return get(conn, number)


def _leaving(conn: Connection, row: Row[Any], choices: Sequence[Choice], parcel: str | None) -> list[Row[Any]]:
    """Return the packed parcels that leave; what is not packed yet is packed now."""
    known = parcels.rows(conn, row.id)
    if parcel is not None:
        if choices:
            raise BadValueError("A parcel leaves whole.", "Leave --parcel or SKU=QTY out.")
        found = parcels.named(known, row.number, parcel)
        if found.status not in ("pending", "packed"):
            raise RefusedError(
                f"Parcel {row.number}-{found.parcel} is {found.status.replace('_', ' ')} already.",
                f"Look at it: `shopctl order show {row.number}`.",
            )
        leaving = [found]
    else:
        packed = [found for found in known if found.status == "packed"]
        leaving = packed if packed and not choices else []
    if not leaving:
        leaving = packing.gathered(conn, row, choices)
    for found in leaving:
        if found.status == "pending":
            packing.fill(conn, row, found)
    ids = {found.id for found in leaving}
    return [found for found in parcels.rows(conn, row.id) if found.id in ids]


def _send(conn: Connection, row: Row[Any], parcel: Row[Any], labels: dict[str, str]) -> None:
    units = packing.inside(conn, row, parcel)
    if not _move_lines(conn, row, units, by=1):
        raise RefusedError(f"Order {row.number} has changed meanwhile.", "Look at it, and ship it again.")
    inventory.ship(conn, row.number, units)
    mark(conn, parcel, "shipped", {"shipped_at": now(conn), **labels})
    total = sum(part.quantity for part in units)
    events.record(conn, ShipmentSent(number=row.number, parcel=parcel.parcel, units=total))


def _move_lines(conn: Connection, row: Row[Any], units: Sequence[Units], *, by: int) -> bool:
    """Count the units of a parcel as shipped (`by` 1) or no more (-1); return False if a line cannot."""
    totals: dict[int, int] = {}
    for part in units:
        totals[part.line] = totals.get(part.line, 0) + by * part.quantity
    made_by = operation_id(conn)
    moved = conn.execute(
        _SHIP,
        [
            {"of_order": row.id, "of_line": line, "units": quantity, "made_by": made_by}
            for line, quantity in totals.items()
        ],
    )
    return moved.rowcount == len(totals)


def sent(conn: Connection, row: Row[Any], parcel: str | None, *statuses: str) -> list[Row[Any]]:
    """Return the parcels that left (in one of `statuses`), or the one that is named.

    Raises:
        NotFoundError: there is no such parcel.
        RefusedError: it did not leave, or none did.
    """
    statuses = statuses or ("shipped", "delivered", "lost")
    known = parcels.rows(conn, row.id)
    found = [parcels.named(known, row.number, parcel)] if parcel is not None else known
    left = sorted((one for one in found if one.status in statuses), key=lambda one: (one.shipped_at, one.id))
    if not left:
        what = (
            f"Parcel {row.number}-{found[0].parcel} is {found[0].status.replace('_', ' ')}"
            if parcel
            else (f"Order {row.number} has no parcel on its way")
        )
        raise RefusedError(f"{what}.", f"Look at it: `shopctl order show {row.number}`.")
    return left


def labelled(parcel: Row[Any], carrier: str, tracking: str, link: str) -> dict[str, str]:
    """Return the carrier, tracking number and link of a parcel once these are given; an empty text gives nothing.

    Without a link, the carrier's own page is meant where it is known. A link never outlives its tracking number.

    Raises:
        BadValueError: a text cannot be used.
    """
    carrier = checked(carrier, "carrier", limit=LABEL_LIMITS["carrier"]) or parcel.carrier
    tracking = checked(tracking, "tracking number", limit=LABEL_LIMITS["tracking"]) or parcel.tracking
    link = checked(link, "tracking link", limit=LABEL_LIMITS["link"])
    if link and not link.startswith(("https://", "http://")):
        raise BadValueError("The tracking link is no web address.", "It begins with https://.")
    if not link and (carrier, tracking) == (parcel.carrier, parcel.tracking):
        link = parcel.link
    elif not link and tracking and carrier.casefold() in _LINKS:
        from urllib.parse import quote

        link = _LINKS[carrier.casefold()].format(quote(tracking, safe=""))
    elif not link and parcel.tracking in ("", tracking):
        link = parcel.link
    return {"carrier": carrier, "tracking": tracking, "link": link}
