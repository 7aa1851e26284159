"""What the catalogue gives and takes."""

from datetime import datetime
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from shopctl.money import Money

Status = Literal["draft", "active", "archived"]


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """A product, or a variant of the product that `variant_of` names.

    `price` is the one that holds now; `weight` is in grams.
    """

    id: int = 0
    sku: str
    name: str
    description: str
    price: Money
    compare_at: Money | None
    cost: Money | None
    currency: str
    tax_class: str
    status: Status
    category: str
    tags: list[str]
    barcode: str
    weight: int | None
    variant_of: str | None
    options: dict[str, str]
    has_variants: bool
    version: int
    created_at: datetime
    updated_at: datetime


class ProductDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A product to add. Without a `sku`, one is made from the name."""

    name: str
    price: Money
    sku: str | None = None
    description: str = ""
    compare_at: Money | None = None
    cost: Money | None = None
    category: str = ""
    tags: tuple[str, ...] = ()
    barcode: str = ""
    weight: int | None = None
    tax_class: str = ""
    status: Status = "active"
    variant_of: str | None = None
    options: dict[str, str] = {}


class ProductChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to change of a product; what is not set stays."""

    name: str | UnsetType = UNSET
    price: Money | UnsetType = UNSET
    sku: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    compare_at: Money | None | UnsetType = UNSET
    cost: Money | None | UnsetType = UNSET
    category: str | UnsetType = UNSET
    tags: tuple[str, ...] | UnsetType = UNSET
    barcode: str | UnsetType = UNSET
    weight: int | None | UnsetType = UNSET
    tax_class: str | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    variant_of: str | None | UnsetType = UNSET
    options: dict[str, str] | UnsetType = UNSET


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """A price of a product from `starts_at` until `ends_at` (None: until another begins), and who set it."""

    sku: str
    price: Money
    currency: str
    starts_at: datetime
    ends_at: datetime | None
    actor: str


class ProductFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which products: words that all occur, a category, a status. Archived ones only when asked for."""

    query: str = ""
    category: str | None = None
    status: str | None = None
    variant_of: str | None = None
    sort: str = "sku"
    limit: int | None = None
