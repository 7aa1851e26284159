"""The shop's terms: what is taxed at which rate where, what codes take off, what shipping costs."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from shopctl.errors import BadValueError, ConflictError, NotFoundError, RefusedError
from shopctl.money import MAX_MINOR, Money
from shopctl.services import terms
from shopctl.services.terms import Charged, Redeemed, TaxRate
from shopctl.shop import Shop

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CLERKS, USES = 16, 3

CLERK = """
import sys
from pathlib import Path
from shopctl.errors import RefusedError
from shopctl.services import terms
from shopctl.shop import Shop

with Shop(Path(sys.argv[1])) as shop:
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        with shop.write() as conn:
            print(terms.redeem(conn, "last", 1_000).code)
    except RefusedError as refused:
        print(refused.message)
"""


def eur(amount):
    return Money(amount, "EUR")


@pytest.fixture
def at(shop):
    """Set the shop's clock."""

    def set_clock(moment):
        shop.clock = lambda: moment

    set_clock(NOON)
    return set_clock


@pytest.fixture
def write(shop, at):
    """Do one thing in a write transaction."""

    def do(change, *arguments, **options):
        with shop.write() as conn:
            return change(conn, *arguments, **options)

    return do


@pytest.fixture
def taxed(write):
    """A shop in three tax areas: France, Germany (where shipping has a rate of its own), and all others."""
    for tax_class, country, rate in (
        ("standard", "FR", 20_000),
        ("reduced", "FR", 5_500),
        ("standard", "DE", 19_000),
        ("shipping", "DE", 7_000),
        ("standard", "*", 10_000),
    ):
        write(terms.set_rate, tax_class, country, rate)


@pytest.fixture
def rates_for(shop):
    def ask(classes, country):
        with shop.read() as conn:
            return terms.rates_for(conn, classes, country)

    return ask


@pytest.fixture
def charge(shop):
    def ask(name, goods):
        with shop.read() as conn:
            return terms.charge(conn, name, goods)

    return ask


@pytest.fixture
def codes(shop):
    """Every code, by its name."""

    def ask():
        with shop.read() as conn:
            return {code.code: code for code in terms.codes(conn)}

    return ask


# Taxes


def test_a_shop_that_has_set_no_rate_taxes_nothing(rates_for):
    assert rates_for(["", "reduced", "shipping"], "FR") == {"": 0, "reduced": 0, "shipping": 0}
    assert rates_for([""], "") == {"": 0}


@pytest.mark.usefixtures("taxed")
@pytest.mark.parametrize(
    ("classes", "country", "rates"),
    [
        (["standard", "reduced"], "FR", [20_000, 5_500]),
        (["", "  ", "STANDARD", "Standard"], "DE", [19_000] * 4),
        (["Reduced"], "fr", [5_500]),
        (["standard"], " De ", [19_000]),
        (["standard"], "JP", [10_000]),
        (["shipping"], "DE", [7_000]),
        (["shipping"], "FR", [20_000]),
        (["shipping", "SHIPPING"], "JP", [10_000, 10_000]),
        ([], "FR", []),
    ],
)
def test_each_class_has_the_rate_of_its_country_however_both_are_written(rates_for, classes, country, rates):
    assert rates_for(classes, country) == dict(zip(classes, rates, strict=True))


def test_shippings_own_rate_comes_before_the_standard_one_even_if_it_is_that_of_every_other_country(write, rates_for):
    write(terms.set_rate, "standard", "FR", 20_000)
    write(terms.set_rate, "shipping", "*", 0)
    assert rates_for(["standard", "shipping"], "FR") == {"standard": 20_000, "shipping": 0}


@pytest.mark.usefixtures("taxed")
def test_no_class_but_shipping_falls_back_to_the_standard_rate(rates_for):
    with pytest.raises(RefusedError, match="no tax rate for reduced in DE") as refused:
        rates_for(["standard", "Reduced"], "DE")
    assert "`shopctl tax set reduced DE 19`" in refused.value.hint
    assert "--tax-rate" in refused.value.hint


