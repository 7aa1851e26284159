"""``shopctl product``."""

from typing import Annotated, Any, Literal

import typer

from shopctl.cli import output
from shopctl.cli.context import Context, DryRun, Limit, completing, group, options
from shopctl.cli.output import Column
from shopctl.errors import BadValueError
from shopctl.money import Money
from shopctl.services import products
from shopctl.services.inventory import Item
from shopctl.services.products import Product, ProductChange, ProductDraft, ProductFilter

app = group("The catalogue: products, variants, prices, import and export.")

complete_sku = completing(products.completing)

Sku = Annotated[str, typer.Argument(metavar="SKU", autocompletion=complete_sku)]
Skus = Annotated[list[str], typer.Argument(metavar="SKU…", autocompletion=complete_sku)]
Status = Literal["draft", "active", "archived"]
Options = Annotated[
    list[str], typer.Option("--option", help="An option of a variant, such as size=L.", metavar="NAME=VALUE")
]
Tags = Annotated[list[str], typer.Option("--tag", help="A word to find it by; give it several times.", metavar="WORD")]

COLUMNS = [
    Column("sku", "SKU"),
    Column("name", "Name", flexible=True),
    Column("price", "Price", right=True),
    Column("currency", ""),
    Column("on_hand", "On hand", right=True, spare=1),
    Column("available", "Available", right=True),
    Column("status", "Status"),
    Column("category", "Category", flexible=True, spare=2),
]
PRICE_COLUMNS = [
    Column("price", "Price", right=True),
    Column("currency", ""),
    Column("starts_at", "From"),
    Column("ends_at", "Until"),
    Column("actor", "Set by"),
]


@app.command()
def add(
    context: Context,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    price: Annotated[str, typer.Option(help="What a customer pays, such as 9.90.", metavar="AMOUNT")],
    sku: Annotated[str | None, typer.Option("--sku", help="Made from the name if left out.", metavar="SKU")] = None,
    description: Annotated[str, typer.Option(metavar="TEXT")] = "",
    category: Annotated[str, typer.Option(metavar="TEXT")] = "",
    tag: Tags = [],
    barcode: Annotated[str, typer.Option(help="A GTIN or a code of your own.", metavar="CODE")] = "",
    cost: Annotated[str | None, typer.Option(help="What it costs the shop.", metavar="AMOUNT")] = None,
    compare_at: Annotated[str | None, typer.Option(help="The price it is compared with.", metavar="AMOUNT")] = None,
    tax_class: Annotated[str, typer.Option(metavar="CLASS")] = "",
    weight: Annotated[int | None, typer.Option(help="In grams.", metavar="GRAMS")] = None,
    stock: Annotated[int, typer.Option(help="Units on the shelf.", metavar="N", min=0)] = 0,
    reorder_point: Annotated[int | None, typer.Option(help="Reorder at so many available units.", metavar="N")] = None,
    location: Annotated[str | None, typer.Option(help="Where the stock lies.", metavar="NAME")] = None,
    variant_of: Annotated[
        str | None, typer.Option(help="The product it is a variant of.", metavar="SKU", autocompletion=complete_sku)
    ] = None,
    option: Options = [],
    status: Annotated[Status, typer.Option()] = "active",
    dry_run: DryRun = False,
) -> None:
    """Add a product.

    Example: shopctl product add "Enamel mug" --sku MUG --price 9.90 --stock 10
    """
    from shopctl.services import inventory
    from shopctl.services.reports import catalogue

    currency = context.shop.settings.shop.currency
    draft = ProductDraft(
        name=name,
        price=Money.parse(price, currency),
        sku=sku,
        description=description,
        category=category,
        tags=tuple(tag),
        barcode=barcode,
        cost=None if cost is None else Money.parse(cost, currency),
        compare_at=None if compare_at is None else Money.parse(compare_at, currency),
        tax_class=tax_class,
        weight=weight,
        status=status,
        variant_of=variant_of,
        options=_options(option),
    )
    with context.writing(dry_run) as conn:
        made = products.add(conn, draft)
        item = Item(made.id, made.sku)
        if stock:
            inventory.receive(conn, item, stock, location=location)
        if reorder_point is not None:
            inventory.set_shelf(conn, item, location=location, reorder_point=reorder_point)
        shown = catalogue.get(conn, made.sku)
    _warn(made)
    context.print(shown, COLUMNS)


