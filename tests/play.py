"""What the property tests of orders share: a shop beside its model, and how an operation is tried on it."""

import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition
from orderplay import KEPT, LINES, Beside
from shopmodel import ShopModel

from shopctl import shop as shops
from shopctl.errors import ShopError
from shopctl.money import Money
from shopctl.services import inventory, orders, products, terms
from shopctl.services.inventory import Item
from shopctl.services.orders import Choice, OrderFilter
from shopctl.services.products import ProductDraft
from shopctl.services.reports import soundness
from shopctl.shop import Shop

PRICES = {"MUG": 990, "CAP": 1, "PEN": 0}
PLACES = ("main", "attic")
CODES = {"TENTH": (10_000, 0, 2), "FIVER": (0, 500, 3)}
POST, FREE_FROM = 490, 3000
START = datetime(2026, 11, 23, 12, tzinfo=UTC)
skus = st.sampled_from(sorted(PRICES))
places = st.sampled_from(PLACES)
amounts = st.none() | st.integers(1, 3000)
dices = st.randoms(use_true_random=True)
"""What chooses within a step. It is thrown from a seed that hypothesis draws: a step can be replayed, and varies more
than if hypothesis, which likes to repeat itself, chose each part of it."""
done: Counter[str] = Counter()
"""How often each operation was agreed to, over all runs."""


def eur(amount):
    return None if amount is None else Money(amount, "EUR")


def furnish(folder: Path) -> dict[bool, Path]:
    """Make two furnished shops, to be copied for each run: one whose prices include tax, one whose do not."""
    for included in (True, False):
        values = {
            "shop.currency": "EUR",
            "shop.prices_include_tax": included,
            "orders.draft_expiry": "3d",
            "orders.unpaid_expiry": "2d",
        }
        with shops.create(folder / str(included), values, location=PLACES[0]) as shop, shop.write() as conn:
            for name in PLACES[1:]:
                inventory.add_location(conn, name)
            for sku, price in PRICES.items():
                made = products.add(conn, ProductDraft(name=sku, sku=sku, price=Money(price, "EUR")))
                for place in PLACES:
                    inventory.set_shelf(conn, Item(made.id, sku), location=place, bin="A")
            for code, (rate, amount, uses) in CODES.items():
                terms.add_code(conn, code, rate=rate, amount=eur(amount or None), uses=uses)
            terms.set_method(conn, "post", Money(POST, "EUR"), free_from=Money(FREE_FROM, "EUR"))
    return {included: folder / str(included) for included in (True, False)}


def is_draft(model, order):
    return order.status == "draft"


def is_placed(model, order):
    return order.status == "placed"


def is_open(model, order):
    return order.status in ("draft", "placed")


def is_unpaid(model, order):
    return order.due > order.kept


def is_promised(model, order):
    return order.promised


def is_paid(model, order):
    return order.kept


def is_reserved(model, order):
    return any(kept.reserved for _, _, kept in model.of(order.number))


def is_on_shelf(model, order):
    return any(kept.on_shelf for _, _, kept in model.of(order.number))


def is_packed(model, order):
    return any(kept.packed for _, _, kept in model.of(order.number))


def is_shipped(model, order):
    return any(line.shipped for line in order.lines.values())


def is_out(model, order):
    return any(line.shipped > line.returned for line in order.lines.values())


def is_to_inspect(model, order):
    return any(line.to_inspect for line in order.lines.values())


def is_claimable(model, order):
    return any(line.shipped > line.claimed for line in order.lines.values())


def having(fits):
    """Let a rule be tried only while there is an order that it can be about."""
    return precondition(lambda self: any(fits(self.model, order) for order in self.model.orders.values()))


