"""``shopctl stock``."""

from typing import TYPE_CHECKING, Annotated

import typer

from shopctl.cli import output
from shopctl.cli.context import Context, DryRun, Key, Limit, completing, group
from shopctl.cli.output import Column
from shopctl.cli.product import Sku, complete_sku
from shopctl.errors import BadValueError
from shopctl.money import Money
from shopctl.services import inventory, products
from shopctl.services.inventory import InsufficientStockError, Item, Want
from shopctl.text import safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

app = group("How much there is of what, where, and why.")


def _locations(conn: "Connection", beginning: str) -> list[tuple[str, str]]:
    return [
        (place.name, f"priority {place.priority}")
        for place in inventory.locations(conn)
        if place.name.startswith(beginning)
    ]


complete_location = completing(_locations)

Place = Annotated[
    str | None,
    typer.Option(help="Which location; the first if left out.", metavar="NAME", autocompletion=complete_location),
]
Reference = Annotated[str, typer.Option(help="The delivery note, or what it belongs to.", metavar="TEXT")]


def _told(rows: "Sequence[object]", columns: list[Column]) -> list[Column]:
    """Return the columns that say something of `rows`: without those that are rare, and zero in all."""
    rare = ("held", "unsellable", "packed")
    return [c for c in columns if c.field not in rare or any(getattr(row, c.field) for row in rows)]


def _change(units: int) -> str:
    return f"{units:+,}" if units else ""


COLUMNS = [
    Column("sku", "SKU"),
    Column("name", "Name", flexible=True),
    Column("location", "Location", spare=1),
    Column("bin", "Bin", spare=3),
    Column("on_hand", "On hand", right=True),
    Column("reserved", "Reserved", right=True),
    Column("held", "Held", right=True),
    Column("unsellable", "Unsellable", right=True),
    Column("available", "Available", right=True),
    Column("reorder_point", "Reorder at", right=True, spare=2),
]
_MOVE_COLUMNS = [
    Column("at", "When"),
    Column("sku", "SKU"),
    Column("location", "Location", spare=1),
    Column("kind", "Kind"),
    Column("on_hand", "On hand", right=True, read=lambda move: _change(move.on_hand)),
    Column("reserved", "Reserved", right=True, read=lambda move: _change(move.reserved)),
    Column("packed", "Packed", right=True, read=lambda move: _change(move.packed)),
    Column("held", "Held", right=True, read=lambda move: _change(move.held)),
    Column("reference", "Reference", flexible=True),
    Column("reason", "Reason", flexible=True),
    Column("actor", "By", spare=2),
]


@app.command()
def show(
    context: Context,
    skus: Annotated[list[str] | None, typer.Argument(metavar="[SKU…]", autocompletion=complete_sku)] = None,
    location: Annotated[
        str | None, typer.Option(help="Only this location.", metavar="NAME", autocompletion=complete_location)
    ] = None,
    limit: Limit = None,
) -> None:
    """Show the stock of products, at each location.

    Example: shopctl stock show MUG CAP
    """
    from shopctl.services.reports import stock

    with context.shop.read() as conn:
        rows = stock.levels(conn, skus or (), place=location, limit=context.limited(limit))
    context.print_page(rows, limit, _told(rows, COLUMNS))


@app.command()
def check(
    context: Context,
    items: Annotated[list[str], typer.Argument(metavar="SKU=QTY…", autocompletion=complete_sku)],
) -> None:
    """Check whether these could be ordered together now: exit 0 if so, 1 if not.

    Example: shopctl stock check MUG=2 CAP=1
    """
    wanted = [_item(text) for text in items]
    with context.shop.read() as conn:
        found = products.sellable(conn, [sku for sku, _ in wanted])
        wants = [
            Want(i, Item(item.id, item.sku), quantity)
            for i, (item, (_, quantity)) in enumerate(zip(found, wanted, strict=True))
        ]
        short = inventory.check(conn, wants)
        have = inventory.available(conn, [want.item for want in wants])
    if short:
        raise InsufficientStockError(short, "`shopctl stock show` tells what there is.")
    rows = [{"sku": want.item.sku, "wanted": want.quantity, "available": have[want.item]} for want in wants]
    context.print(
        rows, [Column("sku", "SKU"), Column("wanted", "Wanted", True), Column("available", "Available", True)]
    )


