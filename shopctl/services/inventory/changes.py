"""Units that come in, and balances that are put right."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, update

from shopctl.database import idempotent, operation_id, remember
from shopctl.errors import BadValueError, RefusedError
from shopctl.money import MAX_MINOR
from shopctl.services.inventory.ledger import Delta, guarded, keep_levels, move
from shopctl.services.inventory.locations import get_location
from shopctl.services.inventory.queries import level
from shopctl.services.inventory.serving import serve, shorten
from shopctl.services.inventory.tables import stock
from shopctl.services.inventory.values import MAX_BALANCE, Item, Level, checked_quantity
from shopctl.text import checked

_AFTER = stock.c.on_hand + bindparam("by_on_hand")
_IF_IT_FITS = guarded(_AFTER <= MAX_BALANCE)
_IF_COVERED = guarded(stock.c.reserved + stock.c.unsellable <= _AFTER, _AFTER <= MAX_BALANCE)


def receive(
    conn: Connection,
    item: Item,
    quantity: int,
    *,
    location: str | None = None,
    unit_cost: int | None = None,
    reference: str = "",
    key: str | None = None,
) -> Level:
    """Put units that arrived on the shelf; return the balance. Asked again with the same `key`, it changes nothing.

    Args:
        conn: a write transaction.
        item: what arrived.
        quantity: 1 to 1,000,000 units.
        location: where; None: the first location.
        unit_cost: what one unit cost, in minor units.
        reference: the delivery note or purchase.
        key: tells a repeated request from a new one.

    Raises:
        BadValueError: a value is out of bounds.
        NotFoundError: no such location.
        RefusedError: the balance would exceed its bound.
        ConflictError: the key was used for another request.
    """
    request = ("receive", item.product_id, quantity, location, unit_cost, reference)
    if idempotent(conn, "stock", key, request) is None:
        checked_quantity(quantity)
        if unit_cost is not None and not 0 <= unit_cost <= MAX_MINOR:
            raise BadValueError("The cost is out of bounds.", "Costs are zero or more.")
        place = get_location(conn, location)
        receive_many(
            conn,
            [
                Delta(
                    product_id=item.product_id,
                    location_id=place.id,
                    kind="receive",
                    on_hand=quantity,
                    unit_cost=unit_cost,
                    reference=checked(reference, "reference", limit=200),
                    key=key and f"receive/{key}",
                )
            ],
        )
        remember(conn, "stock", key, request, item.sku)
    return level(conn, item, get_location(conn, location))


def receive_many(conn: Connection, deltas: Sequence[Delta]) -> None:
    """Put units of many products on their shelves; those that are short of them get theirs first.

    Raises:
        RefusedError: a balance would exceed its bound.
    """
    for place in {delta.location_id for delta in deltas}:
        keep_levels(conn, [delta.product_id for delta in deltas if delta.location_id == place], place)
    if not move(conn, deltas, _IF_IT_FITS):
        raise RefusedError(f"A location holds at most {MAX_BALANCE:,} units of a product.", "Check the quantity.")
    serve(conn, {(delta.product_id, delta.location_id) for delta in deltas})


def adjust(
    conn: Connection, item: Item, delta: int, *, reason: str, location: str | None = None, key: str | None = None
) -> Level:
    """Put a balance right by `delta` units, for a `reason`; return the balance. A repeated `key` changes nothing.

    That units are gone is a fact: if orders have reserved them, the newest orders go short (`shorten`).

    Raises:
        BadValueError: `delta` is zero or out of bounds, or there is no reason.
        NotFoundError: no such location.
        RefusedError: parcels or unsellable units hold more than would be left, or the balance would exceed its bound.
        ConflictError: the key was used for another request.
    """
    request = ("adjust", item.product_id, delta, location, reason)
    if idempotent(conn, "stock", key, request) is None:
        if delta == 0:
            raise BadValueError("An adjustment by 0 changes nothing.", "Give +N or -N.")
        checked_quantity(abs(delta))
        reason = checked(reason, "reason", limit=500, required=True)
        place = get_location(conn, location)
        keep_levels(conn, [item.product_id], place.id)
        if delta < 0:
            shorten(conn, item.product_id, place.id, -delta)
        moved = move(
            conn,
            [
                Delta(
                    product_id=item.product_id,
                    location_id=place.id,
                    kind="adjust",
                    on_hand=delta,
                    reason=reason,
                    key=key and f"adjust/{key}",
                )
            ],
            _IF_COVERED,
        )
        if not moved:
            now = level(conn, item, place)
            raise RefusedError(
                f"{item.sku} has {now.on_hand:,} on hand at {place.name}, {now.packed + now.unsellable:,} of them"
                f" packed or unsellable; it cannot change by {delta:+,}.",
                "`shopctl stock moves` shows what happened; `shopctl order unpack` opens a parcel.",
                sku=item.sku,
                on_hand=now.on_hand,
                packed=now.packed,
            )
        serve(conn, {(item.product_id, place.id)})
        remember(conn, "stock", key, request, item.sku)
    return level(conn, item, get_location(conn, location))


def set_shelf(
    conn: Connection,
    item: Item,
    *,
    location: str | None = None,
    bin: str | None = None,
    reorder_point: int | None = None,
) -> Level:
    """Say in which bin a product lies, and at how many available units it is to be reordered.

    Raises:
        BadValueError: a value is out of bounds.
        NotFoundError: no such location.
    """
    place = get_location(conn, location)
    keep_levels(conn, [item.product_id], place.id)
    values: dict[str, object] = {"operation_id": operation_id(conn)}
    if bin is not None:
        values["bin"] = checked(bin, "bin", limit=64)
    if reorder_point is not None:
        values["reorder_point"] = checked_quantity(reorder_point, "reorder point", least=0)
    conn.execute(
        update(stock).where(stock.c.product_id == item.product_id, stock.c.location_id == place.id).values(values)
    )
    return level(conn, item, place)
