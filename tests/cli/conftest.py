"""A shop that has been open for a while, for the tests of its command line."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from shopctl.money import Money
from shopctl.services import inventory, orders, products
from shopctl.services.inventory import Item
from shopctl.services.orders import LineDraft, OrderDraft
from shopctl.services.products import ProductDraft
from shopctl.shop import Shop


@pytest.fixture(scope="session")
def living_home(empty_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of such a shop, made once: 10 MUG, 5 CAP; 1001 is paid, 1002 is not, both are Ada's."""
    home = Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("living") / "home"))
    with Shop(home, actor="ada") as shop:
        with shop.write() as conn:
            inventory.add_location(conn, "warehouse")
            for sku, price, stock in (("MUG", 990, 10), ("CAP", 1200, 5)):
                made = products.add(conn, ProductDraft(name=sku.title(), sku=sku, price=Money(price, "EUR")))
                inventory.receive(conn, Item(made.id, made.sku), stock)
        for paid in ("card", None):
            draft = OrderDraft(lines=(LineDraft("MUG", 1),), customer="ada@example.org", name="Ada", paid=paid)
            with shop.write() as conn:
                orders.place(conn, draft)
    return home


@pytest.fixture
def living(home: Path, living_home: Path) -> Path:
    """The folder of this test's own shop, which has products, stock and orders."""
    shutil.rmtree(home)
    return Path(shutil.copytree(living_home, home))


@pytest.fixture
def content(home: Path) -> Callable[[], list[str]]:
    """All that the shop's database says, to compare before and after."""

    def dump() -> list[str]:
        with closing(sqlite3.connect(home / "shop.db")) as database:
            return list(database.iterdump())

    return dump
