"""The database: its engine, the writers' lock, transactions, column types and migrations."""

from shopctl.database.tables import event as event_table
from shopctl.database.tables import metadata, operation
from shopctl.database.transaction import (
    Operation,
    current,
    idempotent,
    inserted_id,
    now,
    operation_id,
    remember,
    savepoint,
    settings,
    shop,
    translated,
)
from shopctl.database.types import Int, Json, Moment

__all__ = [
    "Int",
    "Json",
    "Moment",
    "Operation",
    "current",
    "event_table",
    "idempotent",
    "inserted_id",
    "metadata",
    "now",
    "operation",
    "operation_id",
    "remember",
    "savepoint",
    "settings",
    "shop",
    "translated",
]
