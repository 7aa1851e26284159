"""Picking and packing: fetched from their bins for many orders at once, off the shelf once they are in a parcel."""

import pytest

from shopctl.errors import ConflictError, NotFoundError, RefusedError
from shopctl.services import inventory


def holds(order):
    return [
        (parcel.number, parcel.status, {line.sku: line.quantity for line in parcel.lines}) for parcel in order.shipments
    ]


def fetched(rows):
    return [(row.bin, row.sku, row.quantity, [(part.number, part.quantity) for part in row.orders]) for row in rows]


@pytest.fixture
def shelved(shop, place, item):
    """CAP lies in A1, MUG in B7."""
    shelves = {"MUG": "B7", "CAP": "A1"}
    with_items = {item(sku): bin for sku, bin in shelves.items()}
    with shop.write() as conn:
        for found, bin in with_items.items():
            inventory.set_shelf(conn, found, bin=bin)


@pytest.mark.usefixtures("shelved")
def test_the_pick_list_walks_the_bins_once_for_all_orders_that_are_ready(place, desk, sold_elsewhere):
    place(("MUG", 2), ("CAP", 1), paid="card")
    place(("MUG", 1), ("MUG", 2), paid="card")
    place(("MUG", 1))
    desk.hold(place(("MUG", 1), paid="card").number, reason="fraud?")
    sold_elsewhere(("CAP", 99), paid="market")
    assert fetched(desk.pick()) == [("A1", "CAP", 1, [("1001", 1)]), ("B7", "MUG", 5, [("1001", 2), ("1002", 3)])]


@pytest.mark.usefixtures("shelved")
def test_a_list_that_was_lost_is_printed_anew_and_nobody_fetches_twice(place, desk):
    number = place(("MUG", 2), paid="card").number
    first = desk.pick([number])
    assert desk.pick([number]) == first
    assert desk.pick() == first
    assert holds(desk.get(number)) == [("1001-1", "pending", {"MUG": 2})]
    assert desk.get(number).next == "pack"


def test_picking_takes_nothing_off_the_shelf_and_packing_does(place, desk, stock):
    number = place(("MUG", 2), paid="card").number
    desk.pick([number])
    assert (stock("MUG").packed, stock("MUG").reserved) == (0, 2)
    packed = desk.pack(number)
    assert (packed.next, packed.lines[0].packed) == ("ship", 2)
    level = stock("MUG")
    assert (level.on_hand, level.packed, level.reserved, level.available) == (10, 2, 2, 8)


def test_without_a_list_all_that_is_there_is_packed_or_what_is_named(place, desk):
    number = place(("MUG", 3), ("CAP", 1), paid="card").number
    desk.pack(number, {"MUG": 2})
    assert holds(desk.get(number)) == [("1001-1", "packed", {"MUG": 2})]
    assert holds(desk.pack(number))[1] == ("1001-2", "packed", {"MUG": 1, "CAP": 1})
    with pytest.raises(RefusedError, match="nothing on the shelf that can be packed") as refused:
        desk.pack(number)
    assert f"shopctl order why {number}" in refused.value.hint


def test_other_units_than_were_listed_may_be_packed_and_the_rest_is_picked_again(place, desk):
    number = place(("MUG", 3), ("CAP", 1), paid="card").number
    desk.pick([number])
    assert [held[1:] for held in holds(desk.pack(number, {"MUG": 1}))] == [("packed", {"MUG": 1})]
    assert [(row.sku, row.quantity) for row in desk.pick([number])] == [("CAP", 1), ("MUG", 2)]


def test_more_than_is_reserved_is_not_packed(place, desk, sold_elsewhere):
    number = place(("MUG", 8), paid="card").number
    with pytest.raises(RefusedError, match="Only 8 of MUG can be packed, not 9"):
        desk.pack(number, {"MUG": 9})
    short = sold_elsewhere(("MUG", 5), paid="market").number
    with pytest.raises(RefusedError, match="Only 2 of MUG can be packed, not 3"):
        desk.pack(short, {"MUG": 3})
    assert desk.pack(short).lines[0].packed == 2


def test_lines_of_one_product_are_packed_together_or_by_their_number(place, desk):
    number = place(("MUG", 1), ("MUG", 2), paid="card").number
    assert [line.packed for line in desk.pack(number, {"#2": 1}).lines] == [0, 1]
    assert [line.packed for line in desk.pack(number, {"mug": 2}).lines] == [1, 2]
    with pytest.raises(NotFoundError, match="no line #3"):
        desk.pack(number, {"#3": 1})


def test_an_opened_parcel_puts_its_units_back_and_they_stay_reserved(place, desk, stock):
    number = place(("MUG", 2), ("CAP", 1), paid="card").number
    before = stock("MUG")
    desk.pack(number, {"MUG": 2})
    desk.pack(number, {"CAP": 1})
    opened = desk.unpack(number, parcel="1001-1")
    assert holds(opened) == [("1001-2", "packed", {"CAP": 1})]
    assert stock("MUG") == before
    assert holds(desk.unpack(number)) == []
    with pytest.raises(RefusedError, match="has no packed parcel"):
        desk.unpack(number)
    assert holds(desk.pack(number)) == [("1001-3", "packed", {"MUG": 2, "CAP": 1})]


def test_a_parcel_that_was_opened_is_known_no_more(place, desk):
    number = place(paid="card").number
    desk.pack(number)
    desk.unpack(number)
    with pytest.raises(NotFoundError, match="has no parcel 1001-1"):
        desk.ship(number, parcel="1001-1")


def test_a_repeated_key_packs_once(place, desk):
    number = place(("MUG", 4), paid="card").number
    once = desk.pack(number, {"MUG": 1}, key="k")
    assert desk.pack(number, {"MUG": 1}, key="k") == once
    with pytest.raises(ConflictError):
        desk.pack(number, {"MUG": 2}, key="k")
    assert desk.get(number).lines[0].packed == 1


def test_what_went_short_while_it_was_fetched_is_fetched_no_more(place, desk, item):
    number = place(("MUG", 4), ("CAP", 1), paid="card").number
    desk.pick([number])
    desk.adjust(item("MUG"), -7, reason="the shelf was empty")
    order = desk.get(number)
    assert (order.lines[0].reserved, order.lines[0].short, order.shipments, order.next) == (3, 1, [], "wait_stock")


def test_units_in_a_parcel_do_not_go_short(place, desk, item):
    packed = place(("MUG", 6), paid="card").number
    desk.pack(packed)
    older_on_paper = place(("MUG", 4), paid="card").number
    desk.adjust(item("MUG"), -4, reason="water")
    assert (desk.get(packed).lines[0].short, desk.get(older_on_paper).lines[0].short) == (0, 4)
    with pytest.raises(RefusedError, match="packed or unsellable") as refused:
        desk.adjust(item("MUG"), -1, reason="water")
    assert "shopctl order unpack" in refused.value.hint


def test_an_unpaid_order_may_be_packed_and_asks_for_its_money_first(place, desk):
    number = place().number
    assert desk.pack(number).next == "pay"
    assert desk.pay(number).next == "ship"
