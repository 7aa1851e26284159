"""A shop with some stock, a clock that tests set, and a desk at which orders are handled."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import NullPool, create_engine

from shopctl.services import inventory, orders, products
from shopctl.services.inventory import Item
from shopctl.services.orders import Choice, LineDraft, OrderDraft
from shopctl.services.reports import soundness

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Desk:
    """The services of orders, each call a transaction: ``desk.ship("1001", {"MUG": 1}, tracking="X")``."""

    def __init__(self, shop):
        self.shop = shop

    def __getattr__(self, verb):
        change = getattr(orders, verb)

        def run(*arguments, **options):
            meant = [
                tuple(Choice(*units) for units in part.items()) if isinstance(part, dict) else part
                for part in arguments
            ]
            with self.shop.write() as conn:
                return change(conn, *meant, **options)

        return run


@pytest.fixture(scope="session")
def prove():
    """Prove the invariants of a shop, all of them over one engine: its statements are compiled once for all tests."""
    opened = []
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(opened[-1]), poolclass=NullPool)

    def problems(shop):
        opened.append(shop.database)
        with engine.connect() as plain:
            conn = plain.execution_options(now=shop.clock(), settings=shop.settings)
            return [found for found in soundness.prove(conn, workers=0) if found.problems]

    yield problems
    engine.dispose()


@pytest.fixture
def desk(shop, prove):
    """Where orders are handled. Whatever a test does there: in the end, all of the shop's invariants hold."""
    yield Desk(shop)
    assert prove(shop) == []


@pytest.fixture
def later(shop):
    """Stop the shop's clock at noon; ``later(hours=2)`` puts it forward."""
    at = NOON
    shop.clock = lambda: at

    def forward(**by):
        nonlocal at
        at += timedelta(**by)

    return forward


@pytest.fixture
def place(add, desk):
    """Place an order: ``place(("MUG", 2), paid="card")``. There are 10 MUG at 9.90 and 5 CAP at 20.00."""
    add("MUG", price=990, stock=10)
    add("CAP", price=2000, stock=5)

    def run(*lines, **fields):
        return desk.place(OrderDraft(lines=tuple(LineDraft(*line) for line in lines or (("MUG", 2),)), **fields))

    return run


@pytest.fixture
def sold_elsewhere(place):
    """Record a sale that was made on a market, which is never refused for stock."""
    numbers = iter(range(1, 100))

    def run(*lines, **fields):
        return place(*lines, channel="market", external_number=f"M-{next(numbers)}", **fields)

    return run


@pytest.fixture
def look(shop):
    """An order as readers see it now; nothing is written."""

    def read(number):
        with shop.read() as conn:
            return orders.get(conn, number)

    return read


@pytest.fixture
def listed(shop):
    """The numbers of the orders that a filter describes, in its order."""

    def read(**wanted):
        with shop.read() as conn:
            return [found.number for found in orders.page(conn, orders.OrderFilter(**wanted))]

    return read


@pytest.fixture
def item(shop):
    """A product, as inventory knows it."""

    def read(sku):
        with shop.read() as conn:
            found = products.get(conn, sku)
        return Item(found.id, found.sku)

    return read


@pytest.fixture
def stock(shop, item):
    """The balance of a product: ``stock("MUG").available``."""

    def read(sku, location=None):
        with shop.read() as conn:
            return inventory.level(conn, item(sku), inventory.get_location(conn, location))

    return read


@pytest.fixture
def why(shop):
    """The commands that clear what an order waits for."""

    def read(number):
        with shop.read() as conn:
            return [reason.command for reason in orders.why(conn, number).reasons]

    return read
