"""Importing and exporting products, with what is said about it."""

import csv
from typing import TYPE_CHECKING, Any

import msgspec

from shopctl import files
from shopctl.cli import output, rejects
from shopctl.errors import BadValueError
from shopctl.files import Problem, Sheet
from shopctl.services import inventory
from shopctl.services.inventory import Delta, Item
from shopctl.services.products import ProductFilter, importing
from shopctl.services.reports import catalogue
from shopctl.text import identity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from shopctl.cli.context import Context
    from shopctl.services.products.importing import ImportRow


class Imported(msgspec.Struct, frozen=True):
    """What an import did."""

    added: int
    changed: int
    unchanged: int
    skipped: int


def import_products(
    context: "Context",
    file: str,
    *,
    mapping: str | None,
    kind: str | None,
    skip_bad: str | None,
    force: bool,
    dry_run: bool,
) -> None:
    """Check the whole file, then add or change its products in chunks; see `shopctl product import --help`."""
    rejects.check_name(skip_bad, file)
    sheet = files.read(file, "csv" if kind == "shopify" else kind)
    output.tell(f"Read {output.counted(len(sheet.rows), 'row')}: {sheet.dress}.")
    shopify = _in_shopifys_form(sheet, mapping, kind)
    source = sheet
    sheet = _from_shopify(sheet) if shopify else _with_our_columns(sheet, mapping)
    currency = context.shop.settings.shop.currency
    with context.shop.read() as conn:
        plan = importing.plan(conn, sheet, currency)
        plan = _with_known_locations(plan, {place.name for place in inventory.locations(conn)})
    if plan.problems and skip_bad is None:
        raise rejects.refused(plan.problems)
    if plan.repeated:
        output.tell(
            f"{plan.repeated:,} rows repeat a SKU; they are one product, and each column's last value counts.",
            style="yellow",
        )
    _tell_free(plan.rows)
    bad_rows = {problem.row for problem in plan.problems}
    if skip_bad is not None and bad_rows and not dry_run:
        # a row of Shopify's says nothing without those above it
        rejects.write(skip_bad, sheet if shopify else source, plan.problems, force=force)
    if dry_run:
        with context.writing(dry_run=True) as conn:
            done = [_write(conn, chunk, currency) for chunk in _chunks(plan.rows)]
    else:
        done = []
        for chunk in _chunks(plan.rows):
            with context.writing() as conn:
                done.append(_write(conn, chunk, currency))
    result = Imported(
        added=sum(len(part.added) for part in done),
        changed=sum(part.changed for part in done),
        unchanged=sum(part.unchanged for part in done),
        skipped=len(bad_rows),
    )
    columns = [output.Column(name, name.capitalize(), right=True) for name in Imported.__struct_fields__]
    context.print(result, columns)


def export_products(context: "Context", shape: str, target: str | None, *, force: bool) -> None:
    """Write all products in the columns that an import reads; see `shopctl product export --help`."""
    with context.shop.read() as conn:
        rows = catalogue.page(conn, ProductFilter(sort="created_at"))
        rows += catalogue.page(conn, ProductFilter(sort="created_at", status="archived"))
        rows.sort(key=lambda row: row.id)
    table = [_exported(row, plain=shape == "csv") for row in rows]
    if shape == "shopify":
        from shopctl.services.products import shopify

        table = shopify.from_products(rows, {row.sku: row.on_hand for row in rows})
    with output.target(target, force=force) as stream:
        if shape == "jsonl":
            stream.writelines(msgspec.json.encode(row).decode() + "\n" for row in table)
        else:
            names = list(table[0]) if table else list(importing.COLUMNS)
            writer = csv.DictWriter(stream, names, lineterminator="\n")
            writer.writeheader()
            writer.writerows({name: output.csv_cell(value) for name, value in row.items()} for row in table)
    if target is not None:
        output.tell(f"Wrote {output.counted(len(rows), 'product')} to {target}.")


def _in_shopifys_form(sheet: Sheet, mapping: str | None, kind: str | None) -> bool:
    named = {"Handle", "Title", "Variant Price"} <= set(sheet.columns)
    return kind == "shopify" or (kind is None and mapping is None and named)


