"""Claims: damaged, lost or wrong units. A replacement, a refund and a return are decided apart from them."""

import pytest

from shopctl.errors import ConflictError, RefusedError
from shopctl.money import Money
from shopctl.services import products
from shopctl.services.inventory import InsufficientStockError
from shopctl.services.orders import Address

HOME = Address(name="Ada", line1="1 Mill Lane", postcode="75005", city="Paris", country="FR")


@pytest.fixture
def shipped(place, desk):
    """The number of an order of 3 MUG and a CAP that was paid and shipped to Ada."""
    placed = place(("MUG", 3), ("CAP", 1), paid="card", customer="ada@example.org", name="Ada", ship_to=HOME)
    desk.ship(placed.number)
    return placed.number


@pytest.mark.parametrize("kind", ["damaged", "lost", "wrong"])
def test_a_claim_by_itself_moves_neither_goods_nor_money(shipped, desk, stock, kind):
    before = stock("MUG")
    claimed = desk.claim(shipped, {"MUG": 1}, kind, reason="handle broken")
    assert [(c.kind, c.replacement, [(u.sku, u.quantity) for u in c.lines]) for c in claimed.claims] == [
        (kind, None, [("MUG", 1)])
    ]
    assert (claimed.lines[0].claimed, claimed.owed.amount, stock("MUG")) == (1, 0, before)
    assert claimed.timeline[-1].summary == f"Claim: 1 unit {kind}: handle broken"


def test_a_replacement_is_a_free_order_to_the_same_person_that_is_ready_to_leave(shipped, desk, stock):
    claimed = desk.claim(shipped, {"MUG": 2}, "damaged", replace=True)
    again = desk.get(claimed.claims[0].replacement)
    assert (again.replaces, again.total, again.payment_status, again.next) == (shipped, Money(0, "EUR"), "paid", "pick")
    assert (again.customer, again.ship_to) == (claimed.customer, HOME)
    assert [(line.sku, line.quantity) for line in again.lines] == [("MUG", 2)]
    assert (stock("MUG").on_hand, stock("MUG").reserved) == (7, 2)
    assert desk.ship(again.number).status == "completed"
    assert claimed.timeline[-1].summary == f"Claim: 2 units damaged, replaced by order {again.number}"


def test_no_more_is_claimed_than_was_shipped_and_each_unit_once(shipped, desk, place):
    desk.claim(shipped, {"MUG": 2}, "damaged")
    with pytest.raises(RefusedError, match="Only 1 of MUG can be claimed"):
        desk.claim(shipped, {"MUG": 2}, "lost")
    assert [line.claimed for line in desk.claim(shipped, (), "lost").lines] == [3, 1]
    with pytest.raises(RefusedError, match="Nothing of order 1001 was shipped and not claimed"):
        desk.claim(shipped, (), "lost")
    waiting = place(("MUG", 1), paid="card").number
    with pytest.raises(RefusedError, match="No MUG can be"):
        desk.claim(waiting, {"MUG": 1}, "lost")


def test_without_stock_there_is_no_replacement_and_no_half_of_a_claim(shipped, desk, item, look):
    desk.adjust(item("MUG"), -7, reason="sold out")
    before = look(shipped)
    with pytest.raises(InsufficientStockError, match="MUG: 1 wanted, 0 available"):
        desk.claim(shipped, {"MUG": 1}, "damaged", replace=True)
    assert look(shipped) == before
    assert desk.claim(shipped, {"MUG": 1}, "damaged").claims[0].replacement is None


def test_what_is_sold_no_more_is_not_replaced(shipped, desk, shop, look):
    with shop.write() as conn:
        products.set_status(conn, ["MUG"], "archived")
    before = look(shipped)
    with pytest.raises(RefusedError):
        desk.claim(shipped, {"MUG": 1}, "damaged", replace=True)
    assert look(shipped) == before


def test_a_claim_a_return_and_a_refund_of_the_same_units_go_together(shipped, desk, stock):
    desk.claim(shipped, {"MUG": 1}, "damaged", replace=True)
    back = desk.receive_return(shipped, {"MUG": 1}, restock=False)
    assert (back.owed.amount, stock("MUG").on_hand) == (990, 7)
    done = desk.refund(shipped, amount=Money(990, "EUR"))
    assert (done.owed.amount, done.status, done.next) == (0, "completed", "none")


def test_a_repeated_key_claims_and_replaces_once(shipped, desk, listed):
    once = desk.claim(shipped, {"MUG": 1}, "damaged", replace=True, key="k")
    assert desk.claim(shipped, {"MUG": 1}, "damaged", replace=True, key="k") == once
    assert len(listed()) == 2
    with pytest.raises(ConflictError):
        desk.claim(shipped, {"MUG": 2}, "damaged", replace=True, key="k")


def test_the_replacement_of_a_replacement_may_be_claimed_too(shipped, desk):
    first = desk.claim(shipped, {"MUG": 1}, "lost", replace=True).claims[0].replacement
    desk.ship(first)
    second = desk.claim(first, {"MUG": 1}, "damaged", replace=True).claims[0].replacement
    assert desk.get(second).replaces == first


def test_in_a_shop_with_taxes_a_replacement_is_free_too(place, desk):
    number = place(("MUG", 1), tax_rate=20_000, paid="card").number
    desk.ship(number)
    again = desk.get(desk.claim(number, {"MUG": 1}, "wrong", replace=True).claims[0].replacement)
    assert (again.total.amount, again.tax.amount) == (0, 0)
