"""Whatever happens to a shop, in whatever order, its numbers hold and agree with a model of them."""

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from shopctl.errors import RefusedError
from shopctl.money import Money
from shopctl.services import inventory, orders, products
from shopctl.services.inventory import InsufficientStockError, Item, Want
from shopctl.services.orders import Discount, LineDraft, OrderDraft
from shopctl.services.products import ProductDraft
from shopctl.services.reports import soundness
from shopctl.shop import Shop

PRICES = {"MUG": 990, "CAP": 1, "PEN": 0}
PLACES = ("main", "attic", "van")
FAST = settings(
    max_examples=15,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

skus = st.sampled_from(sorted(PRICES))
places = st.sampled_from(PLACES)
quantities = st.integers(1, 6)
lines = st.lists(st.tuples(skus, quantities), min_size=1, max_size=4)


def furnish(shop: Shop) -> None:
    with shop.write() as conn:
        for sku, price in PRICES.items():
            products.add(conn, ProductDraft(name=sku, sku=sku, price=Money(price, "EUR")))
        for name in PLACES[1:]:
            inventory.add_location(conn, name)


def items(shop: Shop) -> dict[str, Item]:
    with shop.read() as conn:
        return {sku: Item(products.get(conn, sku).id, sku) for sku in PRICES}


@pytest.fixture(scope="module")
def furnished(empty_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A shop's folder with three products and three places, to be copied for each run."""
    home = Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("furnished") / "home"))
    with Shop(home) as shop:
        furnish(shop)
    yield home
    shutil.rmtree(home)


@dataclass
class Placed:
    """The model of an order."""

    place: str
    wanted: Counter[str]
    total: int
    paid: int = 0
    refunded: int = 0
    cancelled: bool = False

    @property
    def kept(self) -> int:
        return self.paid - self.refunded

    @property
    def owed(self) -> int:
        return max(0, self.kept - (0 if self.cancelled else self.total))


