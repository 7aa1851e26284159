"""Cancelling units, or all that is left: stock is released, what was paid is owed, a refund is apart from it."""

import pytest

from shopctl.errors import ConflictError, NotFoundError, RefusedError
from shopctl.money import Money
from shopctl.services import terms
from shopctl.services.orders import Discount


def eur(amount):
    return Money(amount, "EUR")


def test_some_units_are_cancelled_and_the_rest_goes_on(place, desk, stock):
    number = place(("MUG", 3), ("CAP", 1), paid="card").number
    cancelled = desk.cancel(number, {"MUG": 1}, reason="ordered twice")
    assert (cancelled.status, cancelled.owed, cancelled.next) == ("placed", eur(990), "refund")
    assert (cancelled.lines[0].cancelled, stock("MUG").reserved, stock("MUG").available) == (1, 2, 8)
    assert (desk.refund(number).owed, desk.get(number).next) == (eur(0), "pick")
    assert desk.ship(number).status == "completed"
    assert desk.get(number).payment_status == "partially_refunded"


def test_an_unpaid_order_costs_less_by_what_was_cancelled(place, desk):
    number = place(("MUG", 3), ("CAP", 1), discount=Discount(rate=10_000), shipping=eur(490)).number
    assert desk.cancel(number, {"CAP": 1}).due == eur(2673 + 490)
    paid = desk.pay(number)
    assert (paid.paid, paid.payment_status, paid.next) == (eur(3163), "paid", "pick")


def test_an_order_of_which_every_line_was_cancelled_is_cancelled(place, desk):
    number = place(("MUG", 3), ("CAP", 1), shipping=eur(490), paid="card").number
    desk.cancel(number, {"MUG": 3})
    gone = desk.cancel(number, {"CAP": 1})
    assert (gone.status, gone.owed, gone.cancelled_at is not None) == ("cancelled", eur(5460), True)
    assert gone.timeline[-1].type == "OrderCancelled"


def test_the_rest_of_an_order_that_left_in_part_is_cancelled_and_the_order_is_done(place, desk, stock):
    number = place(("MUG", 3), paid="card").number
    desk.ship(number, {"MUG": 1})
    rest = desk.cancel(number)
    assert (rest.status, rest.fulfilment_status, rest.lines[0].cancelled) == ("completed", "shipped", 2)
    assert (rest.owed, stock("MUG").reserved, stock("MUG").on_hand) == (eur(1980), 0, 9)


def test_packed_units_are_not_cancelled_by_name_and_packed_parcels_are_opened_for_the_whole_rest(place, desk, stock):
    number = place(("MUG", 3), paid="card").number
    desk.pack(number, {"MUG": 2})
    with pytest.raises(RefusedError, match=r"Only 1 of MUG can be cancelled \(neither shipped nor packed\), not 2"):
        desk.cancel(number, {"MUG": 2})
    cancelled = desk.cancel(number)
    assert (cancelled.status, cancelled.shipments) == ("cancelled", [])
    level = stock("MUG")
    assert (level.on_hand, level.reserved, level.packed, level.available) == (10, 0, 0, 10)


def test_units_that_are_being_fetched_are_cancelled_and_fetched_no_more(place, desk):
    number = place(("MUG", 2), ("CAP", 1), paid="card").number
    desk.pick([number])
    cancelled = desk.cancel(number, {"CAP": 1})
    assert cancelled.shipments == []
    assert [(row.sku, row.quantity) for row in desk.pick([number])] == [("MUG", 2)]


def test_a_parcel_that_can_still_be_filled_is_fetched_on_when_another_is_given_up(place, desk, item):
    number = place(("CAP", 5), ("MUG", 1), paid="card").number
    desk.adjust(item("CAP"), -5, reason="not there")
    desk.pick([number])
    desk.receive(item("CAP"), 5)
    desk.pick([number])
    assert [len(parcel.lines) for parcel in desk.get(number).shipments] == [1, 1]
    left = desk.cancel(number, {"MUG": 1})
    assert [[unit.sku for unit in parcel.lines] for parcel in left.shipments] == [["CAP"]]


