"""Placing an order: priced, reserved and recorded in one transaction."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Text, cast, exists, insert, select, update

from shopctl import events
from shopctl.database import idempotent, inserted_id, now, operation_id, remember, shop
from shopctl.errors import BadValueError, ConflictError
from shopctl.services import customers, inventory, products
from shopctl.services.customers import Customer
from shopctl.services.inventory import Item, Want
from shopctl.services.orders import payments, pricing
from shopctl.services.orders.events import OrderPlaced, step
from shopctl.services.orders.queries import get, line_from, summary_fields
from shopctl.services.orders.status import Facts, derive
from shopctl.services.orders.tables import order, order_address, order_line, sequence
from shopctl.services.orders.values import Address, LineDraft, Order, OrderDraft
from shopctl.services.products import Product
from shopctl.text import checked

MAX_LINES = 2_000
_PLACE = "order"
_ADDRESS_LIMITS = {"postcode": 20, "country": 60, "phone": 50}

_COUNT_ON = (
    update(sequence)
    .where(sequence.c.name == "order")
    .values(value=sequence.c.value + 1)
    .returning(sequence.c.value, exists().where(order.c.number == cast(sequence.c.value, Text)).label("taken"))
)
_INSERT = insert(order)
_INSERT_LINES = insert(order_line)


def place(conn: Connection, draft: OrderDraft) -> Order:
    """Reserve stock for every line and record the order. Asked again with the same key, return the same order.

    The caller's transaction keeps all of it or nothing.

    Raises:
        BadValueError: a value cannot be used.
        NotFoundError: a SKU that the shop does not have.
        RefusedError: a product cannot be ordered, or the discount is more than the goods.
        InsufficientStockError: the short products, each with what is available.
        ConflictError: the key was used for another order, or the external number is known.
    """
    earlier = idempotent(conn, _PLACE, draft.key, draft)
    if earlier is not None:
        return get(conn, earlier)
    lines = _checked_lines(draft.lines)
    found = products.sellable(conn, [line.sku for line in lines])
    prices = [_unit_price(line, item) for line, item in zip(lines, found, strict=True)]
    terms = shop(conn)
    totals = pricing.priced(
        [(line.quantity, price) for line, price in zip(lines, prices, strict=True)],
        discount=draft.discount,
        shipping=draft.shipping.amount if draft.shipping else 0,
        tax_rate=draft.tax_rate,
        prices_include_tax=terms.prices_include_tax,
        currency=terms.currency,
    )
    buyer = customers.record(conn, draft.customer, name=draft.name, phone=draft.phone) if draft.customer else None
    head = _head(conn, draft, totals, buyer)
    order_id, number = inserted_id(conn.execute(_INSERT, head)), head["number"]
    rows = _line_rows(conn, order_id, draft.tax_rate, lines, found, prices, totals)
    conn.execute(_INSERT_LINES, rows)
    addresses = _insert_addresses(conn, order_id, draft)
    inventory.reserve(
        conn, number, [Want(row["line"], Item(row["product_id"], row["sku"]), row["ordered"]) for row in rows]
    )
    units = sum(line.quantity for line in lines)
    happened = [events.record(conn, OrderPlaced(number, total=totals.total, currency=terms.currency, units=units))]
    paid = []
    if draft.paid is not None and totals.total > 0:
        captured, event = payments.capture(conn, order_id, number, totals.total, terms.currency, method=draft.paid)
        paid.append(captured)
        happened.append(event)
    remember(conn, _PLACE, draft.key, draft, number)
    return Order(  # what was just written is not read again
        **summary_fields(head),
        ship_to=addresses.get("ship_to"),
        bill_to=addresses.get("bill_to"),
        note=head["note"],
        lines=[line_from(row, terms.currency) for row in rows],
        payments=paid,
        timeline=[step(event) for event in happened],
    )


def _checked_lines(lines: Sequence[LineDraft]) -> Sequence[LineDraft]:
    if not 1 <= len(lines) <= MAX_LINES:
        raise BadValueError(
            f"An order has 1 to {MAX_LINES:,} lines, not {len(lines):,}.", "Write SKU=QTY for each product."
        )
    for line in lines:
        inventory.checked_quantity(line.quantity, f"quantity of {line.sku}")
        if line.unit_price is not None and line.unit_price.amount < 0:
            raise BadValueError(
                f"The price {line.unit_price} of {line.sku} is negative.", "Use --discount to take off."
            )
    return lines


def _unit_price(line: LineDraft, item: Product) -> int:
    return line.unit_price.amount if line.unit_price is not None else item.price.amount


def _next_number(conn: Connection) -> str:
    """Return the next number; those that imports took are skipped."""
    while True:
        counted = conn.execute(_COUNT_ON).one()
        if not counted.taken:
            return str(counted.value)


def _head(conn: Connection, draft: OrderDraft, totals: pricing.Totals, buyer: Customer | None) -> dict[str, Any]:
    """Return the row of the order itself."""
    terms = shop(conn)
    channel = checked(draft.channel, "channel", limit=60, required=True)
    external = None
    if draft.external_number is not None:
        external = checked(draft.external_number, "external number", limit=100, required=True)
        known = select(order.c.number).where(order.c.channel == channel, order.c.external_number == external)
        if taken := conn.execute(known).scalar_one_or_none():
            raise ConflictError(
                f"The order {external} of {channel} is here already, as {taken}.",
                f"Look at it with `shopctl order show {taken}`.",
                number=taken,
            )
    paid = totals.total if draft.paid is not None else 0
    facts = Facts(status="placed", total=totals.total, paid=paid, ordered=sum(line.quantity for line in draft.lines))
    return {
        "number": _next_number(conn),
        "channel": channel,
        "external_number": external,
        "status": facts.status,
        **msgspec.structs.asdict(derive(facts)),
        "on_hold": 0,
        "customer_id": buyer.id if buyer else None,
        "customer_email": buyer.email if buyer else None,
        "customer_name": checked(draft.name, "name", limit=200) or (buyer.name if buyer else ""),
        "currency": terms.currency,
        "prices_include_tax": int(terms.prices_include_tax),
        "subtotal": totals.subtotal,
        "discount": totals.discount,
        "shipping": totals.shipping,
        "shipping_tax": totals.shipping_tax,
        "tax": totals.tax,
        "rounding": 0,
        "total": totals.total,
        "paid": facts.paid,
        "refunded": 0,
        "note": checked(draft.note, "note", limit=5_000),
        "cancel_reason": "",
        "placed_at": now(conn),
        "cancelled_at": None,
        "version": 1,
        "operation_id": operation_id(conn),
    }


def _line_rows(
    conn: Connection,
    order_id: int,
    tax_rate: int,
    lines: Sequence[LineDraft],
    found: Sequence[Product],
    prices: Sequence[int],
    totals: pricing.Totals,
) -> list[dict[str, Any]]:
    """Return the rows of the order's lines."""
    made_by = operation_id(conn)
    untouched = {"cancelled": 0, "shipped": 0, "returned": 0, "restocked": 0, "written_off": 0}
    return [
        {
            "order_id": order_id,
            "line": i,
            "product_id": item.id,
            "sku": item.sku,
            "name": item.name,
            "ordered": line.quantity,
            **untouched,
            "unit_price": price,
            "discount": amounts.discount,
            "tax_rate": tax_rate,
            "tax": amounts.tax,
            "total": amounts.total,
            "operation_id": made_by,
        }
        for i, (line, item, price, amounts) in enumerate(zip(lines, found, prices, totals.lines, strict=True), start=1)
    ]


def _insert_addresses(conn: Connection, order_id: int, draft: OrderDraft) -> dict[str, Address]:
    given = {"ship_to": draft.ship_to, "bill_to": draft.bill_to}
    kept = {kind: _checked_address(address) for kind, address in given.items() if address}
    if kept:
        rows = [{"order_id": order_id, "kind": kind, **parts} for kind, parts in kept.items()]
        conn.execute(insert(order_address), rows)
    return {kind: Address(**parts) for kind, parts in kept.items()}


def _checked_address(address: Address) -> dict[str, str]:
    return {
        part: checked(text, f"{part} of the address", limit=_ADDRESS_LIMITS.get(part, 200))
        for part, text in msgspec.structs.asdict(address).items()
    }
