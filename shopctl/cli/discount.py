"""``shopctl discount``."""

from typing import TYPE_CHECKING, Annotated

import typer

from shopctl.cli import output
from shopctl.cli.context import Context, DryRun, completing, group
from shopctl.cli.output import Column
from shopctl.money import Money, parse_rate
from shopctl.services import terms

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from shopctl.services.terms import DiscountCode

app = group("Discount codes: what they take off, for how long and how often.")


def _codes(conn: "Connection", beginning: str) -> list[tuple[str, str]]:
    return [
        (found.code, f"{_off(found)}, {found.state}") for found in terms.codes(conn) if found.code.startswith(beginning)
    ]


def _off(found: "DiscountCode") -> str:
    return f"{found.rate}%" if found.rate else output.cell(found.amount)


complete_code = completing(_codes)

_COLUMNS = [
    Column("code", "Code", flexible=True),
    Column("rate", "Takes off", right=True, read=_off),
    Column(
        "minimum",
        "From goods of",
        right=True,
        read=lambda f: output.cell(f.minimum) if f.minimum.amount else "",
        spare=1,
    ),
    Column("starts_at", "From", spare=2),
    Column("ends_at", "Until"),
    Column("used", "Used", right=True),
    Column("use_limit", "Of", right=True),
    Column("state", "State"),
]


@app.command()
def add(
    context: Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help="What customers give; case does not matter.")],
    value: Annotated[str, typer.Argument(metavar="10%|5.00", help="The part or the amount that it takes off.")],
    starts: Annotated[
        str | None, typer.Option("--from", help="When it begins to count; now if left out.", metavar="TIME")
    ] = None,
    until: Annotated[str | None, typer.Option(help="When it ends; a day is meant whole.", metavar="TIME")] = None,
    minimum: Annotated[
        str | None, typer.Option("--min", help="The worth of goods from which it counts.", metavar="AMOUNT")
    ] = None,
    uses: Annotated[int | None, typer.Option(help="For how many orders at most.", metavar="N")] = None,
    dry_run: DryRun = False,
) -> None:
    """Add a discount code.

    Example: shopctl discount add SUMMER10 10% --until 2027-08-31 --min 50 --uses 100
    """
    currency = context.shop.settings.shop.currency
    rated = value.strip().endswith("%")
    with context.writing(dry_run) as conn:
        made = terms.add_code(
            conn,
            code,
            rate=parse_rate(value) if rated else 0,
            amount=None if rated else Money.parse(value, currency),
            starts_at=context.moment(starts),
            ends_at=context.moment(until, end=True),
            minimum=None if minimum is None else Money.parse(minimum, currency),
            uses=uses,
        )
    context.print(made, _COLUMNS)


@app.command(name="list")
def list_(context: Context) -> None:
    """List the discount codes, the latest first.

    Example: shopctl discount list
    """
    with context.shop.read() as conn:
        rows = terms.codes(conn)
    context.print(rows, _COLUMNS)


@app.command()
def end(
    context: Context,
    code: Annotated[str, typer.Argument(metavar="CODE", autocompletion=complete_code)],
    dry_run: DryRun = False,
) -> None:
    """End a discount code now; orders that have it keep it.

    Example: shopctl discount end SUMMER10
    """
    with context.writing(dry_run) as conn:
        ended = terms.end_code(conn, code)
    context.print(ended, _COLUMNS)
