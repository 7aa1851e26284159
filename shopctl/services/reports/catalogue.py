"""The catalogue with what there is to sell of each product."""

from typing import Any

from sqlalchemy import Connection, Select, exists, func, select

from shopctl.database import now
from shopctl.services import products
from shopctl.services.inventory import LIVE_AVAILABLE
from shopctl.services.inventory.tables import stock
from shopctl.services.products import Product, ProductFilter
from shopctl.services.products import queries as catalogue
from shopctl.services.products.tables import product


class ProductWithStock(Product, frozen=True, kw_only=True):
    """A product, and its units at all locations: on the shelves, and to sell."""

    on_hand: int
    available: int


def _selected(conn: Connection) -> Select[Any]:
    def units(what: Any) -> Any:
        return func.coalesce(
            select(func.sum(what)).where(stock.c.product_id == product.c.id).correlate(product).scalar_subquery(), 0
        )

    return catalogue.selected(now(conn)).add_columns(
        units(stock.c.on_hand).label("on_hand"), units(LIVE_AVAILABLE).label("available")
    )


def _from_row(row: Any) -> ProductWithStock:
    plain = catalogue.from_row(row)
    fields = {name: getattr(plain, name) for name in Product.__struct_fields__}
    return ProductWithStock(**fields, on_hand=row.on_hand, available=row.available)


def page(conn: Connection, wanted: ProductFilter, *, low: bool = False) -> list[ProductWithStock]:
    """Return the products that `wanted` describes, in its order.

    Args:
        conn: a connection.
        wanted: which products.
        low: only those at or below the reorder point of a location.

    Raises:
        BadValueError: products cannot be sorted so.
    """
    statement = (
        _selected(conn).where(*catalogue.condition(conn, wanted)).order_by(*catalogue.ordering(wanted.sort, now(conn)))
    )
    if low:
        at_or_below = exists().where(stock.c.product_id == product.c.id, stock.c.reorder_point >= LIVE_AVAILABLE)
        statement = statement.where(at_or_below.correlate(product))
    if wanted.limit is not None:
        statement = statement.limit(wanted.limit)
    return [_from_row(row) for row in conn.execute(statement, {"moment": now(conn)})]


def get(conn: Connection, sku: str) -> ProductWithStock:
    """Return one product with what there is of it.

    Raises:
        NotFoundError: there is none; the hint names the nearest.
    """
    found = products.get(conn, sku)
    return _from_row(conn.execute(_selected(conn).where(product.c.id == found.id), {"moment": now(conn)}).one())
