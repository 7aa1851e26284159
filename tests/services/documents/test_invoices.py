"""Invoices: what they hold, that they stay, and that their numbers have no gaps."""

import pytest
from sqlalchemy import text

from shopctl.errors import BadValueError, NotFoundError, RefusedError
from shopctl.money import Money
from shopctl.services import documents, orders
from shopctl.services.documents import render
from shopctl.services.orders import Address, Discount
from shopctl.services.reports import soundness


def gaps(shop):
    with shop.read() as conn:
        found = {finding.name: finding for finding in soundness.prove(conn, workers=0)}
    return found["Documents are numbered without gaps"].problems


def test_an_invoice_bills_the_order_as_it_was_placed(place, issue, shop):
    ship_to = Address(name="Ada", line1="1 Mill Lane", city="Paris")
    number = place(
        ("MUG", 2), ("CAP", 1), customer="ada@example.org", name="Ada Lovelace", ship_to=ship_to,
        discount=Discount(rate=10_000), shipping=Money(490, "EUR"), tax_rate=20_000,
    )  # fmt: skip
    made = issue(number)
    with shop.read() as conn:
        order = orders.get(conn, number)
    assert (made.kind, made.number, made.order_number, made.seller) == ("invoice", "INV-000001", "1001", "Corner Books")
    assert (made.customer.email, made.customer.name) == ("ada@example.org", "Ada Lovelace")
    assert (made.ship_to, made.bill_to) == (ship_to, ship_to)
    assert [(line.sku, line.name, line.quantity, str(line.unit_price), line.tax_rate) for line in made.lines] == [
        ("MUG", "Mug", 2, "9.90", "20"),
        ("CAP", "Cap", 1, "19.99", "20"),
    ]
    for name in ("subtotal", "discount", "shipping", "tax", "total", "paid", "currency", "placed_at"):
        assert getattr(made, name) == getattr(order, name)
    assert [(share.rate, str(share.net), str(share.tax)) for share in made.taxes] == [("20", "33.92", "6.79")]


def test_an_address_for_the_invoice_comes_before_the_one_for_the_parcel(place, issue):
    bill_to, ship_to = Address(company="Engines Ltd", city="London"), Address(name="Ada", city="Paris")
    made = issue(place(bill_to=bill_to, ship_to=ship_to))
    assert (made.bill_to, made.ship_to) == (bill_to, ship_to)


def test_an_issued_document_stays_as_it_is_whatever_happens_to_its_order(place, issue, shop):
    number = place(customer="ada@example.org", name="Ada")
    made = issue(number)
    with shop.write() as conn:
        orders.cancel(conn, number)
        conn.execute(text("UPDATE orders SET customer_name = 'Somebody'"))
        conn.execute(text("UPDATE order_line SET name = 'Something'"))
    assert issue(number) == made
    with shop.read() as conn:
        assert documents.issued(conn, number) == [made]
        assert documents.get(conn, number, "inv-000001") == made


def test_asked_again_with_nothing_changed_no_number_is_spent(place, issue):
    first, second = place(), place()
    assert [issue(number).number for number in (first, first, second, first)] == [
        "INV-000001", "INV-000001", "INV-000002", "INV-000001",
    ]  # fmt: skip


def test_an_invoice_after_a_part_was_cancelled_bills_what_is_left(place, issue, take_back, held):
    number = place(("MUG", 3), discount=Discount(amount=100))
    take_back(number, "MUG", cancelled=1)
    made = issue(number)
    assert (held(made), str(made.total)) == ([("MUG", 2, 1913)], "19.13")
    with pytest.raises(RefusedError, match="Nothing of order 1001 is to be credited"):
        issue(number, "credit_note")


def test_what_was_added_later_is_a_new_invoice(place, issue, edit, held):
    number = place(("MUG", 2), ("CAP", 1))
    first = issue(number)
    edit(number, MUG=(5, 990))
    second = issue(number)
    assert (second.number, held(second), str(second.paid)) == ("INV-000002", [("MUG", 3, 2970)], "0.00")
    assert issue(number) == second
    assert first.paid == first.total


