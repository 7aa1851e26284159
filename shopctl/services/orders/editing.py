"""Editing an order: lines, prices, addresses, charges, as one change."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET
from sqlalchemy import Connection, Row, delete, exists, insert, select, update

from shopctl import events
from shopctl.database import operation_id
from shopctl.errors import BadValueError, ConflictError, RefusedError
from shopctl.services import customers, inventory, products
from shopctl.services.customers import Address
from shopctl.services.customers.tables import customer
from shopctl.services.inventory import Item, Want
from shopctl.services.orders import expiring, placing, remarks, searching, unpicking
from shopctl.services.orders.choosing import one_line
from shopctl.services.orders.events import LineChange, OrderEdited
from shopctl.services.orders.parcel_tables import shipment_line
from shopctl.services.orders.queries import addresses, get, line_rows
from shopctl.services.orders.repricing import price_anew
from shopctl.services.orders.settling import settle
from shopctl.services.orders.status import refresh
from shopctl.services.orders.tables import order, order_address, order_line
from shopctl.services.orders.values import LineDraft, Order, OrderEdit
from shopctl.services.products import sku as skus
from shopctl.text import checked, safe


def edit(conn: Connection, number: str, wanted: OrderEdit) -> Order:
    """Change an order as `wanted`; what it costs is worked out anew, by its own discount and the prices of its lines.

    Lines that come to it are reserved (or held, for a draft), what it loses is released: all of it or nothing.

    Raises:
        NotFoundError: no such order, product or shipping method.
        RefusedError: it is cancelled or expired, units were shipped or packed already, or nothing would be left.
        InsufficientStockError: the stock lacks what is added.
        ConflictError: somebody changed it since `wanted.version`.
        BadValueError: a value cannot be used, or nothing is to be changed.
    """
    row = expiring.opened(conn, number)
    _editable(row, wanted)
    before = {line.line: line for line in line_rows(conn, row.id)}
    _named_once(list(before.values()), wanted.lines)
    for draft in wanted.lines:
        _edit_line(conn, row, draft)
    if all(line.cancelled == line.ordered for line in line_rows(conn, row.id)):
        raise _nothing_left(row)
    said = _edit_texts(conn, row, wanted)
    price_anew(conn, row, wanted)
    after = {line.line: line for line in line_rows(conn, row.id)}
    changed = conn.execute(select(order).where(order.c.id == row.id)).one()
    if said:
        searching.reindex(conn, row.id)
    events.record(
        conn,
        OrderEdited(
            number=row.number,
            currency=row.currency,
            total_before=row.total,
            total_after=changed.total,
            lines=tuple(_differences(before, after)),
            remarks=tuple(said),
        ),
    )
    unpicking.give_up_picking(conn, row)
    settle(conn)
    refresh(conn, row.id)
    return get(conn, number)


def _editable(row: Row[Any], wanted: OrderEdit) -> None:
    if wanted == OrderEdit(version=wanted.version):
        raise BadValueError("Nothing is to be changed.", "Give SKU=QTY, --ship-to, --email, or another option.")
    if row.status in ("cancelled", "expired"):
        raise RefusedError(f"Order {row.number} is {row.status}; it cannot be edited.", "Place a new order.")
    if wanted.version is not None and wanted.version != row.version:
        raise ConflictError(
            f"Order {row.number} has changed since you looked at it.",
            "Look at it again, then edit it.",
            version=row.version,
        )


def _named_once(lines: Sequence[Row[Any]], wanted: Sequence[LineDraft]) -> None:
    """Refuse to change one line twice: which would count?"""
    meant = [found.line if (found := one_line(lines, draft.sku)) else skus.key(draft.sku) for draft in wanted]
    if len(set(meant)) < len(meant):
        twice = next(draft.sku for i, draft in enumerate(wanted) if meant[i] in meant[:i])
        raise BadValueError(f"{safe(twice, 70)} is named twice.", "Say once how many there are to be.")


def _edit_line(conn: Connection, row: Row[Any], wanted: LineDraft) -> None:
    lines = line_rows(conn, row.id)
    found = one_line(lines, wanted.sku)
    if wanted.unit_price is not None and wanted.unit_price.amount < 0:
        raise BadValueError(
            f"The price {wanted.unit_price} of {wanted.sku} is negative.", "Use --discount to take off."
        )
    if found is None:
        _add_line(conn, row, lines, wanted)
        return
    what = f"quantity of {found.sku}"
    quantity = found.cancelled + inventory.checked_quantity(wanted.quantity, what, least=0)
    inventory.checked_quantity(quantity, what, least=0)
    packed = sum(part.packed for part in inventory.reserved_for(conn, row.number) if part.line == found.line)
    if quantity < found.cancelled + found.shipped + packed:
        raise RefusedError(
            f"{found.shipped + packed:,} of {found.sku} were shipped or packed already, more than {wanted.quantity:,}.",
            "`shopctl order unpack` opens a parcel, `shopctl order return` takes back what was shipped.",
            sku=found.sku,
        )
    _move_stock(conn, row, found.line, Item(found.product_id, found.sku), quantity - found.ordered)
    if quantity == 0:
        _take_off(conn, row, lines, found)
        return
    price = found.unit_price if wanted.unit_price is None else wanted.unit_price.amount
    conn.execute(
        update(order_line)
        .where(order_line.c.id == found.id)
        .values(
            ordered=quantity,
            unit_price=price,
            total=quantity * price,
            discount=0,
            operation_id=operation_id(conn),
        )
    )


def _add_line(conn: Connection, row: Row[Any], lines: Sequence[Row[Any]], wanted: LineDraft) -> None:
    (item,) = products.sellable(conn, [wanted.sku])
    quantity = inventory.checked_quantity(wanted.quantity, f"quantity of {item.sku}")
    if len(lines) >= placing.MAX_LINES:
        raise RefusedError(f"An order has at most {placing.MAX_LINES:,} lines.", "Place another order.")
    expiring.free(conn, [item.id])
    line = _next_line(conn, row, lines)
    price = (wanted.unit_price or item.price).amount
    fresh = placing.new_line(row.id, line, item, quantity, price, 0)
    conn.execute(insert(order_line), {**fresh, "discount": 0, "tax": 0, "operation_id": operation_id(conn)})
    _move_stock(conn, row, line, Item(item.id, item.sku), quantity)


def _next_line(conn: Connection, row: Row[Any], lines: Sequence[Row[Any]]) -> int:
    """Return the number of a new line: one that no line of the order ever had."""
    latest: int = conn.execute(select(order.c.last_line).where(order.c.id == row.id)).scalar_one()
    line = max([latest, *(int(known.line) for known in lines)]) + 1
    conn.execute(update(order).where(order.c.id == row.id).values(last_line=line))
    return line


def _move_stock(conn: Connection, row: Row[Any], line: int, item: Item, units: int) -> None:
    """Reserve (or hold) more units for a line, or give some back."""
    if units == 0:
        return
    if units > 0:
        expiring.free(conn, [item.product_id])
    if units < 0 and row.status == "draft":
        inventory.unhold(conn, row.number, {line: -units})
    elif units < 0:
        inventory.release(conn, row.number, {line: -units})
    elif row.status == "draft":
        expires_at = row.expires_at or expiring.draft_ends(conn)
        place = inventory.location_of(conn, row.number)
        inventory.hold(conn, row.number, [Want(line, item, units)], place=place, expires_at=expires_at)
        if row.expires_at is None:
            conn.execute(update(order).where(order.c.id == row.id).values(expires_at=expires_at))
    else:
        place = inventory.location_of(conn, row.number)
        inventory.reserve(conn, row.number, [Want(line, item, units)], place=place, expires_at=row.expires_at)


def _take_off(conn: Connection, row: Row[Any], lines: Sequence[Row[Any]], found: Row[Any]) -> None:
    """Remove a line of which nothing was shipped or cancelled."""
    if len(lines) == 1:
        raise _nothing_left(row)
    boxed = select(exists().where(shipment_line.c.order_line_id == found.id))
    unpicking.give_up_picking(conn, row)
    if conn.execute(boxed).scalar_one():
        raise RefusedError(
            f"{found.sku} was in a parcel of order {row.number} before; its line stays on the record.",
            f"Cancel it: `shopctl order cancel {row.number} {found.sku}={found.ordered}`.",
        )
    conn.execute(delete(order_line).where(order_line.c.id == found.id))


def _nothing_left(row: Row[Any]) -> RefusedError:
    return RefusedError(
        f"Nothing of order {row.number} would be left.", f"Cancel it: `shopctl order cancel {row.number}`."
    )


def _edit_texts(conn: Connection, row: Row[Any], wanted: OrderEdit) -> list[int]:
    """Change who ordered and where it goes; return the rows that say how it was and is."""
    said = []
    values: dict[str, Any] = {}
    if wanted.email is not UNSET or wanted.name is not UNSET:
        buyer = None
        name = row.customer_name if wanted.name is UNSET else checked(wanted.name, "name", limit=200)
        if wanted.email is not UNSET:
            buyer = customers.record(conn, wanted.email, name="" if wanted.name is UNSET else name)
            buyer = buyer if buyer.name else customers.record(conn, wanted.email, name=name)
            values |= {"customer_id": buyer.id, "customer_email": buyer.email}
            said.append(remarks.write(conn, row.id, "email", buyer.identity, before=_called(conn, row)))
        if name != row.customer_name:
            said.append(remarks.write(conn, row.id, "name", name, before=row.customer_name))
        conn.execute(update(order).where(order.c.id == row.id).values(customer_name=name, **values))
    known = addresses(conn, row.id)
    for kind, address in (("ship_to", wanted.ship_to), ("bill_to", wanted.bill_to)):
        if address is not UNSET:
            kept = customers.checked_address(address)
            if (owner := values.get("customer_id", row.customer_id)) is not None:
                customers.remember_address(conn, owner, kind, kept)
            if kept != known.get(kind):
                said.append(_edit_address(conn, row.id, kind, kept, known.get(kind)))
    return said


def _called(conn: Connection, row: Row[Any]) -> str:
    """Return whose the order is: the e-mail address, or the reference of another system."""
    reference = select(customer.c.identity).where(customer.c.id == row.customer_id)
    return row.customer_email or conn.execute(reference).scalar_one_or_none() or ""


def _edit_address(conn: Connection, order_id: int, kind: str, address: Address, before: Address | None) -> int:
    conn.execute(delete(order_address).where(order_address.c.order_id == order_id, order_address.c.kind == kind))
    conn.execute(insert(order_address), {"order_id": order_id, "kind": kind, **msgspec.structs.asdict(address)})
    was = ", ".join(before.lines()) if before else ""
    return remarks.write(conn, order_id, kind, ", ".join(address.lines()), before=was)


def _differences(before: Mapping[int, Row[Any]], after: Mapping[int, Row[Any]]) -> list[LineChange]:
    def state(line: Row[Any] | None) -> tuple[int, int] | None:
        return (line.ordered - line.cancelled, line.unit_price) if line is not None else None

    return [
        LineChange(sku=(before.get(number) or after[number]).sku, before=was, after=is_now)
        for number in sorted({*before, *after})
        if (was := state(before.get(number))) != (is_now := state(after.get(number)))
    ]
