"""The conventions that every command keeps, whatever it does."""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
import typer

from shopctl.cli.app import GROUPS

pytestmark = pytest.mark.usefixtures("living")

LISTS = [
    ("product", "list"),
    ("stock", "show"),
    ("stock", "moves"),
    ("order", "list"),
    ("customer", "list"),
    ("location", "list"),
    ("notify", "list"),
    ("config", "show"),
    ("product", "price", "MUG"),
    ("tax", "list"),
    ("discount", "list"),
    ("shipping", "list"),
    ("shipment", "list"),
    ("order", "document", "1001"),
]
KEYS = {
    "product": """sku name description price cost currency status category tags barcode variant_of options available
        on_hand""",
    "stock": """sku name location bin on_hand reserved packed held unsellable safety available incoming
        reorder_point""",
    "order": """number external_number channel status payment_status fulfilment_status return_status next on_hold
        customer ship_to bill_to currency subtotal discount shipping tax total paid refunded owed placed_at lines
        payments shipments returns claims timeline authorized due note shipping_method discount_code replaces version
        rounding prices_include_tax cancelled_at expires_at completed_at""",
    "line": """line sku name quantity unit_price discount tax_rate tax total cancelled reserved short packed shipped
        returned restocked written_off claimed""",
    "payment": "at kind amount method reference actor",
    "parcel": "number status carrier tracking link created_at packed_at shipped_at delivered_at lines",
    "return": "status requested_at received_at lines",
    "claim": "kind at replacement lines",
    "step": "at type actor summary changes",
    "why": "number status next reasons",
    "pick list": "location bin sku name quantity orders",
    "tax rate": "tax_class country rate",
    "discount code": """id code rate amount currency minimum starts_at ends_at use_limit used state created_at""",
    "shipping method": "name price free_from currency",
    "customer": "id identity email name phone locale marketing note created_at",
    "notification": """id order_number channel template recipient state attempts next_attempt_at sent_at last_error
        subject""",
    "location": "name priority",
}
MONEY = re.compile(r"-?\d+\.\d\d")
UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


PARTS = {"lines": "line", "payments": "payment", "shipments": "parcel", "returns": "return", "claims": "claim"}


@pytest.fixture
def busy(shopctl):
    """Terms are set, and 1001 was shipped, billed, returned in part and claimed."""
    for command in (
        "tax set standard * 0",
        "discount add TEN 10%",
        "shipping set post 4.90",
        "order ship 1001",
        "order document 1001 --kind invoice",
        "order return 1001 MUG=1 --restock",
        "order claim 1001 MUG=1 --damaged",
        "worker run --burst",
    ):
        assert shopctl(*command.split()).status == 0


def commands() -> Iterator[tuple[str, ...]]:
    for name in GROUPS:
        command: Any = typer.main.get_command(import_module(f"shopctl.cli.{name}").app)
        verbs = getattr(command, "commands", None)
        yield from [(name, verb) for verb in verbs] if verbs else [(name,)]


@pytest.mark.parametrize("command", list(commands()), ids=" ".join)
def test_the_help_of_every_command_says_what_it_does_with_an_example(command, shopctl):
    result = shopctl(*command, "--help")
    assert result.status == 0
    assert f"Usage: shopctl {' '.join(command)}" in result.out
    assert f"Example: shopctl {' '.join(command)}" in " ".join(result.out.split())
    assert not set(result.out) & set("─│╭╮╰╯\033")


@pytest.mark.parametrize("command", list(commands()), ids=" ".join)
def test_the_same_options_stand_after_every_verb(command, shopctl):
    helped = shopctl(*command, "--help").out
    assert re.findall(r"--[a-z-]*[A-Z]+", helped) == []
    named = ("--home", "--format", "--json", "--actor", "--no-color", "--debug")
    assert [option for option in named if option not in helped] == []
    assert ("--dry-run" in helped) <= ("--yes" in helped)


def test_help_lists_the_commands_of_the_shop_and_a_bare_shopctl_prints_it(shopctl):
    bare, asked = shopctl(), shopctl("--help")
    assert (bare.status, asked.status) == (0, 0)
    assert bare.out.split() == asked.out.split()
    assert [name for name in GROUPS if name not in bare.out] == []


def test_the_version_is_told(shopctl, process):
    assert shopctl("--version").out == process("--version").out
    assert re.fullmatch(r"shopctl \d+\.\d+\.\d+\n", process("--version").out)