class ShopMachine(RuleBasedStateMachine):
    """A shop beside a model of it: units on hand by SKU and place, and the orders."""

    def __init__(self, template: Path) -> None:
        super().__init__()
        self.home = Path(shutil.copytree(template, Path(mkdtemp(dir=template.parent)) / "home"))
        self.shop = Shop(self.home)
        self.items = items(self.shop)
        self.on_hand: Counter[tuple[str, str]] = Counter()
        self.placed: dict[str, Placed] = {}

    def teardown(self) -> None:
        self.shop.close()
        shutil.rmtree(self.home)

    def write(self, change, *arguments, **options):
        with self.shop.write() as conn:
            return change(conn, *arguments, **options)

    def reserved(self, sku: str, place: str) -> int:
        return sum(o.wanted[sku] for o in self.placed.values() if o.place == place and not o.cancelled)

    def available(self, sku: str, place: str) -> int:
        return self.on_hand[sku, place] - self.reserved(sku, place)

    @rule(sku=skus, place=places, units=st.integers(1, 20))
    def receive(self, sku, place, units):
        self.write(inventory.receive, self.items[sku], units, location=place)
        self.on_hand[sku, place] += units

    @rule(sku=skus, place=places, delta=st.integers(-12, 12).filter(bool))
    def adjust(self, sku, place, delta):
        try:
            self.write(inventory.adjust, self.items[sku], delta, location=place, reason="count")
        except RefusedError:
            assert self.available(sku, place) + delta < 0
        else:
            self.on_hand[sku, place] += delta
            assert self.available(sku, place) >= 0

    @rule(wanted=lines, paid=st.booleans(), rate=st.sampled_from([0, 5_500, 20_000]), tenth_off=st.booleans())
    def place(self, wanted, paid, rate, tenth_off):
        totals: Counter[str] = Counter()
        for sku, units in wanted:
            totals[sku] += units
        serving = [p for p in PLACES if all(self.available(sku, p) >= units for sku, units in totals.items())]
        draft = OrderDraft(
            lines=tuple(LineDraft(sku, units) for sku, units in wanted),
            tax_rate=rate,
            discount=Discount(rate=10_000 if tenth_off else 0),
            paid="card" if paid else None,
        )
        try:
            order = self.write(orders.place, draft)
        except InsufficientStockError:
            assert serving == []
        else:
            goods = sum(PRICES[sku] * units for sku, units in wanted)
            total = goods - (goods + 5) // 10 if tenth_off else goods
            assert order.total.amount == total
            self.placed[order.number] = Placed(serving[0], totals, total, paid=total if paid else 0)

    @precondition(lambda self: self.placed)
    @rule(data=st.data(), part=st.integers(1, 3000) | st.none())
    def pay(self, data, part):
        number = data.draw(st.sampled_from(sorted(self.placed)))
        order = self.placed[number]
        due = order.total - order.kept
        try:
            self.write(orders.pay, number, amount=part and Money(part, "EUR"))
        except RefusedError:
            assert order.cancelled or (part is None and due <= 0)
        else:
            assert not order.cancelled
            order.paid += part or due

    @precondition(lambda self: self.placed)
    @rule(data=st.data(), part=st.integers(1, 3000) | st.none())
    def refund(self, data, part):
        number = data.draw(st.sampled_from(sorted(self.placed)))
        order = self.placed[number]
        try:
            self.write(orders.refund, number, amount=part and Money(part, "EUR"))
        except RefusedError:
            assert order.owed == 0 if part is None else part > order.kept
        else:
            order.refunded += part or order.owed

    @precondition(lambda self: self.placed)
    @rule(data=st.data())
    def cancel(self, data):
        number = data.draw(st.sampled_from(sorted(self.placed)))
        self.write(orders.cancel, number)
        self.placed[number].cancelled = True

    @invariant()
    def numbers_hold(self):
        with self.shop.read() as conn:
            assert [finding for finding in soundness.prove(conn, workers=0) if finding.problems] == []

    @invariant()
    def the_shop_agrees_with_the_model(self):
        with self.shop.read() as conn:
            best = {item.sku: units for item, units in inventory.available(conn, list(self.items.values())).items()}
            found = {number: orders.get(conn, number) for number in self.placed}
        assert best == {sku: max(self.available(sku, place) for place in PLACES) for sku in PRICES}
        for number, order in self.placed.items():
            is_now = found[number]
            money = (is_now.paid.amount, is_now.refunded.amount, is_now.owed.amount)
            assert money == (order.paid, order.refunded, order.owed)
            assert is_now.status == ("cancelled" if order.cancelled else "placed")


def test_whatever_happens_the_numbers_hold_and_agree_with_the_model(furnished):
    run_state_machine_as_test(lambda: ShopMachine(furnished), settings=FAST)


@FAST
@given(stocked=st.lists(st.tuples(skus, places, quantities), max_size=6), wanted=lines)
def test_reserve_then_release_is_the_identity(furnished, stocked, wanted):
    class Undone(Exception):  # noqa: N818 (no error)
        pass

    with Shop(furnished) as shop:
        known = items(shop)
        with pytest.raises(Undone), shop.write() as conn:
            for sku, place, units in stocked:
                inventory.receive(conn, known[sku], units, location=place)
            before = balances(conn)
            try:
                wants = [Want(line, known[sku], units) for line, (sku, units) in enumerate(wanted, start=1)]
                inventory.reserve(conn, "R", wants)
            except InsufficientStockError:
                assert inventory.check(conn, wants) != []
            else:
                assert sum(reserved for *_, reserved in balances(conn)) == sum(units for _, units in wanted)
                assert inventory.reserved_for(conn, "R") != []
                inventory.release(conn, "R")
            assert balances(conn) == before
            raise Undone


def balances(conn):
    """Return the balances: product, place, on hand, available, reserved."""
    from sqlalchemy import select

    from shopctl.services.inventory.ledger import AVAILABLE
    from shopctl.services.inventory.tables import stock

    columns = (stock.c.product_id, stock.c.location_id, stock.c.on_hand, AVAILABLE, stock.c.reserved)
    return conn.execute(select(*columns).order_by(*columns[:2])).all()
