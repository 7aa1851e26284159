"""``shopctl order``."""

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from shopctl.cli import output
from shopctl.cli.context import Context, DryRun, Key, Limit, completing, group, options
from shopctl.cli.customer import complete_customer
from shopctl.cli.output import Column
from shopctl.cli.product import complete_sku
from shopctl.errors import BadValueError
from shopctl.money import Money, parse_rate
from shopctl.services import orders
from shopctl.services.orders import DEFAULT_METHOD, Order, OrderDraft, OrderFilter, parsing

if TYPE_CHECKING:
    from shopctl.shop import Shop

app = group("Place, pay, look at and cancel orders.")

complete_number = completing(orders.completing)

Number = Annotated[str, typer.Argument(metavar="NUMBER", autocompletion=complete_number)]
Method = Annotated[str, typer.Option("--method", help="How: cash, card, transfer, …", metavar="METHOD")]
Amount = Annotated[str | None, typer.Option("--amount", help="How much; what is due if left out.", metavar="AMOUNT")]
Reference = Annotated[str, typer.Option(help="The bank's or the terminal's reference.", metavar="TEXT")]


def _customer(order: Order) -> str:
    return output.cell(order.customer.name or order.customer.email or "")


COLUMNS = [
    Column("number", "Number"),
    Column("placed_at", "Placed"),
    Column("customer.email", "Customer", read=_customer, flexible=True),
    Column("total", "Total", right=True),
    Column("currency", "", spare=2),
    Column("status", "Status"),
    Column("payment_status", "Payment"),
    Column("fulfilment_status", "Fulfilment", spare=3),
    Column("next", "Next"),
]
_LINE_COLUMNS = [
    Column("sku", "SKU"),
    Column("name", "Name", flexible=True),
    Column("quantity", "Qty", right=True),
    Column("unit_price", "Price", right=True),
    Column("total", "Total", right=True),
    Column("cancelled", "Cancelled", right=True),
]
_PAYMENT_COLUMNS = [
    Column("at", "When"),
    Column("kind", "Kind"),
    Column("amount", "Amount", right=True),
    Column("method", "Method"),
    Column("reference", "Reference", flexible=True),
    Column("actor", "By", spare=1),
]
_TIMELINE_COLUMNS = [Column("at", "When"), Column("summary", "What", flexible=True), Column("actor", "By")]


@app.command()
def place(
    context: Context,
    items: Annotated[list[str], typer.Argument(metavar="SKU=QTY[@PRICE]… | -", autocompletion=complete_sku)],
    customer: Annotated[
        str | None,
        typer.Option(help="An e-mail address, or a reference.", metavar="EMAIL", autocompletion=complete_customer),
    ] = None,
    name: Annotated[str, typer.Option(help="The customer's name.", metavar="TEXT")] = "",
    phone: Annotated[str, typer.Option(metavar="TEXT")] = "",
    ship_to: Annotated[
        str | None, typer.Option(help="NAME, STREET, POSTCODE CITY, COUNTRY, or a JSON file.", metavar="ADDRESS")
    ] = None,
    bill_to: Annotated[str | None, typer.Option(help="The same, for the invoice.", metavar="ADDRESS")] = None,
    discount: Annotated[str | None, typer.Option(help="10% or an amount.", metavar="10%|5.00")] = None,
    shipping: Annotated[str | None, typer.Option(help="The price of shipping.", metavar="AMOUNT")] = None,
    tax_rate: Annotated[str, typer.Option(help="In percent.", metavar="RATE")] = "0",
    paid: Annotated[
        str | None, typer.Option(help="It is paid in full already, by this method.", metavar="METHOD")
    ] = None,
    note: Annotated[str, typer.Option(metavar="TEXT")] = "",
    key: Key = None,
    dry_run: DryRun = False,
) -> None:
    """Place an order: its stock is reserved, its confirmation goes out.

    With -, place one for each line of JSON on stdin.

    Example: shopctl order place MUG=2 CAP=1@9.50 --customer ada@example.org --paid card
    """
    if items == ["-"]:
        from shopctl.cli.order_batch import place_all

        place_all(context, dry_run=dry_run)
        return
    currency = context.shop.settings.shop.currency
    draft = OrderDraft(
        lines=tuple(parsing.item(text, currency) for text in items),
        customer=customer or None,
        name=name,
        phone=phone,
        ship_to=parsing.address(ship_to) if ship_to else None,
        bill_to=parsing.address(bill_to) if bill_to else None,
        discount=parsing.discount(discount, currency),
        shipping=parsing.shipping(shipping, currency),
        tax_rate=parse_rate(tax_rate),
        paid=paid,
        note=note,
        key=parsing.key(key),
    )
    with context.writing(dry_run) as conn:
        placed = orders.place(conn, draft)
    context.print(placed, COLUMNS)
    if placed.customer.email and not dry_run:
        tell_how_mail_leaves(context.shop)


@app.command()
def pay(
    context: Context,
    number: Number,
    amount: Amount = None,
    method: Method = DEFAULT_METHOD,
    reference: Reference = "",
    key: Key = None,
    dry_run: DryRun = False,
) -> None:
    """Record that money came in.

    Example: shopctl order pay 1001 --method transfer --reference "SEPA 4711"
    """
    with context.writing(dry_run) as conn:
        changed = orders.pay(
            conn, number, amount=_money(context, amount), method=method, reference=reference, key=parsing.key(key)
        )
    context.print(changed, COLUMNS)


