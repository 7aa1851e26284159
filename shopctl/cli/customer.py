"""``shopctl customer``."""

from typing import Annotated

import typer

from shopctl.cli import output
from shopctl.cli.context import Context, Limit, completing, group, options
from shopctl.cli.output import Column
from shopctl.services import customers
from shopctl.services.customers import CustomerFilter

app = group("Who ordered.")

complete_customer = completing(
    lambda conn, beginning: [
        (found.identity, found.name) for found in customers.page(conn, CustomerFilter(query=beginning, limit=50))
    ]
)

_COLUMNS = [
    Column("identity", "Customer", flexible=True),
    Column("name", "Name", flexible=True),
    Column("phone", "Phone"),
    Column("created_at", "Since"),
]


@app.command(name="list")
def list_(
    context: Context,
    query: Annotated[str, typer.Argument(metavar="[QUERY]", help="Part of a name or an e-mail address.")] = "",
    limit: Limit = None,
) -> None:
    """List customers, the latest first. They are recorded from their orders.

    Example: shopctl customer list ada
    """
    with context.shop.read() as conn:
        rows = customers.page(conn, CustomerFilter(query=query, limit=context.limited(limit)))
    context.print_page(rows, limit, _COLUMNS)


@app.command()
def show(
    context: Context,
    who: Annotated[str, typer.Argument(metavar="EMAIL", autocompletion=complete_customer)],
) -> None:
    """Show a customer and the orders placed.

    Example: shopctl customer show ada@example.org
    """
    from shopctl.cli.order import COLUMNS as ORDER_COLUMNS
    from shopctl.services import orders
    from shopctl.services.orders import OrderFilter

    with context.shop.read() as conn:
        found = customers.get(conn, who)
        if options.format not in (None, "table"):
            context.print(found, _COLUMNS)
            return
        placed = orders.page(conn, OrderFilter(customer=found.identity, limit=50))
    output.details(
        output.cell(found.identity),
        [("Name", found.name), ("Phone", found.phone), ("Since", found.created_at)],
    )
    output.rows("Orders", placed, ORDER_COLUMNS)
