"""A model of a shop's stock and of its orders, as domain.md defines them.

Independent of the product: it knows none of its tables and calls none of its functions. It is told what was done
after the shop has agreed to it, and says what must hold then.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ordermodel import Line, Order


@dataclass
class Kept:
    """What stock keeps for a line of an order at a place."""

    sku: str
    reserved: int = 0
    packed: int = 0
    short: int = 0
    held: int = 0

    @property
    def on_shelf(self) -> int:
        return self.reserved - self.packed


Box = Counter[tuple[int, str]]
"""Units by line and place."""


@dataclass
class ShopModel:
    """`places` in the order in which they serve; `kept` by order, line and place, the oldest first."""

    places: tuple[str, ...]
    now: datetime
    draft_expiry: timedelta
    unpaid_expiry: timedelta
    on_hand: Counter[tuple[str, str]] = field(default_factory=Counter)
    kept: dict[tuple[str, int, str], Kept] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    used: Counter[str] = field(default_factory=Counter)

    # what there is

    def sum(self, quantity: str, sku: str, place: str, *, live: bool = False) -> int:
        return sum(
            getattr(kept, quantity)
            for (number, _, where), kept in self.kept.items()
            if (kept.sku, where) == (sku, place) and not (live and self.is_over(self.orders[number]))
        )

    def available(self, sku: str, place: str, *, live: bool = False) -> int:
        gone = (self.sum(quantity, sku, place, live=live) for quantity in ("reserved", "held"))
        return self.on_hand[sku, place] - sum(gone)

    def serving(self, totals: Counter[str]) -> str | None:
        return next((p for p in self.places if all(self.available(s, p) >= n for s, n in totals.items())), None)

    def of(self, number: str) -> list[tuple[int, str, Kept]]:
        found = [(line, place, kept) for (of, line, place), kept in self.kept.items() if of == number]
        return sorted(found, key=lambda one: one[0])

    def shelf(self, number: str, meant: dict[int, int] | None = None) -> Box:
        """The units on the shelves for an order: of the lines that are meant, so many."""
        left, found = dict(meant or {}), Box()
        for line, place, kept in self.of(number):
            part = kept.on_shelf if meant is None else min(kept.on_shelf, left.get(line, 0))
            left[line] = left.get(line, 0) - part
            found[line, place] += part
        return +found

    # what moves the stock

    def receive(self, sku: str, place: str, units: int) -> None:
        self.free([sku])
        self.on_hand[sku, place] += units
        self.serve({(sku, place)})

    def adjust(self, sku: str, place: str, delta: int) -> None:
        self.free([sku])
        lacking = max(0, self.sum("reserved", sku, place) - (self.on_hand[sku, place] + delta)) if delta < 0 else 0
        for (_, _, where), kept in reversed(self.kept.items()):
            if (kept.sku, where) == (sku, place):
                part = min(kept.on_shelf, lacking)
                kept.reserved, kept.short, lacking = kept.reserved - part, kept.short + part, lacking - part
        assert lacking == 0, "packed units cannot be counted away"
        self.on_hand[sku, place] += delta
        self.serve({(sku, place)})

    def serve(self, balances: set[tuple[str, str]]) -> None:
        for (_, _, place), kept in self.kept.items():
            if kept.short and (kept.sku, place) in balances:
                part = max(0, min(kept.short, self.available(kept.sku, place)))
                kept.reserved, kept.short = kept.reserved + part, kept.short - part

    def take(self, number: str, wants: dict[int, int], quantity: str, place: str | None = None) -> None:
        lines, totals = self.orders[number].lines, Counter[str]()
        for line, units in wants.items():
            totals[lines[line].sku] += units
        place = place or self.serving(totals)
        assert place is not None, "oversold"
        assert all(self.available(sku, place) >= units for sku, units in totals.items()), "oversold"
        for line, units in wants.items():
            kept = self.kept.setdefault((number, line, place), Kept(lines[line].sku))
            setattr(kept, quantity, getattr(kept, quantity) + units)

    def take_fact(self, number: str, wants: dict[int, int]) -> None:
        lines, totals = self.orders[number].lines, Counter[str]()
        for line, units in wants.items():
            totals[lines[line].sku] += units
        if self.serving(totals):
            self.take(number, wants, "reserved")
            return

        def free(sku: str, place: str) -> int:
            return self.on_hand[sku, place] - self.sum("reserved", sku, place)

        best = max(self.places, key=lambda p: sum(min(n, free(sku, p)) for sku, n in totals.items()))
        for line, units in wants.items():
            sku = lines[line].sku
            part = min(units, free(sku, best))
            self.kept[number, line, best] = Kept(sku, reserved=part, short=units - part)

    def release(self, number: str, units: dict[int, int] | None = None) -> None:
        left = dict(units or {})
        here = set()
        for line, place, kept in self.of(number):
            kept.held = 0
            part = kept.reserved + kept.short if units is None else min(kept.reserved + kept.short, left.get(line, 0))
            left[line] = left.get(line, 0) - part
            dropped = min(kept.short, part)
            kept.short -= dropped
            kept.reserved -= part - dropped
            here.add((kept.sku, place))
        self.forget_empty(number)
        self.serve(here)

    def unhold(self, number: str, units: dict[int, int]) -> None:
        here = set()
        for line, place, kept in self.of(number):
            kept.held -= min(kept.held, units.get(line, 0))
            here.add((kept.sku, place))
        self.forget_empty(number)
        self.serve(here)

    def forget_empty(self, number: str) -> None:
        for line, place, kept in self.of(number):
            if not (kept.reserved or kept.short or kept.held):
                del self.kept[number, line, place]

    # time

    def is_over(self, order: Order) -> bool:
        return order.expires_at is not None and order.expires_at <= self.now

    def open(self, number: str) -> Order:
        """Let go of an order first, if its time is up."""
        order = self.orders[number]
        if self.is_over(order):
            order.expires_at = None
            self.release(number)
            if order.status == "placed":
                self.end(order, "expired")
        return order

    def end(self, order: Order, status: str) -> None:
        order.status, order.expires_at = status, None
        if order.code:
            self.used[order.code] -= 1

    def free(self, skus: list[str]) -> None:
        for number in dict.fromkeys(number for (number, _, _), kept in self.kept.items() if kept.sku in skus):
            self.open(number)

    def lapse(self) -> None:
        for number in self.orders:
            self.open(number)

    # what happens to orders

    def place(self, order: Order, *, fact: bool = False) -> None:
        order.price_anew()
        self.free([line.sku for line in order.lines.values()])
        self.orders[order.number] = order
        wants = {line: of.ordered for line, of in order.lines.items()}
        if fact:
            self.take_fact(order.number, wants)
        else:
            self.take(order.number, wants, "held" if order.status == "draft" else "reserved")
        if order.code:
            self.used[order.code] += 1
        if order.status == "draft":
            order.expires_at = self.now + self.draft_expiry
        elif not fact and not order.paid and order.total:
            order.expires_at = self.now + self.unpaid_expiry

    def confirm(self, number: str, *, paid: bool) -> None:
        order = self.open(number)
        if order.status == "placed":
            return
        self.free([line.sku for line in order.lines.values()])
        wants = {line: of.open for line, of in order.lines.items() if of.open}
        held = {line: (place, kept.held) for line, place, kept in self.of(number)}
        whole = held and all(held.get(line, ("", 0))[1] == units for line, units in wants.items())
        where = next(iter(held.values()))[0] if whole else None
        here = {(kept.sku, place) for _, place, kept in self.of(number)}
        for _, _, kept in self.of(number):
            kept.held = 0
        self.forget_empty(number)
        self.take(number, wants, "reserved", where)
        self.serve(here)
        order.status = "placed"
        order.expires_at = None if paid or order.due == 0 else self.now + self.unpaid_expiry
        if paid:
            order.paid += order.due

    def cancel(self, number: str, meant: dict[int, int] | None) -> None:
        order = self.open(number)
        if order.status in ("cancelled", "expired") and meant is None:
            return
        if meant is None:
            for _, _, kept in self.of(number):
                kept.packed = 0
            meant = {line: of.open for line, of in order.lines.items() if of.open}
        if order.status == "draft":
            self.unhold(number, meant)
        else:
            self.release(number, meant)
        for line, units in meant.items():
            order.lines[line].cancelled += units
        if all(line.cancelled == line.ordered for line in order.lines.values()):
            self.end(order, "cancelled")

    def edit_line(self, number: str, line: int, sku: str, units: int, price: int) -> None:
        order = self.orders[number]
        if line not in order.lines:
            self.free([sku])
            order.lines[line] = Line(sku, 0, price)
        of = order.lines[line]
        more = of.cancelled + units - of.ordered
        where = next((place for _, place, _ in self.of(number)), None)
        if more < 0:
            (self.unhold if order.status == "draft" else self.release)(number, {line: -more})
        elif more > 0:
            self.free([sku])
            if order.status == "draft":
                order.expires_at = order.expires_at or self.now + self.draft_expiry
            self.take(number, {line: more}, "held" if order.status == "draft" else "reserved", where)
        of.ordered, of.price = of.ordered + more, price
        if of.ordered == 0:
            del order.lines[line]

    # parcels, and what comes back

    def pack(self, number: str, box: Box, by: int = 1) -> None:
        self.open(number).expires_at = None
        for (line, place), units in box.items():
            self.kept[number, line, place].packed += by * units

    def ship(self, number: str, box: Box) -> None:
        for (line, place), units in box.items():
            kept = self.kept[number, line, place]
            kept.reserved, kept.packed = kept.reserved - units, kept.packed - units
            self.on_hand[kept.sku, place] -= units
            self.orders[number].lines[line].shipped += units
        self.forget_empty(number)

    def unship(self, number: str, box: Box) -> None:
        for (line, place), units in box.items():
            of = self.orders[number].lines[line]
            kept = self.kept.setdefault((number, line, place), Kept(of.sku))
            kept.reserved, kept.packed = kept.reserved + units, kept.packed + units
            self.on_hand[of.sku, place] += units
            of.shipped -= units

    def came_back(self, number: str, box: Box, *, restock: bool | None) -> None:
        for (line, _), units in box.items():
            self.orders[number].lines[line].returned += units
        if restock is not None:
            self.inspect(number, box, restock=restock)

    def inspect(self, number: str, box: Box, *, restock: bool) -> None:
        here = set()
        for (line, place), units in box.items():
            of = self.orders[number].lines[line]
            if restock:
                of.restocked += units
                self.on_hand[of.sku, place] += units
                here.add((of.sku, place))
            else:
                of.written_off += units
        self.serve(here)
