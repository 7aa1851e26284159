"""The schema: what migrations make is what the services describe, and no upgrade loses a row or stops half-way."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy import CheckConstraint

import shopctl.services.documents.tables
import shopctl.services.orders.parcel_tables
import shopctl.services.terms.tables
import shopctl.tasks  # noqa: F401 (with the tables of every service)
from shopctl.database import metadata, schema
from shopctl.database.backup import verify
from shopctl.database.engine import engine
from shopctl.errors import UnreachableError, UnsoundError
from shopctl.services import orders
from shopctl.services.orders import OrderFilter
from shopctl.settings import Settings
from shopctl.shop import Shop

NOW = "'2026-11-23T10:00:00.000000Z'"
REVISIONS = schema.revisions()
ROWS = {
    "20261123_01": [
        f"INSERT INTO operation VALUES (1, {NOW}, 'ada', 'ada', 'till', 'command', 'shopctl init')",
        "INSERT INTO idempotency_key VALUES ('order', 'k', 'digest', '1001', 1)",
        f"INSERT INTO event VALUES (1, 'OrderPlaced', '1001', '{{}}', {NOW}, 1, NULL, NULL)",
    ],
    "20261123_02": [
        (
            "INSERT INTO product VALUES (1, 'Mug', 'mug', 'Café mug', '', 1200, 300, 'EUR', 'standard', 'active', '',"
            f" '[]', '', 300, NULL, '{{}}', 'mug cafe mug', 1, {NOW}, {NOW}, 1)"
        ),
        (
            "INSERT INTO product VALUES (2, 'Mug-L', 'mug-l', 'Mug L', '', NULL, NULL, 'EUR', 'standard', 'active', '',"
            f" '[]', '', NULL, 1, '{{\"size\":\"L\"}}', 'mug-l mug l', 1, {NOW}, {NOW}, 1)"
        ),
        f"INSERT INTO product_price VALUES (1, 1, 990, {NOW}, NULL, 1), (2, 2, 1090, {NOW}, NULL, 1)",
    ],
    "20261123_03": [
        "INSERT INTO location VALUES (1, 'main', 'main', 10, 1)",
        "INSERT INTO stock VALUES (1, 1, 5, 2, 0, 0, 0, 0, 'A3', 3, 10, 1)",
        (
            f"INSERT INTO stock_movement VALUES (1, {NOW}, 1, 1, 'receive', 5, 0, 0, 0, 0, 300, '', 'PO 1', 'k1', 1),"
            f" (2, {NOW}, 1, 1, 'reserve', 0, 2, 0, 0, 0, NULL, '', '1001', 'k2', 1)"
        ),
        "INSERT INTO reservation VALUES (1, '1001', 1, 1, 1, 2, 0, 0, 1)",
    ],
    "20261123_04": [f"INSERT INTO customer VALUES (1, 'ada@x.org', 'ada@x.org', 'ada@x.org', 'Ada', '', {NOW}, 1)"],
    "20261123_05": [
        (
            "INSERT INTO orders VALUES (1, '1001', 'shop', NULL, 'placed', 'partially_paid', 'unfulfilled', 'none',"
            " 'pay', 0, 1, 'ada@x.org', 'Ada', 'EUR', 1, 1980, 0, 0, 0, 0, 0, 1980, 100, 0, 0, '', '',"
            f" {NOW}, NULL, 1, 1)"
        ),
        "INSERT INTO order_line VALUES (1, 1, 1, 1, 'Mug', 'Café mug', 2, 0, 0, 0, 0, 0, 990, 0, 0, 0, 1980, 1)",
        "INSERT INTO order_address VALUES (1, 'ship_to', 'Ada', '', '1 Mill Lane', '', '', '', '', '', '')",
        f"INSERT INTO payment VALUES (1, 1, 'capture', 100, 'card', '', NULL, {NOW}, 1)",
        "UPDATE sequence SET value = 1001 WHERE name = 'order'",
    ],
    "20261123_06": [
        (
            "INSERT INTO notification VALUES (1, 'event:1', 'ada@x.org', 'email', 'order_placed', '1001', 'pending',"
            f" 's', 't', 'h', 1, {NOW}, NULL, NULL, NULL, '450', {NOW}, 1)"
        ),
        f"INSERT INTO notification_attempt VALUES (1, 1, 1, 'w', {NOW}, {NOW}, 'retry', '450 later')",
    ],
    "20261123_07": [
        "INSERT INTO tax_rate VALUES ('standard', 'FR', 20000, 1)",
        f"INSERT INTO discount_code VALUES (1, 'SPRING', 'spring', 10000, 0, 0, NULL, NULL, 5, 1, {NOW}, 1)",
        "INSERT INTO shipping_method VALUES ('post', 'Post', 490, 5000, 1)",
    ],
    "20261123_08": [
        "UPDATE orders SET discount_code_id = 1, discount_rate = 10000, shipping_method = 'Post'",
        "INSERT INTO order_remark VALUES (1, 1, 'note', '', 'ring twice', 1)",
    ],
    "20261123_09": [
        f"INSERT INTO shipment VALUES (1, 1, 1, 'packed', 'DHL', 'JD1', '', {NOW}, {NOW}, NULL, NULL, 1)",
        "INSERT INTO shipment_line VALUES (1, 1, 1, 1, 1)",
        f"INSERT INTO order_return VALUES (1, 1, 'requested', {NOW}, NULL, 1)",
        "INSERT INTO return_line VALUES (1, 1, 1, 0, 0, 1)",
        f"INSERT INTO claim VALUES (1, 1, 'damaged', NULL, {NOW}, 1)",
        "INSERT INTO claim_line VALUES (1, 1, 1, 1)",
    ],
    "20261123_10": [f"INSERT INTO document VALUES (1, 1, 'invoice', 1, {NOW}, 1980, '{{}}', 1)"],
    "20261123_11": [
        "INSERT INTO customer_address VALUES (1, 'ship_to', 'Ada', '', '1 Mill Lane', '', '', '', '', '', '', 1)",
    ],
}
"""Rows of a shop, by the revision that made their tables."""


@pytest.fixture
def path(tmp_path):
    (tmp_path / "shop.db").touch()
    return tmp_path / "shop.db"


def fill(path, revision):
    """Make a shop of `revision` with rows in all its tables."""
    for step in [step for step in REVISIONS if step <= revision]:
        schema.upgrade(path, step)
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("PRAGMA foreign_keys=ON")
            for statement in ROWS.get(step, []):
                database.execute(statement)


def rows(path):
    """Return all rows of all tables, each as what its columns hold."""
    with closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        names = database.execute(
            "SELECT name FROM pragma_table_list WHERE type = 'table' AND schema = 'main' AND name NOT LIKE 'sqlite%'"
        )
        tables = [row[0] for row in names if row[0] != "alembic_version"]
        return {name: [dict(row) for row in database.execute(f"SELECT * FROM {name}")] for name in sorted(tables)}


def what_stayed(found, stayed):
    """Return those tables and columns of `found` that `stayed` has."""
    return {
        name: [{column: row[column] for column in kept} for row, kept in zip(found[name], rows, strict=True)]
        for name, rows in stayed.items()
    }


def version(path):
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT version_num FROM alembic_version").fetchone()[0]


@pytest.fixture
def next_migration(tmp_path, monkeypatch):
    """Have one more migration than there is: ``next_migration("op.execute(...)")``; return its folder."""

    def add(body):
        folder = shutil.copytree(schema.migrations(), tmp_path / "migrations")
        (folder / "versions" / "29991231_01_next.py").write_text(
            "import os\nfrom alembic import op\nrevision = '29991231_01'\n"
            f"down_revision = '{REVISIONS[-1]}'\ndef upgrade():\n    {body}\n"
        )
        monkeypatch.setattr(schema, "migrations", lambda: folder)
        return folder

    return add


def test_every_table_has_rows_in_these_tests(path):
    fill(path, REVISIONS[-1])
    assert [name for name, found in rows(path).items() if not found] == []
    assert set(rows(path)) == set(metadata.tables)


@pytest.mark.parametrize("revision", REVISIONS)
def test_an_upgrade_from_every_earlier_version_keeps_every_row(path, revision):
    fill(path, revision)
    before = rows(path)
    assert schema.upgrade(path) == [later for later in REVISIONS if later > revision]
    after = rows(path)
    for name, found in before.items():
        assert [row | kept for row, kept in zip(after[name], found, strict=True)] == after[name]
    with closing(sqlite3.connect(path)) as database:
        assert verify(database) == []


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_a_downgrade_keeps_the_rows_of_what_stays_and_can_be_upgraded_again(path, revision):
    fill(path, REVISIONS[-1])
    before = rows(path)
    schema.downgrade(path, revision)
    stayed = rows(path)
    assert version(path) == revision
    assert what_stayed(before, stayed) == stayed
    schema.upgrade(path)
    assert what_stayed(rows(path), stayed) == stayed
    schema.downgrade(path, "base")
    assert rows(path) == {}


def test_the_services_describe_the_schema_that_the_migrations_make(home):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def ours(_object, name, kind, *_):
        return not (kind == "table" and name.startswith(("product_search", "order_search")))

    migrated = engine(home / "shop.db")
    with migrated.connect() as conn:
        context = MigrationContext.configure(conn, opts={"include_object": ours, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    migrated.dispose()
    described = {
        (table.name, check.name, str(check.sqltext))
        for table in metadata.sorted_tables
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    }
    with closing(sqlite3.connect(home / "shop.db")) as database:
        made = dict(database.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").fetchall())
    assert [check for check in described if f"CONSTRAINT {check[1]} CHECK ({check[2]})" not in made[check[0]]] == []
    assert sum(made[name].count(" CHECK (") for name in metadata.tables) == len(described)


def test_every_table_is_strict(home):
    with closing(sqlite3.connect(home / "shop.db")) as database:
        loose = database.execute(
            "SELECT name FROM pragma_table_list WHERE type = 'table' AND schema = 'main' AND NOT strict"
        ).fetchall()
    assert {name for (name,) in loose} <= {"sqlite_schema", "alembic_version"}


def test_search_and_ledger_keep_their_triggers_through_an_upgrade(path):
    fill(path, "20261123_03")
    schema.upgrade(path)
    with closing(sqlite3.connect(path)) as database, database:
        triggers = {row[0] for row in database.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")}
        assert triggers == {
            *("product_search_added", "product_search_changed", "product_search_removed"),
            *("stock_movement_kept", "stock_movement_stays"),
            *("order_search_added", "order_search_changed", "order_search_removed"),
        }
        database.execute("UPDATE product SET search = 'teapot' WHERE id = 1")
        database.execute("INSERT INTO product_search (product_search, rank) VALUES ('integrity-check', 1)")
        found = database.execute("SELECT rowid FROM product_search WHERE search MATCH 'teapot'").fetchall()
        assert found == [(1,)]


@pytest.mark.parametrize("words", ["ada@x.org", "lovel", "75005", "paris", "sw1a 1aa", "7946 0958", "zoe", "1001"])
def test_the_orders_of_an_older_shop_are_found_by_their_words_after_an_upgrade(path, words):
    fill(path, "20261123_06")
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE orders SET customer_name = 'Zoë Lovelace'")
        database.execute("UPDATE order_address SET postcode = '75005', city = 'Paris', phone = '+44 20 7946 0958'")
        database.execute(
            "INSERT INTO order_address SELECT order_id, 'bill_to', name, '', '', '', 'SW1A 1AA', '', '', '', ''"
            " FROM order_address"
        )
    schema.upgrade(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("INSERT INTO order_search (order_search, rank) VALUES ('integrity-check', 1)")
    migrated = engine(path)
    with migrated.connect() as plain:
        conn = plain.execution_options(now=datetime.now(UTC), settings=Settings())
        assert [found.number for found in orders.page(conn, OrderFilter(query=words))] == ["1001"]
    migrated.dispose()


def test_a_command_that_meets_an_older_schema_names_the_upgrade_which_backs_up_first(home, shopctl):
    schema.downgrade(home / "shop.db", REVISIONS[-2])
    refused = shopctl("order", "list")
    assert refused.status == 5
    assert REVISIONS[-2] in refused.err
    assert "shopctl db upgrade" in refused.err
    assert shopctl("db", "status", "--json").json["pending"] == REVISIONS[-1:]
    assert shopctl("db", "upgrade", "--json").json == {"upgraded": REVISIONS[-1:]}
    (copy,) = (home / "backups").iterdir()
    assert version(copy) == REVISIONS[-2]
    assert shopctl("order", "list").status == 0
    assert shopctl("db", "upgrade", "--json").json == {"upgraded": []}
    assert list((home / "backups").iterdir()) == [copy]


@pytest.mark.parametrize("command", ["order list", "db upgrade", "doctor"])
def test_a_shop_of_a_newer_shopctl_is_left_alone(home, shopctl, command):
    with closing(sqlite3.connect(home / "shop.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '29991231_01'")
    before = rows(home / "shop.db")
    refused = shopctl(*command.split())
    assert refused.status == 5
    assert "newer shopctl" in refused.err
    assert (rows(home / "shop.db"), version(home / "shop.db")) == (before, "29991231_01")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("op.execute('DELETE FROM location'); raise ZeroDivisionError", ZeroDivisionError),
        ("op.execute('DELETE FROM location')", UnsoundError),
        ("op.execute('UPDATE location SET operation_id = 99')", UnsoundError),
    ],
    ids=["fails", "loses rows", "breaks references"],
)
def test_a_failing_upgrade_leaves_the_old_version(home, next_migration, body, error, monkeypatch):
    before = rows(home / "shop.db")
    with Shop(home, check_schema=False) as shop:
        next_migration(body)
        with pytest.raises(UnreachableError, match="older shopctl"):
            Shop(home)
        with pytest.raises(error):
            shop.upgrade()
    monkeypatch.undo()
    assert (rows(home / "shop.db"), version(home / "shop.db")) == (before, REVISIONS[-1])
    assert len(list((home / "backups").iterdir())) == 1


def test_an_upgrade_killed_half_way_leaves_the_old_version_usable(home, next_migration, monkeypatch):
    before = rows(home / "shop.db")
    folder = next_migration("op.execute('DELETE FROM location'); os.kill(os.getpid(), 9)")
    script = (
        "import sys; from pathlib import Path; from shopctl.database import schema; from shopctl.shop import Shop;"
        "schema.migrations = lambda: Path(sys.argv[2]); Shop(Path(sys.argv[1]), check_schema=False).upgrade()"
    )
    killed = subprocess.run([sys.executable, "-c", script, home, folder], capture_output=True, check=False)
    assert killed.returncode == -9, killed.stderr
    monkeypatch.undo()
    assert (rows(home / "shop.db"), version(home / "shop.db")) == (before, REVISIONS[-1])
    with Shop(home) as shop, shop.write() as conn:
        conn.exec_driver_sql("UPDATE location SET name = 'still here'")
