"""Orders of every kind, made by the services themselves: the patterns of which a large shop's orders are copies."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from shopctl import settings
from shopctl import shop as shops
from shopctl.money import Money
from shopctl.services import inventory, orders, products
from shopctl.services.inventory import Item
from shopctl.services.orders import Choice, LineDraft, OrderDraft
from shopctl.services.products import ProductDraft
from shopctl.shop import Shop

BEGIN = datetime(2026, 1, 1, 9, tzinfo=UTC)
PRODUCTS = 40
_METHODS = ("card", "paypal", "transfer")


class Till:
    """A shop in which one order after the other is made, each from the same moment on."""

    def __init__(self, home: Path, chance: Random) -> None:
        self.moment = BEGIN
        self.chance = chance
        self.shop = Shop(home, actor="bench", clock=lambda: self.moment)

    def place(self, *, paid: bool = True, **fields: Any) -> str:
        """Place an order of one to four lines; return its number."""
        count = self.chance.choice((1, 1, 2, 2, 3, 4))
        lines = tuple(
            LineDraft(f"P{i}", self.chance.choice((2, 2, 3)), Money(self.chance.randrange(195, 9995, 10), "EUR"))
            for i in self.chance.sample(range(PRODUCTS), count)
        )
        extra: dict[str, Any] = {}
        if self.chance.random() < 0.6:
            extra["shipping"] = Money(self.chance.choice((390, 490, 990)), "EUR")
        if self.chance.random() < 0.1:
            extra["discount"] = orders.Discount(rate=self.chance.choice((5_000, 10_000)))
        if paid:
            extra["paid"] = self.chance.choice(_METHODS)
        draft = OrderDraft(**{"lines": lines, "tax_rate": 20_000, **extra, **fields})
        with self.shop.write() as conn:
            return orders.place(conn, draft).number

    def then(self, change: Callable[..., Any], number: str, *args: Any, hours: int = 5, **fields: Any) -> None:
        """Change the order some hours later."""
        self.moment += timedelta(hours=hours)
        with self.shop.write() as conn:
            change(conn, number, *args, **fields)

    def sent(self, *, paid: bool = True) -> str:
        """Place an order, and ship all of it."""
        number = self.place(paid=paid)
        if not paid:
            self.then(orders.pay, number, method="transfer", hours=26)
        self.then(lambda conn, one: orders.pick(conn, [one]), number)
        self.then(orders.pack, number)
        self.then(orders.ship, number, carrier="DHL", tracking="T", hours=1)
        return number

    def arrived(self, *, paid: bool = True) -> str:
        """Place an order, ship and deliver it."""
        number = self.sent(paid=paid)
        self.then(orders.deliver, number, hours=50)
        return number


def _one(till: Till, number: str) -> Choice:
    """Return one unit of the order's first line."""
    with till.shop.read() as conn:
        return Choice(orders.get(conn, number).lines[0].sku, 1)


def _in_two_parcels(till: Till) -> None:
    number = till.place()
    till.then(orders.ship, number, [_one(till, number)], carrier="DHL", tracking="T")
    till.then(orders.ship, number, carrier="UPS", tracking="T", hours=30)
    till.then(orders.deliver, number, hours=50)


def _returned(till: Till) -> None:
    number = till.arrived()
    with till.shop.read() as conn:
        all_of_it = [Choice(f"#{line.line}", line.quantity) for line in orders.get(conn, number).lines]
    till.then(orders.request_return, number, all_of_it, reason="too small")
    till.then(orders.receive_return, number, restock=True, hours=90)
    till.then(orders.refund, number)


def _returned_in_part(till: Till) -> None:
    number = till.arrived()
    till.then(orders.receive_return, number, [_one(till, number)], restock=False, reason="broken", hours=90)
    till.then(orders.refund, number)


def _given_back(till: Till) -> None:
    number = till.arrived()
    till.then(orders.refund, number, amount=Money(100, "EUR"), hours=30)


def _claimed(till: Till) -> None:
    number = till.arrived()
    till.then(orders.claim, number, [_one(till, number)], "damaged", reason="in pieces", hours=30)


