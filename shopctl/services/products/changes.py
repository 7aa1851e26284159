"""Adding products and changing them."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET
from sqlalchemy import Connection, insert, select, update

from shopctl.database import now, operation_id, shop
from shopctl.errors import BadValueError, ConflictError, RefusedError
from shopctl.money import MAX_MINOR, Money
from shopctl.services.products import queries
from shopctl.services.products import sku as skus
from shopctl.services.products.tables import product, product_price
from shopctl.services.products.values import Product, ProductChange, ProductDraft, Status
from shopctl.text import checked, fold

MAX_WEIGHT = 1_000_000_000


def add(conn: Connection, draft: ProductDraft) -> Product:
    """Add a product.

    Raises:
        BadValueError: a value cannot be used.
        ConflictError: the SKU is taken.
        NotFoundError: the product that it is a variant of does not exist.
    """
    sku = skus.normalized(draft.sku) if draft.sku is not None else _free_sku(conn, draft.name)
    if sku_taken := conn.execute(select(product.c.sku).where(product.c.sku_key == skus.key(sku))).scalar_one_or_none():
        raise ConflictError(
            f"There is already a product {sku_taken}.",
            f"Change it with `shopctl product edit {sku_taken}`, or choose another SKU.",
            sku=sku_taken,
        )
    values = row(conn, {**msgspec.structs.asdict(draft), "sku": sku}, parent=_parent(conn, draft.variant_of))
    product_id = conn.execute(
        insert(product).returning(product.c.id),
        {**values, "version": 1, "created_at": now(conn), "operation_id": operation_id(conn)},
    ).scalar_one()
    set_prices(conn, [(product_id, draft.price)])
    return queries.get(conn, sku)


def edit(conn: Connection, sku: str, change: ProductChange, *, version: int | None = None) -> Product:
    """Change a product, if it still is at `version` (when given).

    Raises:
        NotFoundError: there is no such product.
        ConflictError: it was changed in the meantime, or the new SKU is taken.
        BadValueError: a value cannot be used.
    """
    before = queries.get(conn, sku)
    asked = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not UNSET}
    fields = {**{field: getattr(before, field) for field in ProductDraft.__struct_fields__}, **asked}
    values = row(conn, fields, parent=_parent(conn, fields["variant_of"], own_id=before.id))
    expected = before.version if version is None else version
    if values["sku_key"] != skus.key(before.sku) and queries.by_key(conn, [values["sku_key"]]):
        raise ConflictError(f"There is already a product {values['sku']}.", "Choose another SKU.", sku=values["sku"])
    changed = conn.execute(
        update(product)
        .where(product.c.id == before.id, product.c.version == expected)
        .values(**values, version=expected + 1, operation_id=operation_id(conn))
    )
    if changed.rowcount != 1:
        raise ConflictError(
            f"{before.sku} was changed in the meantime (it is at version {before.version}, not {expected}).",
            f"Look at it with `shopctl product show {before.sku}` and change it again.",
            version=before.version,
        )
    price = asked.get("price")
    if isinstance(price, Money) and price.amount != queries.regular_prices(conn, [before.id]).get(before.id):
        set_prices(conn, [(before.id, price)])
    return queries.get(conn, values["sku"])


def set_status(conn: Connection, wanted: Sequence[str], status: Status) -> list[Product]:
    """Archive or activate products; those that are so already stay as they are.

    Raises:
        NotFoundError: some do not exist.
    """
    once = {found.id: found for found in queries.get_many(conn, wanted)}
    return [
        found if found.status == status else edit(conn, found.sku, ProductChange(status=status))
        for found in once.values()
    ]


def set_price(
    conn: Connection, sku: str, price: Money, *, starts_at: datetime | None = None, ends_at: datetime | None = None
) -> Product:
    """Set a price from now or `starts_at` on; with `ends_at` for a period, after which the regular price holds again.

    Raises:
        BadValueError: the period ends before it begins or is over, or the price cannot be used.
        NotFoundError: there is no such product.
    """
    found = queries.get(conn, sku)
    begin = starts_at or now(conn)
    if ends_at is not None and (ends_at <= begin or ends_at <= now(conn)):
        raise BadValueError(
            "The period ends before it begins, or is over.", "Give an --until after --from and after now."
        )
    if starts_at is not None and starts_at < now(conn):
        raise BadValueError("A price cannot begin in the past.", "Leave --from out to set it from now on.")
    _check_price(price)
    conn.execute(
        insert(product_price),
        {
            "product_id": found.id,
            "price": price.amount,
            "starts_at": begin,
            "ends_at": ends_at,
            "operation_id": operation_id(conn),
        },
    )
    return queries.get(conn, sku)


def sellable(conn: Connection, wanted: Sequence[str]) -> list[Product]:
    """Return the products with those SKUs, which can all be ordered now.

    Raises:
        NotFoundError: some do not exist.
        RefusedError: some are drafts or archived, or priced in another currency than the shop's.
    """
    found = queries.get_many(conn, wanted)
    currency = shop(conn).currency
    for item in found:
        if item.has_variants:
            variants = queries.with_variants(conn, [item.id])[item.id]
            raise RefusedError(
                f"{item.sku} comes in variants: {', '.join(variants)}.",
                "Order one of them.",
                sku=item.sku,
                variants=variants,
            )
        if item.status != "active":
            raise RefusedError(
                f"{item.sku} cannot be ordered: it is {'a draft' if item.status == 'draft' else 'archived'}.",
                f"Run `shopctl product activate {item.sku}` first.",
                sku=item.sku,
                status=item.status,
            )
        if item.currency != currency:
            raise RefusedError(
                f"{item.sku} is priced in {item.currency}, and the shop sells in {currency}.",
                "Set shop.currency back to what it was at `init`.",
                sku=item.sku,
            )
    return found


def row(conn: Connection, values: Mapping[str, Any], *, parent: int | None) -> dict[str, Any]:
    """Return the checked column values of a product given by its fields (those of `ProductDraft`) and its parent's id.

    Raises:
        BadValueError: a value cannot be used.
    """
    sku = skus.normalized(values["sku"])
    name = checked(values["name"], "name", limit=300, required=True)
    description = checked(values["description"], "description", limit=20_000)
    category = checked(values["category"], "category", limit=200)
    barcode = checked(values["barcode"], "barcode", limit=64)
    tags = [checked(tag, "tag", limit=100, required=True) for tag in dict.fromkeys(values["tags"])]
    options = {
        checked(option, "option", limit=60, required=True): checked(value, f"option {option}", limit=120, required=True)
        for option, value in values["options"].items()
    }
    weight = values["weight"]
    if weight is not None and not 0 <= weight <= MAX_WEIGHT:
        raise BadValueError(f"The weight {weight:,} g is out of bounds.", f"Use 0 to {MAX_WEIGHT:,} grams.")
    _check_price(values["price"])
    return {
        "sku": sku,
        "sku_key": skus.key(sku),
        "name": name,
        "description": description,
        "compare_at": _minor(values["compare_at"]),
        "cost": _minor(values["cost"]),
        "currency": values["price"].currency,
        "tax_class": checked(values["tax_class"], "tax class", limit=60),
        "status": values["status"],
        "category": category,
        "tags": tags,
        "barcode": barcode,
        "weight": weight,
        "variant_of": parent,
        "options": options,
        "search": fold(" ".join((sku, name, category, barcode, *tags, *options.values(), description)))[:4_000],
        "updated_at": now(conn),
    }


def set_prices(conn: Connection, prices: Sequence[tuple[int, Money]]) -> None:
    """Set regular prices from now on, by product id."""
    conn.execute(
        insert(product_price),
        [
            {
                "product_id": product_id,
                "price": price.amount,
                "starts_at": now(conn),
                "ends_at": None,
                "operation_id": operation_id(conn),
            }
            for product_id, price in prices
        ],
    )


def gtin_warning(barcode: str) -> str:
    """Return why `barcode` looks like a mistyped GTIN (GS1 General Specifications, 7.9: check digit), or ""."""
    if not re.fullmatch(r"[0-9]{8}|[0-9]{12,14}", barcode):
        return ""
    digits = [int(digit) for digit in barcode]
    total = sum(digit * (3 if i % 2 == 0 else 1) for i, digit in enumerate(reversed(digits[:-1])))
    expected = -total % 10
    if digits[-1] == expected:
        return ""
    return f"The barcode {barcode} is no valid GTIN: its last digit would be {expected}. It was kept as it is."


def _minor(amount: Money | None) -> int | None:
    if amount is None:
        return None
    _check_price(amount)
    return amount.amount


def _check_price(price: Money) -> None:
    if not 0 <= price.amount <= MAX_MINOR:
        raise BadValueError(f"The amount {price} is out of bounds.", "Prices and costs are zero or more.")


def _parent(conn: Connection, sku: str | None, own_id: int | None = None) -> int | None:
    if sku is None:
        return None
    parent = queries.get(conn, sku)
    if parent.id == own_id or parent.variant_of is not None:
        raise BadValueError(f"{parent.sku} cannot have variants: it is a variant itself.", "Name the main product.")
    if own_id is not None and (own := queries.with_variants(conn, [own_id])):
        raise BadValueError(f"It has variants ({', '.join(own[own_id])}) and cannot be one.", "Name a main product.")
    return parent.id


def _free_sku(conn: Connection, name: str) -> str:
    base = skus.made_from(checked(name, "name", limit=300, required=True)) or "product"
    for number in range(1, 10_000):
        candidate = base if number == 1 else f"{base[: skus.MAX_LENGTH - 5]}-{number}"
        if not queries.by_key(conn, [skus.key(candidate)]):
            return candidate
    raise ConflictError(f"There is no free SKU for {name!r}.", "Give one with --sku.")
