"""``shopctl init``."""

from typing import Annotated, Literal

import typer

from shopctl import clock, money
from shopctl import shop as shops
from shopctl.cli import output
from shopctl.cli.context import Context, ShopCommand, home, options

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(cls=ShopCommand)
def init(
    context: Context,
    name: Annotated[str, typer.Option(help="What the shop is called in its messages.")] = "My shop",
    currency: Annotated[
        str, typer.Option(help="The currency of all prices, by its three letters.", envvar="SHOPCTL_SHOP__CURRENCY")
    ] = "EUR",
    timezone: Annotated[str, typer.Option(help="The time zone that days are counted in.")] = "UTC",
    location: Annotated[str, typer.Option(help="What the place that holds the stock is called.")] = "main",
    prices_include_tax: Annotated[
        Literal["yes", "no"],
        typer.Option(
            help="yes: prices are what customers pay; no: tax comes on top.", envvar="SHOPCTL_SHOP__PRICES_INCLUDE_TAX"
        ),
    ] = "yes",
) -> None:
    """Make a new shop.

    Example: shopctl init --name "Corner Books" --currency EUR --timezone Europe/Paris
    """
    money.exponent(currency.upper())
    clock.zone(timezone)
    values = {
        "shop.name": name,
        "shop.currency": currency.upper(),
        "shop.timezone": timezone,
        "shop.prices_include_tax": prices_include_tax == "yes",
    }
    with shops.create(home(), values, location=location, actor=options.actor) as made:
        if options.json:
            context.print({"home": str(made.home), **{name.partition(".")[2]: value for name, value in values.items()}})
            return
        output.line(output.cell_line(f"{name} is open in {made.home}."))
        price = money.Money(990, currency.upper())
        output.tell(f"Next: shopctl product add Mug --price {price} --stock 10, or shopctl product import FILE")
