"""What the commands of ``shopctl order`` share: their arguments, and how orders are listed."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from shopctl.cli import output
from shopctl.cli.context import Context, completing, options
from shopctl.cli.output import Column
from shopctl.errors import BadValueError
from shopctl.money import Money
from shopctl.services import orders
from shopctl.services.orders import Order
from shopctl.text import safe

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from shopctl.shop import Shop


def _numbers(conn: "Connection", beginning: str) -> list[tuple[str, str]]:
    return orders.completing(conn, beginning)  # loaded when somebody completes, and not before


complete_number = completing(_numbers)

Number = Annotated[str, typer.Argument(metavar="NUMBER", autocompletion=complete_number)]
NumberOrBatch = Annotated[
    str,
    typer.Argument(metavar="NUMBER | -", autocompletion=complete_number, help="With -, a row of JSON each on stdin."),
]
Units = Annotated[
    list[str] | None,
    typer.Argument(metavar="[SKU=QTY]…", help="Which units; #2=1 is one of the second line.", show_default=False),
]
Method = Annotated[str, typer.Option("--method", help="How: cash, card, transfer, …", metavar="METHOD")]
Amount = Annotated[str | None, typer.Option("--amount", help="How much; what is due if left out.", metavar="AMOUNT")]
Reference = Annotated[str, typer.Option(help="The bank's or the terminal's reference.", metavar="TEXT")]
Reason = Annotated[str, typer.Option(help="Why, for the shop.", metavar="TEXT")]
Parcel = Annotated[str | None, typer.Option("--parcel", help="Which parcel: 1001-2, or 2.", metavar="PARCEL")]


def _customer(order: Order) -> str:
    return output.cell(order.customer.name or order.customer.email or "")


COLUMNS = [
    Column("number", "Number"),
    Column("placed_at", "Placed", spare=1),
    Column("customer.email", "Customer", read=_customer, flexible=True),
    Column("total", "Total", right=True),
    Column("currency", "", spare=2),
    Column("status", "Status"),
    Column("payment_status", "Payment"),
    Column("fulfilment_status", "Fulfilment", spare=3),
    Column("next", "Next"),
]


def money(context: Context, text: str | None) -> Money | None:
    """Return the amount that an option writes.

    Raises:
        BadValueError: it is none, or not more than zero.
    """
    if text is None:
        return None
    amount = Money.parse(text, context.shop.settings.shop.currency)
    if amount.amount <= 0:
        raise BadValueError("The amount is more than zero.", "Give a positive --amount.")
    return amount


def batched(context: Context, number: str, verb: str, dry_run: bool) -> bool:
    """Read rows of JSON from stdin, and do `verb` with each, if `number` is ``-``; return whether it was."""
    if number != "-":
        return False
    from shopctl.cli.order_batch import run

    run(context, verb, dry_run=dry_run)
    return True


def show_changed(context: Context, changed: Order, *, dry_run: bool = False) -> None:
    """Print an order after a change, say what happened, and what follows from it."""
    context.print(changed, COLUMNS)
    if options.json:
        return
    if context.happened:
        output.tell(f"{safe(changed.timeline[-1].summary)}.")
    if changed.owed.amount and not dry_run:
        output.tell(f"{changed.owed.shown()} are owed to the customer: shopctl order refund {changed.number}")


def tell_how_mail_leaves(shop: "Shop") -> None:
    """Say how mail will go out when no worker is there to send it: with the first message, and when some wait long."""
    if shop.presence.any():
        return
    from shopctl import events

    with shop.read() as conn:
        waiting = events.backlog(conn)
        first = waiting.waiting <= _EVENTS_OF_ONE_ORDER and len(events.unhandled(conn, waiting.waiting)) > 0
    if first:
        where = f"by {shop.settings.mail.host}" if shop.settings.mail.host else f"as files in {shop.home / 'outbox'}"
        output.tell(f"Its confirmation waits for a worker: shopctl worker run --burst sends it {where}.")
    elif waiting.oldest_at is not None and shop.clock() - waiting.oldest_at > _LONG:
        output.tell(f"Messages have waited since {output.cell(waiting.oldest_at)}: shopctl worker run sends them.")


_EVENTS_OF_ONE_ORDER = 2
_LONG = timedelta(minutes=10)
