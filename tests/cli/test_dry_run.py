"""--dry-run shows what a command would do, and does nothing."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("living")

CHANGING = [
    ("product", "product add Pen --price 1 --stock 3 --reorder-point 2", ""),
    ("product", "product edit MUG --name Cup --price 7", ""),
    ("product", "product archive MUG CAP", ""),
    ("product", "product activate OLD", ""),
    ("product_price", "product price MUG 7.90", ""),
    ("stock_movement", "product import products.csv", ""),
    ("stock_movement", "stock receive MUG 5 --key k", ""),
    ("stock_movement", "stock adjust MUG -2 --reason broken --key k", ""),
    ("location", "location add attic", ""),
    ("location", "location edit main --name shop", ""),
    ("orders", "order place MUG=2 --customer bob@example.org --paid card --key k", ""),
    ("orders", "order place MUG=2 --draft", ""),
    ("orders", "order place -", ""),
    ("stock_movement", "order confirm 1004 --paid card --key k", "order place CAP=1 --draft"),
    ("order_line", "order edit 1002 MUG=2 CAP=1 --shipping 4.90", ""),
    ("order_remark", "order edit 1002 --name Grace", ""),
    ("order_remark", "order hold 1001 --reason fraud?", ""),
    ("event", "order unhold 1001", "order hold 1001 --reason fraud?"),
    ("order_remark", "order note 1001 called", ""),
    ("payment", "order pay 1002 --key k", ""),
    ("payment", "order authorize 1002 --key k", ""),
    ("payment", "order capture 1002 --key k", "order authorize 1002"),
    ("payment", "order void 1002 --amount 1 --key k", "order authorize 1002"),
    ("payment", "order refund 1001 --amount 1 --key k", ""),
    ("shipment", "order pick --ready", ""),
    ("shipment", "order pack 1001 MUG=1 --key k", ""),
    ("shipment", "order unpack 1001", "order pack 1001"),
    ("shipment_line", "order ship 1001 --carrier DHL --tracking X1 --key k", ""),
    ("stock_movement", "order unship 1001 --reason mistake", "order ship 1001"),
    ("shipment", "order deliver 1001 --key k", "order ship 1001"),
    ("orders", "order cancel 1002 --reason late --key k", ""),
    ("order_line", "order cancel 1001 MUG=1", ""),
    ("order_return", "order return 1001 MUG=1 --request --key k", "order ship 1001"),
    ("return_line", "order return 1001 MUG=1 --restock --key k", "order ship 1001"),
    ("event", "order return 1001 --withdraw", "order ship 1001; order return 1001 MUG=1 --request"),
    ("return_line", "order inspect 1001 --write-off --key k", "order ship 1001; order return 1001 MUG=1"),
    ("claim", "order claim 1001 MUG=1 --damaged --replace --key k", "order ship 1001"),
    ("document", "order document 1001 --kind invoice", ""),
    ("tax_rate", "tax set standard FR 20", ""),
    ("discount_code", "discount add TEN 10%", ""),
    ("discount_code", "discount end OLD", "discount add OLD 5%"),
    ("shipping_method", "shipping set post 4.90", ""),
    ("customer", "customer add bea@example.org --name Bea", ""),
    ("customer", "customer edit bob@example.org --name Bob", ""),
    ("notification", "notify retry 2", ""),
    ("notification", "notify cancel 2", ""),
]
"""For each: a table that it writes to, the command, and what comes before it."""


def files(home: Path) -> dict[str, int]:
    """Every file in the shop's folder with its size; SQLite's own companions of the database come and go."""
    return {
        str(path.relative_to(home)): path.stat().st_size
        for path in home.rglob("*")
        if not path.name.startswith("shop.db")
    }


@pytest.mark.parametrize(("table", "command", "before"), CHANGING, ids=[command for _, command, _ in CHANGING])
def test_it_prints_the_effects_and_changes_nothing(
    table, command, before, living, shopctl, content, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    Path("products.csv").write_text("sku,name,price,stock\nPEN,Pen,1,4\nMUG,Cup,7,\n")
    batch = '{"lines": [{"sku": "MUG"}], "customer": "bob@example.org", "key": "k1"}\n' * 2
    shopctl("product", "add", "Old", "--price", "1", "--sku", "OLD", "--status", "archived")
    shopctl("order", "place", "MUG=1", "--customer", "bob@example.org")
    shopctl("config", "set", "mail.host", "localhost")
    shopctl("config", "set", "mail.port", "1")
    shopctl("worker", "run", "--burst")
    shopctl("config", "set", "mail.host", "")
    for step in filter(None, before.split("; ")):
        assert shopctl(*step.split()).status == 0
    database, kept = content(), files(living)
    dry = shopctl(*command.split(), "--dry-run", stdin=batch)
    assert dry.status == 0
    assert dry.out
    assert "Dry run: nothing was changed." in dry.err
    assert f"{table} " in dry.err.partition("It would write: ")[2]
    assert content() == database
    assert files(living) == kept
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "products.csv"]
    wet = shopctl(*command.split(), stdin=batch)
    assert wet.status == 0
    assert content() != database


def test_every_command_with_a_dry_run_is_tried_here(shopctl):
    """Those that are left out have tests of their own: they ask first, or write files."""
    tried = {tuple(command.split()[:2]) for _, command, _ in CHANGING}
    elsewhere = {("customer", "forget"), ("tax", "remove"), ("shipping", "remove")}
    lacking = []
    for noun in ("order", "tax", "discount", "shipping", "customer", "location", "product", "stock"):
        listed = shopctl(noun, "--help").out.partition("Commands:\n")[2].splitlines()
        names = {line.split()[0] for line in listed if line.startswith("  ") and line[2] != " "}
        untried = sorted(name for name in names if (noun, name) not in tried | elsewhere)
        lacking += [(noun, name) for name in untried if "--dry-run" in shopctl(noun, name, "--help").out]
    assert lacking == []


def test_it_shows_the_mail_that_would_go_out(shopctl, living):
    dry = shopctl("order", "place", "MUG=1", "--customer", "bob@example.org", "--dry-run")
    assert "It would send: bob@example.org: Your order 1003 at Corner Books" in dry.err
    assert "waits for a worker" not in dry.err
    assert not list((living / "outbox").iterdir())


def test_the_order_that_it_showed_is_the_order_that_is_placed_next(shopctl):
    dry = shopctl("order", "place", "MUG=1", "--dry-run", "--json").json
    wet = shopctl("order", "place", "MUG=1", "--json").json
    moments = ("placed_at", "timeline", "payments")
    assert {k: v for k, v in dry.items() if k not in moments} == {k: v for k, v in wet.items() if k not in moments}


def test_what_the_rules_refuse_is_refused_in_a_dry_run_too(shopctl):
    assert shopctl("order", "place", "MUG=99", "--dry-run").status == 1
    assert shopctl("stock", "adjust", "MUG", "-99", "--reason", "x", "--dry-run").status == 1


def test_rejects_are_written_by_the_import_and_not_by_its_dry_run(shopctl, tmp_path):
    rejects = tmp_path / "rejects.csv"
    command = ("product", "import", "-", "--from", "csv", "--skip-bad", str(rejects))
    rows = "sku,name,price\nPEN,Pen,1\nX,X,cheap\n"
    assert shopctl(*command, "--dry-run", stdin=rows).status == 0
    assert not rejects.exists()
    assert shopctl(*command, stdin=rows).status == 0
    assert "cheap" in rejects.read_text()
