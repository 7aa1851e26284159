"""Customers: recorded from their orders, by e-mail address or by the reference of another system."""

import pytest
from sqlalchemy import func, select

from shopctl.database import operation
from shopctl.errors import BadValueError, ConflictError, NotFoundError
from shopctl.money import Money
from shopctl.services import customers, orders
from shopctl.services.customers import Address, CustomerFilter
from shopctl.services.orders import LineDraft, OrderDraft
from shopctl.services.reports import customers as report

HOME = Address(name="Ada Lovelace", line1="12 Analytical Lane", postcode="75005", city="Paris", country="France")
WORK = Address(company="Engines Ltd", city="London")


@pytest.fixture
def record(shop):
    """Record a customer as an order does."""

    def record_customer(who, **known):
        with shop.write() as conn:
            return customers.record(conn, who, **known)

    return record_customer


@pytest.fixture
def find(shop):
    """The customers that a search finds."""

    def search(query="", limit=None):
        with shop.read() as conn:
            return [found.identity for found in customers.page(conn, CustomerFilter(query=query, limit=limit))]

    return search


@pytest.fixture
def change(shop):
    """Change a customer: ``change(customers.edit, "ada@example.org", name="Ada")``."""

    def run(function, *arguments, **fields):
        with shop.write() as conn:
            return function(conn, *arguments, **fields)

    return run


@pytest.fixture
def known(shop):
    """The addresses that are remembered of a customer."""

    def read(customer_id):
        with shop.read() as conn:
            return customers.addresses(conn, customer_id)

    return read


@pytest.fixture
def buy(shop, add):
    """Have customers buy so many mugs at 10.00 each: ``buy("ada@example.org", 2, paid="card")``."""
    add("MUG", price=1000, stock=500)

    def place(who, mugs=1, *, paid="card", **fields):
        with shop.write() as conn:
            return orders.place(conn, OrderDraft(lines=(LineDraft("MUG", mugs),), customer=who, paid=paid, **fields))

    return place


@pytest.mark.parametrize(
    "address",
    ["ada@example.org", "a@b.co", "ada.l+shop@mail.example.org", "o'brien_%x@example.org", "ada@bücher.example"]
    + [
        "жанна@пример.рф",
        "ada@1and1.example",
        "x" * 64 + "@example.org",
        "ada@xn--bcher-kva.example",
        "!#$&*/=?^`{|}~@a.bc",
    ],
)
def test_an_address_that_mail_servers_take_is_kept_as_given(record, address):
    made = record(f" {address} ")
    assert (made.identity, made.email) == (address, address)


@pytest.mark.parametrize(
    "address",
    [
        "@",
        "ada@",
        "@example.org",
        "ada@localhost",
        "ada@example",
        "ada@@example.org",
        "ada@example..org",
        "a..b@example.org",
    ]
    + [".ada@example.org", "ada.@example.org", "ada lovelace@example.org", "ada@exam ple.org", "ada@-example.org"]
    + [
        "ada@example-.org",
        "ada@example.org.",
        "ada@.example.org",
        "ada@example.o",
        "ada@example.123",
        "ada@[127.0.0.1]",
    ]
    + [
        "Ada <ada@example.org>",
        '"ada"@example.org',
        "ada@example.org,bob@example.org",
        "ada@example.org;bob",
        "a(b)@c.org",
    ]
    + ["ada@example.org\nBcc: all@example.org", "ada\r\n@example.org", "ada@example.org\0", "ada\x1b[31m@example.org"]
    + [
        "ada\x85@example.org",
        "ada\x9b@example.org",
        "gro.elpmaxe@\u202eada.org",
        "ada\u200b@example.org",
        "ada\u202e@example.org",
    ]
    + ["ada\ufeff@example.org", "ada@exa\u00admple.org", "ada\ud800@example.org", "a@" + "b" * 64 + ".org"]
    + ["x" * 65 + "@example.org", "a@" + "bcd." * 70 + "org"],
)
def test_what_is_no_address_is_refused_and_nobody_is_recorded(record, find, address):
    with pytest.raises(BadValueError) as refused:
        record(address)
    assert refused.value.hint
    assert find() == []


def test_without_an_at_sign_it_is_a_reference_of_another_system(record, shop):
    made = record(" 17850 ")
    assert (made.identity, made.email) == ("17850", None)
    with shop.read() as conn:
        assert customers.get(conn, "17850") == made


