"""Whatever happens to a shop, in whatever order, its numbers hold and agree with a model of them.

`SHOPCTL_CHAOS=1` (`make chaos`) plays for minutes instead of seconds.
"""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from orderplay import ANNOUNCED, KEPT, LAST_SHIPPED_FROM, LINES, Beside, Parcel
from shopmodel import Box, Line, Order, ShopModel

from shopctl import shop as shops
from shopctl.errors import ShopError
from shopctl.money import Money
from shopctl.services import documents, inventory, orders, products, terms
from shopctl.services.inventory import InsufficientStockError, Item
from shopctl.services.orders import Choice, Discount, LineDraft, OrderDraft, OrderEdit, OrderFilter
from shopctl.services.products import ProductDraft
from shopctl.services.reports import soundness
from shopctl.shop import Shop

CHAOS = bool(os.environ.get("SHOPCTL_CHAOS"))
PRICES = {"MUG": 990, "CAP": 1, "PEN": 0}
PLACES = ("main", "attic")
CODES = {"TENTH": (10_000, 0, 2), "FIVER": (0, 500, 3)}
POST, FREE_FROM = 490, 3000
START = datetime(2026, 11, 23, 12, tzinfo=UTC)
PROFILE = settings(
    max_examples=int(os.environ.get("SHOPCTL_CHAOS_EXAMPLES", "400")) if CHAOS else 12,
    stateful_step_count=60 if CHAOS else 35,
    deadline=None,
    derandomize=not CHAOS,
    database=None,
    suppress_health_check=list(HealthCheck),
)

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


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[bool, Path]]:
    """Two shops with products, places, codes and a way to ship, to be copied for each run: tax included, and not."""
    folder = tmp_path_factory.mktemp("furnished")
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
    yield {included: folder / str(included) for included in (True, False)}
    shutil.rmtree(folder)


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


