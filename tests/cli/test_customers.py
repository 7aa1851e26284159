"""Customers, as a person or a script types them."""

import json
import os
import resource
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.usefixtures("living")


@pytest.fixture
def settled(living, shopctl):
    """Ada's orders are settled: one was cancelled and refunded, the other cancelled unpaid."""
    shopctl("order", "cancel", "1001")
    shopctl("order", "refund", "1001")
    shopctl("order", "cancel", "1002")


@pytest.fixture
def mailed(request, living, shopctl):
    """Ada's orders were confirmed to her, then settled; their cancellations wait."""
    shopctl("worker", "run", "--burst")
    request.getfixturevalue("settled")
    shopctl("worker", "run", "--burst")


def test_customers_are_listed_with_their_orders_and_what_they_spent(shopctl):
    shopctl("order", "place", "CAP=2", "--customer", "bob@example.org", "--name", "Bob", "--paid", "card")
    rows = shopctl("customer", "list", "--sort", "-spent", "--json").json
    assert [(row["identity"], row["orders"], row["spent"]) for row in rows] == [
        ("bob@example.org", 1, "24.00"),
        ("ada@example.org", 2, "9.90"),
    ]
    table = shopctl("customer", "list", "ada").out
    assert [part in table for part in ("ada@example.org", "9.90", "Spent", "bob")] == [True, True, True, False]
    assert shopctl("customer", "list", "--sort", "shoes").status == 2


def test_a_customer_is_added_edited_and_shown(shopctl):
    command = ("customer", "add", "bob@example.org", "--name", "Bob", "--locale", "de", "--marketing", "yes")
    made = shopctl(*command, "--ship-to", "Bob, 1 Road, 75005 Paris, France", "--json").json
    assert (made["name"], made["locale"], made["marketing"]) == ("Bob", "de", True)
    shopctl("customer", "edit", "bob@example.org", "--marketing", "no", "--note", "rings twice", "--name", "")
    shown = shopctl("customer", "show", "bob@example.org", "--json").json
    assert (shown["name"], shown["marketing"], shown["note"]) == ("", False, "rings twice")
    assert (shown["ship_to"]["city"], shown["bill_to"], shown["orders"]) == ("Paris", None, 0)
    person = shopctl("customer", "show", "bob@example.org").out
    assert [part in person for part in ("rings twice", "75005 Paris", "Language")] == [True, True, True]
    shopctl("customer", "edit", "bob@example.org", "--ship-to", "")
    assert shopctl("customer", "show", "bob@example.org", "--json").json["ship_to"] is None


def test_a_customer_is_shown_with_the_latest_orders_and_the_cut_is_told(shopctl):
    for _ in range(19):
        shopctl("order", "place", "CAP=1@0", "--customer", "ada@example.org")
        shopctl("stock", "receive", "CAP", "1")
    shown = shopctl("customer", "show", "ada@example.org")
    assert "1021" in shown.out
    assert "1001 " not in shown.out
    assert "latest 20 of 21" in shown.err
    as_json = shopctl("customer", "show", "ada@example.org", "--json").json
    assert (as_json["orders"], as_json["total_spent"], len(as_json["latest_orders"])) == (21, "9.90", 20)