@pytest.mark.parametrize("who", ["", "  ", "x" * 255, "a\0b", "\ud800"])
def test_what_names_nobody_is_refused(record, who):
    with pytest.raises(BadValueError):
        record(who)


@pytest.mark.parametrize("spelling", ["ADA@Example.ORG", "ａｄａ＠example.org", " ada@example.org\t"])
def test_one_address_is_one_customer_however_it_is_written(record, spelling, find):
    assert record(spelling).id == record("ada@example.org").id == record(spelling, name="Ada").id
    assert len(find()) == 1


def test_a_new_name_replaces_the_known_one_and_silence_keeps_it(record):
    record("ada@example.org", name="Ada", phone="1")
    assert record("ada@example.org").name == "Ada"
    after = record("ada@example.org", name="Ada Lovelace")
    assert (after.name, after.phone) == ("Ada Lovelace", "1")
    with pytest.raises(BadValueError):
        record("ada@example.org", name="x" * 201)
    assert record("ada@example.org") == after


def test_customers_are_found_by_a_part_of_their_name_or_identity(record, find):
    record("ada@example.org", name="Ada Lovelace")
    record("bob_100%@example.org", name="Bob")
    record("17850")
    assert find() == ["17850", "bob_100%@example.org", "ada@example.org"]
    assert find(limit=1) == ["17850"]
    assert find("LOVE") == find("ada@") == ["ada@example.org"]
    assert find("0%") == find("b_1") == ["bob_100%@example.org"]
    assert find("d%a") == find("a_a") == []


def test_a_customer_who_is_not_there_is_answered_with_the_nearest(record, shop):
    record("ada@example.org")
    with shop.read() as conn, pytest.raises(NotFoundError) as refused:
        customers.get(conn, "ada@exmaple.org")
    assert refused.value.hint == "Did you mean ada@example.org?"


def test_a_customer_can_be_recorded_before_the_first_order_and_once_only(change, known):
    made = change(
        customers.add,
        "ada@example.org",
        name="Ada",
        phone="1",
        ship_to=HOME,
        locale="DE-at",
        marketing=True,
        note="VIP",
    )
    assert (made.name, made.phone, made.locale, made.marketing, made.note) == ("Ada", "1", "de_AT", True, "VIP")
    assert known(made.id) == {"ship_to": HOME}
    with pytest.raises(ConflictError):
        change(customers.add, "ADA@example.org")


def test_what_is_given_changes_and_the_rest_stays(change, known):
    change(customers.add, "ada@example.org", name="Ada", phone="1", ship_to=HOME, bill_to=WORK, note="VIP")
    after = change(customers.edit, "ada@example.org", phone="2", marketing=True, ship_to=WORK)
    assert (after.name, after.phone, after.marketing, after.note) == ("Ada", "2", True, "VIP")
    assert known(after.id) == {"ship_to": WORK, "bill_to": WORK}
    cleared = change(customers.edit, "ada@example.org", name="", note="", locale="", ship_to="", marketing=False)
    assert (cleared.name, cleared.phone, cleared.note, cleared.marketing) == ("", "2", "", False)
    assert known(after.id) == {"bill_to": WORK}


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "ada@"},
        {"email": ""},
        {"name": "x" * 201},
        {"phone": "x" * 51},
        {"note": "x" * 5_001},
        {"locale": "german"},
        {"locale": "de_DE_1"},
        {"ship_to": Address(postcode="x" * 21)},
        {"bill_to": Address(line1="a\0b")},
    ],
    ids=str,
)
def test_what_cannot_be_kept_changes_nothing(change, record, shop, known, wrong):
    before = record("ada@example.org", name="Ada")
    with pytest.raises(BadValueError):
        change(customers.edit, "ada@example.org", **({"name": "Bob"} | wrong))
    with shop.read() as conn:
        assert customers.get(conn, "ada@example.org") == before
    assert known(before.id) == {}


def test_with_a_new_address_a_customer_is_known_by_it_and_past_orders_keep_the_old_one(change, buy, shop):
    placed = buy("ada@example.org")
    change(customers.edit, "ada@example.org", email="lovelace@example.org")
    with shop.read() as conn:
        assert orders.get(conn, placed.number).customer.email == "ada@example.org"
        with pytest.raises(NotFoundError):
            customers.get(conn, "ada@example.org")
    assert buy("lovelace@example.org").customer.email == "lovelace@example.org"
    with shop.read() as conn:
        assert report.profile(conn, "lovelace@example.org").orders == 2


