"""``shopctl tax``."""

from typing import TYPE_CHECKING, Annotated

import typer

from shopctl.cli import output
from shopctl.cli.context import Context, DryRun, completing, group
from shopctl.cli.output import Column
from shopctl.money import parse_rate
from shopctl.services import terms

if TYPE_CHECKING:
    from sqlalchemy import Connection

app = group("Tax rates, by class of goods and country.")


def _classes(conn: "Connection", beginning: str) -> list[tuple[str, str]]:
    known: dict[str, list[str]] = {"standard": [], "shipping": []}
    for rate in terms.rates(conn):
        known.setdefault(rate.tax_class, []).append(f"{rate.country} {rate.rate}%")
    return [(name, ", ".join(set_)) for name, set_ in known.items() if name.startswith(beginning)]


def _countries(conn: "Connection", beginning: str) -> list[tuple[str, str]]:
    found = sorted({rate.country for rate in terms.rates(conn)})
    return [(name, "") for name in found if name.startswith(beginning)]


complete_class = completing(_classes)

TaxClass = Annotated[
    str,
    typer.Argument(
        metavar="CLASS", help="As products name it: standard, reduced, …; or shipping.", autocompletion=complete_class
    ),
]
Country = Annotated[
    str,
    typer.Argument(
        metavar="COUNTRY",
        help='As addresses name it, such as FR; "*" is every other one.',
        autocompletion=completing(_countries),
    ),
]
_CODE = len("FR")
_COLUMNS = [
    Column("tax_class", "Class"),
    Column("country", "Country"),
    Column("rate", "Rate", right=True, read=lambda found: f"{found.rate}%"),
]


@app.command(name="list")
def list_(context: Context) -> None:
    """List the tax rates.

    Example: shopctl tax list
    """
    with context.shop.read() as conn:
        rows = terms.rates(conn)
    context.print(rows, _COLUMNS)


@app.command(name="set")
def set_(
    context: Context,
    tax_class: TaxClass,
    country: Country,
    rate: Annotated[str, typer.Argument(metavar="RATE", help="In percent, such as 20 or 5.5.")],
    dry_run: DryRun = False,
) -> None:
    """Set the tax on a class of goods in a country; orders that are placed from now on have it.

    Shipping without a rate of its own has the standard one.

    Example: shopctl tax set standard FR 20
    """
    with context.writing(dry_run) as conn:
        made = terms.set_rate(conn, tax_class, country, parse_rate(rate))
    context.print(made, _COLUMNS)
    if made.country != "*" and len(made.country) > _CODE:
        output.tell(f"{output.cell(made.country)} is no country that is known; addresses must name it just so.")


@app.command()
def remove(context: Context, tax_class: TaxClass, country: Country, dry_run: DryRun = False) -> None:
    """Take back a tax rate; orders that have it keep it. Print what it was.

    Example: shopctl tax remove reduced FR
    """
    with context.writing(dry_run) as conn:
        removed = terms.remove_rate(conn, tax_class, country)
    context.print(removed, _COLUMNS)
