"""Reserving stock for orders, holding it for drafts, and giving it back.

No number of processes can sell a unit twice: the guard stands in the statement that reserves.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects.sqlite import insert

from shopctl.database import now, operation_id
from shopctl.services.inventory.kept import Change, apply, split_by_line
from shopctl.services.inventory.ledger import AVAILABLE, LIVE_AVAILABLE, Delta, guarded, keep_levels, move
from shopctl.services.inventory.locations import locations
from shopctl.services.inventory.queries import Reserved, reserved_for
from shopctl.services.inventory.serving import serve
from shopctl.services.inventory.tables import location, reservation, stock
from shopctl.services.inventory.values import InsufficientStockError, Item, Shortage, Want

_HINT = "`shopctl stock show` tells what there is; `shopctl stock receive` adds what arrived."
_IF_AVAILABLE = guarded(bindparam("by_reserved") + bindparam("by_held") <= AVAILABLE)
_new = insert(reservation)
_KEEP = _new.on_conflict_do_update(
    index_elements=["reference", "line", "location_id"],
    set_={
        **{name: reservation.c[name] + _new.excluded[name] for name in ("reserved", "held", "short")},
        "expires_at": _new.excluded.expires_at,
        "operation_id": _new.excluded.operation_id,
    },
)
_BY_LOCATION = (
    select(stock.c.location_id, stock.c.product_id, LIVE_AVAILABLE.label("available"))
    .join(location, location.c.id == stock.c.location_id)
    .where(stock.c.product_id.in_(bindparam("products", expanding=True)))
    .order_by(location.c.priority, location.c.id)
)
_FOR_FACTS = (
    select(
        stock.c.location_id,
        stock.c.product_id,
        (stock.c.on_hand - stock.c.reserved - stock.c.unsellable).label("uncommitted"),
    )
    .join(location, location.c.id == stock.c.location_id)
    .where(stock.c.product_id.in_(bindparam("products", expanding=True)))
    .order_by(location.c.priority, location.c.id)
)


def reserve(
    conn: Connection,
    reference: str,
    wants: Sequence[Want],
    *,
    place: int | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Reserve all of `wants` for `reference` (an order's number) at one location, or nothing.

    Lines that ask for the same product are served together. With `place` (a location's id) only that one serves. What
    has an `expires_at` counts as free from then on.

    Raises:
        InsufficientStockError: no location has everything; it names each product that is short.
    """
    _take(conn, reference, wants, "reserve", place=place, expires_at=expires_at)


def hold(
    conn: Connection,
    reference: str,
    wants: Sequence[Want],
    *,
    place: int | None = None,
    expires_at: datetime | None,
) -> None:
    """Hold all of `wants` for a draft at one location until `expires_at` (None: for good), or nothing.

    Raises:
        InsufficientStockError: no location has everything; it names each product that is short.
    """
    _take(conn, reference, wants, "hold", place=place, expires_at=expires_at)


def reserve_fact(conn: Connection, reference: str, wants: Sequence[Want]) -> int:
    """Reserve what there is for a sale that has happened elsewhere; return how many units are short.

    Held and safety units are taken too: a fact is never refused. The location that has most of it serves.
    """
    totals = _totals(wants)
    place = _serving_location(conn, totals)
    if place is not None:
        _take(conn, reference, wants, "reserve", place=place)
        return 0
    place, left = _best_for_fact(conn, totals)
    keep_levels(conn, [item.product_id for item in totals], place)
    rows, deltas, lacking = [], [], 0
    for want in wants:
        served = min(want.quantity, max(0, left[want.item.product_id]))
        left[want.item.product_id] -= served
        lacking += want.quantity - served
        rows.append(_row(conn, reference, want, place, reserved=served, short=want.quantity - served))
        if served:
            deltas.append(_delta(reference, want, place, "reserve", reserved=served))
    if deltas:
        assert move(conn, deltas)
    conn.execute(_KEEP, rows)
    return lacking


def take_over(conn: Connection, reference: str, wants: Sequence[Want], *, expires_at: datetime | None) -> None:
    """Turn what is held for a draft into what is reserved for an order; what is held no more is reserved anew.

    Where another location serves, what was held goes to whom is short.

    Raises:
        InsufficientStockError: the hold had expired, and the stock is gone.
    """
    kept = [row for row in reserved_for(conn, reference) if row.held]
    units = {row.line: row.held for row in kept}
    whole = bool(kept) and all(units.get(want.line, 0) == want.quantity for want in wants)
    apply(conn, reference, [Change(row, "unhold", held=-row.held) for row in kept])
    _take(conn, reference, wants, "reserve", place=kept[0].location_id if whole else None, expires_at=expires_at)
    serve(conn, {(row.product_id, row.location_id) for row in kept})


def release(conn: Connection, reference: str, units: dict[int, int] | None = None) -> None:
    """Give back what is kept for `reference`: all of it, or so many `units` by line.

    What is short goes first, then what is on its shelf, then what is packed. The units go to whom is short.
    """
    kept = reserved_for(conn, reference)
    changes = [Change(row, "unhold", held=-row.held) for row in kept if row.held]
    for row, wanted in split_by_line(kept, units, lambda row: row.reserved + row.short):
        dropped = min(row.short, wanted)
        freed = wanted - dropped
        packed = max(0, freed - row.on_shelf)
        changes.append(Change(row, "release", reserved=-freed, packed=-packed, short=-dropped))
    apply(conn, reference, changes)
    serve(conn, {(row.product_id, row.location_id) for row in kept})


