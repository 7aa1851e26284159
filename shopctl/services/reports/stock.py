"""Balances and the ledger, with the names of products and places."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from shopctl.database import now, operation
from shopctl.services import products
from shopctl.services.inventory import LIVE_AVAILABLE, LIVE_HELD, LIVE_RESERVED, Level, Movement, get_location
from shopctl.services.inventory.tables import location, stock, stock_movement
from shopctl.services.products.tables import product


class StockLevel(Level, frozen=True, kw_only=True):
    """The balance of a product at a location, with its name.

    `incoming` is what purchases will bring; none are recorded yet.
    """

    name: str
    incoming: int = 0


def levels(
    conn: Connection, skus: Sequence[str] = (), *, place: str | None = None, limit: int | None = None
) -> list[StockLevel]:
    """Return the balances of these products (or all), at one location (or all), by SKU.

    Raises:
        NotFoundError: a product or the location does not exist.
    """
    statement = (
        select(
            *(column for column in stock.c if column.key not in ("held", "reserved")),
            product.c.sku,
            product.c.name,
            location.c.name.label("location"),
            LIVE_AVAILABLE.label("available"),
            LIVE_HELD.label("held"),
            LIVE_RESERVED.label("reserved"),
        )
        .join(product, product.c.id == stock.c.product_id)
        .join(location, location.c.id == stock.c.location_id)
        .order_by(product.c.sku_key, location.c.priority, location.c.id)
    )
    if skus:
        statement = statement.where(product.c.id.in_([found.id for found in products.get_many(conn, skus)]))
    if place is not None:
        statement = statement.where(location.c.id == get_location(conn, place).id)
    if limit is not None:
        statement = statement.limit(limit)
    shared = [name for name in StockLevel.__struct_fields__ if name != "incoming"]
    return [
        StockLevel(**{name: row._mapping[name] for name in shared})
        for row in conn.execute(statement, {"moment": now(conn)})
    ]


def level(conn: Connection, balance: Level) -> StockLevel:
    """Return a balance with the name of its product."""
    return levels(conn, [balance.sku], place=balance.location)[0]


def moves(
    conn: Connection, sku: str | None = None, *, since: datetime | None = None, limit: int | None = None
) -> list[Movement]:
    """Return the ledger, the latest first, of one product or all.

    Raises:
        NotFoundError: there is no such product.
    """
    statement = (
        select(stock_movement, product.c.sku, location.c.name.label("location"), operation.c.actor)
        .join(product, product.c.id == stock_movement.c.product_id)
        .join(location, location.c.id == stock_movement.c.location_id)
        .join(operation, operation.c.id == stock_movement.c.operation_id)
        .order_by(stock_movement.c.id.desc())
    )
    if sku is not None:
        statement = statement.where(stock_movement.c.product_id == products.get(conn, sku).id)
    if since is not None:
        statement = statement.where(stock_movement.c.at >= since)
    if limit is not None:
        statement = statement.limit(limit)
    fields = Movement.__struct_fields__
    return [Movement(**{name: row._mapping[name] for name in fields}) for row in conn.execute(statement)]
