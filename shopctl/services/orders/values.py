"""What an order is asked with, and what it is."""

from datetime import datetime

import msgspec

from shopctl.money import Money


class Address(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where somebody lives or receives parcels."""

    name: str = ""
    company: str = ""
    line1: str = ""
    line2: str = ""
    postcode: str = ""
    city: str = ""
    region: str = ""
    country: str = ""
    phone: str = ""

    def lines(self) -> list[str]:
        """Return the address as it is written on a parcel."""
        town = " ".join(filter(None, (self.postcode, self.city)))
        return [
            part for part in (self.name, self.company, self.line1, self.line2, town, self.region, self.country) if part
        ]


class Discount(msgspec.Struct, frozen=True):
    """A part of the subtotal (`rate`, in thousandths of a percent) or an `amount`."""

    rate: int = 0
    amount: int = 0


class LineDraft(msgspec.Struct, frozen=True):
    """So many units of a product; without a `unit_price`, at the price that holds now."""

    sku: str
    quantity: int
    unit_price: Money | None = None


class OrderDraft(msgspec.Struct, frozen=True, kw_only=True):
    """An order to place.

    Attributes:
        customer: an e-mail address, a reference of another system, or None (a sale at the counter).
        tax_rate: in thousandths of a percent, for every line and for shipping.
        paid: the method by which it was paid in full already.
        key: tells a repeated request from a new one.
    """

    lines: tuple[LineDraft, ...]
    customer: str | None = None
    name: str = ""
    phone: str = ""
    ship_to: Address | None = None
    bill_to: Address | None = None
    discount: Discount = Discount()
    shipping: Money | None = None
    tax_rate: int = 0
    paid: str | None = None
    note: str = ""
    channel: str = "shop"
    external_number: str | None = None
    key: str | None = None


class Buyer(msgspec.Struct, frozen=True):
    """Who ordered, as it was when the order was placed."""

    email: str | None
    name: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an order. `total` is quantity times unit price, `discount` its share of the order's, both as placed."""

    sku: str
    name: str
    quantity: int
    unit_price: Money
    discount: Money
    tax_rate: str
    tax: Money
    total: Money
    cancelled: int
    short: int
    packed: int
    shipped: int
    returned: int


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """Money that moved for an order: a capture came in, a refund went back."""

    at: datetime
    kind: str
    amount: Money
    method: str
    reference: str
    actor: str


class Step(msgspec.Struct, frozen=True):
    """An entry of an order's timeline."""

    at: datetime
    type: str
    actor: str
    summary: str


class OrderSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An order as lists show it."""

    number: str
    external_number: str | None
    channel: str
    status: str
    payment_status: str
    fulfilment_status: str
    return_status: str
    next: str
    on_hold: bool
    customer: Buyer
    currency: str
    subtotal: Money
    discount: Money
    shipping: Money
    tax: Money
    rounding: Money
    total: Money
    paid: Money
    refunded: Money
    owed: Money
    prices_include_tax: bool
    placed_at: datetime | None
    cancelled_at: datetime | None


class Order(OrderSummary, frozen=True, kw_only=True):
    """An order, whole."""

    ship_to: Address | None
    bill_to: Address | None
    note: str
    lines: list[Line]
    payments: list[Payment]
    timeline: list[Step]
    shipments: list[dict[str, str]] = []


class OrderFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which orders. `query` finds a number, an external number, or part of a name or an e-mail address.

    `since` and `until` bound `placed_at` (`until` is not included). `after` continues below that number (by placing,
    newest first).
    """

    query: str = ""
    status: str | None = None
    payment: str | None = None
    fulfilment: str | None = None
    next: str | None = None
    customer: str | None = None
    owed: bool = False
    since: datetime | None = None
    until: datetime | None = None
    after: str | None = None
    sort: str = "-placed_at"
    limit: int | None = None
