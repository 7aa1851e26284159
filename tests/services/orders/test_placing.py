"""Placing an order, through the service: what it answers, and which number it gets."""

import pytest
from sqlalchemy import text

from shopctl.errors import ConflictError, RefusedError
from shopctl.money import Money
from shopctl.services import orders
from shopctl.services.orders import Address, Discount


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"customer": "ada@example.org", "name": "Ada", "phone": "+33 1", "paid": "card", "note": "ring twice"},
        {"customer": "17850", "discount": Discount(rate=10_000), "tax_rate": 20_000, "shipping": Money(490, "EUR")},
        {"ship_to": Address(name="Ada", city="Paris", country="FR"), "bill_to": Address(company="Engines Ltd")},
        {"channel": "market", "external_number": "M-1"},
    ],
    ids=",".join,
)
def test_placing_answers_with_the_order_as_it_is_kept(place, shop, fields):
    placed = place(("MUG", 2), ("cap", 1, Money(1950, "EUR")), ("MUG", 1), **fields)
    with shop.read() as conn:
        assert orders.get(conn, placed.number) == placed


def test_a_number_that_an_import_took_is_skipped(place, shop):
    first = place()
    with shop.write() as conn:
        conn.execute(text("UPDATE orders SET number = :taken"), {"taken": str(int(first.number) + 1)})
        conn.execute(text("UPDATE reservation SET reference = :taken"), {"taken": str(int(first.number) + 1)})
    assert place().number == str(int(first.number) + 2)


def test_an_order_of_another_channel_comes_in_once(place):
    place(channel="market", external_number="M-1")
    with pytest.raises(ConflictError, match="is here already, as 1001"):
        place(channel="market", external_number="M-1")
    assert place(channel="other", external_number="M-1").number == "1002"


def test_a_product_that_comes_in_variants_is_ordered_by_its_variant(place, add):
    add("SHIRT")
    add("SHIRT-L", stock=1, variant_of="SHIRT", options={"size": "L"})
    with pytest.raises(RefusedError, match="SHIRT comes in variants: SHIRT-L"):
        place(("SHIRT", 1))
    assert place(("SHIRT-L", 1)).lines[0].sku == "SHIRT-L"


def test_an_order_of_nothing_to_pay_is_paid(place):
    placed = place(("MUG", 1, Money(0, "EUR")), paid="gift")
    assert (placed.payment_status, placed.next, placed.payments) == ("paid", "pick", [])
