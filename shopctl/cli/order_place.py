"""``shopctl order place``, ``confirm``, ``edit``, ``hold``, ``unhold``, ``note``: making an order, and changing it."""

from typing import Annotated

import typer
from msgspec import UNSET

from shopctl.cli import output
from shopctl.cli.context import Context, DryRun, Key
from shopctl.cli.customer import complete_customer
from shopctl.cli.discount import complete_code
from shopctl.cli.order_parts import COLUMNS, Number, NumberOrBatch, batched, show_changed, tell_how_mail_leaves
from shopctl.cli.product import complete_sku
from shopctl.cli.shipping import complete_method
from shopctl.errors import BadValueError
from shopctl.money import Money, parse_rate
from shopctl.services import customers, orders
from shopctl.services.customers import Address
from shopctl.services.orders import OrderDraft, OrderEdit, parsing

ShipTo = Annotated[
    str | None, typer.Option(help="NAME, STREET, POSTCODE CITY, COUNTRY; a JSON file; or saved.", metavar="ADDRESS")
]
BillTo = Annotated[str | None, typer.Option(help="The same, for the invoice.", metavar="ADDRESS")]
Code = Annotated[
    str | None, typer.Option("--code", help="A discount code.", metavar="CODE", autocompletion=complete_code)
]
DiscountOption = Annotated[str | None, typer.Option("--discount", help="10% or an amount.", metavar="10%|5.00")]
Shipping = Annotated[
    str | None,
    typer.Option(
        "--shipping", help="Its price, or a way to ship by name.", metavar="AMOUNT|NAME", autocompletion=complete_method
    ),
]


def place(
    context: Context,
    items: Annotated[list[str], typer.Argument(metavar="SKU=QTY[@PRICE]… | -", autocompletion=complete_sku)],
    customer: Annotated[
        str | None,
        typer.Option(help="An e-mail address, or a reference.", metavar="EMAIL", autocompletion=complete_customer),
    ] = None,
    name: Annotated[str, typer.Option(help="The customer's name.", metavar="TEXT")] = "",
    phone: Annotated[str, typer.Option(metavar="TEXT")] = "",
    ship_to: ShipTo = None,
    bill_to: BillTo = None,
    discount: DiscountOption = None,
    code: Code = None,
    shipping: Shipping = None,
    tax_rate: Annotated[
        str | None, typer.Option(help="In percent, in place of the shop's rates.", metavar="RATE")
    ] = None,
    paid: Annotated[
        str | None, typer.Option(help="It is paid in full already, by this method.", metavar="METHOD")
    ] = None,
    draft: Annotated[
        bool, typer.Option("--draft", help="Hold the stock for a while; `order confirm` places it.")
    ] = False,
    note: Annotated[str, typer.Option(metavar="TEXT")] = "",
    channel: Annotated[str, typer.Option("--channel", help="Where it was made.", metavar="CHANNEL")] = "shop",
    external_number: Annotated[
        str | None,
        typer.Option(help="Its number there: it has happened, and is never refused for stock.", metavar="TEXT"),
    ] = None,
    key: Key = None,
    dry_run: DryRun = False,
) -> None:
    """Place an order: its stock is reserved at once.

    Its confirmation goes out. With -, place one for each line of JSON on stdin.

    Example: shopctl order place MUG=2 CAP=1@9.50 --customer ada@example.org --paid card
    """
    if batched(context, items[0] if len(items) == 1 else "", "place", dry_run):
        return
    currency = context.shop.settings.shop.currency
    saved = _saved(context, customer) if "saved" in (ship_to, bill_to) else {}
    wanted = OrderDraft(
        lines=tuple(parsing.item(text, currency) for text in items),
        customer=customer or None,
        name=name,
        phone=phone,
        ship_to=_address(ship_to, "ship_to", saved),
        bill_to=_address(bill_to, "bill_to", saved),
        discount=parsing.discount(discount, currency),
        code=code or None,
        shipping=parsing.shipping(shipping, currency),
        tax_rate=None if tax_rate is None else parse_rate(tax_rate),
        paid=paid,
        draft=draft,
        note=note,
        channel=channel,
        external_number=external_number,
        key=parsing.key(key),
    )
    with context.writing(dry_run) as conn:
        placed = orders.place(conn, wanted)
    context.print(placed, COLUMNS)
    if dry_run:
        return
    short = sum(line.short for line in placed.lines)
    if short:
        output.tell(f"{output.counted(short, 'unit')} short: shopctl order why {placed.number}", style="yellow")
    if placed.status == "draft":
        output.tell(f"It holds its stock{_until(placed)}: shopctl order confirm {placed.number} places it.")
    elif placed.customer.email:
        tell_how_mail_leaves(context.shop)


