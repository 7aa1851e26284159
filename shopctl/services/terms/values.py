"""What the shop's terms are. Amounts are in the shop's currency, rates in percent where they are shown."""

from datetime import datetime
from typing import Literal

import msgspec

from shopctl.money import Money

State = Literal["upcoming", "active", "used_up", "ended"]


class TaxRate(msgspec.Struct, frozen=True, kw_only=True):
    """The tax on a class of goods in a country, in percent (``20``, ``8.875``). ``*`` is every other country."""

    tax_class: str
    country: str
    rate: str


class DiscountCode(msgspec.Struct, frozen=True, kw_only=True):
    """What a code takes off the goods: a `rate` in percent or an `amount`.

    It counts from `minimum` worth of goods, from `starts_at` until `ends_at`, for at most `use_limit` orders (None:
    without end); `used` is how many have it.
    """

    id: int
    code: str
    rate: str | None
    amount: Money | None
    currency: str
    minimum: Money
    starts_at: datetime | None
    ends_at: datetime | None
    use_limit: int | None
    used: int
    state: State
    created_at: datetime


class Redeemed(msgspec.Struct, frozen=True):
    """A use of a code: a `rate` (thousandths of a percent) or an `amount` (minor units) to take off, the other is 0."""

    id: int
    code: str
    rate: int
    amount: int


class ShippingMethod(msgspec.Struct, frozen=True, kw_only=True):
    """A way to ship and its price; it costs nothing from `free_from` worth of goods (None: always its price)."""

    name: str
    price: Money
    free_from: Money | None
    currency: str


class Charged(msgspec.Struct, frozen=True):
    """What a way to ship costs an order, in minor units."""

    name: str
    amount: int
