"""``shopctl shipment``: parcels over all orders, what became of them, and the files of carriers."""

from typing import Annotated, Literal

import typer

from shopctl.cli import output
from shopctl.cli.context import Context, DryRun, Limit, completing, group, options
from shopctl.cli.order_parts import Reason, complete_number
from shopctl.cli.output import Column
from shopctl.errors import BadValueError
from shopctl.services import orders
from shopctl.services.orders import Order, parcel_listing
from shopctl.services.orders.parcel_listing import ParcelDetail, ParcelFilter, ParcelSummary

app = group("Parcels: where they are, and what carriers are told and say.")

complete_parcel = completing(parcel_listing.completing)

Parcel = Annotated[str, typer.Argument(metavar="PARCEL", help="Such as 1001-1.", autocompletion=complete_parcel)]
Parcels = Annotated[
    list[str], typer.Argument(metavar="PARCEL…", help="Such as 1001-1.", autocompletion=complete_parcel)
]
Force = Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")]


def _customer(parcel: ParcelSummary) -> str:
    return output.cell(parcel.customer.name or parcel.customer.email or "")


_COLUMNS = [
    Column("number", "Parcel"),
    Column("order_number", "Order", spare=4),
    Column("customer.name", "Customer", read=_customer, flexible=True),
    Column("status", "Status"),
    Column("units", "Units", right=True, spare=3),
    Column("carrier", "Carrier", flexible=True, spare=1),
    Column("tracking", "Tracking", flexible=True),
    Column("shipped_at", "Shipped", spare=2),
]
_LINE_COLUMNS = [
    Column("sku", "SKU"),
    Column("name", "Name", flexible=True),
    Column("quantity", "Qty", right=True),
]


@app.command(name="list")
def list_(
    context: Context,
    status: Annotated[
        Literal["pending", "packed", "shipped", "delivered", "lost", "returned_to_sender"] | None,
        typer.Option(help="How far they came."),
    ] = None,
    order: Annotated[
        str | None, typer.Option(help="Those of one order.", metavar="NUMBER", autocompletion=complete_number)
    ] = None,
    carrier: Annotated[str | None, typer.Option(help="Who carries them.", metavar="NAME")] = None,
    since: Annotated[
        str | None, typer.Option(help="Shipped since: 2026-11-23, or 7d ago as 7d.", metavar="TIME")
    ] = None,
    after: Annotated[
        str | None, typer.Option(help="Continue after this parcel.", metavar="PARCEL", autocompletion=complete_parcel)
    ] = None,
    limit: Limit = None,
) -> None:
    """List parcels, the latest first.

    Example: shopctl shipment list --status shipped --carrier DHL
    """
    wanted = ParcelFilter(
        statuses=(status,) if status else (),
        order=order,
        carrier=carrier,
        since=context.moment(since),
        after=after,
        limit=context.limited(limit),
    )
    with context.shop.read() as conn:
        rows = parcel_listing.page(conn, wanted)
    context.print_page(rows, limit, _COLUMNS)


@app.command()
def show(context: Context, parcel: Parcel) -> None:
    """Show a parcel: what is in it, where it goes, how far it came.

    Example: shopctl shipment show 1001-1
    """
    with context.shop.read() as conn:
        found = parcel_listing.get(conn, parcel)
    if options.format not in (None, "table"):
        context.print(found, _COLUMNS)
        return
    _show(found)


@app.command()
def track(
    context: Context,
    parcel: Parcel,
    carrier: Annotated[str, typer.Option("--carrier", help="Who carries it.", metavar="NAME")] = "",
    tracking: Annotated[str, typer.Option("--tracking", help="The carrier's number.", metavar="NUMBER")] = "",
    link: Annotated[str, typer.Option("--link", help="Where its way is shown.", metavar="URL")] = "",
    dry_run: DryRun = False,
) -> None:
    """Give a parcel its carrier, tracking number or link.

    Example: shopctl shipment track 1001-1 --carrier DHL --tracking 00340434161094042557
    """
    if not (carrier or tracking or link):
        raise BadValueError("There is nothing to change.", "Give --carrier, --tracking or --link.")
    with context.writing(dry_run) as conn:
        head, found = parcel_listing.locate(conn, parcel)
        orders.track(conn, head.number, parcel=str(found.parcel), carrier=carrier, tracking=tracking, link=link)
        shown = parcel_listing.get(conn, parcel)
    context.print(shown, _COLUMNS)


@app.command()
def deliver(context: Context, parcels: Parcels, dry_run: DryRun = False) -> None:
    """Record that parcels arrived.

    Example: shopctl shipment deliver 1001-1 1002-1
    """
    with context.writing(dry_run) as conn:
        shown = []
        for parcel in dict.fromkeys(parcels):
            head, found = parcel_listing.locate(conn, parcel)
            orders.deliver(conn, head.number, parcel=str(found.parcel))
            shown.append(parcel_listing.get(conn, parcel))
    context.print(shown, _COLUMNS)


