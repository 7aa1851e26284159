"""The ledger: every change of a balance goes through `move`, which writes both in one transaction."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import BindParameter, ColumnElement, Connection, Update, bindparam, func, insert, select, update

from shopctl.database import now, operation_id
from shopctl.database.types import Moment
from shopctl.services.inventory.tables import reservation, stock, stock_movement

QUANTITIES = ("on_hand", "reserved", "held", "unsellable", "packed")
AVAILABLE: ColumnElement[int] = stock.c.on_hand - stock.c.reserved - stock.c.held - stock.c.unsellable - stock.c.safety
"""What can be sold, as the balances stand: domain.md, "Inventory"."""
MOMENT: BindParameter[Any] = bindparam("moment", type_=Moment)
"""The moment at which a balance is read, for `lapsed`."""


def lapsed(*quantities: str) -> ColumnElement[int]:
    """Return how many units are still written as `held` or `reserved` for what has expired by `MOMENT`.

    They are free, though nobody has written so yet.
    """
    expired = select(func.sum(sum(reservation.c[name] for name in quantities))).where(
        reservation.c.product_id == stock.c.product_id,
        reservation.c.location_id == stock.c.location_id,
        reservation.c.expires_at <= MOMENT,
    )
    return func.coalesce(expired.correlate(stock).scalar_subquery(), 0)


LIVE_HELD = stock.c.held - lapsed("held")
LIVE_RESERVED = stock.c.reserved - lapsed("reserved")
LIVE_AVAILABLE: ColumnElement[int] = AVAILABLE + lapsed("held", "reserved")
"""What can be sold at `MOMENT`: holds and unpaid orders that have expired count as free."""


class Delta(msgspec.Struct, frozen=True, kw_only=True):
    """By how much the quantities of a product change at a location, and why."""

    product_id: int
    location_id: int
    kind: str
    on_hand: int = 0
    reserved: int = 0
    held: int = 0
    unsellable: int = 0
    packed: int = 0
    unit_cost: int | None = None
    reason: str = ""
    reference: str = ""
    key: str | None = None


CHANGE = (
    update(stock)
    .where(stock.c.product_id == bindparam("at_product"), stock.c.location_id == bindparam("at_location"))
    .values({name: stock.c[name] + bindparam(f"by_{name}") for name in QUANTITIES})
    .values(operation_id=bindparam("made_by"))
)
"""Changes a balance by the parameters ``by_on_hand``, ``by_reserved`` and so on, whatever it is."""
_WRITE = insert(stock_movement)


def guarded(*guards: ColumnElement[bool]) -> Update:
    """Return the statement that changes a balance if `guards` hold: nothing can come between question and change."""
    return CHANGE.where(*guards)


def move(conn: Connection, deltas: Sequence[Delta], change: Update = CHANGE) -> bool:
    """Change balances and write the ledger; return False, having changed some, unless every one could be changed.

    The caller raises on False, which undoes what was changed. Balances are touched in the order of products.
    """
    totals: dict[tuple[int, int], dict[str, int]] = {}
    for delta in deltas:
        sums = totals.setdefault((delta.product_id, delta.location_id), dict.fromkeys(QUANTITIES, 0))
        for name in QUANTITIES:
            sums[name] += getattr(delta, name)
    made_by = operation_id(conn)
    parameters: list[dict[str, Any]] = [
        {"at_product": product_id, "at_location": location_id, "made_by": made_by}
        | {f"by_{name}": units for name, units in sums.items()}
        for (product_id, location_id), sums in sorted(totals.items())
    ]
    if conn.execute(change, parameters).rowcount != len(parameters):
        return False
    moment = now(conn)
    conn.execute(
        _WRITE,
        [{**msgspec.structs.asdict(delta), "at": moment, "operation_id": made_by} for delta in deltas],
    )
    return True


def keep_levels(conn: Connection, product_ids: Sequence[int], location_id: int) -> None:
    """Make sure that these products have a balance at a location, zero if they had none."""
    wanted = set(product_ids)
    kept = set(
        conn.execute(
            select(stock.c.product_id).where(stock.c.location_id == location_id, stock.c.product_id.in_(wanted))
        ).scalars()
    )
    if absent := sorted(wanted - kept):
        made_by = operation_id(conn)
        empty = {"on_hand": 0, "reserved": 0, "held": 0, "unsellable": 0, "packed": 0, "safety": 0, "bin": ""}
        conn.execute(
            insert(stock),
            [
                {"product_id": product_id, "location_id": location_id, **empty, "operation_id": made_by}
                for product_id in absent
            ],
        )
