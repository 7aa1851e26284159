"""Orders that are drafted, expire, are edited, noted and found by word."""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "20261123_08"
down_revision = "20261123_07"
branch_labels = None
depends_on = None

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

COLUMNS = {
    "orders": (
        "expires_at TEXT",
        "completed_at TEXT",
        "tax_rate INTEGER",
        "discount_rate INTEGER DEFAULT 0 NOT NULL",
        "discount_fixed INTEGER DEFAULT 0 NOT NULL",
        "discount_code_id INTEGER CONSTRAINT fk_orders_discount_code_id REFERENCES discount_code (id)",
        "shipping_method TEXT DEFAULT '' NOT NULL",
        "shipping_tax_rate INTEGER DEFAULT 0 NOT NULL",
        "replaces_id INTEGER CONSTRAINT fk_orders_replaces_id REFERENCES orders (id)",
        "last_line INTEGER DEFAULT 0 NOT NULL",
        "search TEXT DEFAULT '' NOT NULL",
    ),
    "order_line": (
        "tax_class TEXT DEFAULT '' NOT NULL",
        "claimed INTEGER DEFAULT 0 NOT NULL CONSTRAINT ck_order_line_claimed CHECK (claimed BETWEEN 0 AND shipped)",
    ),
    "payment": ("authorization_id INTEGER CONSTRAINT fk_payment_authorization_id REFERENCES payment (id)",),
    "reservation": (
        "held INTEGER DEFAULT 0 NOT NULL CONSTRAINT ck_reservation_held CHECK (held >= 0)",
        "expires_at TEXT",
    ),
}
WIDENED = ("next", "status", "payment_status", "fulfilment_status", "customer_id")
"""Indexes of orders that now also give the order in which they were placed."""
MORE = {
    "payment_status": ("fulfilment_status",),
    "customer_id": ("currency", "paid", "refunded"),
    "expires_at": ("status",),
}
"""What is asked together with a column, and is answered by its index."""
PARTIAL = ("expires_at", "discount_code_id", "replaces_id", "external_number")
SEARCH = (
    """
    CREATE VIRTUAL TABLE order_search USING fts5(
        search, content='orders', content_rowid='id', prefix='2 3',
        tokenize="unicode61 remove_diacritics 0 tokenchars '@.-_+/'"
    )
    """,
    "CREATE VIRTUAL TABLE order_search_words USING fts5vocab(order_search, instance)",
    """
    CREATE TRIGGER order_search_added AFTER INSERT ON orders BEGIN
        INSERT INTO order_search (rowid, search) VALUES (new.id, new.search);
    END
    """,
    """
    CREATE TRIGGER order_search_removed AFTER DELETE ON orders BEGIN
        INSERT INTO order_search (order_search, rowid, search) VALUES ('delete', old.id, old.search);
    END
    """,
    """
    CREATE TRIGGER order_search_changed AFTER UPDATE OF search ON orders WHEN old.search <> new.search BEGIN
        INSERT INTO order_search (order_search, rowid, search) VALUES ('delete', old.id, old.search);
        INSERT INTO order_search (rowid, search) VALUES (new.id, new.search);
    END
    """,
)


def _write_search(conn: sa.Connection) -> None:
    """Write under which words the orders that are there are found, as placing one does."""
    orders = conn.exec_driver_sql("SELECT id, number, external_number, customer_email, customer_name FROM orders")
    for row in orders.fetchall():
        places = conn.exec_driver_sql(
            "SELECT name, company, city, postcode, phone FROM order_address WHERE order_id = ?", (row.id,)
        ).fetchall()
        codes = [row.number, row.external_number, row.customer_email, *(place.postcode for place in places)]
        names = [row.customer_name, *(text for place in places for text in (place.name, place.company, place.city))]
        phones = ["".join(re.findall(r"\d", place.phone)) for place in places]
        found = [_fold(code or "").replace(" ", "") for code in codes]
        found += [word for text in (*codes, *names) for word in re.findall(r"\w+", _fold(text or ""))]
        found += [end for digits in phones for end in (digits, *(digits[-n:] for n in range(6, 11)))]
        words = " ".join(word for word in dict.fromkeys(found) if word)
        conn.exec_driver_sql("UPDATE orders SET search = ? WHERE id = ?", (words, row.id))


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def upgrade() -> None:
    op.create_table(
        "order_remark",
        sa.Column("id", Int, nullable=False),
        sa.Column("order_id", Int, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("operation_id", Int, nullable=False),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_order_remark_operation_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_remark_order_id")),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("ix_order_remark_order_id", "order_remark", ["order_id"], unique=False)
    for table, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    for column in WIDENED:
        op.drop_index(f"ix_orders_{column}", table_name="orders")
        op.create_index(f"ix_orders_{column}", "orders", [column, "placed_at", "id", *MORE.get(column, ())])
    op.drop_index("ix_orders_owed", table_name="orders")
    op.create_index("ix_orders_owed", "orders", ["placed_at", "id"], sqlite_where=sa.text("owed > 0"))
    for column in PARTIAL:
        known = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_orders_{column}", "orders", [column, *MORE.get(column, ())], sqlite_where=known)
    op.create_index(
        "ix_orders_return_status",
        "orders",
        ["return_status", "placed_at", "id"],
        sqlite_where=sa.text("return_status <> 'none'"),
    )
    op.create_index("ix_orders_total", "orders", ["total", "id"])
    op.create_index("ix_orders_customer_name", "orders", ["customer_name", "id"])
    op.create_index(
        "ix_reservation_expiring",
        "reservation",
        ["product_id", "location_id", "expires_at"],
        sqlite_where=sa.text("expires_at IS NOT NULL"),
    )
    _write_search(op.get_bind())
    for statement in SEARCH:
        op.execute(statement)
    op.execute("INSERT INTO order_search (order_search) VALUES ('rebuild')")


def downgrade() -> None:
    for name in ("added", "removed", "changed"):
        op.execute(f"DROP TRIGGER order_search_{name}")
    op.execute("DROP TABLE order_search_words")
    op.execute("DROP TABLE order_search")
    for name in ("total", "customer_name", "return_status", *PARTIAL):
        op.drop_index(f"ix_orders_{name}", table_name="orders")
    op.drop_index("ix_reservation_expiring", table_name="reservation")
    op.drop_index("ix_orders_owed", table_name="orders")
    op.create_index("ix_orders_owed", "orders", ["id"], sqlite_where=sa.text("owed > 0"))
    for column in WIDENED:
        op.drop_index(f"ix_orders_{column}", table_name="orders")
        op.create_index(f"ix_orders_{column}", "orders", [column, "id"])
    for table, columns in COLUMNS.items():
        for column in reversed(columns):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column.split()[0]}")
    op.drop_table("order_remark")
