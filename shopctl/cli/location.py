"""``shopctl location``."""

from typing import Annotated

import typer

from shopctl.cli.context import Context, DryRun, group
from shopctl.cli.output import Column
from shopctl.cli.stock import complete_location
from shopctl.services import inventory

app = group("The places that hold stock.")

_COLUMNS = [Column("name", "Name"), Column("priority", "Priority", right=True)]
Priority = Annotated[int | None, typer.Option(help="The lowest serves first.", metavar="N")]
Name = Annotated[str, typer.Argument(metavar="NAME", autocompletion=complete_location)]


@app.command()
def add(
    context: Context,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    priority: Priority = None,
    dry_run: DryRun = False,
) -> None:
    """Add a place; without a priority it serves after all others.

    Example: shopctl location add warehouse --priority 20
    """
    with context.writing(dry_run) as conn:
        made = inventory.add_location(conn, name, priority)
    context.print(made, _COLUMNS)


@app.command(name="list")
def list_(context: Context) -> None:
    """List the places, in the order in which they serve.

    Example: shopctl location list
    """
    with context.shop.read() as conn:
        rows = inventory.locations(conn)
    context.print(rows, _COLUMNS)


@app.command()
def edit(
    context: Context,
    name: Name,
    new_name: Annotated[str | None, typer.Option("--name", help="Another name.", metavar="NAME")] = None,
    priority: Priority = None,
    dry_run: DryRun = False,
) -> None:
    """Rename a place, or change its turn.

    Example: shopctl location edit main --name shopfloor
    """
    with context.writing(dry_run) as conn:
        made = inventory.edit_location(conn, name, new_name=new_name, priority=priority)
    context.print(made, _COLUMNS)
