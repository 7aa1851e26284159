"""``shopctl customer``."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from shopctl.cli import output
from shopctl.cli.context import Context, DryRun, Limit, completing, group, options
from shopctl.cli.output import Column
from shopctl.errors import BadValueError
from shopctl.services import customers
from shopctl.services.customers import AddressChange, CustomerFilter

if TYPE_CHECKING:
    from shopctl.services.reports.customers import CustomerProfile

app = group("Who ordered.")

complete_customer = completing(
    lambda conn, beginning: [
        (found.identity, found.name) for found in customers.page(conn, CustomerFilter(query=beginning, limit=50))
    ]
)

Who = Annotated[str, typer.Argument(metavar="EMAIL", autocompletion=complete_customer)]
Name = Annotated[str | None, typer.Option("--name", metavar="TEXT")]
Phone = Annotated[str | None, typer.Option("--phone", metavar="TEXT")]
ShipTo = Annotated[
    str | None,
    typer.Option("--ship-to", help="NAME, STREET, POSTCODE CITY, COUNTRY, or a JSON file.", metavar="ADDRESS"),
]
BillTo = Annotated[str | None, typer.Option("--bill-to", help="The same, for the invoice.", metavar="ADDRESS")]
Locale = Annotated[
    str | None, typer.Option("--locale", help="The language of the messages, such as de or pt_BR.", metavar="LOCALE")
]
Marketing = Annotated[Literal["yes", "no"] | None, typer.Option(help="Whether optional messages are welcome.")]
Note = Annotated[str | None, typer.Option("--note", help="For the shop's own people.", metavar="TEXT")]

_COLUMNS = [
    Column("identity", "Customer", flexible=True),
    Column("name", "Name", flexible=True),
    Column("phone", "Phone", spare=2),
    Column("orders", "Orders", right=True),
    Column("spent", "Spent", right=True),
    Column("currency", "", spare=3),
    Column("created_at", "Since", spare=1),
]
_PLAIN_COLUMNS = [
    Column("identity", "Customer", flexible=True),
    Column("name", "Name", flexible=True),
    Column("phone", "Phone"),
    Column("locale", "Language"),
    Column("created_at", "Since"),
]


@app.command(name="list")
def list_(
    context: Context,
    query: Annotated[str, typer.Argument(metavar="[QUERY]", help="Part of a name or an e-mail address.")] = "",
    sort: Annotated[str, typer.Option(help="created_at, name, spent, orders; -name is backwards.")] = "-created_at",
    limit: Limit = None,
) -> None:
    """List customers with what they ordered and spent, the latest first. They are recorded from their orders.

    Example: shopctl customer list --sort -spent --limit 10
    """
    from shopctl.services.reports import customers as report

    with context.shop.read() as conn:
        rows = report.page(conn, CustomerFilter(query=query, sort=sort, limit=context.limited(limit)))
    context.print_page(rows, limit, _COLUMNS)


@app.command()
def show(context: Context, who: Who) -> None:
    """Show a customer: addresses, preferences, what was spent, and the latest orders.

    Example: shopctl customer show ada@example.org
    """
    from shopctl.services.reports import customers as report

    with context.shop.read() as conn:
        found = report.profile(conn, who)
    if options.format not in (None, "table"):
        context.print(found, _PLAIN_COLUMNS)
        return
    _show(found)


@app.command()
def add(
    context: Context,
    who: Annotated[str, typer.Argument(metavar="EMAIL", help="Or the reference of another system.")],
    name: Name = None,
    phone: Phone = None,
    ship_to: ShipTo = None,
    bill_to: BillTo = None,
    locale: Locale = None,
    marketing: Marketing = None,
    note: Note = None,
    dry_run: DryRun = False,
) -> None:
    """Record a customer before the first order.

    Example: shopctl customer add ada@example.org --name "Ada Lovelace" --locale en
    """
    addresses = {"ship_to": _address(ship_to) or None, "bill_to": _address(bill_to) or None}
    with context.writing(dry_run) as conn:
        made = customers.add(
            conn,
            who,
            name=name or "",
            phone=phone or "",
            **addresses,
            locale=locale or "",
            marketing=marketing == "yes",
            note=note or "",
        )
    context.print(made, _PLAIN_COLUMNS)


@app.command()
def edit(
    context: Context,
    who: Who,
    email: Annotated[str | None, typer.Option("--email", help="Another e-mail address.", metavar="ADDRESS")] = None,
    name: Name = None,
    phone: Phone = None,
    ship_to: ShipTo = None,
    bill_to: BillTo = None,
    locale: Locale = None,
    marketing: Marketing = None,
    note: Note = None,
    dry_run: DryRun = False,
) -> None:
    """Change what is known of a customer; what is not given stays, an empty text clears it.

    Orders keep the e-mail address, the name and the addresses that they were given.

    Example: shopctl customer edit ada@example.org --phone "+33 1 23" --marketing no
    """
    given: dict[str, Any] = {
        "email": email,
        "name": name,
        "phone": phone,
        "ship_to": _address(ship_to),
        "bill_to": _address(bill_to),
        "locale": locale,
        "marketing": None if marketing is None else marketing == "yes",
        "note": note,
    }
    change = {field: value for field, value in given.items() if value is not None}
    if not change:
        raise BadValueError("There is nothing to change.", "Give what to change, such as --phone TEXT.")
    with context.writing(dry_run) as conn:
        changed = customers.edit(conn, who, **change)
    context.print(changed, _PLAIN_COLUMNS)


@app.command()
def export(
    context: Context,
    who: Who,
    output_: Annotated[
        str | None, typer.Option("--output", help="A file instead of the terminal.", metavar="FILE")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
) -> None:
    """Write all that is known of a customer as JSON: orders, documents, remarks, messages.

    Example: shopctl customer export ada@example.org --output ada.json
    """
    from shopctl.cli.streaming import write_object
    from shopctl.services import privacy

    with context.shop.read() as conn:
        found = privacy.export(conn, who)
        with output.target(output_, force=force) as stream:
            write_object(stream, found)
    if output_ is not None:
        output.tell(f"Written to {output.cell_line(output_)}.")


@app.command()
def forget(
    context: Context,
    who: Annotated[str | None, typer.Argument(metavar="EMAIL", autocompletion=complete_customer)] = None,
    dry_run: DryRun = False,
) -> None:
    """Erase a person for good and keep the books: orders stay, without name, addresses and messages.

    What was interrupted, by a full disk for instance, is finished by doing it again, or without an EMAIL.

    Example: shopctl customer forget ada@example.org
    """
    from shopctl.cli import customer_forget

    customer_forget.run(context, who, dry_run=dry_run)


def _address(text: str | None) -> AddressChange:
    if not text:
        return "" if text == "" else None
    from shopctl.services.orders import parsing

    return parsing.address(text, files=True)


def _show(found: "CustomerProfile") -> None:
    from shopctl.cli.order_parts import COLUMNS as ORDER_COLUMNS

    addresses = {
        "Ship to": found.ship_to,
        "Bill to": found.bill_to,
    }
    output.details(
        output.cell(found.identity),
        [
            ("Name", found.name),
            ("E-mail", found.email if found.email != found.identity else ""),
            ("Phone", found.phone),
            *(
                (title, ", ".join(output.cell(part) for part in a.lines()) if a else "")
                for title, a in addresses.items()
            ),
            ("Language", found.locale),
            ("Marketing", "yes" if found.marketing else "no"),
            ("Note", found.note),
            ("Orders", f"{found.orders:,}"),
            ("Spent", found.total_spent.shown() if found.orders else ""),
            ("Owed back", found.owed.shown() if found.owed.amount else ""),
            ("First order", found.first_order_at),
            ("Last order", found.last_order_at),
            ("Since", found.created_at),
        ],
    )
    output.rows("Orders", found.latest_orders, ORDER_COLUMNS)
    if found.orders > len(found.latest_orders):
        output.tell(
            f"Only the latest {len(found.latest_orders)} of {found.orders:,} orders are shown: "
            f"shopctl order list --customer {output.cell_line(found.identity)}"
        )
