"""Orders that nobody pays in time end by themselves, where the shop sets a time; readers need no worker for it."""

import pytest

from shopctl import tasks
from shopctl.errors import RefusedError
from shopctl.money import Money
from shopctl.services import inventory, orders, terms
from shopctl.services.inventory import Want
from shopctl.services.orders import Discount, LineDraft, OrderEdit
from shopctl.shop import Shop


@pytest.fixture
def shop(home, monkeypatch):
    """A shop where an unpaid order ends after an hour."""
    monkeypatch.setenv("SHOPCTL_ORDERS__UNPAID_EXPIRY", "1h")
    with Shop(home, actor="tester") as opened:
        yield opened


@pytest.fixture(autouse=True)
def _stopped(later):
    """The clock stands still unless a test puts it forward."""


def test_an_unpaid_order_says_until_when_it_is_to_be_paid(place, later):
    placed = place()
    assert (placed.status, placed.next) == ("placed", "pay")
    assert (placed.expires_at - placed.placed_at).total_seconds() == 3600


def test_an_order_whose_time_is_up_is_read_as_expired_by_all_who_look(place, later, look, listed, why, stock):
    placed, kept = place(("MUG", 4)), place(("CAP", 1), paid="card")
    later(minutes=59)
    assert (look(placed.number).status, listed(status="expired"), stock("MUG").available) == ("placed", [], 6)
    later(minutes=1)
    found = look(placed.number)
    assert (found.status, found.next, found.due.amount, found.owed.amount) == ("expired", "none", 0, 0)
    assert found.lines[0].reserved == 0
    assert listed(status="expired") == listed(next="none") == [placed.number]
    assert listed(status="placed") == [kept.number]
    assert listed(next="pay") == []
    assert listed() == [kept.number, placed.number]
    assert why(placed.number) == [""]


def test_a_list_reads_an_order_as_show_does(place, later, shop, look):
    placed = place()
    later(hours=1)
    with shop.read() as conn:
        (row,) = orders.page(conn, orders.OrderFilter())
    assert (row.status, row.next) == (look(placed.number).status, look(placed.number).next) == ("expired", "none")


def test_its_stock_is_free_for_the_next_order_at_once(place, later, stock, look, shop, item):
    gone = place(("MUG", 10))
    later(hours=1)
    assert (stock("MUG").reserved, stock("MUG").available) == (0, 10)
    mug = item("MUG")
    with shop.read() as conn:
        assert inventory.check(conn, [Want(1, mug, 10)]) == []
    assert place(("MUG", 10)).lines[0].reserved == 10
    assert look(gone.number).timeline[-1].summary == "Expired unpaid: 10 units released"


@pytest.mark.parametrize(
    "step",
    [
        lambda desk, number: desk.pay(number),
        lambda desk, number: desk.pay(number, amount=Money(1, "EUR")),
        lambda desk, number: desk.authorize(number, method="card"),
        lambda desk, number: desk.pack(number),
        lambda desk, number: desk.ship(number),
    ],
    ids=["paid", "paid in part", "authorized", "packed", "shipped on account"],
)
def test_an_order_that_is_paid_promised_or_packed_in_time_stays(step, place, desk, later, look, shop, listed):
    placed = place()
    later(minutes=59)
    step(desk, placed.number)
    later(days=100)
    assert look(placed.number).status in ("placed", "completed")
    assert look(placed.number).expires_at is None
    assert tasks.expire(shop) == 0
    assert listed(status="expired") == []


@pytest.mark.parametrize(
    "fields",
    [
        {"paid": "card"},
        {"discount": Discount(rate=100_000)},
        {"channel": "market", "external_number": "M-1"},
    ],
    ids=["paid", "nothing to pay", "made elsewhere"],
)
def test_an_order_that_waits_for_no_money_here_does_not_expire(fields, place, later, look):
    placed = place(**fields)
    later(days=100)
    assert placed.expires_at is None
    assert look(placed.number).status == "placed"


def test_a_sweep_writes_it_down_and_writes_it_once(place, later, shop, look, stock, listed):
    numbers = [place(("MUG", 1)).number for _ in range(3)]
    later(hours=1)
    tasks.sweep(shop)
    assert [look(number).status for number in numbers] == ["expired"] * 3
    assert sorted(listed(status="expired")) == numbers
    assert (stock("MUG").on_hand, stock("MUG").reserved) == (10, 0)
    tasks.sweep(shop)
    kinds = [step.type for step in look(numbers[0]).timeline]
    assert kinds == ["OrderPlaced", "OrderExpired"]


