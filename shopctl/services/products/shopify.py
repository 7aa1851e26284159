"""Products in Shopify's CSV form (help.shopify.com, "Using CSV files to import and export products").

A product's rows share its handle; the first has its title, each row with option values or a price is a variant, and
rows with neither are further images. A product with variants becomes a product that its variants name; its only
variant, called "Default Title", is the product itself.
"""

import html
from collections.abc import Iterable, Mapping, Sequence
from html.parser import HTMLParser
from itertools import groupby
from typing import Any

from shopctl.errors import BadValueError
from shopctl.files import Row, Sheet
from shopctl.services.products import sku as skus
from shopctl.services.products.importing import COLUMNS
from shopctl.services.products.values import Product

_DEFAULT = "Default Title"
_OPTIONS = (1, 2, 3)
_STATUSES = {"active": "active", "draft": "draft", "archived": "archived"}


def to_sheet(sheet: Sheet) -> tuple[Sheet, list[str]]:
    """Return a Shopify file as a table with our columns, and remarks on what was changed.

    SKUs that are missing are made from the handle and the options, so that importing the file again finds the same
    products.

    Raises:
        BadValueError: it is no such file.
    """
    if not {"Handle", "Title", "Variant Price"} <= set(sheet.columns):
        raise BadValueError(
            "This is no product file of Shopify: it has no columns Handle, Title and Variant Price.",
            "Leave --from out and name its columns with --map.",
        )
    remarks: list[str] = []
    rows: list[Row] = []
    taken: set[str] = {skus.key(_cell(row, "Variant SKU")) for row in sheet.rows} - {""}
    for handle, group in groupby(sheet.rows, key=lambda row: _cell(row, "Handle")):
        rows += _product(handle, list(group), taken, remarks)
    return Sheet(columns=list(COLUMNS), rows=rows, dress=sheet.dress, decimal_comma=sheet.decimal_comma), remarks


def from_products(products: Sequence[Product], stock: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return products as rows of a Shopify file; a product's variants follow it under its handle."""
    variants: dict[str, list[Product]] = {}
    for found in products:
        if found.variant_of:
            variants.setdefault(found.variant_of, []).append(found)
    rows: list[dict[str, Any]] = []
    for head in products:
        if head.variant_of is None:
            own = variants.get(head.sku, [head])
            rows += [_shopify_row(head, found, i == 0, stock.get(found.sku, 0)) for i, found in enumerate(own)]
    return rows


def _shopify_row(head: Product, found: Product, first: bool, units: int) -> dict[str, Any]:
    options = list(found.options.items()) or [("Title", _DEFAULT)]
    options += [("", "")] * (len(_OPTIONS) - len(options))
    return {
        "Handle": skus.made_from(head.sku),
        "Title": head.name if first else "",
        "Body (HTML)": html.escape(head.description).replace("\n", "<br>") if first else "",
        "Type": head.category if first else "",
        "Tags": ", ".join(head.tags) if first else "",
        "Published": str(head.status == "active").lower() if first else "",
        **{
            f"Option{i} {part}": value
            for i, option in zip(_OPTIONS, options, strict=False)
            for part, value in zip(("Name", "Value"), option, strict=True)
        },
        "Variant SKU": found.sku,
        "Variant Grams": found.weight or 0,
        "Variant Inventory Tracker": "shopify",
        "Variant Inventory Qty": units,
        "Variant Inventory Policy": "deny",
        "Variant Fulfillment Service": "manual",
        "Variant Price": str(found.price),
        "Variant Compare At Price": str(found.compare_at) if found.compare_at else "",
        "Variant Barcode": found.barcode,
        "Cost per item": str(found.cost) if found.cost else "",
        "Status": head.status if first else "",
    }


def _product(handle: str, group: Sequence[Row], taken: set[str], remarks: list[str]) -> Iterable[Row]:
    head = group[0]
    shared = {
        "name": _cell(head, "Title"),
        "description": _text(_cell(head, "Body (HTML)")),
        "category": _cell(head, "Type") or _cell(head, "Product Category"),
        "tags": _cell(head, "Tags"),
        "status": _status(head),
    }
    variants = [row for row in group if _cell(row, "Variant Price") or _cell(row, "Option1 Value")]
    if not variants:
        variants = [head]
    names = [_cell(head, f"Option{i} Name") for i in _OPTIONS]
    if len(variants) == 1 and _cell(variants[0], "Option1 Value") in ("", _DEFAULT):
        only = variants[0]
        sku = _cell(only, "Variant SKU") or _made(taken, handle or shared["name"])
        yield Row(only.number, {"sku": sku, **shared, **_goods(only, remarks)})
        return
    parent = _made(taken, handle or shared["name"])
    yield Row(head.number, {"sku": parent, **shared, "price": _cell(variants[0], "Variant Price")})
    for row in variants:
        options = {
            name: value
            for name, value in zip(names, (_cell(row, f"Option{i} Value") for i in _OPTIONS), strict=True)
            if name and value
        }
        sku = _cell(row, "Variant SKU") or _made(taken, handle or shared["name"], *options.values())
        name = f"{shared['name']} – {' / '.join(options.values())}" if options else shared["name"]
        own = {"sku": sku, "name": name, "variant_of": parent, "options": options}
        inherited = {field: shared[field] for field in ("category", "status")}
        yield Row(row.number, {**own, **inherited, **_goods(row, remarks)})


def _goods(row: Row, remarks: list[str]) -> dict[str, Any]:
    stock = _cell(row, "Variant Inventory Qty")
    if stock.startswith("-"):
        remarks.append(f"row {row.number}: stock {stock} is below zero; it is taken as 0")
        stock = "0"
    return {
        "price": _cell(row, "Variant Price"),
        "compare_at": _cell(row, "Variant Compare At Price"),
        "cost": _cell(row, "Cost per item"),
        "stock": stock,
        "barcode": _cell(row, "Variant Barcode").lstrip("'"),
        "weight": _grams(_cell(row, "Variant Grams")),
    }


def _grams(text: str) -> str:
    whole, _, rest = text.partition(".")
    grams = whole if not rest.strip("0") else text
    return "" if grams == "0" else grams


def _made(taken: set[str], *parts: str) -> str:
    """Return a SKU made from `parts` that no other row of the file has."""
    base = skus.made_from(*parts) or "product"
    candidate, number = base, 1
    while skus.key(candidate) in taken:
        number += 1
        suffix = f"-{number}"
        candidate = base[: skus.MAX_LENGTH - len(suffix)] + suffix
    taken.add(skus.key(candidate))
    return candidate


def _status(head: Row) -> str:
    named = _STATUSES.get(_cell(head, "Status").casefold())
    return named or ("draft" if _cell(head, "Published").casefold() == "false" else "active")


def _cell(row: Row, column: str) -> str:
    return str(row.cells.get(column) or "").strip()


class _Words(HTMLParser):
    """Collects the text of a page, a line for each block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        """Keep the text between tags."""
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 (HTMLParser's signature)
        """Begin a line with each block."""
        if tag in ("p", "br", "li", "div", "tr", "h1", "h2", "h3"):
            self.parts.append("\n")


def _text(page: str) -> str:
    if "<" not in page:
        return html.unescape(page)
    reader = _Words()
    reader.feed(page)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).splitlines())
    return "\n".join(line for line in lines if line)
