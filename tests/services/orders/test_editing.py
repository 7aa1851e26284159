"""Editing an order is one change: lines, prices, addresses and charges, with its stock and its total, or nothing."""

import pytest

from shopctl.errors import BadValueError, ConflictError, NotFoundError, RefusedError
from shopctl.money import Money
from shopctl.services import orders, terms
from shopctl.services.inventory import InsufficientStockError
from shopctl.services.orders import Address, Discount, LineDraft, OrderEdit

HOME = Address(name="Ada", line1="1 Mill Lane", postcode="75005", city="Paris", country="FR")


def eur(amount):
    return Money(amount, "EUR")


@pytest.fixture
def edit(desk):
    """Edit an order: ``edit("1001", ("MUG", 3), ("CAP", 0), shipping=…)``."""

    def run(number, *lines, **fields):
        return desk.edit(number, OrderEdit(lines=tuple(LineDraft(*line) for line in lines), **fields))

    return run


def test_more_of_a_line_is_reserved_and_less_is_released(place, edit, stock):
    number = place(("MUG", 2)).number
    assert edit(number, ("MUG", 5)).total == eur(4950)
    assert (stock("MUG").reserved, stock("MUG").available) == (5, 5)
    assert edit(number, ("mug", 1)).total == eur(990)
    assert (stock("MUG").reserved, stock("MUG").available) == (1, 9)


def test_a_new_line_is_added_at_the_price_of_today_or_the_one_that_is_given(place, edit, stock):
    number = place(("MUG", 2)).number
    assert edit(number, ("CAP", 1)).total == eur(3980)
    assert edit(number, ("CAP", 1, eur(1500))).total == eur(3480)
    assert (stock("CAP").reserved, [line.sku for line in edit(number, ("MUG", 3)).lines]) == (1, ["MUG", "CAP"])


def test_a_line_that_is_taken_off_gives_its_stock_back(place, edit, stock):
    number = place(("MUG", 2), ("CAP", 1)).number
    edited = edit(number, ("CAP", 0))
    assert ([line.sku for line in edited.lines], edited.total) == (["MUG"], eur(1980))
    assert (stock("CAP").reserved, stock("CAP").available) == (0, 5)


def test_what_the_stock_lacks_is_refused_and_nothing_of_the_change_is_kept(place, edit, look, stock):
    before = place(("MUG", 2), ("CAP", 1))
    with pytest.raises(InsufficientStockError, match="CAP: 5 wanted, 4 available"):
        edit(before.number, ("MUG", 8), ("CAP", 6))
    assert look(before.number) == before
    assert (stock("MUG").reserved, stock("CAP").reserved) == (2, 1)


def test_a_line_cannot_have_less_than_was_shipped_or_packed(place, edit, desk):
    number = place(("MUG", 5), paid="card").number
    desk.ship(number, {"MUG": 2})
    desk.pack(number, {"MUG": 1})
    with pytest.raises(RefusedError, match="3 of MUG were shipped or packed already, more than 2"):
        edit(number, ("MUG", 2))
    edited = edit(number, ("MUG", 3))
    assert (edited.lines[0].quantity, edited.lines[0].reserved, edited.owed) == (3, 1, eur(1980))
    desk.ship(number)
    assert desk.get(number).status == "completed"


def test_a_line_that_was_shipped_cannot_be_taken_off(place, edit, desk):
    number = place(("MUG", 1), ("CAP", 1), paid="card").number
    desk.ship(number, {"MUG": 1})
    with pytest.raises(RefusedError, match="1 of MUG were shipped"):
        edit(number, ("MUG", 0))


def test_more_of_what_was_shipped_already_is_shipped_too(place, edit, desk, stock):
    number = place(("MUG", 2), paid="card").number
    assert desk.ship(number).status == "completed"
    edited = edit(number, ("MUG", 3))
    assert (edited.status, edited.next, edited.due) == ("placed", "pay", eur(990))
    desk.pay(number)
    assert desk.ship(number).status == "completed"
    assert (stock("MUG").on_hand, stock("MUG").reserved) == (7, 0)


def test_units_being_fetched_for_a_line_that_shrinks_are_fetched_no_more(place, edit, desk):
    number = place(("MUG", 4), paid="card").number
    desk.pick([number])
    edited = edit(number, ("MUG", 2))
    assert (edited.shipments, edited.owed) == ([], eur(1980))
    assert desk.ship(number).lines[0].shipped == 2