def test_an_address_that_another_customer_has_is_refused(change, record):
    record("ada@example.org")
    change(customers.edit, record("17850").identity, email="bob@example.org")
    for taken in ("ADA@example.org", "Bob@Example.org"):
        with pytest.raises(ConflictError):
            change(customers.edit, record("eve@example.org").identity, email=taken)
    same = change(customers.edit, "ada@example.org", email="Ada@example.org")
    assert (same.identity, same.email) == ("Ada@example.org", "Ada@example.org")


def test_who_has_a_reference_keeps_it_and_is_found_by_the_e_mail_address_too(change, record, shop):
    made = record("17850")
    assert change(customers.edit, "17850", email="ada@example.org").identity == "17850"
    with shop.read() as conn:
        assert customers.get(conn, "ADA@example.org").id == customers.get(conn, "17850").id == made.id
    assert change(customers.edit, "17850", email="").email is None


def test_an_address_that_is_remembered_already_is_not_written_again(change, record, shop, known):
    ada = record("ada@example.org")
    change(customers.remember_address, ada.id, "ship_to", HOME)

    def operations():
        with shop.read() as conn:
            return conn.execute(select(func.count()).select_from(operation)).scalar_one()

    before = operations()
    change(customers.remember_address, ada.id, "ship_to", Address(**{**_parts(HOME), "city": " Paris "}))
    assert operations() == before
    change(customers.remember_address, ada.id, "ship_to", WORK)
    assert (operations(), known(ada.id)) == (before + 1, {"ship_to": WORK})


def _parts(address):
    return {part: getattr(address, part) for part in address.__struct_fields__}


def test_a_customer_has_spent_what_was_paid_less_what_went_back(buy, shop, change):
    first, second = buy("ada@example.org", 2), buy("ada@example.org", 3)
    buy("ada@example.org", paid=None)
    buy("bob@example.org", 9)
    change(orders.refund, first.number, amount=Money(500, "EUR"))
    change(orders.cancel, second.number)
    with shop.read() as conn:
        ada = report.profile(conn, "ada@example.org")
    assert (ada.orders, ada.total_spent, ada.owed) == (3, Money(4500, "EUR"), Money(3000, "EUR"))
    assert (ada.first_order_at, ada.currency) == (first.placed_at, "EUR")
    assert [one.number for one in ada.latest_orders] == ["1003", "1002", "1001"]


def test_who_never_ordered_has_spent_nothing(record, shop):
    record("ada@example.org")
    with shop.read() as conn:
        ada = report.profile(conn, "ada@example.org")
    assert (ada.orders, ada.total_spent, ada.first_order_at, ada.latest_orders) == (0, Money(0, "EUR"), None, [])


@pytest.mark.parametrize("limit", [None, 3], ids=["all", "a page"])
@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("-created_at", ["eve 0 0", "bob 1 9000", "ada 2 5000"]),
        ("created_at", ["ada 2 5000", "bob 1 9000", "eve 0 0"]),
        ("name", ["ada 2 5000", "eve 0 0", "bob 1 9000"]),
        ("-spent", ["bob 1 9000", "ada 2 5000", "eve 0 0"]),
        ("orders", ["eve 0 0", "bob 1 9000", "ada 2 5000"]),
    ],
)
def test_customers_are_listed_with_what_they_bought_in_any_order(buy, record, shop, sort, limit, expected):
    for who, name, mugs in (("ada", "A", 2), ("bob", "Z", 9), ("ada", "A", 3)):
        buy(who, mugs, name=name)
    record("eve", name="E")
    with shop.read() as conn:
        found = report.page(conn, CustomerFilter(sort=sort, limit=limit))
        assert [f"{one.identity} {one.orders} {one.spent.amount}" for one in found] == expected
        assert report.page(conn, CustomerFilter(sort=sort, limit=1)) == found[:1]
        assert report.page(conn, CustomerFilter(sort=sort, query="B", limit=limit)) == [
            one for one in found if one.identity == "bob"
        ]


def test_customers_cannot_be_sorted_by_what_they_do_not_have(shop):
    with shop.read() as conn, pytest.raises(BadValueError) as refused:
        report.page(conn, CustomerFilter(sort="shoe_size"))
    assert "spent" in refused.value.hint
