"""``shopctl notify``."""

from typing import Annotated, Literal

import typer

from shopctl.cli import output
from shopctl.cli.context import Context, DryRun, Limit, completing, group, options
from shopctl.cli.output import Column
from shopctl.errors import UnreachableError
from shopctl.services import notifications
from shopctl.services.notifications import NotificationFilter

app = group("Messages to customers: what was sent, what waits, what failed.")

_COLUMNS = [
    Column("id", "Id", right=True),
    Column("state", "State"),
    Column("template", "Message"),
    Column("order_number", "Order"),
    Column("recipient", "To", flexible=True),
    Column("attempts", "Tries", right=True, spare=1),
    Column("next_attempt_at", "Next try", spare=3),
    Column("sent_at", "Sent", spare=2),
    Column("last_error", "Last error", flexible=True),
]
_ATTEMPT_COLUMNS = [
    Column("number", "Try", right=True),
    Column("started_at", "When"),
    Column("outcome", "Outcome"),
    Column("answer", "Answer", flexible=True),
]

Ids = Annotated[list[int], typer.Argument(metavar="ID…")]


@app.command(name="list")
def list_(
    context: Context,
    state: Annotated[
        Literal["held", "pending", "sending", "sent", "dead", "cancelled", "suppressed"] | None, typer.Option()
    ] = None,
    order: Annotated[str | None, typer.Option(help="Only those about this order.", metavar="NUMBER")] = None,
    limit: Limit = None,
) -> None:
    """List messages, the latest first.

    Example: shopctl notify list --state dead
    """
    wanted = NotificationFilter(state=state, order=order, limit=context.limited(limit))
    with context.shop.read() as conn:
        rows = notifications.page(conn, wanted)
    context.print_page(rows, limit, _COLUMNS)


@app.command()
def show(context: Context, wanted: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """Show a message and each attempt to deliver it.

    Example: shopctl notify show 12
    """
    with context.shop.read() as conn:
        found = notifications.get(conn, wanted)
    if options.format not in (None, "table"):
        context.print(found, _COLUMNS)
        return
    output.details(
        f"Message {found.id}",
        [
            ("State", found.state),
            ("To", output.cell(found.recipient)),
            ("Order", found.order_number),
            ("Because of", found.cause),
            ("Created", found.created_at),
            ("Next try", found.next_attempt_at),
            ("Sent", found.sent_at),
            ("Last error", found.last_error),
            ("Subject", found.subject),
        ],
    )
    output.rows("Attempts", found.attempt_log, _ATTEMPT_COLUMNS)
    output.line()
    for text in found.text.splitlines():
        output.line(f"  {output.cell_line(text)}".rstrip())


@app.command()
def retry(context: Context, ids: Ids, dry_run: DryRun = False) -> None:
    """Send dead messages once more, or waiting ones now.

    Example: shopctl notify retry 12
    """
    with context.writing(dry_run) as conn:
        rows = notifications.retry(conn, ids)
    context.print(list(rows), _COLUMNS)
    if not dry_run:
        context.shop.wake()


@app.command()
def cancel(context: Context, ids: Ids, dry_run: DryRun = False) -> None:
    """Take back messages that have not been sent.

    Example: shopctl notify cancel 12
    """
    with context.writing(dry_run) as conn:
        rows = notifications.cancel(conn, ids)
    context.print(list(rows), _COLUMNS)


@app.command()
def preview(
    context: Context,
    template: Annotated[
        str,
        typer.Argument(
            metavar="TEMPLATE",
            autocompletion=completing(lambda _, __: [(n, "") for n in notifications.template_names()]),
        ),
    ],
    order: Annotated[str, typer.Option(help="The order it is about.", metavar="NUMBER")],
    html: Annotated[bool, typer.Option("--html", help="Print the page instead of the text.")] = False,
) -> None:
    """Show what a message would say, without sending it.

    Example: shopctl notify preview order_placed --order 1001
    """
    with context.shop.read() as conn:
        message = notifications.preview(conn, template, order)
    if options.format not in (None, "table"):
        context.print(message, [])
        return
    if html:
        output.line(message.html)
        return
    output.line(output.bold(message.subject))
    output.line()
    for text in message.text.splitlines():
        output.line(output.cell_line(text))


@app.command()
def test(context: Context, email: Annotated[str, typer.Argument(metavar="EMAIL")]) -> None:
    """Send a test message now, by the way that all mail takes.

    Example: shopctl notify test me@example.org
    """
    from shopctl.services import customers
    from shopctl.services.notifications import mail

    shop = context.shop
    result = mail.try_out(shop.settings, customers.email_address(email), shop.home / "outbox", at=shop.clock())
    if result.outcome != "accepted":
        raise UnreachableError(
            f"The test message was not taken: {result.answer}", "Check the settings: shopctl config show mail"
        )
    context.print(
        {"recipient": email, "answer": result.answer},
        [Column("recipient", "To", flexible=True), Column("answer", "Answer", flexible=True)],
    )
