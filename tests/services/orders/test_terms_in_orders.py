"""The shop's terms, as orders have them: taxes by class and country, codes, ways to ship; fixed when it is placed."""

import pytest

from shopctl import shop as shops
from shopctl.errors import BadValueError, NotFoundError, RefusedError
from shopctl.money import Money
from shopctl.services import terms
from shopctl.services.orders import Address, Discount, LineDraft, OrderEdit

FR, DE, JP = (Address(name="Ada", line1="1", city="X", country=country) for country in ("FR", "DE", "JP"))


def eur(amount):
    return Money(amount, "EUR")


@pytest.fixture
def agree(shop):
    """Set one of the shop's terms: ``agree(terms.set_rate, "standard", "FR", 20_000)``."""

    def run(change, *arguments, **options):
        with shop.write() as conn:
            return change(conn, *arguments, **options)

    return run


@pytest.fixture
def taxed(agree, add):
    """Standard goods, books at a reduced rate, and a rate of its own for shipping to Germany."""
    for tax_class, country, rate in (
        ("standard", "FR", 20_000),
        ("books", "FR", 5_500),
        ("standard", "DE", 19_000),
        ("books", "DE", 7_000),
        ("shipping", "DE", 0),
        ("standard", "*", 0),
        ("books", "*", 0),
    ):
        agree(terms.set_rate, tax_class, country, rate)
    add("BOOK", price=1_055, stock=10, tax_class="Books")


def taxes(order):
    return [(line.tax_rate, line.tax.amount) for line in order.lines]


@pytest.mark.usefixtures("taxed")
@pytest.mark.parametrize(
    ("goes_to", "lines", "tax"),
    [
        (FR, [("20", 165), ("5.5", 55)], 165 + 55 + 80),
        (DE, [("19", 158), ("7", 69)], 158 + 69),
        (JP, [("0", 0), ("0", 0)], 0),
    ],
    ids=["France", "Germany", "Japan"],
)
def test_each_line_is_taxed_by_its_class_where_the_order_goes(place, goes_to, lines, tax):
    placed = place(("MUG", 1), ("BOOK", 1), ship_to=goes_to, shipping=eur(480))
    assert (taxes(placed), placed.tax, placed.total) == (lines, eur(tax), eur(990 + 1055 + 480))


@pytest.mark.usefixtures("taxed")
def test_without_an_address_to_send_to_the_bill_says_where(place):
    assert taxes(place(("MUG", 1), bill_to=FR)) == [("20", 165)]
    assert taxes(place(("MUG", 1), bill_to=FR, ship_to=DE)) == [("19", 158)]
    assert taxes(place(("MUG", 1))) == [("0", 0)]


@pytest.mark.usefixtures("taxed")
def test_a_rate_that_is_given_holds_for_all_lines_and_shipping(place):
    placed = place(("MUG", 1), ("BOOK", 1), ship_to=FR, shipping=eur(120), tax_rate=10_000)
    assert (taxes(placed), placed.tax) == ([("10", 90), ("10", 96)], eur(90 + 96 + 11))


@pytest.mark.usefixtures("taxed")
def test_a_rate_that_changes_later_changes_no_order(place, agree, desk, look):
    placed = place(("MUG", 1), ship_to=FR)
    agree(terms.set_rate, "standard", "FR", 21_000)
    assert look(placed.number) == placed
    edited = desk.edit(placed.number, OrderEdit(lines=(LineDraft("MUG", 2),)))
    assert taxes(edited) == [("20", 330)]
    added = desk.edit(placed.number, OrderEdit(lines=(LineDraft("CAP", 1),)))
    assert taxes(added) == [("20", 330), ("21", 347)]


@pytest.mark.usefixtures("taxed")
def test_an_order_that_goes_elsewhere_is_taxed_as_there(place, desk):
    number = place(("MUG", 1), ("BOOK", 1), ship_to=FR, shipping=eur(480)).number
    edited = desk.edit(number, OrderEdit(ship_to=DE))
    assert (taxes(edited), edited.tax) == ([("19", 158), ("7", 69)], eur(227))


@pytest.mark.usefixtures("place")
def test_a_country_that_the_shop_has_no_rate_for_is_refused(place, agree):
    agree(terms.set_rate, "standard", "FR", 20_000)
    with pytest.raises(RefusedError, match="no tax rate for standard, shipping in JP") as refused:
        place(ship_to=JP)
    assert "shopctl tax set" in refused.value.hint
    assert place(ship_to=JP, tax_rate=0).tax == eur(0)


