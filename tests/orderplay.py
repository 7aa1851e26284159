"""Reading a shop from beside: what its tables hold, for tests that compare."""

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PARCELS = """
    SELECT s.parcel, s.status, l.line, p.name, i.quantity FROM shipment s
    JOIN orders o ON o.id = s.order_id
    LEFT JOIN shipment_line i ON i.shipment_id = s.id
    LEFT JOIN order_line l ON l.id = i.order_line_id
    LEFT JOIN location p ON p.id = i.location_id
    WHERE o.number = ? ORDER BY s.parcel"""
LAST_SHIPPED_FROM = """
    SELECT l.line, p.name FROM shipment s
    JOIN orders o ON o.id = s.order_id
    JOIN shipment_line i ON i.shipment_id = s.id
    JOIN order_line l ON l.id = i.order_line_id
    JOIN location p ON p.id = i.location_id
    WHERE o.number = ? AND s.shipped_at IS NOT NULL ORDER BY s.id"""
ANNOUNCED = """
    SELECT l.line, sum(i.quantity) FROM order_return r
    JOIN orders o ON o.id = r.order_id
    JOIN return_line i ON i.return_id = r.id
    JOIN order_line l ON l.id = i.order_line_id
    WHERE o.number = ? AND r.status = 'requested' GROUP BY l.line"""
KEPT = "SELECT reference, line, sum(reserved), sum(packed), sum(short), sum(held) FROM reservation GROUP BY 1, 2"
LINES = """
    SELECT o.number, l.line, l.ordered, l.cancelled, l.shipped, l.returned, l.restocked, l.written_off, l.claimed,
           l.discount, l.tax
    FROM order_line l JOIN orders o ON o.id = l.order_id"""


@dataclass
class Parcel:
    parcel: int
    status: str
    content: Counter[tuple[int, str]]


class Beside:
    """The database file of a shop, read by nothing of shopctl."""

    def __init__(self, home: Path) -> None:
        self.path = home / "shop.db"

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.path)) as database:
            return database.execute(statement, values).fetchall()

    def tables(self) -> list[str]:
        named = self.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        return [name for (name,) in named if "_search_" not in name]

    def digest(self) -> int:
        """What tells whether anything at all has changed."""
        with closing(sqlite3.connect(self.path)) as database:
            read = {name: database.execute(f"SELECT * FROM {name}").fetchall() for name in self.tables()}
        return hash(tuple((name, tuple(rows)) for name, rows in read.items()))

    def parcels(self, number: str, *statuses: str) -> list[Parcel]:
        found: dict[int, Parcel] = {}
        for parcel, status, line, place, units in self.rows(PARCELS, number):
            box = found.setdefault(parcel, Parcel(parcel, status, Counter()))
            if units:
                box.content[line, place] += units
        return [box for box in found.values() if not statuses or box.status in statuses]
