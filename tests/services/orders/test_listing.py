"""Finding orders: by what people remember of them, and page by page through however many there are."""

import itertools

import pytest

from shopctl.errors import BadValueError, NotFoundError
from shopctl.money import Money
from shopctl.services import orders, privacy
from shopctl.services.orders import Address, OrderEdit, OrderFilter

ADA = Address(
    name="Ada Lovelace",
    company="Analytical Engines Ltd",
    line1="12 St James's Square",
    postcode="SW1Y 4JH",
    city="London",
    country="GB",
    phone="+44 20 7946 0958",
)
ZOE = Address(name="Zoë Brontë-Ångström", line1="3 rue Mouffetard", postcode="75005", city="Paris", country="FR")


@pytest.fixture
def ada(place):
    return place(customer="ada.lovelace@example.org", name="Ada Lovelace", ship_to=ADA).number


@pytest.fixture
def zoe(place):
    return place(
        customer="zoe@moulin.example", name="Zoë Brontë-Ångström", ship_to=ZOE, phone="01 23 45 67 89", paid="card"
    ).number


@pytest.mark.parametrize(
    "words",
    [
        "Ada",
        "lovelace",
        "LOVELACE ada",
        "ada.lovelace@example.org",
        "ada.lovelace",
        "example.org",
        "Analytical Engines",
        "london",
        "SW1Y 4JH",
        "sw1y4jh",
        "SW1Y",
        "+44 20 7946 0958",
        "+442079460958",
        "0044 20 7946 0958",
        "020 7946 0958",
        "(020) 7946-0958",
        "7946 0958",
        "ada london",
        "1001",
        "#1001",
    ],
)
def test_an_order_is_found_by_what_is_known_of_its_customer(words, ada, zoe, listed):
    assert listed(query=words) == [ada]


@pytest.mark.parametrize(
    "words",
    [
        "zoe",
        "Zoë",
        "ZOË",
        "bronte",
        "angstrom",
        "Brontë-Ångström",
        "moulin.example",
        "75005",
        "paris",
        "01 23 45 67 89",
        "0123456789",
        "+33 1 23 45 67 89",
        "0033123456789",
        "01.23.45.67.89",
    ],
)
def test_accents_case_and_the_country_of_a_phone_do_not_matter(words, ada, zoe, listed):
    assert listed(query=words) == [zoe]


def test_an_order_is_found_by_its_number_elsewhere_and_the_tracking_number_of_its_parcel(place, desk, ada, listed):
    sale = place(channel="market", external_number="206-7654321-X").number
    desk.ship(ada, carrier="DHL", tracking="0034 0434 1610")
    assert listed(query="206-7654321-x") == listed(query="206-7654321-X") == [sale]
    assert listed(query="206-76") == [sale]
    assert [listed(query=words) for words in ("0034 0434 1610", "003404341610", "0034 0434")] == [[ada]] * 3


def test_a_phone_is_still_found_after_the_order_was_shipped_or_edited(zoe, desk, listed):
    desk.edit(zoe, OrderEdit(name="Zoë B."))
    desk.ship(zoe, tracking="X1")
    assert listed(query="+33 1 23 45 67 89") == listed(query="0123456789") == [zoe]


def test_all_words_must_fit_and_no_word_may_be_missing(ada, zoe, listed):
    assert listed(query="ada paris") == []
    assert listed(query="lovelacex") == []
    assert listed(query="ovelace") == []


def test_an_exact_number_is_found_before_what_only_contains_it(place, listed):
    place(name="Order 1002")
    place()
    assert listed(query="1002") == ["1002"]


@pytest.mark.parametrize("words", ['"', "*", "a AND (", "NEAR(", "-", "%", "'; --", "(", ")", "+", "++++++"])
def test_any_text_is_words_and_no_command(words, ada, listed):
    assert listed(query=words) == []


def test_a_search_goes_with_filters(ada, zoe, desk, listed):
    desk.cancel(ada)
    assert listed(query="moulin", status="cancelled") == []
    assert listed(query="lovelace", status="cancelled") == [ada]
    assert listed(query="1001", status="placed") == []


