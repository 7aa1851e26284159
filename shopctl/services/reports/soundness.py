"""Whether the shop's numbers hold: the invariants of ``docs/invariants.md``, proved from the rows.

``shopctl doctor`` prints them.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

import msgspec
from sqlalchemy import Connection, case, func, or_, select

from shopctl.database import event_table, now
from shopctl.money import Money
from shopctl.services.documents.tables import document
from shopctl.services.inventory.ledger import QUANTITIES
from shopctl.services.inventory.tables import location, reservation, stock, stock_movement
from shopctl.services.notifications.tables import notification
from shopctl.services.orders import status
from shopctl.services.orders.parcel_tables import claim_line, return_line, shipment_line
from shopctl.services.orders.tables import order, order_line, payment, sequence
from shopctl.services.products.tables import product, product_price
from shopctl.services.reports import order_soundness
from shopctl.services.terms.tables import discount_code

SWEEP = timedelta(minutes=2)
"""After this long, a running worker has handed every event on and sent every message that was due."""


class Finding(msgspec.Struct, frozen=True):
    """One invariant, and what breaks it; `problems` is empty where it holds."""

    name: str
    checked: int
    problems: list[str]


def prove(conn: Connection, *, workers: int) -> list[Finding]:
    """Return each invariant with what breaks it.

    `workers` is how many are alive: only then must messages have gone out.
    """
    checks: list[tuple[str, Callable[[], Iterator[str]], Callable[[], int]]] = [
        ("The database file is whole", lambda: _file(conn), lambda: 1),
        ("Every product has a price", lambda: _prices(conn), lambda: _count(conn, product)),
        ("Every quantity is the sum of its ledger", lambda: _ledger(conn), lambda: _count(conn, stock_movement)),
        ("Reserved is what orders have reserved", lambda: _reservations(conn), lambda: _count(conn, stock)),
        ("Every unit of an order is somewhere", lambda: _lines(conn), lambda: _count(conn, order_line)),
        (
            "Nobody is short of what is there",
            lambda: order_soundness.shortages(conn),
            lambda: _count(conn, reservation),
        ),
        (
            "Stock is kept as long as its order",
            lambda: order_soundness.expiries(conn),
            lambda: _count(conn, reservation),
        ),
        ("Parcels hold what left", lambda: order_soundness.parcels(conn), lambda: _count(conn, shipment_line)),
        ("Returns hold what came back", lambda: order_soundness.returns(conn), lambda: _count(conn, return_line)),
        ("Claims hold what was claimed", lambda: order_soundness.claims(conn), lambda: _count(conn, claim_line)),
        (
            "No more is captured than was promised",
            lambda: order_soundness.promises(conn),
            lambda: _count(conn, payment),
        ),
        ("Codes count their orders", lambda: order_soundness.codes(conn), lambda: _count(conn, discount_code)),
        ("Totals add up, refunds stay below payments", lambda: _totals(conn), lambda: _count(conn, order)),
        ("Statuses follow from the rows", lambda: _statuses(conn), lambda: _count(conn, order)),
        ("Documents are numbered without gaps", lambda: _documents(conn), lambda: _count(conn, document)),
        ("Events are handed on", lambda: _events(conn, workers), lambda: _count(conn, event_table)),
        ("Messages are final, due or leased", lambda: _messages(conn, workers), lambda: _count(conn, notification)),
    ]
    return [Finding(name, count(), list(problems())) for name, problems, count in checks]


def _count(conn: Connection, table: object) -> int:
    return conn.execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[arg-type]


def _file(conn: Connection) -> Iterator[str]:
    for row in conn.exec_driver_sql("PRAGMA integrity_check"):
        if row[0] != "ok":
            yield f"SQLite: {row[0]}"
    for row in conn.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"a row of {row[0]} refers to a missing row of {row[2]}"


def _prices(conn: Connection) -> Iterator[str]:
    regular = select(product_price.c.product_id).where(product_price.c.ends_at.is_(None))
    for sku in conn.execute(select(product.c.sku).where(product.c.id.not_in(regular))).scalars():
        yield f"{sku} has no regular price"


def _ledger(conn: Connection) -> Iterator[str]:
    sums = (
        select(
            stock_movement.c.product_id,
            stock_movement.c.location_id,
            *(func.sum(stock_movement.c[name]).label(name) for name in QUANTITIES),
        )
        .group_by(stock_movement.c.product_id, stock_movement.c.location_id)
        .subquery()
    )
    same = (sums.c.product_id == stock.c.product_id) & (sums.c.location_id == stock.c.location_id)
    balance = select(
        product.c.sku,
        location.c.name.label("location"),
        *(stock.c[name].label(f"is_{name}") for name in QUANTITIES),
        *(func.coalesce(sums.c[name], 0).label(f"was_{name}") for name in QUANTITIES),
    )
    named = (
        balance.join_from(stock, sums, same, isouter=True)
        .join(product, product.c.id == stock.c.product_id)
        .join(location, location.c.id == stock.c.location_id)
        .where(or_(*(stock.c[name] != func.coalesce(sums.c[name], 0) for name in QUANTITIES)))
    )
    for row in conn.execute(named):
        for name in QUANTITIES:
            is_now, was = row._mapping[f"is_{name}"], row._mapping[f"was_{name}"]
            if is_now != was:
                yield f"{row.sku} at {row.location}: {name} is {is_now:,}, its ledger adds up to {was:,}"
    orphans = select(func.count()).select_from(sums.outerjoin(stock, same)).where(stock.c.product_id.is_(None))
    if lost := conn.execute(orphans).scalar_one():
        yield f"{lost:,} balances are missing that the ledger knows"


def _reservations(conn: Connection) -> Iterator[str]:
    sums = (
        select(
            reservation.c.product_id,
            reservation.c.location_id,
            func.sum(reservation.c.reserved).label("reserved"),
            func.sum(reservation.c.packed).label("packed"),
            func.sum(reservation.c.held).label("held"),
        )
        .group_by(reservation.c.product_id, reservation.c.location_id)
        .subquery()
    )
    same = (sums.c.product_id == stock.c.product_id) & (sums.c.location_id == stock.c.location_id)
    for name in ("reserved", "packed", "held"):
        wanted = func.coalesce(sums.c[name], 0)
        rows = conn.execute(
            select(product.c.sku, location.c.name.label("location"), stock.c[name].label("has"), wanted.label("needs"))
            .join_from(stock, sums, same, isouter=True)
            .join(product, product.c.id == stock.c.product_id)
            .join(location, location.c.id == stock.c.location_id)
            .where(stock.c[name] != wanted)
        )
        for row in rows:
            yield f"{row.sku} at {row.location}: {row.has:,} {name}, orders have {row.needs:,}"


def _lines(conn: Connection) -> Iterator[str]:
    sums = (
        select(
            reservation.c.reference,
            reservation.c.line,
            func.sum(reservation.c.reserved + reservation.c.short).label("units"),
        )
        .group_by(reservation.c.reference, reservation.c.line)
        .subquery()
    )
    units = func.coalesce(sums.c.units, 0)
    needed = case(
        (order.c.status == "placed", order_line.c.ordered - order_line.c.cancelled - order_line.c.shipped), else_=0
    )
    rows = conn.execute(
        select(order.c.number, order_line.c.line, order_line.c.sku, needed.label("needed"), units.label("units"))
        .join_from(order_line, order, order.c.id == order_line.c.order_id)
        .outerjoin(sums, (sums.c.reference == order.c.number) & (sums.c.line == order_line.c.line))
        .where(needed != units)
    )
    for row in rows:
        yield (
            f"order {row.number}, line {row.line} ({row.sku}): "
            f"{row.needed:,} units to serve, {row.units:,} reserved or short"
        )


def _totals(conn: Connection) -> Iterator[str]:
    lines = (
        select(
            order_line.c.order_id,
            func.sum(order_line.c.total).label("total"),
            func.sum(order_line.c.discount).label("discount"),
            func.sum(order_line.c.tax).label("tax"),
        )
        .group_by(order_line.c.order_id)
        .subquery()
    )
    money = (
        select(
            payment.c.order_id,
            func.sum(case((payment.c.kind == "capture", payment.c.amount), else_=0)).label("paid"),
            func.sum(case((payment.c.kind == "refund", payment.c.amount), else_=0)).label("refunded"),
        )
        .group_by(payment.c.order_id)
        .subquery()
    )
    pairs = {
        "the goods": (order.c.subtotal, func.coalesce(lines.c.total, 0)),
        "the discount": (order.c.discount, func.coalesce(lines.c.discount, 0)),
        "the tax": (order.c.tax - order.c.shipping_tax, func.coalesce(lines.c.tax, 0)),
        "the payments": (order.c.paid, func.coalesce(money.c.paid, 0)),
        "the refunds": (order.c.refunded, func.coalesce(money.c.refunded, 0)),
        "the total": (
            order.c.total,
            order.c.subtotal
            - order.c.discount
            + order.c.shipping
            + case((order.c.prices_include_tax == 1, 0), else_=order.c.tax)
            + order.c.rounding,
        ),
    }
    for what, (stored, summed) in pairs.items():
        rows = conn.execute(
            select(order.c.number, order.c.currency, stored.label("stored"), summed.label("summed"))
            .join_from(order, lines, lines.c.order_id == order.c.id, isouter=True)
            .outerjoin(money, money.c.order_id == order.c.id)
            .where(stored != summed)
        )
        for row in rows:
            stored_money, summed_money = Money(row.stored, row.currency), Money(row.summed, row.currency)
            yield f"order {row.number}: {what} is {stored_money}, its rows add up to {summed_money}"
    over = select(order.c.number).join(money, money.c.order_id == order.c.id).where(money.c.refunded > money.c.paid)
    for number in conn.execute(over).scalars():
        yield f"order {number}: more was refunded than paid"


def _statuses(conn: Connection) -> Iterator[str]:
    columns = ("status", "payment_status", "fulfilment_status", "return_status", "owed", "next")
    stored = (order.c.number, *(order.c[name] for name in columns))
    for row in conn.execute(status.summed().add_columns(*stored)):
        derived = status.derive(status.from_row(row))
        for name in columns:
            if row._mapping[name] != getattr(derived, name):
                yield f"order {row.number}: {name} is {row._mapping[name]}, its rows say {getattr(derived, name)}"


def _documents(conn: Connection) -> Iterator[str]:
    counted = {row.name: row.value for row in conn.execute(select(sequence))}
    kinds = select(document.c.kind, func.count().label("count"), func.max(document.c.number).label("last"))
    issued = {row.kind: row for row in conn.execute(kinds.group_by(document.c.kind))}
    for kind in ("invoice", "credit_note"):
        given_out = counted.get(kind, 0)
        count, last = (issued[kind].count, issued[kind].last) if kind in issued else (0, 0)
        if not count == last == given_out:
            name = kind.replace("_", " ")
            yield f"{given_out:,} numbers of {name}s were given out: there are {count:,} {name}s, the last is {last:,}"


def _events(conn: Connection, workers: int) -> Iterator[str]:
    waiting = event_table.c.handled_at.is_(None)
    for row in conn.execute(select(event_table).where(waiting, event_table.c.error.is_not(None))):
        yield f"event {row.id} ({row.type} of {row.subject}) cannot be handed on: {row.error}"
    late = select(func.count()).where(waiting, event_table.c.error.is_(None), event_table.c.at < now(conn) - SWEEP)
    if workers and (count := conn.execute(late).scalar_one()):
        yield f"{count:,} events wait though a worker is running"


def _messages(conn: Connection, workers: int) -> Iterator[str]:
    late = now(conn) - SWEEP
    if not workers:
        return
    due = select(func.count()).where(
        or_(
            notification.c.state.in_(("held", "pending")) & (notification.c.next_attempt_at < late),
            (notification.c.state == "sending") & (notification.c.lease_until < late),
        )
    )
    if count := conn.execute(due).scalar_one():
        yield f"{count:,} messages are overdue though a worker is running"
