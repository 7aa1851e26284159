"""Returns: announced, received, inspected. Restocked units are sold again, written-off ones never. Money is apart."""

import pytest

from shopctl.errors import ConflictError, RefusedError
from shopctl.money import Money
from shopctl.services.orders import Discount


def eur(amount):
    return Money(amount, "EUR")


@pytest.fixture
def shipped(place, desk):
    """The number of an order that was paid and shipped: ``shipped(("MUG", 3), ("CAP", 1))``."""

    def run(*lines, **fields):
        number = place(*lines, **{"paid": "card", **fields}).number
        desk.ship(number)
        return number

    return run


def test_restocked_units_are_sold_again_and_written_off_ones_are_not(shipped, desk, stock):
    number = shipped(("MUG", 3))
    desk.receive_return(number, {"MUG": 1}, restock=True, reason="too small")
    back = desk.receive_return(number, {"MUG": 1}, restock=False)
    line = back.lines[0]
    assert (line.returned, line.restocked, line.written_off) == (2, 1, 1)
    assert (stock("MUG").on_hand, stock("MUG").available) == (8, 8)
    assert (back.return_status, back.owed, back.next, back.status) == (
        "partially_returned",
        eur(1980),
        "refund",
        "completed",
    )
    assert [(r.status, r.lines[0].restocked, r.lines[0].written_off) for r in back.returns] == [
        ("received", 1, 0),
        ("received", 0, 1),
    ]


def test_units_wait_for_inspection_off_the_shelf_until_somebody_decides(shipped, desk, stock, why):
    number = shipped(("MUG", 3))
    back = desk.receive_return(number, {"MUG": 3})
    assert (back.return_status, back.owed, stock("MUG").on_hand) == ("returned", eur(2970), 7)
    assert f"shopctl order inspect {number} MUG=3 --restock" in why(number)
    desk.inspect_return(number, {"MUG": 2}, restock=True)
    inspected = desk.inspect_return(number, restock=False)
    line = inspected.lines[0]
    assert (line.restocked, line.written_off, stock("MUG").on_hand) == (2, 1, 9)
    assert (inspected.returns[0].lines[0].restocked, inspected.returns[0].lines[0].written_off) == (2, 1)
    with pytest.raises(RefusedError, match="Nothing of order 1001 waits for inspection"):
        desk.inspect_return(number, restock=True)
    with pytest.raises(RefusedError, match="No MUG can be inspected"):
        desk.inspect_return(number, {"MUG": 1}, restock=True)


def test_units_of_several_returns_are_inspected_the_oldest_return_first(shipped, desk):
    number = shipped(("MUG", 4))
    desk.receive_return(number, {"MUG": 1})
    desk.receive_return(number, {"MUG": 2})
    inspected = desk.inspect_return(number, {"MUG": 2}, restock=True)
    assert [r.lines[0].restocked for r in inspected.returns] == [1, 1]


def test_no_more_comes_back_than_was_shipped(place, desk):
    number = place(("MUG", 3), paid="card").number
    with pytest.raises(RefusedError, match="No MUG can come back"):
        desk.receive_return(number, {"MUG": 1}, restock=True)
    desk.ship(number, {"MUG": 2})
    desk.receive_return(number, {"MUG": 1}, restock=True)
    with pytest.raises(RefusedError, match="Only 1 of MUG can come back, not 2"):
        desk.receive_return(number, {"MUG": 2}, restock=True)


def test_units_of_two_parcels_and_two_lines_come_back_together(place, desk, stock):
    number = place(("MUG", 2), ("MUG", 2), paid="card").number
    desk.ship(number, {"MUG": 1})
    desk.ship(number)
    back = desk.receive_return(number, {"MUG": 3}, restock=True)
    assert ([line.returned for line in back.lines], stock("MUG").on_hand) == ([2, 1], 9)
    assert desk.receive_return(number, {"#2": 1}, restock=True).return_status == "returned"


def test_an_announced_return_is_seen_and_stops_nothing(shipped, desk, why, stock):
    number = shipped(("MUG", 3))
    asked = desk.request_return(number, {"MUG": 2}, reason="wrong colour")
    assert (asked.return_status, asked.owed, stock("MUG").on_hand) == ("requested", eur(0), 7)
    assert [(r.status, r.lines[0].quantity) for r in asked.returns] == [("requested", 2)]
    assert f"shopctl order return {number} --receive" in why(number)
    with pytest.raises(RefusedError, match="Only 1 of MUG can come back, not 2"):
        desk.request_return(number, {"MUG": 2})


