"""Placing an order: priced, reserved and recorded in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Text, cast, exists, insert, select, update

from shopctl import events
from shopctl.database import idempotent, inserted_id, now, operation_id, remember, shop
from shopctl.errors import BadValueError, ConflictError
from shopctl.events import Event
from shopctl.money import Money
from shopctl.services import customers, inventory, products
from shopctl.services.customers import Address, Customer
from shopctl.services.inventory import Item, Want
from shopctl.services.orders import expiring, payments, quoting, searching
from shopctl.services.orders.events import OrderDrafted, OrderPlaced
from shopctl.services.orders.queries import find, get
from shopctl.services.orders.quoting import Quote
from shopctl.services.orders.rows import line_from, summary_fields
from shopctl.services.orders.status import Facts, derive, refresh
from shopctl.services.orders.tables import order, order_address, order_line, sequence
from shopctl.services.orders.timeline import step
from shopctl.services.orders.values import LineDraft, Order, OrderDraft
from shopctl.services.products import Product
from shopctl.text import checked

MAX_LINES = 2_000
_PLACE = "order"

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

    A draft holds its stock instead, until it is confirmed or its time is up. An order that was made elsewhere
    (`external_number`) is a fact: what the stock lacks of it is short. The caller's transaction keeps all or nothing.

    Raises:
        BadValueError: a value cannot be used.
        NotFoundError: a SKU, a shipping method or a discount code that the shop does not have.
        RefusedError: a product cannot be ordered, the discount is more than the goods, or the code does not count.
        InsufficientStockError: the short products, each with what is available.
        ConflictError: the key was used for another order, or the external number is known.
    """
    earlier = idempotent(conn, _PLACE, draft.key, draft)
    if earlier is not None:
        return get(conn, earlier)
    _checked(draft)
    fact = draft.external_number is not None
    skus = [line.sku for line in draft.lines]
    found = products.get_many(conn, skus) if fact else products.sellable(conn, skus)
    expiring.free(conn, sorted({item.id for item in found}))
    addresses = _addresses(draft)
    quote = quoting.quote(conn, draft, found, addresses)
    buyer = customers.record(conn, draft.customer, name=draft.name, phone=draft.phone) if draft.customer else None
    head = _head(conn, draft, quote, buyer, addresses)
    order_id, number = inserted_id(conn.execute(_INSERT, head)), head["number"]
    rows = _line_rows(conn, order_id, draft.lines, found, quote)
    conn.execute(_INSERT_LINES, rows)
    _keep_addresses(conn, order_id, buyer, addresses)
    wants = [Want(row["line"], Item(row["product_id"], row["sku"]), row["ordered"]) for row in rows]
    short = _take(conn, number, wants, fact=fact, draft=draft.draft, expires_at=head["expires_at"])
    happened = [events.record(conn, _event(head, units=sum(want.quantity for want in wants), short=short))]
    paid = []
    if head["paid"]:
        captured, event = payments.capture(
            conn, order_id, number, head["paid"], quote.currency, method=draft.paid or ""
        )
        paid.append(captured)
        happened.append(event)
    remember(conn, _PLACE, draft.key, draft, number)
    if short:
        refresh(conn, order_id)
        return get(conn, number)
    return Order(  # what was just written is not read again
        **summary_fields(head),
        ship_to=addresses.get("ship_to"),
        bill_to=addresses.get("bill_to"),
        authorized=Money(0, quote.currency),
        due=Money(head["total"] - head["paid"], quote.currency),
        note=head["note"],
        shipping_method=head["shipping_method"],
        discount_code=quote.code,
        replaces=draft.replaces,
        version=1,
        lines=[line_from(row, quote.currency, reserved=0 if draft.draft else row["ordered"]) for row in rows],
        payments=paid,
        timeline=[step(event, {}) for event in happened],
    )


def _checked(draft: OrderDraft) -> None:
    if not 1 <= len(draft.lines) <= MAX_LINES:
        raise BadValueError(
            f"An order has 1 to {MAX_LINES:,} lines, not {len(draft.lines):,}.", "Write SKU=QTY for each product."
        )
    for line in draft.lines:
        inventory.checked_quantity(line.quantity, f"quantity of {line.sku}")
        if line.unit_price is not None and line.unit_price.amount < 0:
            raise BadValueError(
                f"The price {line.unit_price} of {line.sku} is negative.", "Use --discount to take off."
            )
    if draft.draft and (draft.paid is not None or draft.external_number is not None):
        raise BadValueError(
            "A draft is neither paid nor made elsewhere yet.", "Leave --draft out, or pay when it is confirmed."
        )
    if draft.total is not None and draft.external_number is None:
        raise BadValueError(
            "Only an order that was made elsewhere brings its total.", "Add --external-number, or leave the total out."
        )


def _addresses(draft: OrderDraft) -> dict[str, Address]:
    given = {"ship_to": draft.ship_to, "bill_to": draft.bill_to}
    return {kind: customers.checked_address(address) for kind, address in given.items() if address}


def _take(
    conn: Connection, number: str, wants: Sequence[Want], *, fact: bool, draft: bool, expires_at: datetime | None
) -> int:
    """Reserve or hold what is wanted; return how many units are short."""
    if fact:
        return inventory.reserve_fact(conn, number, wants)
    if draft:
        inventory.hold(conn, number, wants, expires_at=expires_at)
    else:
        inventory.reserve(conn, number, wants, expires_at=expires_at)
    return 0


