"""Orders: placed, paid, cancelled, looked at."""

from shopctl.services.orders.cancelling import cancel
from shopctl.services.orders.events import OrderCancelled, OrderPlaced, PaymentCaptured, PaymentRefunded
from shopctl.services.orders.payments import DEFAULT_METHOD, pay, refund
from shopctl.services.orders.placing import place
from shopctl.services.orders.queries import completing, get, page
from shopctl.services.orders.values import Address, Discount, LineDraft, Order, OrderDraft, OrderFilter, OrderSummary

__all__ = [
    "DEFAULT_METHOD",
    "Address",
    "Discount",
    "LineDraft",
    "Order",
    "OrderCancelled",
    "OrderDraft",
    "OrderFilter",
    "OrderPlaced",
    "OrderSummary",
    "PaymentCaptured",
    "PaymentRefunded",
    "cancel",
    "completing",
    "get",
    "page",
    "pay",
    "place",
    "refund",
]
