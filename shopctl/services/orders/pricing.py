"""What an order costs: discount, shipping and tax, to the last minor unit.

Half up, once per line; the discount is split over the lines by largest remainder, so that the lines add up to the
order.
"""

from collections.abc import Sequence

import msgspec

from shopctl.errors import BadValueError, RefusedError
from shopctl.money import MAX_MINOR, RATE_UNIT, Money, half_up, split
from shopctl.services.orders.values import Discount


class PricedLine(msgspec.Struct, frozen=True):
    """A line's amounts, in minor units."""

    total: int
    discount: int
    tax: int


class Totals(msgspec.Struct, frozen=True):
    """An order's amounts, in minor units."""

    lines: list[PricedLine]
    subtotal: int
    discount: int
    shipping: int
    shipping_tax: int
    tax: int
    total: int


def taken_off(subtotal: int, discount: Discount, currency: str, *, capped: bool = False) -> int:
    """Return what `discount` takes off goods worth `subtotal`; at most all, if `capped`.

    Raises:
        RefusedError: the discount is more than the goods.
    """
    taken = discount.amount + half_up(subtotal * discount.rate, RATE_UNIT)
    if taken <= subtotal:
        return taken
    if capped:
        return subtotal
    raise RefusedError(
        f"The discount {Money(taken, currency)} is more than the goods ({Money(subtotal, currency)}).",
        "Lower the discount.",
    )


def priced(
    lines: Sequence[tuple[int, int, int]],
    *,
    discount: int,
    shipping: int,
    shipping_tax_rate: int,
    prices_include_tax: bool,
    currency: str,
) -> Totals:
    """Return what an order of `lines` (quantity, unit price, tax rate) costs, `discount` taken off.

    Raises:
        BadValueError: the order is too large.
    """
    totals = [quantity * unit_price for quantity, unit_price, _ in lines]
    subtotal = sum(totals)
    shares = split(discount, totals)
    taxes = [
        tax_on(total - share, rate, included=prices_include_tax)
        for total, share, (_, _, rate) in zip(totals, shares, lines, strict=True)
    ]
    shipping_tax = tax_on(shipping, shipping_tax_rate, included=prices_include_tax)
    tax = sum(taxes) + shipping_tax
    total = subtotal - discount + shipping + (0 if prices_include_tax else tax)
    if max(total, subtotal, *totals) > MAX_MINOR:
        raise BadValueError(f"The order comes to over {Money(MAX_MINOR, currency).shown()}.", "Split it.")
    return Totals(
        lines=[PricedLine(*amounts) for amounts in zip(totals, shares, taxes, strict=True)],
        subtotal=subtotal,
        discount=discount,
        shipping=shipping,
        shipping_tax=shipping_tax,
        tax=tax,
        total=total,
    )


def worth(units: int, *, of: int, amount: int) -> int:
    """Return what `units` of a line are worth whose `of` units cost `amount`: half up, and all of them exactly all.

    Written so that no step exceeds 64 bits, as `status.summed` computes the same in SQL.
    """
    whole, rest = divmod(amount, of)
    return units * whole + half_up(units * rest, of)


def tax_on(amount: int, rate: int, *, included: bool) -> int:
    """Return the tax on `amount` (or in it, if `included`), half up."""
    return half_up(amount * rate, RATE_UNIT + rate if included else RATE_UNIT)