class Play(RuleBasedStateMachine):
    """A shop beside a model of it. A refusal is allowed, if it changes nothing; any other error is a bug."""

    def __init__(self, templates: dict[bool, Path]) -> None:
        super().__init__()
        self.templates = templates
        self.changed = False
        self.folder = Path(mkdtemp(dir=templates[True].parent))

    def open_shop(self, *, included):
        """Copy a shop that is furnished, and open it."""
        self.included = included
        self.model = ShopModel(PLACES, START, timedelta(days=3), timedelta(days=2))
        home = Path(shutil.copytree(self.templates[included], self.folder / "home"))
        self.shop = Shop(home, clock=lambda: self.model.now)
        self.beside = Beside(home)
        with self.shop.read() as conn:
            self.items = {sku: Item(products.get(conn, sku).id, sku) for sku in PRICES}

    def teardown(self) -> None:
        if hasattr(self, "shop"):
            self.shop.close()
        shutil.rmtree(self.folder)

    def attempt(self, operation, *arguments, **options):
        """Do it; return None if it was refused."""
        before = self.beside.digest()
        try:
            with self.shop.write() as conn:
                made = operation(conn, *arguments, **options)
        except ShopError as error:
            assert self.beside.digest() == before, "what was refused has changed something"
            self.refusal = error
            return None
        self.changed = True
        done[operation.__name__] += 1
        return made

    def pick_order(self, dice, fits=lambda model, order: True):
        """Choose an order, mostly one that fits."""
        every = sorted(self.model.orders, key=int)
        fitting = [number for number in every if fits(self.model, self.model.orders[number])]
        return dice.choice(fitting if fitting and dice.randint(0, 9) else every)

    def some(self, dice, number):
        """Choose units of an order: by SKU, or by line."""
        order = self.model.orders[number]
        line = dice.choice(sorted(order.lines))
        named = f"#{line}" if dice.random() < 0.5 else order.lines[line].sku
        return Choice(named, dice.randint(1, 3))

    def meant(self, number, choice, has):
        """Return the units by line that a choice means, of those that each line `has`."""
        found, left = {}, choice.quantity
        for line, of in self.model.orders[number].lines.items():
            if choice.sku in (of.sku, f"#{line}"):
                part = min(left, has(line, of))
                if part:
                    found[line], left = part, left - part
        assert left == 0, f"{choice} was agreed to, and there is less"
        return found

    # what must hold

    @invariant()
    def numbers_hold(self):
        if self.changed:
            self.changed = False
            with self.shop.read() as conn:
                assert [finding for finding in soundness.prove(conn, workers=0) if finding.problems] == []

    @invariant()
    def stock_agrees_with_the_model(self):
        with self.shop.read() as conn:
            for place in PLACES:
                where = inventory.get_location(conn, place)
                for sku, item in self.items.items():
                    level = inventory.level(conn, item, where)
                    found = (level.on_hand, level.reserved, level.held, level.available, level.packed)
                    reserved, held = (self.model.sum(name, sku, place, live=True) for name in ("reserved", "held"))
                    on_hand, packed = self.model.on_hand[sku, place], self.model.sum("packed", sku, place)
                    assert found == (on_hand, reserved, held, on_hand - reserved - held, packed), (sku, place)
        kept = Counter()
        for (number, line, _), one in self.model.kept.items():
            for name in ("reserved", "packed", "short", "held"):
                kept[number, line, name] += getattr(one, name)
        found = {
            (number, line, name): units
            for number, line, *quantities in self.beside.rows(KEPT)
            for name, units in zip(("reserved", "packed", "short", "held"), quantities, strict=True)
        }
        assert +kept == +Counter(found)

    @invariant()
    def orders_agree_with_the_model(self):
        with self.shop.read() as conn:
            found = {order.number: order for order in orders.page(conn, OrderFilter())}
        assert set(found) == set(self.model.orders)
        for number, order in self.model.orders.items():
            shown = found[number]
            money = {
                "total": order.total,
                "tax": order.tax,
                "discount": order.discount,
                "shipping": order.shipping,
                "paid": order.paid,
                "refunded": order.refunded,
                "owed": order.owed,
            }
            assert {name: getattr(shown, name).amount for name in money} == money, number
            over = self.model.is_over(order) and order.status == "placed"
            assert shown.status == ("expired" if over else order.shown_status), number
        lines = {
            (number, line): [
                of.ordered,
                of.cancelled,
                of.shipped,
                of.returned,
                of.restocked,
                of.written_off,
                of.claimed,
                of.discount,
                of.tax,
            ]
            for number, order in self.model.orders.items()
            for line, of in order.lines.items()
        }
        assert {(number, line): counts for number, line, *counts in self.beside.rows(LINES)} == lines
        assert dict(self.beside.rows("SELECT code, used FROM discount_code")) == {c: self.model.used[c] for c in CODES}
