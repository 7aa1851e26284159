"""Reading issued documents."""

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from shopctl.errors import NotFoundError
from shopctl.money import Money
from shopctl.services.documents.tables import document
from shopctl.services.documents.values import Document
from shopctl.services.orders.queries import find
from shopctl.text import safe


def issued(conn: Connection, number: str) -> list[Document]:
    """Return the documents issued for an order, oldest first.

    Raises:
        NotFoundError: no such order.
    """
    return of_order(conn, find(conn, number).id)


def get(conn: Connection, number: str, name: str) -> Document:
    """Return the document called `name`, such as INV-000001, of an order.

    Raises:
        NotFoundError: no such order, or it has no such document.
    """
    found = issued(conn, number)
    for made in found:
        if made.number == name.strip().upper():
            return made
    known = ", ".join(made.number for made in found)
    raise NotFoundError(
        f"Order {safe(number, 70)} has no document {safe(name, 40)}.",
        f"There is {known}." if known else "It has none yet.",
    )


def of_order(conn: Connection, order_id: int) -> list[Document]:
    """Return the documents of the order with that id, oldest first."""
    rows = conn.execute(select(document).where(document.c.order_id == order_id).order_by(document.c.id))
    return [_from_row(row) for row in rows]


def _from_row(row: Row[Any]) -> Document:
    currency = row.content["currency"]

    def money(_type: type, text: str) -> Money:
        return Money.parse(text, currency)

    return msgspec.convert(row.content, Document, dec_hook=money)