def _from_shopify(sheet: Sheet) -> Sheet:
    from shopctl.services.products import shopify

    output.tell("The file is in Shopify's form.")
    sheet, remarks = shopify.to_sheet(sheet)
    for remark in remarks:
        output.tell(remark, style="yellow")
    return sheet


def _with_our_columns(sheet: Sheet, mapping: str | None) -> Sheet:
    sheet, unused = files.mapped(sheet, mapping, importing.COLUMNS)
    if unused:
        output.tell(f"Columns not used: {', '.join(output.cell(name) for name in unused)}.")
    if not {"sku", "name"} & set(sheet.columns):
        raise BadValueError(
            "The file has no column sku or name.", "Say which it is, such as --map sku=StockCode,name=Description."
        )
    return sheet


def _with_known_locations(plan: importing.Plan, names: set[str]) -> importing.Plan:
    keys = {identity(name) for name in names}
    unknown = [row for row in plan.rows if "location" in row.shelf and identity(row.shelf["location"]) not in keys]
    expected = f"a location: {', '.join(sorted(names))}"
    return importing.without(
        plan, [Problem(row.number, "location", expected, row.shelf["location"]) for row in unknown]
    )


def _tell_free(rows: "list[ImportRow]") -> None:
    free = [row.sku for row in rows if "price" in row.fields and row.fields["price"].amount == 0]
    if free:
        named = ", ".join(output.cell(sku) for sku in free[:5])
        output.tell(
            f"{len(free):,} products have the price 0 ({named}{', …' if len(free) > 5 else ''}).", style="yellow"
        )


def _chunks(rows: "list[ImportRow]") -> "Iterator[list[ImportRow]]":
    for start in range(0, len(rows), importing.CHUNK):
        yield rows[start : start + importing.CHUNK]


def _write(conn: "Connection", rows: "list[ImportRow]", currency: str) -> importing.Upserted:
    """Write a chunk: the products, then the stock that new ones bring."""
    done = importing.upsert(conn, rows, currency)
    places: dict[str | None, int] = {}

    def place(name: str | None) -> int:
        if name not in places:
            places[name] = inventory.get_location(conn, name).id
        return places[name]

    received = [
        Delta(
            product_id=product_id,
            location_id=place(row.shelf.get("location")),
            kind="receive",
            on_hand=row.shelf["stock"],
            reference="import",
        )
        for product_id, row in done.added
        if row.shelf.get("stock")
    ]
    if received:
        inventory.receive_many(conn, received)
    for product_id, row in (*done.added, *done.shelved):
        if "bin" in row.shelf or "reorder_point" in row.shelf:
            inventory.set_shelf(
                conn,
                Item(product_id, row.sku),
                location=row.shelf.get("location"),
                bin=row.shelf.get("bin"),
                reorder_point=row.shelf.get("reorder_point"),
            )
    return done


def _exported(row: catalogue.ProductWithStock, *, plain: bool) -> dict[str, Any]:
    """Return the columns of an import.

    `stock` is the sum of all locations; it counts for a shop that gets the product new.
    """
    return {
        "sku": row.sku,
        "name": row.name,
        "description": row.description,
        "price": str(row.price),
        "compare_at": str(row.compare_at) if row.compare_at else "",
        "cost": str(row.cost) if row.cost else "",
        "stock": row.on_hand,
        "category": row.category,
        "tags": _words(row.tags) if plain else row.tags,
        "barcode": row.barcode,
        "weight": "" if row.weight is None else row.weight,
        "tax_class": row.tax_class,
        "status": row.status,
        "variant_of": row.variant_of or "",
        "options": _pairs(row.options) if plain else row.options,
    }


def _words(tags: list[str]) -> str:
    text = ",".join(tags)
    return _json(tags) if text.count(",") >= len(tags) > 0 or text.startswith("[") else text


def _pairs(options: dict[str, str]) -> str:
    text = "; ".join(f"{name}={value}" for name, value in options.items())
    ambiguous = any(";" in name + value or "=" in name for name, value in options.items())
    return _json(options) if ambiguous or text.startswith("{") else text


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
