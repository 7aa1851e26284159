"""The catalogue: products, their variants and their prices."""

from shopctl.services.products.changes import add, edit, gtin_warning, sellable, set_price, set_status
from shopctl.services.products.queries import by_key, completing, get, get_many, prices
from shopctl.services.products.values import Price, Product, ProductChange, ProductDraft, ProductFilter

__all__ = [
    "Price",
    "Product",
    "ProductChange",
    "ProductDraft",
    "ProductFilter",
    "add",
    "by_key",
    "completing",
    "edit",
    "get",
    "get_many",
    "gtin_warning",
    "prices",
    "sellable",
    "set_price",
    "set_status",
]
