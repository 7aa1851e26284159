"""What a document says, made of what it holds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from shopctl.money import Money, shown_rate
from shopctl.services.documents import billing
from shopctl.services.documents.billing import NOTHING, Amounts, Bill, Key
from shopctl.services.documents.values import (
    CREDIT_NOTE,
    INVOICE,
    Document,
    DocumentLine,
    Kind,
    TaxShare,
    address_lines,
)
from shopctl.services.orders import Order
from shopctl.settings import ShopSettings


def composed(
    order: Order,
    lines: Sequence[Row[Any]],
    content: Bill,
    earlier: Sequence[Document],
    *,
    kind: Kind,
    number: str,
    at: datetime,
    terms: ShopSettings,
) -> Document:
    """Return the document that holds `content`; `earlier` are those that the order has already."""

    def money(amount: int) -> Money:
        return Money(amount, order.currency)

    items = {key: amounts for key, amounts in content.items() if key.sort in ("goods", "refund")}
    shipping = next((key for key in content if key.sort == "shipping"), Key("shipping"))
    total = billing.worth(content, tax_included=order.prices_include_tax)
    return Document(
        kind=kind,
        number=number,
        issued_at=at,
        order_number=order.number,
        placed_at=order.placed_at,
        timezone=terms.timezone,
        seller=terms.name,
        seller_address=address_lines(terms.address),
        tax_id=terms.tax_id,
        customer=order.customer,
        bill_to=order.bill_to or order.ship_to,
        ship_to=order.ship_to,
        currency=order.currency,
        prices_include_tax=order.prices_include_tax,
        lines=_lines(items, _names(lines, earlier), kind, order.currency),
        subtotal=money(sum(amounts.total for amounts in items.values())),
        discount=money(sum(amounts.discount for amounts in items.values())),
        shipping=money(content.get(shipping, NOTHING).total),
        shipping_tax_rate=shown_rate(shipping.tax_rate),
        shipping_tax=money(content.get(shipping, NOTHING).tax),
        rounding=money(sum(amounts.total for key, amounts in content.items() if key.sort == "rounding")),
        taxes=_taxes(content, order),
        tax=money(sum(amounts.tax for amounts in content.values())),
        total=money(total),
        paid=money(_paid(order, earlier, kind, total)),
        corrects=billing.corrected(content, earlier) if kind == CREDIT_NOTE else [],
    )


def _names(lines: Sequence[Row[Any]], earlier: Sequence[Document]) -> dict[tuple[int | None, str], str]:
    """Return what the lines are called; as they were billed, if they were."""
    now = {(line.line, line.sku): line.name for line in lines}
    billed = {(line.line, line.sku): line.name for issued in earlier for line in issued.lines if issued.kind == INVOICE}
    return now | billed


def _lines(items: Bill, names: dict[tuple[int | None, str], str], kind: Kind, currency: str) -> list[DocumentLine]:
    return [
        DocumentLine(
            line=key.line if key.sort == "goods" else None,
            sku=key.sku,
            name=_refund(kind, amounts) if key.sort == "refund" else names[key.line, key.sku],
            quantity=1 if key.sort == "refund" else amounts.quantity,
            unit_price=Money(amounts.total if key.sort == "refund" else key.unit_price, currency),
            discount=Money(amounts.discount, currency),
            tax_rate=shown_rate(key.tax_rate),
            tax=Money(amounts.tax, currency),
            total=Money(amounts.total, currency),
        )
        for key, amounts in sorted(items.items())
    ]


def _refund(kind: Kind, amounts: Amounts) -> str:
    if kind == INVOICE:
        return "Refund taken back"
    return "Refund" if amounts.total >= 0 else "Refund credited before"


def _taxes(content: Bill, order: Order) -> list[TaxShare]:
    rates: dict[int, Amounts] = {}
    for key, amounts in content.items():
        if key.sort != "rounding":
            rates[key.tax_rate] = rates.get(key.tax_rate, NOTHING).plus(amounts)
    return [
        TaxShare(
            shown_rate(rate),
            Money(sums.total - sums.discount - (sums.tax if order.prices_include_tax else 0), order.currency),
            Money(sums.tax, order.currency),
        )
        for rate, sums in sorted(rates.items(), reverse=True)
    ]


def _paid(order: Order, earlier: Sequence[Document], kind: Kind, total: int) -> int:
    """Return how much of `total` the customer has paid beyond earlier invoices, or has had back already."""
    billed = billing.worth(billing.held(earlier), tax_included=order.prices_include_tax)
    kept = order.paid.amount - order.refunded.amount
    if kind == INVOICE:
        return min(total, max(0, kept - billed))
    given_back = sum(issued.paid.amount for issued in earlier if issued.kind == CREDIT_NOTE)
    return min(total, max(0, billed - kept), max(0, order.refunded.amount - given_back))