@app.command(name="list")
def list_(
    context: Context,
    query: Annotated[str, typer.Argument(metavar="[QUERY]", help="Words that all occur in it.")] = "",
    category: Annotated[str | None, typer.Option(metavar="TEXT")] = None,
    status: Annotated[Status | None, typer.Option(help="Archived ones are shown only when asked for.")] = None,
    low: Annotated[bool, typer.Option("--low", help="Only those at or below their reorder point.")] = False,
    variant_of: Annotated[
        str | None, typer.Option(help="Only variants of this product.", metavar="SKU", autocompletion=complete_sku)
    ] = None,
    sort: Annotated[
        str, typer.Option(help="sku, name, price, category, status, created_at; -name is backwards.")
    ] = "sku",
    limit: Limit = None,
) -> None:
    """List and search products.

    Example: shopctl product list mug --status active
    """
    from shopctl.services.reports import catalogue

    wanted = ProductFilter(
        query=query, category=category, status=status, variant_of=variant_of, sort=sort, limit=context.limited(limit)
    )
    with context.shop.read() as conn:
        rows = catalogue.page(conn, wanted, low=low)
    context.print_page(rows, limit, COLUMNS)


@app.command()
def show(context: Context, sku: Sku) -> None:
    """Show a product with its stock, variants and prices.

    Example: shopctl product show MUG
    """
    from shopctl.cli.stock import COLUMNS as STOCK_COLUMNS
    from shopctl.services.reports import catalogue, stock

    with context.shop.read() as conn:
        found = catalogue.get(conn, sku)
        if options.format not in (None, "table"):
            context.print(found, COLUMNS)
            return
        variants = catalogue.page(conn, ProductFilter(variant_of=found.sku))
        levels = stock.levels(conn, [found.sku])
        prices = products.prices(conn, found.sku)
    output.details(
        f"{output.cell(found.sku)}  {output.cell(found.name)}",
        [
            ("Price", found.price.shown()),
            ("Compare at", found.compare_at.shown() if found.compare_at else ""),
            ("Cost", found.cost.shown() if found.cost else ""),
            ("Status", found.status),
            ("Available", f"{found.available:,} of {found.on_hand:,} on hand"),
            ("Category", found.category),
            ("Tags", found.tags),
            ("Barcode", found.barcode),
            ("Weight", f"{found.weight:,} g" if found.weight else ""),
            ("Tax class", found.tax_class),
            ("Variant of", found.variant_of),
            ("Options", found.options),
            ("Description", found.description),
            ("Version", found.version),
        ],
    )
    output.rows("Variants", variants, COLUMNS)
    output.rows("Stock", levels, STOCK_COLUMNS)
    output.rows("Prices", prices, PRICE_COLUMNS)


@app.command()
def edit(
    context: Context,
    sku: Sku,
    name: Annotated[str | None, typer.Option(metavar="TEXT")] = None,
    price: Annotated[str | None, typer.Option(metavar="AMOUNT")] = None,
    new_sku: Annotated[str | None, typer.Option("--sku", help="Another SKU.", metavar="SKU")] = None,
    description: Annotated[str | None, typer.Option(metavar="TEXT")] = None,
    category: Annotated[str | None, typer.Option(metavar="TEXT")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="All its tags; give it several times.", metavar="WORD")] = None,
    barcode: Annotated[str | None, typer.Option(metavar="CODE")] = None,
    cost: Annotated[str | None, typer.Option(help="An amount, or nothing to clear it.", metavar="AMOUNT")] = None,
    compare_at: Annotated[str | None, typer.Option(help="An amount, or nothing to clear it.", metavar="AMOUNT")] = None,
    tax_class: Annotated[str | None, typer.Option(metavar="CLASS")] = None,
    weight: Annotated[int | None, typer.Option(help="In grams.", metavar="GRAMS")] = None,
    status: Annotated[Status | None, typer.Option()] = None,
    variant_of: Annotated[str | None, typer.Option(metavar="SKU", autocompletion=complete_sku)] = None,
    option: Annotated[list[str] | None, typer.Option(help="All its options.", metavar="NAME=VALUE")] = None,
    version: Annotated[int | None, typer.Option(help="Only if it still is at this version.", metavar="N")] = None,
    dry_run: DryRun = False,
) -> None:
    """Change a product; what is not given stays.

    Example: shopctl product edit MUG --price 10.50 --category Kitchen
    """
    from shopctl.services.reports import catalogue

    currency = context.shop.settings.shop.currency
    given: dict[str, Any] = {
        "name": name,
        "price": None if price is None else Money.parse(price, currency),
        "sku": new_sku,
        "description": description,
        "category": category,
        "tags": None if tag is None else tuple(word for word in tag if word),
        "barcode": barcode,
        "tax_class": tax_class,
        "weight": weight,
        "status": status,
        "variant_of": variant_of,
        "options": None if option is None else _options(option),
    }
    change = {field: value for field, value in given.items() if value is not None}
    for field, text in (("cost", cost), ("compare_at", compare_at)):
        if text is not None:
            change[field] = Money.parse(text, currency) if text.strip() else None
    if not change:
        raise BadValueError("There is nothing to change.", "Give what to change, such as --price 10.50.")
    with context.writing(dry_run) as conn:
        made = products.edit(conn, sku, ProductChange(**change), version=version)
        shown = catalogue.get(conn, made.sku)
    _warn(made)
    if price is not None and made.price != change["price"]:
        output.tell(f"{change['price'].shown()} holds once the price of a period, {made.price.shown()}, ends.")
    context.print(shown, COLUMNS)


