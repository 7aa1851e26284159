"""``shopctl config``."""

from typing import Annotated

import typer

from shopctl import clock, settings
from shopctl import home as homes
from shopctl.cli import output
from shopctl.cli.context import Context, group, home, options
from shopctl.cli.output import Column
from shopctl.errors import BadValueError, RefusedError
from shopctl.text import safe

app = group("The shop's settings.")

_COLUMNS = [
    Column("name", "Setting"),
    Column("value", "Value", read=lambda row: safe(str(row["value"]))),
    Column("from", "From"),
]

Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        autocompletion=lambda incomplete: [name for name in settings.names() if name.startswith(incomplete)],
    ),
]


@app.command()
def show(context: Context, section: Annotated[str, typer.Argument(metavar="[SECTION]")] = "") -> None:
    """Show every setting, and where its value comes from.

    Example: shopctl config show mail
    """
    found, origins = settings.load(homes.checked(home()))
    rows = [
        {"name": name, "value": settings.get(found, name), "from": origins.get(name, "default")}
        for name in settings.names()
        if name.startswith(section)
    ]
    if not rows:
        raise BadValueError(f"There is no section {section!r}.", "There are shop, mail and notifications.")
    context.print(rows, _COLUMNS)


@app.command()
def get(context: Context, name: Name) -> None:
    """Print the value of a setting.

    Example: shopctl config get mail.host
    """
    found, origins = settings.load(homes.checked(home()))
    value = settings.get(found, name)
    if options.format in (None, "table"):
        output.line(str(value))
        return
    context.print({"name": name, "value": value, "from": origins.get(name, "default")}, _COLUMNS)


@app.command(name="set")
def set_(
    context: Context,
    name: Name,
    value: Annotated[str, typer.Argument(metavar="VALUE")],
) -> None:
    """Set a setting in shopctl.toml; its comments stay.

    Example: shopctl config set mail.host smtp.example.org
    """
    folder = homes.checked(home())
    if name in settings.FIXED_AT_INIT:
        raise RefusedError(f"{name} is chosen at `shopctl init` and stays.", "Every price and order is kept in it.")
    if name == "mail.password":
        raise RefusedError(
            "Passwords are not written to the file.", "Set SHOPCTL_MAIL__PASSWORD, or mail.password_command."
        )
    checked = settings.check(name, value)
    if name == "shop.timezone":
        clock.zone(checked)
    if name == "mail.sender" and checked:
        from shopctl.services.customers import email_address

        checked = email_address(checked)
    settings.save(folder, {name: checked})
    found, origins = settings.load(folder)
    if origins.get(name) == "environment":
        output.tell(f"The environment sets {name} too, and wins.", style="yellow")
    context.print({"name": name, "value": settings.get(found, name), "from": origins.get(name, "default")}, _COLUMNS)
    if name.startswith("mail.") and checked:
        output.tell("Try it: shopctl notify test you@example.org")


@app.command()
def path(context: Context) -> None:
    """Print where shopctl.toml is.

    Example: shopctl config path
    """
    file = homes.checked(home()) / settings.FILE
    if options.format in (None, "table"):
        output.line(str(file))
        return
    context.print({"path": str(file)})
