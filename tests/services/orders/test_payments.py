"""Money that moved for an order, or was promised: append-only, in part or whole, each recorded once."""

import pytest

from shopctl.errors import BadValueError, ConflictError, NotFoundError, RefusedError
from shopctl.money import Money
from shopctl.services.orders import Discount


def eur(amount):
    return Money(amount, "EUR")


def moved(order):
    return [(payment.kind, payment.amount.amount, payment.method) for payment in order.payments]


def test_what_is_due_is_paid_in_parts_until_nothing_is(place, desk):
    number = place(("MUG", 2)).number
    partly = desk.pay(number, amount=eur(500), method="cash")
    assert (partly.payment_status, partly.due, partly.next) == ("partially_paid", eur(1480), "pay")
    paid = desk.pay(number, method="card", reference="4711")
    assert (paid.payment_status, paid.paid, paid.due, paid.next) == ("paid", eur(1980), eur(0), "pick")
    assert moved(paid) == [("capture", 500, "cash"), ("capture", 1480, "card")]
    with pytest.raises(RefusedError, match="is paid already"):
        desk.pay(number)


def test_more_than_is_due_is_recorded_and_owed(place, desk):
    number = place(("MUG", 1)).number
    over = desk.pay(number, amount=eur(1000))
    assert (over.payment_status, over.owed, over.next) == ("overpaid", eur(10), "refund")
    back = desk.refund(number)
    assert (back.owed, back.refunded, back.next) == (eur(0), eur(10), "pick")


def test_promised_money_lets_an_order_go_on_and_is_captured_when_it_left(place, desk, why):
    number = place(("MUG", 2)).number
    promised = desk.authorize(number, method="card", reference="auth 1")
    assert (promised.payment_status, promised.authorized, promised.paid) == ("authorized", eur(1980), eur(0))
    assert (promised.next, promised.due) == ("pick", eur(1980))
    shipped = desk.ship(number)
    assert (shipped.status, shipped.next) == ("placed", "pay")
    assert f"shopctl order capture {number}" in why(number)
    captured = desk.capture_authorized(number)
    assert (captured.status, captured.payment_status, captured.authorized) == ("completed", "paid", eur(0))
    assert [(p.kind, p.method, p.reference) for p in captured.payments] == [
        ("authorize", "card", "auth 1"),
        ("capture", "card", "auth 1"),
    ]


def test_authorizations_are_captured_in_part_the_oldest_first_and_the_rest_is_given_back(place, desk):
    number = place(("MUG", 3)).number
    desk.authorize(number, amount=eur(1000), method="card")
    desk.authorize(number, method="voucher")
    assert desk.get(number).authorized == eur(2970)
    partly = desk.capture_authorized(number, amount=eur(1500))
    assert moved(partly)[2:] == [("capture", 1000, "card"), ("capture", 500, "voucher")]
    assert (partly.authorized, partly.paid) == (eur(1470), eur(1500))
    with pytest.raises(RefusedError, match=r"14\.70 EUR is authorized and not captured"):
        desk.capture_authorized(number, amount=eur(1471))
    voided = desk.void(number, amount=eur(470))
    assert (voided.authorized, voided.next) == (eur(1000), "pay")
    rest = desk.void(number)
    assert (rest.authorized, rest.paid, rest.payment_status) == (eur(0), eur(1500), "partially_paid")
    assert moved(rest)[4:] == [("void", 470, "voucher"), ("void", 1000, "voucher")]
    for step in (desk.void, desk.capture_authorized):
        with pytest.raises(RefusedError, match=r"0\.00 EUR is authorized"):
            step(number)


def test_what_is_promised_already_is_not_promised_again(place, desk):
    number = place(("MUG", 2)).number
    desk.authorize(number, amount=eur(980), method="card")
    assert desk.authorize(number, method="card").authorized == eur(1980)
    with pytest.raises(RefusedError, match="is paid already"):
        desk.authorize(number, method="card")


def test_a_promise_to_a_cancelled_order_stays_until_it_is_given_back(place, desk):
    number = place().number
    desk.authorize(number, method="card")
    cancelled = desk.cancel(number)
    assert (cancelled.status, cancelled.authorized, cancelled.owed) == ("cancelled", eur(1980), eur(0))
    assert desk.void(number).authorized == eur(0)


def test_a_refund_is_what_is_owed_unless_somebody_says_otherwise(place, desk):
    number = place(("MUG", 2), paid="card").number
    with pytest.raises(RefusedError, match="owes its customer nothing"):
        desk.refund(number)
    goodwill = desk.refund(number, amount=eur(200))
    assert (goodwill.payment_status, goodwill.refunded, goodwill.owed) == ("partially_refunded", eur(200), eur(0))
    desk.cancel(number, {"MUG": 1})
    assert desk.get(number).owed == eur(790)
    back = desk.refund(number, method="cash")
    assert (back.refunded, back.owed, moved(back)[-1]) == (eur(990), eur(0), ("refund", 790, "cash"))


