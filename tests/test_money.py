"""Amounts, rates, rounding and splitting, to the last minor unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopctl.errors import BadValueError
from shopctl.money import EXPONENTS, MAX_MINOR, Money, exponent, half_up, parse_rate, shown_rate, split

amounts = st.integers(-MAX_MINOR, MAX_MINOR)


@pytest.mark.parametrize(("currency", "digits"), [("JPY", 0), ("EUR", 2), ("KWD", 3), ("CLF", 4)])
def test_a_currency_has_the_minor_unit_of_iso_4217(currency, digits):
    assert exponent(currency) == digits
    assert str(Money(1, currency)) == ("1" if digits == 0 else f"{1 / 10**digits:.{digits}f}")


@pytest.mark.parametrize("code", ["", "eur", "EURO", "XXX", "€", "EU"])
def test_what_is_no_currency_is_refused(code):
    with pytest.raises(BadValueError, match="not a currency"):
        Money.parse("1", code)


@given(amounts, st.sampled_from(sorted(EXPONENTS)))
def test_an_amount_reads_as_it_is_written(amount, currency):
    money = Money(amount, currency)
    assert Money.parse(str(money), currency) == money


@given(amounts, st.sampled_from(["JPY", "EUR", "KWD"]))
def test_a_person_reads_the_same_amount_with_thousands_apart(amount, currency):
    money = Money(amount, currency)
    assert money.shown().replace(",", "") == f"{money} {currency}"


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("9.9", "EUR", 990),
        (" 9.90 ", "EUR", 990),
        ("9.900", "EUR", 990),
        ("007", "EUR", 700),
        ("-0", "EUR", 0),
        ("-0.01", "EUR", -1),
        ("5.00", "JPY", 5),
        ("0.005", "KWD", 5),
        ("100000000000", "EUR", MAX_MINOR),
    ],
)
def test_an_amount_is_read_exactly(text, currency, minor):
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "nan",
        "inf",
        "-inf",
        "1e5",
        "0x10",
        "1_000",
        "1,50",
        "1.000,50",
        "€5",
        "5 EUR",
        "+5",
        "--5",
        ".5",
        "5.",
        "٣",
    ]
    + ["９.９０", "９", "1.5.0", "9.90\n9", "9\0", "½", "9.999", "0.001", "100000000000.01", "9" * 16, "9" * 400],
)
def test_what_is_no_amount_in_euros_is_refused(text):
    with pytest.raises(BadValueError) as refused:
        Money.parse(text, "EUR")
    assert refused.value.hint


def test_amounts_of_two_currencies_are_never_the_same():
    assert Money(100, "EUR") != Money(100, "USD")
    assert len({Money(100, "EUR"), Money(100, "USD"), Money(100, "EUR")}) == 2


@pytest.mark.parametrize(
    ("text", "rate"), [("0", 0), ("20", 20_000), ("5.5%", 5_500), ("8.875", 8_875), ("100", 100_000)]
)
def test_a_rate_is_read_in_thousandths_of_a_percent(text, rate):
    assert parse_rate(text) == rate
    assert shown_rate(rate) == text.removesuffix("%")


@pytest.mark.parametrize("text", ["", "-1", "101", "100.001", "20.0001", "twenty", "1e1", "２０", "%", "nan"])
def test_what_is_no_rate_is_refused(text):
    with pytest.raises(BadValueError, match="percentage"):
        parse_rate(text)


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [(5, 10, 1), (4, 10, 0), (15, 10, 2), (-5, 10, -1), (-4, 10, 0), (1, 3, 0), (2, 3, 1)],
)
def test_halves_round_away_from_zero(numerator, denominator, rounded):
    assert half_up(numerator, denominator) == rounded


@given(st.integers(-(10**20), 10**20), st.integers(1, 10**9))
def test_rounding_moves_by_half_a_unit_at_most(numerator, denominator):
    assert abs(2 * (half_up(numerator, denominator) * denominator - numerator)) <= denominator


@given(st.lists(st.integers(0, MAX_MINOR), min_size=1, max_size=40).filter(any), st.data())
def test_the_parts_of_a_split_add_up_and_none_exceeds_its_weight(weights, data):
    total = data.draw(st.integers(0, sum(weights)))
    parts = split(total, weights)
    assert sum(parts) == total
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))
    exact = [total * weight / sum(weights) for weight in weights]
    assert all(abs(part - share) < 1.01 + share * 1e-9 for part, share in zip(parts, exact, strict=True))


def test_the_odd_cent_goes_to_the_largest_remainder_then_to_the_first_line():
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(5, [50, 30, 20]) == [3, 1, 1]
    assert split(0, [0, 0]) == [0, 0]
