"""The catalogue, its prices and its search."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_02"
down_revision = "20261123_01"
branch_labels = None
depends_on = None

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SEARCH = (
    "CREATE VIRTUAL TABLE product_search USING fts5(search, content='product', content_rowid='id', tokenize='trigram')",
    """
    CREATE TRIGGER product_search_added AFTER INSERT ON product BEGIN
        INSERT INTO product_search (rowid, search) VALUES (new.id, new.search);
    END
    """,
    """
    CREATE TRIGGER product_search_removed AFTER DELETE ON product BEGIN
        INSERT INTO product_search (product_search, rowid, search) VALUES ('delete', old.id, old.search);
    END
    """,
    """
    CREATE TRIGGER product_search_changed AFTER UPDATE OF search ON product BEGIN
        INSERT INTO product_search (product_search, rowid, search) VALUES ('delete', old.id, old.search);
        INSERT INTO product_search (rowid, search) VALUES (new.id, new.search);
    END
    """,
)


def upgrade() -> None:
    op.create_table(
        "product",
        sa.Column("id", Int, nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("sku_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("compare_at", Int, nullable=True),
        sa.Column("cost", Int, nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("tax_class", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("barcode", sa.Text(), nullable=False),
        sa.Column("weight", Int, nullable=True),
        sa.Column("variant_of", Int, nullable=True),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("version", Int, nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.Column("operation_id", Int, nullable=False),
        sa.CheckConstraint("status IN ('draft', 'active', 'archived')", name=op.f("ck_product_status")),
        sa.CheckConstraint("compare_at BETWEEN 0 AND 10000000000000", name=op.f("ck_product_compare_at")),
        sa.CheckConstraint("cost BETWEEN 0 AND 10000000000000", name=op.f("ck_product_cost")),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_product_currency")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 300", name=op.f("ck_product_name")),
        sa.CheckConstraint("length(sku) BETWEEN 1 AND 64", name=op.f("ck_product_sku")),
        sa.CheckConstraint("variant_of <> id", name=op.f("ck_product_variant_of")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_product_version")),
        sa.CheckConstraint("weight BETWEEN 0 AND 1000000000", name=op.f("ck_product_weight")),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_product_operation_id")),
        sa.ForeignKeyConstraint(["variant_of"], ["product.id"], name=op.f("fk_product_variant_of")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sku_key", name=op.f("uq_product_sku_key")),
        sqlite_strict=True,
    )
    op.create_index("ix_product_barcode", "product", ["barcode"], unique=False)
    op.create_index("ix_product_category", "product", ["category"], unique=False)
    op.create_index("ix_product_name", "product", ["name"], unique=False)
    op.create_index("ix_product_operation_id", "product", ["operation_id"], unique=False)
    op.create_index("ix_product_variant_of", "product", ["variant_of"], unique=False)
    op.create_table(
        "product_price",
        sa.Column("id", Int, nullable=False),
        sa.Column("product_id", Int, nullable=False),
        sa.Column("price", Int, nullable=False),
        sa.Column("starts_at", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.Text(), nullable=True),
        sa.Column("operation_id", Int, nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_product_price_period")),
        sa.CheckConstraint("price BETWEEN 0 AND 10000000000000", name=op.f("ck_product_price_price")),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_product_price_operation_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_product_price_product_id")),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("ix_product_price_operation_id", "product_price", ["operation_id"], unique=False)
    op.create_index("ix_product_price_product_id", "product_price", ["product_id", "starts_at"], unique=False)
    for statement in SEARCH:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE product_search")
    op.drop_table("product_price")
    op.drop_table("product")
