"""All that is known of a person, to hand over (GDPR, articles 15 and 20)."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, func, or_, select

from shopctl.database import operation
from shopctl.money import Money
from shopctl.services import customers, notifications, orders
from shopctl.services.customers import Customer
from shopctl.services.documents.tables import document
from shopctl.services.notifications import NotificationDetail
from shopctl.services.notifications.tables import notification
from shopctl.services.orders.tables import order, remark
from shopctl.services.privacy.values import IssuedDocument, KnownOrder, PersonalData, Remark


def export(conn: Connection, who: str) -> PersonalData:
    """Return all that the shop knows of a customer: addresses, orders, documents, remarks and messages.

    Raises:
        NotFoundError: there is no such customer.
    """
    found = customers.get(conn, who)
    known = customers.addresses(conn, found.id)
    return PersonalData(
        customer=found,
        ship_to=known.get("ship_to"),
        bill_to=known.get("bill_to"),
        orders=_orders(conn, found),
        messages=_messages(conn, found),
    )


def messages_about(person: Customer) -> ColumnElement[bool]:
    """Return what tells the messages to a person, and those about the person's orders, from others."""
    about = notification.c.order_number.in_(select(order.c.number).where(order.c.customer_id == person.id))
    if person.email is None:
        return about
    return or_(about, func.lower(notification.c.recipient) == func.lower(person.email))


def _orders(conn: Connection, person: Customer) -> Iterator[KnownOrder]:
    numbers = select(order.c.id, order.c.number).where(order.c.customer_id == person.id).order_by(order.c.id)
    for row in conn.execute(numbers).all():
        found = orders.get(conn, row.number)
        yield KnownOrder(
            order=found, remarks=_remarks(conn, row.id), documents=_documents(conn, row.id, found.currency)
        )


def _remarks(conn: Connection, order_id: int) -> list[Remark]:
    rows = conn.execute(
        select(operation.c.at, remark.c.kind, remark.c.before, remark.c.after, operation.c.actor)
        .join(operation, operation.c.id == remark.c.operation_id)
        .where(remark.c.order_id == order_id)
        .order_by(remark.c.id)
    )
    return [Remark(**row._mapping) for row in rows]


def _documents(conn: Connection, order_id: int, currency: str) -> list[IssuedDocument]:
    rows = conn.execute(select(document).where(document.c.order_id == order_id).order_by(document.c.id))
    return [
        IssuedDocument(
            kind=row.kind,
            number=row.number,
            issued_at=row.issued_at,
            total=Money(row.total, currency),
            currency=currency,
            content=row.content,
        )
        for row in rows
    ]


def _messages(conn: Connection, person: Customer) -> Iterator[NotificationDetail]:
    ids = select(notification.c.id).where(messages_about(person)).order_by(notification.c.id)
    for wanted in conn.execute(ids).scalars().all():
        yield notifications.get(conn, wanted)