@app.command()
def archive(context: Context, skus: Skus, dry_run: DryRun = False) -> None:
    """Archive products: they keep their history and are not sold any more.

    Example: shopctl product archive MUG CAP
    """
    _set_status(context, skus, "archived", dry_run=dry_run)


@app.command()
def activate(context: Context, skus: Skus, dry_run: DryRun = False) -> None:
    """Activate drafts and archived products, so that they can be sold.

    Example: shopctl product activate MUG
    """
    _set_status(context, skus, "active", dry_run=dry_run)


@app.command()
def price(
    context: Context,
    sku: Sku,
    amount: Annotated[
        str | None, typer.Argument(metavar="[PRICE]", help="The new price; without it, the history.")
    ] = None,
    since: Annotated[str | None, typer.Option("--from", help="From when it holds.", metavar="TIME")] = None,
    until: Annotated[
        str | None, typer.Option(help="Until when; then the regular price is back.", metavar="TIME")
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Show the prices of a product, or set one, now or for a period.

    Example: shopctl product price MUG 7.90 --from 2026-11-27 --until 2026-11-30
    """
    if amount is None:
        with context.shop.read() as conn:
            history = products.prices(conn, sku)
        context.print(history, PRICE_COLUMNS)
        return
    with context.writing(dry_run) as conn:
        products.set_price(
            conn,
            sku,
            Money.parse(amount, context.shop.settings.shop.currency),
            starts_at=context.moment(since),
            ends_at=context.moment(until, end=True),
        )
        history = products.prices(conn, sku)
    context.print(history, PRICE_COLUMNS)


@app.command(name="import")
def import_(
    context: Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="CSV, XLSX or JSON Lines; - reads stdin.")],
    mapping: Annotated[
        str | None, typer.Option("--map", help="ours=theirs,…; a constant is ours:=value.", metavar="MAP")
    ] = None,
    kind: Annotated[
        Literal["csv", "jsonl", "shopify"] | None, typer.Option("--from", help="The file's form; found by its name.")
    ] = None,
    skip_bad: Annotated[
        str | None, typer.Option(help="Write rows that cannot be used to FILE, and import the others.", metavar="FILE")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the FILE of --skip-bad.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Import products, added or changed by SKU; nothing is written if a row is bad.

    Example: shopctl product import catalogue.csv --map sku=StockCode,name=Description,price=UnitPrice
    """
    from shopctl.cli.product_files import import_products

    import_products(context, file, mapping=mapping, kind=kind, skip_bad=skip_bad, force=force, dry_run=dry_run)


@app.command()
def export(
    context: Context,
    shape: Annotated[Literal["csv", "jsonl", "shopify"], typer.Option("--for", help="The form to write.")] = "csv",
    target: Annotated[str | None, typer.Option("--output", "-o", help="Write to FILE.", metavar="FILE")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")] = False,
) -> None:
    """Export all products, as `product import` reads them.

    Example: shopctl product export --output products.csv
    """
    from shopctl.cli.product_files import export_products

    export_products(context, shape, target, force=force)


def _set_status(context: Context, skus: list[str], status: Status, *, dry_run: bool) -> None:
    from shopctl.services.reports import catalogue

    with context.writing(dry_run) as conn:
        changed = products.set_status(conn, skus, status)
        shown = [catalogue.get(conn, found.sku) for found in changed]
    context.print(shown, COLUMNS)


def _options(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (equals and name.strip() and value.strip()):
            raise BadValueError(f"The option {pair!r} is not understood.", "Write NAME=VALUE, such as size=L.")
        found[name.strip()] = value.strip()
    return found


def _warn(made: Product) -> None:
    if warning := products.gtin_warning(made.barcode):
        output.tell(warning, style="yellow")
