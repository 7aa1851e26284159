"""The packing slip: what goes into a parcel, as the order stands now. It is neither numbered nor kept."""

from sqlalchemy import Connection

from shopctl.database import shop
from shopctl.errors import NotFoundError, RefusedError
from shopctl.services import orders
from shopctl.services.documents.values import Slip, SlipLine, address_lines
from shopctl.services.orders import Order, Parcel
from shopctl.text import safe


def slip(conn: Connection, number: str, parcel: str | None = None) -> Slip:
    """Return the packing slip of the parcel ``1001-1``, or just ``1``, of an order; or of all that is still to be sent.

    Raises:
        NotFoundError: no such order, or no such parcel.
        RefusedError: nothing is left to be sent.
    """
    order = orders.get(conn, number)
    packed = _parcel(order, parcel) if parcel is not None else None
    if packed is None:
        left = [(line, line.quantity - line.cancelled - line.shipped) for line in order.lines]
        lines = [SlipLine(line.sku, line.name, units) for line, units in left if units > 0]
        if order.status != "placed" or not lines:
            raise RefusedError(
                f"Nothing of order {order.number} is to be sent: it is {order.status} and {order.fulfilment_status}.",
                f"`--parcel {order.shipments[0].number}` prints that of its first parcel."
                if order.shipments
                else f"Look at it: shopctl order show {order.number}.",
            )
    else:
        lines = [SlipLine(line.sku, line.name, line.quantity) for line in packed.lines]
    return Slip(
        order_number=order.number,
        placed_at=order.placed_at,
        timezone=shop(conn).timezone,
        seller=shop(conn).name,
        seller_address=address_lines(shop(conn).address),
        customer=order.customer,
        ship_to=order.ship_to or order.bill_to,
        parcel=packed.number if packed else None,
        carrier=packed.carrier if packed else "",
        tracking=packed.tracking if packed else "",
        lines=lines,
    )


def _parcel(order: Order, parcel: str) -> Parcel:
    known = {made.number: made for made in order.shipments if made.status != "cancelled"}
    found = known.get(f"{order.number}-{parcel.strip().removeprefix(f'{order.number}-')}")
    if found is None:
        raise NotFoundError(
            f"Order {order.number} has no parcel {safe(parcel, 40)}.",
            f"It has {', '.join(known)}." if known else "It has none.",
        )
    return found
