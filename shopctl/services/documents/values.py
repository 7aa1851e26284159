"""What an issued document says, and what a packing slip says."""

from datetime import datetime
from typing import Literal

import msgspec

from shopctl.money import Money
from shopctl.services.orders import Address
from shopctl.services.orders.values import Buyer

INVOICE: Literal["invoice"] = "invoice"
CREDIT_NOTE: Literal["credit_note"] = "credit_note"
Kind = Literal["invoice", "credit_note"]
PREFIXES: dict[str, str] = {INVOICE: "INV", CREDIT_NOTE: "CN"}


class DocumentLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a document: so many units of line `line` of the order, billed or credited.

    `total` is quantity times unit price, before its share of the discount. Without a `line` it is money that was given
    back for no goods. With a quantity of 0 it is only the line's share of the discount that changed.
    """

    line: int | None
    sku: str
    name: str
    quantity: int
    unit_price: Money
    discount: Money
    tax_rate: str
    tax: Money
    total: Money


class TaxShare(msgspec.Struct, frozen=True):
    """What a document holds at one rate of tax: the amount without the tax, and the tax."""

    rate: str
    net: Money
    tax: Money


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice or a credit note as it was issued; all amounts are positive, what a credit note holds is given back.

    `total` = `subtotal` − `discount` + `shipping` + `rounding`, and + `tax` where prices exclude it.

    Attributes:
        number: such as INV-000001 or CN-000001.
        timezone: the shop's, in which its dates are read.
        seller_address: the lines under the seller's name; `tax_id` is the seller's.
        taxes: by rate, shipping included.
        paid: how much of it had been paid (of a credit note: paid back) when it was issued.
        corrects: the numbers of the invoices that a credit note corrects.
    """

    kind: Kind
    number: str
    issued_at: datetime
    order_number: str
    placed_at: datetime | None
    timezone: str
    seller: str
    seller_address: list[str] = []
    tax_id: str = ""
    customer: Buyer
    bill_to: Address | None
    ship_to: Address | None
    currency: str
    prices_include_tax: bool
    lines: list[DocumentLine]
    subtotal: Money
    discount: Money
    shipping: Money
    shipping_tax_rate: str
    shipping_tax: Money
    rounding: Money
    taxes: list[TaxShare]
    tax: Money
    total: Money
    paid: Money
    corrects: list[str]


class SlipLine(msgspec.Struct, frozen=True):
    """So many units to put into the parcel."""

    sku: str
    name: str
    quantity: int


class Slip(msgspec.Struct, frozen=True, kw_only=True):
    """A packing slip: what goes to whom, without prices. `parcel` is such as 1001-1, or None for all that is left."""

    order_number: str
    placed_at: datetime | None
    timezone: str
    seller: str
    seller_address: list[str] = []
    customer: Buyer
    ship_to: Address | None
    parcel: str | None
    carrier: str
    tracking: str
    lines: list[SlipLine]


def address_lines(text: str) -> list[str]:
    """Return the lines of the shop's own address, which its settings keep on one, separated by commas."""
    return [part.strip() for part in text.split(",") if part.strip()]