def unhold(conn: Connection, reference: str, units: dict[int, int]) -> None:
    """Give back so many `units`, by line, of what is held for a draft; what is held no more is passed over."""
    kept = [row for row in reserved_for(conn, reference) if row.held]
    apply(conn, reference, [Change(row, "unhold", held=-n) for row, n in split_by_line(kept, units, lambda r: r.held)])
    serve(conn, {(row.product_id, row.location_id) for row in kept})


def keep_for_good(conn: Connection, reference: str) -> None:
    """Let what is reserved for `reference` expire no more."""
    conn.execute(
        update(reservation)
        .where(reservation.c.reference == reference, reservation.c.expires_at.is_not(None))
        .values(expires_at=None, operation_id=operation_id(conn))
    )


def available(conn: Connection, items: Sequence[Item]) -> dict[Item, int]:
    """Return how many units of each can be sold in one order: the most that a single location has."""
    best: dict[int, int] = defaultdict(int)
    for row in conn.execute(_BY_LOCATION, {"products": [item.product_id for item in items], "moment": now(conn)}):
        best[row.product_id] = max(best[row.product_id], row.available)
    return {item: best[item.product_id] for item in items}


def check(conn: Connection, wants: Sequence[Want]) -> list[Shortage]:
    """Return what keeps `wants` from being reserved together now: nothing if they could be."""
    totals = _totals(wants)
    return [] if _serving_location(conn, totals) is not None else _shortages(conn, totals)


def _take(
    conn: Connection,
    reference: str,
    wants: Sequence[Want],
    kind: str,
    *,
    place: int | None = None,
    expires_at: datetime | None = None,
) -> None:
    totals = _totals(wants)
    if place is None:
        place = _serving_location(conn, totals)
    quantity = {"reserve": "reserved", "hold": "held"}[kind]
    if place is None or not move(
        conn,
        [_delta(reference, want, place, kind, **{quantity: want.quantity}) for want in wants],
        _IF_AVAILABLE,
    ):
        raise InsufficientStockError(_shortages(conn, totals), _HINT)
    conn.execute(
        _KEEP,
        [_row(conn, reference, want, place, expires_at=expires_at, **{quantity: want.quantity}) for want in wants],
    )


def _delta(reference: str, want: Want, place: int, kind: str, *, reserved: int = 0, held: int = 0) -> Delta:
    return Delta(
        product_id=want.item.product_id,
        location_id=place,
        kind=kind,
        reserved=reserved,
        held=held,
        reference=reference,
    )


def _row(
    conn: Connection,
    reference: str,
    want: Want,
    place: int,
    *,
    reserved: int = 0,
    held: int = 0,
    short: int = 0,
    expires_at: datetime | None = None,
) -> dict[str, Any]:
    return {
        "reference": reference,
        "line": want.line,
        "product_id": want.item.product_id,
        "location_id": place,
        "reserved": reserved,
        "packed": 0,
        "short": short,
        "held": held,
        "expires_at": expires_at,
        "operation_id": operation_id(conn),
    }


def _totals(wants: Sequence[Want]) -> dict[Item, int]:
    totals: dict[Item, int] = defaultdict(int)
    for want in wants:
        totals[want.item] += want.quantity
    return totals


def _serving_location(conn: Connection, totals: dict[Item, int]) -> int | None:
    """Return the first location that has everything, if there is one."""
    wanted = {item.product_id: quantity for item, quantity in totals.items()}
    served: dict[int, int] = defaultdict(int)
    for row in conn.execute(_BY_LOCATION, {"products": list(wanted), "moment": now(conn)}):
        served[row.location_id] += row.available >= wanted[row.product_id]
    return next((place for place, count in served.items() if count == len(wanted)), None)


def _best_for_fact(conn: Connection, totals: dict[Item, int]) -> tuple[int, dict[int, int]]:
    """Return the location that can serve most of `totals`, and what it has that no order has reserved, by product."""
    wanted = {item.product_id: quantity for item, quantity in totals.items()}
    found: dict[int, dict[int, int]] = {}
    for row in conn.execute(_FOR_FACTS, {"products": list(wanted)}):
        found.setdefault(row.location_id, {})[row.product_id] = row.uncommitted

    def served(place: int) -> int:
        return sum(min(wanted[product], max(0, units)) for product, units in found[place].items())

    best = max(found, key=served) if found else locations(conn)[0].id
    return best, defaultdict(int, found.get(best, {}))


def _shortages(conn: Connection, totals: dict[Item, int]) -> list[Shortage]:
    """Return the products that no location has enough of; all of them, if it is only that no location has all."""
    have = available(conn, list(totals))
    lacking = [Shortage(item.sku, wanted, have[item]) for item, wanted in totals.items() if have[item] < wanted]
    return lacking or [Shortage(item.sku, wanted, have[item]) for item, wanted in totals.items()]


def location_of(conn: Connection, reference: str) -> int | None:
    """Return the id of the location that serves `reference`, if anything is kept for it."""
    kept: list[Reserved] = reserved_for(conn, reference)
    return kept[0].location_id if kept else None
