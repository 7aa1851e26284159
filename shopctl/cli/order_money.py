"""``shopctl order pay``, ``authorize``, ``capture``, ``void``, ``refund``: money that moved, or was promised."""

from typing import Annotated

import typer

from shopctl.cli.context import Context, DryRun, Key
from shopctl.cli.order_parts import Amount, Method, NumberOrBatch, Reference, Units, batched, money, show_changed
from shopctl.services import orders
from shopctl.services.orders import DEFAULT_METHOD, parsing


def pay(
    context: Context,
    number: NumberOrBatch,
    amount: Amount = None,
    method: Method = DEFAULT_METHOD,
    reference: Reference = "",
    key: Key = None,
    dry_run: DryRun = False,
) -> None:
    """Record that money came in.

    Example: shopctl order pay 1001 --method transfer --reference "SEPA 4711"
    """
    if batched(context, number, "pay", dry_run):
        return
    paid, given = money(context, amount), parsing.key(key)
    with context.writing(dry_run) as conn:
        changed = orders.pay(conn, number, amount=paid, method=method, reference=reference, key=given)
    show_changed(context, changed, dry_run=dry_run)


def authorize(
    context: Context,
    number: NumberOrBatch,
    amount: Amount = None,
    method: Method = "card",
    reference: Reference = "",
    key: Key = None,
    dry_run: DryRun = False,
) -> None:
    """Record that money was promised, to be captured later.

    Example: shopctl order authorize 1001 --method card --reference "auth 8812"
    """
    if batched(context, number, "authorize", dry_run):
        return
    promised, given = money(context, amount), parsing.key(key)
    with context.writing(dry_run) as conn:
        changed = orders.authorize(conn, number, amount=promised, method=method, reference=reference, key=given)
    show_changed(context, changed, dry_run=dry_run)


def capture(
    context: Context,
    number: NumberOrBatch,
    amount: Annotated[
        str | None, typer.Option("--amount", help="How much; all that was promised if left out.", metavar="AMOUNT")
    ] = None,
    reference: Reference = "",
    key: Key = None,
    dry_run: DryRun = False,
) -> None:
    """Record that promised money came in.

    Example: shopctl order capture 1001
    """
    if batched(context, number, "capture", dry_run):
        return
    taken, given = money(context, amount), parsing.key(key)
    with context.writing(dry_run) as conn:
        changed = orders.capture_authorized(conn, number, amount=taken, reference=reference, key=given)
    show_changed(context, changed, dry_run=dry_run)


def void(
    context: Context,
    number: NumberOrBatch,
    amount: Annotated[
        str | None, typer.Option("--amount", help="How much; all that was promised if left out.", metavar="AMOUNT")
    ] = None,
    key: Key = None,
    dry_run: DryRun = False,
) -> None:
    """Give promised money back that was not captured.

    Example: shopctl order void 1001
    """
    if batched(context, number, "void", dry_run):
        return
    given_back, given = money(context, amount), parsing.key(key)
    with context.writing(dry_run) as conn:
        changed = orders.void(conn, number, amount=given_back, key=given)
    show_changed(context, changed, dry_run=dry_run)


def refund(
    context: Context,
    number: NumberOrBatch,
    units: Units = None,
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
    """Record that money went back.

    What is owed, an --amount, or what the units named cost. It moves no money itself.

    Example: shopctl order refund 1001 MUG=1 --method card
    """
    if batched(context, number, "refund", dry_run):
        return
    back, given = money(context, amount), parsing.key(key)
    with context.writing(dry_run) as conn:
        changed = orders.refund(
            conn, number, parsing.choices(units), amount=back, method=method, reference=reference, key=given
        )
    show_changed(context, changed, dry_run=dry_run)
