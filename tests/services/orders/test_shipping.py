"""Parcels leave, arrive, are lost or come back. Stock is deducted at shipment, and unship is its exact inverse."""

import pytest

from shopctl.errors import BadValueError, ConflictError, NotFoundError, RefusedError
from shopctl.services import inventory
from shopctl.services.orders import Discount


def test_stock_is_deducted_when_the_parcel_leaves_and_not_before(place, desk, stock):
    number = place(("MUG", 3), paid="card").number
    desk.pack(number)
    assert stock("MUG").on_hand == 10
    shipped = desk.ship(number, carrier="DHL", tracking="0034")
    level = stock("MUG")
    assert (level.on_hand, level.reserved, level.packed, level.available) == (7, 0, 0, 7)
    assert (shipped.status, shipped.fulfilment_status, shipped.next) == ("completed", "shipped", "none")
    (parcel,) = shipped.shipments
    assert (parcel.number, parcel.status, parcel.carrier, parcel.tracking) == ("1001-1", "shipped", "DHL", "0034")
    assert parcel.link == "https://www.dhl.com/global-en/home/tracking.html?tracking-id=0034"


def test_an_order_leaves_in_as_many_parcels_as_it_takes(place, desk):
    number = place(("MUG", 3), ("CAP", 2), paid="card").number
    first = desk.ship(number, {"MUG": 2, "CAP": 1})
    assert (first.fulfilment_status, first.status, first.next) == ("partially_shipped", "placed", "pick")
    assert desk.ship(number, {"CAP": 1}).next == "pick"
    last = desk.ship(number)
    assert (last.fulfilment_status, last.status) == ("shipped", "completed")
    assert [{unit.sku: unit.quantity for unit in parcel.lines} for parcel in last.shipments] == [
        {"MUG": 2, "CAP": 1},
        {"CAP": 1},
        {"MUG": 1},
    ]
    assert [(line.shipped, line.reserved) for line in last.lines] == [(3, 0), (2, 0)]
    with pytest.raises(RefusedError, match="nothing on the shelf"):
        desk.ship(number)


def test_no_unit_leaves_twice(place, desk, stock):
    number = place(("MUG", 3), paid="card").number
    desk.ship(number, {"MUG": 2})
    with pytest.raises(RefusedError, match="Only 1 of MUG can be packed, not 2"):
        desk.ship(number, {"MUG": 2})
    assert stock("MUG").on_hand == 8


def test_what_is_packed_leaves_first_and_what_is_named_from_the_shelf(place, desk):
    number = place(("MUG", 3), ("CAP", 1), paid="card").number
    desk.pack(number, {"MUG": 1})
    assert [line.shipped for line in desk.ship(number, {"CAP": 1}).lines] == [0, 1]
    assert [line.shipped for line in desk.ship(number).lines] == [1, 1]
    assert [line.shipped for line in desk.ship(number).lines] == [3, 1]


def test_a_parcel_that_is_named_leaves_whole_and_once(place, desk):
    number = place(("MUG", 3), paid="card").number
    desk.pack(number, {"MUG": 1})
    desk.pack(number, {"MUG": 2})
    with pytest.raises(BadValueError, match="A parcel leaves whole"):
        desk.ship(number, {"MUG": 1}, parcel="1001-2")
    assert desk.ship(number, parcel="2").lines[0].shipped == 2
    with pytest.raises(RefusedError, match="1001-2 is shipped already"):
        desk.ship(number, parcel="1001-2")
    with pytest.raises(NotFoundError, match="no parcel 1001-9") as missing:
        desk.ship(number, parcel="1001-9")
    assert missing.value.hint == "It has 1001-1, 1001-2."


def test_a_parcel_that_is_being_picked_may_leave_at_once(place, desk):
    number = place(("MUG", 3), paid="card").number
    desk.pick([number])
    assert desk.ship(number).lines[0].shipped == 3


def test_two_parcels_do_not_share_a_tracking_number(place, desk, stock):
    number = place(("MUG", 3), paid="card").number
    desk.pack(number, {"MUG": 1})
    desk.pack(number)
    with pytest.raises(RefusedError, match="has 2 parcels, and one tracking number") as refused:
        desk.ship(number, tracking="X1")
    assert "1001-1, 1001-2" in refused.value.hint
    assert stock("MUG").on_hand == 10
    assert [parcel.tracking for parcel in desk.ship(number, parcel="1", tracking="X1").shipments] == ["X1", ""]


