"""What an order is asked with, and what it is."""

from datetime import datetime
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from shopctl.money import Money
from shopctl.services.customers import Address as Address  # noqa: PLC0414 (it is an order's word, too)


class Discount(msgspec.Struct, frozen=True):
    """A part of the subtotal (`rate`, in thousandths of a percent) or an `amount`."""

    rate: int = 0
    amount: int = 0


class LineDraft(msgspec.Struct, frozen=True):
    """So many units of a product; without a `unit_price`, at the price that holds now."""

    sku: str
    quantity: int
    unit_price: Money | None = None


class Choice(msgspec.Struct, frozen=True):
    """So many units of what an order has of a SKU, or of its line number `sku` (``#2``)."""

    sku: str
    quantity: int


class OrderDraft(msgspec.Struct, frozen=True, kw_only=True):
    """An order to place.

    Attributes:
        customer: an e-mail address, a reference of another system, or None (a sale at the counter).
        code: a discount code, in place of a `discount`.
        shipping: the price of shipping, or the name of one of the shop's methods.
        tax_rate: in thousandths of a percent, for every line and for shipping; None: as the shop's rates say.
        paid: the method by which it was paid in full already.
        draft: hold the stock for a while, and place it later (`confirm`).
        external_number: the number of a sale made elsewhere, in `channel`: a fact, which is recorded whatever the
            stock says; its `total`, if given, is kept.
        replaces: the number of the order that it makes good.
        key: tells a repeated request from a new one.
    """

    lines: tuple[LineDraft, ...]
    customer: str | None = None
    name: str = ""
    phone: str = ""
    ship_to: Address | None = None
    bill_to: Address | None = None
    discount: Discount = Discount()
    code: str | None = None
    shipping: Money | str | None = None
    tax_rate: int | None = None
    paid: str | None = None
    draft: bool = False
    note: str = ""
    channel: str = "shop"
    external_number: str | None = None
    total: Money | None = None
    replaces: str | None = None
    key: str | None = None


class OrderEdit(msgspec.Struct, frozen=True, kw_only=True):
    """What to change of an order; what is not set stays.

    A line's `quantity` is how many units of it are to be delivered in all; 0 takes it off. `version` is the one that
    the caller has seen.
    """

    lines: tuple[LineDraft, ...] = ()
    email: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    ship_to: Address | UnsetType = UNSET
    bill_to: Address | UnsetType = UNSET
    discount: Discount | UnsetType = UNSET
    code: str | UnsetType = UNSET
    shipping: Money | str | UnsetType = UNSET
    tax_rate: int | UnsetType = UNSET
    version: int | None = None


class Buyer(msgspec.Struct, frozen=True):
    """Who ordered, as it was when the order was placed."""

    email: str | None
    name: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an order. `total` is quantity times unit price, `discount` its share of the order's, both as placed."""

    line: int
    sku: str
    name: str
    quantity: int
    unit_price: Money
    discount: Money
    tax_rate: str
    tax: Money
    total: Money
    cancelled: int
    reserved: int
    short: int
    packed: int
    shipped: int
    returned: int
    restocked: int
    written_off: int
    claimed: int


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """Money that moved for an order, or was promised: a capture came in, a refund went back."""

    at: datetime
    kind: str
    amount: Money
    method: str
    reference: str
    actor: str


class UnitsOf(msgspec.Struct, frozen=True, kw_only=True):
    """So many units of an order's line."""

    line: int
    sku: str
    name: str
    quantity: int


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel of an order; `number` is the order's with its place in it, ``1001-1``."""

    number: str
    status: str
    carrier: str
    tracking: str
    link: str
    created_at: datetime
    packed_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    lines: list[UnitsOf]


class ReturnedUnits(UnitsOf, frozen=True, kw_only=True):
    """Units that came back, and what became of them; the rest waits for inspection."""

    restocked: int
    written_off: int


class Return(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer announced to send back (``requested``), or sent back (``received``)."""

    status: str
    requested_at: datetime
    received_at: datetime | None
    lines: list[ReturnedUnits]


ClaimKind = Literal["damaged", "lost", "wrong"]


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Units that arrived damaged, were lost, or were the wrong ones; `replacement` is the order that replaces them."""

    kind: ClaimKind
    at: datetime
    replacement: str | None
    lines: list[UnitsOf]


class Changed(msgspec.Struct, frozen=True):
    """What a step changed: its value before and after."""

    what: str
    before: str
    after: str


class Step(msgspec.Struct, frozen=True):
    """An entry of an order's timeline."""

    at: datetime
    type: str
    actor: str
    summary: str
    changes: list[Changed] = []


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
    expires_at: datetime | None
    completed_at: datetime | None


class Order(OrderSummary, frozen=True, kw_only=True):
    """An order, whole. `authorized` was promised and not captured; `due` is still to be paid."""

    ship_to: Address | None
    bill_to: Address | None
    authorized: Money
    due: Money
    note: str
    shipping_method: str
    discount_code: str | None
    replaces: str | None
    version: int
    lines: list[Line]
    payments: list[Payment]
    timeline: list[Step]
    shipments: list[Parcel] = []
    returns: list[Return] = []
    claims: list[Claim] = []


class OrderFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which orders.

    `query` finds a number, else words that begin so in what is known of an order: names, e-mail addresses, phones,
    postcodes, cities, tracking and external numbers. `since` and `until` bound `placed_at` (`until` is not included).
    `after` continues below that number, in the order of `sort`.
    """

    query: str = ""
    status: str | None = None
    payment: str | None = None
    fulfilment: str | None = None
    next: str | None = None
    returns: str | None = None
    channel: str | None = None
    customer: str | None = None
    owed: bool = False
    since: datetime | None = None
    until: datetime | None = None
    after: str | None = None
    sort: str = "-placed_at"
    limit: int | None = None