def test_a_country_without_a_rate_is_refused_by_name_once_any_rate_is_set(write, rates_for):
    write(terms.set_rate, "standard", "FR", 20_000)
    with pytest.raises(RefusedError, match="no tax rate for standard, zero, shipping in United States") as refused:
        rates_for(["", "zero", "shipping", "standard"], "United States")
    assert "`shopctl tax set standard 'United States' 19`" in refused.value.hint
    with pytest.raises(RefusedError, match="no tax rate for shipping") as refused:
        rates_for(["shipping"], "DE")
    assert "`shopctl tax set standard DE 19`" in refused.value.hint


def test_a_sale_without_an_address_is_taxed_where_the_shop_is_and_else_as_every_other_country(
    write, home, rates_for, monkeypatch
):
    write(terms.set_rate, "standard", "FR", 20_000)
    with pytest.raises(RefusedError, match="neither the order nor the shop names a country") as refused:
        rates_for([""], " ")
    for way_out in ("`shopctl config set shop.country FR`", "`shopctl tax set standard '*' 19`", "--tax-rate"):
        assert way_out in refused.value.hint
    write(terms.set_rate, "standard", "*", 10_000)
    assert rates_for([""], "") == {"": 10_000}
    monkeypatch.setenv("SHOPCTL_SHOP__COUNTRY", "fr")
    with Shop(home) as french, french.read() as conn:
        assert terms.rates_for(conn, [""], "") == {"": 20_000}
        assert terms.rates_for(conn, [""], "JP") == {"": 10_000}


def test_the_rates_of_an_order_are_read_at_once_and_not_at_all_where_none_is_set(shop):
    said = []
    with shop.write() as conn:
        event.listen(conn.engine, "before_cursor_execute", lambda *about: said.append(about[2]))
        terms.rates_for(conn, ["", "reduced"], "FR")
        assert len(said) == 1
        terms.set_rate(conn, "standard", "*", 20_000)
        terms.set_rate(conn, "reduced", "*", 5_500)
        said.clear()
        terms.rates_for(conn, ["", "reduced", "standard", "shipping"], "FR")
    assert len(said) == 2


def test_a_rate_set_again_replaces_the_first(write, shop):
    first = write(terms.set_rate, "", "fr", 19_600)
    again = write(terms.set_rate, "Standard", "FR", 8_875)
    assert (first, again) == (
        TaxRate(tax_class="standard", country="FR", rate="19.6"),
        TaxRate(tax_class="standard", country="FR", rate="8.875"),
    )
    with shop.read() as conn:
        assert terms.rates(conn) == [again]


@pytest.mark.usefixtures("taxed")
def test_a_removed_rate_holds_no_longer_and_rates_are_listed_by_class_and_country(write, shop, rates_for):
    removed = write(terms.remove_rate, "STANDARD", "de")
    assert (removed.tax_class, removed.country, removed.rate) == ("standard", "DE", "19")
    assert rates_for([""], "DE") == {"": 10_000}
    with shop.read() as conn:
        kept = [(rate.tax_class, rate.country) for rate in terms.rates(conn)]
    assert kept == [("reduced", "FR"), ("shipping", "DE"), ("standard", "*"), ("standard", "FR")]
    with pytest.raises(NotFoundError) as missing:
        write(terms.remove_rate, "redused", "FR")
    assert missing.value.hint == "Did you mean reduced FR?"


@pytest.mark.parametrize(
    ("tax_class", "country", "rate"),
    [("x", "FR", -1), ("x", "FR", 100_001), ("x", " ", 1), ("x" * 61, "FR", 1), ("x", "F" * 61, 1), ("x\0", "FR", 1)],
)
def test_a_rate_that_makes_no_sense_is_refused(write, tax_class, country, rate):
    with pytest.raises(BadValueError) as refused:
        write(terms.set_rate, tax_class, country, rate)
    assert refused.value.hint


# Discount codes


def test_a_code_takes_off_a_part_or_an_amount_however_it_is_written(write):
    rated = write(terms.add_code, "Summer10", rate=10_000)
    fixed = write(terms.add_code, "FIVE", amount=eur(500))
    assert (rated.rate, rated.amount, fixed.rate, fixed.amount) == ("10", None, None, eur(500))
    assert write(terms.redeem, " SUMMER10 ", 2_000) == Redeemed(rated.id, "Summer10", 10_000, 0)
    assert write(terms.redeem, "ｆive", 2_000) == Redeemed(fixed.id, "FIVE", 0, 500)


