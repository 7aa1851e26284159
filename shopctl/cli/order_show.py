"""``shopctl order show``, ``list``, ``why``: looking at orders."""

import sys
from datetime import datetime
from typing import Annotated, Literal

import msgspec
import typer

from shopctl.cli import output
from shopctl.cli.context import Context, Limit, options
from shopctl.cli.customer import complete_customer
from shopctl.cli.order_parts import COLUMNS, Number, complete_number
from shopctl.cli.output import Column
from shopctl.money import Money
from shopctl.services import orders
from shopctl.services.orders import Changed, Order, OrderFilter, Step
from shopctl.text import safe

_LINE_COLUMNS = [
    Column("line", "#", right=True),
    Column("sku", "SKU"),
    Column("name", "Name", flexible=True),
    Column("quantity", "Qty", right=True),
    Column("unit_price", "Price", right=True),
    Column("total", "Total", right=True),
    *(
        Column(name, name.replace("_", " ").capitalize(), right=True)
        for name in ("cancelled", "short", "packed", "shipped", "returned", "claimed")
    ),
]
_ONLY_IF_ANY = ("cancelled", "short", "packed", "shipped", "returned", "claimed")
_PAYMENT_COLUMNS = [
    Column("at", "When"),
    Column("kind", "Kind"),
    Column("amount", "Amount", right=True),
    Column("method", "Method"),
    Column("reference", "Reference", flexible=True),
    Column("actor", "By", spare=1),
]


def _units(holder: orders.Parcel | orders.Return | orders.Claim) -> str:
    return ", ".join(f"{line.quantity} {output.cell(line.sku)}" for line in holder.lines)


def _outcome(returned: orders.Return) -> str:
    restocked = sum(line.restocked for line in returned.lines)
    written_off = sum(line.written_off for line in returned.lines)
    waiting = sum(line.quantity for line in returned.lines) - restocked - written_off
    if returned.status != "received":
        return ""
    parts = [(restocked, "restocked"), (written_off, "written off"), (waiting, "to inspect")]
    return ", ".join(f"{units} {what}" for units, what in parts if units)


_PARCEL_COLUMNS = [
    Column("number", "Parcel"),
    Column("status", "Status"),
    Column("lines", "Holds", read=_units, flexible=True),
    Column("carrier", "Carrier"),
    Column("tracking", "Tracking", flexible=True),
    Column("shipped_at", "Shipped"),
    Column("delivered_at", "Delivered", spare=1),
]
_RETURN_COLUMNS = [
    Column("requested_at", "When"),
    Column("status", "Status"),
    Column("lines", "Units", read=_units, flexible=True),
    Column("outcome", "Outcome", read=_outcome),
]
_CLAIM_COLUMNS = [
    Column("at", "When"),
    Column("kind", "Kind"),
    Column("lines", "Units", read=_units, flexible=True),
    Column("replacement", "Replaced by"),
]


def _what(entry: "_Entry") -> str:
    return safe(entry.summary, 300)


_TIMELINE_COLUMNS = [Column("at", "When"), Column("summary", "What", read=_what, flexible=True), Column("actor", "By")]
_WHY_COLUMNS = [Column("what", "What it waits for", flexible=True), Column("command", "What clears it")]


def list_(
    context: Context,
    query: Annotated[
        str,
        typer.Argument(
            metavar="[QUERY]",
            help="A number, or words that begin a name, an e-mail address, a phone, a postcode, a tracking number.",
        ),
    ] = "",
    next_: Annotated[
        Literal["pay", "unhold", "wait_stock", "pick", "pack", "ship", "refund", "none"] | None,
        typer.Option("--next", help="What it waits for."),
    ] = None,
    status: Annotated[Literal["draft", "placed", "completed", "cancelled", "expired"] | None, typer.Option()] = None,
    payment: Annotated[
        Literal["unpaid", "authorized", "partially_paid", "paid", "overpaid", "partially_refunded", "refunded"] | None,
        typer.Option(),
    ] = None,
    fulfilment: Annotated[
        Literal["unfulfilled", "partially_shipped", "shipped", "delivered"] | None, typer.Option()
    ] = None,
    returns: Annotated[
        Literal["none", "requested", "partially_returned", "returned"] | None, typer.Option(help="What came back.")
    ] = None,
    channel: Annotated[str | None, typer.Option("--channel", help="Where it was made.", metavar="CHANNEL")] = None,
    customer: Annotated[str | None, typer.Option(metavar="EMAIL", autocompletion=complete_customer)] = None,
    owed: Annotated[bool, typer.Option("--owed", help="Only those that owe the customer money.")] = False,
    since: Annotated[str | None, typer.Option(help="2026-11-23, or how long ago: 7d.", metavar="TIME")] = None,
    until: Annotated[str | None, typer.Option(help="A day is meant whole.", metavar="TIME")] = None,
    after: Annotated[
        str | None, typer.Option(help="Continue after this order.", metavar="NUMBER", autocompletion=complete_number)
    ] = None,
    sort: Annotated[str, typer.Option(help="placed_at, number, total, customer; -name is backwards.")] = "-placed_at",
    limit: Limit = None,
) -> None:
    """List orders, the latest first.

    Example: shopctl order list --next pay --since 7d
    """
    wanted = OrderFilter(
        query=query,
        status=status,
        payment=payment,
        fulfilment=fulfilment,
        next=next_,
        returns=returns,
        channel=channel,
        customer=customer,
        owed=owed,
        since=context.moment(since),
        until=context.moment(until, end=True),
        after=after,
        sort=sort,
        limit=context.limited(limit),
    )
    with context.shop.read() as conn:
        rows = orders.page(conn, wanted)
        drafts = orders.drafts(conn) if wanted == OrderFilter(limit=wanted.limit) else 0
    context.print_page(rows, limit, COLUMNS)
    if drafts and options.format in (None, "table"):
        output.tell(f"{output.counted(drafts, 'draft')} stand last: shopctl order list --status draft")


