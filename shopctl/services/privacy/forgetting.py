"""Forgetting a person (GDPR, article 17): whoever it was is erased, numbers, dates, goods and amounts stay.

See ``docs/privacy.md``.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, case, delete, func, or_, select, update

from shopctl import events
from shopctl.database import event_table, now, operation_id
from shopctl.errors import RefusedError
from shopctl.services import customers
from shopctl.services.customers import Customer
from shopctl.services.customers.tables import customer, customer_address
from shopctl.services.documents.tables import document
from shopctl.services.notifications.tables import attempt, notification
from shopctl.services.orders import searching
from shopctl.services.orders.tables import order, order_address, remark
from shopctl.services.privacy import former
from shopctl.services.privacy.exporting import messages_about
from shopctl.services.privacy.former import Tenure
from shopctl.services.privacy.mentions import ERASED, erase_mentions
from shopctl.services.privacy.values import CustomerForgotten, Forgotten
from shopctl.text import safe

_OF_THE_PERSON = ("customer", "bill_to", "ship_to")
_SHOWN = 5


def forget(conn: Connection, who: str) -> Forgotten:
    """Erase a customer and every trace in orders, documents and messages; what the books need stays.

    Of orders that were given to another customer, what they say of this one is erased; and the other way round, what
    an order of this one says of somebody else whose it was stays, until that one is forgotten. What was deleted may
    still stand in the files until `finish` has written them anew.

    Raises:
        NotFoundError: there is no such customer (any more).
        RefusedError: an order is open, or a message is being sent.
    """
    person = customers.get(conn, who)
    _refuse_open(conn, person)
    _refuse_sending(conn, person)
    conn.exec_driver_sql("PRAGMA secure_delete = ON")
    names = former.addresses(conn, person)
    own = set(conn.execute(_order_ids(person)).scalars())
    past = former.tenures(conn)
    hers = former.among(names, past)
    kept = [one for one in past if one.order_id in own and one not in hers and former.living(conn, one.owner)]
    messages = _erase_messages(conn, person)
    documents = _erase_documents(conn, own, names, hers, kept)
    remarks = _erase_remarks(conn, own, hers, kept) + erase_mentions(conn, names)
    addresses = _erase_addresses(conn, person)
    called = _erase_customer(conn, person)
    erased = _erase_orders(conn, person)  # last: the words by which they are found come from all of the above
    events.record(conn, CustomerForgotten(person.id))
    return Forgotten(
        id=person.id,
        customer=called,
        erased_at=now(conn),
        orders=erased,
        addresses=addresses,
        remarks=remarks,
        documents=documents,
        messages=messages,
    )


def _refuse_open(conn: Connection, person: Customer) -> None:
    waits = or_(
        order.c.status == "draft", order.c.next != "none", order.c.owed > 0, order.c.return_status == "requested"
    )
    open_ = conn.execute(
        select(order.c.number, order.c.status, order.c.next).where(order.c.customer_id == person.id, waits)
    ).all()
    if open_:
        said = [f"{row.number} ({row.status if row.next == 'none' else row.next})" for row in open_[:_SHOWN]]
        more = f" and {len(open_) - _SHOWN:,} more" if len(open_) > _SHOWN else ""
        raise RefusedError(
            f"{safe(person.identity, 100)} has open orders: {', '.join(said)}{more}.",
            "Serve, refund or cancel them first; `shopctl order show NUMBER` shows one.",
            orders=[row.number for row in open_],
        )


def _refuse_sending(conn: Connection, person: Customer) -> None:
    """Refuse while a worker holds a message in its hands: it would write down who it went to."""
    leased = (notification.c.state == "sending") & (notification.c.lease_until > now(conn))
    if conn.execute(select(notification.c.id).where(messages_about(conn, person), leased)).first() is not None:
        raise RefusedError(
            f"A message to {safe(person.identity, 100)} is being sent right now.", "Do it again in a minute."
        )


def _erase_messages(conn: Connection, person: Customer) -> list[int]:
    """Blank the messages, cancel those that have not gone out; return their ids."""
    waiting = select(event_table.c.id).where(
        event_table.c.handled_at.is_(None),
        event_table.c.subject.in_(select(order.c.number).where(order.c.customer_id == person.id)),
    )
    events.mark_handled(conn, conn.execute(waiting).scalars().all())
    ids = list(conn.execute(select(notification.c.id).where(messages_about(conn, person))).scalars())
    unsent = notification.c.state.in_(("held", "pending", "sending", "dead"))
    for wanted in ids:
        this = notification.c.id == wanted
        conn.execute(
            update(notification)
            .where(this, unsent)
            .values(state="cancelled", next_attempt_at=None, lease_owner=None, lease_until=None)
        )
        conn.execute(
            update(notification)
            .where(this)
            .values(
                recipient=f"erased-{wanted}",  # each its own: a cause has one message to each recipient
                subject=ERASED,
                text=ERASED,
                html=ERASED,
                last_error=case((notification.c.last_error.is_not(None), ERASED)),
            )
        )
        of_this = attempt.c.notification_id == wanted
        conn.execute(update(attempt).where(of_this).values(answer=ERASED))
        conn.execute(
            update(attempt).where(of_this, attempt.c.outcome.is_(None)).values(outcome="unknown", finished_at=now(conn))
        )
    return ids


def _erase_documents(
    conn: Connection, own: set[int], names: Sequence[str], hers: Sequence[Tenure], kept: Sequence[Tenure]
) -> int:
    """Blank the person in documents of the person's orders, now or then, and in any that names the person."""
    billed = func.lower(func.json_extract(document.c.content, "$.customer.email"))
    named = or_(*(billed == func.lower(name) for name in names))
    columns = select(document.c.id, document.c.order_id, document.c.operation_id, document.c.content)
    chosen = or_(named, document.c.order_id.in_(own | {one.order_id for one in hers}))
    erased = 0
    for row in conn.execute(columns.add_columns(named.label("named")).where(chosen)).all():
        mine = any(one.order_id == row.order_id and one.covers(row.operation_id) for one in hers)
        another_s = any(one.order_id == row.order_id and one.covers(row.operation_id) for one in kept)
        if not (row.named or mine or (row.order_id in own and not another_s)):
            continue
        content = {name: _blank(part) if name in _OF_THE_PERSON else part for name, part in row.content.items()}
        conn.execute(update(document).where(document.c.id == row.id).values(content=content))
        erased += 1
    return erased


