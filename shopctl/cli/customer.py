"""``shopctl customer``."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import typer

from shopctl.cli import output
from shopctl.cli.context import Context, DryRun, Limit, completing, group, options
from shopctl.cli.output import Column
from shopctl.errors import BadValueError, NotFoundError
from shopctl.services import customers
from shopctl.services.customers import AddressChange, CustomerFilter

if TYPE_CHECKING:
    from shopctl.services.privacy import Finished, Forgotten
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
_FORGOTTEN_COLUMNS = [
    Column("customer", "Now called"),
    *(
        Column(name, name.title(), right=True)
        for name in ("orders", "addresses", "remarks", "documents", "messages", "files", "backups")
    ),
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
    from shopctl.cli.asking import ask
    from shopctl.database import rewriting
    from shopctl.services import privacy

    shop = context.shop
    if dry_run:
        _would_forget(context, who)
        return
    if privacy.unfinished(shop.home):
        finished = _finish(context)
        if who is None or not _known(context, who):
            context.print({"finished": finished.emptied, "files": finished.files})
            return
    person = _person(who)
    with shop.read() as conn:
        found = customers.get(conn, person)
    rewriting.check_room(shop.database)
    ask(f"Erase {output.cell_line(found.identity)} for good? This cannot be undone.")
    with context.writing() as conn:
        forgotten = privacy.forget(conn, person)
        privacy.begin(shop.home, forgotten.id)
    finished = privacy.finish(shop)
    if not finished.emptied:
        output.tell(_LOG_STAYS)
    _print_forgotten(context, forgotten, finished.files)


_LOG_STAYS = (
    "The database's log holds the person until the last process that reads the shop ends; "
    "`shopctl customer forget` empties it then."
)


def _finish(context: Context) -> "Finished":
    from shopctl.services import privacy

    finished = privacy.finish(context.shop)
    output.tell("What an earlier `shopctl customer forget` left to do is done." if finished.emptied else _LOG_STAYS)
    return finished


def _person(who: str | None) -> str:
    if who is None:
        raise BadValueError(
            "Nothing is left to finish, and nobody is named.", "Name whom to forget: shopctl customer forget EMAIL."
        )
    return who


def _known(context: Context, who: str) -> bool:
    with context.shop.read() as conn:
        try:
            customers.get(conn, who)
        except NotFoundError:
            return False
    return True


def _would_forget(context: Context, who: str | None) -> None:
    from shopctl.services import privacy

    shop = context.shop
    if privacy.unfinished(shop.home):
        output.tell("An earlier `shopctl customer forget` is to be finished; without --dry-run this does it.")
    with shop.write(command=context.command_path, dry_run=True) as conn:
        forgotten = privacy.forget(conn, _person(who))
    files = len(privacy.mail(shop.home / "outbox", forgotten.messages))
    if shop.effects is not None:
        erased = {
            "address": forgotten.addresses,
            "order_remark": forgotten.remarks,
            "document": forgotten.documents,
            "notification": len(forgotten.messages),
            "file": files,
        }
        rows = {**shop.effects.rows, **{name: count for name, count in erased.items() if count}}
        output.tell_effects(msgspec.structs.replace(shop.effects, rows=rows))
    _print_forgotten(context, forgotten, files)


def _print_forgotten(context: Context, forgotten: "Forgotten", files: int) -> None:
    from shopctl.services import privacy

    folder = context.shop.home / "backups"
    copies = privacy.backups(folder)
    counts = {"messages": len(forgotten.messages), "files": files, "backups": len(copies)}
    told = {name: value for name, value in output.plain(forgotten).items() if name != "id"}
    context.print({**told, **counts}, _FORGOTTEN_COLUMNS)
    if copies:
        kept = output.counted(len(copies), "backup")
        output.tell(f"Not touched: {kept} in {folder}, made before; delete them when you may.")


def _address(text: str | None) -> AddressChange:
    if not text:
        return "" if text == "" else None
    from shopctl.services.orders import parsing

    return parsing.address(text, files=True)


def _show(found: "CustomerProfile") -> None:
    from shopctl.cli.order import COLUMNS as ORDER_COLUMNS

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
