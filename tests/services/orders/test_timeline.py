"""Every change of an order stands on its timeline: when, who, and how it was before and after."""

import pytest

from shopctl.money import Money
from shopctl.services.orders import Address, Discount, LineDraft, OrderEdit

HOME = Address(name="Ada", line1="1 Mill Lane", postcode="75005", city="Paris", country="FR")
AWAY = Address(name="Ada", line1="2 Harbour", postcode="10115", city="Berlin", country="DE")


def eur(amount):
    return Money(amount, "EUR")


def test_each_step_says_who_did_what_and_when(place, desk, shop, later):
    steps = [
        ("ada", lambda n: desk.pay(n, method="card")),
        ("bob", lambda n: desk.pick([n])),
        ("bob", lambda n: desk.pack(n, {"MUG": 2})),
        ("carol", desk.unpack),
        ("carol", lambda n: desk.ship(n, {"MUG": 2})),
        ("carol", lambda n: desk.unship(n, reason="still here")),
        ("carol", desk.ship),
        ("dave", desk.deliver),
        ("erin", lambda n: desk.cancel(n, {"CAP": 1}, reason="sold out")),
        ("erin", desk.refund),
        ("frank", lambda n: desk.request_return(n, {"MUG": 1}, reason="too small")),
        ("frank", desk.receive_return),
        ("frank", lambda n: desk.inspect_return(n, restock=False)),
        ("grace", lambda n: desk.claim(n, {"MUG": 1}, "damaged")),
        ("grace", lambda n: desk.note(n, "called")),
    ]
    number = place(("MUG", 2), ("CAP", 1)).number
    for actor, step in steps:
        later(minutes=1)
        shop.actor = actor
        step(number)
    found = desk.get(number).timeline
    assert [(step.actor, step.summary) for step in found] == [
        ("tester", "Placed: 3 units reserved, total 39.80 EUR"),
        ("ada", "Paid 39.80 EUR by card"),
        ("bob", "Picking 3 units for parcel 1001-1"),
        ("bob", "Packed 2 units in parcel 1001-1"),
        ("carol", "Unpacked parcel 1001-1: 2 units back on the shelf"),
        ("carol", "Packed 2 units in parcel 1001-2"),
        ("carol", "Shipped parcel 1001-2: 2 units"),
        ("carol", "Not shipped after all: parcel 1001-2, 2 units: still here"),
        ("carol", "Shipped parcel 1001-2: 2 units"),
        ("dave", "Delivered parcel 1001-2"),
        ("erin", "Cancelled 1 unit: sold out"),
        ("erin", "Refunded 20.00 EUR by card"),
        ("frank", "Return of 1 unit requested: too small"),
        ("frank", "1 unit came back: to be inspected"),
        ("frank", "Inspected: 1 written off"),
        ("grace", "Claim: 1 unit damaged"),
        ("grace", "Note: called"),
    ]
    moments = [step.at for step in found]
    assert (moments, len(set(moments))) == (sorted(moments), len(steps) + 1)


def test_an_edit_says_how_lines_and_total_were_and_are(place, desk):
    number = place(("MUG", 2), ("CAP", 1)).number
    lines = (LineDraft("MUG", 3, eur(850)), LineDraft("CAP", 0))
    step = desk.edit(number, OrderEdit(lines=lines, shipping=eur(490))).timeline[-1]
    changes = [(change.what, change.before, change.after) for change in step.changes]
    assert changes[:2] == [("MUG", "2 at 9.90", "3 at 8.50"), ("CAP", "1 at 20.00", "")]
    assert changes[-1] == ("total", "39.80", "30.40")


def test_an_edit_of_words_says_how_they_were_and_are(place, desk):
    number = place(customer="ada@example.org", name="Ada", ship_to=HOME).number
    step = desk.edit(number, OrderEdit(email="ada@work.example", name="Ada L.", ship_to=AWAY, bill_to=HOME)).timeline[
        -1
    ]
    assert [(change.what, change.before, change.after) for change in step.changes] == [
        ("email", "ada@example.org", "ada@work.example"),
        ("name", "Ada", "Ada L."),
        ("ship to", "Ada, 1 Mill Lane, 75005 Paris, FR", "Ada, 2 Harbour, 10115 Berlin, DE"),
        ("bill to", "", "Ada, 1 Mill Lane, 75005 Paris, FR"),
    ]


def test_what_did_not_change_is_not_told(place, desk):
    number = place(("MUG", 2), ("CAP", 1), name="Ada", ship_to=HOME).number
    wanted = OrderEdit(lines=(LineDraft("MUG", 2), LineDraft("CAP", 2)), name="Ada", ship_to=HOME)
    changes = desk.edit(number, wanted).timeline[-1].changes
    assert [change.what for change in changes] == ["CAP", "total"]


def test_a_change_of_charges_alone_is_told_by_the_total(place, desk):
    number = place(("MUG", 1)).number
    step = desk.edit(number, OrderEdit(discount=Discount(amount=90))).timeline[-1]
    assert ("total", "9.90", "9.00") in [(change.what, change.before, change.after) for change in step.changes]


def test_what_happened_to_one_order_does_not_stand_with_another(place, desk):
    first, second = place(paid="card").number, place().number
    desk.ship(first)
    assert [step.type for step in desk.get(second).timeline] == ["OrderPlaced"]


@pytest.mark.parametrize("verb", ["pay", "pack", "ship", "cancel"])
def test_a_change_that_is_refused_leaves_nothing_on_the_timeline(place, desk, verb, look):
    number = place(paid="card").number
    desk.ship(number)
    before = look(number).timeline
    with pytest.raises(Exception, match="1001"):
        getattr(desk, verb)(number)
    assert look(number).timeline == before