class ShopMachine(RuleBasedStateMachine):
    """A shop beside a model of it. A refusal is allowed, if it changes nothing; any other error is a bug."""

    def __init__(self, templates: dict[bool, Path]) -> None:
        super().__init__()
        self.templates = templates
        self.changed = False
        self.folder = Path(mkdtemp(dir=templates[True].parent))

    @initialize(dice=dices, included=st.booleans())
    def begin(self, dice, included):
        self.included = included
        self.model = ShopModel(PLACES, START, timedelta(days=3), timedelta(days=2))
        home = Path(shutil.copytree(self.templates[included], self.folder / "home"))
        self.shop = Shop(home, clock=lambda: self.model.now)
        self.beside = Beside(home)
        with self.shop.read() as conn:
            self.items = {sku: Item(products.get(conn, sku).id, sku) for sku in PRICES}
        for sku in PRICES:
            self.receive(sku, PLACES[0], dice.randint(5, 20))
            self.receive(sku, PLACES[1], 3)
        self.place(dice, "fact")
        (number,) = self.model.orders
        on_shelf = self.model.shelf(number)
        assert self.attempt(orders.ship, number)
        self.model.pack(number, on_shelf)
        self.model.ship(number, on_shelf)

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

    # stock and time

    @rule(sku=skus, place=places, units=st.integers(1, 8))
    def receive(self, sku, place, units):
        if self.attempt(orders.receive, self.items[sku], units, location=place):
            self.model.receive(sku, place, units)

    @rule(sku=skus, place=places, delta=st.integers(-6, 3).filter(bool))
    def adjust(self, sku, place, delta):
        if self.attempt(orders.adjust, self.items[sku], delta, location=place, reason="count"):
            self.model.adjust(sku, place, delta)

    @precondition(lambda self: any(order.expires_at for order in self.model.orders.values()))
    @rule(hours=st.sampled_from([1, 30, 50]), swept=st.booleans())
    def time_passes(self, hours, swept):
        self.model.now += timedelta(hours=hours)
        if swept and self.attempt(orders.lapse) is not None:
            self.model.lapse()

    # placing

    @rule(dice=dices, kind=st.sampled_from(["order", "draft", "fact"]))
    def place(self, dice, kind):
        wanted = [
            (dice.choice(sorted(PRICES)), dice.randint(1, 4), dice.choice([None, None, 0, 1, 799, 2000]))
            for _ in range(dice.randint(1, 3))
        ]
        paid, rate = dice.random() < 0.4, dice.choice([None, 5_500, 20_000])
        off = dice.choice([None, None, Discount(rate=10_000), Discount(amount=300), *CODES])
        shipping, total = dice.choice([None, "post", 250]), dice.choice([None, 0, 1000, 4999])
        fact, draft = kind == "fact", kind == "draft"
        paid = paid and not draft
        code = off if isinstance(off, str) else None
        options = {"external_number": f"X{len(self.model.orders)}", "channel": "market", "total": eur(total)}
        asked = OrderDraft(
            lines=tuple(LineDraft(sku, units, eur(price)) for sku, units, price in wanted),
            tax_rate=rate,
            discount=off if isinstance(off, Discount) else Discount(),
            code=code,
            shipping=eur(shipping) if isinstance(shipping, int) else shipping,
            paid="card" if paid else None,
            draft=draft,
            **(options if fact else {}),
        )
        made = self.attempt(orders.place, asked)
        if made is None:
            if isinstance(self.refusal, InsufficientStockError):
                totals = Counter()
                for sku, units, _ in wanted:
                    totals[sku] += units
                free = {p: all(self.model.available(s, p, live=True) >= n for s, n in totals.items()) for p in PLACES}
                assert not fact
                assert not any(free.values()), "refused, though a place has everything"
            elif code and self.refusal.details.get("state") == "used_up":
                assert self.model.used[code] == CODES[code][2]
            return
        order = Order(
            made.number,
            "draft" if draft else "placed",
            {
                i: Line(sku, units, PRICES[sku] if price is None else price)
                for i, (sku, units, price) in enumerate(wanted, start=1)
            },
            self.included,
            rate=rate or 0,
            code=code,
        )
        subtotal = sum(line.total for line in order.lines.values())
        if code:
            order.discount_rate, amount, uses = CODES[code]
            order.discount_amount = min(amount, subtotal)
            assert self.model.used[code] < uses, "a code was used too often"
        elif off:
            order.discount_rate, order.discount_amount = off.rate, off.amount
        order.price_anew()
        if isinstance(shipping, int):
            order.shipping = shipping
        elif shipping:
            order.shipping = 0 if subtotal - order.discount >= FREE_FROM else POST
        if fact and total is not None:
            order.rounding = total - order.total
        order.paid = order.total if paid else 0
        self.model.place(order, fact=fact)

    @having(is_draft)
    @rule(dice=dices, paid=st.booleans())
    def confirm(self, dice, paid):
        number = self.pick_order(dice, is_draft)
        if self.attempt(orders.confirm, number, paid="card" if paid else None):
            self.model.confirm(number, paid=paid)

    @having(is_open)
    @rule(dice=dices)
    def edit(self, dice):
        off = dice.choice([None, None, None, Discount(rate=5_000), Discount(amount=100), Discount()])
        shipping, rate = dice.choice([None, None, 250, "post"]), dice.choice([None, None, 20_000])
        number = self.pick_order(dice, is_open)
        lines = self.model.orders[number].lines
        asked: dict[int, tuple[str, LineDraft]] = {}
        for line in dice.sample([*lines, max(lines) + 1], dice.randint(0, 2)):
            known = {of.sku for of in lines.values()}
            fresh = sorted(set(PRICES) - known)
            if line in lines:
                sku, named = lines[line].sku, f"#{line}"
            elif fresh:
                sku = named = dice.choice(fresh)
            else:
                continue
            units, price = dice.randint(0, 5), dice.choice([None, 0, 1, 799, 2000])
            asked[line] = (sku, LineDraft(named, units, eur(price)))
        given = {
            "discount": off,
            "shipping": eur(shipping) if isinstance(shipping, int) else shipping,
            "tax_rate": rate,
        }
        wanted = OrderEdit(
            lines=tuple(line for _, line in asked.values()), **{k: v for k, v in given.items() if v is not None}
        )
        if not self.attempt(orders.edit, number, wanted):
            if isinstance(self.refusal, InsufficientStockError) and len(asked) == 1:
                self.check_lacking(number, *asked.popitem())
            return
        order = self.model.open(number)
        for line, (sku, one) in asked.items():
            here = line if line in order.lines else max(order.lines) + 1
            now = order.lines[here].price if here in order.lines else PRICES[sku]
            price = now if one.unit_price is None else one.unit_price.amount
            self.model.edit_line(number, here, sku, one.quantity, price)
        if off is not None:
            if order.code:
                self.model.used[order.code] -= 1
            order.code, order.discount_rate, order.discount_amount = None, off.rate, off.amount
        order.rate = order.rate if rate is None else rate
        order.price_anew()
        if isinstance(shipping, int):
            order.shipping = shipping
        elif shipping:
            order.shipping = 0 if order.subtotal - order.discount >= FREE_FROM else POST

    def check_lacking(self, number, line, asked):
        """An edit that was refused for want of stock lacks stock indeed, where the order is served."""
        sku, wanted = asked
        of = self.model.orders[number].lines.get(line)
        more = wanted.quantity + of.cancelled - of.ordered if of else wanted.quantity
        served_from = [place for _, place, _ in self.model.of(number)][:1] or PLACES
        assert all(self.model.available(sku, place, live=True) < more for place in served_from)

    @having(is_open)
    @rule(dice=dices, part=st.booleans())
    def cancel(self, dice, part):
        number = self.pick_order(dice, is_open)
        choices = [self.some(dice, number)] if part else []
        if self.attempt(orders.cancel, number, choices):
            packed = Counter()
            for line, _, kept in self.model.of(number):
                packed[line] += kept.packed
            meant = self.meant(number, choices[0], lambda line, of: of.open - packed[line]) if part else None
            self.model.cancel(number, meant)

    # money

    @having(is_unpaid)
    @rule(dice=dices, amount=amounts)
    def pay(self, dice, amount):
        number = self.pick_order(dice, is_unpaid)
        if self.attempt(orders.pay, number, amount=eur(amount)):
            order = self.model.open(number)
            order.paid += amount or order.due - order.kept
            order.expires_at = None

    @having(is_unpaid)
    @rule(dice=dices, amount=amounts)
    def authorize(self, dice, amount):
        number = self.pick_order(dice, is_unpaid)
        if self.attempt(orders.authorize, number, amount=eur(amount), method="card"):
            order = self.model.open(number)
            order.promised += amount or order.due - order.kept - order.promised
            order.expires_at = None

    @having(is_promised)
    @rule(dice=dices, amount=amounts, captured=st.booleans())
    def capture_or_void(self, dice, amount, captured):
        number = self.pick_order(dice, is_promised)
        if self.attempt(orders.capture_authorized if captured else orders.void, number, amount=eur(amount)):
            order = self.model.open(number)
            units = amount or order.promised
            order.promised -= units
            order.paid += units if captured else 0
            order.expires_at = None
            assert order.promised >= 0, "more was captured than was promised"

    @having(is_paid)
    @rule(dice=dices, amount=amounts, units=st.booleans())
    def refund(self, dice, amount, units):
        number = self.pick_order(dice, is_paid)
        choices = [self.some(dice, number)] if units else []
        amount = None if units else amount
        if self.attempt(orders.refund, number, choices, amount=eur(amount)):
            order = self.model.open(number)
            if choices:
                meant = self.meant(number, choices[0], lambda line, of: of.ordered)
                amount = sum(order.worth(order.lines[line], n) for line, n in meant.items())
            order.refunded += amount or order.owed
            assert order.refunded <= order.paid, "more was refunded than was paid"

    # goods

    @having(is_on_shelf)
    @rule(dice=dices, what=st.sampled_from(["pick", "hold", "unhold", "unhold"]))
    def pick_or_hold(self, dice, what):
        number = self.pick_order(dice, is_on_shelf)
        does = {"pick": (orders.pick, [number]), "hold": (orders.hold, number), "unhold": (orders.unhold, number)}
        if self.attempt(*does[what], **({"reason": "ask"} if what == "hold" else {})) is not None:
            self.model.open(number)

    def gathered(self, number, choices):
        """Return the units that are packed next: the chosen ones, those that are being picked, or all on the shelf."""
        if choices:
            on_shelf = self.model.shelf(number)
            here = Counter()
            for (line, _), units in on_shelf.items():
                here[line] += units
            return self.model.shelf(number, self.meant(number, choices[0], lambda line, of: here[line]))
        picked = self.beside.parcels(number, "pending")
        return sum((box.content for box in picked), Box()) if picked else self.model.shelf(number)

    @having(is_on_shelf)
    @rule(dice=dices, part=st.booleans())
    def pack(self, dice, part):
        number = self.pick_order(dice, is_on_shelf)
        choices = [self.some(dice, number)] if part else []
        before = self.beside.parcels(number, "pending")
        leaving = None if choices or not before else sum((box.content for box in before), Box())
        if self.attempt(orders.pack, number, choices):
            self.model.pack(number, self.gathered(number, choices) if leaving is None else leaving)

    @having(is_packed)
    @rule(dice=dices)
    def unpack(self, dice):
        number = self.pick_order(dice, is_packed)
        packed = self.beside.parcels(number, "packed")
        box = dice.choice([None, *packed]) if packed else None
        if self.attempt(orders.unpack, number, parcel=str(box.parcel) if box else None):
            opened = [box] if box else packed
            self.model.pack(number, sum((one.content for one in opened), Box()), by=-1)

    @having(is_reserved)
    @rule(dice=dices, part=st.booleans(), named=st.booleans())
    def ship(self, dice, part, named):
        number = self.pick_order(dice, is_reserved)
        choices = [self.some(dice, number)] if part else []
        ready = self.beside.parcels(number, "packed", "pending")
        box = dice.choice(ready) if named and ready and not part else None
        if box is not None:
            boxes = [box]
        else:
            packed = [] if choices else [one for one in ready if one.status == "packed"]
            boxes = packed or ([] if choices else ready)
        if not self.attempt(orders.ship, number, choices, parcel=str(box.parcel) if box else None):
            return
        loose = Box() if boxes else self.gathered(number, choices)
        unpacked = sum((one.content for one in boxes if one.status == "pending"), loose)
        if unpacked:
            self.model.pack(number, unpacked)
        self.model.ship(number, sum((one.content for one in boxes), loose))

    def left(self, dice):
        """Choose an order and one of its parcels that left."""
        number = self.pick_order(dice, is_shipped)
        gone = self.beside.parcels(number, "shipped", "delivered", "lost", "returned_to_sender")
        box = dice.choice(gone) if gone else Parcel(1, "pending", Box())
        return number, f"{number}-{box.parcel}", box.content

    @having(is_shipped)
    @rule(dice=dices)
    def unship(self, dice):
        number, parcel, box = self.left(dice)
        if self.attempt(orders.unship, number, reason="mistake", parcel=parcel):
            self.model.unship(number, box)

    @having(is_shipped)
    @rule(dice=dices, restock=st.sampled_from([None, True, False]))
    def send_back(self, dice, restock):
        number, parcel, box = self.left(dice)
        if self.attempt(orders.send_back, number, parcel=parcel, restock=restock):
            self.model.came_back(number, box, restock=restock)

    @having(is_shipped)
    @rule(dice=dices, lost=st.booleans())
    def arrive(self, dice, lost):
        number, parcel, _ = self.left(dice)
        self.attempt(orders.lose if lost else orders.deliver, number, parcel=parcel)

    def came_from(self, number, units):
        places = dict(self.beside.rows(LAST_SHIPPED_FROM, number))
        return Box({(line, places[line]): n for line, n in units.items()})

    @having(is_out)
    @rule(dice=dices, restock=st.sampled_from([None, True, False]), announced=st.booleans())
    def receive_return(self, dice, restock, announced):
        number = self.pick_order(dice, is_out)
        waiting = dict(self.beside.rows(ANNOUNCED, number))
        choices = [] if announced and waiting else [self.some(dice, number)]
        if self.attempt(orders.receive_return, number, choices, restock=restock):
            units = self.meant(number, choices[0], lambda line, of: of.shipped - of.returned) if choices else waiting
            self.model.came_back(number, self.came_from(number, units), restock=restock)

    @having(is_to_inspect)
    @rule(dice=dices, restock=st.booleans(), part=st.booleans())
    def inspect_return(self, dice, restock, part):
        number = self.pick_order(dice, is_to_inspect)
        choices = [self.some(dice, number)] if part else []
        if self.attempt(orders.inspect_return, number, choices, restock=restock):
            every = {line: of.to_inspect for line, of in self.model.orders[number].lines.items() if of.to_inspect}
            units = self.meant(number, choices[0], lambda line, of: of.to_inspect) if part else every
            self.model.inspect(number, self.came_from(number, units), restock=restock)

    @having(is_shipped)
    @rule(dice=dices, withdrawn=st.booleans())
    def announce_return(self, dice, withdrawn):
        number = self.pick_order(dice, is_shipped)
        if withdrawn:
            self.attempt(orders.withdraw_return, number)
        else:
            self.attempt(orders.request_return, number, [self.some(dice, number)])

    @having(is_claimable)
    @rule(dice=dices, kind=st.sampled_from(["damaged", "lost", "wrong"]), replace=st.booleans())
    def claim(self, dice, kind, replace):
        number = self.pick_order(dice, is_claimable)
        choice = self.some(dice, number)
        made = self.attempt(orders.claim, number, [choice], kind, replace=replace)
        if made is None:
            return
        of = self.model.orders[number].lines
        units = self.meant(number, choice, lambda line, of: of.shipped - of.claimed)
        for line, n in units.items():
            of[line].claimed += n
        if replace:
            assert made.claims[-1].replacement is not None
            again = {i: Line(of[line].sku, n, 0) for i, (line, n) in enumerate(units.items(), start=1)}
            self.model.place(Order(made.claims[-1].replacement, "placed", again, self.included))

    @rule(dice=dices, kind=st.sampled_from(["invoice", "invoice", "credit_note"]))
    def issue(self, dice, kind):
        number = self.pick_order(dice)
        if made := self.attempt(documents.issue, number, kind):
            self.model.open(number)
            assert made.total.amount >= 0

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


OPERATIONS = {
    "adjust",
    "authorize",
    "cancel",
    "capture_authorized",
    "claim",
    "confirm",
    "deliver",
    "edit",
    "hold",
    "inspect_return",
    "issue",
    "lapse",
    "lose",
    "pack",
    "pay",
    "pick",
    "place",
    "receive",
    "receive_return",
    "refund",
    "request_return",
    "send_back",
    "ship",
    "unhold",
    "unpack",
    "unship",
    "void",
    "withdraw_return",
}


def test_whatever_happens_the_numbers_hold_and_agree_with_the_model(furnished):
    done.clear()
    run_state_machine_as_test(lambda: ShopMachine(furnished), settings=PROFILE)
    print(dict(sorted(done.items())))
    assert set(done) == OPERATIONS, "an operation was never agreed to: these runs say nothing about it"
