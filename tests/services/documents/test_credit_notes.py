"""Credit notes: what went is credited once, to the cent."""

import pytest

from shopctl.errors import RefusedError
from shopctl.money import Money
from shopctl.services import orders
from shopctl.services.orders import Discount

either_way = pytest.mark.parametrize("prices_include_tax", [True, False], ids=["including tax", "excluding tax"])
AWKWARD = {"discount": Discount(amount=101), "tax_rate": 8_875, "shipping": Money(490, "EUR")}


def test_what_was_cancelled_is_credited_and_nothing_else(place, issue, take_back, held):
    number = place(("MUG", 2), ("CAP", 1), shipping=Money(490, "EUR"), tax_rate=20_000)
    issue(number)
    take_back(number, "MUG", cancelled=1)
    credit = issue(number, "credit_note")
    assert (credit.number, credit.corrects, held(credit)) == ("CN-000001", ["INV-000001"], [("MUG", 1, 990)])
    assert (str(credit.total), str(credit.tax), str(credit.shipping)) == ("9.90", "1.65", "0.00")
    assert issue(number, "credit_note") == credit


@either_way
def test_a_document_adds_up_to_the_cent(place, issue, take_back, prices_include_tax):
    number = place(("MUG", 7), ("CAP", 3), ("BOOK", 11), **AWKWARD)
    invoice = issue(number)
    take_back(number, "MUG", cancelled=3)
    take_back(number, "BOOK", returned=4)
    for made in (invoice, issue(number, "credit_note")):
        whole = made.subtotal.amount - made.discount.amount + made.shipping.amount + made.rounding.amount
        assert made.total.amount == whole + (0 if prices_include_tax else made.tax.amount)
        assert made.subtotal.amount == sum(line.total.amount for line in made.lines)
        assert made.discount.amount == sum(line.discount.amount for line in made.lines)
        assert made.tax.amount == sum(line.tax.amount for line in made.lines) + made.shipping_tax.amount
        assert made.tax.amount == sum(share.tax.amount for share in made.taxes)
        assert made.total.amount == sum(share.net.amount + share.tax.amount for share in made.taxes)


@either_way
def test_all_that_is_taken_back_in_steps_is_exactly_all_that_was_billed(place, issue, take_back):
    number = place(("MUG", 3), ("BOOK", 7), **AWKWARD)
    invoice = issue(number)
    steps = [("MUG", {"cancelled": 1})] * 3 + [("BOOK", {"cancelled": 2})] * 2 + [("BOOK", {"cancelled": 3})]
    credits = []
    for sku, units in steps:
        take_back(number, sku, **units)
        credits.append(issue(number, "credit_note"))
    for name in ("subtotal", "discount", "shipping", "tax", "total"):
        assert sum(getattr(made, name).amount for made in credits) == getattr(invoice, name).amount
    assert [made.shipping.amount for made in credits] == [0, 0, 0, 0, 0, 490]
    assert [made.number for made in credits] == [f"CN-00000{n}" for n in range(1, 7)]


@either_way
def test_what_is_credited_is_what_is_owed(place, issue, shop):
    number = place(("MUG", 3), ("BOOK", 7), **AWKWARD)
    issue(number)
    with shop.write() as conn:
        owed = orders.cancel(conn, number).owed
    assert issue(number, "credit_note").total == owed


def test_shipping_is_kept_when_goods_come_back(place, issue, take_back):
    number = place(("MUG", 1), shipping=Money(490, "EUR"))
    issue(number)
    take_back(number, "MUG", returned=1)
    credit = issue(number, "credit_note")
    assert (str(credit.shipping), str(credit.total)) == ("0.00", "9.90")


@either_way
def test_money_given_back_for_no_goods_is_credited_as_a_refund_with_its_part_of_the_tax(
    place, issue, refund, prices_include_tax
):
    number = place(("MUG", 2), tax_rate=20_000)
    issue(number)
    refund(number, 600)
    credit = issue(number, "credit_note")
    assert [(line.name, line.line, line.quantity, line.tax_rate) for line in credit.lines] == [
        ("Refund", None, 1, "20")
    ]
    assert (str(credit.total), str(credit.tax), str(credit.paid)) == ("6.00", "1.00", "6.00")
    assert str(credit.subtotal) == ("6.00" if prices_include_tax else "5.00")


def test_a_refund_of_what_was_credited_is_credited_once(place, issue, take_back, refund, held):
    number = place(("MUG", 3))
    issue(number)
    take_back(number, "MUG", cancelled=1)
    first = issue(number, "credit_note")
    refund(number, 990)
    assert issue(number, "credit_note") == first
    refund(number, 100)
    assert held(issue(number, "credit_note")) == [("", 1, 100)]


@either_way
def test_money_given_back_is_not_given_back_again_when_the_order_is_cancelled(place, issue, refund, shop):
    number = place(("MUG", 2), ("CAP", 1), **AWKWARD)
    invoice = issue(number)
    refund(number, 500)
    first = issue(number, "credit_note")
    with shop.write() as conn:
        orders.cancel(conn, number)
    second = issue(number, "credit_note")
    assert second.lines[-1].name == "Refund credited before"
    assert first.total.amount + second.total.amount == invoice.total.amount
    assert first.tax.amount + second.tax.amount == invoice.tax.amount


def test_an_overpayment_that_went_back_is_no_credit(place, issue, refund, shop):
    number = place(("MUG", 2))
    issue(number)
    with shop.write() as conn:
        orders.pay(conn, number, amount=Money(500, "EUR"))
    refund(number, 500)
    with pytest.raises(RefusedError, match="Nothing of order 1001 is to be credited"):
        issue(number, "credit_note")


def test_another_price_credits_the_old_one_and_bills_the_new_one(place, issue, edit, take_back, held):
    number = place(("MUG", 2), ("CAP", 1))
    issue(number)
    edit(number, MUG=(2, 790))
    assert held(issue(number, "credit_note")) == [("MUG", 2, 1980)]
    assert held(issue(number)) == [("MUG", 2, 1580)]
    take_back(number, "MUG", cancelled=1)
    credit = issue(number, "credit_note")
    assert (held(credit), credit.corrects) == ([("MUG", 1, 790)], ["INV-000002"])
