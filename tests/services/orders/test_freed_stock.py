"""Stock that becomes free reaches whoever waits for it, however it became free. Found by the state machine's checks."""

from shopctl.services import inventory
from shopctl.services.orders import LineDraft, OrderDraft, OrderEdit


def test_a_draft_that_grows_takes_what_an_expired_draft_still_holds(place, desk, later, stock):
    place(("CAP", 3), draft=True)
    later(hours=70)
    growing = place(("CAP", 2), draft=True).number
    later(hours=3)
    desk.edit(growing, OrderEdit(lines=(LineDraft("CAP", 5),)))
    assert (stock("CAP").held, stock("CAP").available) == (5, 0)


def test_what_a_draft_no_longer_holds_when_another_place_serves_it_goes_to_who_is_short(
    shop, add, desk, later, look, item
):
    add("CAP", price=2000, stock=5)
    with shop.write() as conn:
        inventory.add_location(conn, "attic")
    draft = desk.place(OrderDraft(lines=(LineDraft("CAP", 4),), draft=True)).number
    later(days=4)
    desk.lapse()
    desk.edit(draft, OrderEdit(lines=(LineDraft("CAP", 5),)))  # it holds one CAP anew, four have lapsed
    short = desk.place(
        OrderDraft(lines=(LineDraft("CAP", 6),), channel="market", external_number="M-1")
    ).number  # a fact takes the held one, too
    desk.receive(item("CAP"), 1)
    desk.receive(item("CAP"), 9, location="attic")
    assert look(short).lines[0].short == 1
    confirmed = desk.confirm(draft)
    assert (confirmed.lines[0].reserved, confirmed.next) == (5, "pay")
    assert (look(short).lines[0].short, look(short).next) == (0, "pay")
