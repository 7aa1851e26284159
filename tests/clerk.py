"""A clerk who does whatever comes to mind to the orders of a shop, in a process of its own: ``test_order_chaos.py``.

Arguments: the shop's folder, the clerk's number, when all began (seconds), for how many seconds to work, and how many
of the shop's seconds pass in one.
"""

import json
import random
import sys
import time
import traceback
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from shopctl.errors import RefusedError, ShopError
from shopctl.money import Money
from shopctl.services import documents, orders, products
from shopctl.services.inventory import Item
from shopctl.services.orders import Choice, Discount, LineDraft, OrderDraft, OrderEdit
from shopctl.services.orders.tables import order as order_table
from shopctl.shop import Shop

SKUS = ("MUG", "CAP", "PEN")
PLACES = ("main", "attic")
CODES = ("TENTH", "FIVER")


class Clerk:
    def __init__(self, home: Path, seed: int, began: float, pace: float) -> None:
        self.dice = random.Random(seed)
        self.seed = seed
        start = datetime(2026, 11, 23, tzinfo=UTC)
        self.shop = Shop(
            home, actor=f"clerk {seed}", clock=lambda: start + timedelta(seconds=pace * (time.time() - began))
        )
        with self.shop.read() as conn:
            self.items = {sku: Item(products.get(conn, sku).id, sku) for sku in SKUS}
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.longest_wait = self.longest = 0.0
        self.drafted = 0

    def write(self, change, *arguments, **options):
        began = time.monotonic()
        with self.shop.write() as conn:
            self.longest_wait = max(self.longest_wait, time.monotonic() - began)
            made = change(conn, *arguments, **options)
        self.longest = max(self.longest, time.monotonic() - began)
        return made

    def number(self) -> str:
        latest = select(order_table.c.number).order_by(order_table.c.id.desc()).limit(25)
        with self.shop.read() as conn:
            known = list(conn.execute(latest).scalars())
        if not known:
            raise RefusedError("There are no orders yet.")
        return self.dice.choice(known)

    def some(self, number: str) -> list[Choice]:
        with self.shop.read() as conn:
            lines = orders.get(conn, number).lines
        line = self.dice.choice(lines)
        return [Choice(self.dice.choice([line.sku, f"#{line.line}"]), self.dice.randint(1, 2))]

    def part(self, number: str) -> list[Choice]:
        return self.some(number) if self.dice.random() < 0.5 else []

    def amount(self) -> Money | None:
        return self.dice.choice([None, Money(self.dice.randint(1, 2000), "EUR")])

    def parcel(self, number: str) -> str:
        with self.shop.read() as conn:
            known = orders.get(conn, number).shipments
        if not known:
            raise RefusedError("It has no parcels.")
        return self.dice.choice(known).number

    def receive(self):
        self.write(orders.receive, self.items[self.dice.choice(SKUS)], self.dice.randint(1, 6), location=self.where())

    def where(self) -> str:
        return self.dice.choice(PLACES)

    def adjust(self):
        item, delta = self.items[self.dice.choice(SKUS)], self.dice.choice([-4, -2, -1, 1])
        self.write(orders.adjust, item, delta, location=self.where(), reason="count")

    def lines(self) -> tuple[LineDraft, ...]:
        return tuple(LineDraft(self.dice.choice(SKUS), self.dice.randint(1, 3)) for _ in range(self.dice.randint(1, 3)))

    def place(self):
        code = self.dice.choice([None, None, *CODES])
        self.write(
            orders.place,
            OrderDraft(
                lines=self.lines(),
                code=code,
                discount=Discount() if code else Discount(rate=self.dice.choice([0, 5_000])),
                tax_rate=self.dice.choice([None, 20_000]),
                shipping=self.dice.choice([None, "post"]),
                paid=self.dice.choice([None, "card"]),
                customer=self.dice.choice([None, "ada@example.org", "bob@example.org"]),
            ),
        )

    def place_draft(self):
        self.write(orders.place, OrderDraft(lines=self.lines(), draft=True, code=self.dice.choice([None, *CODES])))

    def place_fact(self):
        external = f"X{self.dice.randint(0, 10**9)}"
        self.write(orders.place, OrderDraft(lines=self.lines(), channel="market", external_number=external))

    def place_once(self):
        """Every clerk asks for the same orders, under the same keys: each is placed once."""
        self.drafted += 1
        lines = (LineDraft(SKUS[self.drafted % 3], 1),)
        self.write(orders.place, OrderDraft(lines=lines, key=f"once-{self.drafted}"))

    def confirm(self):
        self.write(orders.confirm, self.number(), paid=self.dice.choice([None, "card"]))

    def hold(self):
        self.write(orders.hold, self.number(), reason="ask")

    def unhold(self):
        self.write(orders.unhold, self.number())

    def edit(self):
        number = self.number()
        what, price = self.some(number)[0], self.dice.choice([None, Money(700, "EUR")])
        line = LineDraft(self.dice.choice([what.sku, self.dice.choice(SKUS)]), self.dice.randint(0, 4), price)
        discount = {"discount": Discount(rate=10_000)} if self.dice.random() < 0.3 else {}
        self.write(orders.edit, number, OrderEdit(lines=(line,), **discount))

    def pay(self):
        self.write(orders.pay, self.number(), amount=self.amount())

    def pay_once(self):
        number = self.number()
        self.write(orders.pay, number, amount=Money(100, "EUR"), key=f"pay-{number}")

    def authorize(self):
        self.write(orders.authorize, self.number(), amount=self.amount(), method="card")

    def capture(self):
        self.write(orders.capture_authorized, self.number(), amount=self.amount())

    def void(self):
        self.write(orders.void, self.number(), amount=self.amount())

    def refund(self):
        number = self.number()
        choices = self.part(number)
        self.write(orders.refund, number, choices, amount=None if choices else self.amount())

    def pick(self):
        self.write(orders.pick, [self.number()] if self.dice.random() < 0.9 else [])

    def pack(self):
        number = self.number()
        self.write(orders.pack, number, self.part(number))

    def unpack(self):
        self.write(orders.unpack, self.number())

    def ship(self):
        number = self.number()
        self.write(orders.ship, number, self.part(number))

    def unship(self):
        number = self.number()
        self.write(orders.unship, number, reason="mistake", parcel=self.parcel(number))

    def deliver(self):
        self.write(orders.deliver, self.number())

    def lose(self):
        number = self.number()
        self.write(orders.lose, number, parcel=self.parcel(number))

    def send_back(self):
        number = self.number()
        self.write(orders.send_back, number, parcel=self.parcel(number), restock=self.dice.choice([None, True, False]))

    def cancel(self):
        number = self.number()
        self.write(orders.cancel, number, self.part(number))

    def request_return(self):
        number = self.number()
        self.write(orders.request_return, number, self.some(number))

    def withdraw_return(self):
        self.write(orders.withdraw_return, self.number())

    def receive_return(self):
        number = self.number()
        self.write(orders.receive_return, number, self.part(number), restock=self.dice.choice([None, True, False]))

    def inspect_return(self):
        number = self.number()
        self.write(orders.inspect_return, number, self.part(number), restock=self.dice.random() < 0.5)

    def claim(self):
        number = self.number()
        kind = self.dice.choice(["damaged", "lost", "wrong"])
        self.write(orders.claim, number, self.some(number), kind, replace=self.dice.random() < 0.3)

    def issue(self):
        self.write(documents.issue, self.number(), self.dice.choice(["invoice", "credit_note"]))

    def lapse(self):
        self.write(orders.lapse)


OFTEN = {"place": 4, "receive": 3, "ship": 3, "unhold": 2, "edit": 2, "pay": 2}
"""What clerks do more often than the rest."""
EVERYTHING = [
    name
    for name, does in vars(Clerk).items()
    if callable(does)
    and name not in ("__init__", "write", "number", "some", "part", "amount", "parcel", "where", "lines")
    for _ in range(OFTEN.get(name, 1))
]


def main() -> None:
    home, seed, began, seconds, pace = Path(sys.argv[1]), int(sys.argv[2]), *map(float, sys.argv[3:])
    clerk, failures = Clerk(home, seed, began, pace), []
    until = time.monotonic() + seconds
    while time.monotonic() < until and not failures:
        what = clerk.dice.choice(EVERYTHING)
        try:
            getattr(clerk, what)()
            clerk.done[what] += 1
        except ShopError as error:
            clerk.refused[what] += 1
            clerk.errors[error.code] += 1
        except Exception:
            failures.append(f"{what}: {traceback.format_exc()}")
    clerk.shop.close()
    report = {
        name: getattr(clerk, name) for name in ("done", "refused", "errors", "longest_wait", "longest", "drafted")
    }
    print(json.dumps({**report, "failures": failures}))


if __name__ == "__main__":
    main()
