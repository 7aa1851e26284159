"""Who gets the next units, and who goes without: facts are never refused, the oldest short order is served first."""

import pytest

from shopctl.errors import ConflictError, RefusedError
from shopctl.services import inventory, orders, products
from shopctl.services.inventory import InsufficientStockError


@pytest.fixture
def shorts(look):
    """How many units of each line are short: ``shorts("1001") == [2]``."""
    return lambda number: [line.short for line in look(number).lines]


def test_a_sale_made_elsewhere_is_recorded_and_what_the_stock_lacks_is_short(sold_elsewhere, stock):
    sale = sold_elsewhere(("MUG", 12), ("CAP", 1), paid="market")
    assert [(line.reserved, line.short) for line in sale.lines] == [(10, 2), (1, 0)]
    assert (sale.status, sale.next, sale.payment_status) == ("placed", "wait_stock", "paid")
    assert (stock("MUG").reserved, stock("MUG").available) == (10, 0)
    assert sale.timeline[0].summary == "Placed: 11 units reserved, 2 short, total 138.80 EUR"


def test_an_order_placed_here_is_refused_instead(sold_elsewhere, place):
    sold_elsewhere(("MUG", 12))
    with pytest.raises(InsufficientStockError, match="MUG: 1 wanted, 0 available"):
        place(("MUG", 1))


def test_a_fact_takes_what_drafts_hold_and_not_what_orders_have(place, sold_elsewhere, stock):
    place(("MUG", 3), paid="card")
    draft = place(("MUG", 5), draft=True)
    assert [line.short for line in sold_elsewhere(("MUG", 8)).lines] == [1]
    assert (stock("MUG").reserved, stock("MUG").held, stock("MUG").available) == (10, 5, -5)
    assert draft.status == "draft"


def test_two_lines_of_one_product_in_a_fact_share_what_there_is(sold_elsewhere):
    sale = sold_elsewhere(("MUG", 6), ("MUG", 6))
    assert [(line.reserved, line.short) for line in sale.lines] == [(6, 0), (4, 2)]


def test_a_fact_of_what_was_never_in_stock_is_short_altogether(sold_elsewhere, add):
    add("NEW")
    sale = sold_elsewhere(("NEW", 3), paid="market")
    assert ([line.short for line in sale.lines], sale.next) == ([3], "wait_stock")


def test_the_next_units_go_to_the_oldest_short_order_and_it_says_so(sold_elsewhere, desk, item, shorts, look):
    first = sold_elsewhere(("MUG", 12), paid="market").number
    second = sold_elsewhere(("MUG", 3), paid="market").number
    desk.receive(item("MUG"), 1)
    assert (shorts(first), shorts(second)) == ([1], [3])
    desk.receive(item("MUG"), 2)
    assert (shorts(first), shorts(second)) == ([0], [2])
    assert (look(first).next, look(second).next) == ("pick", "wait_stock")
    assert [step.summary for step in look(first).timeline if step.type == "StockAllocated"] == [
        "1 unit arrived and reserved"
    ] * 2
    desk.receive(item("MUG"), 10)
    assert (shorts(second), look(second).next) == ([0], "pick")


def test_receiving_tells_which_orders_it_served(sold_elsewhere, item, shop):
    first = sold_elsewhere(("MUG", 12)).number
    second = sold_elsewhere(("MUG", 3)).number
    mug = item("MUG")
    with shop.write() as conn:
        level = orders.receive(conn, mug, 4)
        assert orders.served(conn) == {first: 2, second: 2}
    assert (level.on_hand, level.reserved, level.available) == (14, 14, 0)


def test_units_found_in_a_count_serve_like_units_received(sold_elsewhere, desk, item, shorts):
    first = sold_elsewhere(("MUG", 12)).number
    desk.adjust(item("MUG"), 5, reason="found")
    assert shorts(first) == [0]


def test_when_units_are_gone_the_newest_orders_go_short_and_drafts_and_free_stock_first(
    place, desk, item, shorts, look, stock
):
    old, new = place(("MUG", 4), paid="card").number, place(("MUG", 3), paid="card").number
    place(("MUG", 2), draft=True)
    desk.adjust(item("MUG"), -3, reason="count")
    assert (shorts(old), shorts(new), stock("MUG").available) == ([0], [0], -2)
    desk.adjust(item("MUG"), -1, reason="count")
    assert (shorts(old), shorts(new)) == ([0], [1])
    desk.adjust(item("MUG"), -3, reason="count")
    assert (shorts(old), shorts(new)) == ([1], [3])
    assert look(new).next == "wait_stock"
    assert look(new).timeline[-1].summary == "2 units not there any more, now short"


def test_what_went_short_is_served_again_in_the_order_in_which_it_was_ordered(place, desk, item, shorts):
    old, new = place(("MUG", 4), paid="card").number, place(("MUG", 6), paid="card").number
    desk.adjust(item("MUG"), -8, reason="count")
    assert (shorts(old), shorts(new)) == ([2], [6])
    desk.receive(item("MUG"), 3)
    assert (shorts(old), shorts(new)) == ([0], [5])


def test_no_more_is_gone_than_there_was(place, desk, item):
    place(("MUG", 4), paid="card")
    with pytest.raises(RefusedError, match="cannot change by -11"):
        desk.adjust(item("MUG"), -11, reason="count")


def test_a_short_order_leaves_in_part_and_the_rest_when_it_is_there(sold_elsewhere, desk, item, look):
    number = sold_elsewhere(("MUG", 12), paid="market").number
    assert desk.ship(number).fulfilment_status == "partially_shipped"
    assert look(number).next == "wait_stock"
    desk.receive(item("MUG"), 5)
    done = desk.ship(number)
    assert (done.status, done.lines[0].shipped) == ("completed", 12)


def test_units_at_another_location_do_not_serve_what_is_short_here(sold_elsewhere, desk, item, shorts, shop):
    number = sold_elsewhere(("MUG", 12)).number
    with shop.write() as conn:
        inventory.add_location(conn, "attic")
    desk.receive(item("MUG"), 5, location="attic")
    assert shorts(number) == [2]


def test_a_repeated_delivery_is_received_once(sold_elsewhere, desk, item, shorts):
    number = sold_elsewhere(("MUG", 13)).number
    once = desk.receive(item("MUG"), 2, key="k")
    assert desk.receive(item("MUG"), 2, key="k") == once
    with pytest.raises(ConflictError):
        desk.receive(item("MUG"), 3, key="k")
    assert shorts(number) == [1]


def test_an_order_of_a_channel_is_known_by_its_number_there(place, listed, look):
    number = place(channel="market", external_number="206-1234567-1", customer="17850").number
    assert listed(query="206-1234567-1") == listed(channel="market") == [number]
    assert (look(number).channel, look(number).external_number) == ("market", "206-1234567-1")


def test_a_fact_takes_what_is_archived_and_a_new_order_does_not(sold_elsewhere, place, shop):
    place(("CAP", 1))
    with shop.write() as conn:
        products.set_status(conn, ["MUG"], "archived")
    assert sold_elsewhere(("MUG", 1)).status == "placed"
    with pytest.raises(RefusedError):
        place(("MUG", 1))


def test_a_dry_run_of_a_delivery_shows_whom_it_would_serve_and_serves_nobody(sold_elsewhere, item, shorts, shop):
    number = sold_elsewhere(("MUG", 12)).number
    mug = item("MUG")
    with shop.write(dry_run=True) as conn:
        orders.receive(conn, mug, 2)
        assert orders.served(conn) == {number: 2}
    assert shorts(number) == [2]