def test_an_amount_takes_off_no_more_than_the_goods_are_worth(write):
    write(terms.add_code, "FIVE", amount=eur(500))
    assert write(terms.redeem, "FIVE", 300).amount == 300


def test_a_code_counts_from_its_beginning_until_its_end(write, at, codes):
    write(terms.add_code, "MONDAY", rate=10_000, starts_at=NOON + DAY, ends_at=NOON + 2 * DAY)
    assert codes()["MONDAY"].state == "upcoming"
    with pytest.raises(RefusedError, match="begins 2026-11-24 13:00"):
        write(terms.redeem, "monday", 100)
    at(NOON + DAY)
    assert codes()["MONDAY"].state == "active"
    assert write(terms.redeem, "monday", 100).rate == 10_000
    at(NOON + 2 * DAY)
    assert codes()["MONDAY"].state == "ended"
    with pytest.raises(RefusedError, match="ended 2026-11-25 13:00"):
        write(terms.redeem, "monday", 100)
    assert codes()["MONDAY"].used == 1


def test_a_code_counts_from_its_minimum_of_goods_and_says_what_it_is(write):
    write(terms.add_code, "BIG", rate=10_000, minimum=eur(5_000))
    with pytest.raises(RefusedError, match=r"counts from 50\.00 EUR of goods; these are 49\.99 EUR") as refused:
        write(terms.redeem, "BIG", 4_999)
    assert refused.value.details["minimum"] == "50.00"
    assert write(terms.redeem, "BIG", 5_000).rate == 10_000


def test_a_code_is_used_up_after_its_uses_and_one_that_is_given_back_counts_again(write, codes):
    made = write(terms.add_code, "TWICE", rate=10_000, uses=2)
    for _ in range(2):
        write(terms.redeem, "TWICE", 100)
    assert (codes()["TWICE"].used, codes()["TWICE"].state) == (2, "used_up")
    with pytest.raises(RefusedError, match="used up: 2 of 2"):
        write(terms.redeem, "TWICE", 100)
    write(terms.give_back, made.id)
    assert codes()["TWICE"].state == "active"
    write(terms.redeem, "TWICE", 100)
    for _ in range(3):
        write(terms.give_back, made.id)
    assert codes()["TWICE"].used == 0


def test_a_use_is_kept_with_the_order_it_was_made_for_or_not_at_all(shop, write, codes):
    write(terms.add_code, "ONCE", rate=10_000, uses=1)
    with pytest.raises(RefusedError, match="no stock"):
        with shop.write() as conn:
            terms.redeem(conn, "ONCE", 100)
            raise RefusedError("no stock")
    assert codes()["ONCE"].used == 0


def test_an_unknown_code_is_answered_with_the_nearest(write):
    write(terms.add_code, "SUMMER10", rate=10_000)
    for change, *about in ((terms.redeem, "sumer10", 100), (terms.end_code, "sumer10")):
        with pytest.raises(NotFoundError, match="no discount code sumer10") as missing:
            write(change, *about)
        assert missing.value.hint == "Did you mean SUMMER10?"


def test_an_ended_code_counts_no_more_and_ending_it_again_changes_nothing(write, at, codes):
    write(terms.add_code, "NOW", rate=10_000, ends_at=NOON + 9 * DAY)
    write(terms.add_code, "LATER", rate=10_000, starts_at=NOON + 5 * DAY)
    at(NOON + DAY)
    ended = [write(terms.end_code, name) for name in ("now", "later")]
    assert [(code.ends_at, code.state) for code in ended] == [(NOON + DAY, "ended")] * 2
    at(NOON + 6 * DAY)
    for name in ("NOW", "LATER"):
        with pytest.raises(RefusedError, match="ended"):
            write(terms.redeem, name, 100)
    assert [write(terms.end_code, name) for name in ("now", "later")] == ended
    assert list(codes().values()) == ended[::-1]