def test_a_tracking_number_may_come_later(place, desk, listed):
    number = place(paid="card").number
    desk.ship(number)
    tracked = desk.track(number, parcel="1", carrier="UPS", tracking="1Z 999")
    assert (tracked.shipments[0].tracking, tracked.shipments[0].link) == (
        "1Z 999",
        "https://www.ups.com/track?tracknum=1Z%20999",
    )
    assert tracked.timeline[-1].summary == "Tracking of parcel 1001-1: UPS 1Z 999"
    assert desk.track(number, parcel="1", carrier="UPS", tracking="1Z 999") == tracked
    assert listed(query="1z999") == [number]


def test_a_link_is_a_web_address(place, desk):
    number = place(paid="card").number
    for link in ("javascript:alert(1)", "file:///etc/passwd", "dhl.com"):
        with pytest.raises(BadValueError, match="no web address"):
            desk.ship(number, link=link)
    assert desk.ship(number, link="https://track.example/1").shipments[0].link == "https://track.example/1"


def test_unship_is_the_exact_inverse_of_ship(place, desk, stock):
    number = place(("MUG", 2), ("MUG", 1), ("CAP", 1), paid="card").number
    packed = desk.pack(number, {"MUG": 3})
    before = stock("MUG"), packed.lines, packed.next, packed.status, packed.fulfilment_status
    desk.ship(number)
    assert stock("MUG").on_hand == 7
    back = desk.unship(number, reason="the courier did not come")
    assert (stock("MUG"), back.lines, back.next, back.status, back.fulfilment_status) == before
    assert back.timeline[-1].summary == "Not shipped after all: parcel 1001-1, 3 units: the courier did not come"
    assert desk.ship(number).lines[0].shipped == 2


def test_unship_takes_back_the_parcel_that_left_last_or_the_one_that_is_named(place, desk, later):
    number = place(("MUG", 2), ("CAP", 2), paid="card").number
    desk.ship(number, {"MUG": 2})
    later(hours=1)
    desk.ship(number, {"CAP": 2})
    assert [line.shipped for line in desk.unship(number, reason="x").lines] == [2, 0]
    desk.ship(number)
    assert [line.shipped for line in desk.unship(number, reason="x", parcel="1001-1").lines] == [0, 2]


def test_a_completed_order_whose_parcel_did_not_leave_is_open_again(place, desk):
    number = place(paid="card").number
    assert desk.ship(number).completed_at is not None
    back = desk.unship(number, reason="still here")
    assert (back.status, back.next, back.completed_at) == ("placed", "ship", None)


def test_a_parcel_of_which_units_came_back_did_leave(place, desk):
    number = place(paid="card").number
    desk.ship(number)
    desk.receive_return(number, {"MUG": 1}, restock=True)
    with pytest.raises(RefusedError, match="units of it were returned or claimed"):
        desk.unship(number, reason="x")


def test_a_parcel_of_which_units_were_claimed_did_leave(place, desk):
    number = place(paid="card").number
    desk.ship(number)
    desk.claim(number, {"MUG": 1}, "damaged")
    with pytest.raises(RefusedError, match="units of it were returned or claimed"):
        desk.unship(number, reason="x")


def test_taking_a_shipment_back_has_a_reason_and_a_shipment(place, desk):
    number = place(paid="card").number
    with pytest.raises(BadValueError, match="reason"):
        desk.unship(number, reason="")
    with pytest.raises(RefusedError, match="no parcel on its way"):
        desk.unship(number, reason="x")


def test_an_order_is_delivered_when_all_its_parcels_are(place, desk):
    number = place(("MUG", 2), paid="card").number
    desk.ship(number, {"MUG": 1})
    desk.deliver(number)
    assert desk.get(number).fulfilment_status == "partially_shipped"
    desk.ship(number)
    assert desk.get(number).fulfilment_status == "shipped"
    assert desk.deliver(number, parcel="1001-2").fulfilment_status == "delivered"
    with pytest.raises(RefusedError, match="no parcel on its way"):
        desk.deliver(number)
    with pytest.raises(RefusedError, match="1001-1 is delivered"):
        desk.deliver(number, parcel="1")


