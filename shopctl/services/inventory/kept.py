"""Changing what is kept for an order: the reservation, the balance and the ledger together."""

from collections.abc import Callable, Iterator, Sequence

import msgspec
from sqlalchemy import Connection, Update, bindparam, delete, update

from shopctl.database import operation_id
from shopctl.errors import RefusedError
from shopctl.services.inventory.ledger import CHANGE, Delta, move
from shopctl.services.inventory.queries import Reserved
from shopctl.services.inventory.tables import reservation


class Change(msgspec.Struct, frozen=True):
    """By how much the quantities of a reservation change, and of the balance behind it."""

    row: Reserved
    kind: str
    on_hand: int = 0
    reserved: int = 0
    held: int = 0
    packed: int = 0
    short: int = 0


_of = reservation.c
_SHIFT = (
    update(reservation)
    .where(
        _of.id == bindparam("row_id"),
        _of.packed + bindparam("by_packed") >= 0,
        _of.packed + bindparam("by_packed") <= _of.reserved + bindparam("by_reserved"),
        _of.short + bindparam("by_short") >= 0,
        _of.held + bindparam("by_held") >= 0,
    )
    .values({name: _of[name] + bindparam(f"by_{name}") for name in ("reserved", "packed", "short", "held")})
    .values(operation_id=bindparam("made_by"))
)
_FORGET_EMPTY = delete(reservation).where(
    _of.reference == bindparam("of"), _of.reserved == 0, _of.short == 0, _of.held == 0
)


def apply(conn: Connection, reference: str, changes: Sequence[Change], change: Update = CHANGE) -> None:
    """Change reservations of `reference` and their balances; those that become empty go.

    Raises:
        RefusedError: somebody else has changed them meanwhile.
    """
    if not changes:
        return
    made_by = operation_id(conn)
    shifted = conn.execute(
        _SHIFT,
        [
            {
                "row_id": c.row.id,
                "made_by": made_by,
                **{f"by_{name}": getattr(c, name) for name in ("reserved", "packed", "short", "held")},
            }
            for c in changes
        ],
    ).rowcount
    deltas = [
        Delta(
            product_id=c.row.product_id,
            location_id=c.row.location_id,
            kind=c.kind,
            on_hand=c.on_hand,
            reserved=c.reserved,
            held=c.held,
            packed=c.packed,
            reference=reference,
        )
        for c in changes
        if c.on_hand or c.reserved or c.held or c.packed
    ]
    if shifted != len(changes) or (deltas and not move(conn, deltas, change)):
        raise RefusedError(f"The stock of order {reference} has changed meanwhile.", "Look at it, and do it again.")
    conn.execute(_FORGET_EMPTY, {"of": reference})


def split_by_line(
    kept: Sequence[Reserved], units: dict[int, int] | None, has: Callable[[Reserved], int]
) -> Iterator[tuple[Reserved, int]]:
    """Give each reservation with how many of the `units` wanted by line it answers for; all it `has` if None."""
    left = dict(units) if units is not None else None
    for row in kept:
        part = has(row) if left is None else min(has(row), left.get(row.line, 0))
        if left is not None and part:
            left[row.line] -= part
        if part:
            yield row, part