def test_what_was_announced_comes_back_without_being_named(shipped, desk):
    number = shipped(("MUG", 3), ("CAP", 1))
    desk.request_return(number, {"MUG": 2})
    desk.request_return(number, {"CAP": 1})
    back = desk.receive_return(number, restock=True)
    assert [(line.returned, line.restocked) for line in back.lines] == [(2, 2), (1, 1)]
    assert [r.status for r in back.returns] == ["received"]
    assert back.return_status == "partially_returned"


def test_a_part_of_what_was_announced_may_come_first_and_more_than_that_at_last(shipped, desk):
    number = shipped(("MUG", 4))
    desk.request_return(number, {"MUG": 2})
    part = desk.receive_return(number, {"MUG": 1}, restock=True)
    assert sorted((r.status, r.lines[0].quantity) for r in part.returns) == [("received", 1), ("requested", 1)]
    more = desk.receive_return(number, {"MUG": 3}, restock=True)
    assert sorted((r.status, r.lines[0].quantity) for r in more.returns) == [("received", 1), ("received", 3)]
    assert more.return_status == "returned"


def test_a_return_that_will_not_come_is_withdrawn(shipped, desk):
    number = shipped(("MUG", 2))
    desk.request_return(number, {"MUG": 2})
    withdrawn = desk.withdraw_return(number)
    assert (withdrawn.return_status, withdrawn.returns) == ("none", [])
    for step in (desk.withdraw_return, desk.receive_return):
        with pytest.raises(RefusedError, match="No return of order 1001"):
            step(number)
    assert desk.request_return(number, {"MUG": 2}).return_status == "requested"


def test_returning_unit_by_unit_owes_in_the_end_what_the_goods_cost_and_shipping_stays_paid(shipped, desk):
    number = shipped(("MUG", 3, eur(333)), discount=Discount(amount=100), shipping=eur(490))
    owed = [desk.receive_return(number, {"MUG": 1}, restock=True).owed.amount for _ in range(3)]
    assert owed == [300, 599, 899]
    refunded = desk.refund(number)
    assert (refunded.refunded, refunded.payment_status, refunded.next) == (eur(899), "partially_refunded", "none")


def test_a_refund_may_come_before_the_goods(shipped, desk):
    number = shipped(("MUG", 2))
    desk.refund(number, {"MUG": 1})
    back = desk.receive_return(number, {"MUG": 1}, restock=True)
    assert (back.owed, back.next, back.payment_status) == (eur(0), "none", "partially_refunded")


def test_goods_of_an_order_that_was_never_paid_come_back_and_nothing_is_due(place, desk):
    number = place(("MUG", 2)).number
    desk.ship(number)
    back = desk.receive_return(number, {"MUG": 2}, restock=True)
    assert (back.due, back.owed, back.status, back.next) == (eur(0), eur(0), "completed", "none")


def test_a_part_comes_back_while_the_rest_has_not_left_and_the_rest_still_leaves(place, desk, stock):
    number = place(("MUG", 3), paid="card").number
    desk.ship(number, {"MUG": 1})
    desk.receive_return(number, {"MUG": 1}, restock=True)
    desk.refund(number)
    assert desk.get(number).next == "pick"
    done = desk.ship(number)
    assert (done.status, done.lines[0].shipped, stock("MUG").on_hand) == ("completed", 3, 8)


def test_restocked_units_go_to_who_is_short_and_they_learn_of_it(shipped, sold_elsewhere, desk, look):
    number = shipped(("MUG", 4))
    short = sold_elsewhere(("MUG", 8), paid="market").number
    assert (look(short).lines[0].short, look(short).next) == (2, "wait_stock")
    desk.receive_return(number, {"MUG": 1}, restock=True)
    assert look(short).lines[0].short == 1
    desk.receive_return(number, {"MUG": 1})
    assert look(short).lines[0].short == 1
    desk.inspect_return(number, restock=True)
    assert (look(short).lines[0].short, look(short).next) == (0, "pick")
    assert [step.summary for step in look(short).timeline[-2:]] == ["1 unit arrived and reserved"] * 2


@pytest.mark.parametrize("verb", ["request_return", "receive_return", "inspect_return"])
def test_a_repeated_key_counts_once(verb, shipped, desk):
    number = shipped(("MUG", 5))
    desk.receive_return(number, {"MUG": 2})
    step = getattr(desk, verb)
    options = {"restock": True} if verb == "inspect_return" else {}
    once = step(number, {"MUG": 1}, **options, key="k")
    assert step(number, {"MUG": 1}, **options, key="k") == once
    with pytest.raises(ConflictError):
        step(number, {"MUG": 2}, **options, key="k")