@app.command()
def receive(
    context: Context,
    sku: Sku,
    quantity: Annotated[int, typer.Argument(metavar="QTY")],
    location: Place = None,
    cost: Annotated[str | None, typer.Option(help="What one unit cost.", metavar="AMOUNT")] = None,
    reference: Reference = "",
    key: Key = None,
    dry_run: DryRun = False,
) -> None:
    """Put units that arrived on the shelf.

    Example: shopctl stock receive MUG 48 --cost 4.20 --reference "Delivery 881"
    """
    from shopctl.services import orders
    from shopctl.services.reports import stock

    unit_cost = None if cost is None else Money.parse(cost, context.shop.settings.shop.currency).amount
    with context.writing(dry_run) as conn:
        found = products.get(conn, sku)
        level = orders.receive(
            conn,
            Item(found.id, found.sku),
            quantity,
            location=location,
            unit_cost=unit_cost,
            reference=reference,
            key=key,
        )
        shown = stock.level(conn, level)
        served = orders.served(conn)
    context.print(shown, _told([shown], COLUMNS))
    for number, units in served.items():
        output.tell(f"{output.counted(units, 'unit')} for order {number}, which waited longest.")


@app.command(context_settings={"ignore_unknown_options": True})
def adjust(
    context: Context,
    sku: Sku,
    delta: Annotated[str, typer.Argument(metavar="±QTY", help="By how much: +3, -3 or 3.")],
    reason: Annotated[str, typer.Option(help="Why.", metavar="TEXT")],
    location: Place = None,
    key: Key = None,
    dry_run: DryRun = False,
) -> None:
    """Put a balance right, with the reason.

    Example: shopctl stock adjust MUG -3 --reason "broken in the storeroom"
    """
    from shopctl.services import orders
    from shopctl.services.reports import stock

    with context.writing(dry_run) as conn:
        found = products.get(conn, sku)
        level = orders.adjust(
            conn, Item(found.id, found.sku), _signed(delta), reason=reason, location=location, key=key
        )
        shown = stock.level(conn, level)
    context.print(shown, _told([shown], COLUMNS))


@app.command()
def moves(
    context: Context,
    sku: Annotated[str | None, typer.Argument(metavar="[SKU]", autocompletion=complete_sku)] = None,
    since: Annotated[str | None, typer.Option(help="2026-11-23, or how long ago: 7d, 2h.", metavar="TIME")] = None,
    limit: Limit = None,
) -> None:
    """Show the ledger: every change of stock, the latest first.

    Example: shopctl stock moves MUG --since 7d
    """
    from shopctl.services.reports import stock

    with context.shop.read() as conn:
        rows = stock.moves(conn, sku, since=context.moment(since), limit=context.limited(limit))
    context.print_page(rows, limit, _told(rows, _MOVE_COLUMNS))


def _item(text: str) -> tuple[str, int]:
    sku, _, quantity = text.rpartition("=")
    if not (sku.strip() and quantity.isascii() and quantity.isdigit() and len(quantity) <= 12):
        raise BadValueError(f"{safe(text, 80)!r} is no quantity of a product.", "Write SKU=QTY, such as MUG=2.")
    return sku.strip(), inventory.checked_quantity(int(quantity))


def _signed(text: str) -> int:
    digits = text.removeprefix("+").removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
        if text.startswith("--"):
            raise typer.BadParameter(f"There is no option {text}.")
        raise BadValueError(f"The quantity {text!r} is no whole number.", "Write +3, -3 or 3.")
    return -int(digits) if text.startswith("-") else int(digits)
