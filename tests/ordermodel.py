"""A model of an order and of its money, as domain.md defines it; it calls nothing of the product."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import floor

HALF = Fraction(1, 2)


def half_up(amount: Fraction) -> int:
    return floor(amount + HALF)


def shares(total: int, weights: list[int]) -> list[int]:
    """Split by largest remainder; of equal remainders the first line's goes first."""
    whole = sum(weights) or 1
    exact = [Fraction(total * weight, whole) for weight in weights]
    parts = [floor(share) for share in exact]
    for i in sorted(range(len(weights)), key=lambda i: parts[i] - exact[i])[: total - sum(parts)]:
        parts[i] += 1
    return parts if any(weights) else [0 for _ in weights]


@dataclass
class Line:
    sku: str
    ordered: int
    price: int
    cancelled: int = 0
    shipped: int = 0
    returned: int = 0
    restocked: int = 0
    written_off: int = 0
    claimed: int = 0
    discount: int = 0
    tax: int = 0

    @property
    def total(self) -> int:
        return self.ordered * self.price

    @property
    def open(self) -> int:
        return self.ordered - self.cancelled - self.shipped

    @property
    def to_inspect(self) -> int:
        return self.returned - self.restocked - self.written_off


@dataclass
class Order:
    """`rate` is the tax's, in thousandths of a percent; `tax_included` how the shop's prices are.

    `by_post` is whether it goes by a way of the shop's, which is free from a threshold on; `last_line` is the highest
    number that a line of it ever had.
    """

    number: str
    status: str
    lines: dict[int, Line]
    tax_included: bool
    rate: int = 0
    shipping: int = 0
    discount_rate: int = 0
    discount_amount: int = 0
    code: str | None = None
    rounding: int = 0
    expires_at: datetime | None = None
    paid: int = 0
    refunded: int = 0
    promised: int = 0
    by_post: bool = False
    last_line: int = 0

    def __post_init__(self) -> None:
        self.last_line = max(self.lines)

    def tax_on(self, amount: int) -> int:
        return half_up(Fraction(amount * self.rate, 100_000 + (self.rate if self.tax_included else 0)))

    def price_anew(self) -> None:
        lines = list(self.lines.values())
        self.subtotal = sum(line.total for line in lines)
        self.discount = self.discount_amount + half_up(Fraction(self.subtotal * self.discount_rate, 100_000))
        if self.code is not None:
            self.discount = min(self.discount, self.subtotal)
        for line, part in zip(lines, shares(self.discount, [line.total for line in lines]), strict=True):
            line.discount, line.tax = part, self.tax_on(line.total - part)

    @property
    def tax(self) -> int:
        return sum(line.tax for line in self.lines.values()) + self.tax_on(self.shipping)

    @property
    def total(self) -> int:
        on_top = 0 if self.tax_included else self.tax
        return self.subtotal - self.discount + self.shipping + on_top + self.rounding

    def worth(self, line: Line, units: int) -> int:
        whole = line.total - line.discount + (0 if self.tax_included else line.tax)
        return half_up(Fraction(units * whole, line.ordered))

    @property
    def kept(self) -> int:
        return self.paid - self.refunded

    @property
    def unpaid(self) -> int:
        """What is asked for: what was given back only if all of it was, and goods still wait."""
        waits = any(line.open for line in self.lines.values())
        given_back = self.refunded > 0 and self.kept == 0 and waits
        return self.due if given_back else max(0, self.due - self.paid)

    @property
    def due(self) -> int:
        if self.status in ("cancelled", "expired") or all(n.cancelled == n.ordered for n in self.lines.values()):
            return 0
        gone = sum(self.worth(line, line.cancelled + line.returned) for line in self.lines.values())
        return max(0, self.total - gone)

    @property
    def owed(self) -> int:
        return max(0, self.kept - self.due)

    @property
    def shown_status(self) -> str:
        if self.status == "placed" and not any(line.open for line in self.lines.values()) and self.paid >= self.due:
            return "completed"
        return self.status
