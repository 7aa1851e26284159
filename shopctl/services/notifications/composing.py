"""Composing messages: an event and what is known of its order become a subject, a text and a page."""

from pathlib import Path

from sqlalchemy import Connection

from shopctl import clock
from shopctl.database import shop
from shopctl.errors import NotFoundError
from shopctl.events import Recorded
from shopctl.services import orders
from shopctl.services.notifications.values import Message
from shopctl.templating import environment
from shopctl.text import nearest, safe

TEMPLATES = Path(__file__).parent / "templates"


def order_confirmation(conn: Connection, event: Recorded) -> list[Message]:
    """Tell the customer that the order was placed, unless it was cancelled or expired before anybody could."""
    order = orders.get(conn, event.subject)
    ended = order.status in ("cancelled", "expired")
    gone = f"the order was {order.status} before this could be sent" if ended else ""
    if order.external_number is not None:
        gone = f"it was made elsewhere ({order.channel}), which confirms it"
    return [_render(conn, order, "order_placed", cause=f"event:{event.id}", suppressed=gone)]


def cancellation(conn: Connection, event: Recorded) -> list[Message]:
    """Tell the customer that the order was cancelled; it waits a little, so that it can be taken back."""
    order = orders.get(conn, event.subject)
    draft = "" if order.placed_at else "it was a draft, which was never confirmed to anybody"
    return [_render(conn, order, "order_cancelled", cause=f"event:{event.id}", hold=True, suppressed=draft)]


def preview(conn: Connection, template: str, number: str) -> Message:
    """Return the message that `template` makes of an order.

    Raises:
        NotFoundError: there is no such template, or no such order.
    """
    if template not in (known := template_names()):
        raise NotFoundError(
            f"There is no template {safe(template, 60)!r}.", nearest(template, known) or f"There is {', '.join(known)}."
        )
    return _render(conn, orders.get(conn, number), template, cause="preview")


def template_names() -> list[str]:
    """Return the names of the templates."""
    return sorted(path.stem for path in TEMPLATES.glob("*.txt"))


def _render(
    conn: Connection, order: orders.Order, template: str, *, cause: str, hold: bool = False, suppressed: str = ""
) -> Message:
    templates = environment(TEMPLATES)
    values = {"order": order, "shop": shop(conn), "placed": _shown_time(conn, order)}
    text = templates.get_template(f"{template}.txt").render(values)
    subject, _, body = text.partition("\n")
    return Message(
        cause=cause,
        recipient=order.customer.email or "",
        template=template,
        order_number=order.number,
        subject=safe(subject.strip(), 200),
        text=body.strip() + "\n",
        html=templates.get_template(f"{template}.html").render(values, subject=subject.strip()),
        hold=hold,
        suppressed=suppressed if order.customer.email else "the customer has no e-mail address",
    )


def _shown_time(conn: Connection, order: orders.Order) -> str:
    return clock.shown(order.placed_at, clock.zone(shop(conn).timezone)) if order.placed_at else ""