class TestPricesWithoutTax:
    """In a shop whose prices exclude tax, it comes on top."""

    @pytest.fixture
    def shop(self, tmp_path):
        values = {"shop.currency": "EUR", "shop.prices_include_tax": False}
        with shops.create(tmp_path / "net", values, location="main", actor="tester") as opened:
            yield opened

    @pytest.mark.usefixtures("taxed")
    def test_the_total_has_the_tax_of_lines_and_shipping_on_top(self, place):
        placed = place(("MUG", 1), ("BOOK", 1), ship_to=FR, shipping=eur(400), discount=Discount(amount=100))
        goods = [(990 - 48, 20_000), (1055 - 52, 5_500), (400, 20_000)]
        tax = [(amount * rate + 50_000) // 100_000 for amount, rate in goods]
        assert [line.discount.amount for line in placed.lines] == [48, 52]
        assert ([line.tax.amount for line in placed.lines], placed.tax) == (tax[:2], eur(sum(tax)))
        assert placed.total == eur(2045 - 100 + 400 + sum(tax))

    @pytest.mark.usefixtures("taxed")
    def test_what_is_cancelled_or_refunded_has_its_tax_with_it(self, place, desk):
        number = place(("MUG", 3), ship_to=FR, paid="card").number
        assert desk.get(number).total == eur(3564)
        assert desk.cancel(number, {"MUG": 1}).owed == eur(1188)
        assert desk.refund(number, {"MUG": 1}).refunded == eur(1188)
        desk.cancel(number)
        assert desk.get(number).owed == eur(3564 - 1188)


def test_a_code_takes_off_its_part_and_stands_with_the_order(place, agree):
    agree(terms.add_code, "Summer10", rate=10_000)
    placed = place(("MUG", 2), code="SUMMER10")
    assert (placed.discount_code, placed.discount, placed.total) == ("Summer10", eur(198), eur(1782))


def test_a_code_for_an_amount_takes_off_no_more_than_the_goods(place, agree):
    agree(terms.add_code, "FIFTY", amount=eur(5_000))
    placed = place(("MUG", 1), code="FIFTY", shipping=eur(490))
    assert (placed.discount, placed.total) == (eur(990), eur(490))


@pytest.mark.parametrize(
    ("about", "said"),
    [({"minimum": eur(5_000)}, "counts from 50.00 EUR"), ({"uses": 1}, "used up")],
    ids=["below its minimum", "used up"],
)
def test_a_code_that_does_not_count_refuses_the_order_and_no_stock_is_taken(place, agree, stock, about, said):
    agree(terms.add_code, "CODE", rate=10_000, **about)
    if "uses" in about:
        place(("CAP", 1), code="code")
    with pytest.raises(RefusedError, match=said):
        place(("MUG", 1), code="CODE")
    assert stock("MUG").reserved == 0


def test_an_order_that_is_refused_uses_up_no_code(place, agree):
    agree(terms.add_code, "ONCE", rate=10_000, uses=1)
    with pytest.raises(RefusedError):
        place(("MUG", 99), code="ONCE")
    assert place(("MUG", 1), code="ONCE").discount == eur(99)


def test_an_order_asked_again_under_its_key_uses_its_code_once(place, agree):
    agree(terms.add_code, "ONCE", rate=10_000, uses=1)
    once = place(("MUG", 1), code="ONCE", key="k")
    assert place(("MUG", 1), code="ONCE", key="k").number == once.number


def test_a_draft_has_its_code_from_the_beginning_and_keeps_it_when_it_is_confirmed(place, agree, desk):
    agree(terms.add_code, "ONCE", rate=10_000, uses=1)
    draft = place(draft=True, code="ONCE")
    with pytest.raises(RefusedError, match="used up"):
        place(code="ONCE")
    assert desk.confirm(draft.number).discount_code == "ONCE"


def test_an_order_has_a_discount_or_a_code(place, agree):
    agree(terms.add_code, "TEN", rate=10_000)
    with pytest.raises(BadValueError, match="a discount or a code, not both"):
        place(code="TEN", discount=Discount(amount=1))
    with pytest.raises(NotFoundError, match="no discount code TAN"):
        place(code="TAN")


@pytest.mark.parametrize(("mugs", "discount", "charged"), [(5, 0, 490), (6, 0, 0), (6, 941, 490), (6, 940, 0)])
def test_shipping_is_free_from_its_threshold_of_goods_after_the_discount(place, agree, mugs, discount, charged):
    agree(terms.set_method, "Post", eur(490), free_from=eur(5_000))
    placed = place(("MUG", mugs), shipping="post", discount=Discount(amount=discount))
    assert (placed.shipping, placed.shipping_method) == (eur(charged), "Post")


def test_a_way_to_ship_keeps_the_price_it_had(place, agree, desk):
    agree(terms.set_method, "Post", eur(490))
    number = place(shipping="Post").number
    agree(terms.set_method, "Post", eur(990))
    assert desk.edit(number, OrderEdit(lines=(LineDraft("MUG", 1),))).shipping == eur(490)
    assert desk.edit(number, OrderEdit(shipping="post")).shipping == eur(990)
    with pytest.raises(NotFoundError, match="no shipping method pigeon"):
        place(shipping="pigeon")