def test_a_parcel_that_is_being_picked_stays_if_its_units_do(place, edit, desk, item):
    number = place(("MUG", 2), ("CAP", 1), paid="card").number
    desk.pick([number])
    edited = edit(number, ("MUG", 4))
    assert [parcel.status for parcel in edited.shipments] == ["pending"]
    desk.pick([number])
    edited = edit(number, ("MUG", 2))
    assert [(p.number, [(u.sku, u.quantity) for u in p.lines]) for p in edited.shipments] == [
        (f"{number}-1", [("MUG", 2), ("CAP", 1)])
    ]


def test_cancelled_units_stay_cancelled_when_their_line_is_edited(place, edit, desk, stock):
    number = place(("MUG", 5)).number
    desk.cancel(number, {"MUG": 2})
    edited = edit(number, ("MUG", 4))
    line = edited.lines[0]
    assert (line.quantity, line.cancelled, line.reserved, stock("MUG").reserved) == (6, 2, 4, 4)
    assert edited.due == eur(3960)


@pytest.mark.parametrize("cancelled", [{}, {"MUG": 1}, {"MUG": 2}])
def test_an_order_of_which_nothing_would_be_left_is_cancelled_and_not_edited(place, edit, desk, look, cancelled):
    number = place(("MUG", 2), ("CAP", 1) if cancelled == {"MUG": 2} else ("MUG", 1)).number
    if cancelled:
        desk.cancel(number, cancelled)
    before = look(number)
    with pytest.raises(RefusedError, match="Nothing of order 1001 would be left") as refused:
        edit(number, *((f"#{line.line}", 0) for line in before.lines if line.cancelled < line.quantity))
    assert f"shopctl order cancel {number}" in refused.value.hint
    assert look(number) == before


def test_of_two_lines_of_a_product_the_one_that_is_meant_is_named_by_its_number(place, edit):
    number = place(("MUG", 1), ("MUG", 2, eur(500))).number
    with pytest.raises(BadValueError, match="Several lines of the order have MUG") as refused:
        edit(number, ("MUG", 3))
    assert "#1 or #2" in refused.value.hint
    assert edit(number, ("#2", 3)).total == eur(990 + 1500)
    with pytest.raises(NotFoundError, match="no line #7"):
        edit(number, ("#7", 1))


def test_two_lines_of_one_product_cannot_grow_over_the_stock_they_share(place, edit, stock):
    number = place(("MUG", 1), ("MUG", 1)).number
    with pytest.raises(InsufficientStockError):
        edit(number, ("#1", 6), ("#2", 5))
    edit(number, ("#1", 6), ("#2", 4))
    assert stock("MUG").available == 0


def test_a_discount_in_percent_follows_the_goods_and_one_in_money_stays(place, edit):
    tenth = place(("MUG", 2), discount=Discount(rate=10_000)).number
    assert (edit(tenth, ("MUG", 4)).discount, edit(tenth, ("MUG", 1)).discount) == (eur(396), eur(99))
    fixed = place(("CAP", 2), discount=Discount(amount=1_500)).number
    assert edit(fixed, ("CAP", 1)).total == eur(500)
    with pytest.raises(RefusedError, match="more than the goods"):
        edit(fixed, ("CAP", 1, eur(1_000)))


def test_charges_are_changed_alone_or_with_lines(place, edit):
    number = place(("MUG", 2)).number
    edited = edit(number, shipping=eur(490), discount=Discount(rate=50_000), tax_rate=20_000)
    assert (edited.discount, edited.shipping, edited.total) == (eur(990), eur(490), eur(1480))
    assert (edited.lines[0].tax_rate, edited.tax) == ("20", eur(165 + 82))


def test_the_code_of_which_an_order_has_no_more_counts_for_another(place, edit, shop):
    with shop.write() as conn:
        terms.add_code(conn, "ONCE", rate=10_000, uses=1)
    number = place(code="ONCE").number
    edited = edit(number, discount=Discount(rate=5_000))
    assert (edited.discount_code, edited.discount) == (None, eur(99))
    assert place(code="ONCE").discount_code == "ONCE"


def test_the_code_of_an_order_stays_and_takes_off_no_more_than_the_goods(place, edit, shop):
    with shop.write() as conn:
        terms.add_code(conn, "FIFTEEN", amount=eur(1_500))
    number = place(("MUG", 2), code="FIFTEEN").number
    edited = edit(number, ("MUG", 1))
    assert (edited.discount_code, edited.discount, edited.total) == ("FIFTEEN", eur(990), eur(0))
    assert edit(number, ("MUG", 2)).total == eur(480)