@pytest.mark.parametrize(
    ("status", "code", "command"),
    [
        (1, "insufficient_stock", ("order", "place", "MUG=99")),
        (1, "refused", ("order", "pay", "1001")),
        (1, "insufficient_stock", ("stock", "check", "MUG=99")),
        (1, "refused", ("order", "refund", "1001")),
        (1, "refused", ("order", "deliver", "1001")),
        (1, "refused", ("order", "unship", "1001", "--reason", "x")),
        (1, "refused", ("order", "capture", "1001")),
        (1, "refused", ("order", "return", "1001", "MUG=1")),
        (1, "insufficient_stock", ("order", "edit", "1002", "MUG=99")),
        (2, "invalid_value", ("order", "pick")),
        (2, "invalid_value", ("order", "claim", "1001", "MUG=1")),
        (2, "usage", ("order", "list", "--colour")),
        (2, "usage", ("order", "lst")),
        (2, "usage", ("product", "add")),
        (2, "invalid_value", ("product", "add", "Pen", "--price", "cheap")),
        (3, "not_found", ("order", "show", "9999")),
        (3, "not_found", ("order", "why", "9999")),
        (3, "not_found", ("order", "ship", "1001", "CAP=1")),
        (3, "not_found", ("order", "ship", "1001", "--parcel", "7")),
        (3, "not_found", ("order", "place", "MUG=1", "--code", "NONE")),
        (3, "not_found", ("order", "place", "MUG=1", "--shipping", "pigeon")),
        (3, "not_found", ("tax", "remove", "standard", "FR")),
        (3, "not_found", ("discount", "end", "NONE")),
        (3, "not_found", ("shipping", "remove", "pigeon")),
        (3, "not_found", ("product", "show", "PEN")),
        (3, "not_found", ("stock", "receive", "MUG", "1", "--location", "moon")),
        (3, "not_found", ("customer", "show", "bob@example.org")),
        (3, "not_found", ("notify", "show", "77")),
        (4, "conflict", ("product", "add", "Mug", "--sku", "mug", "--price", "1")),
        (4, "conflict", ("product", "edit", "MUG", "--name", "M", "--version", "7")),
        (4, "conflict", ("order", "edit", "1002", "MUG=2", "--version", "99")),
        (4, "conflict", ("location", "add", "MAIN")),
        (5, "unreachable", ("--home", "/nonexistent/shop", "order", "list")),
    ],
)
def test_an_error_has_its_exit_status_and_says_what_to_do(status, code, command, shopctl):
    result = shopctl(*command)
    said = result.err.splitlines()
    assert (result.status, result.out) == (status, "")
    assert said[0].startswith("Error: ")
    assert len(said) == 2
    assert said[1]
    as_json = shopctl(*command, "--json")
    assert (as_json.status, as_json.out) == (status, "")
    assert as_json.error.keys() == {"code", "message", "hint", "details"}
    assert as_json.error["code"] == code
    assert shopctl(*command, "--format", "json").error["code"] == code


def test_results_go_to_stdout_and_narration_to_stderr(shopctl):
    shopctl("worker", "run", "--burst")
    placed = shopctl("order", "place", "MUG=1", "--customer", "ada@example.org", "--json")
    assert placed.json["number"] == "1003"
    assert "waits for a worker" in placed.err
    cut = shopctl("order", "list", "--limit", "2", "--json")
    assert len(cut.json) == 2
    assert "first 2" in cut.err
    assert shopctl("order", "list", "--limit", "3").err == ""
    assert shopctl("order", "list", "--status", "expired").out == ""


@pytest.mark.parametrize("before", [True, False], ids=["before the verb", "after the verb"])
def test_the_options_of_all_commands_stand_before_or_after_the_verb(before, living, shopctl):
    def run(*options, command=("order", "list"), **how):
        return shopctl(*options, *command, **how) if before else shopctl(*command, *options, **how)

    assert run("--json").json[0]["number"] == "1002"
    assert run("--format", "jsonl").out.startswith('{"number":"1002"')
    assert run("--home", str(living), home=living.parent).status == 0
    assert run("--debug", "--no-color").status == 0
    assert run("--actor", "bob", command=("order", "pay", "1002", "--json")).json["timeline"][-1]["actor"] == "bob"


def test_between_the_noun_and_the_verb_they_stand_too(shopctl):
    assert shopctl("order", "--json", "list").json[0]["number"] == "1002"