def _blank(part: Any) -> Any:
    """Return `part` with every text in it empty."""
    if isinstance(part, dict):
        return {name: _blank(inner) for name, inner in part.items()}
    return "" if isinstance(part, str) else part


def _erase_remarks(conn: Connection, own: set[int], hers: Sequence[Tenure], kept: Sequence[Tenure]) -> int:
    """Blank all texts about the person's orders but those about somebody else, and those of the time they were so."""
    erased = 0
    for order_id in sorted(own | {one.order_id for one in hers}):
        rows = conn.execute(select(remark).where(remark.c.order_id == order_id).order_by(remark.c.id)).all()
        mine = former.texts(rows, [one for one in hers if one.order_id == order_id])
        if order_id in own:
            another_s = former.texts(rows, [one for one in kept if one.order_id == order_id])
            mine |= {(row.id, text) for row in rows for text in ("before", "after")} - another_s
        for row in rows:
            if values := {text: "" for text in ("before", "after") if (row.id, text) in mine and getattr(row, text)}:
                conn.execute(update(remark).where(remark.c.id == row.id).values(**values))
                erased += 1
    return erased


def _erase_addresses(conn: Connection, person: Customer) -> int:
    of_orders = conn.execute(delete(order_address).where(order_address.c.order_id.in_(_order_ids(person))))
    own = conn.execute(delete(customer_address).where(customer_address.c.customer_id == person.id))
    return of_orders.rowcount + own.rowcount


def _erase_orders(conn: Connection, person: Customer) -> int:
    ids = conn.execute(_order_ids(person)).scalars().all()
    conn.execute(
        update(order)
        .where(order.c.customer_id == person.id)
        .values(
            customer_email=None,
            customer_name="",
            note="",
            cancel_reason="",
            version=order.c.version + 1,
            operation_id=operation_id(conn),
        )
    )
    for erased in ids:
        searching.reindex(conn, erased)
    # The deleted terms stay in the index of words until its segments are merged (sqlite.org/fts5.html, "optimize").
    conn.exec_driver_sql("INSERT INTO order_search (order_search) VALUES ('optimize')")
    return len(ids)


def _erase_customer(conn: Connection, person: Customer) -> str:
    called = f"erased-{person.id}"
    conn.execute(
        update(customer)
        .where(customer.c.id == person.id)
        .values(
            identity=called,
            identity_key=called.upper(),  # keys are casefolded: nobody can be called so, or be found by it
            email=None,
            name="",
            phone="",
            locale="",
            marketing=0,
            note="",
            erased_at=now(conn),
            operation_id=operation_id(conn),
        )
    )
    return called


def _order_ids(person: Customer) -> Select[Any]:
    return select(order.c.id).where(order.c.customer_id == person.id)