@pytest.mark.parametrize(("units", "owed", "due", "status"), [(1, 990, 0, "overpaid"), (3, 0, 990, "partially_paid")])
def test_after_payment_the_difference_is_owed_or_due(place, edit, units, owed, due, status):
    number = place(("MUG", 2), paid="card").number
    edited = edit(number, ("MUG", units))
    assert (edited.owed, edited.due, edited.payment_status) == (eur(owed), eur(due), status)
    assert edited.next == ("refund" if owed else "pay")


def test_a_dry_run_shows_the_new_total_and_changes_nothing(place, shop, look):
    before = place(("MUG", 2))
    with shop.write(dry_run=True) as conn:
        edited = orders.edit(conn, before.number, OrderEdit(lines=(LineDraft("MUG", 9),)))
    assert (edited.total, look(before.number)) == (eur(8910), before)


def test_who_and_where_change_and_the_order_is_found_by_them(place, edit, listed):
    number = place(customer="ada@example.org", name="Ada", ship_to=HOME).number
    new = Address(name="Grace", line1="2 Harbour", postcode="10115", city="Berlin", country="DE")
    edited = edit(number, email="grace@example.org", name="Grace Hopper", ship_to=new)
    assert (edited.customer.email, edited.customer.name, edited.ship_to) == ("grace@example.org", "Grace Hopper", new)
    assert [listed(query=words) for words in ("hopper", "berlin", "10115", "grace@example.org")] == [[number]] * 4
    assert [listed(query=words) for words in ("paris", "75005")] == [[], []]
    assert listed(customer="grace@example.org") == [number]


def test_an_edit_that_somebody_else_came_before_is_refused(place, edit):
    seen = place(("MUG", 2)).version
    edited = edit("1001", ("MUG", 3), version=seen)
    with pytest.raises(ConflictError, match="has changed since you looked at it") as refused:
        edit("1001", ("MUG", 4), version=seen)
    assert refused.value.details["version"] == edited.version


@pytest.mark.parametrize(
    ("lines", "fields", "error", "said"),
    [
        ([], {}, BadValueError, "Nothing is to be changed"),
        ([("MUG", -1)], {}, BadValueError, "out of bounds"),
        ([("MUG", 1_000_001)], {}, BadValueError, "out of bounds"),
        ([("MUG", 1, eur(-1))], {}, BadValueError, "is negative"),
        ([("CUP", 1)], {}, NotFoundError, "no product CUP"),
        ([("CAP", 0)], {}, BadValueError, "out of bounds"),
        ([], {"shipping": "pigeon"}, NotFoundError, "no shipping method pigeon"),
        ([], {"email": "a\nb@example.org"}, BadValueError, "no e-mail address"),
    ],
)
def test_an_edit_that_makes_no_sense_is_refused(place, edit, look, lines, fields, error, said):
    before = place()
    with pytest.raises(error, match=said):
        edit(before.number, *lines, **fields)
    assert look(before.number) == before


def test_a_line_holds_at_most_a_million_units_with_those_that_were_cancelled(place, edit, desk, item):
    number = place(("MUG", 2)).number
    desk.cancel(number, {"MUG": 1})
    for _ in range(2):
        desk.receive(item("MUG"), 1_000_000)
    with pytest.raises(BadValueError, match="1,000,001 is out of bounds"):
        edit(number, ("MUG", 1_000_000))
    assert edit(number, ("MUG", 999_999)).lines[0].reserved == 999_999


def test_a_cancelled_order_is_not_edited(place, edit, desk):
    number = place().number
    desk.cancel(number)
    with pytest.raises(RefusedError, match="is cancelled; it cannot be edited"):
        edit(number, ("MUG", 1))


def test_a_short_line_that_shrinks_gives_up_what_is_short_first(sold_elsewhere, edit, stock):
    number = sold_elsewhere(("MUG", 12)).number
    line = edit(number, ("MUG", 11)).lines[0]
    assert (line.reserved, line.short) == (10, 1)
    line = edit(number, ("MUG", 4)).lines[0]
    assert (line.reserved, line.short, stock("MUG").available) == (4, 0, 6)


def test_what_an_edit_frees_goes_to_who_is_short(place, sold_elsewhere, edit, look):
    first = place(("MUG", 9), paid="card").number
    short = sold_elsewhere(("MUG", 3), paid="market").number
    edit(first, ("MUG", 5))
    assert (look(short).lines[0].short, look(short).next) == (0, "pick")
    assert [step.type for step in look(short).timeline].count("StockAllocated") == 1


def test_a_total_that_another_system_gave_is_kept_beside_the_change(sold_elsewhere, edit):
    placed = sold_elsewhere(("MUG", 2), total=eur(1_999))
    assert (placed.total, placed.rounding) == (eur(1_999), eur(19))
    assert edit(placed.number, ("MUG", 3)).total == eur(2_989)