def show(context: Context, number: Number) -> None:
    """Show an order, with its parcels and its timeline.

    Example: shopctl order show 1001
    """
    with context.shop.read() as conn:
        found = orders.get(conn, number)
    if options.format not in (None, "table"):
        context.print(found, COLUMNS)
        return
    _show(found)


def why(context: Context, number: Number) -> None:
    """Say what an order waits for, and the command that clears it.

    Example: shopctl order why 1001
    """
    with context.shop.read() as conn:
        found = orders.why(conn, number)
    if options.format in ("json", "jsonl"):
        context.print(found, _WHY_COLUMNS)
        return
    if options.format not in (None, "table"):
        context.print(found.reasons, _WHY_COLUMNS)
        return
    waits = "" if found.next == "none" else f", next: {found.next.replace('_', ' ')}"
    output.line(output.bold(f"Order {output.cell(found.number)}: {found.status}{waits}"))
    for reason in found.reasons:
        output.line(f"  {safe(reason.what)}")
        if reason.command:
            output.line(f"      {safe(reason.command)}")


def _show(order: Order) -> None:
    who = order.customer
    output.details(
        f"Order {order.number}",
        [
            ("Status", ", ".join(_states(order))),
            ("Next", "" if order.next == "none" else order.next),
            ("Placed", order.placed_at),
            ("Holds until" if order.status == "draft" else "To be paid by", order.expires_at),
            ("Customer", ", ".join(output.cell(part) for part in (who.name, who.email) if part)),
            ("Ship to", ", ".join(output.cell(part) for part in order.ship_to.lines()) if order.ship_to else ""),
            ("Bill to", ", ".join(output.cell(part) for part in order.bill_to.lines()) if order.bill_to else ""),
            ("Shipping", order.shipping_method),
            ("Code", order.discount_code),
            ("Channel", "" if order.channel == "shop" else order.channel),
            ("External number", order.external_number),
            ("Replaces", order.replaces),
            ("Note", order.note),
        ],
    )
    output.rows("Lines", order.lines, [c for c in _LINE_COLUMNS if c.field not in _ONLY_IF_ANY or _any(order, c.field)])
    output.line()
    _show_totals(order)
    output.rows("Payments", order.payments, _PAYMENT_COLUMNS)
    output.rows("Parcels", order.shipments, _PARCEL_COLUMNS)
    output.rows("Returns", order.returns, _RETURN_COLUMNS)
    output.rows("Claims", order.claims, _CLAIM_COLUMNS)
    output.rows("Timeline", [row for step in order.timeline for row in _entries(step)], _TIMELINE_COLUMNS)


class _Entry(msgspec.Struct, frozen=True):
    """A row of the timeline: a step, or what a step changed."""

    at: datetime | None
    summary: str
    actor: str


def _entries(step: Step) -> list[_Entry]:
    changes = [change for change in step.changes if change.what != "total"]
    return [
        _Entry(step.at, step.summary, step.actor),
        *(_Entry(None, f"  {text}", "") for change in changes for text in _told(change)),
    ]


def _told(change: Changed) -> list[str]:
    """Return a change on one line, or on two if it is long."""
    before, after = change.before or "(none)", change.after or "(none)"
    if len(before) + len(after) <= _ONE_LINE:
        return [f"{change.what}: {before} → {after}"]
    return [f"{change.what}: {before}", f"→ {after}"]


_ONE_LINE = 40


def _states(order: Order) -> list[str]:
    states = [order.status, order.payment_status, order.fulfilment_status]
    if order.return_status != "none":
        states.append("return requested" if order.return_status == "requested" else order.return_status)
    return [*states, "on hold"] if order.on_hold else states


def _any(order: Order, field: str) -> bool:
    return any(getattr(line, field) for line in order.lines)


def _show_totals(order: Order) -> None:
    amounts = [
        ("Goods", order.subtotal, True),
        ("Discount", Money(-order.discount.amount, order.currency), order.discount.amount),
        ("Shipping", order.shipping, order.shipping.amount),
        ("Tax", order.tax, order.tax.amount and not order.prices_include_tax),
        ("Rounding", order.rounding, order.rounding.amount),
        ("Total", order.total, True),
        ("of which tax", order.tax, order.tax.amount and order.prices_include_tax),
        ("Authorized", order.authorized, order.authorized.amount),
        ("Paid", order.paid, order.paid.amount),
        ("Refunded", order.refunded, order.refunded.amount),
        ("To be paid", order.due, order.due.amount and order.paid.amount),
        ("Owed to the customer", order.owed, order.owed.amount),
    ]
    shown = [(name, amount.shown()) for name, amount, wanted in amounts if wanted]
    width = max(len(text) for _, text in shown)
    for name, text in shown:
        row = f"  {name:<20}  {text.rjust(width)}"
        output.line(output.bold(row) if name == "Total" else row)
    sys.stdout.flush()