@pytest.mark.parametrize("spelling", ["summer", "SUMMER ", "ＳＵＭＭＥＲ"])
def test_no_two_codes_are_the_same_under_any_spelling(write, spelling):
    write(terms.add_code, "Summer", rate=10_000)
    with pytest.raises(ConflictError, match="already a code Summer"):
        write(terms.add_code, spelling, rate=5_000)


@pytest.mark.parametrize(
    "about",
    [
        {},
        {"rate": 10_000, "amount": eur(500)},
        {"rate": 100_001},
        {"rate": -1},
        {"amount": eur(0)},
        {"amount": eur(-500)},
        {"amount": eur(MAX_MINOR + 1)},
        {"rate": 1, "minimum": eur(-1)},
        {"rate": 1, "uses": 0},
        {"rate": 1, "uses": 1_000_000_001},
        {"rate": 1, "ends_at": NOON},
        {"rate": 1, "starts_at": NOON + DAY, "ends_at": NOON + DAY},
        {"rate": 1, "code": "  "},
        {"rate": 1, "code": "x" * 61},
    ],
    ids=str,
)
def test_a_code_that_makes_no_sense_is_refused(write, codes, about):
    with pytest.raises(BadValueError) as refused:
        write(terms.add_code, about.pop("code", "CODE"), **about)
    assert refused.value.hint
    assert codes() == {}


def test_sixteen_processes_redeem_the_last_three_uses_once_each(home, write, codes):
    write(terms.add_code, "LAST", rate=10_000, uses=USES)
    clerks = [
        subprocess.Popen(
            [sys.executable, "-c", CLERK, str(home)],
            env=dict(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(CLERKS)
    ]
    assert [clerk.stdout.readline() for clerk in clerks] == ["ready\n"] * CLERKS
    for clerk in clerks:
        clerk.stdin.write("\n")
        clerk.stdin.flush()
    said = [clerk.communicate(timeout=120) for clerk in clerks]
    refused = f"The code LAST is used up: {USES} of {USES} orders have it.\n"
    assert sorted(said) == sorted([("LAST\n", "")] * USES + [(refused, "")] * (CLERKS - USES))
    assert (codes()["LAST"].used, codes()["LAST"].state) == (USES, "used_up")


# Shipping


def test_shipping_costs_its_price_and_nothing_from_the_worth_of_goods_that_is_free(write, charge):
    write(terms.set_method, "Post", eur(490), free_from=eur(5_000))
    write(terms.set_method, "Courier", eur(990))
    assert charge("post", 4_999) == Charged("Post", 490)
    assert charge(" POST", 5_000) == Charged("Post", 0)
    assert charge("courier", MAX_MINOR) == Charged("Courier", 990)


def test_goods_of_any_worth_ship_free_from_zero(write, charge):
    write(terms.set_method, "Pick-up", eur(100), free_from=eur(0))
    assert charge("pick-up", 0) == Charged("Pick-up", 0)


def test_a_method_set_again_has_its_new_price_and_no_other(write, shop, charge):
    write(terms.set_method, "post", eur(490), free_from=eur(5_000))
    changed = write(terms.set_method, "Post", eur(590))
    assert charge("POST", 6_000) == Charged("Post", 590)
    with shop.read() as conn:
        assert terms.methods(conn) == [changed]


def test_an_unknown_method_is_answered_with_the_nearest(write, charge):
    for name in ("post", "courier"):
        write(terms.set_method, name, eur(490))
    with pytest.raises(NotFoundError, match="no shipping method pots") as missing:
        charge("pots", 100)
    assert missing.value.hint == "Did you mean post?"
    assert write(terms.remove_method, "POST").name == "post"
    for ask in (lambda: charge("post", 100), lambda: write(terms.remove_method, "post")):
        with pytest.raises(NotFoundError) as missing:
            ask()
        assert "shopctl shipping list" in missing.value.hint


@pytest.mark.parametrize(
    ("name", "price", "free_from"),
    [(" ", 1, None), ("x" * 61, 1, None), ("post", -1, None), ("post", MAX_MINOR + 1, None), ("post", 1, -1)],
)
def test_a_method_that_makes_no_sense_is_refused(write, name, price, free_from):
    with pytest.raises(BadValueError) as refused:
        write(terms.set_method, name, eur(price), free_from=None if free_from is None else eur(free_from))
    assert refused.value.hint