def test_a_lost_parcel_is_not_delivered_and_costs_nothing_by_itself(place, desk, stock):
    number = place(("MUG", 2), paid="card").number
    desk.ship(number)
    lost = desk.lose(number, parcel="1", reason="the carrier says so")
    assert (lost.shipments[0].status, lost.fulfilment_status, lost.owed.amount) == ("lost", "shipped", 0)
    assert stock("MUG").on_hand == 8
    with pytest.raises(RefusedError, match="1001-1 is lost"):
        desk.deliver(number, parcel="1")
    claimed = desk.claim(number, {"MUG": 2}, "lost", replace=True)
    assert (claimed.claims[0].kind, desk.get(claimed.claims[0].replacement).total.amount) == ("lost", 0)


@pytest.mark.parametrize(("restock", "on_hand"), [(True, 10), (False, 8), (None, 8)])
def test_a_parcel_that_comes_back_unopened_is_a_return_of_all_in_it(place, desk, stock, restock, on_hand):
    number = place(("MUG", 2), ("CAP", 1), paid="card").number
    desk.ship(number, {"MUG": 2})
    back = desk.send_back(number, parcel="1", restock=restock, reason="not known at this address")
    assert (back.shipments[0].status, back.return_status, back.owed.amount) == (
        "returned_to_sender",
        "returned",
        1980,
    )
    assert stock("MUG").on_hand == on_hand
    line = back.lines[0]
    assert (line.returned, line.restocked, line.written_off) == (2, 2 * (restock is True), 2 * (restock is False))
    with pytest.raises(RefusedError, match="1001-1 is returned to sender"):
        desk.send_back(number, parcel="1")


def test_what_was_returned_by_the_customer_does_not_come_back_with_the_parcel(place, desk):
    number = place(("MUG", 2), paid="card").number
    desk.ship(number)
    desk.receive_return(number, {"MUG": 1}, restock=True)
    with pytest.raises(RefusedError, match="Fewer units of order 1001 were shipped"):
        desk.send_back(number, parcel="1", restock=True)


@pytest.mark.parametrize(("verb", "options"), [("ship", {"tracking": "X"}), ("deliver", {})], ids=["ship", "deliver"])
def test_a_repeated_key_ships_or_delivers_once(verb, options, place, desk, stock):
    number = place(("MUG", 4), paid="card").number
    if verb == "deliver":
        desk.ship(number)
    step = getattr(desk, verb)
    arguments = ({"MUG": 1},) if verb == "ship" else ()
    once = step(number, *arguments, **options, key="k")
    on_hand = stock("MUG").on_hand
    assert step(number, *arguments, **options, key="k") == once
    assert stock("MUG").on_hand == on_hand
    with pytest.raises(ConflictError):
        step(number, *arguments, **(options | {"parcel": "1"}), key="k")


def test_goods_may_leave_before_they_are_paid_and_the_order_waits_for_its_money(place, desk, why):
    number = place().number
    shipped = desk.ship(number)
    assert (shipped.status, shipped.payment_status, shipped.next) == ("placed", "unpaid", "pay")
    assert why(number)[0] == f"shopctl order pay {number}"
    assert desk.pay(number).status == "completed"


def test_a_cancelled_order_ships_nothing(place, desk):
    number = place(paid="card").number
    desk.cancel(number)
    for step in (desk.pack, desk.ship):
        with pytest.raises(RefusedError, match="is cancelled"):
            step(number)


def test_an_order_of_total_zero_is_shipped_and_done(place, desk):
    number = place(("MUG", 2), discount=Discount(rate=100_000)).number
    assert desk.ship(number).status == "completed"


def test_an_order_leaves_from_the_location_that_has_it_and_returns_go_back_there(shop, place, desk, item, stock):
    place(("CAP", 1), paid="card")
    mug = item("MUG")
    with shop.write() as conn:
        inventory.add_location(conn, "warehouse")
        inventory.receive(conn, mug, 50, location="warehouse")
    number = place(("MUG", 20), paid="card").number
    desk.ship(number, {"MUG": 15})
    assert (stock("MUG", "warehouse").on_hand, stock("MUG", "main").on_hand) == (35, 10)
    desk.receive_return(number, {"MUG": 1}, restock=True)
    assert (stock("MUG", "warehouse").on_hand, stock("MUG", "warehouse").reserved) == (36, 5)
