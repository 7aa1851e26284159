"""What a new document holds: the difference between what an order is worth now and what its documents hold already.

Kept apart by what was sold at what price, so that whatever is taken back is taken back at the price it was billed at.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

import msgspec
from sqlalchemy import Row

from shopctl.money import half_up, parse_rate, split
from shopctl.services.documents.values import CREDIT_NOTE, INVOICE, Document
from shopctl.services.orders import pricing


class Key(NamedTuple):
    """What an amount is for: units of an order line at a price and a rate, shipping, rounding, or money given back."""

    sort: Literal["goods", "shipping", "rounding", "refund"]
    line: int = 0
    sku: str = ""
    unit_price: int = 0
    tax_rate: int = 0


class Amounts(msgspec.Struct, frozen=True):
    """Units, and minor units of money."""

    quantity: int = 0
    total: int = 0
    discount: int = 0
    tax: int = 0

    def plus(self, other: "Amounts", times: int = 1) -> "Amounts":
        """Return these amounts and the others, so many `times`."""
        return Amounts(
            self.quantity + times * other.quantity,
            self.total + times * other.total,
            self.discount + times * other.discount,
            self.tax + times * other.tax,
        )

    def worth(self, *, tax_included: bool) -> int:
        """Return what a customer pays for it."""
        return self.total - self.discount + (0 if tax_included else self.tax)


NOTHING = Amounts()
Bill = dict[Key, Amounts]


class Changes(msgspec.Struct, frozen=True):
    """What came to be billed, and what came to be credited; the amounts of both are positive."""

    added: Bill
    reduced: Bill


def due(head: Row[Any], lines: Sequence[Row[Any]], earlier: Sequence[Document]) -> Changes:
    """Return what documents have still to say of an order (rows of orders and order_line)."""
    included = bool(head.prices_include_tax)
    now, before = standing(head, lines), held(earlier)
    changes = Changes({}, {})
    for key in sorted({*now, *before}):
        if key.sort not in ("rounding", "refund"):
            change = now.get(key, NOTHING).plus(before.get(key, NOTHING), -1)
            for part in _one_way(key, change, tax_included=included):
                _file(changes, key, part, credit=_is_less(part, tax_included=included))
    _give_back(changes, head, now, before, tax_included=included)
    rounding = now.get(_ROUNDING, NOTHING).plus(before.get(_ROUNDING, NOTHING), -1)
    _file(changes, _ROUNDING, rounding, credit=bool(earlier and (changes.reduced or rounding.total < 0)))
    return changes


def standing(head: Row[Any], lines: Sequence[Row[Any]]) -> Bill:
    """Return what an order is worth now: what was neither cancelled nor returned.

    Shipping counts unless every unit was cancelled.
    """
    bill: Bill = {}
    expired = head.status == "expired"
    for line in lines:
        gone = line.ordered if expired else line.cancelled + line.returned
        if gone < line.ordered:
            key = Key("goods", line.line, line.sku, line.unit_price, line.tax_rate)
            bill[key] = _left(line, gone, tax_included=bool(head.prices_include_tax))
    if not expired and any(line.cancelled < line.ordered for line in lines):
        if head.shipping or head.shipping_tax:
            # Orders from before shipping had a rate of its own were taxed at the one rate of their lines.
            rate = head.shipping_tax_rate or (max(line.tax_rate for line in lines) if head.shipping_tax else 0)
            bill[Key("shipping", tax_rate=rate)] = Amounts(0, head.shipping, 0, head.shipping_tax)
        if head.rounding:
            bill[_ROUNDING] = Amounts(total=head.rounding)
    return bill


def held(documents: Iterable[Document]) -> Bill:
    """Return what invoices hold, less what credit notes took back."""
    bill: Bill = {}

    def count(key: Key, amounts: Amounts, times: int) -> None:
        bill[key] = bill.get(key, NOTHING).plus(amounts, times)

    for issued in documents:
        times = 1 if issued.kind == INVOICE else -1
        for line in issued.lines:
            amounts = Amounts(line.quantity, line.total.amount, line.discount.amount, line.tax.amount)
            rate = parse_rate(line.tax_rate)
            if line.line is None:
                count(Key("refund", tax_rate=rate), Amounts(0, amounts.total, 0, amounts.tax), times)
            else:
                count(Key("goods", line.line, line.sku, line.unit_price.amount, rate), amounts, times)
        shipping = Amounts(0, issued.shipping.amount, 0, issued.shipping_tax.amount)
        count(Key("shipping", tax_rate=parse_rate(issued.shipping_tax_rate)), shipping, times)
        count(_ROUNDING, Amounts(total=issued.rounding.amount), times)
    return bill


def worth(bill: Bill, *, tax_included: bool) -> int:
    """Return what a customer pays for all of it."""
    return sum(amounts.worth(tax_included=tax_included) for amounts in bill.values())


def corrected(credited: Bill, earlier: Sequence[Document]) -> list[str]:
    """Return the numbers of the invoices that hold what is credited; for money given back, those of all."""
    invoices = [issued for issued in earlier if issued.kind != CREDIT_NOTE]
    if any(key.sort == "refund" for key in credited):
        return [invoice.number for invoice in invoices]
    return [
        invoice.number for invoice in invoices if any(held([invoice]).get(key, NOTHING) != NOTHING for key in credited)
    ]


_ROUNDING = Key("rounding")


def _left(line: Row[Any], gone: int, *, tax_included: bool) -> Amounts:
    """Return what a line is worth without the units that are gone, which are worth what the order owes for them."""
    whole = Amounts(line.ordered, line.total, line.discount, line.tax)
    total, tax = gone * line.unit_price, pricing.worth(gone, of=line.ordered, amount=line.tax)
    value = pricing.worth(gone, of=line.ordered, amount=whole.worth(tax_included=tax_included))
    discount = total + (0 if tax_included else tax) - value
    return whole.plus(Amounts(gone, total, discount, tax), -1)


def _one_way(key: Key, change: Amounts, *, tax_included: bool) -> list[Amounts]:
    """Return a change in parts of which none adds units and takes away money, or the other way round."""
    if change.quantity * change.worth(tax_included=tax_included) >= 0:
        return [change]
    total = change.quantity * key.unit_price
    units = Amounts(change.quantity, total, 0, pricing.tax_on(total, key.tax_rate, included=tax_included))
    return [units, change.plus(units, -1)]


def _is_less(part: Amounts, *, tax_included: bool) -> bool:
    return (part.worth(tax_included=tax_included) or part.quantity) < 0


def _give_back(changes: Changes, head: Row[Any], now: Bill, before: Bill, *, tax_included: bool) -> None:
    """Add what was refunded though the goods stayed, by rate of tax; or take back what later turned out to be owed."""

    def by_rate(bill: Bill, *sorts: str) -> Bill:
        sums: Bill = {}
        for key, amounts in bill.items():
            if key.sort in sorts:
                rate = Key("refund", tax_rate=key.tax_rate)
                sums[rate] = sums.get(rate, NOTHING).plus(amounts)
        return sums

    reductions = head.total - worth(now, tax_included=tax_included)
    goodwill = max(0, head.refunded - reductions - max(0, head.paid - head.total))
    given = {key: NOTHING.plus(amounts, -1) for key, amounts in by_rate(before, "refund").items()}
    change = goodwill - worth(given, tax_included=tax_included)
    source = by_rate(now, "goods", "shipping") if change > 0 else given
    shares = {key: amounts.worth(tax_included=tax_included) for key, amounts in source.items()}
    taken_back = change < 0 and worth(changes.reduced, tax_included=tax_included) < -change
    for (key, share), part in zip(shares.items(), split(abs(change), list(shares.values())), strict=True):
        if part:
            tax = half_up(source[key].tax * part, share)
            amounts = Amounts(0, part if tax_included else part - tax, 0, tax)
            signed = amounts if change < 0 else NOTHING.plus(amounts, -1)
            _file(changes, key, signed, credit=not taken_back)


def _file(changes: Changes, key: Key, change: Amounts, *, credit: bool) -> None:
    if change != NOTHING:
        bill, times = (changes.reduced, -1) if credit else (changes.added, 1)
        bill[key] = NOTHING.plus(change, times)