def test_a_person_who_was_forgotten_is_found_by_no_word(zoe, ada, desk, listed, shop):
    desk.ship(zoe, tracking="X1")
    with shop.write() as conn:
        privacy.forget(conn, "zoe@moulin.example")
    words = ("zoe", "bronte", "moulin.example", "75005", "paris", "0123456789", "23456789")
    assert [listed(query=word) for word in words] == [[]] * len(words)
    assert listed(query=zoe) == [zoe]


def test_filters_are_joined(ada, zoe, desk, listed, place):
    third = place(("CAP", 1), customer="zoe@moulin.example", paid="card").number
    desk.ship(third)
    desk.refund(zoe, amount=Money(100, "EUR"))
    desk.cancel(zoe)
    assert listed(customer="ZOE@moulin.example") == [third, zoe]
    assert listed(customer="zoe@moulin.example", fulfilment="shipped") == [third]
    assert listed(owed=True) == listed(next="refund") == [zoe]
    assert listed(payment="partially_refunded", status="cancelled") == [zoe]
    assert listed(status="completed") == [third]
    with pytest.raises(NotFoundError):
        listed(customer="nobody@example.org")


def test_since_and_until_bound_when_it_was_placed(place, later, listed):
    first = place().placed_at
    later(hours=1)
    second = place().placed_at
    assert listed(since=first) == ["1002", "1001"]
    assert listed(since=second) == ["1002"]
    assert listed(until=second) == ["1001"]
    assert listed(since=first, until=first) == []


@pytest.fixture
def many(place, desk, later):
    """Orders that share names, totals and moments; some were never placed."""
    numbers = []
    for i, name in zip(range(12), itertools.cycle(["Ada", "", "Bob", "Ada"])):
        line = ("MUG" if i % 3 else "CAP", 1, Money(100 * (i % 4), "EUR"))
        numbers.append(place(line, name=name, draft=i in (2, 3, 7, 11)).number)
        if i % 2:
            later(minutes=1)
        if i in (4, 7):
            desk.cancel(numbers[-1])
    return numbers


@pytest.mark.parametrize("limit", [1, 2, 5])
@pytest.mark.parametrize(
    "sort", [sign + name for name in ("placed_at", "number", "total", "customer") for sign in "+-"]
)
def test_pages_follow_on_one_another_without_a_gap_or_a_repeat(sort, limit, many, listed):
    sort = sort.removeprefix("+")
    whole = listed(sort=sort)
    pages, after = [], None
    while page := listed(sort=sort, limit=limit, after=after):
        pages.append(page)
        after = page[-1]
    assert list(itertools.chain(*pages)) == whole
    assert sorted(whole) == sorted(many)
    assert all(len(page) == limit for page in pages[:-1])


def test_each_sort_is_in_its_order_and_those_never_placed_are_the_oldest(many, shop):
    def read(sort):
        with shop.read() as conn:
            return orders.page(conn, OrderFilter(sort=sort))

    for name, key in (("total", lambda row: row.total.amount), ("customer", lambda row: row.customer.name)):
        rows = [key(row) for row in read(name)]
        assert rows == sorted(rows)
        assert [key(row) for row in read(f"-{name}")] == rows[::-1]
    moments = [row.placed_at for row in read("placed_at")]
    placed = [at for at in moments if at is not None]
    assert moments == [None] * (len(moments) - len(placed)) + sorted(placed)
    assert [row.placed_at for row in read("-placed_at")] == moments[::-1]


def test_pages_of_a_filter_or_a_search_are_whole_too(many, listed):
    for wanted in ({"status": "placed"}, {"query": "ada"}, {"next": "pay"}):
        whole = listed(**wanted)
        assert len(whole) > 3
        pages = listed(**wanted, limit=2)
        while page := listed(**wanted, limit=2, after=pages[-1]):
            pages += page
        assert pages == whole


def test_a_new_order_does_not_shift_the_pages_behind_it(many, listed, place):
    first = listed(limit=3)
    rest = listed(after=first[-1])
    place(("MUG", 1))
    assert listed(after=first[-1]) == rest


def test_an_unknown_sort_or_order_to_continue_after_is_refused(ada, listed):
    with pytest.raises(BadValueError, match="cannot be sorted by 'colour'"):
        listed(sort="colour")
    with pytest.raises(NotFoundError):
        listed(after="9999")
