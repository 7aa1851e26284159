"""Drafts hold stock for a while. Nobody is waited for: whoever looks when the time is up finds the stock free."""

import pytest
from sqlalchemy import text

from shopctl import tasks
from shopctl.errors import BadValueError, RefusedError
from shopctl.money import Money
from shopctl.services import inventory, orders
from shopctl.services.inventory import InsufficientStockError, Want
from shopctl.services.orders import LineDraft, OrderDraft, OrderEdit
from shopctl.services.products import ProductFilter
from shopctl.services.reports import catalogue
from shopctl.services.reports import stock as stock_report
from shopctl.shop import Shop

pytestmark = pytest.mark.usefixtures("later")


@pytest.fixture
def sold(shop):
    """How many of each product can be sold, as every reader of stock counts them: they agree."""

    def read(item):
        with shop.read() as conn:
            found = {
                inventory.available(conn, [item])[item],
                stock_report.levels(conn, [item.sku])[0].available,
                catalogue.get(conn, item.sku).available,
                *(row.available for row in catalogue.page(conn, ProductFilter()) if row.sku == item.sku),
            }
            (units,) = found
            assert inventory.check(conn, [Want(1, item, units)]) == []
            assert inventory.check(conn, [Want(1, item, units + 1)]) != []
        return units

    return read


def test_a_draft_holds_its_stock_and_is_not_placed(place, stock, sold, item):
    draft = place(("MUG", 4), draft=True)
    assert (draft.status, draft.next, draft.placed_at) == ("draft", "none", None)
    level = stock("MUG")
    assert (level.on_hand, level.reserved, level.held, level.available) == (10, 0, 4, 6)
    assert sold(item("MUG")) == 6
    with pytest.raises(InsufficientStockError, match="MUG: 7 wanted, 6 available"):
        place(("MUG", 7))


def test_a_confirmed_draft_is_placed_with_the_stock_it_held_and_at_its_prices(place, desk, stock, shop):
    draft = place(("MUG", 10), draft=True)
    with shop.write() as conn:
        conn.execute(text("UPDATE product_price SET price = 1"))
    placed = desk.confirm(draft.number)
    assert (placed.status, placed.next, placed.total) == ("placed", "pay", Money(9900, "EUR"))
    assert (stock("MUG").held, stock("MUG").reserved, stock("MUG").available) == (0, 10, 0)
    assert desk.confirm(draft.number) == placed


def test_a_draft_that_was_paid_at_the_counter_is_confirmed_as_paid(place, desk):
    draft = place(draft=True)
    assert (placed := desk.confirm(draft.number, paid="card")).payment_status == "paid"
    assert [(paid.kind, paid.method, paid.amount.amount) for paid in placed.payments] == [("capture", "card", 1980)]


def test_when_its_time_is_up_the_stock_is_free_for_all_who_look_though_no_worker_ran(
    place, later, look, sold, item, stock
):
    draft = place(("MUG", 4), draft=True)
    later(days=2, hours=23)
    assert (sold(item("MUG")), look(draft.number).expires_at) == (6, draft.expires_at)
    later(hours=1)
    assert sold(item("MUG")) == 10
    assert (stock("MUG").held, stock("MUG").available) == (0, 10)
    assert (look(draft.number).status, look(draft.number).expires_at) == ("draft", None)
    assert place(("MUG", 10)).status == "placed"
    assert sold(item("MUG")) == 0


def test_a_low_product_is_low_no_more_when_what_was_held_is_free_again(place, later, shop, item):
    place(("MUG", 4), draft=True)
    mug = item("MUG")
    with shop.write() as conn:
        inventory.set_shelf(conn, mug, reorder_point=6)

    def low():
        with shop.read() as conn:
            return [row.sku for row in catalogue.page(conn, ProductFilter(), low=True)]

    assert low() == ["MUG"]
    later(days=3)
    assert low() == []


def test_a_draft_whose_time_is_up_is_confirmed_if_the_stock_is_still_there(place, desk, later, stock):
    draft = place(("MUG", 4), draft=True)
    later(days=3)
    assert desk.confirm(draft.number).status == "placed"
    assert (stock("MUG").held, stock("MUG").reserved) == (0, 4)


def test_a_draft_whose_time_is_up_is_refused_if_others_have_its_stock(place, desk, later, look, stock):
    draft = place(("MUG", 4), draft=True)
    later(days=3)
    place(("MUG", 7))
    with pytest.raises(InsufficientStockError, match="MUG: 4 wanted, 3 available"):
        desk.confirm(draft.number)
    assert (look(draft.number).status, stock("MUG").available) == ("draft", 3)


