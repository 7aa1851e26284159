"""Reading the catalogue."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    column,
    exists,
    false,
    literal_column,
    or_,
    select,
    table,
)

from shopctl.database import Int, now, operation
from shopctl.errors import BadValueError, NotFoundError
from shopctl.money import Money
from shopctl.services.products import sku as skus
from shopctl.services.products.tables import product, product_price
from shopctl.services.products.values import Price, Product, ProductFilter
from shopctl.text import checked, fold, nearest, safe

_parent = product.alias("parent")
_search = table("product_search", column("rowid", Int))
_VARIANTS = (
    select(product.c.variant_of, product.c.sku)
    .where(product.c.variant_of.in_(bindparam("ids", expanding=True)))
    .order_by(product.c.id)
)
_TRIGRAM = 3


def price_at(moment: datetime | BindParameter[datetime], *, regular: bool = False) -> Any:
    """Return the price that holds at `moment`, in minor units: that of a period, else the latest regular one.

    If none has begun yet (the machine's clock was set back), a regular one holds all the same.
    """
    prices = product_price.alias("price_at")
    lasting = prices.c.ends_at.is_(None)
    return (
        select(prices.c.price)
        .where(
            prices.c.product_id == product.c.id,
            or_(lasting, prices.c.starts_at <= moment),
            lasting if regular else or_(lasting, prices.c.ends_at > moment),
        )
        .order_by(lasting, prices.c.starts_at > moment, prices.c.starts_at.desc(), prices.c.id.desc())
        .limit(1)
        .correlate(product)
        .scalar_subquery()
    )


def selected(moment: datetime | BindParameter[datetime]) -> Select[Any]:
    """Return the statement that selects products as they are at `moment`."""
    variant = product.alias("variant")
    grouped = exists().where(variant.c.variant_of == product.c.id).correlate(product)
    return select(
        product,
        price_at(moment).label("price"),
        _parent.c.sku.label("parent_sku"),
        grouped.label("has_variants"),
    ).outerjoin_from(product, _parent, _parent.c.id == product.c.variant_of)


def from_row(row: Row[Any]) -> Product:
    """Return the product that a row of `selected` holds."""
    currency = row.currency
    return Product(
        id=row.id,
        sku=row.sku,
        name=row.name,
        description=row.description,
        price=Money(row.price, currency),
        compare_at=None if row.compare_at is None else Money(row.compare_at, currency),
        cost=None if row.cost is None else Money(row.cost, currency),
        currency=currency,
        tax_class=row.tax_class,
        status=row.status,
        category=row.category,
        tags=row.tags,
        barcode=row.barcode,
        weight=row.weight,
        variant_of=row.parent_sku,
        options=row.options,
        has_variants=bool(row.has_variants),
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def get(conn: Connection, sku: str) -> Product:
    """Return the product with that SKU, however it is written.

    Raises:
        NotFoundError: there is none; the hint names the nearest.
    """
    return get_many(conn, [sku])[0]


def get_many(conn: Connection, wanted: Sequence[str]) -> list[Product]:
    """Return the products with those SKUs, in that order.

    Raises:
        NotFoundError: some are missing; the message names all of them.
    """
    keys = [skus.key(sku) for sku in wanted]
    found = by_key(conn, keys)
    if absent := [sku for sku, key in zip(wanted, keys, strict=True) if key not in found]:
        raise missing(conn, absent)
    return [found[key] for key in keys]


def by_key(conn: Connection, keys: Iterable[str]) -> dict[str, Product]:
    """Return the products that exist under these keys (see `sku.key`)."""
    rows = conn.execute(_selected_by_key(), {"moment": now(conn), "keys": sorted(set(keys))})
    return {row.sku_key: from_row(row) for row in rows}


@cache
def _selected_by_key() -> Select[Any]:
    return selected(bindparam("moment")).where(product.c.sku_key.in_(bindparam("keys", expanding=True)))


def regular_prices(conn: Connection, ids: Sequence[int]) -> dict[int, int]:
    """Return the regular price, in minor units, of the products with these ids."""
    statement = select(product.c.id, price_at(now(conn), regular=True)).where(product.c.id.in_(ids))
    return {row[0]: row[1] for row in conn.execute(statement)}


def with_variants(conn: Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the SKUs of the variants, by product, of those products that come in variants."""
    found: dict[int, list[str]] = {}
    for row in conn.execute(_VARIANTS, {"ids": ids}):
        found.setdefault(row.variant_of or 0, []).append(row.sku)
    return found


def missing(conn: Connection, absent: Sequence[str]) -> NotFoundError:
    """Return the error for SKUs that the shop does not have, with the nearest ones it has."""
    named = ", ".join(safe(sku, 70) for sku in dict.fromkeys(absent))
    known = _similar(conn, absent[0])
    hint = nearest(absent[0], known) or "`shopctl product list` shows what there is."
    return NotFoundError(f"There is no product {named}.", hint, skus=list(absent))


def matching(query: str) -> ColumnElement[bool]:
    """Return the condition that every word of `query` occurs in what is known of a product."""
    terms = fold(query).split()
    indexed = [term for term in terms if len(term) >= _TRIGRAM]
    conditions: list[ColumnElement[bool]] = [
        product.c.search.like(
            "%" + term.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%", escape="\\"
        )
        for term in terms
        if len(term) < _TRIGRAM
    ]
    if indexed:
        phrase = " ".join('"' + term.replace('"', '""') + '"' for term in indexed)
        found = select(_search.c.rowid).where(literal_column("product_search").op("MATCH", is_comparison=True)(phrase))
        conditions.append(product.c.id.in_(found))
    return and_(*conditions) if conditions else false()


def condition(conn: Connection, wanted: ProductFilter) -> list[ColumnElement[bool]]:
    """Return the conditions that `wanted` sets."""
    conditions = []
    if query := checked(wanted.query, "search", limit=1_000):
        conditions.append(matching(query))
    if wanted.category is not None:
        conditions.append(product.c.category == wanted.category)
    if wanted.status is not None:
        conditions.append(product.c.status == wanted.status)
    else:
        conditions.append(product.c.status != "archived")
    if wanted.variant_of is not None:
        conditions.append(product.c.variant_of == get(conn, wanted.variant_of).id)
    return conditions


def ordering(sort: str, moment: datetime) -> list[ColumnElement[Any]]:
    """Return the order that `sort` names (``name``, ``-price``).

    Raises:
        BadValueError: products cannot be sorted by that.
    """
    columns: dict[str, Any] = {
        "sku": product.c.sku_key,
        "name": product.c.name,
        "price": price_at(moment),
        "category": product.c.category,
        "status": product.c.status,
        "created_at": product.c.id,
        "updated_at": product.c.updated_at,
    }
    name = sort.removeprefix("-")
    if name not in columns:
        raise BadValueError(f"Products cannot be sorted by {safe(name, 40)!r}.", f"Use one of {', '.join(columns)}.")
    by = columns[name]
    return [by.desc(), product.c.id.desc()] if sort.startswith("-") else [by.asc(), product.c.id.asc()]


def prices(conn: Connection, sku: str) -> list[Price]:
    """Return every price that the product has, had or will have, the latest set first."""
    found = get(conn, sku)
    rows = conn.execute(
        select(product_price, operation.c.actor)
        .join(operation, operation.c.id == product_price.c.operation_id)
        .where(product_price.c.product_id == found.id)
        .order_by(product_price.c.id.desc())
    )
    return [
        Price(
            sku=found.sku,
            price=Money(row.price, found.currency),
            currency=found.currency,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            actor=row.actor,
        )
        for row in rows
    ]


def completing(conn: Connection, beginning: str, limit: int = 50) -> list[tuple[str, str]]:
    """Return the SKUs and names of the products whose SKU begins so."""
    key = skus.key(beginning)
    statement = (
        select(product.c.sku, product.c.name)
        .where(product.c.sku_key >= key, product.c.sku_key < key + "\U0010ffff", product.c.status != "archived")
        .order_by(product.c.sku_key)
        .limit(limit)
    )
    return [(row.sku, row.name) for row in conn.execute(statement)]


def _similar(conn: Connection, sku: str) -> list[str]:
    """Return SKUs that could have been meant: those that share a beginning, else the first ones."""
    key = skus.key(sku)
    for beginning in (key[:2], key[:1]):
        statement = (
            select(product.c.sku)
            .where(product.c.sku_key >= beginning, product.c.sku_key < beginning + "\U0010ffff")
            .order_by(product.c.sku_key)
            .limit(2_000)
        )
        found = list(conn.execute(statement).scalars())
        if nearest(sku, found):
            return found
    return list(conn.execute(select(product.c.sku).order_by(product.c.sku_key).limit(2_000)).scalars())
