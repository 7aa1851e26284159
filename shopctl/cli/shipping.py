"""``shopctl shipping``."""

from typing import TYPE_CHECKING, Annotated

import typer

from shopctl.cli.context import Context, DryRun, completing, group
from shopctl.cli.output import Column
from shopctl.money import Money
from shopctl.services import terms

if TYPE_CHECKING:
    from sqlalchemy import Connection

app = group("The ways to ship, and what they cost.")


def _methods(conn: "Connection", beginning: str) -> list[tuple[str, str]]:
    return [(found.name, found.price.shown()) for found in terms.methods(conn) if found.name.startswith(beginning)]


complete_method = completing(_methods)

Name = Annotated[str, typer.Argument(metavar="METHOD", autocompletion=complete_method)]
_COLUMNS = [
    Column("name", "Method", flexible=True),
    Column("price", "Price", right=True),
    Column("currency", ""),
    Column("free_from", "Free from", right=True),
]


@app.command(name="list")
def list_(context: Context) -> None:
    """List the ways to ship.

    Example: shopctl shipping list
    """
    with context.shop.read() as conn:
        rows = terms.methods(conn)
    context.print(rows, _COLUMNS)


@app.command(name="set")
def set_(
    context: Context,
    name: Name,
    price: Annotated[str, typer.Argument(metavar="PRICE")],
    free_from: Annotated[
        str | None, typer.Option(help="The worth of goods from which it is free.", metavar="AMOUNT")
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Set what a way to ship costs; orders that are placed from now on pay it.

    Example: shopctl shipping set post 4.90 --free-from 50
    """
    currency = context.shop.settings.shop.currency
    with context.writing(dry_run) as conn:
        made = terms.set_method(
            conn,
            name,
            Money.parse(price, currency),
            free_from=None if free_from is None else Money.parse(free_from, currency),
        )
    context.print(made, _COLUMNS)


@app.command()
def remove(context: Context, name: Name, dry_run: DryRun = False) -> None:
    """Take back a way to ship; orders that have it keep it. Print what it was.

    Example: shopctl shipping remove post
    """
    with context.writing(dry_run) as conn:
        removed = terms.remove_method(conn, name)
    context.print(removed, _COLUMNS)
