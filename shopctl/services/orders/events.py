"""What happens to orders."""

import msgspec

from shopctl.events import Event


class OrderEvent(Event, frozen=True, kw_only=True):
    """Something that happened to the order `number`. `remark` is the row that says why, in somebody's words."""

    number: str
    remark: int = 0

    @property
    def subject(self) -> str:
        """The order's number."""
        return self.number


class Amount(OrderEvent, frozen=True, kw_only=True):
    """Money of `currency` in minor units that moved, or was promised, by a `method`."""

    amount: int
    currency: str
    method: str


class Moved(OrderEvent, frozen=True, kw_only=True):
    """Units of an order that moved; `parcel` is the number of theirs, if they are in one."""

    units: int
    parcel: int = 0


class OrderDrafted(OrderEvent, frozen=True, kw_only=True):
    """A draft was made; its stock is held."""

    total: int
    currency: str
    units: int


class DraftLapsed(Moved, frozen=True, kw_only=True):
    """The time of a draft's hold is up; its stock is free."""


class OrderPlaced(OrderEvent, frozen=True, kw_only=True):
    """An order was placed; its stock is reserved, but for what is `short`."""

    total: int
    currency: str
    units: int
    short: int = 0


class OrderExpired(Moved, frozen=True, kw_only=True):
    """An order was not paid in time; its stock is free."""


class OrderHeld(OrderEvent, frozen=True, kw_only=True):
    """Nothing is picked or shipped for now."""


class OrderUnheld(OrderEvent, frozen=True, kw_only=True):
    """The order goes on."""


class NoteAdded(OrderEvent, frozen=True, kw_only=True):
    """Somebody wrote a note."""


class LineChange(msgspec.Struct, frozen=True, kw_only=True):
    """How a line was and is: units to deliver, unit price in minor units (None: not there)."""

    sku: str
    before: tuple[int, int] | None
    after: tuple[int, int] | None


class OrderEdited(OrderEvent, frozen=True, kw_only=True):
    """Lines, prices or addresses changed; totals in minor units, `remarks` are the rows with the texts that changed."""

    currency: str
    total_before: int
    total_after: int
    lines: tuple[LineChange, ...] = ()
    remarks: tuple[int, ...] = ()


class PaymentAuthorized(Amount, frozen=True, kw_only=True):
    """Money was promised."""


class PaymentVoided(Amount, frozen=True, kw_only=True):
    """A promise of money was given back."""


class PaymentCaptured(Amount, frozen=True, kw_only=True):
    """Money came in."""


class PaymentRefunded(Amount, frozen=True, kw_only=True):
    """Money went back."""


class PickingStarted(Moved, frozen=True, kw_only=True):
    """Somebody fetches the units for a parcel."""


class ParcelPacked(Moved, frozen=True, kw_only=True):
    """Units left their shelf for a parcel."""


class ParcelUnpacked(Moved, frozen=True, kw_only=True):
    """The units of a parcel are back on their shelf."""


class ShipmentSent(Moved, frozen=True, kw_only=True):
    """A parcel was shipped; the stock no longer has its units."""


class ShipmentUndone(Moved, frozen=True, kw_only=True):
    """A parcel had been recorded as shipped by mistake; it is packed again."""


class ShipmentTracked(OrderEvent, frozen=True, kw_only=True):
    """A parcel got its carrier or tracking number."""

    parcel: int


class ShipmentDelivered(OrderEvent, frozen=True, kw_only=True):
    """A parcel arrived."""

    parcel: int


class ShipmentLost(OrderEvent, frozen=True, kw_only=True):
    """A parcel will not arrive."""

    parcel: int


class ShipmentReturned(OrderEvent, frozen=True, kw_only=True):
    """A parcel came back unopened."""

    parcel: int


class LinesCancelled(Moved, frozen=True, kw_only=True):
    """Some units were cancelled; their stock was released."""


class OrderCancelled(Moved, frozen=True, kw_only=True):
    """All that was not shipped was cancelled; its stock was released."""


class ReturnRequested(Moved, frozen=True, kw_only=True):
    """The customer announced to send units back."""


class ReturnWithdrawn(Moved, frozen=True, kw_only=True):
    """The customer keeps what was to come back."""


class ReturnReceived(Moved, frozen=True, kw_only=True):
    """Units came back: some `restocked`, some `written_off`, the rest to be inspected."""

    restocked: int
    written_off: int


class ReturnInspected(OrderEvent, frozen=True, kw_only=True):
    """It was decided what becomes of returned units."""

    restocked: int
    written_off: int


class ClaimOpened(Moved, frozen=True, kw_only=True):
    """Units arrived damaged, never, or were the wrong ones; `replacement` is the order that makes it good."""

    kind: str
    replacement: str = ""


class StockAllocated(Moved, frozen=True, kw_only=True):
    """Units that the order was short of have arrived; they are reserved."""


class StockFellShort(Moved, frozen=True, kw_only=True):
    """Units that were reserved are not there."""
