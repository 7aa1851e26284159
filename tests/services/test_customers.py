"""Customers: recorded from their orders, by e-mail address or by the reference of another system."""

import pytest

from shopctl.errors import BadValueError, NotFoundError
from shopctl.services import customers
from shopctl.services.customers import CustomerFilter


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
