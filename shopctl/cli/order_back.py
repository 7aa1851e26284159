"""``shopctl order return``, ``inspect``, ``claim``: goods that come back, or went wrong."""

from typing import Annotated

import typer

from shopctl.cli import output
from shopctl.cli.context import Context, DryRun, Key
from shopctl.cli.order_parts import (
    NumberOrBatch,
    Reason,
    Units,
    batched,
    show_changed,
)
from shopctl.errors import BadValueError
from shopctl.services import orders
from shopctl.services.orders import parsing

Restock = Annotated[bool, typer.Option("--restock", help="They go back on the shelf.")]
WriteOff = Annotated[bool, typer.Option("--write-off", help="They cannot be sold.")]


def return_(
    context: Context,
    number: NumberOrBatch,
    units: Units = None,
    restock: Restock = False,
    write_off: WriteOff = False,
    request: Annotated[bool, typer.Option("--request", help="The customer will send them.")] = False,
    receive: Annotated[bool, typer.Option("--receive", help="They are here (so it is without --request).")] = False,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="What was requested will not come.")] = False,
    reason: Reason = "",
    key: Key = None,
    dry_run: DryRun = False,
) -> None:
    """Take units back, to be restocked or written off.

    What they cost is then owed to the customer. With neither, they wait for `order inspect`. Without units, all that
    were requested come back.

    Example: shopctl order return 1001 MUG=1 --restock --reason "wrong colour"
    """
    if batched(context, number, "return", dry_run):
        return
    if (
        request + receive + withdraw > 1
        or (restock and write_off)
        or ((request or withdraw) and (restock or write_off))
    ):
        raise BadValueError(
            "These options contradict one another.",
            "Give --request, or --withdraw, or one of --restock and --write-off.",
        )
    given, chosen = parsing.key(key), parsing.choices(units)
    with context.writing(dry_run) as conn:
        if withdraw:
            changed = orders.withdraw_return(conn, number)
        elif request:
            changed = orders.request_return(conn, number, chosen, reason=reason, key=given)
        else:
            fate = True if restock else False if write_off else None
            changed = orders.receive_return(conn, number, chosen, restock=fate, reason=reason, key=given)
    show_changed(context, changed, dry_run=dry_run)


def inspect(
    context: Context,
    number: NumberOrBatch,
    units: Units = None,
    restock: Restock = False,
    write_off: WriteOff = False,
    key: Key = None,
    dry_run: DryRun = False,
) -> None:
    """Decide what becomes of units that came back.

    Example: shopctl order inspect 1001 MUG=1 --write-off
    """
    if batched(context, number, "inspect", dry_run):
        return
    if restock == write_off:
        raise BadValueError("What becomes of them?", "Give one of --restock and --write-off.")
    with context.writing(dry_run) as conn:
        changed = orders.inspect_return(conn, number, parsing.choices(units), restock=restock, key=parsing.key(key))
    show_changed(context, changed, dry_run=dry_run)


def claim(
    context: Context,
    number: NumberOrBatch,
    units: Units = None,
    damaged: Annotated[bool, typer.Option("--damaged", help="They arrived broken.")] = False,
    lost: Annotated[bool, typer.Option("--lost", help="They never arrived.")] = False,
    wrong: Annotated[bool, typer.Option("--wrong", help="They were not what was ordered.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Send them again, in a free order.")] = False,
    reason: Reason = "",
    key: Key = None,
    dry_run: DryRun = False,
) -> None:
    """Record what went wrong with shipped units.

    Refunds and returns are apart from it.

    Example: shopctl order claim 1001 MUG=1 --damaged --replace
    """
    if batched(context, number, "claim", dry_run):
        return
    kinds = [kind for kind, given in (("damaged", damaged), ("lost", lost), ("wrong", wrong)) if given]
    if len(kinds) != 1:
        raise BadValueError("What is claimed?", "Give one of --damaged, --lost and --wrong.")
    kind: orders.ClaimKind = "damaged" if damaged else "lost" if lost else "wrong"
    with context.writing(dry_run) as conn:
        changed = orders.claim(
            conn, number, parsing.choices(units), kind, replace=replace, reason=reason, key=parsing.key(key)
        )
    show_changed(context, changed, dry_run=dry_run)
    replacement = changed.claims[-1].replacement if changed.claims else None
    if replacement and not dry_run:
        output.tell(f"Order {replacement} replaces them: shopctl order show {replacement}")
