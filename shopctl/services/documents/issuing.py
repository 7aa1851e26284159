"""Issuing invoices and credit notes: what they say is frozen, and their numbers have no gaps."""

from collections.abc import Sequence
from typing import Any, get_args

import msgspec
from sqlalchemy import Connection, Row, insert
from sqlalchemy.dialects.sqlite import insert as upsert

from shopctl import events
from shopctl.database import now, operation_id, shop
from shopctl.errors import BadValueError, RefusedError
from shopctl.services import orders
from shopctl.services.documents import billing
from shopctl.services.documents.composing import composed
from shopctl.services.documents.events import DocumentIssued
from shopctl.services.documents.queries import of_order
from shopctl.services.documents.tables import document
from shopctl.services.documents.values import CREDIT_NOTE, INVOICE, PREFIXES, Document, Kind
from shopctl.services.orders import expiring
from shopctl.services.orders.queries import line_rows
from shopctl.services.orders.tables import sequence
from shopctl.text import safe

_FIRST = upsert(sequence).values(value=1)
_COUNT_ON = _FIRST.on_conflict_do_update(index_elements=["name"], set_={"value": sequence.c.value + 1}).returning(
    sequence.c.value
)


def issue(conn: Connection, number: str, kind: Kind) -> Document:
    """Issue what documents have still to say of an order: an invoice of what was added, a credit note of what went.

    When nothing has changed since, the last one of its kind is the answer, as it was issued.

    Raises:
        NotFoundError: no such order.
        BadValueError: there is no such kind of document.
        RefusedError: there is nothing to bill or to credit, or no invoice yet that could be corrected.
    """
    if kind not in get_args(Kind):
        raise BadValueError(f"{safe(kind, 40)!r} is no kind of document.", f"Use one of {', '.join(get_args(Kind))}.")
    head = expiring.opened(conn, number)
    lines = line_rows(conn, head.id)
    earlier = of_order(conn, head.id)
    _check_possible(head, kind, earlier)
    changes = billing.due(head, lines, earlier)
    content = changes.added if kind == INVOICE else changes.reduced
    if not content:
        return _last(head, kind, earlier)
    if billing.worth(content, tax_included=bool(head.prices_include_tax)) < 0:
        raise RefusedError(f"Order {head.number} comes to less than nothing.", f"Look at it: {_look(head)}.")
    counted = conn.execute(_COUNT_ON, {"name": kind}).scalar_one()
    name = f"{PREFIXES[kind]}-{counted:06d}"
    made = composed(
        orders.get(conn, head.number), lines, content, earlier, kind=kind, number=name, at=now(conn), terms=shop(conn)
    )
    conn.execute(
        insert(document),
        {
            "order_id": head.id,
            "kind": kind,
            "number": counted,
            "issued_at": made.issued_at,
            "total": made.total.amount,
            "content": msgspec.to_builtins(made, enc_hook=str),
            "operation_id": operation_id(conn),
        },
    )
    events.record(
        conn, DocumentIssued(number=head.number, document=made.number, total=made.total.amount, currency=made.currency)
    )
    return made


def _check_possible(head: Row[Any], kind: Kind, earlier: Sequence[Document]) -> None:
    if head.status == "draft":
        raise RefusedError(
            f"Order {head.number} is a draft.", f"`shopctl order confirm {head.number}` makes it an order."
        )
    if not earlier and kind == CREDIT_NOTE:
        raise RefusedError(
            f"Order {head.number} has no invoice that could be corrected.",
            f"`shopctl order document {head.number} --kind invoice` issues one, of what is to be paid now.",
        )
    if not earlier and head.status in ("cancelled", "expired"):
        raise RefusedError(
            f"Order {head.number} is {head.status}; there is nothing to bill.", f"Look at it: {_look(head)}."
        )


def _last(head: Row[Any], kind: Kind, earlier: Sequence[Document]) -> Document:
    for issued in reversed(earlier):
        if issued.kind == kind:
            return issued
    if kind == CREDIT_NOTE:
        raise RefusedError(
            f"Nothing of order {head.number} is to be credited: all that was billed still stands.",
            "Cancel, return or refund something first.",
        )
    raise RefusedError(f"There is nothing to bill of order {head.number}.", f"Look at it: {_look(head)}.")


def _look(head: Row[Any]) -> str:
    return f"shopctl order show {head.number}"