def test_the_ledger_and_the_timeline_keep_the_actor(shopctl):
    shopctl("stock", "receive", "MUG", "3", "--actor", "carol")
    shopctl("order", "cancel", "1002", "--actor", "dave")
    assert [move["actor"] for move in shopctl("stock", "moves", "--json").json[:2]] == ["dave", "carol"]
    steps = shopctl("order", "show", "1002", "--json").json["timeline"]
    assert [(step["type"], step["actor"]) for step in steps] == [("OrderPlaced", "ada"), ("OrderCancelled", "dave")]


@pytest.mark.parametrize("command", LISTS, ids=" ".join)
def test_every_list_comes_in_five_formats(command, shopctl, busy):
    as_json = shopctl(*command, "--json").json
    assert isinstance(as_json, list)
    assert as_json
    assert shopctl(*command, "--format", "json").json == as_json
    lines = shopctl(*command, "--format", "jsonl").out.splitlines()
    assert len(lines) == len(as_json)
    table = shopctl(*command)
    assert len(table.out.splitlines()) == len(as_json) + 1
    assert shopctl(*command, "--format", "table").out == table.out
    csv = shopctl(*command, "--format", "csv").out.splitlines()
    assert len(csv) == len(as_json) + 1
    assert csv[0].split(",")[0] == next(iter(as_json[0]))
    markdown = shopctl(*command, "--format", "md").out.splitlines()
    assert len(markdown) == len(as_json) + 2
    assert all(line.startswith("| ") and line.endswith(" |") for line in markdown)
    assert shopctl(*command, "--format", "xml").status == 2


@pytest.mark.parametrize(
    ("shape", "command"),
    [
        ("product", ("product", "list")),
        ("product", ("product", "show", "MUG")),
        ("product", ("product", "add", "Pen", "--price", "1")),
        ("product", ("product", "edit", "MUG", "--name", "Cup")),
        ("product", ("product", "archive", "MUG")),
        ("stock", ("stock", "show")),
        ("stock", ("stock", "receive", "MUG", "1")),
        ("stock", ("stock", "adjust", "MUG", "-1", "--reason", "broken")),
        ("order", ("order", "show", "1001")),
        ("order", ("order", "place", "MUG=1")),
        ("order", ("order", "pay", "1002")),
        ("order", ("order", "cancel", "1002")),
        ("order", ("order", "edit", "1002", "MUG=2")),
        ("order", ("order", "hold", "1002", "--reason", "x")),
        ("order", ("order", "note", "1002", "x")),
        ("order", ("order", "ship", "1002")),
        ("why", ("order", "why", "1002")),
        ("pick list", ("order", "pick", "1002")),
        ("tax rate", ("tax", "list")),
        ("discount code", ("discount", "list")),
        ("shipping method", ("shipping", "list")),
        ("customer", ("customer", "list")),
        ("order", ("order", "refund", "1001", "--amount", "1")),
        ("notification", ("notify", "list")),
        ("notification", ("notify", "show", "1")),
        ("location", ("location", "list")),
        ("location", ("location", "add", "attic")),
        ("location", ("location", "edit", "main", "--priority", "3")),
    ],
)
def test_json_has_the_keys_that_are_promised(shape, command, shopctl, busy):
    found = shopctl(*command, "--json").json
    for each in found if isinstance(found, list) else [found]:
        assert set(KEYS[shape].split()) - each.keys() == set()
        if shape == "order":
            assert each["customer"].keys() == {"email", "name"}
            for name, part in (*PARTS.items(), ("timeline", "step")):
                assert [one for one in each[name] if set(KEYS[part].split()) - one.keys()] == []


def test_an_order_that_went_all_the_way_shows_every_part_of_it(shopctl, busy):
    order = shopctl("order", "show", "1001", "--json").json
    for name, part in PARTS.items():
        assert set(order[name][0]) == set(KEYS[part].split()), name
    assert set(order) == set(KEYS["order"].split())


def test_money_is_text_in_major_units_and_times_are_rfc_3339_in_utc(shopctl):
    order = shopctl("order", "show", "1001", "--json").json
    product = shopctl("product", "show", "MUG", "--json").json
    amounts = [order[name] for name in ("subtotal", "discount", "shipping", "tax", "total", "paid", "refunded", "owed")]
    amounts += [order["lines"][0]["unit_price"], order["payments"][0]["amount"], product["price"]]
    assert [amount for amount in amounts if not MONEY.fullmatch(amount)] == []
    assert (order["total"], order["currency"], product["currency"]) == ("9.90", "EUR", "EUR")
    times = [order["placed_at"], order["payments"][0]["at"], order["timeline"][0]["at"], product["created_at"]]
    assert [time for time in times if not UTC.fullmatch(time)] == []
