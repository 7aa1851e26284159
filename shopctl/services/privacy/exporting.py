"""All that is known of a person, to hand over (GDPR, articles 15 and 20)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    and_,
    cast,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
)

from shopctl import events
from shopctl.database import operation
from shopctl.money import Money
from shopctl.services import customers, notifications, orders
from shopctl.services.customers import Customer
from shopctl.services.documents.tables import document
from shopctl.services.notifications import NotificationDetail
from shopctl.services.notifications.tables import notification
from shopctl.services.orders.tables import order, remark
from shopctl.services.orders.timeline import step
from shopctl.services.privacy import former
from shopctl.services.privacy.former import Tenure, Texts
from shopctl.services.privacy.values import FormerOrder, IssuedDocument, KnownOrder, PersonalData, Remark

ERASED_MESSAGE = notification.c.recipient == literal("erased-") + cast(notification.c.id, Text)
"""A message to somebody who was forgotten."""


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
        former_orders=_former_orders(conn, found),
        messages=_messages(conn, found),
    )


def messages_about(conn: Connection, person: Customer) -> ColumnElement[bool]:
    """Return what tells the messages to a person, and those about the person's orders, from others.

    What was sent to somebody else whose order it was is that one's.
    """
    names = former.addresses(conn, person)
    to_another = exists().where(
        order.c.number == notification.c.order_number,
        remark.c.order_id == order.c.id,
        remark.c.kind == "email",
        func.lower(remark.c.before) == func.lower(notification.c.recipient),
    )
    about = notification.c.order_number.in_(select(order.c.number).where(order.c.customer_id == person.id))
    to_the_person = (func.lower(notification.c.recipient) == func.lower(name) for name in names)
    return or_(and_(about, not_(to_another), not_(ERASED_MESSAGE)), *to_the_person)


def _orders(conn: Connection, person: Customer) -> Iterator[KnownOrder]:
    numbers = select(order.c.id, order.c.number).where(order.c.customer_id == person.id).order_by(order.c.id)
    names = former.addresses(conn, person)
    for row in conn.execute(numbers).all():
        past = former.tenures(conn, row.id)
        mine = former.among(names, past)
        others = [one for one in past if one not in mine]
        said = {one.id: one for one in _without(conn, row.id, others)}
        found = orders.get(conn, row.number)
        if others:
            timeline = [step(event, said) for event in events.about(conn, row.number)]  # type: ignore[arg-type]
            found = msgspec.structs.replace(found, timeline=timeline)
        documents = [issued for issued, by in _documents(conn, row.id) if not any(one.covers(by) for one in others)]
        yield KnownOrder(order=found, remarks=[_remark(one) for one in said.values()], documents=documents)


def _former_orders(conn: Connection, person: Customer) -> Iterator[FormerOrder]:
    mine = former.among(former.addresses(conn, person), former.tenures(conn))
    now_mine = select(order.c.id).where(order.c.customer_id == person.id)
    own = set(conn.execute(now_mine).scalars())
    for order_id in sorted({one.order_id for one in mine} - own):
        then = [one for one in mine if one.order_id == order_id]
        rows = conn.execute(_said(order_id)).all()
        about = former.texts(rows, then)
        others = {(row.id, text) for row in rows for text in ("before", "after")} - about
        yield FormerOrder(
            number=conn.execute(select(order.c.number).where(order.c.id == order_id)).scalar_one(),
            remarks=[_remark(one) for one in _left(rows, others)],
            documents=[issued for issued, by in _documents(conn, order_id) if any(one.covers(by) for one in then)],
        )


class _Said(msgspec.Struct, frozen=True):
    """A row of remarks, perhaps without a text that is about somebody else."""

    id: int
    at: datetime
    kind: str
    before: str
    after: str
    actor: str


def _said(order_id: int) -> Select[Any]:
    return (
        select(remark, operation.c.at, operation.c.actor)
        .join(operation, operation.c.id == remark.c.operation_id)
        .where(remark.c.order_id == order_id)
        .order_by(remark.c.id)
    )


def _without(conn: Connection, order_id: int, others: list[Tenure]) -> list[_Said]:
    rows = conn.execute(_said(order_id)).all()
    return _left(rows, former.texts(rows, others))


def _left(rows: Sequence[Row[Any]], hidden: Texts) -> list[_Said]:
    """Return `rows` without the texts that are `hidden`; one of which nothing is left is not among them."""
    found = []
    for row in rows:
        before, after = ("" if (row.id, text) in hidden else getattr(row, text) for text in ("before", "after"))
        if before or after:
            found.append(_Said(row.id, row.at, row.kind, before, after, row.actor))
    return found


def _remark(said: _Said) -> Remark:
    return Remark(at=said.at, kind=said.kind, before=said.before, after=said.after, actor=said.actor)


def _documents(conn: Connection, order_id: int) -> list[tuple[IssuedDocument, int]]:
    """Return an order's documents, each with the operation that issued it."""
    of_order = select(document, order.c.currency).join(order, order.c.id == document.c.order_id)
    rows = conn.execute(of_order.where(document.c.order_id == order_id).order_by(document.c.id))
    return [
        (
            IssuedDocument(
                kind=row.kind,
                number=row.number,
                issued_at=row.issued_at,
                total=Money(row.total, row.currency),
                currency=row.currency,
                content=row.content,
            ),
            row.operation_id,
        )
        for row in rows
    ]


def _messages(conn: Connection, person: Customer) -> Iterator[NotificationDetail]:
    ids = select(notification.c.id).where(messages_about(conn, person)).order_by(notification.c.id)
    for wanted in conn.execute(ids).scalars().all():
        yield notifications.get(conn, wanted)
