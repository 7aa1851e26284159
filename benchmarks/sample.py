"""The shop that is measured: small, real, on a disk."""

from pathlib import Path

from shopctl import shop as shops
from shopctl.money import Money
from shopctl.services import inventory, orders, products
from shopctl.services.inventory import Item
from shopctl.services.orders import LineDraft, OrderDraft
from shopctl.services.products import ProductDraft

PRODUCTS = 50
HOT = "HOT"
ORDERS = 20


def small(home: Path, *, hot: int = 1) -> Path:
    """Make a shop of 50 products (``SKU-000`` …) with plenty of stock, `hot` units of ``HOT``, and 20 orders."""
    stock = {f"SKU-{i:03}": 1_000_000 for i in range(PRODUCTS)} | {HOT: hot}
    with shops.create(home, {"shop.name": "Bench", "shop.currency": "EUR"}, location="main") as shop:
        with shop.write() as conn:
            for sku, units in stock.items():
                made = products.add(conn, ProductDraft(name=f"Product {sku}", sku=sku, price=Money(990, "EUR")))
                inventory.receive(conn, Item(made.id, made.sku), units)
        for i in range(ORDERS):
            with shop.write() as conn:
                orders.place(conn, draft_of(i))
    return home


def draft_of(i: int) -> OrderDraft:
    """Return the order `i`: two lines, one of thirty customers."""
    lines = (LineDraft(f"SKU-{i % PRODUCTS:03}", 1), LineDraft(f"SKU-{(i + 7) % PRODUCTS:03}", 2))
    return OrderDraft(lines=lines, customer=f"customer{i % 30}@example.org", name=f"Customer {i % 30}")
