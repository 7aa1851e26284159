"""Messages: composed from what happened, delivered once, and explainable."""

from shopctl.services.notifications.composing import cancellation, order_confirmation, preview, template_names
from shopctl.services.notifications.delivery import (
    DEADLINE,
    LEASE,
    MAX_ATTEMPTS,
    WAITS,
    cancel,
    claim,
    enqueue,
    finish,
    retry,
)
from shopctl.services.notifications.queries import get, page, queue
from shopctl.services.notifications.values import (
    Claim,
    Message,
    Notification,
    NotificationDetail,
    NotificationFilter,
    Queue,
    Result,
)

__all__ = [
    "DEADLINE",
    "LEASE",
    "MAX_ATTEMPTS",
    "WAITS",
    "Claim",
    "Message",
    "Notification",
    "NotificationDetail",
    "NotificationFilter",
    "Queue",
    "Result",
    "cancel",
    "cancellation",
    "claim",
    "enqueue",
    "finish",
    "get",
    "order_confirmation",
    "page",
    "preview",
    "queue",
    "retry",
    "template_names",
]