def test_lines_of_one_product_are_cancelled_in_their_order_or_by_number(place, desk):
    number = place(("MUG", 1), ("MUG", 2), paid="card").number
    assert [line.cancelled for line in desk.cancel(number, {"MUG": 2}).lines] == [1, 1]
    with pytest.raises(RefusedError, match="No MUG can be"):
        desk.cancel(number, {"#1": 1})
    assert desk.cancel(number, {"#2": 1}).status == "cancelled"


def test_what_is_short_is_cancelled_first(sold_elsewhere, desk, stock):
    number = sold_elsewhere(("MUG", 12), paid="market").number
    line = desk.cancel(number, {"MUG": 3}).lines[0]
    assert (line.short, line.reserved, stock("MUG").available) == (0, 9, 1)


def test_what_is_cancelled_goes_to_who_is_short(place, sold_elsewhere, desk, look):
    first = place(("MUG", 9), paid="card").number
    short = sold_elsewhere(("MUG", 3), paid="market").number
    assert look(short).lines[0].short == 2
    desk.cancel(first)
    assert (look(short).lines[0].short, look(short).next) == (0, "pick")


def test_a_cancelled_order_asked_again_and_a_repeated_key_change_nothing(place, desk):
    number = place(("MUG", 3)).number
    once = desk.cancel(number, {"MUG": 1}, key="k")
    assert desk.cancel(number, {"MUG": 1}, key="k") == once
    with pytest.raises(ConflictError):
        desk.cancel(number, {"MUG": 2}, key="k")
    gone = desk.cancel(number)
    assert desk.cancel(number) == gone
    with pytest.raises(RefusedError, match="is cancelled; nothing of it can be cancelled"):
        desk.cancel(number, {"MUG": 1})


def test_what_left_is_returned_and_not_cancelled(place, desk):
    number = place().number
    desk.ship(number)
    with pytest.raises(RefusedError, match="Everything of order 1001 was shipped") as refused:
        desk.cancel(number)
    assert f"shopctl order return {number}" in refused.value.hint
    desk.pay(number)
    with pytest.raises(RefusedError, match="is completed"):
        desk.cancel(number)
    with pytest.raises(RefusedError, match="is completed"):
        desk.cancel(number, {"MUG": 1})


def test_units_that_the_order_does_not_have_are_named(place, desk):
    number = place(("MUG", 1)).number
    with pytest.raises(NotFoundError, match="no line CAP"):
        desk.cancel(number, {"CAP": 1})
    with pytest.raises(RefusedError, match="Only 1 of MUG"):
        desk.cancel(number, {"MUG": 2})


def test_the_code_of_a_cancelled_order_counts_for_another_and_not_while_a_part_is_left(place, desk, shop):
    with shop.write() as conn:
        terms.add_code(conn, "ONCE", rate=10_000, uses=1)
    number = place(("MUG", 2), code="ONCE").number
    desk.cancel(number, {"MUG": 1})
    with pytest.raises(RefusedError, match="used up"):
        place(code="ONCE")
    desk.cancel(number, {"MUG": 1})
    assert place(code="ONCE").discount_code == "ONCE"


@pytest.mark.parametrize("prices", [(333, 1000), (1, 1), (0, 999)])
def test_cancelling_unit_by_unit_owes_in_the_end_exactly_what_was_paid(place, desk, prices):
    first, second = prices
    number = place(
        ("MUG", 3, eur(first)), ("CAP", 2, eur(second)), discount=Discount(rate=7_000), shipping=eur(50), paid="card"
    ).number
    owed = [desk.cancel(number, {sku: 1}).owed.amount for sku in ("MUG", "CAP", "MUG", "CAP", "MUG")]
    assert owed == sorted(owed)
    assert desk.get(number).owed == desk.get(number).total
    assert desk.refund(number).next == "none"


def test_a_line_without_a_price_is_cancelled_like_any_other(place, desk, stock):
    number = place(("MUG", 1), ("CAP", 1, eur(0)), paid="card").number
    cancelled = desk.cancel(number, {"CAP": 1})
    assert (cancelled.owed, cancelled.next, stock("CAP").available) == (eur(0), "pick", 5)