def test_an_unpaid_invoice_says_what_is_to_be_paid(place, issue, shop):
    number = place(("MUG", 2), paid=None)
    with shop.write() as conn:
        orders.pay(conn, number, amount=Money(500, "EUR"))
    made = issue(number)
    assert (str(made.total), str(made.paid)) == ("19.80", "5.00")
    assert "To pay" in render(made, "md")
    assert "14.80" in render(made, "md")


def test_a_free_order_has_an_invoice(place, issue, shop, held):
    made = issue(place(("MUG", 1), discount=Discount(rate=100_000)))
    assert (str(made.total), held(made)) == ("0.00", [("MUG", 1, 0)])


@pytest.mark.parametrize(
    ("status", "kind", "error", "said"),
    [
        ("draft", "invoice", RefusedError, "Order 1001 is a draft"),
        ("cancelled", "invoice", RefusedError, "Order 1001 is cancelled; there is nothing to bill"),
        ("expired", "invoice", RefusedError, "Order 1001 is expired; there is nothing to bill"),
        ("placed", "credit_note", RefusedError, "has no invoice that could be corrected"),
        ("placed", "receipt", BadValueError, "'receipt' is no kind of document"),
    ],
)
def test_what_cannot_be_issued_is_refused_and_spends_no_number(status, kind, error, said, place, issue, shop):
    number, other = place(), place()
    with shop.write() as conn:
        conn.execute(
            text("UPDATE orders SET status = :status WHERE number = :number"), {"status": status, "number": number}
        )
    with pytest.raises(error, match=said) as refused:
        issue(number, kind)
    assert refused.value.hint
    assert issue(other).number == "INV-000001"


def test_an_order_or_a_document_that_is_not_there_is_not_found(place, issue, shop):
    number = place()
    with pytest.raises(NotFoundError, match="There is no order 4711"):
        issue("4711")
    made = issue(number)
    with shop.read() as conn, pytest.raises(NotFoundError, match="has no document INV-000002") as error:
        documents.get(conn, number, "INV-000002")
    assert made.number in error.value.hint


def test_an_order_of_before_shipping_had_a_rate_of_its_own_is_taxed_at_that_of_its_lines(place, issue, shop):
    number = place(("MUG", 1), shipping=Money(600, "EUR"), tax_rate=20_000)
    with shop.write() as conn:
        conn.execute(text("UPDATE orders SET shipping_tax_rate = 0"))
    made = issue(number)
    assert (made.shipping_tax_rate, str(made.shipping_tax)) == ("20", "1.00")
    assert [share.rate for share in made.taxes] == ["20"]


def test_issuing_is_on_the_timeline(place, issue, shop):
    number = place()
    issue(number)
    with shop.read() as conn:
        last = orders.get(conn, number).timeline[-1]
    assert (last.type, last.actor) == ("DocumentIssued", "tester")


def test_what_was_not_kept_spends_no_number(place, shop, issue):
    number = place()
    with shop.write(dry_run=True) as conn:
        assert documents.issue(conn, number, "invoice").number == "INV-000001"
    with pytest.raises(ZeroDivisionError), shop.write() as conn:
        documents.issue(conn, number, "invoice")
        _ = 1 / 0
    with shop.read() as conn:
        assert documents.issued(conn, number) == []
    assert issue(number).number == "INV-000001"
    assert gaps(shop) == []


def test_the_doctor_finds_a_gap(place, issue, shop):
    for _ in range(3):
        issue(place())
    assert gaps(shop) == []
    with shop.write() as conn:
        conn.execute(text("DELETE FROM document WHERE number = 2"))
    assert gaps(shop) == ["3 numbers of invoices were given out: there are 2 invoices, the last is 3"]
