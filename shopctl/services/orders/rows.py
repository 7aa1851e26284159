"""Rows of the tables of orders, read as values."""

from collections.abc import Mapping, Sequence
from typing import Any

from shopctl.money import Money, shown_rate
from shopctl.services.inventory import Reserved
from shopctl.services.orders.values import Buyer, Line, Payment

_AMOUNTS = ("subtotal", "discount", "shipping", "tax", "rounding", "total", "paid", "refunded", "owed")
_PLAIN = (
    "number",
    "external_number",
    "channel",
    "status",
    "payment_status",
    "fulfilment_status",
    "return_status",
    "next",
    "currency",
    "placed_at",
    "cancelled_at",
    "expires_at",
    "completed_at",
)
_COUNTS = ("cancelled", "shipped", "returned", "restocked", "written_off", "claimed")


def summary_fields(head: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the fields of `OrderSummary` that a row of orders holds."""
    currency = head["currency"]
    return {
        **{name: head[name] for name in _PLAIN},
        **{name: Money(head[name], currency) for name in _AMOUNTS},
        "on_hold": bool(head["on_hold"]),
        "prices_include_tax": bool(head["prices_include_tax"]),
        "customer": Buyer(head["customer_email"], head["customer_name"]),
    }


def line_from(row: Mapping[Any, Any], currency: str, kept: Sequence[Reserved] = (), *, reserved: int = 0) -> Line:
    """Return the line that a row of order_line holds, with what inventory keeps for it (or just has `reserved`)."""
    return Line(
        line=row["line"],
        sku=row["sku"],
        name=row["name"],
        quantity=row["ordered"],
        unit_price=Money(row["unit_price"], currency),
        discount=Money(row["discount"], currency),
        tax_rate=shown_rate(row["tax_rate"]),
        tax=Money(row["tax"], currency),
        total=Money(row["total"], currency),
        reserved=reserved + sum(k.reserved for k in kept),
        packed=sum(k.packed for k in kept),
        short=sum(k.short for k in kept),
        **{name: row[name] for name in _COUNTS},
    )


def payment_from(row: Mapping[Any, Any], currency: str, actor: str) -> Payment:
    """Return the payment that a row of payment holds."""
    return Payment(
        at=row["at"],
        kind=row["kind"],
        amount=Money(row["amount"], currency),
        method=row["method"],
        reference=row["reference"],
        actor=actor,
    )
