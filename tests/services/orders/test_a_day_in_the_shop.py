"""What a shopkeeper stumbled over in a first day with orders, and does no more."""

import pytest

from shopctl.errors import BadValueError, NotFoundError, RefusedError
from shopctl.money import Money
from shopctl.services import terms
from shopctl.services.orders import Address, LineDraft, OrderEdit, OrderFilter, parsing


def eur(cents):
    return Money(cents, "EUR")


@pytest.fixture
def agree(shop):
    """Set one of the shop's terms: ``agree(terms.set_method, "Post", eur(490))``."""

    def run(change, *arguments, **options):
        with shop.write() as conn:
            return change(conn, *arguments, **options)

    return run


@pytest.mark.parametrize(
    ("written", "town"),
    [
        ("Anna, Weg 2, 20095 Hamburg", ("20095", "Hamburg", "")),
        ("Anna, Weg 2, 20095 Hamburg, Germany", ("20095", "Hamburg", "Germany")),
        ("Anna, 1 Mill Lane, London SW1A 1AA", ("SW1A 1AA", "London", "")),
        ("Anna, Weg 2, Hamburg, DE", ("", "Hamburg", "DE")),
    ],
)
def test_an_address_without_a_country_is_one_of_the_shops_own(written, town):
    read = parsing.address(written)
    assert (read.name, read.line1) == ("Anna", written.split(", ")[1])
    assert (read.postcode, read.city, read.country) == town


def test_who_gave_no_name_is_called_as_on_the_bill_or_the_parcel(place):
    bill, parcel = Address(name="Bea", city="Paris"), Address(name="Pat", city="Paris")
    assert place(("MUG", 1), customer="17850", ship_to=parcel).customer.name == "Pat"
    assert place(("MUG", 1), customer="17850", ship_to=parcel, bill_to=bill).customer.name == "Bea"
    assert place(("MUG", 1), customer="17850", name="Ann", bill_to=bill).customer.name == "Ann"