def test_no_more_is_refunded_than_was_paid(place, desk):
    number = place(("MUG", 2), paid="card").number
    desk.refund(number, amount=eur(1000))
    with pytest.raises(RefusedError, match=r"can refund at most 9\.80 EUR") as refused:
        desk.refund(number, amount=eur(981))
    assert refused.value.details["refundable"] == "9.80"
    assert desk.refund(number, amount=eur(980)).payment_status == "refunded"
    with pytest.raises(RefusedError, match=r"at most 0\.00 EUR"):
        desk.refund(number, {"MUG": 1})


def test_a_refund_by_units_is_what_they_cost_with_their_share_of_the_discount(place, desk):
    number = place(("MUG", 3), ("CAP", 1), discount=Discount(amount=497), paid="card").number
    order = desk.get(number)
    assert [line.discount.amount for line in order.lines] == [297, 200]
    assert desk.refund(number, {"MUG": 1}).refunded == eur(891)
    assert desk.refund(number, {"MUG": 2, "CAP": 1}).refunded == order.total
    assert desk.get(number).lines == order.lines


def test_a_refund_by_units_includes_their_tax_and_leaves_shipping(place, desk):
    number = place(("MUG", 1), ("CAP", 1), tax_rate=20_000, shipping=eur(490), paid="card").number
    assert desk.refund(number, {"CAP": 1}).refunded == eur(2000)


def test_of_a_line_that_is_split_the_parts_refunded_are_the_whole(place, desk):
    number = place(("MUG", 3, eur(333)), discount=Discount(amount=100), paid="card").number
    for units, refunded in ((1, 300), (2, 899)):
        assert desk.refund(number, {"MUG": units}).refunded == eur(refunded)


def test_a_refund_takes_units_or_an_amount(place, desk):
    number = place(paid="card").number
    with pytest.raises(BadValueError, match="an amount or units, not both"):
        desk.refund(number, {"MUG": 1}, amount=eur(1))
    with pytest.raises(RefusedError, match="Only 2 of MUG can be refunded, not 3"):
        desk.refund(number, {"MUG": 3})
    with pytest.raises(NotFoundError, match="no line CAP"):
        desk.refund(number, {"CAP": 1})


def test_a_refund_moves_no_goods_and_cancels_nothing(place, desk, stock):
    number = place(paid="card").number
    refunded = desk.refund(number, amount=eur(1980))
    assert (refunded.status, refunded.lines[0].cancelled, stock("MUG").reserved) == ("placed", 0, 2)


@pytest.mark.parametrize("amount", [0, -1])
def test_every_amount_is_more_than_zero(place, desk, amount):
    number = place(paid="card").number
    desk.authorize(number, amount=eur(100), method="card")
    for step in (desk.pay, desk.refund, desk.capture_authorized, desk.void):
        with pytest.raises(BadValueError, match="more than zero"):
            step(number, amount=eur(amount))
    with pytest.raises(BadValueError, match="more than zero"):
        desk.authorize(number, amount=eur(amount), method="card")


@pytest.mark.parametrize("verb", ["pay", "authorize", "capture_authorized", "void", "refund"])
def test_a_repeated_key_records_once_and_another_request_under_it_is_a_conflict(verb, place, desk):
    number = place(paid="card").number
    desk.authorize(number, amount=eur(500), method="card")
    method = {"method": "card"} if verb == "authorize" else {}
    step = getattr(desk, verb)
    once = step(number, amount=eur(100), key="k", **method)
    assert step(number, amount=eur(100), key="k", **method) == once
    with pytest.raises(ConflictError, match="key 'k' was already used"):
        step(number, amount=eur(101), key="k", **method)
    assert desk.get(number) == once


def test_a_key_of_one_kind_of_payment_is_not_taken_for_another(place, desk):
    number = place(paid="card").number
    desk.pay(number, amount=eur(100), key="k")
    with pytest.raises(ConflictError):
        desk.refund(number, amount=eur(100), key="k")


def test_an_order_of_nothing_to_pay_is_paid_from_the_start_and_done_when_it_left(place, desk):
    placed = place(("MUG", 1, eur(0)))
    assert (placed.payment_status, placed.next, placed.due) == ("paid", "pick", eur(0))
    with pytest.raises(RefusedError, match="is paid already"):
        desk.pay(placed.number)
    shipped = desk.ship(placed.number)
    assert (shipped.status, shipped.next) == ("completed", "none")


def test_money_for_a_cancelled_order_is_a_fact_and_owed(place, desk):
    number = place().number
    desk.cancel(number)
    with pytest.raises(RefusedError, match="is cancelled; nothing is due"):
        desk.pay(number)
    late = desk.pay(number, amount=eur(1980))
    assert (late.status, late.owed, late.next) == ("cancelled", eur(1980), "refund")


@pytest.mark.parametrize("first", ["cancel", "refund"])
def test_a_full_refund_and_a_cancellation_may_come_in_either_order(first, place, desk):
    number = place(paid="card").number
    if first == "cancel":
        desk.cancel(number)
        desk.refund(number)
    else:
        desk.refund(number, amount=eur(1980))
        desk.cancel(number)
    order = desk.get(number)
    assert (order.status, order.payment_status, order.owed, order.next) == ("cancelled", "refunded", eur(0), "none")


def test_each_payment_says_who_recorded_it(place, desk, shop):
    number = place().number
    shop.actor = "carol"
    assert desk.pay(number).payments[0].actor == "carol"