def test_a_sweep_ends_however_many_have_expired(place, later, shop, desk, item):
    place(("CAP", 1), paid="card")
    desk.receive(item("MUG"), 200)
    for _ in range(tasks.BATCH + 1):
        place(("MUG", 1))
    later(hours=1)
    assert tasks.expire(shop) == tasks.BATCH + 1


def test_money_that_arrives_too_late_is_recorded_and_owed(place, later, desk, listed, why):
    placed = place()
    later(hours=1)
    with pytest.raises(RefusedError, match="is expired; nothing is due"):
        desk.pay(placed.number)
    late = desk.pay(placed.number, amount=placed.total)
    assert (late.status, late.owed, late.next) == ("expired", placed.total, "refund")
    assert (listed(next="refund"), listed(owed=True)) == ([placed.number], [placed.number])
    assert why(placed.number) == [f"shopctl order refund {placed.number}"]
    back = desk.refund(placed.number)
    assert (back.payment_status, back.next, back.owed.amount) == ("refunded", "none", 0)


def test_an_expired_order_is_not_edited_shipped_confirmed_or_cancelled(place, later, desk, look):
    number = place().number
    later(hours=1)
    for refused in (
        lambda: desk.edit(number, OrderEdit(lines=(LineDraft("MUG", 1),))),
        lambda: desk.ship(number),
        lambda: desk.pick([number]),
        lambda: desk.hold(number, reason="late"),
        lambda: desk.confirm(number),
    ):
        with pytest.raises(RefusedError, match="is expired"):
            refused()
    assert desk.cancel(number).status == "expired"


def test_an_order_that_was_being_picked_when_its_time_was_up_is_picked_no_more(place, later, desk, shop):
    number = place(paid=None).number
    desk.pick([number])
    later(hours=1)
    tasks.expire(shop)
    assert desk.get(number).shipments == []


def test_a_confirmed_draft_has_the_time_of_an_unpaid_order(place, desk, later, look):
    draft = place(draft=True)
    assert (draft.expires_at - draft.timeline[0].at).days == 3
    later(days=1)
    placed = desk.confirm(draft.number)
    assert (placed.expires_at - placed.placed_at).total_seconds() == 3600
    later(hours=1)
    assert look(draft.number).status == "expired"


def test_a_line_that_is_added_expires_with_its_order(place, desk, later, stock):
    placed = place(("MUG", 2))
    later(minutes=30)
    desk.edit(placed.number, OrderEdit(lines=(LineDraft("CAP", 3), LineDraft("MUG", 4))))
    later(minutes=30)
    assert (stock("MUG").available, stock("CAP").available) == (10, 5)


def test_the_code_of_an_expired_order_counts_for_another(place, later, shop):
    with shop.write() as conn:
        terms.add_code(conn, "ONCE", rate=10_000, uses=1)
    place(code="ONCE")
    with pytest.raises(RefusedError, match="used up"):
        place(code="ONCE")
    later(hours=1)
    tasks.expire(shop)
    assert place(code="ONCE").discount == Money(198, "EUR")


def test_what_an_expired_order_had_goes_to_who_is_short_and_they_learn_of_it(place, sold_elsewhere, later, look, shop):
    place(("MUG", 9))
    short = sold_elsewhere(("MUG", 3), paid="market")
    assert (short.lines[0].short, short.next) == (2, "wait_stock")
    later(hours=1)
    tasks.expire(shop)
    found = look(short.number)
    assert (found.lines[0].short, found.next) == (0, "pick")
    assert found.timeline[-1].summary == "2 units arrived and reserved"


def test_units_that_are_gone_are_missed_by_who_still_has_an_order_and_not_by_who_had_one(
    place, later, desk, look, item
):
    place(("MUG", 6))
    paid = place(("MUG", 4), paid="card")
    later(hours=1)
    desk.adjust(item("MUG"), -6, reason="water damage")
    assert (look(paid.number).lines[0].reserved, look(paid.number).next) == (4, "pick")


def test_a_new_order_and_a_market_sale_see_the_same_free_stock(place, sold_elsewhere, later):
    place(("MUG", 10))
    later(hours=1)
    assert sold_elsewhere(("MUG", 10)).lines[0].short == 0