@app.command()
def lost(context: Context, parcel: Parcel, reason: Reason = "", dry_run: DryRun = False) -> None:
    """Record that a parcel will not arrive. Whether it is replaced or refunded is apart from it.

    Example: shopctl shipment lost 1001-1 --reason "the carrier searched for it"
    """
    with context.writing(dry_run) as conn:
        head, found = parcel_listing.locate(conn, parcel)
        orders.lose(conn, head.number, parcel=str(found.parcel), reason=reason)
        shown = parcel_listing.get(conn, parcel)
    context.print(shown, _COLUMNS)
    if not dry_run and not options.json:
        units = " ".join(f"{output.cell(line.sku)}={line.quantity}" for line in shown.lines)
        output.tell(f"To send it again: shopctl order claim {shown.order_number} {units} --lost --replace")


@app.command()
def returned(
    context: Context,
    parcel: Parcel,
    restock: Annotated[bool, typer.Option("--restock", help="Its units go back on the shelf.")] = False,
    write_off: Annotated[bool, typer.Option("--write-off", help="Its units cannot be sold.")] = False,
    reason: Reason = "",
    dry_run: DryRun = False,
) -> None:
    """Record that a parcel came back to the shop. Its units are restocked, written off, or wait for `order inspect`.

    Example: shopctl shipment returned 1001-1 --restock --reason "nobody was there"
    """
    if restock and write_off:
        raise BadValueError("What becomes of its units?", "Give one of --restock and --write-off.")
    fate = True if restock else False if write_off else None
    with context.writing(dry_run) as conn:
        head, found = parcel_listing.locate(conn, parcel)
        changed = orders.send_back(conn, head.number, parcel=str(found.parcel), restock=fate, reason=reason)
        shown = parcel_listing.get(conn, parcel)
    context.print(shown, _COLUMNS)
    if not dry_run:
        _tell_owed(changed)


@app.command()
def export(
    context: Context,
    file: Annotated[str | None, typer.Argument(metavar="[FILE]", help="Without it, or with -, stdout.")] = None,
    status: Annotated[Literal["pending", "packed", "shipped"], typer.Option(help="Which parcels.")] = "packed",
    all_: Annotated[bool, typer.Option("--all", help="All that are to be shipped: pending and packed.")] = False,
    bom: Annotated[
        bool, typer.Option("--bom", help="Begin with a mark of UTF-8, as programs of Windows want.")
    ] = False,
    force: Force = False,
) -> None:
    """Write parcels for a carrier's software, as CSV (or --format json, jsonl): address, weight, contents, value.

    Example: shopctl shipment export parcels.csv
    """
    from shopctl.cli.shipment_files import export_shipments

    statuses = ("pending", "packed") if all_ else (status,)
    export_shipments(context, file, statuses, options.format, force=force, bom=bom)


@app.command(name="import")
def import_(
    context: Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="CSV, XLSX or JSON Lines; - reads stdin.")],
    mapping: Annotated[
        str | None, typer.Option("--map", help="ours=theirs,…; a constant is ours:=value.", metavar="MAP")
    ] = None,
    carrier: Annotated[str, typer.Option("--carrier", help="Who carries those that do not say.", metavar="NAME")] = "",
    skip_bad: Annotated[
        str | None, typer.Option(help="Write rows that cannot be used to FILE, and import the others.", metavar="FILE")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the FILE of --skip-bad.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Read what a carrier's software gives back: parcels are shipped, tracked, delivered. Again changes nothing.

    Example: shopctl shipment import labels.csv --map "shipment=Reference,tracking=Tracking Number" --carrier DHL
    """
    from shopctl.cli.shipment_files import import_shipments

    import_shipments(context, file, mapping=mapping, carrier=carrier, skip_bad=skip_bad, force=force, dry_run=dry_run)


def _show(found: ParcelDetail) -> None:
    address = found.ship_to
    output.details(
        f"{output.cell(found.number)}  {found.status.replace('_', ' ')}",
        [
            ("Order", found.order_number),
            ("Customer", found.customer.name or found.customer.email or ""),
            ("Ship to", ", ".join(output.cell(part) for part in address.lines()) if address else ""),
            ("Carrier", found.carrier),
            ("Tracking", found.tracking),
            ("Link", found.link),
            ("Packed", found.packed_at),
            ("Shipped", found.shipped_at),
            ("Delivered", found.delivered_at),
        ],
    )
    output.rows("Holds", found.lines, _LINE_COLUMNS)


def _tell_owed(changed: Order) -> None:
    if changed.owed.amount and not options.json:
        output.tell(f"{changed.owed.shown()} are owed to the customer: shopctl order refund {changed.number}")