def test_a_sweep_writes_that_a_draft_holds_nothing_any_more(place, shop, later, look, why):
    draft = place(("MUG", 4), draft=True)
    assert tasks.expire(shop) == 0
    later(days=3)
    assert tasks.expire(shop) == 1
    assert tasks.expire(shop) == 0
    found = look(draft.number)
    assert (found.status, found.timeline[-1].summary) == ("draft", "The draft's time is up: 4 units free again")
    assert why(draft.number) == [f"shopctl order confirm {draft.number}"]


def test_where_drafts_do_not_expire_their_stock_is_held_for_good(place, later, stock, monkeypatch, home):
    monkeypatch.setenv("SHOPCTL_ORDERS__DRAFT_EXPIRY", "off")
    place(("MUG", 1))
    with Shop(home) as patient, patient.write() as conn:
        draft = orders.place(conn, OrderDraft(lines=(LineDraft("MUG", 3),), draft=True))
    assert draft.expires_at is None
    later(days=10_000)
    assert stock("MUG").held == 3


def test_an_edited_draft_holds_what_it_has_now(place, desk, stock):
    draft = place(("MUG", 4), ("CAP", 1), draft=True)
    edited = desk.edit(draft.number, OrderEdit(lines=(LineDraft("MUG", 6), LineDraft("CAP", 0))))
    assert (edited.total, stock("MUG").held, stock("CAP").held) == (Money(5940, "EUR"), 6, 0)
    desk.edit(draft.number, OrderEdit(lines=(LineDraft("MUG", 1),)))
    assert (stock("MUG").held, stock("MUG").available) == (1, 9)
    assert desk.confirm(draft.number).lines[0].reserved == 1


def test_a_lapsed_draft_that_grows_is_confirmed_whole(place, desk, later, stock):
    draft = place(("MUG", 4), draft=True)
    later(days=3)
    desk.edit(draft.number, OrderEdit(lines=(LineDraft("MUG", 6),)))
    desk.confirm(draft.number)
    assert (stock("MUG").held, stock("MUG").reserved) == (0, 6)


def test_a_cancelled_draft_gives_its_stock_back_and_is_never_placed(place, desk, stock):
    draft = place(("MUG", 4), draft=True)
    assert desk.cancel(draft.number, {"MUG": 1}).status == "draft"
    assert stock("MUG").held == 3
    assert desk.cancel(draft.number).status == "cancelled"
    assert (stock("MUG").held, stock("MUG").available) == (0, 10)
    with pytest.raises(RefusedError, match="is cancelled; only a draft is confirmed"):
        desk.confirm(draft.number)


def test_a_draft_of_which_units_were_cancelled_is_confirmed_without_them(place, desk, stock):
    draft = place(("MUG", 4), ("CAP", 1), draft=True)
    desk.cancel(draft.number, {"MUG": 1, "CAP": 1})
    placed = desk.confirm(draft.number, paid="card")
    assert (placed.status, stock("MUG").reserved, stock("CAP").reserved) == ("placed", 3, 0)
    assert (placed.due.amount, placed.paid.amount, placed.owed.amount) == (0, 2970, 0)


def test_a_draft_takes_no_payment_and_its_goods_do_not_move(place, desk, why):
    draft = place(draft=True)
    for step in (desk.pay, desk.pack, desk.ship):
        with pytest.raises(RefusedError, match="is a draft") as refused:
            step(draft.number)
        assert f"shopctl order confirm {draft.number}" in refused.value.hint
    assert why(draft.number) == [f"shopctl order confirm {draft.number}"]


def test_a_draft_is_neither_paid_nor_a_fact(place):
    for fields in ({"paid": "card"}, {"external_number": "M-1"}):
        with pytest.raises(BadValueError, match="A draft is neither paid nor made elsewhere"):
            place(draft=True, **fields)


def test_what_a_lapsed_draft_held_goes_to_the_orders_that_are_short_and_they_learn_of_it(
    place, sold_elsewhere, desk, later, look, item, shop
):
    draft = place(("MUG", 4), draft=True)
    short = sold_elsewhere(("MUG", 12), paid="market")
    assert (short.lines[0].reserved, short.lines[0].short, short.next) == (10, 2, "wait_stock")
    desk.adjust(item("MUG"), 5, reason="found in the attic")
    assert look(short.number).lines[0].short == 1
    later(days=3)
    tasks.expire(shop)
    assert look(draft.number).expires_at is None
    assert (look(short.number).lines[0].short, look(short.number).next) == (0, "pick")


def test_units_received_after_a_draft_lapsed_go_to_who_is_short_though_no_worker_ran(
    place, sold_elsewhere, desk, later, look, item
):
    place(("MUG", 4), draft=True)
    short = sold_elsewhere(("MUG", 12), paid="market")
    later(days=3)
    desk.receive(item("MUG"), 2)
    assert (look(short.number).lines[0].short, look(short.number).next) == (0, "pick")
