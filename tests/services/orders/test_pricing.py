"""What an order costs, to the last cent: discount, shipping and tax, half up, once per line."""

from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopctl.errors import BadValueError, RefusedError
from shopctl.money import MAX_MINOR, RATE_UNIT, Money
from shopctl.services import orders
from shopctl.services.orders import Discount, LineDraft, OrderDraft, pricing

rates = st.integers(0, RATE_UNIT)
lines = st.lists(st.tuples(st.integers(1, 1_000), st.integers(0, 10**7)), min_size=1, max_size=12)


@dataclass
class Case:
    """An order to price."""

    lines: list[tuple[int, int]]
    discount: Discount
    shipping: int
    tax_rate: int
    prices_include_tax: bool

    def priced(self) -> pricing.Totals:
        subtotal = sum(quantity * price for quantity, price in self.lines)
        return pricing.priced(
            [(quantity, price, self.tax_rate) for quantity, price in self.lines],
            discount=pricing.taken_off(subtotal, self.discount, "EUR"),
            shipping=self.shipping,
            shipping_tax_rate=self.tax_rate,
            prices_include_tax=self.prices_include_tax,
            currency="EUR",
        )


@st.composite
def cases(draw):
    goods = draw(lines)
    subtotal = sum(quantity * price for quantity, price in goods)
    discount = draw(st.builds(Discount, rate=rates) | st.builds(Discount, amount=st.integers(0, subtotal)))
    return Case(goods, discount, draw(st.integers(0, 10**6)), draw(rates), draw(st.booleans()))


@given(cases())
def test_the_total_is_the_lines_less_the_discount_and_shipping_and_the_tax_that_prices_lack(case):
    made = case.priced()
    assert made.subtotal == sum(line.total for line in made.lines) == sum(q * price for q, price in case.lines)
    on_top = 0 if case.prices_include_tax else made.tax
    assert made.total == made.subtotal - made.discount + made.shipping + on_top
    assert made.tax == sum(line.tax for line in made.lines) + made.shipping_tax
    assert made.total >= 0


@given(cases())
def test_each_line_bears_its_share_of_the_discount_and_no_more_than_it_costs(case):
    made = case.priced()
    assert sum(line.discount for line in made.lines) == made.discount
    assert all(0 <= line.discount <= line.total for line in made.lines)


@given(cases())
def test_tax_is_rounded_half_up_once_per_line(case):
    made = case.priced()
    whole = RATE_UNIT + case.tax_rate if case.prices_include_tax else RATE_UNIT
    for amount, tax in [(line.total - line.discount, line.tax) for line in made.lines] + [
        (case.shipping, made.shipping_tax)
    ]:
        exact = Fraction(amount * case.tax_rate, whole)
        assert tax == int(exact + Fraction(1, 2))


@pytest.mark.parametrize(
    ("included", "rate", "price", "tax", "total"),
    [
        (True, 20_000, 1_000, 167, 1_000),
        (False, 20_000, 1_000, 200, 1_200),
        (False, 5_000, 10, 1, 11),
        (False, 8_875, 1_999, 177, 2_176),
        (True, 0, 999, 0, 999),
        (True, 100_000, 1, 1, 1),
    ],
)
def test_tax_is_in_the_price_or_on_top_as_the_shop_chose(included, rate, price, tax, total):
    made = Case([(1, price)], Discount(), 0, rate, included).priced()
    assert (made.tax, made.total) == (tax, total)


def test_two_equal_lines_round_each_for_itself():
    assert Case([(1, 10), (1, 10)], Discount(), 0, 5_000, False).priced().tax == 2
    assert Case([(2, 10)], Discount(), 0, 5_000, False).priced().tax == 1


def test_a_discount_in_percent_is_rounded_half_up_once():
    made = Case([(1, 5), (1, 5), (1, 5)], Discount(rate=10_000), 0, 0, True).priced()
    assert (made.discount, [line.discount for line in made.lines], made.total) == (2, [1, 1, 0], 13)


def test_a_discount_of_more_than_the_goods_is_refused():
    assert Case([(1, 100)], Discount(amount=100), 5, 0, True).priced().total == 5
    with pytest.raises(RefusedError, match="more than the goods"):
        Case([(1, 100)], Discount(amount=101), 5, 0, True).priced()


def test_each_line_and_shipping_are_taxed_at_their_own_rate():
    made = pricing.priced(
        [(1, 1_000, 20_000), (2, 500, 5_500), (1, 300, 0)],
        discount=0,
        shipping=500,
        shipping_tax_rate=10_000,
        prices_include_tax=False,
        currency="EUR",
    )
    assert ([line.tax for line in made.lines], made.shipping_tax, made.total) == ([200, 55, 0], 50, 3_105)


def test_what_a_code_takes_off_ends_at_the_worth_of_the_goods():
    assert pricing.taken_off(300, Discount(amount=500), "EUR", capped=True) == 300
    assert pricing.taken_off(300, Discount(amount=200), "EUR", capped=True) == 200


@given(st.integers(1, 60), st.integers(0, 10**9), st.data())
def test_the_parts_of_a_line_are_worth_what_the_line_is(units, amount, data):
    gone = data.draw(st.integers(0, units))
    assert pricing.worth(0, of=units, amount=amount) == 0
    assert pricing.worth(units, of=units, amount=amount) == amount
    assert abs(pricing.worth(gone, of=units, amount=amount) - Fraction(amount * gone, units)) <= Fraction(1, 2)


@pytest.mark.parametrize("goods", [[(1, MAX_MINOR), (1, 1)], [(1_000_000, MAX_MINOR)]])
def test_an_order_beyond_the_largest_amount_is_refused(goods):
    with pytest.raises(BadValueError, match="comes to over"):
        Case(goods, Discount(), 0, 0, True).priced()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=cases())
def test_a_placed_order_keeps_what_it_was_priced_at(shop, add, case):
    if not shop.home.joinpath("stocked").exists():
        add("MUG", stock=1_000_000)
        shop.home.joinpath("stocked").touch()
    draft = OrderDraft(
        lines=tuple(LineDraft("MUG", quantity, Money(price, "EUR")) for quantity, price in case.lines),
        discount=case.discount,
        shipping=Money(case.shipping, "EUR"),
        tax_rate=case.tax_rate,
    )
    case.prices_include_tax = True
    made = case.priced()
    with shop.write(dry_run=True) as conn:
        order = orders.place(conn, draft)
    assert (order.total.amount, order.tax.amount, order.discount.amount) == (made.total, made.tax, made.discount)
    kept = [(line.total.amount, line.discount.amount, line.tax.amount) for line in order.lines]
    assert kept == [(line.total, line.discount, line.tax) for line in made.lines]
