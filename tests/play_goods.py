"""What the property tests do to the goods of orders: parcels, returns, claims, documents."""

from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import rule
from ordermodel import Line, Order
from orderplay import ANNOUNCED, LAST_SHIPPED_FROM, Parcel
from play import (
    Play,
    dices,
    having,
    is_claimable,
    is_on_shelf,
    is_out,
    is_packed,
    is_reserved,
    is_shipped,
    is_to_inspect,
)
from shopmodel import Box

from shopctl.services import documents, orders


class Goods(Play):
    """Everything that happens to the goods of orders."""

    @having(is_on_shelf)
    @rule(dice=dices, what=st.sampled_from(["pick", "hold", "unhold", "unhold"]))
    def pick_or_hold(self, dice, what):
        number = self.pick_order(dice, is_on_shelf)
        does = {"pick": (orders.pick, [number]), "hold": (orders.hold, number), "unhold": (orders.unhold, number)}
        if self.attempt(*does[what], **({"reason": "ask"} if what == "hold" else {})) is not None:
            self.model.open(number)

    def gathered(self, number, choices):
        """Return the units that are packed next: the chosen ones, those that are being picked, or all on the shelf."""
        if choices:
            on_shelf = self.model.shelf(number)
            here = Counter()
            for (line, _), units in on_shelf.items():
                here[line] += units
            return self.model.shelf(number, self.meant(number, choices[0], lambda line, of: here[line]))
        picked = self.beside.parcels(number, "pending")
        return sum((box.content for box in picked), Box()) if picked else self.model.shelf(number)

    @having(is_on_shelf)
    @rule(dice=dices, part=st.booleans())
    def pack(self, dice, part):
        number = self.pick_order(dice, is_on_shelf)
        choices = [self.some(dice, number)] if part else []
        before = self.beside.parcels(number, "pending")
        leaving = None if choices or not before else sum((box.content for box in before), Box())
        if self.attempt(orders.pack, number, choices):
            self.model.pack(number, self.gathered(number, choices) if leaving is None else leaving)

    @having(is_packed)
    @rule(dice=dices)
    def unpack(self, dice):
        number = self.pick_order(dice, is_packed)
        packed = self.beside.parcels(number, "packed")
        box = dice.choice([None, *packed]) if packed else None
        if self.attempt(orders.unpack, number, parcel=str(box.parcel) if box else None):
            opened = [box] if box else packed
            self.model.pack(number, sum((one.content for one in opened), Box()), by=-1)

    @having(is_reserved)
    @rule(dice=dices, part=st.booleans(), named=st.booleans())
    def ship(self, dice, part, named):
        number = self.pick_order(dice, is_reserved)
        choices = [self.some(dice, number)] if part else []
        ready = self.beside.parcels(number, "packed", "pending")
        box = dice.choice(ready) if named and ready and not part else None
        if box is not None:
            boxes = [box]
        else:
            packed = [] if choices else [one for one in ready if one.status == "packed"]
            boxes = packed or ([] if choices else ready)
        if not self.attempt(orders.ship, number, choices, parcel=str(box.parcel) if box else None):
            return
        loose = Box() if boxes else self.gathered(number, choices)
        unpacked = sum((one.content for one in boxes if one.status == "pending"), loose)
        if unpacked:
            self.model.pack(number, unpacked)
        self.model.ship(number, sum((one.content for one in boxes), loose))

    def left(self, dice):
        """Choose an order and one of its parcels that left."""
        number = self.pick_order(dice, is_shipped)
        gone = self.beside.parcels(number, "shipped", "delivered", "lost", "returned_to_sender")
        box = dice.choice(gone) if gone else Parcel(1, "pending", Box())
        return number, f"{number}-{box.parcel}", box.content

    @having(is_shipped)
    @rule(dice=dices)
    def unship(self, dice):
        number, parcel, box = self.left(dice)
        if self.attempt(orders.unship, number, reason="mistake", parcel=parcel):
            self.model.unship(number, box)

    @having(is_shipped)
    @rule(dice=dices, restock=st.sampled_from([None, True, False]))
    def send_back(self, dice, restock):
        number, parcel, box = self.left(dice)
        if self.attempt(orders.send_back, number, parcel=parcel, restock=restock):
            self.model.came_back(number, box, restock=restock)

    @having(is_shipped)
    @rule(dice=dices, lost=st.booleans())
    def arrive(self, dice, lost):
        number, parcel, _ = self.left(dice)
        self.attempt(orders.lose if lost else orders.deliver, number, parcel=parcel)

    def came_from(self, number, units):
        places = dict(self.beside.rows(LAST_SHIPPED_FROM, number))
        return Box({(line, places[line]): n for line, n in units.items()})

    @having(is_out)
    @rule(dice=dices, restock=st.sampled_from([None, True, False]), announced=st.booleans())
    def receive_return(self, dice, restock, announced):
        number = self.pick_order(dice, is_out)
        waiting = dict(self.beside.rows(ANNOUNCED, number))
        choices = [] if announced and waiting else [self.some(dice, number)]
        if self.attempt(orders.receive_return, number, choices, restock=restock):
            units = self.meant(number, choices[0], lambda line, of: of.shipped - of.returned) if choices else waiting
            self.model.came_back(number, self.came_from(number, units), restock=restock)

    @having(is_to_inspect)
    @rule(dice=dices, restock=st.booleans(), part=st.booleans())
    def inspect_return(self, dice, restock, part):
        number = self.pick_order(dice, is_to_inspect)
        choices = [self.some(dice, number)] if part else []
        if self.attempt(orders.inspect_return, number, choices, restock=restock):
            every = {line: of.to_inspect for line, of in self.model.orders[number].lines.items() if of.to_inspect}
            units = self.meant(number, choices[0], lambda line, of: of.to_inspect) if part else every
            self.model.inspect(number, self.came_from(number, units), restock=restock)

    @having(is_shipped)
    @rule(dice=dices, withdrawn=st.booleans())
    def announce_return(self, dice, withdrawn):
        number = self.pick_order(dice, is_shipped)
        if withdrawn:
            self.attempt(orders.withdraw_return, number)
        else:
            self.attempt(orders.request_return, number, [self.some(dice, number)])

    @having(is_claimable)
    @rule(dice=dices, kind=st.sampled_from(["damaged", "lost", "wrong"]), replace=st.booleans())
    def claim(self, dice, kind, replace):
        number = self.pick_order(dice, is_claimable)
        choice = self.some(dice, number)
        made = self.attempt(orders.claim, number, [choice], kind, replace=replace)
        if made is None:
            return
        of = self.model.orders[number].lines
        units = self.meant(number, choice, lambda line, of: of.shipped - of.claimed)
        for line, n in units.items():
            of[line].claimed += n
        if replace:
            assert made.claims[-1].replacement is not None
            again = {i: Line(of[line].sku, n, 0) for i, (line, n) in enumerate(units.items(), start=1)}
            self.model.place(Order(made.claims[-1].replacement, "placed", again, self.included))

    @rule(dice=dices, kind=st.sampled_from(["invoice", "invoice", "credit_note"]))
    def issue(self, dice, kind):
        number = self.pick_order(dice)
        if made := self.attempt(documents.issue, number, kind):
            self.model.open(number)
            assert made.total.amount >= 0
