"""A shop that sells a few things, whose orders are billed."""

import pytest

from shopctl import shop as shops
from shopctl.money import Money
from shopctl.services import documents, inventory, orders, products
from shopctl.services.inventory import Item
from shopctl.services.orders import Choice, LineDraft, OrderDraft, OrderEdit
from shopctl.services.products import ProductDraft

CATALOGUE = {"MUG": ("Mug", 990), "CAP": ("Cap", 1999), "BOOK": ("Notebook", 333)}


@pytest.fixture
def prices_include_tax():
    return True


@pytest.fixture
def shop(tmp_path, prices_include_tax):
    """A shop whose prices include tax, unless the test says otherwise."""
    values = {"shop.name": "Corner Books", "shop.currency": "EUR", "shop.prices_include_tax": prices_include_tax}
    with shops.create(tmp_path / "shop", values, location="main", actor="tester") as opened:
        yield opened


@pytest.fixture
def place(shop):
    """Place an order, paid: ``place(("MUG", 2), ("CAP", 1), name="Ada")``."""
    with shop.write() as conn:
        for sku, (name, price) in CATALOGUE.items():
            made = products.add(conn, ProductDraft(name=name, sku=sku, price=Money(price, "EUR")))
            inventory.receive(conn, Item(made.id, made.sku), 500)

    def run(*lines, **fields):
        wanted = tuple(LineDraft(sku, units) for sku, units in lines or (("MUG", 2), ("CAP", 1)))
        with shop.write() as conn:
            return orders.place(conn, OrderDraft(lines=wanted, **{"paid": "card", **fields})).number

    return run


@pytest.fixture
def issue(shop):
    """Issue a document of an order: ``issue("1001")``, ``issue("1001", "credit_note")``."""

    def run(number, kind="invoice"):
        with shop.write() as conn:
            return documents.issue(conn, number, kind)

    return run


@pytest.fixture
def take_back(shop):
    """Have units of a product cancelled, or sent and returned: ``take_back("1001", "MUG", cancelled=1)``."""

    def run(number, sku, *, cancelled=0, returned=0):
        with shop.write() as conn:
            if cancelled:
                orders.cancel(conn, number, (Choice(sku, cancelled),))
            if returned:
                orders.ship(conn, number, (Choice(sku, returned),))
                orders.receive_return(conn, number, (Choice(sku, returned),), restock=True)

    return run


@pytest.fixture
def edit(shop):
    """Change the lines, the discount or the tax of an order: ``edit("1001", MUG=(5, 990))``."""

    def run(number, **lines):
        wanted = tuple(LineDraft(sku, units, Money(price, "EUR")) for sku, (units, price) in lines.items())
        with shop.write() as conn:
            return orders.edit(conn, number, OrderEdit(lines=wanted))

    return run


@pytest.fixture
def refund(shop):
    def run(number, amount):
        with shop.write() as conn:
            return orders.refund(conn, number, amount=Money(amount, "EUR"))

    return run


@pytest.fixture
def held():
    """What a document holds of each line: units, and what is to be paid for them."""
    return lambda made: [(line.sku, line.quantity, line.total.amount - line.discount.amount) for line in made.lines]