@app.command()
def refund(
    context: Context,
    number: Number,
    amount: Annotated[
        str | None, typer.Option("--amount", help="How much; what is owed if left out.", metavar="AMOUNT")
    ] = None,
    method: Annotated[
        str | None, typer.Option("--method", help="How; as it was paid if left out.", metavar="METHOD")
    ] = None,
    reference: Reference = "",
    key: Key = None,
    dry_run: DryRun = False,
) -> None:
    """Record that money went back. It moves none itself.

    Example: shopctl order refund 1001 --method card
    """
    with context.writing(dry_run) as conn:
        changed = orders.refund(
            conn, number, amount=_money(context, amount), method=method, reference=reference, key=parsing.key(key)
        )
    context.print(changed, COLUMNS)


@app.command(name="list")
def list_(
    context: Context,
    query: Annotated[
        str, typer.Argument(metavar="[QUERY]", help="A number, or part of a name or e-mail address.")
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
    context.print_page(rows, limit, COLUMNS)


@app.command()
def show(context: Context, number: Number) -> None:
    """Show an order: lines, totals, payments, and its timeline.

    Example: shopctl order show 1001
    """
    with context.shop.read() as conn:
        found = orders.get(conn, number)
    if options.format not in (None, "table"):
        context.print(found, COLUMNS)
        return
    _show(found)


@app.command()
def cancel(
    context: Context,
    number: Number,
    reason: Annotated[str, typer.Option(help="Why, for the shop.", metavar="TEXT")] = "",
    dry_run: DryRun = False,
) -> None:
    """Cancel an order and release its stock. What was paid is then owed to the customer.

    Example: shopctl order cancel 1001 --reason "ordered twice"
    """
    with context.writing(dry_run) as conn:
        changed = orders.cancel(conn, number, reason=reason)
    context.print(changed, COLUMNS)
    if changed.owed.amount and not dry_run:
        output.tell(f"{changed.owed.shown()} are owed to the customer: shopctl order refund {changed.number}")


def tell_how_mail_leaves(shop: "Shop") -> None:
    """Say once how mail will go out, when no worker is there to send it."""
    if shop.presence.any():
        return
    from shopctl import events

    with shop.read() as conn:
        waiting = events.backlog(conn).waiting
        own = len(events.unhandled(conn, waiting)) if waiting else 0
    if own and waiting <= _EVENTS_OF_ONE_ORDER:
        where = f"by {shop.settings.mail.host}" if shop.settings.mail.host else f"as files in {shop.home / 'outbox'}"
        output.tell(f"Its confirmation waits for a worker: shopctl worker run --burst sends it {where}.")


_EVENTS_OF_ONE_ORDER = 2


def _money(context: Context, text: str | None) -> Money | None:
    if text is None:
        return None
    amount = Money.parse(text, context.shop.settings.shop.currency)
    if amount.amount <= 0:
        raise BadValueError("The amount is more than zero.", "Give a positive --amount.")
    return amount


def _show(order: Order) -> None:
    who = order.customer
    output.details(
        f"Order {order.number}",
        [
            ("Status", f"{order.status}, {order.payment_status}, {order.fulfilment_status}"),
            ("Next", "" if order.next == "none" else order.next),
            ("Placed", order.placed_at),
            ("Customer", ", ".join(output.cell(part) for part in (who.name, who.email) if part)),
            ("Ship to", ", ".join(output.cell(part) for part in order.ship_to.lines()) if order.ship_to else ""),
            ("Bill to", ", ".join(output.cell(part) for part in order.bill_to.lines()) if order.bill_to else ""),
            ("Channel", "" if order.channel == "shop" else order.channel),
            ("External number", order.external_number),
            ("Note", order.note),
        ],
    )
    cancelled = any(line.cancelled for line in order.lines)
    output.rows("Lines", order.lines, [c for c in _LINE_COLUMNS if cancelled or c.field != "cancelled"])
    output.line()
    _show_totals(order)
    output.rows("Payments", order.payments, _PAYMENT_COLUMNS)
    output.rows("Timeline", order.timeline, _TIMELINE_COLUMNS)


def _show_totals(order: Order) -> None:
    amounts = [
        ("Goods", order.subtotal, True),
        ("Discount", Money(-order.discount.amount, order.currency), order.discount.amount),
        ("Shipping", order.shipping, order.shipping.amount),
        ("Tax", order.tax, order.tax.amount and not order.prices_include_tax),
        ("Total", order.total, True),
        ("of which tax", order.tax, order.tax.amount and order.prices_include_tax),
        ("Paid", order.paid, order.paid.amount),
        ("Refunded", order.refunded, order.refunded.amount),
        ("Owed to the customer", order.owed, order.owed.amount),
    ]
    shown = [(name, amount.shown()) for name, amount, wanted in amounts if wanted]
    width = max(len(text) for _, text in shown)
    for name, text in shown:
        row = f"  {name:<20}  {text.rjust(width)}"
        output.line(output.bold(row) if name == "Total" else row)
    sys.stdout.flush()