def confirm(
    context: Context,
    number: NumberOrBatch,
    paid: Annotated[
        str | None, typer.Option(help="It is paid in full already, by this method.", metavar="METHOD")
    ] = None,
    key: Key = None,
    dry_run: DryRun = False,
) -> None:
    """Place a draft, at the prices it was drafted with.

    Example: shopctl order confirm 1001 --paid card
    """
    if batched(context, number, "confirm", dry_run):
        return
    with context.writing(dry_run) as conn:
        changed = orders.confirm(conn, number, paid=paid, key=parsing.key(key))
    show_changed(context, changed, dry_run=dry_run)
    if changed.customer.email and not dry_run:
        tell_how_mail_leaves(context.shop)


def edit(
    context: Context,
    number: Number,
    items: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SKU=QTY[@PRICE]]…",
            help="How many to deliver in all; 0 takes it off. #2=1 is the second line.",
            autocompletion=complete_sku,
            show_default=False,
        ),
    ] = None,
    ship_to: ShipTo = None,
    bill_to: BillTo = None,
    email: Annotated[str | None, typer.Option("--email", help="Whose order it is.", metavar="ADDRESS")] = None,
    name: Annotated[str | None, typer.Option(help="The customer's name.", metavar="TEXT")] = None,
    discount: DiscountOption = None,
    code: Code = None,
    shipping: Shipping = None,
    tax_rate: Annotated[
        str | None, typer.Option(help="In percent, in place of the shop's rates.", metavar="RATE")
    ] = None,
    version: Annotated[
        int | None, typer.Option(help="Only if it is still this version (see --json).", metavar="N")
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Change lines, prices, charges or addresses at once.

    All of it or nothing; --dry-run shows what the order would cost.

    Example: shopctl order edit 1001 MUG=3 CAP=0 --shipping 6.90 --dry-run
    """
    currency = context.shop.settings.shop.currency
    wanted = OrderEdit(
        lines=tuple(parsing.item(text, currency) for text in items or ()),
        email=UNSET if email is None else email,
        name=UNSET if name is None else name,
        ship_to=UNSET if ship_to is None else parsing.address(ship_to, files=True),
        bill_to=UNSET if bill_to is None else parsing.address(bill_to, files=True),
        discount=UNSET if discount is None else parsing.discount(discount, currency),
        code=UNSET if code is None else code,
        shipping=UNSET if shipping is None else parsing.shipping(shipping, currency) or "",
        tax_rate=UNSET if tax_rate is None else parse_rate(tax_rate),
        version=version,
    )
    with context.writing(dry_run) as conn:
        before = orders.get(conn, number)
        changed = orders.edit(conn, number, wanted)
    show_changed(context, changed, dry_run=dry_run)
    _tell_difference(before.total, changed.total)


def hold(
    context: Context,
    number: Number,
    reason: Annotated[str, typer.Option(help="Why, for the shop.", metavar="TEXT")] = "",
    dry_run: DryRun = False,
) -> None:
    """Pick and ship nothing of an order until `unhold`.

    Example: shopctl order hold 1001 --reason "address looks wrong"
    """
    if not reason.strip():
        raise BadValueError("A hold has a reason.", 'Add --reason "address looks wrong".')
    with context.writing(dry_run) as conn:
        changed = orders.hold(conn, number, reason=reason)
    show_changed(context, changed, dry_run=dry_run)


def unhold(context: Context, number: Number, dry_run: DryRun = False) -> None:
    """Let an order go on.

    Example: shopctl order unhold 1001
    """
    with context.writing(dry_run) as conn:
        changed = orders.unhold(conn, number)
    show_changed(context, changed, dry_run=dry_run)


def note(
    context: Context, number: Number, text: Annotated[str, typer.Argument(metavar="TEXT")], dry_run: DryRun = False
) -> None:
    """Write a note on an order's timeline, for the shop's people.

    Example: shopctl order note 1001 "wants it before Friday"
    """
    with context.writing(dry_run) as conn:
        changed = orders.note(conn, number, text)
    show_changed(context, changed, dry_run=dry_run)


def _saved(context: Context, customer: str | None) -> dict[str, Address]:
    """Return the addresses that are remembered of a customer."""
    if not customer:
        raise BadValueError("Whose saved address?", "Add --customer EMAIL.")
    with context.shop.read() as conn:
        return customers.addresses(conn, customers.get(conn, customer).id)


def _address(text: str | None, kind: str, saved: dict[str, Address]) -> Address | None:
    if text == "saved":
        if kind not in saved:
            raise BadValueError(
                f"The customer has no saved address to {kind.replace('_to', '')} to.", "Write it, or name a JSON file."
            )
        return saved[kind]
    return parsing.address(text, files=True) if text else None


def _until(placed: orders.Order) -> str:
    return f" until {output.cell(placed.expires_at)}" if placed.expires_at else ""


def _tell_difference(before: Money, after: Money) -> None:
    if before == after:
        output.tell("The total stays as it was.")
        return
    difference = Money(after.amount - before.amount, after.currency)
    sign = "+" if difference.amount > 0 else ""
    output.tell(f"Total {before} → {after.shown()} ({sign}{difference}).")