@pytest.mark.parametrize(
    ("status", "command"),
    [
        (2, ("edit", "ada@example.org")),
        (2, ("edit", "ada@example.org", "--locale", "german")),
        (2, ("edit", "ada@example.org", "--email", "nobody")),
        (2, ("edit", "ada@example.org", "--marketing", "perhaps")),
        (3, ("edit", "bob@example.org", "--name", "Bob")),
        (3, ("export", "bob@example.org")),
        (3, ("forget", "bob@example.org", "--yes")),
        (4, ("add", "ada@example.org")),
        (1, ("forget", "ada@example.org", "--yes")),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_told_and_nothing_changes(status, command, shopctl, content):
    before = content()
    assert shopctl("customer", *command).status == status
    assert content() == before


@pytest.mark.parametrize(
    "command",
    [
        ("add", "bob@example.org", "--name", "Bob", "--ship-to", "Bob, 1 Road, 75005 Paris, France"),
        ("edit", "ada@example.org", "--name", "Countess", "--bill-to", "Ada, 1 Road, 75005 Paris, France"),
        ("forget", "ada@example.org"),
    ],
    ids=lambda command: command[0],
)
@pytest.mark.usefixtures("settled")
def test_a_dry_run_tells_and_changes_nothing(command, shopctl, content):
    before = content()
    tried = shopctl("customer", *command, "--dry-run")
    assert (tried.status, content()) == (0, before)
    assert "nothing was changed" in tried.err
    assert "customer 1" in tried.err


def test_all_that_is_known_is_exported_as_json(shopctl, tmp_path):
    shopctl("worker", "run", "--burst")
    shopctl("customer", "edit", "ada@example.org", "--note", "likes\nengines")
    printed = shopctl("customer", "export", "ada@example.org")
    assert printed.json.keys() == {"customer", "ship_to", "bill_to", "orders", "former_orders", "messages"}
    assert printed.json["customer"]["note"] == "likes\nengines"
    assert [known["order"]["number"] for known in printed.json["orders"]] == ["1001", "1002"]
    assert printed.json["orders"][0]["order"]["payments"][0]["amount"] == "9.90"
    assert {message["recipient"] for message in printed.json["messages"]} == {"ada@example.org"}
    assert "Hello Ada" in printed.json["messages"][0]["text"]
    file = tmp_path / "ada.json"
    assert shopctl("customer", "export", "ada@example.org", "--output", str(file)).status == 0
    assert json.loads(file.read_text("utf-8")) == printed.json
    assert shopctl("customer", "export", "ada@example.org", "--output", str(file)).status == 2
    assert shopctl("customer", "export", "ada@example.org", "--output", str(file), "--force").status == 0


@pytest.mark.usefixtures("settled")
def test_forgetting_asks_and_without_a_terminal_names_the_flag(shopctl, content):
    before = content()
    asked = shopctl("customer", "forget", "ada@example.org", stdin="y\n")
    assert asked.status == 2
    assert "--yes" in asked.err
    assert content() == before


@pytest.mark.usefixtures("settled")
def test_who_is_forgotten_is_gone_and_the_orders_stay(shopctl, home):
    shopctl("worker", "run", "--burst")
    shopctl("db", "backup")
    forgotten = shopctl("customer", "forget", "ada@example.org", "--yes", "--json")
    assert forgotten.status == 0
    assert (forgotten.json["orders"], forgotten.json["backups"]) == (2, 1)
    assert "1 backup in" in forgotten.err
    assert shopctl("customer", "forget", "ada@example.org", "--yes").status == 3
    assert shopctl("customer", "list", "--json").json == []
    assert [order["number"] for order in shopctl("order", "list", "--json").json] == ["1002", "1001"]
    assert shopctl("doctor").status == 0
    assert not [path for path in home.glob("shop.db*") if b"ada@example.org" in path.read_bytes()]
    assert not list((home / "outbox").iterdir())


def test_the_orders_that_are_open_are_named(shopctl):
    refused = shopctl("customer", "forget", "ada@example.org", "--yes", "--json")
    assert refused.error["details"]["orders"] == ["1001", "1002"]


_KILLED = """
import os, signal, sys
from shopctl.cli import app
from shopctl.shop import Shop
Shop.rewrite = lambda shop: os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[1] == "mail":
    from shopctl.services import privacy
    privacy.finish = Shop.rewrite
app.run(["customer", "forget", "ada@example.org", "--yes"])
"""


def of_ada(home):
    """The files of a shop that say something of Ada."""
    return sorted(p.name for p in home.rglob("*") if p.is_file() and b"ada@example.org" in p.read_bytes())


@pytest.fixture(params=["mail", "rewrite"])
def killed(request, mailed, home):
    """Ada was forgotten by a process that was killed right after the commit, or just before the database is written."""
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, request.param], env={**os.environ, "SHOPCTL_HOME": str(home)}, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert of_ada(home) != []


@pytest.mark.usefixtures("killed")
def test_a_forgetting_that_was_killed_is_finished_by_asking_again(shopctl, home):
    remarks = shopctl("doctor", "--json").json["remarks"]
    assert [remark for remark in remarks if "shopctl customer forget" in remark] != []
    again = shopctl("customer", "forget", "ada@example.org", "--yes", "--json")
    assert (again.status, again.json["finished"]) == (0, True)
    assert "is done" in again.err
    assert of_ada(home) == []
    assert [remark for remark in shopctl("doctor", "--json").json["remarks"] if "forget" in remark] == []
    assert shopctl("customer", "forget", "ada@example.org", "--yes").status == 3


@pytest.mark.parametrize("command", [("customer", "forget"), ("worker", "run", "--burst")], ids=lambda c: c[0])
@pytest.mark.usefixtures("killed")
def test_a_forgetting_that_was_killed_is_finished_without_naming_anybody(command, shopctl, home):
    done = shopctl(*command)
    assert done.status == 0
    assert "is done" in done.err
    assert of_ada(home) == []


@pytest.mark.usefixtures("killed")
def test_a_forgetting_that_was_killed_is_finished_by_the_next_one_s(shopctl, home):
    shopctl("customer", "add", "bob@example.org")
    assert shopctl("customer", "forget", "bob@example.org", "--yes").status == 0
    assert of_ada(home) == []


def test_with_nothing_to_finish_forgetting_names_somebody(shopctl):
    assert shopctl("customer", "forget", "--yes").status == 2


@pytest.mark.usefixtures("mailed")
def test_on_a_full_disk_forgetting_says_how_to_go_on_and_goes_on(shopctl, home):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((home / "shop.db").stat().st_size * 3 // 4, before[1]))
    try:
        full = shopctl("customer", "forget", "ada@example.org", "--yes", "--json")
        still = shopctl("customer", "forget", "ada@example.org", "--yes", "--json")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    for result in (full, still):
        assert (result.status, "shopctl customer forget" in result.error["hint"]) == (5, True)
        assert "sqlite3" not in result.error["hint"]
    assert of_ada(home) != []
    assert shopctl("customer", "forget", "ada@example.org", "--yes").status == 0
    assert of_ada(home) == []


@pytest.mark.usefixtures("mailed")
def test_a_dry_run_of_forgetting_counts_what_would_be_erased(shopctl):
    shopctl("order", "document", "issue", "1001")
    tried = shopctl("customer", "forget", "ada@example.org", "--dry-run", "--json")
    told = tried.json
    assert told["files"] > 0
    assert f"notification {told['messages']}" in tried.err
    assert f"file {told['files']}" in tried.err
    done = shopctl("customer", "forget", "ada@example.org", "--yes", "--json").json
    assert {name: told[name] for name in told if name != "erased_at"} == {
        name: done[name] for name in done if name != "erased_at"
    }