def _cancelled(till: Till) -> None:
    till.then(orders.cancel, till.place(paid=False), reason="changed my mind")


def _cancelled_and_refunded(till: Till) -> None:
    number = till.place()
    till.then(orders.cancel, number, reason="too late")
    till.then(orders.refund, number)


def _expired(till: Till) -> None:
    till.place(paid=False)
    till.moment += timedelta(days=4)
    with till.shop.write() as conn:
        assert orders.lapse(conn) == 1


def _held(till: Till) -> None:
    number = till.place()
    till.then(orders.note, number, "Ring twice.")
    till.then(orders.hold, number, reason="address to be checked")


def _short(till: Till) -> None:
    lines = (LineDraft("NONE", till.chance.randrange(1, 4), Money(till.chance.randrange(500, 9000, 50), "EUR")),)
    till.place(lines=lines, channel="etsy", external_number=f"X{till.chance.random()}")


def _picking(till: Till) -> None:
    till.then(lambda conn, one: orders.pick(conn, [one]), till.place())


def _owing(till: Till) -> None:
    number = till.place()
    till.then(orders.cancel, number, [_one(till, number)], reason="one is enough")


def _sent_in_part(till: Till) -> None:
    number = till.place()
    till.then(orders.ship, number, [_one(till, number)], carrier="DHL", tracking="T")


class Kind(NamedTuple):
    """A kind of order: how many of 1,000 old ones, and of 1,000 of the latest, are of it."""

    make: Callable[[Till], object]
    old: int
    latest: int


EXPIRED = Kind(_expired, 20, 10)
KINDS = (
    Kind(Till.arrived, 650, 200),
    Kind(lambda till: till.arrived(paid=False), 130, 60),
    Kind(_in_two_parcels, 40, 20),
    Kind(_returned, 40, 20),
    Kind(_returned_in_part, 30, 15),
    Kind(_given_back, 20, 10),
    Kind(_claimed, 10, 5),
    Kind(_cancelled, 30, 30),
    Kind(_cancelled_and_refunded, 20, 15),
    Kind(Till.sent, 3, 150),
    Kind(lambda till: till.place(paid=False), 3, 120),
    Kind(lambda till: till.then(orders.authorize, till.place(paid=False), method="card"), 0, 20),
    Kind(_held, 0, 15),
    Kind(_short, 1, 40),
    Kind(Till.place, 1, 150),
    Kind(_picking, 0, 30),
    Kind(lambda till: till.then(orders.pack, till.place()), 0, 40),
    Kind(_owing, 1, 15),
    Kind(_sent_in_part, 1, 20),
    EXPIRED,
    Kind(lambda till: till.place(paid=False, draft=True), 0, 15),
)


class Pattern(NamedTuple):
    """An order that is copied: its id in the shop of patterns, and of which kind it is."""

    order: int
    kind: Kind


def make(home: Path, *, each: int) -> list[Pattern]:
    """Make a shop in `home` with patterns of every kind: one, and one more for every 1,000 / `each` of frequency."""
    chance = Random(1)
    shops.create(home, {"shop.name": "Patterns", "orders.unpaid_expiry": "3d"}, location="main").close()
    till = Till(home, chance)
    with till.shop.write() as conn:
        for sku in (*(f"P{i}" for i in range(PRODUCTS)), "NONE"):
            made = products.add(conn, ProductDraft(name=sku, sku=sku, price=Money(990, "EUR")))
            if sku != "NONE":
                inventory.receive(conn, Item(made.id, made.sku), 1_000_000)
    found: list[Pattern] = []

    def repeat(kind: Kind) -> None:
        for _ in range(1 + max(kind.old, kind.latest) * each // 1_000):
            till.moment = BEGIN
            kind.make(till)
            found.append(Pattern(len(found) + 1, kind))

    repeat(EXPIRED)
    till.shop.close()
    settings.save(home, {"orders.unpaid_expiry": "off"})
    till.shop = Shop(home, actor="bench", clock=lambda: till.moment)
    for kind in KINDS:
        if kind is not EXPIRED:
            repeat(kind)
    till.shop.close()
    return found
