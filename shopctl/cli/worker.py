"""``shopctl worker``."""

import logging
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from shopctl import clock
from shopctl.cli import output
from shopctl.cli.context import Context, group, options
from shopctl.errors import ShopError, UnreachableError

if TYPE_CHECKING:
    from shopctl.shop import Shop

app = group("The process that delivers messages.")


class WorkerStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Who delivers, and what waits for it."""

    alive: bool
    workers: list[dict[str, str | int]]
    events_waiting: int
    events_failing: int
    due: int
    held: int
    dead: int
    oldest_due_at: datetime | None
    next_due_at: datetime | None


@app.command()
def run(
    context: Context,
    workers: Annotated[int, typer.Option(help="How many messages at once.", min=1, max=8)] = 1,
    burst: Annotated[bool, typer.Option("--burst", help="Do all that is due, then end: for cron.")] = False,
) -> None:
    """Deliver messages, until Ctrl-C or TERM; what is being sent is finished first.

    Example: shopctl worker run --burst
    """
    shop = context.shop
    shop.threads = workers
    shop.origin, shop.actor = "worker", options.actor or "worker"
    _log_to_stderr(shop.settings.shop.timezone)
    _finish_forgetting(shop)
    if burst:
        _burst(shop)
        return
    with shop.presence.announced():
        shop.awake = shop.queue
        where = f"by {shop.settings.mail.host}" if shop.settings.mail.host else f"as files in {shop.home / 'outbox'}"

        def begun() -> None:
            output.tell(f"The worker of {shop.settings.shop.name} runs; mail leaves {where}. Ctrl-C ends it.")
            shop.wake()  # for what waits already

        shop.queue.worker(begun).run()
    output.tell("The worker has ended.")


@app.command()
def status(context: Context) -> None:
    """Tell whether a worker is alive, and what waits for it.

    Example: shopctl worker status
    """
    from shopctl import events
    from shopctl.services import notifications

    shop = context.shop
    alive = shop.presence.alive()
    with shop.read() as conn:
        backlog = events.backlog(conn)
        queue = notifications.queue(conn)
    found = WorkerStatus(
        alive=bool(alive),
        workers=[{"pid": worker.pid, "started_at": worker.started_at.isoformat()} for worker in alive],
        events_waiting=backlog.waiting,
        events_failing=backlog.failing,
        due=queue.due,
        held=queue.states.get("held", 0),
        dead=queue.states.get("dead", 0),
        oldest_due_at=min(filter(None, (queue.oldest_due_at, backlog.oldest_at)), default=None),
        next_due_at=queue.next_due_at,
    )
    if options.format not in (None, "table"):
        context.print(found)
        return
    if alive:
        title = "; ".join(f"Worker {w.pid} runs since {output.cell(w.started_at)}" for w in alive)
    else:
        title = "No worker runs. Start one with shopctl worker run, or shopctl worker run --burst from cron."
    output.details(
        title,
        [
            ("Events waiting", found.events_waiting or "none"),
            ("Events failing", found.events_failing or ""),
            ("Messages due", found.due or "none"),
            ("Messages held", found.held or ""),
            ("Messages dead", found.dead or ""),
            ("Waiting since", found.oldest_due_at),
            ("Next due", found.next_due_at),
        ],
    )
    if found.dead:
        output.tell("Look at the dead ones with shopctl notify list --state dead.")


def _finish_forgetting(shop: "Shop") -> None:
    """Do what an interrupted `customer forget` left; if that fails, messages leave nevertheless."""
    from shopctl.services import privacy

    if not privacy.unfinished(shop.home):
        return
    try:
        finished = privacy.finish(shop)
    except ShopError as error:
        output.tell(f"{error.message} {error.hint}")
    else:
        if finished.emptied:
            output.tell("What an earlier `shopctl customer forget` left to do is done.")


def _burst(shop: "Shop") -> None:
    """Hand on and send until nothing is due.

    Raises:
        UnreachableError: the mail server cannot be reached; the messages stay.
    """
    from shopctl import tasks
    from shopctl.services import notifications

    handed, delivery = tasks.relay(shop), tasks.deliver_all(shop)
    with shop.read() as conn:
        queue = notifications.queue(conn)
    later = f"; {queue.later:,} to go later, the next at {output.cell(queue.next_due_at)}" if queue.later else ""
    output.tell(f"Handed on {output.counted(handed, 'event')}, sent {output.counted(delivery.sent, 'message')}{later}.")
    if delivery.unreachable or queue.due:
        why = delivery.unreachable or f"{queue.due:,} messages are due and could not be sent"
        raise UnreachableError(f"Mail cannot leave: {why}.", "`shopctl notify list --state pending` shows what waits.")


def _log_to_stderr(timezone: str) -> None:
    """Tell what is sent, with the shop's time, and what goes wrong inside Huey."""
    formatter = logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S")
    formatter.converter = lambda seconds: datetime.fromtimestamp(seconds or 0, clock.zone(timezone)).timetuple()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logger = logging.getLogger("shopctl.worker")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
