"""Amounts of money: whole minor units and a currency, never a float."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Self

from shopctl.errors import BadValueError

MAX_MINOR = 10**13
"""The largest amount, in minor units: 100 billion euros. Keeps every sum of an order inside 64 bits."""

# ISO 4217, "List One" (active codes). The exponent of a currency is the number of digits of its minor unit.
_NO_MINOR_UNIT = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DIGITS = "CLF UYW"
_TWO_DIGITS = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK
DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD
KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP
PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
"""
EXPONENTS: dict[str, int] = {
    code: digits
    for digits, codes in ((0, _NO_MINOR_UNIT), (2, _TWO_DIGITS), (3, _THREE_DIGITS), (4, _FOUR_DIGITS))
    for code in codes.split()
}
_AMOUNT = re.compile(r"(-?)([0-9]{1,16})(?:\.([0-9]{1,12}))?")


def exponent(currency: str) -> int:
    """Return how many digits the minor unit of `currency` has: JPY 0, EUR 2, KWD 3 (ISO 4217).

    Raises:
        BadValueError: it is not a currency.
    """
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise BadValueError(
            f"{currency!r} is not a currency.", "Use its three letters in ISO 4217, such as EUR, USD or JPY."
        ) from None


class Money:
    """An amount in whole minor units (cents) of a currency. A plain class, so that JSON writes it as ``str`` does."""

    __slots__ = ("amount", "currency")

    def __init__(self, amount: int, currency: str) -> None:
        self.amount = amount
        self.currency = currency

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Money) and (self.amount, self.currency) == (other.amount, other.currency)

    def __hash__(self) -> int:
        return hash((self.amount, self.currency))

    def __repr__(self) -> str:
        return f"Money({self.amount}, {self.currency!r})"

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """Return the amount that `text` writes in major units, such as ``9.90``.

        Raises:
            BadValueError: it is no plain decimal number, finer than the currency's minor unit, or out of bounds.
        """
        digits = exponent(currency)
        match = _AMOUNT.fullmatch(text.strip())
        if match is None:
            raise BadValueError(f"{text!r} is not an amount.", f"Write it like {cls(990, currency)}, with a point.")
        sign, whole, fraction = match[1], match[2], (match[3] or "").rstrip("0")
        if len(fraction) > digits:
            raise BadValueError(
                f"{text.strip()} is finer than the smallest unit of {currency}.", f"Use at most {digits} decimals."
            )
        amount = int(sign + whole + fraction.ljust(digits, "0"))
        if abs(amount) > MAX_MINOR:
            raise BadValueError(f"{text.strip()} is too large an amount.", f"The limit is {cls(MAX_MINOR, currency)}.")
        return cls(amount, currency)

    def __str__(self) -> str:
        digits = exponent(self.currency)
        if digits == 0:
            return str(self.amount)
        sign = "-" if self.amount < 0 else ""
        whole, rest = divmod(abs(self.amount), 10**digits)
        return f"{sign}{whole}.{rest:0{digits}d}"

    def shown(self) -> str:
        """Return the amount as a person reads it: ``1,234.50 EUR``."""
        whole, point, rest = str(self).partition(".")
        return f"{int(whole):,}{point}{rest} {self.currency}" if whole != "-0" else f"{self} {self.currency}"


RATE_UNIT = 100_000
"""A rate is kept in thousandths of a percent: 20% is 20,000, 8.875% is 8,875."""


def parse_rate(text: str) -> int:
    """Return the percentage that `text` writes (``20``, ``5.5``, ``8.875%``) in thousandths of a percent.

    Raises:
        BadValueError: it is no percentage from 0 to 100, or finer than three decimals.
    """
    match = re.fullmatch(r"([0-9]{1,3})(?:\.([0-9]{1,3}))?%?", text.strip())
    rate = int(match[1] + (match[2] or "").ljust(3, "0")) if match else -1
    if not 0 <= rate <= RATE_UNIT:
        raise BadValueError(f"{text!r} is not a percentage.", "Write a number from 0 to 100, such as 20 or 5.5.")
    return rate


def shown_rate(rate: int) -> str:
    """Return `rate` as it is written: ``20`` or ``8.875``."""
    return f"{Decimal(rate).scaleb(-3).normalize():f}"


def half_up(numerator: int, denominator: int) -> int:
    """Return the quotient rounded to the nearest whole number, halves away from zero."""
    quotient, rest = divmod(abs(numerator), denominator)
    quotient += 2 * rest >= denominator
    return quotient if numerator >= 0 else -quotient


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Return `total` split in proportion to `weights`, to the last minor unit (largest remainder).

    The parts add up to `total`, and no part exceeds its weight when `total` does not exceed their sum.
    """
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts
