"""What the property tests do before goods move: stock and time, placing, editing, cancelling, money."""

from collections import Counter
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from ordermodel import Line, Order
from play import (
    CODES,
    FREE_FROM,
    PLACES,
    POST,
    PRICES,
    Play,
    amounts,
    dices,
    eur,
    having,
    is_draft,
    is_open,
    is_paid,
    is_promised,
    is_unpaid,
    places,
    skus,
)

from shopctl.services import orders
from shopctl.services.inventory import InsufficientStockError
from shopctl.services.orders import Discount, LineDraft, OrderDraft, OrderEdit


class Placing(Play):
    """Everything that happens to orders but to their goods."""

    @initialize(dice=dices, included=st.booleans())
    def begin(self, dice, included):
        self.open_shop(included=included)
        for sku in PRICES:
            self.receive(sku, PLACES[0], dice.randint(5, 20))
            self.receive(sku, PLACES[1], 3)
        while not self.model.orders:
            self.place(dice, "fact")
        (number,) = self.model.orders
        self.place(dice, "draft")
        on_shelf = self.model.shelf(number)
        assert self.attempt(orders.ship, number)
        self.model.pack(number, on_shelf)
        self.model.ship(number, on_shelf)

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
    @rule(hours=st.sampled_from([25, 50, 75]), swept=st.booleans())
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
            order.by_post, order.shipping = True, 0 if subtotal - order.discount >= FREE_FROM else POST
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

    def edited_lines(self, dice, lines):
        """Choose up to two lines to change, or to add; return what is asked for each, by its number."""
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
        return asked

    @having(is_open)
    @rule(dice=dices)
    def edit(self, dice):
        off = dice.choice([None, None, None, Discount(rate=5_000), Discount(amount=100), Discount()])
        shipping, rate = dice.choice([None, None, 250, "post"]), dice.choice([None, None, 20_000])
        number = self.pick_order(dice, is_open)
        asked = self.edited_lines(dice, self.model.orders[number].lines)
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
            here = line if line in order.lines else order.last_line + 1
            order.last_line = max(here, order.last_line)
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
            order.by_post, order.shipping = False, shipping
        elif shipping or order.by_post:
            dear = POST if shipping else order.shipping or POST
            order.by_post, order.shipping = True, 0 if order.subtotal - order.discount >= FREE_FROM else dear

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
            order.paid += amount or order.unpaid
            order.expires_at = None

    @having(is_unpaid)
    @rule(dice=dices, amount=amounts)
    def authorize(self, dice, amount):
        number = self.pick_order(dice, is_unpaid)
        if self.attempt(orders.authorize, number, amount=eur(amount), method="card"):
            order = self.model.open(number)
            order.promised += amount or order.unpaid - order.promised
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
