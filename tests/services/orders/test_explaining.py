"""`order why`: what an order waits for, and the command that clears it. Each command is tried: it does clear it."""

import shlex

import pytest

from shopctl.services import orders


@pytest.fixture
def reasons(shop):
    def read(number):
        with shop.read() as conn:
            return orders.why(conn, number)

    return read


def test_an_unpaid_order_waits_for_its_money(place, reasons):
    placed = place()
    found = reasons(placed.number)
    assert (found.number, found.status, found.next) == ("1001", "placed", "pay")
    assert (found.reasons[0].what, found.reasons[0].command) == ("19.80 EUR are to be paid.", "shopctl order pay 1001")


def test_a_hold_says_why(place, desk, reasons):
    number = place(paid="card").number
    desk.hold(number, reason="address looks wrong")
    assert reasons(number).reasons[0].what == "It is on hold (address looks wrong)."


def test_what_is_owed_comes_first(place, desk, reasons):
    number = place(("MUG", 3), paid="card").number
    desk.cancel(number, {"MUG": 1})
    found = reasons(number)
    assert (found.next, found.reasons[0].what) == ("refund", "9.90 EUR are owed to the customer.")


def test_a_refunded_order_that_was_not_cancelled_says_that(place, desk, reasons):
    number = place(paid="card").number
    desk.refund(number, amount=desk.get(number).total)
    found = reasons(number)
    assert (found.next, found.reasons[0].command) == ("pay", "shopctl order cancel 1001")


def test_an_order_that_is_done_waits_for_nothing(place, desk, reasons):
    number = place(paid="card").number
    desk.ship(number)
    desk.deliver(number)
    found = reasons(number)
    assert (found.status, found.next, [reason.command for reason in found.reasons]) == ("completed", "none", [""])


def test_each_command_clears_what_it_stands_beside(place, sold_elsewhere, add, desk, reasons, shopctl):
    """From any state, doing what `why` says brings every order to its end."""
    place(("MUG", 2), draft=True)
    desk.hold(place(("MUG", 1)).number, reason="fraud?")
    desk.pick([place(("MUG", 1), paid="card").number])
    desk.pack(place(("MUG", 1), paid="card").number)
    desk.authorize(place(("CAP", 1)).number, method="card")
    add("HAT", stock=1)
    sold_elsewhere(("HAT", 3))
    cancelled = place(("CAP", 1), paid="card").number
    desk.cancel(cancelled)
    returned = place(("CAP", 2), paid="card").number
    desk.ship(returned)
    desk.receive_return(returned, {"CAP": 1})
    desk.request_return(returned, {"CAP": 1})
    over = place(("CAP", 1), paid="card").number
    desk.pay(over, amount=desk.get(over).total)
    numbers = [str(number) for number in range(1001, 1010)]
    for number in numbers:
        seen = []
        while command := next((r.command for r in reasons(number).reasons if r.command), ""):
            assert [command] != seen[-1:]
            assert len(seen) < 12
            seen.append(command)
            done = shopctl(*shlex.split(command)[1:])
            assert done.status == 0, (number, command, done.err)
    ended = {number: (desk.get(number).status, desk.get(number).next) for number in numbers}
    assert ended == {number: ("cancelled" if number == cancelled else "completed", "none") for number in numbers}
