"""What a new order comes to: prices, discount or code, shipping and tax, by the shop's terms of the day."""

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import Connection

from shopctl.database import shop
from shopctl.errors import BadValueError
from shopctl.money import Money
from shopctl.services import terms
from shopctl.services.customers import Address
from shopctl.services.orders import pricing
from shopctl.services.orders.pricing import Totals
from shopctl.services.orders.values import Discount, OrderDraft
from shopctl.services.products import Product


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """An order's prices; amounts in minor units, rates in thousandths of a percent."""

    currency: str
    unit_prices: list[int]
    tax_rates: list[int]
    shipping_tax_rate: int
    discount: Discount
    code: str | None
    code_id: int | None
    shipping_method: str
    totals: Totals
    rounding: int

    @property
    def total(self) -> int:
        """What the customer pays."""
        return self.totals.total + self.rounding


def quote(conn: Connection, draft: OrderDraft, found: Sequence[Product], addresses: Mapping[str, Address]) -> Quote:
    """Return what `draft` comes to, of which `found` are the products; a discount code is used up once.

    Raises:
        RefusedError: the discount is more than the goods, the code does not count, or no tax rate fits.
        NotFoundError: no such code or shipping method.
        BadValueError: a discount and a code are given, or the order is too large.
    """
    currency = shop(conn).currency
    unit_prices = [(line.unit_price or item.price).amount for line, item in zip(draft.lines, found, strict=True)]
    quantities = [line.quantity for line in draft.lines]
    subtotal = sum(n * price for n, price in zip(quantities, unit_prices, strict=True))
    discount, code, code_id = _discount(conn, draft, subtotal)
    taken = pricing.taken_off(subtotal, discount, currency, capped=code is not None)
    method, shipping = charge(conn, draft.shipping, subtotal - taken)
    fact = draft.external_number is not None
    rates = tax_rates(conn, [item.tax_class for item in found], addresses, given=draft.tax_rate, lenient=fact)
    totals = pricing.priced(
        list(zip(quantities, unit_prices, rates[:-1], strict=True)),
        discount=taken,
        shipping=shipping,
        shipping_tax_rate=rates[-1],
        prices_include_tax=shop(conn).prices_include_tax,
        currency=currency,
    )
    return Quote(
        currency=currency,
        unit_prices=unit_prices,
        tax_rates=rates[:-1],
        shipping_tax_rate=rates[-1],
        discount=discount,
        code=code,
        code_id=code_id,
        shipping_method=method,
        totals=totals,
        rounding=_rounding(draft.total, totals.total),
    )


def charge(conn: Connection, shipping: Money | str | None, goods: int) -> tuple[str, int]:
    """Return the name of the way to ship ("" if none is named) and what it costs for `goods` worth so much.

    Raises:
        NotFoundError: the shop has no such way to ship.
    """
    if isinstance(shipping, str):
        charged = terms.charge(conn, shipping, goods)
        return charged.name, charged.amount
    return "", shipping.amount if shipping is not None else 0


def tax_rates(
    conn: Connection,
    classes: Sequence[str],
    addresses: Mapping[str, Address],
    *,
    given: int | None,
    lenient: bool = False,
) -> list[int]:
    """Return the tax rate of each of these classes of goods, and that of shipping, where the order goes to.

    If `lenient` (for a sale that has happened), a class that has none there has 0.

    Raises:
        RefusedError: the shop has tax rates, and none that fits.
    """
    if given is not None:
        return [given] * (len(classes) + 1)
    goes_to = addresses.get("ship_to") or addresses.get("bill_to")
    rates = terms.rates_for(conn, {*classes, _SHIPPING}, goes_to.country if goes_to else "", lenient=lenient)
    return [rates[name] for name in (*classes, _SHIPPING)]


_SHIPPING = "shipping"


def _discount(conn: Connection, draft: OrderDraft, subtotal: int) -> tuple[Discount, str | None, int | None]:
    if draft.code is None:
        return draft.discount, None, None
    if draft.discount != Discount():
        raise BadValueError("An order has a discount or a code, not both.", "Leave --discount or --code out.")
    used = terms.redeem(conn, draft.code, subtotal)
    return Discount(rate=used.rate, amount=used.amount), used.code, used.id


def _rounding(given: Money | None, computed: int) -> int:
    """Return the difference to the total that another system gave, which is kept."""
    return given.amount - computed if given is not None else 0
