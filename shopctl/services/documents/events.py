"""What happens to documents."""

from shopctl.services.orders.events import OrderEvent


class DocumentIssued(OrderEvent, frozen=True, kw_only=True):
    """An invoice or a credit note of an order was issued; `total` is in minor units."""

    document: str
    total: int
    currency: str
