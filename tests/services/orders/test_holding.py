"""An order on hold is neither picked, packed nor shipped; money and words go on."""

import pytest

from shopctl.errors import BadValueError, RefusedError


def test_nothing_of_an_order_on_hold_moves_until_it_goes_on(place, desk, listed):
    number = place(paid="card").number
    held = desk.hold(number, reason="address looks wrong")
    assert (held.on_hold, held.status, held.next) == (True, "placed", "unhold")
    for step in (lambda: desk.pick([number]), lambda: desk.pack(number), lambda: desk.ship(number)):
        with pytest.raises(RefusedError, match="is on hold") as refused:
            step()
        assert f"shopctl order unhold {number}" in refused.value.hint
    assert (listed(next="unhold"), desk.pick()) == ([number], [])
    assert desk.unhold(number).next == "pick"
    assert desk.ship(number).status == "completed"


def test_a_packed_parcel_does_not_leave_while_its_order_is_on_hold(place, desk):
    number = place(paid="card").number
    desk.pack(number)
    assert desk.hold(number, reason="fraud?").next == "unhold"
    with pytest.raises(RefusedError, match="is on hold"):
        desk.ship(number, parcel="1")
    assert desk.unhold(number).next == "ship"


def test_an_order_on_hold_is_paid_edited_and_cancelled_like_any_other(place, desk, stock):
    number = place().number
    desk.hold(number, reason="fraud?")
    assert desk.pay(number).payment_status == "paid"
    cancelled = desk.cancel(number)
    assert (cancelled.status, cancelled.next, stock("MUG").reserved) == ("cancelled", "refund", 0)
    assert desk.refund(number).next == "none"


def test_holding_again_and_letting_go_again_change_nothing(place, desk):
    number = place().number
    once = desk.hold(number, reason="first")
    assert desk.hold(number, reason="second") == once
    gone_on = desk.unhold(number)
    assert desk.unhold(number) == gone_on
    assert [step.summary for step in gone_on.timeline[1:]] == ["On hold: first", "Goes on"]


def test_a_hold_has_a_reason_and_something_to_hold(place, desk):
    number = place(paid="card").number
    with pytest.raises(BadValueError, match="reason"):
        desk.hold(number, reason=" ")
    desk.ship(number)
    with pytest.raises(RefusedError, match="is completed; there is nothing to hold"):
        desk.hold(number, reason="late")
    with pytest.raises(RefusedError, match="is draft; there is nothing to hold"):
        desk.hold(place(("CAP", 1), draft=True).number, reason="x")


def test_a_note_stands_on_the_timeline_of_any_order(place, desk, shop):
    number = place().number
    desk.cancel(number)
    shop.actor = "carol"
    noted = desk.note(number, "wants it before Friday")
    assert (noted.timeline[-1].summary, noted.timeline[-1].actor) == ("Note: wants it before Friday", "carol")
    with pytest.raises(BadValueError):
        desk.note(number, "")
