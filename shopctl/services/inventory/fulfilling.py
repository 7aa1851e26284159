"""Units on their way: packed, shipped, taken back. The shelf loses them when they are shipped."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite import insert

from shopctl.database import operation_id
from shopctl.errors import RefusedError
from shopctl.services.inventory.kept import Change, apply
from shopctl.services.inventory.ledger import Delta, keep_levels, move
from shopctl.services.inventory.queries import Reserved, reserved_for
from shopctl.services.inventory.serving import serve
from shopctl.services.inventory.tables import reservation


class Units(msgspec.Struct, frozen=True):
    """So many units of an order line that are at, or leave from, a location."""

    line: int
    product_id: int
    location_id: int
    quantity: int


def pack(conn: Connection, reference: str, units: Sequence[Units]) -> None:
    """Take reserved units off their shelves, into a parcel."""
    apply(conn, reference, [Change(row, "pack", packed=n) for row, n in _rows(conn, reference, units)])


def unpack(conn: Connection, reference: str, units: Sequence[Units]) -> None:
    """Put packed units back on their shelves; they stay reserved."""
    apply(conn, reference, [Change(row, "unpack", packed=-n) for row, n in _rows(conn, reference, units)])


def ship(conn: Connection, reference: str, units: Sequence[Units]) -> None:
    """Let packed units leave: they are on hand no more."""
    changes = [Change(row, "ship", on_hand=-n, reserved=-n, packed=-n) for row, n in _rows(conn, reference, units)]
    apply(conn, reference, changes)


def unship(conn: Connection, reference: str, units: Sequence[Units]) -> None:
    """Undo `ship` exactly: the units are on hand, reserved and packed as before."""
    made_by = operation_id(conn)
    new = insert(reservation)
    again = new.on_conflict_do_update(
        index_elements=["reference", "line", "location_id"],
        set_={
            **{name: reservation.c[name] + new.excluded[name] for name in ("reserved", "packed")},
            "operation_id": new.excluded.operation_id,
        },
    )
    moved = move(
        conn,
        [
            Delta(
                product_id=u.product_id,
                location_id=u.location_id,
                kind="unship",
                on_hand=u.quantity,
                reserved=u.quantity,
                packed=u.quantity,
                reference=reference,
            )
            for u in units
        ],
    )
    assert moved
    conn.execute(
        again,
        [
            {
                "reference": reference,
                "line": u.line,
                "product_id": u.product_id,
                "location_id": u.location_id,
                "reserved": u.quantity,
                "packed": u.quantity,
                "short": 0,
                "held": 0,
                "operation_id": made_by,
            }
            for u in units
        ],
    )


def restock(conn: Connection, reference: str, units: Sequence[Units]) -> None:
    """Put returned units back on their shelves; lines that are short get them first."""
    for unit in units:
        keep_levels(conn, [unit.product_id], unit.location_id)
    if not move(conn, [_returned(reference, u, "return_restock", on_hand=u.quantity) for u in units]):
        raise RefusedError("The returned units do not fit.", "Check the quantity.")
    serve(conn, {(u.product_id, u.location_id) for u in units})


def write_off(conn: Connection, reference: str, units: Sequence[Units]) -> None:
    """Record that returned units cannot be sold: they never come back on hand."""
    assert move(conn, [_returned(reference, u, "return_writeoff", on_hand=0) for u in units])


def _returned(reference: str, unit: Units, kind: str, *, on_hand: int) -> Delta:
    return Delta(
        product_id=unit.product_id,
        location_id=unit.location_id,
        kind=kind,
        on_hand=on_hand,
        reason=f"{unit.quantity:,} written off" if kind == "return_writeoff" else "",
        reference=reference,
    )


def _rows(conn: Connection, reference: str, units: Sequence[Units]) -> list[tuple[Reserved, int]]:
    kept = {(row.line, row.location_id): row for row in reserved_for(conn, reference)}
    try:
        return [(kept[unit.line, unit.location_id], unit.quantity) for unit in units]
    except KeyError:
        raise RefusedError(f"The stock of order {reference} has changed meanwhile.", "Look at it again.") from None
