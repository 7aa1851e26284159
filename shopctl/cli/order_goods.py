"""``shopctl order pick``, ``pack``, ``ship``, ``deliver``, ``cancel``: goods on their way."""

from typing import Annotated

import typer

from shopctl.cli import output
from shopctl.cli.context import Context, DryRun, Key
from shopctl.cli.order_parts import (
    Number,
    NumberOrBatch,
    Parcel,
    Reason,
    Units,
    batched,
    complete_number,
    show_changed,
)
from shopctl.cli.output import Column
from shopctl.errors import BadValueError
from shopctl.services import orders
from shopctl.services.orders import PickRow, parsing


def _orders(row: PickRow) -> str:
    return ", ".join(f"{output.cell(part.number)} ({part.quantity})" for part in row.orders)


_PICK_COLUMNS = [
    Column("location", "Location"),
    Column("bin", "Bin"),
    Column("sku", "SKU"),
    Column("name", "Name", flexible=True),
    Column("quantity", "Qty", right=True),
    Column("orders", "For orders", read=_orders, flexible=True),
]


def pick(
    context: Context,
    numbers: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NUMBER]…", autocompletion=complete_number, show_default=False),
    ] = None,
    ready: Annotated[bool, typer.Option("--ready", help="All orders that wait to be picked, or are being.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Start to pick orders: print what to fetch, by bin. Again, the list is printed anew.

    Example: shopctl order pick --ready
    """
    if ready == bool(numbers):
        raise BadValueError("Which orders are to be picked?", "Name them, or add --ready for all that wait for it.")
    with context.writing(dry_run) as conn:
        rows = orders.pick(conn, numbers or ())
    context.print(rows, _PICK_COLUMNS)


def pack(
    context: Context, number: NumberOrBatch, units: Units = None, key: Key = None, dry_run: DryRun = False
) -> None:
    """Put units in a parcel.

    Those named, else those being picked, else all that are on the shelf.

    Example: shopctl order pack 1001 MUG=2
    """
    if batched(context, number, "pack", dry_run):
        return
    with context.writing(dry_run) as conn:
        changed = orders.pack(conn, number, parsing.choices(units), key=parsing.key(key))
    show_changed(context, changed, dry_run=dry_run)


def unpack(context: Context, number: Number, parcel: Parcel = None, dry_run: DryRun = False) -> None:
    """Open packed parcels: their units stay reserved.

    Example: shopctl order unpack 1001
    """
    with context.writing(dry_run) as conn:
        changed = orders.unpack(conn, number, parcel=parcel)
    show_changed(context, changed, dry_run=dry_run)


def ship(
    context: Context,
    number: NumberOrBatch,
    units: Units = None,
    carrier: Annotated[str, typer.Option("--carrier", help="Who carries it.", metavar="NAME")] = "",
    tracking: Annotated[str, typer.Option("--tracking", help="The carrier's number.", metavar="NUMBER")] = "",
    link: Annotated[str, typer.Option("--link", help="Where its way is shown.", metavar="URL")] = "",
    parcel: Parcel = None,
    key: Key = None,
    dry_run: DryRun = False,
) -> None:
    """Send a parcel: its units leave the stock.

    What is packed, else what is being picked, else what is on the shelf; or the units or the parcel that you name.

    Example: shopctl order ship 1001 MUG=2 --carrier DHL --tracking 00340434161094042557
    """
    if batched(context, number, "ship", dry_run):
        return
    with context.writing(dry_run) as conn:
        changed = orders.ship(
            conn,
            number,
            parsing.choices(units),
            carrier=carrier,
            tracking=tracking,
            link=link,
            parcel=parcel,
            key=parsing.key(key),
        )
    show_changed(context, changed, dry_run=dry_run)


def unship(
    context: Context,
    number: Number,
    reason: Reason = "",
    parcel: Parcel = None,
    dry_run: DryRun = False,
) -> None:
    """Take back a shipment that was recorded by mistake.

    Its parcel is packed again.

    Example: shopctl order unship 1001 --reason "the courier did not come"
    """
    if not reason.strip():
        raise BadValueError("Taking a shipment back has a reason.", 'Add --reason "the courier did not come".')
    with context.writing(dry_run) as conn:
        changed = orders.unship(conn, number, reason=reason, parcel=parcel)
    show_changed(context, changed, dry_run=dry_run)


def deliver(
    context: Context, number: NumberOrBatch, parcel: Parcel = None, key: Key = None, dry_run: DryRun = False
) -> None:
    """Record that parcels arrived.

    All that are on their way, or one.

    Example: shopctl order deliver 1001
    """
    if batched(context, number, "deliver", dry_run):
        return
    with context.writing(dry_run) as conn:
        changed = orders.deliver(conn, number, parcel=parcel, key=parsing.key(key))
    show_changed(context, changed, dry_run=dry_run)


def cancel(
    context: Context,
    number: NumberOrBatch,
    units: Units = None,
    reason: Reason = "",
    key: Key = None,
    dry_run: DryRun = False,
) -> None:
    """Cancel units, or all that was not shipped.

    Their stock is released; what was paid for them is then owed.

    Example: shopctl order cancel 1001 MUG=1 --reason "ordered twice"
    """
    if batched(context, number, "cancel", dry_run):
        return
    with context.writing(dry_run) as conn:
        changed = orders.cancel(conn, number, parsing.choices(units), reason=reason, key=parsing.key(key))
    show_changed(context, changed, dry_run=dry_run)