def _event(head: dict[str, Any], *, units: int, short: int) -> Event:
    number, total, currency = head["number"], head["total"], head["currency"]
    if head["status"] == "draft":
        return OrderDrafted(number=number, total=total, currency=currency, units=units)
    return OrderPlaced(number=number, total=total, currency=currency, units=units, short=short)


def _next_number(conn: Connection) -> str:
    """Return the next number; those that imports took are skipped."""
    while True:
        counted = conn.execute(_COUNT_ON).one()
        if not counted.taken:
            return str(counted.value)


def _external_number(conn: Connection, draft: OrderDraft, channel: str) -> str | None:
    if draft.external_number is None:
        return None
    external = checked(draft.external_number, "external number", limit=100, required=True)
    known = select(order.c.number).where(order.c.channel == channel, order.c.external_number == external)
    if taken := conn.execute(known).scalar_one_or_none():
        raise ConflictError(
            f"The order {external} of {channel} is here already, as {taken}.",
            f"Look at it with `shopctl order show {taken}`.",
            number=taken,
        )
    return external


def _head(
    conn: Connection, draft: OrderDraft, quote: Quote, buyer: Customer | None, addresses: dict[str, Address]
) -> dict[str, Any]:
    """Return the row of the order itself."""
    channel = checked(draft.channel, "channel", limit=60, required=True)
    external = _external_number(conn, draft, channel)
    paid = quote.total if draft.paid is not None else 0
    status = "draft" if draft.draft else "placed"
    ordered = sum(line.quantity for line in draft.lines)
    derived = derive(Facts(status=status, total=quote.total, paid=paid, ordered=ordered))
    expires_at = None
    if draft.draft:
        expires_at = expiring.draft_ends(conn)
    elif external is None and derived.payment_status == "unpaid":
        expires_at = expiring.unpaid_ends(conn)
    number = _next_number(conn)
    called = [
        buyer.name if buyer else "",
        *(addresses[kind].name for kind in ("bill_to", "ship_to") if kind in addresses),
    ]
    name = checked(draft.name, "name", limit=200) or next(filter(None, called), "")
    email = buyer.email if buyer else None
    return {
        "number": number,
        "channel": channel,
        "external_number": external,
        **msgspec.structs.asdict(derived),
        "on_hold": 0,
        "customer_id": buyer.id if buyer else None,
        "customer_email": email,
        "customer_name": name,
        "currency": quote.currency,
        "prices_include_tax": int(shop(conn).prices_include_tax),
        "subtotal": quote.totals.subtotal,
        "discount": quote.totals.discount,
        "shipping": quote.totals.shipping,
        "shipping_tax": quote.totals.shipping_tax,
        "tax": quote.totals.tax,
        "rounding": quote.rounding,
        "total": quote.total,
        "paid": paid,
        "refunded": 0,
        "note": checked(draft.note, "note", limit=5_000),
        "cancel_reason": "",
        "placed_at": None if draft.draft else now(conn),
        "cancelled_at": None,
        "expires_at": expires_at,
        "completed_at": None,
        "version": 1,
        "operation_id": operation_id(conn),
        "tax_rate": draft.tax_rate,
        "discount_rate": quote.discount.rate,
        "discount_fixed": quote.discount.amount,
        "discount_code_id": quote.code_id,
        "shipping_method": quote.shipping_method,
        "shipping_tax_rate": quote.shipping_tax_rate,
        "last_line": len(draft.lines),
        "replaces_id": find(conn, draft.replaces).id if draft.replaces is not None else None,
        "search": searching.terms(
            number=number,
            external_number=external,
            name=name,
            email=email,
            phone=draft.phone or (buyer.phone if buyer else ""),
            addresses=addresses.values(),
        ),
    }


def _line_rows(
    conn: Connection, order_id: int, lines: Sequence[LineDraft], found: Sequence[Product], quote: Quote
) -> list[dict[str, Any]]:
    """Return the rows of the order's lines."""
    made_by = operation_id(conn)
    return [
        new_line(order_id, i, item, line.quantity, price, rate)
        | {"discount": amounts.discount, "tax": amounts.tax, "operation_id": made_by}
        for i, (line, item, price, rate, amounts) in enumerate(
            zip(lines, found, quote.unit_prices, quote.tax_rates, quote.totals.lines, strict=True), start=1
        )
    ]


def new_line(order_id: int, line: int, item: Product, quantity: int, unit_price: int, rate: int) -> dict[str, Any]:
    """Return the row of a line of which nothing has happened yet; its discount and its tax are still to be set."""
    untouched = dict.fromkeys(("cancelled", "shipped", "returned", "restocked", "written_off", "claimed"), 0)
    return {
        "order_id": order_id,
        "line": line,
        "product_id": item.id,
        "sku": item.sku,
        "name": item.name,
        "ordered": quantity,
        **untouched,
        "unit_price": unit_price,
        "tax_class": item.tax_class,
        "tax_rate": rate,
        "total": quantity * unit_price,
    }


def _keep_addresses(conn: Connection, order_id: int, buyer: Customer | None, addresses: dict[str, Address]) -> None:
    if not addresses:
        return
    rows = [{"order_id": order_id, "kind": kind, **msgspec.structs.asdict(kept)} for kind, kept in addresses.items()]
    conn.execute(insert(order_address), rows)
    if buyer is not None:
        for kind, address in addresses.items():
            customers.remember_address(conn, buyer.id, kind, address)