def test_a_batch_row_reads_no_file(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text('{"name": "s3cret"}')
    with pytest.raises(BadValueError, match="not understood"):
        parsing.address(str(secret))
    assert parsing.address(str(secret), files=True) == Address(name="s3cret")


def test_money_given_back_for_goodwill_is_not_asked_for_again(place, desk, why):
    number = place(("MUG", 2), paid="card").number
    desk.ship(number)
    desk.deliver(number)
    back = desk.refund(number, amount=eur(500))
    assert (back.due, back.next, back.status) == (eur(0), "none", "completed")
    assert why(number) == [""]
    with pytest.raises(RefusedError, match="is paid already"):
        desk.pay(number)


def test_an_order_that_was_refunded_whole_before_it_left_waits_to_be_cancelled_or_paid_again(place, desk, why):
    number = place(("MUG", 2), paid="card").number
    back = desk.refund(number, amount=eur(1980))
    assert (back.due, back.next, why(number)[0]) == (eur(1980), "pay", f"shopctl order cancel {number}")
    assert desk.pay(number).next == "pick"


def test_money_goes_back_by_the_way_that_brought_so_much(place, desk):
    number = place(("CAP", 3)).number
    desk.pay(number, amount=eur(4000), method="card")
    desk.pay(number, amount=eur(2000), method="cash")
    desk.cancel(number)
    assert desk.refund(number, amount=eur(2500)).payments[-1].method == "card"
    assert desk.refund(number, amount=eur(1800)).payments[-1].method == "cash"
    assert desk.refund(number, amount=eur(300)).payments[-1].method == "card"


def test_a_lost_parcel_is_named_until_something_is_claimed_for_it(place, desk, why):
    number = place(("MUG", 2), paid="card").number
    desk.ship(number)
    desk.lose(number, parcel="1")
    assert why(number) == [f"shopctl order claim {number} MUG=2 --lost --replace"]
    desk.claim(number, {"MUG": 2}, "lost")
    assert why(number) == [""]


def test_what_was_claimed_can_still_be_replaced_later_and_once(place, desk):
    number = place(("MUG", 2), paid="card").number
    desk.ship(number)
    desk.claim(number, {"MUG": 2}, "lost")
    replaced = desk.claim(number, {"MUG": 2}, "lost", replace=True)
    assert [claim.replacement for claim in replaced.claims] == ["1002"]
    assert (replaced.lines[0].claimed, desk.get("1002").lines[0].quantity) == (2, 2)
    with pytest.raises(RefusedError, match="No MUG can be claimed"):
        desk.claim(number, {"MUG": 2}, "lost", replace=True)


def test_a_line_that_is_swapped_for_another_is_told_as_such(place, desk):
    number = place(("MUG", 1), ("CAP", 1)).number
    edited = desk.edit(number, OrderEdit(lines=(LineDraft("CAP", 0), LineDraft("MUG", 2))))
    again = desk.edit(number, OrderEdit(lines=(LineDraft("CAP", 2),)))
    assert [line.line for line in (*edited.lines, *again.lines)] == [1, 1, 3]
    swapped = desk.edit(number, OrderEdit(lines=(LineDraft("CAP", 0), LineDraft("MUG", 3))))
    told = [(c.what, c.before, c.after) for c in swapped.timeline[-1].changes if c.what != "total"]
    assert told == [("MUG", "2 at 9.90", "3 at 9.90"), ("CAP", "2 at 20.00", "")]


def test_an_edit_that_reaches_the_threshold_ships_free_and_one_that_leaves_it_does_not(place, desk, agree):
    agree(terms.set_method, "Post", eur(490), free_from=eur(5000))
    number = place(("MUG", 2), shipping="Post").number
    assert desk.edit(number, OrderEdit(lines=(LineDraft("CAP", 2),))).shipping == eur(0)
    assert desk.edit(number, OrderEdit(lines=(LineDraft("CAP", 0),))).shipping == eur(490)


def test_an_edit_below_a_codes_minimum_gives_the_code_back_and_another_may_be_used(place, desk, agree):
    for code, minimum in (("TEN", 3000), ("FIVE", None)):
        agree(terms.add_code, code, rate=10_000, minimum=minimum and eur(minimum), uses=1)
    number = place(("MUG", 4), code="TEN").number
    cheaper = desk.edit(number, OrderEdit(lines=(LineDraft("MUG", 2),)))
    assert (cheaper.discount, cheaper.discount_code) == (eur(0), None)
    assert desk.edit(number, OrderEdit(code="FIVE")).discount == eur(198)
    assert {code.code: code.used for code in agree(terms.codes)} == {"TEN": 0, "FIVE": 1}
    with pytest.raises(BadValueError, match="a discount or a code"):
        desk.edit(number, OrderEdit(code="TEN", discount=parsing.discount("5%", "EUR")))


def test_the_pick_list_goes_by_bin_and_sku_and_can_be_printed_anew(place, desk):
    place(("MUG", 1), ("CAP", 1), paid="card")
    place(("CAP", 2), paid="card")
    first = desk.pick()
    assert [(row.sku, row.quantity) for row in first] == [("CAP", 3), ("MUG", 1)]
    assert desk.pick() == first


def test_an_order_is_known_by_its_number_elsewhere_too(sold_elsewhere, look, desk):
    number = sold_elsewhere(("MUG", 1)).number
    assert look("M-1").number == number
    assert desk.pay("M-1").payment_status == "paid"
    with pytest.raises(NotFoundError):
        look("M-2")


def test_orders_are_listed_by_what_came_back(place, desk, listed):
    first, second = (place(("MUG", 2), paid="card").number for _ in range(2))
    for number in (first, second):
        desk.ship(number)
    desk.request_return(first, {"MUG": 1})
    desk.receive_return(second, {"MUG": 2}, restock=True)
    assert (listed(returns="requested"), listed(returns="returned"), listed(returns="none")) == ([first], [second], [])
    assert listed(returns="returned", status="completed") == [second]
    assert OrderFilter().returns is None


def test_a_sale_that_has_happened_is_not_refused_for_a_tax_rate(place, agree):
    agree(terms.set_rate, "standard", "FR", 20_000)
    sold = place(("MUG", 1), channel="market", external_number="9")
    assert (sold.tax, sold.total) == (eur(0), eur(990))
    with pytest.raises(RefusedError, match="no tax rate"):
        place(("MUG", 1))


def test_more_than_one_payment_can_be_is_refused(place, desk):
    number = place(("MUG", 1)).number
    with pytest.raises(BadValueError, match="more than one payment can be"):
        desk.pay(number, amount=eur(10**13 + 1))
